"""Tables of a study written for people (CSV, XLSX) or machines (JSON)."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter

from quinze.science.callcentre.report import Sheet

LEVELS, BY_SLOT = "Niveaux", "Quarts d’heure"


def write_csv(tables: list[Sheet], path: Path) -> None:
    """One table: by quarter-hour, or the first when it answers a question."""
    table = next(one for one in tables if one.title == BY_SLOT) if tables[0].title == LEVELS else tables[0]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(table.headings)
        writer.writerows([_french(value) for value in row.values()] for row in table.rows)


def _french(value: Any) -> Any:
    return f"{value:.4f}".replace(".", ",") if isinstance(value, float) else value


def write_xlsx(tables: list[Sheet], path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        bold, figures = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"num_format": "0.000"})
        for table in tables:
            page = book.add_worksheet(table.title)
            page.write_row(0, 0, table.headings, bold)
            page.freeze_panes(1, 2)
            page.set_column(0, len(table.headings), 14)
            for number, row in enumerate(table.rows, 1):
                page.write_row(number, 0, list(row.values()), figures)


def write_json(tables: list[Sheet], path: Path) -> None:
    path.write_text(json.dumps({table.title: table.rows for table in tables}, ensure_ascii=False), encoding="utf-8")


WRITERS: dict[str, Callable[[list[Sheet], Path], None]] = {
    ".csv": write_csv,
    ".xlsx": write_xlsx,
    ".json": write_json,
}
