"""Whom a seat may be given to: stated on a rule, carried by its slots, obeyed by the search (candidates.py, in SQL)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from quinze.availability.models import OpeningRule, Slot, WhoMayCome
from quinze.base import codes

YEAR = 12


class Unfit(StrEnum):
    AGE = "age"
    NEW_PATIENTS = "new_patients"
    NOTICE = "notice"
    SPECIALTY = "specialty"


@dataclass(frozen=True, slots=True)
class Someone:
    """What is known of the person to be seen; an age that nobody told excludes nothing."""

    age_months: int | None = None
    specialty: str = ""  # asked for, TRE_R38; empty: any
    known_to: frozenset[int] = frozenset()  # professionals who have seen the person, and the referring doctor


def is_limited(stated: WhoMayCome) -> bool:
    ages = (stated.min_age_months, stated.max_age_months)
    return ages != (None, None) or not stated.new_patients or bool(stated.notice_minutes or stated.specialties)


def unfit(slot: Slot, someone: Someone, *, at: datetime) -> Unfit | None:
    """The first thing that forbids giving this slot to that person at this instant."""
    if not _of_age(slot, someone.age_months):
        return Unfit.AGE
    if not slot.new_patients and slot.professional_id not in someone.known_to:
        return Unfit.NEW_PATIENTS
    if someone.specialty and slot.specialties is not None and someone.specialty not in slot.specialties:
        return Unfit.SPECIALTY
    return Unfit.NOTICE if too_late(slot, at=at) else None


def _of_age(slot: Slot, age: int | None) -> bool:
    if age is None:
        return True
    low, high = slot.min_age_months, slot.max_age_months
    return (low is None or age >= low) and (high is None or age < high)


def too_late(slot: Slot, *, at: datetime) -> bool:
    """A plage can be joined until its end, always so many minutes ahead."""
    if not slot.notice_minutes:
        return False
    soonest = at + timedelta(minutes=slot.notice_minutes)
    return slot.ends_at <= soonest if slot.kind == OpeningRule.Kind.PLAGE else slot.starts_at < soonest


def words(stated: WhoMayCome) -> list[str]:
    """« à partir de 3 mois », « moins de 16 ans », « déjà vus seulement », « prévenir 2 h avant »… in that order."""
    names = [codes.label("specialties", code) for code in stated.specialties or ()]
    parts = [
        _ages(stated.min_age_months, stated.max_age_months),
        "" if stated.new_patients else "patients déjà vus seulement",
        f"prévenir {_hours(stated.notice_minutes)} avant" if stated.notice_minutes else "",
        f"demandes de {', '.join(names).lower()}" if names else "",
        f"pour : {stated.reasons}" if stated.reasons else "",
    ]
    return [part for part in parts if part]


def age_words(months: int) -> str:
    if months % YEAR or not months:
        return f"{months} mois"
    return f"{months // YEAR} an{'s' if months > YEAR else ''}"


def _ages(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f"de {age_words(low)} à moins de {age_words(high)}"
    if low is not None:
        return f"à partir de {age_words(low)}"
    return f"moins de {age_words(high)}" if high is not None else ""


def _hours(minutes: int) -> str:
    whole, rest = divmod(minutes, 60)
    return f"{whole} h {rest:02d}" if rest and whole else f"{whole} h" if whole else f"{rest} min"
