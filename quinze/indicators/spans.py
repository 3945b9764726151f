"""Whole local weeks or months of a SAS, the one in progress included."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from quinze.accounts.models import Sas
from quinze.base.periods import local_instant

WEEK, MONTH = "semaine", "mois"
CHOICES = ((WEEK, 4), (WEEK, 12), (WEEK, 26), (MONTH, 3), (MONTH, 6), (MONTH, 12))
USUAL = (WEEK, 12)
SQL_UNIT = {WEEK: "week", MONTH: "month"}
NAMES = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


@dataclass(frozen=True, slots=True)
class Span:
    """`count` periods of one unit; the last one is read up to `at` only."""

    sas: Sas
    unit: str
    count: int
    at: datetime

    @property
    def starts(self) -> tuple[date, ...]:
        """First day of each period, oldest first."""
        today = self.at.astimezone(ZoneInfo(self.sas.zone)).date()
        if self.unit == MONTH:
            return tuple(_month(today, -back) for back in reversed(range(self.count)))
        monday = today - timedelta(days=today.weekday())
        return tuple(monday - timedelta(weeks=back) for back in reversed(range(self.count)))

    @property
    def since(self) -> datetime:
        return local_instant(self.starts[0], time.min, self.sas.zone)

    @property
    def asked(self) -> str:
        return f"{self.unit}-{self.count}"

    @property
    def sql_unit(self) -> str:
        return SQL_UNIT[self.unit]

    def label(self, start: date) -> str:
        if self.unit == MONTH:
            return f"{NAMES[start.month - 1]} {start.year}"
        return f"semaine du {start:%d/%m/%Y}"


def _month(day: date, shift: int) -> date:
    months = day.year * 12 + day.month - 1 + shift
    return date(months // 12, months % 12 + 1, 1)


def span(*, sas: Sas, at: datetime, asked: str = "") -> Span:
    """What an address asks (« semaine-12 »); anything else than a known choice is the usual one."""
    unit, count = next((choice for choice in CHOICES if asked == f"{choice[0]}-{choice[1]}"), USUAL)
    return Span(sas, unit, count, at)


def choices() -> list[tuple[str, str]]:
    """(value of the address, words)."""
    return [(f"{unit}-{count}", f"{count} {unit}{'s' if unit == WEEK else ''}, par {unit}") for unit, count in CHOICES]
