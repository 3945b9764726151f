"""Tables that leave for a spreadsheet: CSV as a French one opens it, or a workbook of several sheets."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

Cell = str | int | float | None
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Table:
    """`title` is that of the sheet: 31 characters at most, none of []:*?/\\."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def download(tables: Sequence[Table], *, name: str, kind: str) -> HttpResponse:
    """`name` without its ending. A CSV holds the first table only; `kind` is csv or xlsx."""
    content, media = (as_xlsx(tables), XLSX) if kind == "xlsx" else (as_csv(tables[0]), "text/csv; charset=utf-8")
    answer = HttpResponse(content, content_type=media)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


def as_csv(table: Table) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(table.heads)
    writer.writerows([_french(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def _french(cell: Cell) -> Any:
    if isinstance(cell, float):
        return f"{cell:.2f}".replace(".", ",")
    return inert(cell) if isinstance(cell, str) else cell


def inert(cell: str) -> str:
    """A spreadsheet must not take a name for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def as_xlsx(tables: Sequence[Table]) -> bytes:
    import xlsxwriter  # noqa: PLC0415  (page processes do without until a sheet is asked)

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold, figures = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"num_format": "0.##"})
        for table in tables:
            page = book.add_worksheet(table.title)
            page.write_row(0, 0, table.heads, bold)
            page.freeze_panes(1, 1)
            page.set_column(0, 0, 32)
            page.set_column(1, max(1, len(table.heads) - 1), 15)
            for number, row in enumerate(table.rows, 1):
                page.write_row(number, 0, row, figures)
    return out.getvalue()
