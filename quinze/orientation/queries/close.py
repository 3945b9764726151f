"""Those who are shown, closely: their seats with all that is said of them, and the card of each place."""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from quinze.base.planned import Bigints
from quinze.orientation.queries.candidates import SEATS_SHOWN, Question, seats_of
from quinze.orientation.queries.field import AUDIENCES, SLOT_MASK, Field
from quinze.orientation.queries.practices import numbers_of
from quinze.orientation.queries.statements import asked, rows
from quinze.science.ranking import Candidate, DisagreementError, Sketch, sketch_from_json
from quinze.science.ranking.sketches import completed, start_of

PLACES = """SELECT place.id, place.professional_id, place.structure_id, structure.phone, place.address, commune.name,
    place.zone, place.phones, place.information, place.lat, place.lon
FROM directory_place place
JOIN directory_commune commune ON commune.insee = place.commune_id
LEFT JOIN directory_structure structure ON structure.id = place.structure_id
WHERE place.id = ANY(%(places)s::bigint[])"""
SeatRow = list[Any]  # as `seats_of` reads it


@dataclass(frozen=True, slots=True)
class Place:
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
    wanted, close, places = _first_ones(by_place, field), [], {}
    slots = Bigints(np.array([code & SLOT_MASK for code, *_ in wanted], np.int64))
    with asked(_details(), {"at": question.at, "slots": slots}) if wanted else nullcontext() as rows:
        for place, sketch in by_place.items():
            card = orjson.loads(field.cards[place])
            close.append(_close(sketch, card, at))
            places[place] = _place(place, card)
        seats = _seats_of(wanted, rows()[0]) if rows else {}
    return tuple([each._replace(seats=seats.get(each.sketch.place)) for each in close]), places


def _close(sketch: Sketch, card: list[Any], at: float) -> Close:
    """Without its seats."""
    if sketch.structure_kind:
        return Close(sketch, None, (), (), "")
    *_, own, _, memberships = card
    belongs, cpts, names = set() if own is None else {own}, set(), []
    for house, cpts_name, since, until in memberships or ():
        if (since is not None and at < since) or (until is not None and at >= until):
            continue
        if cpts_name is None:
            belongs.add(house)
        else:
            cpts.add(house)
            names.append(cpts_name)
    return Close(sketch, None, tuple(map(str, sorted(belongs))), tuple(map(str, sorted(cpts))), min(names, default=""))


# ---- their seats


def _seats_of(wanted: list[tuple[int, int, int]], told: tuple[Any, ...]) -> dict[int, list[SeatRow]]:
    """By place, in order, as `details.sql` says them."""
    said = {row[0]: row for row in _said(told)}
    seats: dict[int, list[SeatRow]] = {}
    for code, place, audience in wanted:
        row = said.get(code & SLOT_MASK)
        if row is None or row[1] != start_of(code) or row[3] < 1:
            raise DisagreementError(f"créneau {code & SLOT_MASK}")
        slot, start, end, free, plage, modalities, reasons = row
        seats.setdefault(place, []).append(
            [slot, start, end, AUDIENCES[audience], modalities.split(), free, bool(plage), reasons]
        )
    return seats


def _first_ones(shown: Mapping[int, Sketch], field: Field) -> list[tuple[int, int, int]]:
    """Code, place and audience, in order: of each audience, the first ones, and the first ones after an absence."""
    seats = field.seats
    near = np.isin(seats.place, list(shown))
    counted: dict[tuple[int, int, bool], int] = {}
    found = []
    for code, place, audience in zip(
        seats.code[near].tolist(), seats.place[near].tolist(), seats.audience[near].tolist(), strict=True
    ):
        back = shown[place].away_until
        line = (place, audience, back is not None and start_of(code) >= back)
        counted[line] = count = counted.get(line, 0) + 1
        if count <= SEATS_SHOWN:
            found.append((code, place, audience))
    return found


def _said(columns: tuple[Any, ...]) -> Iterable[tuple[Any, ...]]:
    *numbers, modalities, reasons = columns
    return zip(*(numbers_of(sent).tolist() for sent in numbers), modalities or (), reasons or (), strict=True)


# ---- their places


def _place(place: int, card: list[Any]) -> Place:
    address, commune, zone, phones, information, lat, lon, professional, structure, phone, _ = card
    return Place(
        place, professional, structure, phone or "", address, commune, zone, tuple(phones), information, lat, lon
    )


def places_of(pks: Iterable[int]) -> dict[int, Place]:
    """As the cards give them, for a ranking that is shown again."""
    wanted = sorted(set(pks))
    return {row[0]: _placed(row) for row in rows(PLACES, {"places": wanted})} if wanted else {}


def _placed(row: tuple[Any, ...]) -> Place:
    place, professional, structure, phone, address, commune, zone, phones, information, lat, lon = row
    return Place(
        place, professional, structure, phone or "", address, commune, zone, tuple(phones), information, lat, lon
    )


@cache
def _details() -> str:
    return (Path(__file__).parent / "details.sql").read_text(encoding="utf-8")
