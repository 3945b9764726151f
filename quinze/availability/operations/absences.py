"""A doctor goes away, to the minute, and comes back."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from quinze.accounts.actor import Actor
from quinze.availability.models import Absence, Slot
from quinze.availability.operations.generation import Generation, lock_places, remake
from quinze.availability.rules import may_manage_absences
from quinze.base import events
from quinze.base.errors import NotFound, Refusal
from quinze.base.periods import period
from quinze.directory.models import Place, Power, Professional
from quinze.directory.operations.delegation import on_behalf


@dataclass(frozen=True, slots=True)
class AbsencePosted:
    """Domain event: those expected inside must be oriented again. The slots named are no longer offered."""

    absence_id: int
    professional_id: int
    place_id: int | None
    during: DateTimeTZRange
    slot_ids_with_patients: tuple[int, ...]
    at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody whom the SAS sends inside an absence."""

    starts_at: datetime
    who: str
    place: str


@dataclass(frozen=True, slots=True)
class AbsenceConsidered:
    """Domain event: the doctor asks who is expected before leaving. Whoever knows adds to `expected`."""

    professional_id: int
    place_id: int | None
    during: DateTimeTZRange
    at: datetime
    by: Actor
    expected: list[Expected]


@dataclass(frozen=True, slots=True)
class PostedAbsence:
    absence: Absence
    generation: Generation
    to_replace: list[Slot]  # with patients inside

    @property
    def seats_to_replace(self) -> int:
        return sum(slot.taken for slot in self.to_replace)


@transaction.atomic
def add_absence(
    professional: Professional,
    *,
    start: datetime,
    end: datetime | None = None,
    place: Place | None = None,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> PostedAbsence:
    """Without an end: until further notice. Bookings inside stay until somebody replaces them."""
    places = _own_places(professional, by=by)
    _sensible(professional, start=start, end=end, place=place, places=places, at=at)
    absence = Absence.objects.create(
        professional=professional,
        place=place,
        during=period(start, end),
        reason=reason,
        created_by=by.user,
        created_at=at,
    )
    _tell_delegate("a déclaré une absence", absence, by=by, at=at)
    generation = remake([p.pk for p in places], by=by, at=at)
    posted = PostedAbsence(absence, generation, _expected_inside(absence, at=at))
    events.emit(
        AbsencePosted(
            absence.pk,
            professional.pk,
            place.pk if place else None,
            absence.during,
            tuple(slot.pk for slot in posted.to_replace),
            at,
            by,
        )
    )
    return posted


@transaction.atomic
def expected_during(
    professional: Professional, *, start: datetime, end: datetime | None, place: Place | None, by: Actor, at: datetime
) -> list[Expected]:
    """Refuses what `add_absence` would refuse; writes nothing of the offer. Names are read: that reading is recorded by
    the folder that holds them.
    """
    places = _own_places(professional, by=by)
    _sensible(professional, start=start, end=end, place=place, places=places, at=at)
    asked = AbsenceConsidered(professional.pk, place.pk if place else None, period(start, end), at, by, [])
    events.emit(asked)
    return sorted(asked.expected, key=lambda each: (each.starts_at, each.who))


@transaction.atomic
def withdraw_absence(absence: Absence, *, by: Actor, at: datetime) -> Generation:
    """What rules call for is offered again; somebody already moved elsewhere is not brought back."""
    places = _own_places(absence.professional, by=by)
    if not Absence.objects.filter(pk=absence.pk, withdrawn_at__isnull=True).update(withdrawn_at=at):
        raise Refusal("Cette absence a déjà été retirée : rechargez la semaine.", code="stale")
    _tell_delegate("a retiré une absence", absence, by=by, at=at)
    return remake([p.pk for p in places], by=by, at=at)


def _tell_delegate(act: str, absence: Absence, *, by: Actor, at: datetime) -> None:
    start, end = (
        edge.astimezone(ZoneInfo(by.sas.zone)) if edge else None
        for edge in (absence.during.lower, absence.during.upper)
    )
    until = f"au {end:%d/%m/%Y %H:%M}" if end else "jusqu’à nouvel ordre"
    words = f"{act} du {start:%d/%m/%Y %H:%M} {until}" if start else act
    on_behalf(by, Power.RULES, words, at=at, place_ids=[absence.place_id])


def _own_places(professional: Professional, *, by: Actor) -> list[Place]:
    if not may_manage_absences(by, professional):
        raise NotFound("Cette absence n’est pas l’une des vôtres.")
    return lock_places(professional.places.values_list("pk", flat=True))


def _sensible(
    professional: Professional,
    *,
    start: datetime,
    end: datetime | None,
    place: Place | None,
    places: list[Place],
    at: datetime,
) -> None:
    if place is not None and place.pk not in {p.pk for p in places}:
        raise NotFound("Ce lieu n’est pas l’un des vôtres : choisissez un de vos lieux d’exercice.", field="place")
    if end is not None and end <= start:
        raise Refusal("La fin doit venir après le début.", field="until")
    if end is not None and end <= at:
        raise Refusal("Cette absence est déjà passée : elle ne changerait rien.", field="until")
    if already := _covering(professional, start=start, end=end, place=place):
        raise Refusal(
            "Vous êtes déjà noté absent sur toute cette durée.", field="start", code="covered", absence=already
        )


def _covering(
    professional: Professional, *, start: datetime, end: datetime | None, place: Place | None
) -> Absence | None:
    where = Q(place__isnull=True) | Q(place=place) if place else Q(place__isnull=True)
    known = Absence.objects.filter(where, professional=professional, withdrawn_at__isnull=True)
    return known.filter(during__contains=period(start, end)).first()


def _expected_inside(absence: Absence, *, at: datetime) -> list[Slot]:
    slots = Slot.objects.filter(
        professional=absence.professional_id, taken__gt=0, during__overlap=absence.during, ends_at__gt=at
    ).select_related("place")
    return list((slots.filter(place=absence.place_id) if absence.place_id else slots).order_by("starts_at", "pk"))
