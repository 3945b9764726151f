"""SAMU of the national survey: all those of a year, and those of a SAS's departments."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from quinze.accounts.models import Sas
from quinze.science.national import NUMBERS, Samu, anomalies
from quinze.staffing.models import NationalSamu


@dataclass(frozen=True, slots=True)
class Known:
    """A SAMU of a year with the workload that explains its figures (None: nothing does)."""

    samu: Samu
    handling_s: float | None
    patience_s: float | None

    @property
    def doubts(self) -> tuple[str, ...]:
        return anomalies(self.samu)


@dataclass(frozen=True, slots=True)
class Year:
    year: int
    loaded_at: datetime
    all: tuple[Known, ...]

    def of_departements(self, codes: frozenset[str]) -> tuple[Known, ...]:
        return tuple(one for one in self.all if one.samu.departement in codes)


def latest_year(*, before: int = 10_000) -> Year | None:
    """The last year loaded, strictly before `before`: two questions."""
    newest = NationalSamu.objects.filter(year__lt=before).aggregate(last=Max("year"))["last"]
    return None if newest is None else _year(newest)


def _year(year: int) -> Year:
    rows = list(NationalSamu.objects.filter(year=year).order_by("finess"))
    return Year(year, rows[0].loaded_at, tuple(_known(row) for row in rows))


def _known(row: NationalSamu) -> Known:
    samu = Samu(row.year, row.finess, row.name, **{name: getattr(row, name) for name in NUMBERS})
    return Known(samu, row.effective_handling_s, row.effective_patience_s)


def departements(sas: Sas) -> frozenset[str]:
    """From the code of the SAS: 86; 21-58 → 21 and 58; 64A → 64; 2A; 974."""
    return frozenset(code for part in sas.code.split("-") if (code := departement(part)))


def departement(code: str) -> str:
    found = re.fullmatch(r"(2[AB]|97\d|\d{2})[A-Z]?", code.strip().upper())
    return found[1] if found else ""
