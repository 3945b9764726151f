"""Who offers time in each sector of a SAS, what was asked there, and how many more would cover it (OFF-10).

A sector is the zone of a CPTS, or a sector of the PDSA as the SAS gave them; communes of none are one more. The rule of
the figures to add is that of `science.volunteers`; what counts as a request without a seat is said in
docs/explanation/volunteers.md.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Min, Q
from django.db.models import Window as Over

from quinze.accounts.models import Sas
from quinze.directory.models import (
    Membership,
    Participation,
    Place,
    Professional,
    SasCommune,
    StructureCommune,
)
from quinze.directory.queries.territory import ARRONDISSEMENTS
from quinze.orientation.models import OrientationRequest
from quinze.orientation.queries.solicited import Window, window_until
from quinze.orientation.snp_rules import rule
from quinze.science.volunteers import Need, need

HERE = Path(__file__).parent
ASKED, OFFERED = ((HERE / f"volunteers_{name}.sql").read_text(encoding="utf-8") for name in ("asked", "offered"))
WEEKS = 12
WHOLE, OUTSIDE = -1, 0
CPTS, PDSA = "cpts", "pdsa"  # the divisions of a SAS
OUTSIDE_NAME = {CPTS: "Hors CPTS", PDSA: "Sans secteur"}
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
HALVES = ("matin", "après-midi", "soir et nuit")
ENOUGH_SEATS, SEAT_MINUTES = 20, 20.0  # under so many seats, those of the whole SAS say how long one lasts
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom one counts: a profession (TRE_G15) and, for doctors, a specialty (TRE_R38)."""

    profession: str = "10"
    specialty: str = "SM54"


GENERAL_PRACTICE = Sought()


@dataclass(frozen=True, slots=True)
class Figures:
    """Added over days. `far`: given after a search widened by minutes; `nobody`: over, and no search found anybody."""

    asked: int = 0
    given: int = 0
    extra: int = 0
    far: int = 0
    nobody: int = 0
    minutes: int = 0
    seats: int = 0
    taken: int = 0

    @property
    def unmet(self) -> int:
        return self.far + self.nobody

    @property
    def hours(self) -> float:
        return self.minutes / 60

    @property
    def pending(self) -> int:
        """Neither given nor known to have found nobody: still running, closed for another reason."""
        return self.asked - self.given - self.nobody


@dataclass(frozen=True, slots=True)
class Volunteer:
    pk: int
    name: str
    since: datetime
    hours: float
    seats: int
    taken: int
    is_member: bool


@dataclass(frozen=True, slots=True)
class Half:
    weekday: int
    half: int
    figures: Figures

    @property
    def words(self) -> str:
        return f"{DAYS[self.weekday]} {HALVES[self.half]}"


@dataclass(frozen=True, slots=True)
class Week:
    monday: date
    figures: Figures
    registered: int
    """At its end, or today."""


@dataclass(frozen=True, slots=True)
class Sector:
    pk: int
    name: str
    communes: int
    population: int
    figures: Figures
    halves: tuple[Half, ...]
    weeks: tuple[Week, ...]
    volunteers: tuple[Volunteer, ...]
    pool: int
    """Of the same profession, practising there, that take no part yet."""
    need: Need

    @property
    def offering(self) -> int:
        return sum(1 for volunteer in self.volunteers if volunteer.hours)

    @property
    def is_short(self) -> bool:
        """Even with everybody who practises there."""
        return self.need.volunteers.seen > self.pool

    @property
    def worst(self) -> tuple[Half, ...]:
        """Half-days where somebody found nobody, the worst first."""
        lacking = (half for half in self.halves if half.figures.unmet)
        return tuple(sorted(lacking, key=lambda half: -half.figures.unmet)[:3])


@dataclass(frozen=True, slots=True)
class Volunteers:
    window: Window
    observed: float
    """Weeks: since the first request of the SAS when it came within the period."""
    hours_each: float
    sectors: tuple[Sector, ...]
    whole: Sector


def volunteers(
    *, sas: Sas, at: datetime, weeks: int = WEEKS, sought: Sought = GENERAL_PRACTICE, division: str = CPTS
) -> Volunteers:
    """Every sector, those that lack most first, and the whole SAS. Eleven reads, whatever their number."""
    window = window_until(sas=sas, at=at, weeks=weeks)
    observed = _observed(window)
    hours_each = float(due.number if (due := rule("weekly_hours", at.date())) else 2)
    zones = _zones(sas, division)
    told = _Told(window, sought, division)
    people = _people(sas, sought, at, division)
    made = {
        pk: _sector(zone, told=told, people=people, observed=observed, hours_each=hours_each)
        for pk, zone in zones.items()
    }
    whole = made.pop(WHOLE)
    order = sorted(made.values(), key=lambda one: (-one.need.volunteers.seen, -one.figures.unmet, one.name))
    return Volunteers(window, observed, hours_each, tuple(order), whole)


