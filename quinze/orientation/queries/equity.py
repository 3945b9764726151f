"""How evenly a SAS solicits those who offer it time; who is registered and never called, and why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count

from quinze.accounts.models import Sas
from quinze.base.periods import period
from quinze.orientation.models import RankingLog, Tallied
from quinze.orientation.queries.registered import Registered, registered
from quinze.orientation.queries.solicited import (
    Asked,
    Meeting,
    Offered,
    Window,
    asked,
    meetings,
    offered,
    window_until,
)
from quinze.orientation.unsolicited import Cause, why_never
from quinze.science.equity import Point, Share, gini, gini_by_chance, lorenz, rate

WEEKS = 12
ASKED_BEFORE = timedelta(days=7)  # a search follows its request by days at most


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the reader kept: a CPTS by its name, a profession by its code, a commune by its name. Empty: everyone."""

    cpts: str = ""
    profession: str = ""
    commune: str = ""

    def keeps(self, person: Registered) -> bool:
        return (
            (not self.cpts or self.cpts in person.cpts)
            and (not self.profession or self.profession == person.profession)
            and (not self.commune or self.commune in person.communes)
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One registered professional over the period. Hours are counted, not declared."""

    person: Registered
    hours: float
    seats: int
    shown: int
    chosen: int
    outside: int
    last: datetime | None  # hour asked for, of the last solicitation of the period

    @property
    def solicitations(self) -> int:
        return self.chosen + self.outside

    @property
    def rate(self) -> float | None:
        return rate(self.solicitations, self.hours)

    @property
    def share(self) -> Share:
        return self.hours, float(self.solicitations)


@dataclass(frozen=True, slots=True)
class WeekFigure:
    monday: date
    gini: float | None
    chance: float | None
    offering: int
    hours: float
    solicitations: int
    running: bool


@dataclass(frozen=True, slots=True)
class NeverCalled:
    line: Line
    cause: Cause


@dataclass(frozen=True, slots=True)
class Equity:
    window: Window
    lines: tuple[Line, ...]
    never: tuple[NeverCalled, ...]
    weeks: tuple[WeekFigure, ...]
    gini: float | None
    chance: float | None
    curve: tuple[Point, ...]
    counted_at: datetime | None
    """When searches were last counted; None when they never were."""
    people: tuple[Registered, ...]
    """All of them, whatever was kept: the choices of the filters."""

    @property
    def last_day(self) -> date:
        return self.window.end - timedelta(days=1)

    @property
    def causes(self) -> list[tuple[str, int]]:
        return Counter(never.cause.title for never in self.never).most_common()


NARROWED_TO_ALL = Narrowed()


def equity(*, sas: Sas, at: datetime, weeks: int = WEEKS, only: Narrowed = NARROWED_TO_ALL) -> Equity:
    """The week in progress and those before it. Ten reads, whatever the number of people."""
    window = window_until(sas=sas, at=at, weeks=weeks)
    people = registered(sas=sas, during=period(window.since, at), at=at)
    kept = {person.pk: person for person in people if only.keeps(person)}
    given, solicited, met = offered(window), asked(window), meetings(window)
    tallied = Tallied.objects.filter(sas=sas).first()
    lines = tuple(_lines(kept.values(), given, solicited, met))
    searches = _searches(window, until=tallied.log if tallied else 0)
    return Equity(
        window=window,
        lines=lines,
        never=tuple(
            NeverCalled(line, _cause(line, met.get(line.person.pk, []), searches))
            for line in lines
            if not line.solicitations
        ),
        weeks=tuple(_week(window, monday, kept, given, solicited) for monday in window.mondays),
        gini=gini(line.share for line in lines),
        chance=gini_by_chance([line.hours for line in lines], sum(line.solicitations for line in lines)),
        curve=lorenz(line.share for line in lines),
        counted_at=tallied.at if tallied else None,
        people=tuple(people),
    )


def _lines(
    people: Iterable[Registered],
    given: dict[tuple[int, date], Offered],
    solicited: dict[tuple[int, date], Asked],
    met: dict[int, list[Meeting]],
) -> Iterable[Line]:
    minutes: Counter[int] = Counter()
    seats: Counter[int] = Counter()
    chosen: Counter[int] = Counter()
    outside: Counter[int] = Counter()
    last: dict[int, datetime] = {}
    for (person, _), offer in given.items():
        minutes[person] += offer.minutes
        seats[person] += offer.seats
    for (person, _), times in solicited.items():
        chosen[person] += times.chosen
        outside[person] += times.outside
        if times.last is not None:
            last[person] = max(times.last, last.get(person, times.last))
    for someone in people:
        pk = someone.pk
        shown = sum(meeting.times for meeting in met.get(pk, ()) if meeting.is_shown)
        yield Line(someone, minutes[pk] / 60, seats[pk], shown, chosen[pk], outside[pk], last.get(pk))


def _week(
    window: Window,
    monday: date,
    kept: dict[int, Registered],
    given: dict[tuple[int, date], Offered],
    solicited: dict[tuple[int, date], Asked],
) -> WeekFigure:
    shares = [
        (given.get((pk, monday), Offered()).minutes / 60, float(solicited.get((pk, monday), Asked()).times))
        for pk in kept
    ]
    hours, times = [weight for weight, _ in shares if weight > 0], round(sum(value for _, value in shares))
    return WeekFigure(
        monday=monday,
        gini=gini(shares),
        chance=gini_by_chance(hours, times),
        offering=len(hours),
        hours=sum(hours),
        solicitations=times,
        running=monday == window.mondays[-1],
    )


def _searches(window: Window, *, until: int) -> Counter[tuple[str, str]]:
    """(profession, specialty) asked for → searches of the period that are counted already."""
    logs = RankingLog.objects.filter(
        request__sas=window.sas,
        request__requested_at__gte=window.since - ASKED_BEFORE,
        at__gte=window.since,
        at__lt=window.until,
        pk__lte=until,
    )
    asked_for = logs.values_list("request__profession", "request__specialty").annotate(times=Count("pk")).order_by()
    return Counter({(profession, specialty): times for profession, specialty, times in asked_for})


def _cause(line: Line, met: list[Meeting], searches: Counter[tuple[str, str]]) -> Cause:
    person = line.person
    concerned = sum(
        times
        for (profession, specialty), times in searches.items()
        if profession == person.profession and (not specialty or not person.specialty or specialty == person.specialty)
    )
    return why_never(
        takes_part=person.takes_part,
        hours=line.hours,
        overbooking=person.accepts_overbooking,
        searches=concerned,
        met=met,
    )
