"""Rules of working time to choose from, as data: each with its text, so that a SAS knows what it picks. No database."""

from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Protocol

from quinze.base.errors import Refusal
from quinze.science.rosters import LABOUR_CODE, Rules, Unusable


@dataclass(frozen=True, slots=True)
class Figures:
    """Hours, but for the last three."""

    daily_rest: int
    weekly_rest: int
    longest_stretch: int
    weekly_hours: int
    nights_in_a_row: int
    weekends_in_four: int
    on_site_percent: int


NAMES = tuple(field.name for field in fields(Figures))


@dataclass(frozen=True, slots=True)
class Preset:
    key: str
    label: str
    source: str
    since: date
    figures: Figures


# The last three figures are no law: nights and week-ends are ours, 20 % on site is asked by the mission SAS (P53).
PRESETS = (
    Preset(
        "code_du_travail", "Code du travail",
        "L3131-1 (11 h de repos), L3132-2 (35 h d’affilée par semaine), L3121-20 (48 h par semaine)",
        date(2017, 1, 1), Figures(11, 35, 12, 48, 4, 2, 20),
    ),
    Preset(
        "hopital_public", "Fonction publique hospitalière",
        "Décret 2002-9 du 4 janvier 2002, art. 6, 7 (12 h de repos, 36 h d’affilée, 48 h par semaine, 12 h par garde)",
        date(2002, 1, 5), Figures(12, 36, 12, 48, 4, 2, 20),
    ),
    Preset("local", "Règles du SAS", "Accord local : chaque chiffre est le vôtre", date(2002, 1, 5),
           Figures(11, 35, 12, 48, 4, 2, 20)),
)  # fmt: skip
PRESET = {each.key: each for each in PRESETS}


class Written(Protocol):
    daily_rest: int
    weekly_rest: int
    longest_stretch: int
    weekly_hours: int
    nights_in_a_row: int
    weekends_in_four: int
    on_site_percent: int


def rules_of(row: Written | None) -> Rules:
    """None: the Code du travail. Raises Refusal for what science refuses."""
    if row is None:
        return LABOUR_CODE
    try:
        return Rules(
            daily_rest=timedelta(hours=row.daily_rest),
            weekly_rest=timedelta(hours=row.weekly_rest),
            longest_stretch=timedelta(hours=row.longest_stretch),
            weekly_hours=timedelta(hours=row.weekly_hours),
            nights_in_a_row=row.nights_in_a_row,
            weekends_in_four=row.weekends_in_four,
            on_site_share=row.on_site_percent / 100,
        )
    except Unusable as wrong:
        raise Refusal(str(wrong), code="rules") from wrong