def sector_of(found: Volunteers, pk: int) -> Sector | None:
    return next((one for one in found.sectors if one.pk == pk), None)


def professions_offered(sas: Sas, *, at: datetime) -> list[str]:
    """Other than doctors, of those who take part: what the page may count beside general practitioners."""
    rows = Participation.objects.filter(sas=sas, professional__isnull=False, during__contains=at)
    codes = rows.exclude(professional__profession="10").values_list("professional__profession", flat=True)
    return sorted(set(codes))


def _observed(window: Window) -> float:
    first = OrientationRequest.objects.filter(sas=window.sas).aggregate(first=Min("requested_at"))["first"]
    since = max(window.since, first) if first else window.since
    return max(1.0, (window.until - since) / WEEK)


# --- where ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Zone:
    pk: int
    name: str
    communes: frozenset[str]
    population: int
    others: frozenset[str] = frozenset()  # of the zone « hors CPTS »: the communes that are not its own

    def holds(self, person: "_Person") -> bool:
        """Somebody who takes part from beyond the territory is outside of every CPTS."""
        if self.pk == WHOLE:
            return True
        return bool(person.communes - self.others if self.pk == OUTSIDE else person.communes & self.communes)


def _zones(sas: Sas, division: str) -> dict[int, _Zone]:
    """Paris, Lyon and Marseille count their people once, not once more by arrondissement."""
    named: dict[int, str] = {}
    inside: dict[int, set[str]] = defaultdict(set)
    for pk, name, commune in _communes_of_pdsa(sas) if division == PDSA else _communes_of_cpts(sas):
        named[pk] = name
        inside[pk].add(commune)
    covered = SasCommune.objects.filter(sas=sas)
    people = dict(covered.exclude(ARRONDISSEMENTS).values_list("commune", "commune__population"))
    everywhere = set(covered.values_list("commune", flat=True))
    others = frozenset().union(*inside.values())
    inside[OUTSIDE], named[OUTSIDE] = everywhere - others, OUTSIDE_NAME[division]
    inside[WHOLE], named[WHOLE] = everywhere, sas.name
    return {
        pk: _Zone(pk, named[pk], frozenset(of), sum(people.get(each) or 0 for each in of), others)
        for pk, of in inside.items()
    }


def _communes_of_cpts(sas: Sas) -> Iterable[tuple[int, str, str]]:
    rows = StructureCommune.objects.filter(structure__kind="CPTS", structure__sas=sas).order_by("structure__name")
    return rows.values_list("structure", "structure__name", "commune")


def _communes_of_pdsa(sas: Sas) -> Iterable[tuple[int, str, str]]:
    """A sector has no row of its own: its number is the least of those of its communes."""
    rows = SasCommune.objects.filter(sas=sas).exclude(pdsa_sector="").order_by("pdsa_sector")
    number = Over(Min("pk"), partition_by="pdsa_sector")
    return rows.annotate(number=number).values_list("number", "pdsa_sector", "commune")


def has_pdsa_sectors(sas: Sas) -> bool:
    return SasCommune.objects.filter(sas=sas).exclude(pdsa_sector="").exists()


# --- what was asked and offered ---------------------------------------------------------------------------------


class _Told:
    """The two statements, by sector: figures of each local day and half-day, and what each giver gave."""

    def __init__(self, window: Window, sought: Sought, division: str) -> None:
        self.window = window
        self.days: dict[int, dict[tuple[date, int], Figures]] = defaultdict(dict)
        self.givers: dict[int, dict[int, Figures]] = defaultdict(dict)
        values: dict[str, Any] = {
            "sas": window.sas.pk,
            "division": division,
            "zone": window.sas.zone,
            "since": window.since,
            "until": window.until,
            "at": window.at,
            "profession": sought.profession,
            "specialty": sought.specialty,
        }
        with connection.cursor() as cursor:
            cursor.execute(ASKED, values)
            for sector, day, half, *counts in cursor.fetchall():
                self.days[sector][day, half] = Figures(*counts)
            cursor.execute(OFFERED, values)
            for sector, day, half, giver, *given in cursor.fetchall():
                gave = Figures(**dict(zip(("minutes", "seats", "taken"), given, strict=True)))
                if giver is not None:
                    self.givers[sector][giver] = gave
                else:
                    known = self.days[sector].get((day, half), Figures())
                    self.days[sector][day, half] = added([known, gave])

    def seat_minutes(self, sector: int) -> float:
        for where in (sector, WHOLE):
            total = added(self.days[where].values())
            if total.seats >= ENOUGH_SEATS:
                return total.minutes / total.seats
        return SEAT_MINUTES


