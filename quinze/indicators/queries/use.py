"""How regulating doctors use the orientation, and what becomes of it (KPI-06). It orders nobody by a figure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import dropwhile
from pathlib import Path
from typing import Any

from django.db import connection

from quinze.accounts.models import User
from quinze.indicators.spans import Span
from quinze.science.proportions import Share

HERE = Path(__file__).parent
USE = (HERE / "use.sql").read_text(encoding="utf-8")
GIVEN = (HERE / "given.sql").read_text(encoding="utf-8")
LONGEST_FILE = timedelta(days=92)  # an older file is filed away: nobody decides on it any more
LEAST = 10  # files under which a share says nothing of somebody
FEWEST = 3  # people under which a total is the figure of somebody


@dataclass(frozen=True, slots=True)
class Use:
    """SNP files of one doctor or of several, over one period or several."""

    decided: int = 0
    asked: int = 0
    """Sent to an appointment: the OSNP was asked."""
    given: int = 0
    seen: int = 0
    missed: int = 0
    """Nobody was seen, and an absence was noted; whose fault is not counted here."""
    elsewhere: int = 0
    """Oriented without the OSNP: emergency department, hospital, home."""
    sent: int = 0
    advised: int = 0

    def __add__(self, other: "Use") -> "Use":
        return Use(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def nothing_more(self) -> int:
        return self.decided - self.asked - self.elsewhere - self.sent - self.advised

    @property
    def without(self) -> int:
        """Asked of the OSNP, and no appointment was ever given, or not yet."""
        return self.asked - self.given

    @property
    def unknown(self) -> int:
        """Given, and nothing is known of the outcome: to come, cancelled, or not noted."""
        return self.given - self.seen - self.missed

    @property
    def share(self) -> Share | None:
        """Sent to an appointment among the files decided; None under ten."""
        return Share(self.asked, self.decided) if self.decided >= LEAST else None


@dataclass(frozen=True, slots=True)
class Gave:
    """Appointments given by one OSNP or by several."""

    given: int = 0
    seen: int = 0
    missed: int = 0
    cancelled: int = 0

    def __add__(self, other: "Gave") -> "Gave":
        return Gave(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def unknown(self) -> int:
        return self.given - self.seen - self.missed - self.cancelled


@dataclass(frozen=True, slots=True)
class OfPeriod:
    start: date
    label: str
    use: Use
    doctors: int
    gave: Gave
    osnps: int
    running: bool

    @property
    def hides(self) -> bool:
        """Of so few people that the total says what one of them did."""
        return 0 < self.doctors < FEWEST


@dataclass(frozen=True, slots=True)
class OfPerson:
    name: str
    use: Use
    gave: Gave


@dataclass(frozen=True, slots=True)
class Figures:
    span: Span
    periods: tuple[OfPeriod, ...]
    """Oldest first."""
    doctors: tuple[OfPerson, ...]
    """In alphabetical order, always."""
    osnps: tuple[OfPerson, ...]

    @property
    def use(self) -> Use:
        return sum((person.use for person in self.doctors), Use())

    @property
    def gave(self) -> Gave:
        return sum((person.gave for person in self.osnps), Gave())

    @property
    def begun(self) -> tuple[OfPeriod, ...]:
        """Without the periods before the first one in which anything was done."""
        return tuple(dropwhile(lambda period: not period.doctors and not period.osnps, self.periods))

    @property
    def known(self) -> list[OfPerson]:
        """Doctors with enough files for a share."""
        return [person for person in self.doctors if person.use.share is not None]

    @property
    def spread(self) -> tuple[int, int, int]:
        """Of these: how many never asked for an appointment, did for less than half of the files, for half or more."""
        never = sum(not person.use.asked for person in self.known)
        often = sum(2 * person.use.asked >= person.use.decided for person in self.known)
        return never, len(self.known) - never - often, often


def use_of_orientation(span: Span, *, person: User | None = None) -> Figures:
    """Of everybody, or of one person. Three reads, whatever the number of people."""
    wanted = person.pk if person else 0
    uses = _by_person(_rows(USE, span, doctor=wanted, oldest=span.since - LONGEST_FILE), Use)
    gifts = _by_person(_rows(GIVEN, span, person=wanted), Gave)
    names = _names({*uses, *gifts})
    return Figures(
        span=span,
        periods=tuple(_period(span, start, uses, gifts) for start in span.starts),
        doctors=tuple(OfPerson(name, sum(uses[pk].values(), Use()), Gave()) for pk, name in names if pk in uses),
        osnps=tuple(OfPerson(name, Use(), sum(gifts[pk].values(), Gave())) for pk, name in names if pk in gifts),
    )


def _rows(statement: str, span: Span, **values: Any) -> list[tuple[Any, ...]]:
    known: dict[str, Any] = {
        "sas": span.sas.pk,
        "zone": span.sas.zone,
        "unit": span.sql_unit,
        "since": span.since,
        "at": span.at,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, known | values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _by_person(rows: Iterable[tuple[Any, ...]], kind: Any) -> dict[int, dict[date, Any]]:
    found: dict[int, dict[date, Any]] = defaultdict(dict)
    for person, start, *figures in rows:
        found[person][start] = kind(*figures)
    return dict(found)


def _names(people: set[int]) -> list[tuple[int, str]]:
    users = User.objects.filter(pk__in=people).order_by("family_name", "given_name", "pk")
    return [(user.pk, str(user)) for user in users]


def _period(span: Span, start: date, uses: dict[int, dict[date, Use]], gifts: dict[int, dict[date, Gave]]) -> OfPeriod:
    decided = [periods[start] for periods in uses.values() if start in periods]
    gave = [periods[start] for periods in gifts.values() if start in periods]
    return OfPeriod(
        start=start,
        label=span.label(start),
        use=sum(decided, Use()),
        doctors=len(decided),
        gave=sum(gave, Gave()),
        osnps=len(gave),
        running=start == span.starts[-1],
    )
