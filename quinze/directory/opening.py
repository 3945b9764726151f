"""When the lines of a SAS answer. Pure: rules and exceptions in, answers out; queries.calendar reads them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from quinze.base.periods import local_day, local_instant

ZONE_SUBDIVISIONS = {
    "America/Guadeloupe": "971",
    "America/Martinique": "972",
    "America/Cayenne": "973",
    "Indian/Reunion": "974",
    "Indian/Mayotte": "976",
    "America/Miquelon": "PM",
    "America/St_Barthelemy": "BL",
    "America/Marigot": "MF",
    "Pacific/Wallis": "WF",
    "Pacific/Tahiti": "PF",
    "Pacific/Marquesas": "PF",
    "Pacific/Gambier": "PF",
    "Pacific/Noumea": "NC",
}
ALSACE_MOSELLE = "57"
HORIZON_DAYS = 15
SATURDAY = 5
ALWAYS_OPEN = "AMU"  # the 15 answers day and night, unless the SAS wrote other hours


@lru_cache(maxsize=256)
def public_holidays(year: int, subdivision: str | None = None) -> Mapping[date, str]:
    """French names by date. `subdivision` as the package holidays names it: 971, PF… or 57 for Alsace-Moselle."""
    return dict(holidays.country_holidays("FR", subdiv=subdivision, years=year, language="fr"))


def subdivision_of(zone: str, *, alsace_moselle: bool = False) -> str | None:
    return ALSACE_MOSELLE if alsace_moselle else ZONE_SUBDIVISIONS.get(zone)


@dataclass(frozen=True, slots=True)
class Hours:
    """One line answers from `starts` to `ends` on that weekday (0 = Monday), while the rule is valid."""

    line: str
    weekday: int
    starts: time
    ends: time
    valid_from: date
    valid_until: date | None = None  # last day
    on_holidays: bool = False

    def holds(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class LocalMoment:
    """An instant as the wall calendar of the SAS shows it."""

    day: date
    weekday: int
    minute: int  # since midnight, wall clock
    is_holiday: bool
    is_bridge: bool
    is_pdsa: bool  # outside the hours of the SNP line

    @property
    def time(self) -> time:
        return time(*divmod(self.minute, 60))


@dataclass(frozen=True)
class Calendar:
    zone: str
    hours: tuple[Hours, ...]
    exceptions: Mapping[tuple[str, date], bool] = field(default_factory=dict)  # (line, day) → open
    bridges_are_pdsa: bool = False
    alsace_moselle: bool = False

    def is_open(self, line: str, at: datetime) -> bool:
        return any(starts <= at < ends for starts, ends in self.ranges(line, self._local(at).date()))

    def next_opening(self, line: str, at: datetime) -> datetime | None:
        """The present instant's own opening does not count. None within a fortnight: the line is as good as closed."""
        first = self._local(at).date()
        for offset in range(HORIZON_DAYS):
            for starts, _ in self.ranges(line, first + timedelta(days=offset)):
                if starts > at:
                    return starts.astimezone(at.tzinfo)
        return None

    def closing(self, line: str, at: datetime) -> datetime | None:
        """When the line that is open now stops answering."""
        open_now = (ends for starts, ends in self.ranges(line, self._local(at).date()) if starts <= at < ends)
        return next((ends.astimezone(at.tzinfo) for ends in open_now), None)

    def ranges(self, line: str, day: date) -> list[tuple[datetime, datetime]]:
        """The instants between which the line answers that day, in order."""
        exception = self.exceptions.get((line, day))
        if exception is False:
            return []
        if line == ALWAYS_OPEN and not any(rule.line == line for rule in self.hours):
            return [local_day(day, self.zone)]
        rules = self._rules(line, day, even_if_holiday=exception is True)
        return sorted(
            (local_instant(day, rule.starts, self.zone), local_instant(day, rule.ends, self.zone)) for rule in rules
        )

    def local_moment(self, at: datetime) -> LocalMoment:
        local = self._local(at)
        day = local.date()
        return LocalMoment(
            day=day,
            weekday=day.weekday(),
            minute=local.hour * 60 + local.minute,
            is_holiday=self.is_holiday(day),
            is_bridge=self.is_bridge(day),
            is_pdsa=not self.is_open("SNP", at),
        )

    def is_holiday(self, day: date) -> bool:
        return day in self.holidays_of(day.year)

    def holidays_of(self, year: int) -> Mapping[date, str]:
        return public_holidays(year, subdivision_of(self.zone, alsace_moselle=self.alsace_moselle))

    def is_bridge(self, day: date) -> bool:
        """A working day alone between a public holiday and a week-end or another holiday."""
        if self._is_rest(day):
            return False
        before, after = day - timedelta(days=1), day + timedelta(days=1)
        if not (self._is_rest(before) and self._is_rest(after)):
            return False
        return self.is_holiday(before) or self.is_holiday(after)

    def _is_rest(self, day: date) -> bool:
        return day.weekday() >= SATURDAY or self.is_holiday(day)

    def _rules(self, line: str, day: date, *, even_if_holiday: bool) -> Iterable[Hours]:
        rules = [rule for rule in self.hours if rule.line == line and rule.holds(day)]
        if even_if_holiday:
            return [rule for rule in rules if rule.weekday == day.weekday()] or _first_day_open(rules)
        if line == "SNP" and self.bridges_are_pdsa and self.is_bridge(day):
            return []
        rest = self.is_holiday(day)
        return [rule for rule in rules if rule.weekday == day.weekday() and (rule.on_holidays or not rest)]

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.zone))


def _first_day_open(rules: list[Hours]) -> list[Hours]:
    """An exceptional opening on a weekday without hours takes those of the first weekday that has some."""
    first = min((rule.weekday for rule in rules), default=None)
    return [rule for rule in rules if rule.weekday == first]
