"""Counts by person and by week, each in one read: what was offered, who was asked, how searches met each."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import TruncWeek

from quinze.accounts.models import Sas
from quinze.base.periods import local_instant
from quinze.orientation.models import OfferedDay, SearchedDay

STATEMENT = (Path(__file__).parent / "solicitations.sql").read_text(encoding="utf-8")
SHOWN = ("chosen", "passed_over", "proposed")
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Window:
    """Whole local weeks of a SAS, Monday first, the last one up to `at` only."""

    sas: Sas
    first: date  # a Monday
    weeks: int
    at: datetime

    @property
    def mondays(self) -> list[date]:
        return [self.first + WEEK * n for n in range(self.weeks)]

    @property
    def end(self) -> date:
        """The day after the last one."""
        return self.first + WEEK * self.weeks

    @property
    def since(self) -> datetime:
        return local_instant(self.first, time.min, self.sas.zone)

    @property
    def until(self) -> datetime:
        return min(self.at, local_instant(self.end, time.min, self.sas.zone))


def window_until(*, sas: Sas, at: datetime, weeks: int) -> Window:
    """So many weeks, the one in progress included."""
    today = at.astimezone(ZoneInfo(sas.zone)).date()
    this_monday = today - timedelta(days=today.weekday())
    return Window(sas, this_monday - WEEK * (weeks - 1), weeks, at)


@dataclass(frozen=True, slots=True)
class Asked:
    chosen: int = 0  # by a seat of one's own agenda
    outside: int = 0  # one patient more, a telephone call, an appointment without a seat
    last: datetime | None = None

    @property
    def times(self) -> int:
        return self.chosen + self.outside


def asked(window: Window, *, professional: int = 0, ahead: bool = False) -> dict[tuple[int, date], Asked]:
    """(professional, Monday) → requests for which they were solicited. Of everybody, or of one person.

    `ahead` counts what is already asked for the hours to come; without it, figures stand against hours already given.
    """
    values: dict[str, Any] = {
        "sas": window.sas.pk,
        "zone": window.sas.zone,
        "since": window.since,
        "at": window.at,
        "until": local_instant(window.end, time.min, window.sas.zone) if ahead else window.until,
        "professional": professional,
    }
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, values)
        return {(person, monday): Asked(*figures) for person, monday, *figures in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Offered:
    minutes: int = 0
    seats: int = 0


def offered(window: Window) -> dict[tuple[int, date], Offered]:
    """(professional, Monday) → time and seats that the SAS could see, days counted so far."""
    days = OfferedDay.objects.filter(sas=window.sas, day__gte=window.first, day__lt=window.end)
    weeks = days.annotate(week=TruncWeek("day")).values_list("professional", "week")
    found = weeks.annotate(minutes=Sum("minutes"), seats=Sum("seats")).order_by()
    return {(person, week): Offered(minutes, seats) for person, week, minutes, seats in found}


@dataclass(frozen=True, slots=True)
class Meeting:
    """One way that searches met somebody, and how often. See SearchedDay."""

    outcome: str
    level: int
    chosen_level: int
    times: int

    @property
    def is_shown(self) -> bool:
        """Proposed to an OSNP, in a level open then."""
        return self.outcome in SHOWN


def meetings(window: Window) -> dict[int, list[Meeting]]:
    """How the searches of these weeks met each professional, most frequent first."""
    days = SearchedDay.objects.filter(sas=window.sas, day__gte=window.first, day__lt=window.end)
    rows = days.values_list("professional", "outcome", "level", "chosen_level").annotate(n=Sum("times"))
    found: dict[int, list[Meeting]] = defaultdict(list)
    for person, outcome, level, chosen_level, times in rows.order_by("-n", "outcome", "level", "chosen_level"):
        found[person].append(Meeting(outcome, level, chosen_level, times))
    return dict(found)


def shown_by_week(window: Window, *, professional: int) -> Counter[date]:
    """Searches in which one person was proposed, in a level open then."""
    days = SearchedDay.objects.filter(sas=window.sas, professional=professional, outcome__in=SHOWN)
    weeks = days.filter(day__gte=window.first, day__lt=window.end).annotate(week=TruncWeek("day")).values("week")
    return Counter({row["week"]: row["n"] for row in weeks.annotate(n=Sum("times")).order_by()})
