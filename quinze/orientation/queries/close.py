"""Those who are shown, closely: their seats with all that is said of them, and the card of each place."""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from orjson import loads

from quinze.base.planned import Bigints
from quinze.orientation.queries.candidates import SEATS_SHOWN, Question, seats_of
from quinze.orientation.queries.field import AUDIENCES, SLOT_MASK, Field, one_of
from quinze.orientation.queries.folded import unfolded
from quinze.orientation.queries.practices import numbers_of
from quinze.orientation.queries.statements import asked, rows
from quinze.science.ranking import Candidate, DisagreementError, Sketch, sketch_from_json
from quinze.science.ranking.sketches import completed, start_of

PLACES = """SELECT place.id, place.professional_id, place.structure_id, structure.phone, place.address, commune.name,
    place.zone, place.phones, place.information, place.lat, place.lon, place.sector
FROM directory_place place
JOIN directory_commune commune ON commune.insee = place.commune_id
LEFT JOIN directory_structure structure ON structure.id = place.structure_id
WHERE place.id = ANY(%(places)s::bigint[])"""
SeatRow = list[Any]  # as `seats_of` reads it


class Place(NamedTuple):
    """What a proposal shows of where it is."""

    pk: int
    professional_id: int | None
    structure_id: int | None
    structure_phone: str
    address: str
    commune: str
    zone: str
    phones: tuple[str, ...]
    information: str
    lat: float | None
    lon: float | None
    sector: str = ""


class Close(NamedTuple):
    """What is known more closely of someone who is shown."""

    sketch: Sketch
    seats: list[SeatRow] | str | None  # JSON text in the first logs
    structures: tuple[str, ...]
    cpts: tuple[str, ...]
    via: str

    @property
    def candidate(self) -> Candidate:
        return completed(
            self.sketch, seats=seats_of(self.seats), structure_ids=frozenset(self.structures),
            cpts_ids=frozenset(self.cpts), via=self.via,
        )  # fmt: skip


def close_from_json(raw: list[Any]) -> Close:
    sketch, seats, structures, cpts, via = raw
    return Close(sketch_from_json(sketch), seats, tuple(structures), tuple(cpts), via)


def shown_of(
    question: Question, sketches: Iterable[Sketch], field: Field
) -> tuple[tuple[Close, ...], dict[int, Place]]:
    """These sketches with their seats, and their places by number. Raises DisagreementError when a seat has gone."""
    by_place, at = {sketch.place: sketch for sketch in sketches}, question.at.timestamp()
    wanted = _first_ones(by_place, field)
    odd = np.array([code & SLOT_MASK for code, more, *_ in wanted if not more], np.int64)
    with asked(_details(), {"at": question.at, "slots": Bigints(odd)}) if len(odd) else nullcontext() as rows:
        cards = {place: _card(place, field.cards[place]) for place in by_place}
        said = {row[0]: row for row in _said(rows()[0])} if rows else {}
    seats: dict[int, list[SeatRow]] = {}
    for code, more, place, audience in wanted:
        row = _plain(code, more, audience) if more else _odd(code, audience, said)
        seats.setdefault(place, []).append(row)
    close = [_close(sketch, seats.get(place), cards[place], at) for place, sketch in by_place.items()]
    return tuple(close), {place: card.place for place, card in cards.items()}


def _close(sketch: Sketch, seats: list[SeatRow] | None, card: "_Card", at: float) -> Close:
    if sketch.structure_kind:
        return Close(sketch, seats, (), (), "")
    belongs, cpts, names = set(card.own), set(), []
    for house, cpts_name, since, until in card.memberships:
        if (since is not None and at < since) or (until is not None and at >= until):
            continue
        if cpts_name is None:
            belongs.add(house)
        else:
            cpts.add(house)
            names.append(cpts_name)
    return Close(sketch, seats, tuple(map(str, sorted(belongs))), tuple(map(str, sorted(cpts))), min(names, default=""))


# ---- their seats


def _plain(code: int, more: int, audience: int) -> SeatRow:
    """Of which its doctor says nothing more."""
    end, modalities, left, plage = unfolded(more)
    return [code & SLOT_MASK, start_of(code), end, AUDIENCES[audience], modalities, left, plage, ""]


def _odd(code: int, audience: int, said: Mapping[int, tuple[Any, ...]]) -> SeatRow:
    """As `details.sql` says it, if it is still there."""
    row = said.get(code & SLOT_MASK)
    if row is None or row[1] != start_of(code) or row[3] < 1:
        raise DisagreementError(f"créneau {code & SLOT_MASK}")
    slot, start, end, free, plage, modalities, reasons = row
    return [slot, start, end, AUDIENCES[audience], modalities.split(), free, bool(plage), reasons]


def _first_ones(shown: Mapping[int, Sketch], field: Field) -> list[tuple[int, int, int, int]]:
    """Code, more, place, audience, in order: of each audience the first ones, and the first ones after an absence."""
    seats = field.seats
    near = one_of(seats.place, list(shown))
    counted: dict[tuple[int, int, bool], int] = {}
    found = []
    columns = (column[near].tolist() for column in (seats.code, seats.more, seats.place, seats.audience))
    for code, more, place, audience in zip(*columns, strict=True):
        back = shown[place].away_until
        line = (place, audience, back is not None and start_of(code) >= back)
        counted[line] = count = counted.get(line, 0) + 1
        if count <= SEATS_SHOWN:
            found.append((code, more, place, audience))
    return found


def _said(columns: tuple[Any, ...]) -> Iterable[tuple[Any, ...]]:
    *numbers, modalities, reasons = columns
    return zip(*(numbers_of(sent).tolist() for sent in numbers), modalities or (), reasons or (), strict=True)


# ---- their places


class _Card(NamedTuple):
    place: Place
    own: tuple[int, ...]  # the structure of the place
    memberships: list[list[Any]]  # structure, its name if it is a CPTS, since, until


@lru_cache(maxsize=8192)
def _card(place: int, text: str) -> _Card:
    """Of `practices.CARD`: the same ones come all day."""
    address, commune, zone, phones, information, lat, lon, professional, structure, phone, sector, members = loads(text)
    shown = _place(
        (place, professional, structure, phone, address, commune, zone, phones, information, lat, lon, sector)
    )
    return _Card(shown, () if structure is None else (structure,), members or [])


def places_of(pks: Iterable[int]) -> dict[int, Place]:
    """As the cards give them, for a ranking that is shown again."""
    wanted = sorted(set(pks))
    return {row[0]: _place(row) for row in rows(PLACES, {"places": wanted})} if wanted else {}


def _place(row: tuple[Any, ...]) -> Place:
    """As `PLACES` gives it."""
    place, professional, structure, phone, address, commune, zone, phones, *rest = row
    return Place(place, professional, structure, phone or "", address, commune, zone, tuple(phones), *rest)


@cache
def _details() -> str:
    return (Path(__file__).parent / "details.sql").read_text(encoding="utf-8")
