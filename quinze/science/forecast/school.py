"""School holidays that somebody brings: for Corsica and overseas, whose académies set their own, or to correct ours.

Three forms are read: `debut;rentree;nom`, the ministry's own export (`start_date;end_date;…;zones`, of which the lines
of the zone asked are kept, pupils' only), and iCalendar (whole days; the end of an event is the day school begins
again).
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from quinze.science.forecast.errors import Unusable

MOST_BYTES, MOST_PERIODS = 1_000_000, 2_000
LONGEST = timedelta(days=120)
PARIS = ZoneInfo("Europe/Paris")
ZONES = {
    "2A": "Corse", "2B": "Corse", "971": "Guadeloupe", "972": "Martinique", "973": "Guyane", "974": "Réunion",
    "975": "Saint Pierre et Miquelon", "976": "Mayotte", "987": "Polynésie", "988": "Nouvelle Calédonie",
}  # fmt: skip
ACCEPTED = "Accepté : un CSV debut;rentree;nom, l’export du calendrier scolaire du ministère, ou un fichier iCalendar."
Given = tuple[date, date, str]


def read_school_calendar(content: bytes, *, departement: str = "") -> tuple[Given, ...]:
    """(first day, day school begins again, name), in order, those that overlap joined. Raises Unusable with the line
    and the value that is wrong.
    """
    if len(content) > MOST_BYTES:
        raise Unusable(f"Calendrier de plus de {MOST_BYTES // 10**6} Mo. {ACCEPTED}")
    text = _text(content)
    found = _ical(content) if text.lstrip().startswith("BEGIN:VCALENDAR") else _csv(text, departement)
    periods = sorted(found)
    if not periods:
        raise Unusable(f"Aucune période de vacances dans ce fichier. {ACCEPTED}")
    if len(periods) > MOST_PERIODS:
        raise Unusable(f"{len(periods)} périodes. Accepté : {MOST_PERIODS} au plus.")
    return _joined(periods)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unusable(f"Ce fichier n’est pas du texte UTF-8. {ACCEPTED}") from None


def _csv(text: str, departement: str) -> list[Given]:
    heads = next(iter(text.splitlines()), "").lower()
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in heads else ",")
    names = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
    try:
        if {"debut", "rentree"} <= names.keys():
            return [_own(number, row, names) for number, row in enumerate(rows, 2)]
        if {"start_date", "end_date"} <= names.keys():
            return list(_official(rows, names, ZONES.get(departement, "")))
    except csv.Error as wrong:
        raise Unusable(f"Ce CSV ne se lit pas : {wrong}. {ACCEPTED}") from wrong
    raise Unusable(f"Titres inconnus : « {heads[:80]} ». {ACCEPTED}")


def _own(number: int, row: Mapping[str, str | None], names: Mapping[str, str]) -> Given:
    first, after = (_day(number, row[names[name]]) for name in ("debut", "rentree"))
    return _checked(f"Ligne {number}", first, after, row.get(names.get("nom", "nom")) or "Vacances")


def _official(rows: Iterable[Mapping[str, str | None]], names: Mapping[str, str], zone: str) -> Iterable[Given]:
    """Its instants are midnights of Paris, even for overseas. Lines of teachers, of a single day, or of another zone
    are not ours.
    """
    for number, row in enumerate(rows, 2):
        where = row.get(names.get("zones", "")) or ""
        teachers = "enseignants" in (row.get(names.get("population", "")) or "").lower()
        if teachers or (zone and where and where != zone):
            continue
        first, after = (_day(number, row[names[name]]) for name in ("start_date", "end_date"))
        if first < after:
            yield _checked(f"Ligne {number}", first, after, row.get(names.get("description", "")) or "Vacances")


_FRENCH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def _day(number: int, typed: str | None) -> date:
    text = (typed or "").strip()
    try:
        if match := _FRENCH.fullmatch(text):
            day, month, year = map(int, match.groups())
            return date(year, month, day)
        if len(text) == len("2026-12-19"):
            return date.fromisoformat(text)
        found = datetime.fromisoformat(text)
        return (found.astimezone(PARIS) if found.tzinfo else found).date()
    except (ValueError, OverflowError):
        raise Unusable(f"Ligne {number} : « {text[:30]} » n’est pas une date. Accepté : 2026-12-19.") from None


def _ical(content: bytes) -> list[Given]:
    from icalendar import Calendar  # noqa: PLC0415  (only for who brings one)

    try:
        events = Calendar.from_ical(content).walk("VEVENT")
        return [_event(number, event) for number, event in enumerate(events, 1)]
    except Unusable:
        raise
    except Exception as wrong:  # the parser raises what it meets: ValueError, KeyError, IndexError…
        raise Unusable(f"Ce fichier iCalendar ne se lit pas. {ACCEPTED}") from wrong


def _event(number: int, event: Mapping[str, object]) -> Given:
    edges = [getattr(event.get(name), "dt", None) for name in ("DTSTART", "DTEND")]
    days = [edge.date() if isinstance(edge, datetime) else edge for edge in edges]
    if not isinstance(days[0], date) or not isinstance(days[1], date):
        raise Unusable(f"Événement {number} : sans début ou sans fin. Accepté : DTSTART et DTEND.")
    return _checked(f"Événement {number}", days[0], days[1], str(event.get("SUMMARY", "Vacances")))


def _checked(where: str, first: date, after: date, name: str) -> Given:
    if not first < after <= first + LONGEST or not 2000 <= first.year <= 2100:
        said = f"{where} : du {first:%d/%m/%Y} au {after:%d/%m/%Y}."
        raise Unusable(f"{said} Accepté : un début avant la rentrée, {LONGEST.days} jours au plus, de 2000 à 2100.")
    return first, after, name.strip()[:60]


def _joined(periods: Iterable[Given]) -> tuple[Given, ...]:
    found: list[Given] = []
    for first, after, name in periods:
        if found and first <= found[-1][1]:
            before = found[-1]
            found[-1] = (before[0], max(before[1], after), before[2])
        else:
            found.append((first, after, name))
    return tuple(found)
