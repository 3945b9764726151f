"""A replacement doctor, or one who settles, whom the national directory does not know at this place: an accounts
manager validates the place, dated, and they then work like any effecteur."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import User
from quinze.accounts.operations import create_account, grant_role
from quinze.accounts.roles import Role
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.directory import identifiers
from quinze.directory.models import Place, Professional
from quinze.directory.operations.account import tie_account
from quinze.directory.operations.journal import record
from quinze.directory.operations.participation import Terms, set_participation
from quinze.directory.operations.people import Address, Identity, add_place, create_professional
from quinze.directory.queries import participation


@dataclass(frozen=True, slots=True)
class Stay:
    """Where, from when to when, and on what ground. A replacement names who is replaced and its licence."""

    address: Address
    start: datetime
    end: datetime | None = None
    replaces: Professional | None = None
    licence: str = ""
    takes_part: bool = True


@dataclass(frozen=True, slots=True)
class Welcome:
    place: Place
    user: User


@transaction.atomic
def welcome_newcomer(identity: Identity, stay: Stay, *, email: str, by: Actor, at: datetime) -> Welcome:
    """The sheet when the directory has none, the account and its role for these dates, the place, the participation."""
    if not by.may(Capability.MANAGE_ACCOUNTS):
        raise Refusal("Votre rôle ne valide pas les lieux d’exercice.", code="role")
    _check(stay, at=at)
    professional = _sheet(identity, by=by, at=at)
    place = _place(professional, stay, by=by, at=at)
    user = _account(professional, stay, email=email, by=by, at=at)
    if stay.takes_part and participation(professional, by.sas, at) is None:
        set_participation(professional, Terms(), by=by, at=at)
    return Welcome(place, user)


def _check(stay: Stay, *, at: datetime) -> None:
    if stay.end is not None and stay.end <= max(stay.start, at):
        raise Refusal("La fin doit venir après le début, et après maintenant.", field="end")
    if stay.replaces is not None and stay.end is None:
        raise Refusal("Un remplacement a une fin : donnez-la.", field="end")
    if stay.replaces is not None and not stay.licence.strip():
        raise Refusal("Donnez le numéro de la licence de remplacement, ou l’inscription à l’Ordre.", field="licence")


def _sheet(identity: Identity, *, by: Actor, at: datetime) -> Professional:
    """By RPPS. A sheet that exists keeps its names; another family name under the same number is a mistake."""
    number = identifiers.rpps(identity.rpps) if identity.rpps else None
    known = Professional.objects.filter(rpps=number).first() if number else None
    if known is None:
        return create_professional(identity, by=by, at=at)
    if known.family_name.casefold() != identity.family_name.strip().casefold():
        raise Refusal(
            f"Ce RPPS est celui de {known} : vérifiez le numéro ou le nom.", field="rpps", code="other_person"
        )
    return known


def _place(professional: Professional, stay: Stay, *, by: Actor, at: datetime) -> Place:
    if stay.replaces == professional:
        raise Refusal("On ne se remplace pas soi-même.", field="replaced", code="self")
    same = Place.objects.filter(professional=professional, is_active=True, commune=stay.address.commune)
    if same.filter(address__iexact=stay.address.address.strip()).exists():
        raise Refusal("Ce lieu est déjà ouvert pour ce professionnel.", field="address", code="exists")
    place = add_place(professional, stay.address, by=by, at=at)
    place.valid_from, place.valid_until, place.replaces = stay.start, stay.end, stay.replaces
    with refuse_violations():
        place.save(update_fields=["valid_from", "valid_until", "replaces"])
    record(
        "Lieu validé", professional, by=by, at=at,
        address=place.address, start=stay.start, end=stay.end, replaces=stay.replaces, licence=stay.licence.strip(),
    )  # fmt: skip
    return place


def _account(professional: Professional, stay: Stay, *, email: str, by: Actor, at: datetime) -> User:
    user = professional.account or User.objects.filter(email__iexact=email.strip()).first()
    start = max(stay.start, at)
    if user is None or not user.grants.filter(sas=by.sas).exists():
        user = create_account(
            email=user.email if user else email,
            title=professional.civility,
            given_name=professional.given_name,
            family_name=professional.family_name,
            sas=by.sas,
            roles=[Role.EFFECTEUR],
            start=start,
            end=stay.end,
            by=by,
            at=at,
        )
    elif not user.grants.filter(sas=by.sas, role=Role.EFFECTEUR, during__contains=start).exists():
        grant_role(user, sas=by.sas, role=Role.EFFECTEUR, by=by, at=at, start=start, end=stay.end)
    tie_account(professional, user, by=by, at=at)
    return user


@transaction.atomic
def close_ended_places(*, at: datetime) -> int:
    """Places whose dates are over: kept for the bookings made there, proposed no more."""
    ended = Place.objects.select_for_update().filter(is_active=True, valid_until__lte=at).order_by("pk")
    for place in ended:
        place.is_active = False
        place.save(update_fields=["is_active"])
        record("Lieu fermé : fin de la période validée", place.professional or place, by=None, at=at)
    return len(ended)
