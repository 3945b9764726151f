"""What `quinze capacity` and `quinze pool` share: a file in, files out by their endings, or the text on the screen."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.staffing.inputs import LARGEST_FILE
from quinze.staffing.reports import documents
from quinze.staffing.reports.report import Report

ENDINGS = (".pdf", ".xlsx", ".png", ".svg", ".json", ".txt")


class StudyCommand(BaseCommand):
    made: Callable[[bytes], Report]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="l’étude, en TOML (exemples : docs/studies)")
        parser.add_argument(
            "--output", type=Path, action="append", default=[], help=f"peut être répété ; {' '.join(ENDINGS)}"
        )
        parser.add_argument("--date", type=datetime.fromisoformat, help="date écrite en bas des pages (aujourd’hui)")

    def handle(self, *_: Any, **options: Any) -> None:
        wrong = [str(path) for path in options["output"] if path.suffix not in ENDINGS]
        if wrong:
            raise CommandError(f"--output {wrong[0]} : terminez par {', '.join(ENDINGS)}.")
        try:
            report = type(self).made(content_of(options["file"]))
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        dated = f"le {options['date'] or clock.now():%d/%m/%Y}"
        for path in options["output"]:
            write(path, file_of(report, path.suffix, dated=dated))
            self.stdout.write(f"Écrit : {path}")
        if not options["output"]:
            self.stdout.write(as_text(report))


def content_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise CommandError(f"Le fichier {path} ne se lit pas : {error.strerror}.") from error


def write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{path} ne s’écrit pas : {error.strerror}.") from error


def file_of(report: Report, ending: str, *, dated: str) -> bytes:
    if ending == ".pdf":
        return documents.pdf(report, dated=dated)
    if ending == ".xlsx":
        return documents.xlsx(report)
    if ending in {".png", ".svg"}:
        if report.drawing is None:
            raise CommandError("Cette étude n’a pas de dessin.")
        drawn = report.drawing()
        return documents.png(drawn) if ending == ".png" else documents.svg(drawn).encode()
    return (as_json(report) if ending == ".json" else as_text(report)).encode()


def as_json(report: Report) -> str:
    """Figures as figures: what another program reads. What never ends is null."""
    tables = [
        {
            "titre": section.heading,
            "colonnes": [{"nom": column.label, "nature": column.kind} for column in section.table.columns],
            "lignes": [[None if cell == float("inf") else cell for cell in row] for row in section.table.rows],
        }
        for section in report.sections
        if section.table
    ]
    whole = {"titre": report.title, "hypotheses": report.subtitle, "reponse": report.answer, "tableaux": tables}
    return json.dumps(whole | {"limites": report.limits}, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def as_text(report: Report) -> str:
    lines = [report.title, report.subtitle, "", *report.answer]
    for section in report.sections:
        lines += ["", section.heading, *section.paragraphs]
        if section.table:
            lines += _columns([[head for head, _ in section.table.heads], *(
                [cell for cell, _ in row] for row in section.table.shown
            )])  # fmt: skip
    return "\n".join([*lines, "", *(f"- {limit}" for limit in report.limits)]) + "\n"


def _columns(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
