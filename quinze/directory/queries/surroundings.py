"""What a SAS set for itself at one instant, as columns of a statement: parameters, hours of its lines."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from json import loads
from typing import Any

from quinze.accounts.models import Sas
from quinze.directory.opening import HORIZON_DAYS, Calendar, Hours
from quinze.directory.parameters import DECLARED

# Three columns of text, for a statement that asks other things too; `surroundings_told` reads them.
SURROUNDINGS = """
    (SELECT json_object_agg(name, value)::text FROM directory_sasparameter
        WHERE sas_id = %(sas)s AND during @> %(at)s::timestamptz),
    (SELECT json_agg(json_build_array(line, weekday, starts, ends, valid_from, valid_until, on_holidays)
            ORDER BY weekday, starts)::text FROM directory_openingline WHERE sas_id = %(sas)s),
    (SELECT json_agg(json_build_array(line, day, is_open))::text FROM directory_lineclosure
        WHERE sas_id = %(sas)s AND day BETWEEN %(first)s::date AND %(last)s::date)"""
DEFAULTS = {parameter.name: parameter.default for parameter in DECLARED}


@dataclass(frozen=True, slots=True)
class Surroundings:
    calendar: Calendar
    chosen: dict[str, Any]  # every declared parameter

    def radius_km(self, departement: str, default: float) -> float:
        """As `default_radius`: the SAS's choice for that département, else its choice, else the département's own."""
        chosen = self.chosen["search_radius_by_departement"].get(departement) or self.chosen["search_radius_km"]
        return float(chosen or default)


def surroundings_days(at: datetime) -> tuple[date, date]:
    """`first` and `last` of SURROUNDINGS."""
    return at.date() - timedelta(days=2), at.date() + timedelta(days=HORIZON_DAYS + 1)


def surroundings_told(sas: Sas, chosen: str | None, hours: str | None, closures: str | None) -> Surroundings:
    """The same answers as `parameters`, `calendar` and `default_radius`, from what SURROUNDINGS gave."""
    parameters = DEFAULTS | (loads(chosen) if chosen else {})
    calendar = Calendar(
        zone=sas.zone,
        hours=_hours(hours or "[]"),
        exceptions={(line, date.fromisoformat(day)): is_open for line, day, is_open in loads(closures or "[]")},
        bridges_are_pdsa=parameters["bridges_are_pdsa"],
        alsace_moselle=parameters["alsace_moselle"],
    )
    return Surroundings(calendar, parameters)


@lru_cache(maxsize=512)
def _hours(text: str) -> tuple[Hours, ...]:
    """Read once while a SAS keeps the same hours."""
    return tuple(
        Hours(
            line, weekday, time.fromisoformat(starts), time.fromisoformat(ends), date.fromisoformat(since),
            None if until is None else date.fromisoformat(until), on_holidays,
        )
        for line, weekday, starts, ends, since, until, on_holidays in loads(text)
    )  # fmt: skip
