"""Everyone who may be asked, as columns: a verdict on a thousand people is a few operations on arrays.

A row of it is a `Sketch`. Instants are seconds since 1970; what is absent has a value of its own, named below.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quinze.science.charter import Participation

from .sketches import NONE_FREE, Sketch, Starts

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

# Positions in these lists are stored in logs: they only grow.
KINDS = ("", "SOS", "CSNP", "MMG", "CDS", "MSP", "ED", "TLC", "CABINET", "CPTS")
WAYS = ("", *(way.value for way in Participation))
NO_SEAT = np.int64(1 << 62)  # sorts after every start
NONE = int(NO_SEAT)
UNKNOWN = -1  # minutes, and the end of an absence
MANY_STRUCTURES = 62  # bits of `belongs`


@dataclass(frozen=True, eq=False)
class Crowd:
    """`belongs`: bit i for the i-th of `relevant`. `starts` and `after`: one column for each of OFFERS."""

    relevant: tuple[int, ...]
    owner: Integers
    place: Integers
    kind: Integers
    label: Sequence[str]
    profession: Sequence[str]
    specialty: Sequence[str]
    km: Floats
    minutes: Integers
    way: Integers
    visits: Booleans
    video: Booleans
    overbooking: Booleans
    left: Integers
    wheelchair: Booleans
    languages: Sequence[str]  # separated by spaces
    belongs: Integers
    away: Integers
    asked: Integers
    offered: Integers
    seen: Booleans
    starts: Integers
    after: Integers
    stale: Booleans

    def __len__(self) -> int:
        return len(self.owner)

    @cached_property
    def is_professional(self) -> Booleans:
        found: Booleans = self.kind == 0
        return found

    def ids(self, rows: Integers) -> list[tuple[str, str]]:
        """The candidate and the person of each of these rows: `Sketch.id`, `Sketch.person`."""
        found, columns = [], (column[rows].tolist() for column in (self.owner, self.place, self.kind))
        for owner, place, kind in zip(*columns, strict=True):
            here = f"{'s' if kind else 'p'}{owner}@{place}"
            found.append((here, here if kind else f"p{owner}"))
        return found

    def sketches(self, rows: Integers) -> list[Sketch]:
        listed = rows.tolist()
        bits = [(1 << index, one) for index, one in enumerate(self.relevant)]
        many = (
            [column[row] for row in listed] if isinstance(column, Sequence) else column[rows].tolist()
            for _, column in self._columns()
        )
        return [_sketch(row, bits) for row in zip(*many, strict=True)]

    def __iter__(self) -> Iterator[Sketch]:
        return iter(self.sketches(np.arange(len(self))))

    def except_rows(self, rows: Iterable[int]) -> "Crowd":
        kept = np.ones(len(self), np.bool_)
        kept[list(rows)] = False
        return self.taken(np.flatnonzero(kept))

    def taken(self, rows: Integers) -> "Crowd":
        listed = rows.tolist()
        columns: dict[str, Any] = {
            name: [column[row] for row in listed] if isinstance(column, Sequence) else column[rows]
            for name, column in self._columns()
        }
        return Crowd(self.relevant, **columns)

    def _columns(self) -> Iterator[tuple[str, Any]]:
        return ((name, getattr(self, name)) for name in COLUMNS)

    def to_json(self) -> dict[str, Any]:
        """Arrays as they are, for a writer that knows them; a column that says nothing is left out. Of starts, those
        that are there, numbered as in a page of four columns.
        """
        written: dict[str, Any] = {"rows": len(self), "relevant": list(self.relevant)}
        for name, column in self._columns():
            if isinstance(column, Sequence):
                if any(column):
                    written[name] = list(column)
            elif name in WIDE:
                if len(some := np.flatnonzero(column != NO_SEAT)):
                    written[name] = {"at": some, "codes": column.ravel()[some]}
            elif (column if (default := DEFAULTS[name]) == 0 else column != default).any():
                written[name] = column
        return written


COLUMNS = tuple(field.name for field in fields(Crowd) if field.name != "relevant")
TEXTS = frozenset({"label", "profession", "specialty", "languages"})
FLAGS = frozenset({"visits", "video", "overbooking", "wheelchair", "seen", "stale"})
WIDE = frozenset({"starts", "after"})
DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(COLUMNS, 0), "minutes": UNKNOWN, "away": UNKNOWN, "starts": NO_SEAT, "after": NO_SEAT,
}  # fmt: skip


def crowd_from_json(raw: dict[str, Any]) -> Crowd:
    rows = raw["rows"]
    columns = {name: _column(name, raw.get(name), rows) for name in COLUMNS}
    return Crowd(tuple(raw["relevant"]), **columns)


def _column(name: str, values: list[Any] | dict[str, list[int]] | None, rows: int) -> Any:
    if name in TEXTS:
        return [""] * rows if values is None else values
    if isinstance(values, dict):  # since 2026-11-22; whole pages before
        page = np.full(rows * 4, NO_SEAT)
        page[values["at"]] = values["codes"]
        return page.reshape(rows, 4)
    kind: Any = np.bool_ if name in FLAGS else np.float64 if name == "km" else np.int64
    if values is not None:
        return np.array(values, dtype=kind).reshape((rows, 4) if name in WIDE else rows)
    return np.full((rows, 4) if name in WIDE else rows, DEFAULTS[name], dtype=kind)


def crowd_of(sketches: Iterable[Sketch]) -> Crowd:
    """From rows. Raises ValueError when they belong to more structures than a mask holds."""
    rows = list(sketches)
    relevant = tuple(sorted({one for sketch in rows for one in sketch.belongs}))
    if len(relevant) > MANY_STRUCTURES:
        raise ValueError("trop de structures pour un masque")
    bits = {one: 1 << index for index, one in enumerate(relevant)}
    listed: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for sketch in rows:
        for name, value in zip(COLUMNS, _row(sketch, bits), strict=True):
            listed[name].append(value)
    return Crowd(relevant, **{name: _column(name, values, len(rows)) for name, values in listed.items()})


def _row(sketch: Sketch, bits: dict[int, int]) -> tuple[Any, ...]:
    minutes = UNKNOWN if sketch.minutes is None else sketch.minutes
    return (
        sketch.owner, sketch.place, KINDS.index(sketch.structure_kind), sketch.label, sketch.profession,
        sketch.specialty, 0.0 if sketch.km is None else sketch.km, minutes,
        WAYS.index(sketch.via), sketch.visits, sketch.video, sketch.overbooking, sketch.overbooking_left,
        sketch.wheelchair, " ".join(sketch.languages), sum(bits[one] for one in sketch.belongs),
        UNKNOWN if sketch.away_until is None else sketch.away_until, sketch.asked, sketch.offered, sketch.seen,
        _seats(sketch.starts), _seats(sketch.after_absence), sketch.stale,
    )  # fmt: skip


def _seats(codes: Starts) -> list[int]:
    return [NONE if code is None else code for code in codes]


def _sketch(row: tuple[Any, ...], bits: list[tuple[int, int]]) -> Sketch:
    """From the values of COLUMNS."""
    (owner, place, kind, label, profession, specialty, km, minutes, way, visits, video, overbooking, left, wheelchair,
     languages, belongs, away, asked, offered, seen, starts, after, stale) = row  # fmt: skip
    return Sketch(
        owner, place, KINDS[kind], label, profession, specialty, None if minutes == UNKNOWN else km,
        None if minutes == UNKNOWN else minutes, WAYS[way], visits, video, overbooking, left, wheelchair,
        tuple(languages.split()) if languages else (),
        tuple([one for bit, one in bits if belongs & bit]) if belongs else (), None if away == UNKNOWN else away,
        asked, offered, seen, _codes(starts), _codes(after), stale,
    )  # fmt: skip


def _codes(row: list[int]) -> Starts:
    a, b, c, d = row
    if a == b == c == d == NONE:
        return NONE_FREE
    return (None if a == NONE else a, None if b == NONE else b, None if c == NONE else c, None if d == NONE else d)
