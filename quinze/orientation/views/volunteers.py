"""Who volunteers in each territory of the SAS, and how many more it would take; a CPTS reads its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET

from quinze.accounts.access import actor_of, requires, requires_any
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base import clock, codes
from quinze.base.errors import NotFound
from quinze.base.spreadsheet import Cell, Table, download
from quinze.directory.queries.membership import managed
from quinze.orientation.queries.volunteers import (
    CPTS,
    GENERAL_PRACTICE,
    PDSA,
    WEEKS,
    Figures,
    Sector,
    Sought,
    Volunteers,
    has_pdsa_sectors,
    professions_offered,
    sector_of,
    volunteers,
)

PERIODS = (4, 12, 26)
KINDS = ("csv", "xlsx")
GP = "mg"
DIVISIONS = ((CPTS, "CPTS"), (PDSA, "Secteur de PDSA"))
reader = requires_any(Capability.READ_INDICATORS, Capability.RECRUIT)
manager = requires(Capability.MANAGE_STRUCTURE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says; anything else than a known value is the default."""

    weeks: int
    profession: str
    professions: tuple[tuple[str, str], ...]
    division: str
    divisions: tuple[tuple[str, str], ...]  # one alone is no choice

    @classmethod
    def read(cls, query: QueryDict, by: Actor, at: datetime) -> "Asked":
        offered = professions_offered(by.sas, at=at)
        choices = ((GP, "Médecins généralistes"), *((code, codes.label("professions", code)) for code in offered))
        weeks, wanted = query.get("semaines", ""), query.get("profession", "")
        divisions = DIVISIONS if has_pdsa_sectors(by.sas) else DIVISIONS[:1]
        return cls(
            weeks=next((period for period in PERIODS if weeks == str(period)), WEEKS),
            profession=wanted if wanted in offered else GP,
            professions=choices,
            division=next((key for key, _ in divisions if key == query.get("decoupage")), CPTS),
            divisions=divisions,
        )

    @property
    def sought(self) -> Sought:
        return GENERAL_PRACTICE if self.profession == GP else Sought(self.profession, "")

    @property
    def address(self) -> str:
        return "?" + urlencode({"semaines": self.weeks, "profession": self.profession, "decoupage": self.division})


def _found(by: Actor, at: datetime, wanted: Asked) -> Volunteers:
    return volunteers(sas=by.sas, at=at, weeks=wanted.weeks, sought=wanted.sought, division=wanted.division)


@dataclass(frozen=True, slots=True)
class Read:
    by: Actor
    at: datetime
    wanted: Asked
    found: Volunteers

    @classmethod
    def of(cls, request: HttpRequest, *, of_cpts: bool = False) -> "Read":
        by, at = actor_of(request), clock.now()
        wanted = Asked.read(request.GET, by, at)
        if of_cpts:
            wanted = replace(wanted, division=CPTS, divisions=DIVISIONS[:1])
        return cls(by, at, wanted, _found(by, at, wanted))

    @property
    def context(self) -> dict[str, Any]:
        return {
            "found": self.found,
            "wanted": self.wanted,
            "periods": PERIODS,
            "may_recruit": self.by.may(Capability.RECRUIT),
        }

    def name(self, what: str) -> str:
        return f"{what}-sas-{self.by.sas.code}-{self.found.window.first:%Y%m%d}-{self.at:%Y%m%d}"

    def one(self, pk: int) -> Sector:
        sector = sector_of(self.found, pk)
        if sector is None:
            raise NotFound("Ce territoire n’est pas l’un de ceux du SAS.")
        return sector


@reader
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    read = Read.of(request)
    return render(request, "orientation/volunteers.html", read.context)


@reader
@require_GET
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """Territories first; the workbook holds everybody and every half-day too."""
    _check(kind)
    read = Read.of(request)
    sectors = read.found.sectors
    tables = [_territories([*sectors, read.found.whole]), _people(sectors), _halves(sectors)]
    return download(tables, name=read.name("volontaires"), kind=kind)


