"""The slots that rules and absences call for, before anything is written."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from quinze.availability.calendar import public_holidays
from quinze.availability.models import Absence, BusyTime, OpeningRule
from quinze.availability.opening import science_rule
from quinze.directory.models import Place
from quinze.science import slots as science

HORIZON_DAYS = 14
FOR_EVER = datetime.max.replace(tzinfo=UTC)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    place: Place
    rule: OpeningRule
    start: datetime
    end: datetime
    capacity: int

    @property
    def key(self) -> tuple[int, datetime, datetime]:
        return self.place.pk, self.start, self.end

    @property
    def minutes(self) -> float:
        return (self.end - self.start).total_seconds() / 60


@dataclass(frozen=True, slots=True)
class Offer:
    """The rules of some places, and what cuts them: absences, busy times of the doctor's own calendars."""

    places: Mapping[int, Place]
    rules: Sequence[OpeningRule]
    absences: Sequence[Absence]
    busy: Sequence[BusyTime] = ()  # with their feed

    def with_rules(self, rules: Sequence[OpeningRule]) -> "Offer":
        return replace(self, rules=rules)


def wanted(offer: Offer, *, at: datetime, days: int = HORIZON_DAYS) -> tuple[list[Wanted], int]:
    """Slots from now on for so many local days, in order, and how many were left out because two collide."""
    away = _absences(offer)
    found = [
        want
        for rule in offer.rules
        if (place := offer.places.get(rule.place_id)) and place.is_active
        for want in _of_rule(place, rule, away=away[place.pk], at=at, days=days)
    ]
    return _one_at_a_time(found)


def local_days(zone: str, *, at: datetime, days: int) -> tuple[date, date]:
    today = at.astimezone(ZoneInfo(zone)).date()
    return today, today + timedelta(days=days)


def bounds(absence: Absence) -> science.Period:
    return science.Period(absence.during.lower or LONG_AGO, absence.during.upper or FOR_EVER)


def _of_rule(
    place: Place, rule: OpeningRule, *, away: list[science.Period], at: datetime, days: int
) -> Iterator[Wanted]:
    since, until = local_days(place.zone, at=at, days=days)
    holidays = public_holidays(place.commune.departement_id, range(since.year, until.year + 1))
    stated, plage = science_rule(rule), rule.kind == OpeningRule.Kind.PLAGE
    away = [*away, *_not_valid(place)]
    for offset in range((until - since).days):
        day = since + timedelta(days=offset)
        if stated.falls_on(day, holidays=holidays):
            for start, end in _left(_opened(stated.opening, day, place.zone), away, cut=plage):
                if (end > at) if plage else (start >= at):
                    yield Wanted(place, rule, start, end, _seats(rule, start, end, cut=plage and bool(away)))


def _not_valid(place: Place) -> Iterator[science.Period]:
    """Before and after the dates of a replacement, nothing is offered there."""
    if place.valid_from is not None:
        yield science.Period(LONG_AGO, place.valid_from)
    if place.valid_until is not None:
        yield science.Period(place.valid_until, FOR_EVER)


@lru_cache(maxsize=20_000)
def _opened(opening: science.Opening, day: date, zone: str) -> list[science.Period]:
    """Doctors of a territory open at much the same hours: one computation of a day serves them all."""
    return opening.on(day, ZoneInfo(zone))


def _left(periods: list[science.Period], away: list[science.Period], *, cut: bool) -> list[science.Period]:
    if not away:
        return periods
    return science.subtract(periods, away) if cut else science.clear(periods, away)


def _seats(rule: OpeningRule, start: datetime, end: datetime, *, cut: bool) -> int:
    """A plage shortened by an absence takes its share of patients, and one at least."""
    if not cut:
        return rule.capacity
    whole = (rule.ends.hour - rule.starts.hour) * 60 + rule.ends.minute - rule.starts.minute
    share = (end - start).total_seconds() / 60 / whole
    return min(rule.capacity, max(1, round(rule.capacity * share)))


def _absences(offer: Offer) -> dict[int, list[science.Period]]:
    """Each place with what takes its doctor away: everywhere, or there. A place without doctor has nothing."""
    of_doctor: dict[int, list[tuple[int | None, science.Period]]] = defaultdict(list)
    for absence in offer.absences:
        of_doctor[absence.professional_id].append((absence.place_id, bounds(absence)))
    for busy in offer.busy:
        during = science.Period(busy.during.lower, busy.during.upper)
        of_doctor[busy.feed.professional_id].append((busy.feed.place_id, during))
    return defaultdict(
        list,
        {
            place.pk: [period for where, period in of_doctor[place.professional_id] if where in (None, place.pk)]
            for place in offer.places.values()
            if place.professional_id in of_doctor
        },
    )


def _one_at_a_time(found: list[Wanted]) -> tuple[list[Wanted], int]:
    """A doctor is at one place at a time: of two that overlap, the earlier start, then the older rule, is kept."""
    kept: list[Wanted] = []
    busy: dict[tuple[int | None, int], datetime] = {}
    for want in sorted(found, key=lambda w: (w.start, w.rule.pk or 0)):
        doctor = want.place.professional_id
        owner = (doctor, 0) if doctor else (None, want.place.pk)
        if busy.get(owner, LONG_AGO) > want.start:
            continue
        busy[owner] = want.end
        kept.append(want)
    return kept, len(found) - len(kept)
