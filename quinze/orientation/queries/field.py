"""Everyone who may be asked, as sketches, then all that is read of those who are shown: the two reads of a search."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from django.db import connection

from quinze.base.planned import Bigints
from quinze.directory.parameters import declared
from quinze.orientation.queries.candidates import BOOKABLE, SHOWN, Origin, Question, seats_of
from quinze.orientation.queries.practices import (
    ENROLLED,
    OVERBOOKING,
    PRO,
    PUBLIC,
    STILL,
    TAKING,
    VIDEO,
    VISITS,
    WHEELCHAIR,
    Known,
    Practices,
    confirms,
    forget,
    joined,
    known_of,
    numbers_of,
    practices_where,
)
from quinze.orientation.queries.statements import rows
from quinze.orientation.travel import journeys_from
from quinze.science.ranking import TELECONSULTATION, Candidate, Crowd, Sketch, sketch_from_json
from quinze.science.ranking.crowd import NO_SEAT, UNKNOWN
from quinze.science.ranking.sketches import EPOCH, SLOT_BITS, coded, completed

FOLDER = Path(__file__).parent
CODED = f"((date_part('epoch', s.starts_at)::bigint - {EPOCH}) << {SLOT_BITS} | s.id)"
# Each with its own keys, in the order in which they are sent: `offers.sql`.
SENT: dict[str, tuple[str, ...]] = {
    "given": ("place_id", "code", "sort"),
    "public": ("place_id", "code"),
    "alone": ("place_id", "code", "sort"),
    "freed": ("place_id", "snp", "cpts", "pro", "pro_shown", "public", "public_shown"),
    "later": ("place_id", "until", "snp", "cpts", "pro", "public"),
    "asked": ("professional_id", "structure_id", "times"),
    "offered": ("professional_id", "structure_id", "seats"),
    "overbooked": ("professional_id", "times"),
    "seen": ("professional_id",),
    "belonging": ("professional_id", "mask"),
    "stale": ("professional_id", "place_id"),
}
COUNTS = frozenset({"asked", "offered", "overbooked", "belonging"})
IN_BOX = " AND place.lat BETWEEN %(south)s AND %(north)s AND place.lon BETWEEN %(west)s AND %(east)s"
SLOT_MASK = (1 << SLOT_BITS) - 1
FROM = {"offered": "orientation_offeredseats WHERE sas_id = %(sas)s"}
PLACES = """SELECT place.id, place.professional_id, place.structure_id, structure.phone, place.address, commune.name,
    place.zone, place.phones, place.information, place.lat, place.lon
