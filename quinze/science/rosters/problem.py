"""What a roster is made of: shifts to fill, people, what they may and wish. Instants are aware; nights, weeks and
week-ends are read in the local time of the problem.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

MOST_PEOPLE, MOST_SHIFTS, MOST_NEEDED = 5000, 3000, 200
LONGEST_SHIFT = timedelta(hours=24)
NIGHT_START, NIGHT_END = time(21), time(6)
NIGHT_FROM = timedelta(hours=3)  # that much between 21 h and 6 h makes a night (Code du travail, L3122-2 and L3122-5)
MORNING = timedelta(hours=6)
SATURDAY = 5
ONE_DAY = timedelta(days=1)  # of calendar dates


class Unusable(ValueError):  # noqa: N818  (an answer about data, not a fault of the program)
    """A problem that makes no sense. The text is French, says which value and what is accepted."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Working time. The defaults are those of the Code du travail: L3131-1 (11 h a day), L3132-2 (24 + 11 h a week),
    L3121-20 (48 h a week). `longest_stretch`: first start to last end between two daily rests.
    """

    daily_rest: timedelta = timedelta(hours=11)
    weekly_rest: timedelta = timedelta(hours=35)
    longest_stretch: timedelta = timedelta(hours=12)
    weekly_hours: timedelta = timedelta(hours=48)
    nights_in_a_row: int = 4
    weekends_in_four: int = 2
    on_site_share: float = 0.2  # of the shifts of those who regulate from a distance (mission SAS, P53)
    exclusive: frozenset[frozenset[str]] = frozenset({frozenset({"arm", "osnp"})})  # never in one stretch

    def __post_init__(self) -> None:
        hours = {"repos quotidien": self.daily_rest, "repos hebdomadaire": self.weekly_rest,
                 "amplitude": self.longest_stretch, "durée de la semaine": self.weekly_hours}  # fmt: skip
        for name, value in hours.items():
            if not timedelta(0) < value <= timedelta(days=7):
                raise Unusable(f"{name} : {value}. Accepté : plus de 0 h, 168 h au plus.")
        if not (1 <= self.nights_in_a_row <= 7 and 0 <= self.weekends_in_four <= 4 and 0 <= self.on_site_share <= 1):
            raise Unusable("Accepté : 1 à 7 nuits de suite, 0 à 4 week-ends sur quatre, une part sur place de 0 à 1.")


LABOUR_CODE = Rules()
# Décret 2002-9 of 4 January 2002, art. 6: 12 h a day, 36 h a week, 48 h a week with overtime.
PUBLIC_HOSPITAL = Rules(daily_rest=timedelta(hours=12), weekly_rest=timedelta(hours=36))


@dataclass(frozen=True, slots=True)
class Period:
    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise Unusable(f"{self.start:%d/%m/%Y %H:%M} : heure sans fuseau. Accepté : un instant avec son fuseau.")
        if self.end <= self.start:
            raise Unusable(f"{self.start:%d/%m/%Y %H:%M} : la fin vient avant le début.")
        # Differences of instants of one zone would be those of its clocks.
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def meets(self, other: "Period") -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Shift:
    """`needed` people hold `post` together over `period`."""

    key: str
    post: str
    period: Period
    needed: int = 1

    def __post_init__(self) -> None:
        if self.period.length > LONGEST_SHIFT:
            raise Unusable(f"Garde {self.key} : {self.period.length}. Accepté : 24 h au plus.")
        if not 0 <= self.needed <= MOST_NEEDED:
            raise Unusable(f"Garde {self.key} : {self.needed} personnes. Accepté : de 0 à {MOST_NEEDED}.")


@dataclass(frozen=True, slots=True)
class Wish:
    """`weight` > 0: wants to work then; < 0: would rather not. From −10 to 10."""

    period: Period
    weight: int

    def __post_init__(self) -> None:
        if not -10 <= self.weight <= 10:
            raise Unusable(f"Souhait de poids {self.weight}. Accepté : de -10 à 10.")


@dataclass(frozen=True, slots=True)
class Bar:
    """These posts may not be held over the period: `said`, in French, is why."""

    posts: frozenset[str]
    period: Period
    said: str

    def meets(self, shift: Shift) -> bool:
        return shift.post in self.posts and shift.period.meets(self.period)


@dataclass(frozen=True, slots=True)
class Person:
    """`posts`: what they are able to hold (several: polyvalent). `trainee`: comes in addition, beside somebody who is
    not; `quota`: shifts they must do in the period. `remote`: regulates from a distance, with a share on site.
    `most_hours` None: no contract here (a volunteer doctor), only the law. `past`: shifts before the period.
    """

    key: str
    posts: frozenset[str]
    most_hours: float | None = None
    nights: bool = True
    trainee: bool = False
    quota: int = 0
    remote: bool = False
    away: tuple[Period, ...] = ()
    barred: tuple[Bar, ...] = ()
    wishes: tuple[Wish, ...] = ()
    past: tuple[Shift, ...] = ()
    share: float = 1.0  # of nights, week-ends and hours, against the others: a half-time is 0.5

    def __post_init__(self) -> None:
        if self.most_hours is not None and not 0 <= self.most_hours <= 2000:
            raise Unusable(f"{self.key} : {self.most_hours} h. Accepté : de 0 à 2000 h sur la période.")
        if not 0 < self.share <= 1:
            raise Unusable(f"{self.key} : quotité {self.share}. Accepté : plus de 0, 1 au plus.")


@dataclass(frozen=True, slots=True, order=True)
class Assignment:
    person: str
    shift: str
    on_site: bool = field(default=True, compare=False)


@dataclass(frozen=True)
class Problem:
    """`fixed` assignments are kept as they are, whatever the rules say of them."""

    zone: ZoneInfo
    people: Sequence[Person]
    shifts: Sequence[Shift]
    rules: Rules = LABOUR_CODE
    fixed: Sequence[Assignment] = ()

    def __post_init__(self) -> None:
        _check_keys("personnes", [each.key for each in self.people], most=MOST_PEOPLE)
        _check_keys("gardes", [each.key for each in self.shifts], most=MOST_SHIFTS)
        unknown = [each for each in self.fixed if each.person not in self.person or each.shift not in self.shift]
        if unknown:
            raise Unusable(f"Affectation inconnue : {unknown[0].person}, {unknown[0].shift}.")

    @cached_property
    def person(self) -> dict[str, Person]:
        return {each.key: each for each in self.people}

    @cached_property
    def shift(self) -> dict[str, Shift]:
        return {each.key: each for each in self.shifts}

    def is_night(self, shift: Shift) -> bool:
        return shift.key in self._nights if shift.key in self.shift else _night(shift.period, self.zone)

    @cached_property
    def _nights(self) -> frozenset[str]:
        return frozenset(each.key for each in self.shifts if _night(each.period, self.zone))

    def amplitude(self, start: datetime, end: datetime) -> timedelta:
        """By the clocks of the wall: the night that they move, twelve hours last thirteen, or eleven."""
        first, last = (instant.astimezone(self.zone).replace(tzinfo=None) for instant in (start, end))
        return last - first

    def week(self, instant: datetime) -> Period:
        """The local calendar week, Monday first, that contains this instant."""
        day = instant.astimezone(self.zone).date()
        monday = day - day.weekday() * ONE_DAY
        return Period(*(_midnight(monday + days * ONE_DAY, self.zone) for days in (0, 7)))

    def weekend(self, shift: Shift) -> datetime | None:
        """The Monday midnight (UTC) of the week whose Saturday or Sunday it touches."""
        week = self.week(shift.period.end - timedelta(microseconds=1))
        for found in (week, self.week(shift.period.start)):
            saturday = found.start.astimezone(self.zone).date() + SATURDAY * ONE_DAY
            if shift.period.meets(Period(_midnight(saturday, self.zone), found.end)):
                return found.start
        return None

    def night_of(self, shift: Shift) -> int:
        """The number of the local evening it belongs to: two nights in a row differ by one."""
        return (shift.period.start - MORNING).astimezone(self.zone).toordinal()


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _check_keys(what: str, keys: list[str], *, most: int) -> None:
    if len(keys) > most:
        raise Unusable(f"{len(keys)} {what}. Accepté : {most} au plus.")
    if twice := [key for key, times in Counter(keys).items() if times > 1]:
        raise Unusable(f"{what} : « {min(twice)} » apparaît deux fois.")


def _night(period: Period, zone: ZoneInfo) -> bool:
    first = period.start.astimezone(zone).date()
    nights = timedelta(0)
    for day in (first - ONE_DAY, first, first + ONE_DAY):
        dark = Period(datetime.combine(day, NIGHT_START, zone), datetime.combine(day + ONE_DAY, NIGHT_END, zone))
        nights += common(period, dark)
    return nights >= NIGHT_FROM


def common(one: Period, other: Period) -> timedelta:
    start, end = max(one.start, other.start), min(one.end, other.end)
    return max(timedelta(0), end - start)


def ordered(shifts: Iterable[Shift]) -> list[Shift]:
    return sorted(shifts, key=lambda shift: (shift.period.start, shift.period.end, shift.key))