@reader
@require_GET
def sector(request: HttpRequest, pk: int) -> HttpResponse:
    read = Read.of(request)
    return _shown(request, read, read.one(pk))


@reader
@require_GET
def sector_export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    _check(kind)
    read = Read.of(request)
    return _sent(read, read.one(pk), kind)


@manager
@require_GET
def cpts(request: HttpRequest, pk: int) -> HttpResponse:
    """The names of its members; the others who take part in its zone are counted."""
    read, own = _own(request, pk)
    return _shown(request, read, own, structure_pk=pk)


@manager
@require_GET
def cpts_export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    _check(kind)
    return _sent(*_own(request, pk), kind)


def _own(request: HttpRequest, pk: int) -> tuple[Read, Sector]:
    structure = managed(actor_of(request), pk, at=clock.now())
    read = Read.of(request, of_cpts=True)
    if structure.kind != "CPTS" or sector_of(read.found, pk) is None:
        raise NotFound("Cette structure n’a pas de territoire à elle : seule une CPTS dont la zone est connue en a un.")
    found = read.one(pk)
    return read, replace(found, volunteers=tuple(one for one in found.volunteers if one.is_member))


def _shown(request: HttpRequest, read: Read, found: Sector, *, structure_pk: int = 0) -> HttpResponse:
    whole = sector_of(read.found, found.pk) or found
    context = {
        **read.context,
        "sector": found,
        "registered": len(whole.volunteers),
        "unnamed": len(whole.volunteers) - len(found.volunteers),
        "offering": whole.offering,
        "structure_pk": structure_pk,
    }
    return render(request, "orientation/volunteers_sector.html", context)


def _sent(read: Read, found: Sector, kind: str) -> HttpResponse:
    tables = [_people([found]), _halves([found]), _territories([found])]
    return download(tables, name=read.name(f"volontaires-{found.pk}"), kind=kind)


def _check(kind: str) -> None:
    if kind not in KINDS:
        raise NotFound("La liste s’exporte en CSV ou en XLSX.")


# --- tables that leave ------------------------------------------------------------------------------------------

FIGURES = ("Demandes", "Avec rendez-vous", "Dont en plus", "Trouvées plus loin", "Personne trouvé")
OFFERED = ("Heures montrées au SAS", "Places montrées", "Places prises")


def _figures(of: Figures) -> tuple[Cell, ...]:
    return of.asked, of.given, of.extra, of.far, of.nobody, of.hours, of.seats, of.taken


def _territories(sectors: Sequence[Sector]) -> Table:
    heads = [
        "Territoire", "Communes", "Habitants", *FIGURES, *OFFERED, "Inscrits", "Ouvrent des heures",
        "Pas encore inscrits", "Places à ajouter par semaine", "Heures à ajouter par semaine",
        "Volontaires à ajouter", "Au moins", "Au plus",
    ]  # fmt: skip
    rows = [
        (
            one.name, one.communes, one.population, *_figures(one.figures), len(one.volunteers), one.offering, one.pool,
            one.need.seats.seen, one.need.hours, one.need.volunteers.seen, one.need.volunteers.low,
            one.need.volunteers.high,
        )
        for one in sectors
    ]  # fmt: skip
    return Table("Territoires", heads, rows)


def _people(sectors: Sequence[Sector]) -> Table:
    heads = ["Territoire", "Professionnel", "Inscrit depuis", "Membre de la CPTS", *OFFERED]
    rows = [
        (
            one.name, person.name, f"{localtime(person.since):%d/%m/%Y}", "oui" if person.is_member else "non",
            person.hours, person.seats, person.taken,
        )
        for one in sectors
        for person in one.volunteers
    ]  # fmt: skip
    return Table("Volontaires", heads, rows)


def _halves(sectors: Sequence[Sector]) -> Table:
    rows = [(one.name, half.words, *_figures(half.figures)) for one in sectors for half in one.halves]
    return Table("Demi-journées", ["Territoire", "Demi-journée", *FIGURES, *OFFERED], rows)
