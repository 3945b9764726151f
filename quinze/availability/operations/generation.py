"""Slots made ahead, in bulk. What rules and absences call for is copied in, and the difference is applied by SQL."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Max, Q

from quinze.accounts.actor import Actor
from quinze.availability.models import GenerationRun, OpeningRule, Slot
from quinze.availability.operations import statements
from quinze.availability.plan import HORIZON_DAYS, Wanted, local_days, wanted
from quinze.availability.queries.offer import offer_of
from quinze.base import live
from quinze.base.periods import local_instant
from quinze.directory.models import Place

BATCH = 250
Scope = dict[str, list[int] | datetime]


@dataclass(frozen=True, slots=True)
class Generation:
    created: int = 0
    reopened: int = 0
    changed: int = 0
    withdrawn: int = 0
    with_patients: tuple[int, ...] = ()  # slots withdrawn although somebody is expected: their bookings stay
    conflicts: int = 0  # wanted, but the doctor is already taken at that time

    def __add__(self, other: "Generation") -> "Generation":
        return Generation(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def generate_slots(*, at: datetime, days: int = HORIZON_DAYS, place_ids: Iterable[int] | None = None) -> Generation:
    """For every place, or those given. Running it again changes nothing; each batch of places commits alone."""
    everywhere = place_ids is None
    total = Generation()
    for batch in _batches(_places_to_visit() if place_ids is None else sorted(set(place_ids))):
        with transaction.atomic():
            total += regenerate(batch, at=at, days=days)
    if everywhere:
        _record(total, at=at, days=days)
    return total


def regenerate(place_ids: Iterable[int], *, at: datetime, days: int = HORIZON_DAYS) -> Generation:
    """Within the caller's transaction. The doctors' other places come along: nobody is at two places at once."""
    places = lock_places(place_ids)
    days = _horizon(places, at=at, days=days)
    wants, collisions = wanted(offer_of([place.pk for place in places], at=at), at=at, days=days)
    with connection.cursor() as cursor:
        _copy(cursor, wants)
        found = _apply(cursor, places, wants=len(wants), at=at)
    return found + Generation(conflicts=collisions)


def remake(place_ids: Iterable[int], *, by: Actor, at: datetime) -> Generation:
    """After a doctor's own change. Open desks are told: no OSNP goes on offering what is gone."""
    made = regenerate(place_ids, at=at)
    live.publish(sas_id=by.sas.pk, topics=["slots"], at=at)
    return made


def lock_places(place_ids: Iterable[int]) -> list[Place]:
    """Whoever changes what a doctor offers takes all of the doctor's places first, always in the same order."""
    doctors = Place.objects.filter(pk__in=list(place_ids), professional__isnull=False).values("professional")
    mine = Q(pk__in=list(place_ids)) | Q(professional__in=doctors)
    return list(
        Place.objects.filter(mine).order_by("pk").select_related("commune").select_for_update(of=("self",), no_key=True)
    )


def _places_to_visit() -> list[int]:
    """Every place that has, or had, a rule: the slots of an ended one may still have to go."""
    return list(OpeningRule.objects.order_by("place_id").values_list("place_id", flat=True).distinct())


def _horizon(places: Sequence[Place], *, at: datetime, days: int) -> int:
    """As far as slots were ever made, in days of their own clock: a change of rule must reach them all."""
    made = Slot.objects.filter(place__in=places, source="quinze", status=Slot.Status.OPEN, starts_at__gte=at)
    last = made.order_by().values_list("place__zone").annotate(Max("starts_at"))
    reached = [(_day(starts, zone) - _day(at, zone)).days + 1 for zone, starts in last]
    return max([days, *reached])


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def _copy(cursor: CursorWrapper, wants: Sequence[Wanted]) -> None:
    cursor.execute(statements.WANTED_TABLE)
    with cursor.copy(statements.COPY) as copy:
        for want in wants:
            copy.write_row(_row(want))


def _row(want: Wanted) -> tuple[object, ...]:
    place, rule = want.place, want.rule
    return (
        place.pk, place.professional_id or -place.pk, place.professional_id, place.structure_id, rule.pk,
        want.start, want.end, want.capacity, rule.kind, _array(rule.modalities), rule.audience, rule.cpts_id,
        rule.min_age_months, rule.max_age_months, rule.new_patients, rule.notice_minutes,
        None if rule.specialties is None else _array(rule.specialties), rule.reasons,
    )  # fmt: skip


def _array(codes: Sequence[str]) -> str:
    return "{" + ",".join(codes) + "}"


def _apply(cursor: CursorWrapper, places: Sequence[Place], *, wants: int, at: datetime) -> Generation:
    scope: Scope = {"places": [p.pk for p in places], "at": at}
    cursor.execute(statements.BY_HASH)
    cursor.execute(statements.LOCK, scope)
    cursor.execute(statements.WITHDRAW, scope)
    withdrawn = cursor.fetchall()
    changed = _count(cursor, statements.CHANGE, scope)
    _count(cursor, statements.DOUBLE, scope)
    reopened = _count(cursor, statements.REOPEN, scope)
    found = _count(cursor, statements.FOUND, scope)
    _count(cursor, statements.BUSY, scope)
    created = _count(cursor, statements.CREATE, scope)
    _count(cursor, statements.SINGLE, scope)
    cursor.execute(statements.AS_BEFORE)
    booked = tuple(sorted(pk for pk, taken in withdrawn if taken))
    return Generation(created, reopened, changed, len(withdrawn), booked, conflicts=wants - found - created)


def _count(cursor: CursorWrapper, sql: str, scope: Scope) -> int:
    cursor.execute(sql, scope)
    return int(cursor.rowcount)


def _record(total: Generation, *, at: datetime, days: int) -> None:
    until = local_instant(local_days("Europe/Paris", at=at, days=days)[1], at.min.time(), "Europe/Paris")
    GenerationRun.objects.create(
        ran_at=at, until=until, created=total.created + total.reopened, withdrawn=total.withdrawn
    )


def _batches(pks: Sequence[int]) -> Iterator[list[int]]:
    remaining = iter(pks)
    while batch := list(islice(remaining, BATCH)):
        yield batch
