"""A table as a French spreadsheet opens it."""

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

RISKY = ("=", "+", "-", "@", "\t", "\r")


def french_csv(name: str, head: Sequence[str], lines: Iterable[Sequence[object]]) -> HttpResponse:
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    out = csv.writer(response, delimiter=";")
    out.writerow(head)
    out.writerows([_inert(cell) for cell in line] for line in lines)
    return response


def percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f}".replace(".", ",")


def _inert(cell: object) -> str:
    """A spreadsheet must not take a name for a formula."""
    text = str(cell)
    return f"'{text}" if text.startswith(RISKY) else text
