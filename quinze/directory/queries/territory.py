"""The territory of one SAS, as its page shows it."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum

from quinze.accounts.models import Sas
from quinze.directory.models import (
    Departement,
    EntryNumber,
    LineClosure,
    Neighbour,
    OpeningLine,
    SasCommune,
    SasParameter,
)
from quinze.directory.parameters import DECLARED, Parameter
from quinze.directory.queries.calendar import calendar

ARRONDISSEMENTS = (
    Q(commune__insee__startswith="751") | Q(commune__insee__startswith="6938") | Q(commune__insee__startswith="132")
)


@dataclass(frozen=True, slots=True)
class Coverage:
    departement: Departement
    communes: int
    population: int


@dataclass(frozen=True, slots=True)
class PdsaSector:
    name: str
    communes: int
    population: int


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    is_open: bool
    next_opening: datetime | None
    closing: datetime | None
    hours: list[OpeningLine]


@dataclass(frozen=True, slots=True)
class Choice:
    """A declared parameter, what the SAS chose, since when, by whom."""

    parameter: Parameter
    value: object
    chosen: SasParameter | None


@dataclass(frozen=True, slots=True)
class Territory:
    coverage: list[Coverage]
    lines: list[Line]
    closures: QuerySet[LineClosure]
    entry_numbers: QuerySet[EntryNumber]
    neighbours: QuerySet[Neighbour]
    choices: list[Choice]


def territory(sas: Sas, at: datetime) -> Territory:
    today = at.astimezone(ZoneInfo(sas.zone)).date()
    return Territory(
        coverage=_coverage(sas),
        lines=_lines(sas, at, today),
        closures=LineClosure.objects.filter(sas=sas, day__gte=today).order_by("day", "line"),
        entry_numbers=EntryNumber.objects.filter(sas=sas).order_by("kind", "number"),
        neighbours=Neighbour.objects.filter(sas=sas).select_related("neighbour").order_by("neighbour__code"),
        choices=choices(sas, at),
    )


def choices(sas: Sas, at: datetime) -> list[Choice]:
    rows = SasParameter.objects.filter(sas=sas, during__contains=at).select_related("set_by")
    chosen = {row.name: row for row in rows}
    return [
        Choice(
            declared,
            chosen[declared.name].value if declared.name in chosen else declared.default,
            chosen.get(declared.name),
        )
        for declared in DECLARED
    ]


def pdsa_sectors(sas: Sas) -> list[PdsaSector]:
    """By name, as the SAS gave them. Paris, Lyon and Marseille count their people once. One read."""
    rows = SasCommune.objects.filter(sas=sas).exclude(pdsa_sector="").values_list("pdsa_sector").order_by("pdsa_sector")
    people = Sum("commune__population", filter=~ARRONDISSEMENTS, default=0)
    return [PdsaSector(*row) for row in rows.annotate(communes=Count("pk"), people=people)]


def _coverage(sas: Sas) -> list[Coverage]:
    """Paris, Lyon and Marseille are counted once, not once more by arrondissement."""
    rows = SasCommune.objects.filter(sas=sas).exclude(ARRONDISSEMENTS).values("commune__departement").order_by()
    counted = {
        row["commune__departement"]: (row["communes"], row["people"] or 0)
        for row in rows.annotate(communes=Count("pk"), people=Sum("commune__population"))
    }
    return [Coverage(row, *counted[row.code]) for row in Departement.objects.filter(code__in=counted).order_by("code")]


def _lines(sas: Sas, at: datetime, today: date) -> list[Line]:
    opening = calendar(sas, at)
    current = OpeningLine.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=today), sas=sas)
    hours = list(current.order_by("line", "weekday", "starts"))
    return [
        Line(
            name,
            opening.is_open(name, at),
            opening.next_opening(name, at),
            opening.closing(name, at),
            [row for row in hours if row.line == name],
        )
        for name in ("AMU", "SNP", "PDSA")
    ]


def other_sas(sas: Sas) -> QuerySet[Sas]:
    return Sas.objects.exclude(pk=sas.pk).order_by("code")
