"""How numbers, instants and persons are written for a French reader. Pure: the reference instant is an argument."""

import re
from datetime import date, datetime, timedelta

DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
DAYS_LONG = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
MONTHS_LONG = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip

NBSP = "\u00a0"


def phone(number: str) -> str:
    """Pairs of digits for a French number, kept as received for any other."""
    digits = re.sub(r"[^\d+]", "", number)
    match = re.fullmatch(r"(?:\+33|0033|0)([1-9])(\d{8})", digits)
    if not match:
        return number
    pairs = re.findall("..", match[2])
    return NBSP.join([f"0{match[1]}", *pairs])


def clock(at: datetime, *, seconds: bool = False) -> str:
    return f"{at:%H:%M:%S}" if seconds else f"{at:%H:%M}"


def day(on: date) -> str:
    return f"{DAYS[on.weekday()]} {_ordinal(on.day)} {MONTHS[on.month - 1]}"


def day_long(on: date) -> str:
    return f"{DAYS_LONG[on.weekday()]} {_ordinal(on.day)} {MONTHS_LONG[on.month - 1]}"


def _ordinal(number: int) -> str:
    return "1er" if number == 1 else str(number)


def distance(kilometres: float) -> str:
    """Under a kilometre in tens of metres; above, one decimal with a comma."""
    if kilometres < 0.995:
        return f"{round(kilometres * 100) * 10}{NBSP}m"
    return f"{kilometres:.1f}{NBSP}km".replace(".", ",")


def years(count: int) -> str:
    return f"{count}{NBSP}{'an' if count < 2 else 'ans'}"


def age(birth: date, *, on: date) -> str:
    """Days, then months under two years, then years: what a doctor doses by."""
    months = (on.year - birth.year) * 12 + on.month - birth.month - (on.day < birth.day)
    if months < 1:
        days = max((on - birth).days, 0)
        return f"{days}{NBSP}{'jour' if days < 2 else 'jours'}"
    if months < 24:
        return f"{months}{NBSP}mois"
    return years(months // 12)


def case_number(national: str) -> str:
    """DRFR15 86 0 26 321 00412 is said « 86 26 321 00412 »: department, year, day of year, rank."""
    match = re.fullmatch(r"DRM?FR15(\w{2,3})\w(\d{2})(\d{3})(\d{5})", national.replace(" ", ""))
    return NBSP.join(match.groups()) if match else national


def elapsed(seconds: float) -> str:
    """3:52, 99:59, then 1 h 40, then 4 j 3 h: short, of steady width."""
    whole = max(int(seconds), 0)
    if whole < 6000:
        return f"{whole // 60}:{whole % 60:02}"
    hours, minutes = whole // 3600, whole % 3600 // 60
    if hours < 100:
        return f"{hours}{NBSP}h" + (f"{NBSP}{minutes:02}" if minutes else "")
    return f"{hours // 24}{NBSP}j" + (f"{NBSP}{hours % 24}{NBSP}h" if hours % 24 else "")


def ago(at: datetime, *, now: datetime) -> str:
    gap = now - at
    if gap < timedelta(minutes=1):
        return "à l’instant"
    if gap < timedelta(hours=1):
        return f"il y a {gap // timedelta(minutes=1)}{NBSP}min"
    if gap < timedelta(hours=24):
        return f"il y a {gap // timedelta(hours=1)}{NBSP}h"
    days = gap // timedelta(days=1)
    return f"il y a {days}{NBSP}{'jour' if days < 2 else 'jours'}"


KEYS = {
    "Shift": "Maj",
    "Enter": "Entrée",
    "Escape": "Échap",
    "ArrowDown": "↓",
    "ArrowUp": "↑",
    "ArrowLeft": "←",
    "ArrowRight": "→",
    "Space": "Espace",
    "Delete": "Suppr",
}


def key(combination: str) -> str:
    """« Shift+F3 » as engraved on a French keyboard: « Maj F3 »."""
    return " ".join(KEYS.get(part, part) for part in combination.split("+"))
