"""The data of the benchmark: the demonstration ×n, hundreds of open files, one account per desk. Made once, kept."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.core.management import call_command

from quinze.accounts.actor import Actor
from quinze.accounts.models import RoleGrant, Sas, User
from quinze.accounts.operations import accept_terms
from quinze.accounts.queries import terms_due, terms_in_force
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.periods import period
from quinze.directory.models import Commune
from quinze.interop.demo import calls, load, roster, staff
from quinze.interop.demo.day import simulated_hands
from quinze.interop.demo.engine import Engine
from quinze.interop.demo.hands import request_for_care
from quinze.interop.demo.people import Population
from quinze.interop.demo.persona import draw
from quinze.regulation.models import CaseFile, Step
from quinze.staffing.models import DutyPass

# Of every ten desks: who is there.
ROOM = (
    Role.ARM,
    Role.ARM,
    Role.ARM,
    Role.REGULATEUR_SNP,
    Role.REGULATEUR_SNP,
    Role.REGULATEUR_AMU,
    Role.OSNP,
    Role.OSNP,
    Role.OSNP,
    Role.SUPERVISOR,
)


def prepare(*, scale: int, open_files: int, desks: int) -> None:
    call_command("migrate", verbosity=0)
    if not Commune.objects.exists():
        call_command("load_geography", verbosity=0)
    at = clock.now()
    if not Sas.objects.filter(code="86").exists():
        load.load(at=at, seed=86, scale=scale, with_day=False, say=print, act=lambda: None)
        roster.keep(at=at)  # otherwise the worker would, while desks are measured
        calls.keep_forecast(at=at)
    sas = Sas.objects.get(code="86")
    _accounts(sas, desks=desks, at=at)
    _open_files(sas, wanted=open_files, at=at)


def email(desk: int) -> str:
    return f"bench{desk}@{staff.DOMAIN}"


def role(desk: int) -> Role:
    return ROOM[desk % len(ROOM)]


def _accounts(sas: Sas, *, desks: int, at: datetime) -> None:
    secret = User.objects.get(email=f"arm@{staff.DOMAIN}").password
    for desk in range(desks):
        user, new = User.objects.get_or_create(
            email=email(desk),
            defaults={"given_name": "Banc", "family_name": f"n° {desk}", "password": secret, "created_at": at},
        )
        if new:
            RoleGrant.objects.create(
                user=user, sas=sas, role=role(desk), during=period(at - timedelta(days=1)), granted_at=at
            )
            DutyPass.objects.create(  # nobody of the room is on the roster of the demonstration
                sas=sas, user=user, role=role(desk), during=period(at), reason="Banc d’essai", by=user, at=at
            )
        terms = terms_in_force()
        if terms and terms_due(user):
            accept_terms(user, number=terms.number, at=at)


def _open_files(sas: Sas, *, wanted: int, at: datetime) -> None:
    """Requests of the last hours, left where the number of hands would leave them: at every step of the chain."""
    missing = wanted - CaseFile.objects.filter(sas=sas).exclude(step__in=[Step.CLOSED, Step.MERGED]).count()
    for life, stop in _lives(sas, missing, at):
        engine = Engine()
        engine.add(life, at - timedelta(minutes=stop))
        while engine.next_at is not None and engine.next_at < at:
            engine.step()


def _lives(sas: Sas, count: int, at: datetime) -> Iterator[tuple[object, int]]:
    hands, people = simulated_hands(sas, Random(7)), Population(sas)
    hands.load = 6.0
    for _ in range(max(0, count)):
        persona = draw(
            hands.random, today=at.date(), communes=people.communes, weights=people.weights, doctors=people.doctors
        )
        yield request_for_care(hands, persona), hands.random.randrange(2, 40)


def actor(desk: int) -> Actor:
    sas = Sas.objects.get(code="86")
    return Actor(user=User.objects.get(email=email(desk)), role=role(desk), sas=sas)
