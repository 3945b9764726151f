"""INT_R02: the national platform declares the accounts of its regulators.

`POST Practitioner` declares one; `PUT Practitioner?identifier=…` makes it what is said, or declares it. There is no
deletion: a regulator who may no longer come is said inactive.
"""

from django.http import HttpResponse

from quinze.accounts import operations
from quinze.accounts.models import PlatformAccount
from quinze.base import clock
from quinze.interop.fhir import bundle, regulator
from quinze.interop.fhir.faults import Fault, Faulty
from quinze.interop.fhir.http import QUIET, Call, answer, body_of


def create(call: Call) -> HttpResponse:
    """201 and its Location. Faulty, Refusal: an active account bears the identifier."""
    said = regulator.read(body_of(call))
    client = call.client
    account = operations.declare(said, sas=client.sas, by=client.name, at=clock.now())
    return _done(account, created=True)


def update(call: Call) -> HttpResponse:
    """200, or 201 when it was not known. Faulty, Refusal: another active account bears the new identifier."""
    key = regulator.read_key(_criterion(call))
    said = regulator.read(body_of(call))
    client = call.client
    account, created = operations.declare_again(key, said, sas=client.sas, by=client.name, at=clock.now())
    return _done(account, created=created)


def _criterion(call: Call) -> str:
    """The one criterion; others would be ignored, and change another account than the one meant."""
    given = call.http.GET
    others = sorted(given.keys() - QUIET - {"identifier"})
    if others:
        raise Faulty([Fault(400, "not-supported", "Critère non prévu.", name[:80]) for name in others])
    found = given.getlist("identifier")
    if len(found) != 1:
        raise Faulty([Fault(400, "required", "Attendu : identifier=<système>|<valeur>, une seule fois.", "identifier")])
    return found[0]


def _done(account: PlatformAccount, *, created: bool) -> HttpResponse:
    headers = {"Location": f"{bundle.base()}/Practitioner/{account.pk}"}
    return answer(regulator.write(account), status=201 if created else 200, headers=headers)
