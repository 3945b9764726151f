"""Rosters as a sheet that comes back as it left. No database here."""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from quinze.accounts.roles import Role
from quinze.base.codes import fold
from quinze.base.errors import Refusal

HEADER = ("Poste", "Début", "Fin", "Places", "Personnes")
MOST_LINES, MOST_PEOPLE = 500, 50
REFUSALS_SHOWN = 10
_MOMENT = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2})[:h](\d{2})")
_ROLES = {fold(role.label): role for role in Role} | {role.value: role for role in Role}


@dataclass(frozen=True, slots=True)
class Line:
    """A shift of the sheet; people by their address."""

    role: str
    start: datetime
    end: datetime
    needed: int
    people: tuple[str, ...] = ()


def xlsx(lines: Iterable[Line], *, zone: str) -> bytes:
    """Text cells only: a spreadsheet changes nothing of them, and nothing is taken for a formula."""
    import xlsxwriter  # noqa: PLC0415  (page processes do without until a sheet is asked)

    out, local = io.BytesIO(), ZoneInfo(zone)
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        page, bold = book.add_worksheet("Planning"), book.add_format({"bold": True})
        page.write_row(0, 0, HEADER, bold)
        page.freeze_panes(1, 0)
        page.set_column(0, 4, 24)
        for number, line in enumerate(lines, 1):
            start, end = (f"{edge.astimezone(local):%d/%m/%Y %H:%M}" for edge in (line.start, line.end))
            cells = (Role(line.role).label, start, end, str(line.needed), ", ".join(line.people))
            for column, cell in enumerate(cells):
                page.write_string(number, column, cell)
    return out.getvalue()


def read(cells: Sequence[Sequence[str]], *, zone: str) -> list[Line]:
    """The lines of a sheet with the titles of HEADER; refused whole, each wrong line named."""
    if not cells or [fold(cell) for cell in cells[0][: len(HEADER)]] != [fold(title) for title in HEADER]:
        raise Refusal(f"La première ligne porte ces titres : {', '.join(HEADER)}.", field="file", code="columns")
    if len(cells) - 1 > MOST_LINES:
        raise Refusal(f"Plus de {MOST_LINES} lignes : coupez le planning en plusieurs.", field="file", code="too_long")
    lines, refused = [], []
    for number, row in enumerate(cells[1:], start=2):
        try:
            lines.append(_line([*row, *[""] * len(HEADER)], ZoneInfo(zone)))
        except ValueError as wrong:
            refused.append(f"Ligne {number} : {wrong}")
    if refused or not lines:
        said = " ".join(refused[:REFUSALS_SHOWN]) or "Ce fichier n’a que sa ligne de titres."
        raise Refusal(said, field="file", code="lines")
    return lines


def role_of(typed: str) -> Role | None:
    """By its label or its code."""
    return _ROLES.get(fold(typed)) or _ROLES.get(typed)


def _line(row: Sequence[str], zone: ZoneInfo) -> Line:
    role = role_of(row[0])
    if role is None:
        raise ValueError(f"poste inconnu, « {row[0][:40]} ».")
    start, end = _moment(row[1], zone), _moment(row[2], zone)
    if not start < end:
        raise ValueError("la fin vient avant le début.")
    if not row[3].isdecimal():
        raise ValueError(f"nombre de places attendu, « {row[3][:20]} ».")
    people = tuple(dict.fromkeys(part.strip().lower() for part in re.split(r"[,;]", row[4]) if part.strip()))
    if len(people) > MOST_PEOPLE:
        raise ValueError(f"plus de {MOST_PEOPLE} personnes.")
    return Line(role, start, end, int(row[3][:4]), people)


def _moment(typed: str, zone: ZoneInfo) -> datetime:
    match = _MOMENT.fullmatch(typed)
    try:
        day, month, year, hour, minute = (int(part) for part in match.groups()) if match else (0,) * 5
        wall = datetime(year, month, day, hour, minute, tzinfo=zone)
    except ValueError as wrong:
        raise ValueError(f"« {typed[:20]} » n’est pas une date : 23/11/2026 08:00 est attendu.") from wrong
    return wall.astimezone(UTC)
