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

    def sketch(self, row: int) -> Sketch:
        away, minutes = int(self.away[row]), int(self.minutes[row])
        bits = int(self.belongs[row])
        return Sketch(
            int(self.owner[row]), int(self.place[row]), KINDS[self.kind[row]], self.label[row], self.profession[row],
            self.specialty[row], None if minutes == UNKNOWN else float(self.km[row]),
            None if minutes == UNKNOWN else minutes, WAYS[self.way[row]], bool(self.visits[row]),
            bool(self.video[row]), bool(self.overbooking[row]), int(self.left[row]), bool(self.wheelchair[row]),
            tuple(self.languages[row].split()), tuple([one for i, one in enumerate(self.relevant) if bits >> i & 1]),
            None if away == UNKNOWN else away, int(self.asked[row]), int(self.offered[row]), bool(self.seen[row]),
            _codes(self.starts[row]), _codes(self.after[row]), bool(self.stale[row]),
        )  # fmt: skip

    def __iter__(self) -> Iterator[Sketch]:
        return (self.sketch(row) for row in range(len(self)))

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
        """Arrays as they are, for a writer that knows them; a column that says nothing is left out."""
        written: dict[str, Any] = {"rows": len(self), "relevant": list(self.relevant)}
        for name, column in self._columns():
            if isinstance(column, Sequence):
                if any(column):
                    written[name] = list(column)
            elif (column != DEFAULTS[name]).any():
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


def _column(name: str, values: list[Any] | None, rows: int) -> Any:
    if name in TEXTS:
        return [""] * rows if values is None else values
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
    return [int(NO_SEAT) if code is None else code for code in codes]


def _codes(row: Integers) -> Starts:
    a, b, c, d = row.tolist()
    if a == b == c == d == NO_SEAT:
        return NONE_FREE
    none = int(NO_SEAT)
    return (None if a == none else a, None if b == none else b, None if c == none else c, None if d == none else d)
