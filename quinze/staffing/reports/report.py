from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Cell = str | float | int | None
Drawing = Callable[[], dict[str, Any]]
"""Makes a Vega-Lite specification; called only when someone looks at it."""


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    kind: str = "text"
    """text, count, share (a part of one), rate (two decimals), tenth (one), seconds."""


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def shown(self) -> list[list[tuple[str, bool]]]:
        """Cells as written, each with whether it is a figure."""
        return [
            [
                (written(cell, column.kind), column.kind != "text")
                for cell, column in zip(row, self.columns, strict=True)
            ]
            for row in self.rows
        ]

    @property
    def heads(self) -> list[tuple[str, bool]]:
        return [(column.label, column.kind != "text") for column in self.columns]


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    paragraphs: tuple[str, ...] = ()
    table: Table | None = None
    drawing: Drawing | None = None
    drawing_label: str = ""

    @property
    def is_drawn(self) -> bool:
        """For templates, which would call `drawing` by reading it."""
        return self.drawing is not None


@dataclass(frozen=True, slots=True)
class Report:
    name: str
    """Of its files: letters, digits and dashes."""
    title: str
    subtitle: str
    answer: tuple[str, ...]
    """The sentences that answer the question, first."""
    sections: tuple[Section, ...]
    limits: tuple[str, ...] = field(default=())

    @property
    def drawing(self) -> Drawing | None:
        """The first one: what leaves as a picture."""
        return next((section.drawing for section in self.sections if section.drawing), None)

    @property
    def is_drawn(self) -> bool:
        return self.drawing is not None


def columns(*pairs: tuple[str, str] | str) -> tuple[Column, ...]:
    return tuple(Column(pair) if isinstance(pair, str) else Column(*pair) for pair in pairs)


def written(value: Cell, kind: str) -> str:
    """In French: 12 345 · 71,2 % · 3,25 · 45 s; – for nothing, ∞ for what never ends."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if value == float("inf"):
        return "∞"
    return _FORMATS[kind](value).replace(".", ",").replace("-", "−")


_FORMATS: dict[str, Callable[[float], str]] = {
    "text": str,
    "count": lambda value: f"{value:,.0f}".replace(",", "\u202f"),
    "share": lambda value: f"{100 * value:.1f}\u00a0%",
    "points": lambda value: f"{100 * value:+.1f}",
    "rate": lambda value: f"{value:.2f}",
    "tenth": lambda value: f"{value:.1f}",
    "seconds": lambda value: f"{value:.0f}\u00a0s",
}


def hour(number: int) -> str:
    return f"{number}\u00a0h"


def sentence_list(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} et {words[-1]}" if len(words) > 1 else "".join(words)


def merged(reports: Sequence[Report], *, title: str = "") -> Report:
    """Several studies in one document, each announced by its title; one alone stays as it is."""
    first, *others = reports
    if not others:
        return replace(first, title=title or first.title)
    sections = tuple(
        replace(section, heading=f"{report.title.partition(',')[0]} : {section.heading}")
        for report in reports
        for section in report.sections
    )
    answer = tuple(sentence for report in reports for sentence in report.answer)
    limits = tuple(dict.fromkeys(limit for report in reports for limit in report.limits))
    return Report(first.name, title or first.title, first.subtitle, answer, sections, limits)