def added(figures: Iterable[Figures]) -> Figures:
    total: Counter[str] = Counter()
    for each in figures:
        for name in Figures.__slots__:
            total[name] += getattr(each, name)
    return Figures(**total)


# --- who --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Person:
    pk: int
    name: str
    since: datetime | None  # None: takes no part
    during: tuple[Any, ...]
    communes: frozenset[str]
    cpts: frozenset[int]


def _people(sas: Sas, sought: Sought, at: datetime, division: str) -> list[_Person]:
    """Of the profession, with an active place in the territory, by name; those who take part and those who do not."""
    same = Professional.objects.filter(profession=sought.profession)
    same = same.filter(specialty__in=(sought.specialty, "")) if sought.specialty else same
    parts = _parts(sas)
    ours = Q(commune__in=SasCommune.objects.filter(sas=sas).values("commune")) | Q(professional__in=list(parts))
    here = Place.objects.filter(ours, professional__in=same, is_active=True)
    communes: dict[int, set[str]] = defaultdict(set)
    for person, commune in here.values_list("professional", "commune"):
        communes[person or 0].add(commune)
    cpts: dict[int, set[int]] = defaultdict(set)
    members = Membership.objects.filter(structure__kind="CPTS", structure__sas=sas, during__contains=at)
    for person, structure in () if division == PDSA else members.values_list("professional", "structure"):
        cpts[person].add(structure)
    rows = same.filter(pk__in=communes).order_by("search_name", "pk").values_list("pk", "family_name", "given_name")
    return [
        _Person(
            pk,
            f"{family.upper()} {given}".strip(),
            next((row.lower for row in parts[pk] if at in row), None),
            tuple(parts[pk]),
            frozenset(communes[pk]),
            frozenset(cpts[pk]),
        )
        for pk, family, given in rows
    ]


def _parts(sas: Sas) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    rows = Participation.objects.filter(sas=sas, professional__isnull=False).order_by("during")
    for person, during in rows.values_list("professional", "during"):
        found[person or 0].append(during)
    return found


# --- together ---------------------------------------------------------------------------------------------------


def _sector(zone: _Zone, *, told: _Told, people: list[_Person], observed: float, hours_each: float) -> Sector:
    days, window = told.days[zone.pk], told.window
    total = added(days.values())
    here = [person for person in people if zone.holds(person)]
    taking_part = [person for person in here if person.since is not None]
    return Sector(
        pk=zone.pk,
        name=zone.name,
        communes=len(zone.communes),
        population=zone.population,
        figures=total,
        halves=tuple(_halves(days)),
        weeks=tuple(_weeks(window, days, here)),
        volunteers=tuple(_volunteer(person, zone.pk, told.givers[zone.pk]) for person in taking_part),
        pool=len(here) - len(taking_part),
        need=need(unmet=total.unmet, weeks=observed, seat_minutes=told.seat_minutes(zone.pk), hours_each=hours_each),
    )


def _halves(days: dict[tuple[date, int], Figures]) -> Iterator[Half]:
    """Monday morning first; those where nothing was asked nor offered are left out."""
    by_half: dict[tuple[int, int], list[Figures]] = defaultdict(list)
    for (day, half), figures in days.items():
        by_half[day.weekday(), half].append(figures)
    for (weekday, half), several in sorted(by_half.items()):
        yield Half(weekday, half, added(several))


def _weeks(window: Window, days: dict[tuple[date, int], Figures], people: list[_Person]) -> Iterator[Week]:
    by_week: dict[date, list[Figures]] = defaultdict(list)
    for (day, _), figures in days.items():
        by_week[day - timedelta(days=day.weekday())].append(figures)
    zone = ZoneInfo(window.sas.zone)
    for monday in window.mondays:
        end = min(window.at, datetime.combine(monday + WEEK, datetime.min.time(), tzinfo=zone))
        registered = sum(1 for person in people if any(end in during for during in person.during))
        yield Week(monday, added(by_week[monday]), registered)


def _volunteer(person: _Person, sector: int, givers: dict[int, Figures]) -> Volunteer:
    gave = givers.get(person.pk, Figures())
    assert person.since is not None  # noqa: S101  (those who take part)
    return Volunteer(
        person.pk, person.name, person.since, gave.hours, gave.seats, gave.taken, is_member=sector in person.cpts
    )
