"""Doctors who offer time, for tests: `from tests.factories import availability as make_offer`."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role
from quinze.availability.models import Absence, OpeningRule, Slot
from quinze.availability.opening import RuleSpec
from quinze.base.periods import period
from quinze.directory.models import Participation, Place, Professional
from tests.factories import directory as make

NOW = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)  # Monday, 7:00 in Paris
_numbers = count(1)


@dataclass(frozen=True)
class Effecteur:
    """A doctor with an account, one place and a participation."""

    professional: Professional
    place: Place
    actor: Actor
    participation: Participation | None

    @property
    def sas(self) -> Sas:
        return self.actor.sas


def effecteur(
    name: str = "Cormier",
    *,
    zone: str = "Europe/Paris",
    departement: str = "86",
    participates: bool = True,
    **participation: Any,
) -> Effecteur:
    make.departement(departement, zone=zone)
    commune = make.commune("Coulombiers", departement=departement, zone=zone)
    sas = make.sas(departement, zone=zone)
    user = User.objects.create(
        email=f"effecteur{next(_numbers)}@exemple.test",
        title="Dr",
        given_name="Hélène",
        family_name=name,
        created_at=NOW,
    )
    doctor = make.professional(name, "Hélène", account=user)
    place = make.place(doctor, commune, name=f"Cabinet {name}")
    taking_part = make.participation(doctor, sas, **participation) if participates else None
    return Effecteur(doctor, place, Actor(user=user, role=Role.EFFECTEUR, sas=sas), taking_part)


def spec(place: Place, **fields: Any) -> RuleSpec:
    """Tuesday 14:00 to 17:00, slots of 20 minutes for the SAS."""
    weekly = {"weekdays": (1,)} if "day" not in fields else {}
    defaults = {"starts": time(14), "ends": time(17), "valid_from": date(2026, 11, 1)} | weekly
    return RuleSpec(place_id=place.pk, **defaults | fields)


def rule(place: Place, **fields: Any) -> OpeningRule:
    """One row, written without an operation."""
    (row,) = spec(place, **fields).rows()
    row.created_at = NOW
    row.save()
    return row


def absence(professional: Professional, start: datetime, end: datetime | None = None, **fields: Any) -> Absence:
    return Absence.objects.create(professional=professional, during=period(start, end), **{"created_at": NOW} | fields)


def slot(place: Place, start: datetime, end: datetime, **fields: Any) -> Slot:
    defaults = {
        "professional": place.professional,
        "structure": place.structure,
        "during": period(start, end),
        "starts_at": start,
        "ends_at": end,
        "modalities": ["AMB"],
        "audience": "SNP",
    }
    return Slot.objects.create(place=place, **defaults | fields)


def give(slot: Slot, seats: int = 1) -> Slot:
    """As bookings would: seats of the slot are taken."""
    slot.taken += seats
    slot.save(update_fields=["taken"])
    return slot


def slots_of(effecteur: Effecteur) -> list[Slot]:
    offered = Slot.objects.filter(place__professional=effecteur.professional, status=Slot.Status.OPEN)
    return list(offered.order_by("starts_at"))
