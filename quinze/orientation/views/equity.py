"""How evenly the SAS solicits those who offer it time. For those who read its indicators."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET

from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability
from quinze.base import clock, codes
from quinze.base.spreadsheet import Cell, Table, download
from quinze.orientation.equity_chart import curve_chart, weeks_chart
from quinze.orientation.queries.equity import WEEKS, Equity, Line, Narrowed, equity
from quinze.science.equity import received_by

PERIODS = (4, 12, 26)
SHOWN = 200
FIFTHS = (0.2, 0.4, 0.6, 0.8, 1.0)
LONGEST = 160
Key = Callable[[Line], Any]


def _rate(line: Line) -> float:
    """Without any hour: after everyone, those who were asked all the same last."""
    return line.rate if line.rate is not None else float("inf") if line.solicitations else -1.0


def _last(line: Line) -> float:
    return line.last.timestamp() if line.last else 0.0


COLUMNS: tuple[tuple[str, str, Key], ...] = (
    ("nom", "Professionnel", lambda line: line.person.sorted_as),
    ("heures", "Heures ouvertes", lambda line: line.hours),
    ("places", "Places", lambda line: line.seats),
    ("proposes", "Proposé", lambda line: line.shown),
    ("choisis", "Choisi", lambda line: line.chosen),
    ("hors", "Hors créneau", lambda line: line.outside),
    ("sollicitations", "Sollicitations", lambda line: line.solicitations),
    ("taux", "Par heure ouverte", _rate),
    ("dernier", "Dernière", _last),
)
KEYS = {name: key for name, _, key in COLUMNS}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says; anything else than a known value is the default."""

    weeks: int
    only: Narrowed
    sort: str
    descending: bool

    @classmethod
    def read(cls, query: QueryDict) -> "Asked":
        weeks, sort = query.get("semaines", ""), query.get("tri", "")
        names = {name: query.get(name, "")[:LONGEST].replace("\x00", "") for name in ("cpts", "profession", "commune")}
        return cls(
            weeks=next((period for period in PERIODS if weeks == str(period)), WEEKS),
            only=Narrowed(**names),
            sort=sort if sort in KEYS else "taux",
            descending=query.get("sens", "" if sort in KEYS else "desc") == "desc",
        )

    def address(self, **other: str) -> str:
        kept = {
            "semaines": str(self.weeks),
            "cpts": self.only.cpts,
            "profession": self.only.profession,
            "commune": self.only.commune,
            "tri": self.sort,
            "sens": "desc" if self.descending else "",
        }
        return "?" + urlencode({name: value for name, value in (kept | other).items() if value})

    @property
    def heads(self) -> list[dict[str, Any]]:
        """Each column with the address that sorts by it, the other way round when it already does."""
        return [
            {
                "name": name,
                "label": label,
                "url": self.address(tri=name, sens="desc" if self._turns_down(name) else ""),
                "order": ("descending" if self.descending else "ascending") if name == self.sort else "",
            }
            for name, label, _ in COLUMNS
        ]

    def _turns_down(self, name: str) -> bool:
        return not self.descending if name == self.sort else name != "nom"


@requires(Capability.READ_INDICATORS)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    by, at, wanted = actor_of(request), clock.now(), Asked.read(request.GET)
    found = equity(sas=by.sas, at=at, weeks=wanted.weeks, only=wanted.only)
    lines = _sorted(found.lines, wanted)
    context = {
        "found": found,
        "wanted": wanted,
        "lines": lines[:SHOWN],
        "more": max(0, len(lines) - SHOWN),
        "export": wanted.address(),
        "periods": PERIODS,
        "at": at,
        "weeks_chart": weeks_chart([(week.gini, week.chance) for week in found.weeks]),
        "curve_chart": curve_chart(found.curve) if found.curve else None,
        "fifths": [(round(part * 100), 100 * received_by(found.curve, part)) for part in FIFTHS] if found.curve else [],
        **_choices(found),
    }
    return render(request, "orientation/equity.html", context)


def _sorted(lines: tuple[Line, ...], wanted: Asked) -> list[Line]:
    """Names stay in alphabetical order among equals, whichever way the column goes."""
    return sorted(lines, key=KEYS[wanted.sort], reverse=wanted.descending)


def _choices(found: Equity) -> dict[str, Any]:
    people = found.people
    professions = sorted({(codes.label("professions", one.profession), one.profession) for one in people})
    return {
        "cpts_choices": sorted({name for one in people for name in one.cpts}),
        "commune_choices": sorted({name for one in people for name in one.communes}),
        "profession_choices": professions,
    }


@requires(Capability.READ_INDICATORS)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The whole table, with the reason of those never called, as a French spreadsheet opens it."""
    by, at, wanted = actor_of(request), clock.now(), Asked.read(request.GET)
    found = equity(sas=by.sas, at=at, weeks=wanted.weeks, only=wanted.only)
    causes = {never.line.person.pk: never.cause for never in found.never}
    places = ["Profession", "CPTS", "Communes", "Participation"]
    heads = [COLUMNS[0][1], *places, *(label for _, label, _ in COLUMNS[1:]), "Jamais appelé : pourquoi", "Détail"]
    rows = []
    for line in _sorted(found.lines, wanted):
        cause = causes.get(line.person.pk)
        why = (cause.title, " ; ".join(cause.details)) if cause else ("", "")
        rows.append(_cells(line, *why))
    name = f"equite-sas-{by.sas.code}-{found.window.first:%Y%m%d}-{at:%Y%m%d}"
    return download([Table("Équité", heads, rows)], name=name, kind="csv")


def _cells(line: Line, *cause: str) -> list[Cell]:
    person = line.person
    return [
        person.name,
        codes.label("professions", person.profession),
        ", ".join(person.cpts),
        ", ".join(person.communes),
        person.via or "aucune",
        line.hours,
        line.seats,
        line.shown,
        line.chosen,
        line.outside,
        line.solicitations,
        line.rate,
        f"{localtime(line.last):%d/%m/%Y %H:%M}" if line.last else "",
        *cause,
    ]