FROM directory_place place
JOIN directory_commune commune ON commune.insee = place.commune_id
LEFT JOIN directory_structure structure ON structure.id = place.structure_id
WHERE place.id = ANY(%(places)s::bigint[])"""


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


@dataclass(frozen=True, slots=True)
class Field:
    """`without_offer`: professionals who take part and had nothing to offer; they can only be refused."""

    crowd: Crowd
    without_offer: tuple[int, ...]


def field_of(question: Question, *, origin: Origin | None, relevant: Sequence[int]) -> Field:
    """Those inside the box of the question. `relevant`: the structures and CPTS that the need names."""
    known = known_of(question.sas_id, database=connection.alias)
    here = _practices(question, known.practices)
    told = _told(question, here, relevant, known)
    if told is None:  # somebody moved, came or left since it was read
        forget(question.sas_id, database=connection.alias)
        return field_of(question, origin=origin, relevant=relevant)
    starts, away, after = _seats(here, told, now=int(question.at.timestamp()))
    offering = (here.kind > 0) | here.having(OVERBOOKING) | (away != UNKNOWN) | (starts != NO_SEAT).any(axis=1)
    offering |= here.owner == (question.referring_id or 0)
    empty = np.unique(here.owner[~offering & (here.way > 0)])
    seats = {"starts": starts, "after": after, "away": away}
    crowd = _crowd(here, told, tuple(relevant), origin=origin, seats=seats, rows=np.flatnonzero(offering))
    return Field(crowd, tuple(empty.tolist()))


# ---- who is there


def _practices(question: Question, everyone: Practices) -> Practices:
    """Those who take part; the referring doctor, wherever they are, and their colleagues; others if a level wants."""
    special, values = question.special, question.values()
    parts = [
        everyone.taken(_asked(everyone, question) & ~np.isin(everyone.owner, special) | _houses(everyone, question))
    ]
    if special:
        named = practices_where("professional.id = ANY(%(special)s::bigint[])", values | {"special": special})
        mine = named.owner == (question.referring_id or 0)
        parts.append(named.taken(mine | _asked(named, question)))
    if question.with_others:
        bounded = question.origin is not None
        found = practices_where(
            f"participation.id IS NULL AND professional.id <> ALL(%(special)s::bigint[]){IN_BOX if bounded else ''}",
            values | {"special": special}, by_place=bounded,
        )  # fmt: skip
        parts.append(found.taken(_asked(found, question)))
    return joined(parts)


def _asked(practices: Practices, question: Question) -> Any:
    """Professionals of the profession and the specialty asked for, taking part now, inside the box."""
    at, specialty = question.at.timestamp(), question.specialty
    found = (practices.kind == 0) & (practices.since <= at) & (at < practices.until)
    found &= practices.profession == question.profession
    if specialty:
        found &= (practices.specialty == specialty) | (practices.specialty == "")
    if question.origin is None:
        return found
    box = question.origin.box(question.reach_km)
    inside = (practices.lat >= box["south"]) & (practices.lat <= box["north"])
    inside &= (practices.lon >= box["west"]) & (practices.lon <= box["east"])
    if TELECONSULTATION in question.modalities:
        inside |= practices.having(VIDEO)
    return found & inside


def _houses(practices: Practices, question: Question) -> Any:
    """Structures, once at each place: as they take part now, else as they are."""
    at = question.at.timestamp()
    now = (practices.kind > 0) & (practices.since <= at) & (at < practices.until)
    enrolled = practices.having(ENROLLED)
    return now & (enrolled | ~np.isin(practices.place, practices.place[now & enrolled]))


# ---- what they offer


class _Told:
    """The answer of `offers.sql`: for each of SENT, its columns by name."""

    def __init__(self, sent: Sequence[bytes | None], here: Practices) -> None:
        columns = iter(sent)
        self.found = {name: {one: numbers_of(next(columns)) for one in names} for name, names in SENT.items()}
        self.here, self.order = here, np.argsort(here.place)
        self.places = here.place[self.order]

    def scatter(self, name: str, column: str, into: Any, *, among: Any = None) -> None:
        """The least of what is there and of that column, at the place of each of its rows."""
        columns = self.found[name]
        keys, values = columns["place_id"], columns[column]
        if among is not None:
            keys, values = keys[among], values[among]
        if len(keys) and len(self.places):
            at = np.minimum(np.searchsorted(self.places, keys), len(self.places) - 1)
            known = self.places[at] == keys
            np.minimum.at(into, self.order[at[known]], values[known])

    def of_owners(self, name: str, column: str, *, by: str = "professional_id") -> Any:
        """The values of that column for each owner, 0 where there is none. Professionals and structures are numbered
        apart.
        """
        columns, owners = self.found[name], self.here.owner
        known, values = columns[by], columns[column]
        answer = np.zeros(len(owners), np.int64)
        if len(known):
            order = np.argsort(known)
            at = order[np.minimum(np.searchsorted(known, owners, sorter=order), len(known) - 1)]
            answer = np.where(known[at] == owners, values[at], 0)
        return np.where((self.here.kind == 0) == (by == "professional_id"), answer, 0)


def _told(question: Question, here: Practices, relevant: Sequence[int], known: Known) -> _Told | None:
    """None when what was known of the SAS is no longer so."""
    people = here.kind == 0
    values = (
        question.values()
        | known.asked
        | {
            "relevant": list(relevant),
            "stale_minutes": declared("feed_stale_minutes").default,
            "taking": Bigints(here.place[here.having(TAKING)]),
            "pro": Bigints(here.place[here.having(PRO)]),
            "public": Bigints(here.place[here.having(PUBLIC)]),
            "people": Bigints(here.owner[people]),
            "people_places": Bigints(here.place[people]),
        }
    )
    still, *sent = rows(_offers(), values)[0]
    return _Told(sent, here) if confirms(known, still) else None


def _seats(here: Practices, told: _Told, *, now: int) -> tuple[Any, Any, Any]:
    """The first free seat of each of OFFERS, the end of the absence, and the first seats after it."""
    starts, shown, freed, after = (np.full((len(here), 4), NO_SEAT) for _ in range(4))
    sort = told.found["given"]["sort"]
    for column in (0, 1):
        told.scatter("given", "code", starts[:, column], among=sort == column)
    told.scatter("given", "code", starts[:, 2], among=sort >= 2)
    told.scatter("given", "code", shown[:, 2], among=sort == 3)
    told.scatter("public", "code", starts[:, 3])
    told.scatter("alone", "code", starts[:, 0], among=told.found["alone"]["sort"] == 0)
    told.scatter("alone", "code", starts[:, 3], among=told.found["alone"]["sort"] == 1)
    for column, name in enumerate(("snp", "cpts", "pro", "public")):
        told.scatter("freed", name, freed[:, column])
        told.scatter("later", name, after[:, column])
    told.scatter("freed", "pro_shown", shown[:, 2])
    told.scatter("freed", "public_shown", shown[:, 3])
    hidden = ~here.having(PRO)
    starts[hidden, 2] = NO_SEAT
    freed[hidden, 2], freed[~here.having(PUBLIC), 3] = NO_SEAT, NO_SEAT
    starts = np.minimum(starts, np.where(here.having(TAKING)[:, None], np.minimum(freed, shown), NO_SEAT))
    away = np.full(len(here), NO_SEAT)
    told.scatter("later", "until", away)
    away[(away == NO_SEAT) | (here.kind > 0)] = UNKNOWN
    after[away == UNKNOWN] = NO_SEAT
    return _bookable(starts, now), away, after


def _bookable(codes: Any, now: int) -> Any:
    """A plage in progress is bookable now."""
    return np.where(codes < coded(now, 0), coded(now, 0) | (codes & SLOT_MASK), codes)


# ---- together


def _crowd(
    here: Practices, told: _Told, relevant: tuple[int, ...], *, origin: Origin | None, seats: dict[str, Any], rows: Any
) -> Crowd:
    """Of these rows of all that were read."""
    person, asked, offered = here.kind == 0, told.of_owners("asked", "times"), told.of_owners("offered", "seats")
    asked += told.of_owners("asked", "times", by="structure_id")
    offered += told.of_owners("offered", "seats", by="structure_id")
    belongs = np.where(person, told.of_owners("belonging", "mask") | _own(here, relevant), 0)
    left = np.maximum(0, here.per_day - told.of_owners("overbooked", "times"))
    seen = person & np.isin(here.owner, told.found["seen"]["professional_id"])
    shown = here.taken(rows)
    km, minutes = _journeys(origin, shown.lat, shown.lon)
    return Crowd(
        relevant=relevant,
        owner=shown.owner,
        place=shown.place,
        kind=shown.kind,
        label=shown.label.tolist(),
        profession=shown.profession.tolist(),
        specialty=shown.specialty.tolist(),
        km=km,
        minutes=minutes,
        way=shown.way,
        visits=shown.having(VISITS),
        video=shown.having(VIDEO),
        overbooking=shown.having(OVERBOOKING),
        left=left[rows],
        wheelchair=shown.having(WHEELCHAIR),
        languages=shown.languages.tolist(),
        belongs=belongs[rows],
        asked=asked[rows],
        offered=offered[rows],
        seen=seen[rows],
        stale=_stale(here, told)[rows],
        **{name: column[rows] for name, column in seats.items()},
    )


def _stale(here: Practices, told: _Told) -> Any:
    """An agenda of one place, or of every place of its doctor: place 0."""
    found, columns = np.zeros(len(here), np.bool_), told.found["stale"]
    for person, place in zip(columns["professional_id"].tolist(), columns["place_id"].tolist(), strict=True):
        found |= (here.kind == 0) & (here.owner == person) & ((here.place == place) | (place == 0))
    return found


def _own(here: Practices, relevant: tuple[int, ...]) -> Any:
    found = np.zeros(len(here), np.int64)
    for index, one in enumerate(relevant):
        found |= np.where(here.own_structure == one, 1 << index, 0)
    return found


def _journeys(origin: Origin | None, lat: Any, lon: Any) -> tuple[Any, Any]:
    if origin is None:
        return np.zeros(len(lat)), np.full(len(lat), UNKNOWN)
    return journeys_from(origin.lat, origin.lon, origin.density).to_all(lat, lon)


# ---- those who are shown


class Close(NamedTuple):
    """What is read more closely of someone who is shown; `seats` is JSON, kept as PostgreSQL wrote it."""

    sketch: Sketch
    seats: str | None
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


def shown_of(question: Question, sketches: Iterable[Sketch]) -> tuple[tuple[Close, ...], dict[int, Place]]:
    """These sketches with their seats, and their places by number."""
    by_place = {sketch.place: sketch for sketch in sketches}
    if not by_place:
        return (), {}
    until = [sketch.away_until for sketch in by_place.values()]
    found = rows(_shown(), question.values() | {"places": list(by_place), "until": until})
    return tuple([_close(by_place[row[0]], row) for row in found]), {row[0]: _place(row) for row in found}


def _close(sketch: Sketch, row: tuple[Any, ...]) -> Close:
    _, structures, cpts, cpts_name, seats, _, own, *_ = row
    if sketch.structure_kind:
        return Close(sketch, seats, (), (), "")
    belongs = [*(structures or ()), *(() if own is None else (own,))]
    return Close(sketch, seats, tuple(map(str, sorted({*belongs}))), tuple(map(str, sorted(cpts or ()))), cpts_name)


def _place(row: tuple[Any, ...]) -> Place:
    return _placed((row[0], *row[5:]))


def places_of(pks: Iterable[int]) -> dict[int, Place]:
    """As the second read gives them, for a ranking that is shown again."""
    wanted = sorted(set(pks))
    return {row[0]: _placed(row) for row in rows(PLACES, {"places": wanted})} if wanted else {}


def _placed(row: tuple[Any, ...]) -> Place:
    place, professional, structure, phone, address, commune, zone, phones, information, lat, lon = row
    return Place(
        place, professional, structure, phone or "", address, commune, zone, tuple(phones), information, lat, lon
    )


@cache
def _offers() -> str:
    text = _read("offers").replace("{after}", _read("after"))
    for name, value in (("{columns}", _columns()), ("{coded}", CODED), ("{bookable}", BOOKABLE)):
        text = text.replace(name, value)
    return text


def _columns() -> str:
    """Numbers only: a seat that is not there sorts last, a person or a structure that is not there is 0."""
    names = ", ".join(f"{name}.{column}" for name, columns in SENT.items() for column in columns)
    return f"{STILL}, {names} FROM " + ", ".join(_sent(name, columns) for name, columns in SENT.items())


def _sent(name: str, columns: tuple[str, ...]) -> str:
    absent = {column: 0 if column.endswith("_id") or name in COUNTS else int(NO_SEAT) for column in columns}
    arrays = ", ".join(f"array_send(array_agg(coalesce({one}, {absent[one]})::bigint)) AS {one}" for one in columns)
    return f"(SELECT {arrays} FROM {FROM.get(name, name)}) AS {name}"  # noqa: S608  (constants only)


@cache
def _shown() -> str:
    text = _read("shown").replace("{seats}", _read("seats")).replace("{away}", "local_place.until")
    return text.replace("{bookable}", BOOKABLE).replace("{shown}", SHOWN)


def _read(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
