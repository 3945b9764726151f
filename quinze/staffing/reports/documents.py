"""A report as a file. Drawing and typesetting are imported when one is asked."""

import io
import json
import tempfile
from pathlib import Path
from typing import Any

from quinze.staffing.reports.report import Report, Table

TEMPLATE = Path(__file__).parent / "study.typ"


def svg(specification: dict[str, Any]) -> str:
    import vl_convert  # noqa: PLC0415  (a hundred megabytes that pages do without)

    drawn: str = vl_convert.vegalite_to_svg(specification, **_FRENCH)
    return drawn


def png(specification: dict[str, Any]) -> bytes:
    import vl_convert  # noqa: PLC0415

    drawn: bytes = vl_convert.vegalite_to_png(specification, scale=2, **_FRENCH)
    return drawn


_FRENCH: dict[str, Any] = {
    "allowed_base_urls": [],
    "format_locale": {
        "decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u00a0€"], "percent": "\u00a0%",
    },
}  # fmt: skip


def pdf(report: Report, *, dated: str) -> bytes:
    """Text arrives in typst as data, never as markup. `dated`: what the footer says of its date."""
    import typst  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "study.typ").write_bytes(TEMPLATE.read_bytes())
        sections = [_section(report, index, place) for index in range(len(report.sections))]
        data = {
            "title": report.title, "subtitle": report.subtitle, "answer": report.answer, "sections": sections,
            "limits": report.limits, "dated": dated,
        }  # fmt: skip
        made: bytes = typst.compile(
            str(place / "study.typ"), root=folder, sys_inputs={"data": json.dumps(data, ensure_ascii=False)}
        )
    return made


def _section(report: Report, index: int, place: Path) -> dict[str, Any]:
    section = report.sections[index]
    drawing = ""
    if section.drawing is not None:
        drawing = f"drawing-{index}.svg"
        (place / drawing).write_text(svg(section.drawing()), encoding="utf-8")
    table = section.table
    return {
        "heading": section.heading,
        "paragraphs": section.paragraphs,
        "drawing": drawing,
        "drawing_label": section.drawing_label,
        "caption": table.caption if table else "",
        "heads": table.heads if table else [],
        "rows": table.shown if table else [],
    }


def xlsx(report: Report) -> bytes:
    """A first sheet of sentences, then one sheet a table; figures stay figures."""
    import xlsxwriter  # noqa: PLC0415

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        first = book.add_worksheet("Étude")
        lines = (report.title, report.subtitle, "", *report.answer, "", *report.limits)
        for line, text in enumerate(lines):
            first.write_string(line, 0, text)
        first.set_column(0, 0, 120)
        for number, section in enumerate(report.sections, 1):
            if section.table is not None:
                _sheet(book, f"{number} {section.heading}", section.table)
    return out.getvalue()


def _sheet(book: Any, name: str, table: Table) -> None:
    sheet = book.add_worksheet("".join(char for char in name if char not in "[]:*?/\\'")[:31])
    bold = book.add_format({"bold": True, "text_wrap": True})
    sheet.write_string(0, 0, table.caption)
    for place, column in enumerate(table.columns):
        sheet.write_string(1, place, column.label, bold)
        sheet.set_column(place, place, 28 if place == 0 else 14)
        style = book.add_format({"num_format": _NUMBER_FORMATS.get(column.kind, "General")})
        for line, row in enumerate(table.rows, 2):
            _cell(sheet, line, place, row[place], style)
    sheet.freeze_panes(2, 1)


def _cell(sheet: Any, line: int, place: int, value: Any, style: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(line, place, value)
    elif value is not None and value != float("inf"):
        sheet.write_number(line, place, value, style)


_NUMBER_FORMATS = {
    "count": "#,##0",
    "share": "0.0%",
    "points": "+0.0%;-0.0%",
    "rate": "0.00",
    "tenth": "0.0",
    "seconds": "0",
}
