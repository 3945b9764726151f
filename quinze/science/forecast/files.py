"""Counts of calls from a CSV file, forecasts to a CSV file. A refusal names its line."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from quinze.science.forecast.errors import Unusable
from quinze.science.forecast.model import Forecast

MOST_BYTES = 256 * 2**20
MOST_LINES = 4_000_000
MOST_NAMES = 200
LONGEST_NAME = 80
ALL = ""
COLUMNS = {
    "debut": "start", "date": "start", "horodatage": "start", "start": "start",
    "appels": "calls", "nombre": "calls", "calls": "calls",
    "sas": "sas", "samu": "sas", "departement": "departement",
    "niveau": "level", "level": "level",
}  # fmt: skip
HEADER = ("sas", "debut", "niveau", "appels", "bas_95", "bas_80", "haut_80", "haut_95")
_FRENCH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})[ T](\d{1,2})[:h](\d{2})(?::(\d{2}))?")

Row = tuple[datetime, float]


@dataclass(slots=True)
class Counted:
    """What a file says of one SAS, by level; one level without name where the file has none."""

    departement: str = ""
    levels: dict[str, list[Row]] = field(default_factory=dict)


def read_counts(content: bytes) -> dict[str, Counted]:
    """By SAS; one SAS without name where the file has no such column. Raises Unusable, naming the line."""
    if len(content) > MOST_BYTES:
        raise Unusable(f"Fichier de {len(content) / 2**20:.0f} Mo. Accepté : {MOST_BYTES // 2**20} Mo au plus.")
    reader = _rows(_text(content))
    names = _columns(next(reader, (1, []))[1])
    found: dict[str, Counted] = {}
    for line, cells in reader:
        if line > MOST_LINES:
            raise Unusable(f"Plus de {MOST_LINES} lignes. Accepté : moins, par exemple un fichier par SAS.")
        if any(cells):
            _add(found, line, dict(zip(names, cells, strict=False)))
    if not found:
        raise Unusable("Aucune ligne de données sous les titres.")
    return found


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise Unusable("Ce fichier n’est pas du texte. Accepté : un CSV en UTF-8.")
    return text


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    head = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as broken:
        raise Unusable(
            f"Ligne {reader.line_num} : illisible. Accepté : un CSV séparé par ; , ou tabulation."
        ) from broken


def _columns(head: Iterable[str]) -> list[str]:
    names = [COLUMNS.get(_fold(cell), "") for cell in head]
    twice = {name for name in names if name and names.count(name) > 1}
    missing = {"start": "debut", "calls": "appels"}.items()
    if twice or (lacking := [french for name, french in missing if name not in names]):
        wrong = "une colonne est là deux fois" if twice else f"il manque la colonne {' et '.join(lacking)}"
        raise Unusable(f"Titres : {wrong}. Accepté : debut, appels, et si besoin sas, departement, niveau.")
    return names


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return plain.strip().lower()


def _add(found: dict[str, Counted], line: int, cells: Mapping[str, str]) -> None:
    start, calls = _start(line, cells.get("start", "")), _calls(line, cells.get("calls", ""))
    sas = _name(line, cells.get("sas", ""), found)
    counted = found.setdefault(sas, Counted())
    level = _name(line, cells.get("level", ""), counted.levels)
    departement = cells.get("departement", "")
    if departement and counted.departement not in {"", departement}:
        raise Unusable(f"Ligne {line} : « {sas} » a deux départements, {counted.departement} et {departement}.")
    counted.departement = departement or counted.departement
    counted.levels.setdefault(level, []).append((start, calls))


def _name(line: int, name: str, known: Mapping[str, object]) -> str:
    if len(name) > LONGEST_NAME:
        raise Unusable(f"Ligne {line} : un nom de {len(name)} caractères. Accepté : {LONGEST_NAME} au plus.")
    if name not in known and len(known) >= MOST_NAMES:
        raise Unusable(f"Ligne {line} : plus de {MOST_NAMES} noms différents. Vérifiez les colonnes sas et niveau.")
    return name


def _start(line: int, text: str) -> datetime:
    try:
        if match := _FRENCH.fullmatch(text):
            day, month, year, hour, minute = (int(part) for part in match.groups()[:5])
            return datetime(year, month, day, hour, minute, int(match[6] or 0))  # noqa: DTZ001  (local, by the file)
        if len(text) > len("2026-03-29"):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise Unusable(
        f"Ligne {line} : « {text[:40]} » n’est pas le début d’un créneau. Accepté : 2026-03-29T14:00, "
        "2026-03-29T14:00+02:00 ou 29/03/2026 14:00."
    )


def _calls(line: int, text: str) -> float:
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    raise Unusable(f"Ligne {line} : « {text[:40]} » appels. Accepté : un nombre entier, 0 ou plus.")


def read_regressor(content: bytes) -> dict[date, float]:
    """A daily value (an epidemic index): two columns, day and value, with a line of titles."""
    values: dict[date, float] = {}
    reader = _rows(_text(content[:MOST_BYTES]))
    next(reader, None)
    for line, cells in reader:
        if not any(cells):
            continue
        try:
            day, value = date.fromisoformat(cells[0]), float(cells[1].replace(",", "."))
        except (ValueError, IndexError) as wrong:
            raise Unusable(f"Ligne {line} : accepté : un jour et une valeur, 2026-03-29;12.5.") from wrong
        if day in values:
            raise Unusable(f"Ligne {line} : le {day:%d/%m/%Y} apparaît deux fois.")
        values[day] = value
    return values


def forecast_csv(forecasts: Iterable[tuple[str, str, Forecast, ZoneInfo]]) -> str:
    """One line a slot of (SAS, level, forecast, zone); starts carry their offset: no hour is said twice."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(HEADER)
    for sas, level, forecast, zone in forecasts:
        cells = zip(forecast.starts, forecast.mean, forecast.bounds.astype(int), strict=True)
        for start, mean, (low95, low80, high80, high95) in cells:
            local = start.astimezone(zone).isoformat(timespec="minutes")
            writer.writerow((plain(sas), local, plain(level), f"{mean:.2f}", low95, low80, high80, high95))
    return out.getvalue()


def plain(name: str) -> str:
    """A name that a spreadsheet will not take for a formula."""
    return f"'{name}" if name[:1] in set("=+-@\t\r") else name
