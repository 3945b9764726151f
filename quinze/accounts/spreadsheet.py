"""Cells of a CSV or of the first sheet of an XLSX file. Formulas, styles and other sheets are not read."""

import csv
import io
import re
import struct
import zipfile
import zlib
from xml.etree.ElementTree import Element

from quinze.base import plain_xml
from quinze.base.errors import Refusal

LARGEST = 1_000_000  # bytes, as sent
LARGEST_INSIDE = 20_000_000  # of one part of an XLSX, once inflated: a small file may hold a very large one
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 1001, 30, 500
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_COLUMN = re.compile(r"[A-Z]{1,3}")
DAMAGED = (  # all that reading a broken or locked archive may raise
    zipfile.BadZipFile, zlib.error, struct.error, LookupError, ValueError, EOFError, OSError,
    NotImplementedError, RuntimeError,
)  # fmt: skip
UNREADABLE = "Ce fichier ne se lit pas : envoyez un CSV ou un classeur XLSX (« enregistrer sous »)."


def read_cells(content: bytes) -> list[list[str]]:
    """Rows of stripped text, empty rows left out. Refusal in French for anything that is not such a list."""
    if len(content) > LARGEST:
        raise Refusal("Ce fichier dépasse 1 Mo : coupez la liste en plusieurs.", field="file", code="too_large")
    rows = _xlsx(content) if content[:4] == b"PK\x03\x04" else _csv(content)
    kept = [row for row in ([_clean(cell) for cell in row[:MOST_COLUMNS]] for row in rows) if any(row)]
    if len(kept) > MOST_ROWS:
        raise Refusal(f"Plus de {MOST_ROWS - 1} lignes : coupez la liste en plusieurs.", field="file", code="too_long")
    return kept


def _clean(cell: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in cell).split())[:LONGEST_CELL]


def _csv(content: bytes) -> list[list[str]]:
    """UTF-8, else what a French spreadsheet writes; semicolons, tabs or commas, whichever the titles hold most."""
    if b"\x00" in content:
        raise Refusal(UNREADABLE, field="file", code="unreadable")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    head = text.split("\n", 1)[0]
    separator = max(";\t,", key=head.count)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error as nonsense:
        raise Refusal(UNREADABLE, field="file", code="unreadable") from nonsense


def _xlsx(content: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            shared = _shared(book)
            sheet = plain_xml.parse(_part(book, _first_sheet(book)))
    except DAMAGED as nonsense:
        raise Refusal(UNREADABLE, field="file", code="unreadable") from nonsense
    return [_row(row, shared) for row in sheet.iter(f"{_MAIN}row")][: MOST_ROWS + 1]


def _first_sheet(book: zipfile.ZipFile) -> str:
    sheets = [name for name in book.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)]
    return min(sheets, key=lambda name: (len(name), name))


def _part(book: zipfile.ZipFile, name: str) -> bytes:
    if book.getinfo(name).file_size > LARGEST_INSIDE:
        raise Refusal("Ce classeur est trop grand : n’y laissez que la liste.", field="file", code="too_large")
    with book.open(name) as part:
        inflated = part.read(LARGEST_INSIDE + 1)
    if len(inflated) > LARGEST_INSIDE:
        raise ValueError(name)
    return inflated


def _shared(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    table = plain_xml.parse(_part(book, "xl/sharedStrings.xml"))
    return ["".join(text.text or "" for text in item.iter(f"{_MAIN}t")) for item in table.iter(f"{_MAIN}si")]


def _row(row: Element, shared: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{_MAIN}c"):
        column = _rank(cell.get("r", ""), after=len(cells))
        if column >= MOST_COLUMNS:
            break
        cells.extend([""] * (column - len(cells)))
        cells.append(_text(cell, shared))
    return cells


def _rank(reference: str, *, after: int) -> int:
    """The column of « C12 »: 2. A cell without reference, or that goes back, follows the one before."""
    letters = _COLUMN.match(reference)
    if letters is None:
        return after
    rank = 0
    for letter in letters[0]:
        rank = rank * 26 + ord(letter) - 64
    return max(after, rank - 1)


def _text(cell: Element, shared: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{_MAIN}t"))
    value = cell.findtext(f"{_MAIN}v") or ""
    if cell.get("t") == "s":
        return shared[int(value)] if value.isdecimal() and int(value) < len(shared) else ""
    return value.removesuffix(".0")
