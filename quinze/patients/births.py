"""A birth date or an age, as people say them on the telephone."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from quinze.base.codes import fold
from quinze.base.errors import Refusal

OLDEST_YEARS = 125
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_MONTH_NUMBERS = {fold(name)[:size]: number for number, name in enumerate(MONTHS, 1) for size in (3, 4, 5, 9)}
_AMBIGUOUS = ("jui", "juil")
NUMERIC = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})")
COMPACT = re.compile(r"(\d{2})(\d{2})(\d{4})")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
WRITTEN = re.compile(r"(\d{1,2})(?:er)? ([a-z]{3,9})\.? (\d{4})")
AGE = re.compile(r"(\d{1,4}) ?(ans?|a|mois|m|semaines?|sem|s|jours?|j)(?: et (demi)| (\d{1,2}) ?(?:mois|m))?")
PLAIN = str.maketrans("éèûôàâ", "eeuoaa")
HELP = "Écrivez une date (« 12/03/2019 ») ou un âge (« 4 ans », « 8 mois »)."


@dataclass(frozen=True, slots=True)
class Birth:
    day: date | None = None
    age_months: int | None = None


def parse(text: str, *, on: date, field: str | None = "birth") -> Birth:
    """The date or the declared age. Raises a Refusal that says what is wrong."""
    said = re.sub(r"\s+", " ", text.lower().translate(PLAIN)).strip()
    if not said:
        return Birth()
    if match := ISO.fullmatch(said):
        return _dated(int(match[3]), int(match[2]), int(match[1]), on=on, field=field)
    if match := NUMERIC.fullmatch(said) or COMPACT.fullmatch(said):
        return _dated(int(match[1]), int(match[2]), _full_year(match[3], on), on=on, field=field)
    if (match := WRITTEN.fullmatch(said)) and (month := _month(match[2])):
        return _dated(int(match[1]), month, int(match[3]), on=on, field=field)
    if (match := AGE.fullmatch(said)) or (match := AGE.fullmatch(f"{said} ans")):
        return _aged(match, field=field)
    raise Refusal(f"Naissance non comprise. {HELP}", field=field, code="birth")


def _month(name: str) -> int | None:
    if name in _AMBIGUOUS:
        return 7 if name == "juil" else None
    return _MONTH_NUMBERS.get(name)


def _full_year(text: str, on: date) -> int:
    """« 62 » said in 2026 is 1962, « 19 » is 2019: nobody is born in the future."""
    if len(text) == 4:
        return int(text)
    year = on.year // 100 * 100 + int(text)
    return year if year <= on.year else year - 100


def _dated(day: int, month: int, year: int, *, on: date, field: str | None) -> Birth:
    if not 1 <= month <= 12:
        raise Refusal(f"Il n’y a pas de mois {month}. Un âge suffit : « 4 ans ».", field=field, code="birth")
    if not 1 <= year <= 9999 or not 1 <= day <= monthrange(year, month)[1]:
        raise Refusal(f"{_spoken(day, month)} n’existe pas{_leap(day, month, year)}. Un âge suffit : « 4 ans ».",
                      field=field, code="birth")  # fmt: skip
    birth = date(year, month, day)
    if birth > on:
        raise Refusal("Cette date est dans l’avenir : vérifiez l’année.", field=field, code="birth")
    if year < on.year - OLDEST_YEARS:
        raise Refusal(f"Cette date donne plus de {OLDEST_YEARS} ans : vérifiez l’année.", field=field, code="birth")
    return Birth(day=birth)


def _spoken(day: int, month: int) -> str:
    return f"Le {'1er' if day == 1 else day} {MONTHS[month - 1]}"


def _leap(day: int, month: int, year: int) -> str:
    return f" en {year}" if (day, month) == (29, 2) else ""


def _aged(match: re.Match[str], *, field: str | None) -> Birth:
    months = _months(int(match[1]), match[2]) + (6 if match[3] and match[2][0] == "a" else 0) + int(match[4] or 0)
    if months > OLDEST_YEARS * 12:
        raise Refusal(f"Un âge va jusqu’à {OLDEST_YEARS} ans : vérifiez le nombre.", field=field, code="birth")
    return Birth(age_months=months)


def _months(count: int, unit: str) -> int:
    if unit[0] == "a":
        return count * 12
    if unit[0] == "m":
        return count
    return count * 7 // 30 if unit[0] == "s" else count // 30


def months_at(*, birth_date: date | None, age_months: int | None, age_declared_on: date | None, on: date) -> int | None:
    """The age in whole months that day; a declared age grows with time."""
    start = birth_date or age_declared_on
    if start is None or (birth_date is None and age_months is None):
        return None
    elapsed = (on.year - start.year) * 12 + on.month - start.month - (on.day < start.day)
    return max(elapsed, 0) + (0 if birth_date else age_months or 0)


def words(months: int) -> str:
    """Months under two years, then years: what a doctor doses by."""
    if months < 24:
        return "moins d’un mois" if months == 0 else f"{months}\u00a0mois"
    return f"{months // 12}\u00a0ans"


def show(*, birth_date: date | None, age_months: int | None) -> str:
    """What the form shows: the date, or the age as it was declared; it reads back to the same value."""
    if birth_date:
        return f"{birth_date:%d/%m/%Y}"
    if age_months is None:
        return ""
    if age_months >= 24 and age_months % 12 == 0:
        return f"{age_months // 12} ans"
    return f"{age_months // 12} ans {age_months % 12} mois" if age_months >= 24 else f"{age_months} mois"
