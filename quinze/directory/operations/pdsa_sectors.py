"""The sectors of the PDSA of a SAS, as its administrator gives them: a list of (sector, INSEE code of a commune)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.base.errors import Refusal
from quinze.directory.models import Commune, SasCommune
from quinze.directory.operations.journal import record

LONGEST_SECTOR = 80
SHOWN = 5  # faults said at once


@dataclass(frozen=True, slots=True)
class Given:
    sectors: int
    communes: int
    without: int  # covered by the SAS, of no sector of the list


def set_pdsa_sectors(cells: Sequence[Sequence[str]], *, by: Actor, at: datetime) -> Given:
    """The list replaces the one before, whole, or nothing changes. `cells`: rows of text; a first row whose second cell
    has no figure is the titles. A commune that the SAS does not cover, or is of two sectors, is refused with its line.
    """
    rows = cells[1:] if cells and not any(map(str.isdigit, "".join(cells[0][1:2]))) else cells
    if not rows:
        raise Refusal("Cette liste est vide : une ligne par commune, secteur puis code INSEE.", field="file")
    first = 1 + len(cells) - len(rows)
    with transaction.atomic():
        Sas.objects.select_for_update(no_key=True).get(pk=by.sas.pk)
        covered = dict(SasCommune.objects.filter(sas=by.sas).values_list("commune", "pk"))
        sectors, faults = _read(rows, covered, first)
        if faults:
            raise Refusal(_said(faults), field="file", code="lines")
        return _write(sectors, covered, by=by, at=at)


def _read(rows: Sequence[Sequence[str]], covered: dict[str, int], first: int) -> tuple[dict[str, set[str]], list[str]]:
    found: dict[str, str] = {}
    faults = []
    known = set(Commune.objects.filter(pk__in={_insee(row) for row in rows}).values_list("pk", flat=True))
    for number, row in enumerate(rows, first):
        sector, insee = (row[0] if row else "").strip(), _insee(row)
        fault = _fault(sector, insee, covered, known, found.get(insee))
        if fault:
            faults.append(f"ligne {number} : {fault}")
        else:
            found[insee] = sector
    sectors: dict[str, set[str]] = defaultdict(set)
    for insee, sector in found.items():
        sectors[sector].add(insee)
    return sectors, faults


def _insee(row: Sequence[str]) -> str:
    """A spreadsheet eats the zero in front of 01004."""
    typed = row[1].strip().upper() if len(row) > 1 else ""
    return typed.zfill(5) if typed.isascii() and typed.isdecimal() else "".join(filter(str.isalnum, typed))[:10]


def _fault(sector: str, insee: str, covered: dict[str, int], known: set[str], before: str | None) -> str:
    if not sector or not insee:
        return "il faut deux colonnes, le secteur et le code INSEE"
    if len(sector) > LONGEST_SECTOR:
        return f"un nom de secteur a {LONGEST_SECTOR} caractères au plus"
    if insee not in known:
        return f"aucune commune n’a le code INSEE « {insee} »"
    if insee not in covered:
        return f"le SAS ne couvre pas la commune {insee}"
    if before is not None and before != sector:
        return f"la commune {insee} est déjà dans « {before} »"
    return ""


def _said(faults: list[str]) -> str:
    more = len(faults) - SHOWN
    rest = f" Et {more} autre{'s' if more > 1 else ''}." if more > 0 else ""
    return f"Rien n’est changé : {' ; '.join(faults[:SHOWN])}.{rest}"


def _write(sectors: dict[str, set[str]], covered: dict[str, int], *, by: Actor, at: datetime) -> Given:
    rows = SasCommune.objects.filter(sas=by.sas)
    rows.exclude(pdsa_sector="").update(pdsa_sector="")
    for name, communes in _in_order(sectors):
        rows.filter(commune__in=communes).update(pdsa_sector=name)
    placed = sum(len(communes) for communes in sectors.values())
    given = Given(len(sectors), placed, len(covered) - placed)
    record("Secteurs de PDSA fixés", by.sas, by=by, at=at, secteurs=given.sectors, communes=given.communes)
    return given


def _in_order(sectors: dict[str, set[str]]) -> Iterator[tuple[str, list[str]]]:
    for name in sorted(sectors):
        yield name, sorted(sectors[name])
