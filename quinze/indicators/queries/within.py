"""Ambulatory appointments within 72 hours of the call (ORI-10): through the SAS, or as people answered afterwards."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from quinze.indicators.spans import Span
from quinze.science.proportions import Share

STATEMENT = (Path(__file__).parent / "within.sql").read_text(encoding="utf-8")
DELAY = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Within:
    """Files whose 72 hours are over, of one period or of several."""

    files: int = 0
    given: int = 0
    """With an appointment through the SAS that began within 72 hours and was not cancelled."""
    seen: int = 0
    called: int = 0
    answered: int = 0
    """Of those called: reached, and who answered the question."""
    saw: int = 0
    """Of those who answered: saw a carer in town within 72 hours."""
    emergency: int = 0

    def __add__(self, other: "Within") -> "Within":
        return Within(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def through_sas(self) -> Share:
        return Share(self.given, self.files)

    @property
    def by_themselves(self) -> Share:
        return Share(self.saw, self.answered)


@dataclass(frozen=True, slots=True)
class Line:
    start: date
    label: str
    asked: Within
    advised: Within


def within_72_hours(span: Span) -> tuple[Line, ...]:
    """Oldest first. One read. Periods are those of the call; a call of less than 72 hours ago is in none."""
    values: dict[str, Any] = {
        "sas": span.sas.pk,
        "zone": span.sas.zone,
        "unit": span.sql_unit,
        "since": span.since,
        "over": span.at - DELAY,
    }
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, values)
        found = {(start, asked): Within(*figures) for start, asked, *figures in cursor.fetchall()}
    return tuple(
        Line(start, span.label(start), found.get((start, True), Within()), found.get((start, False), Within()))
        for start in span.starts
    )
