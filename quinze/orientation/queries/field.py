"""Everyone who may be asked, as columns, with what they offer now: the reading of a search."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from django.db import connection

from quinze.base.planned import Bigints
from quinze.directory.parameters import declared
from quinze.orientation.queries.candidates import BOOKABLE, Origin, Question
from quinze.orientation.queries.folded import MODALITIES, MORE
from quinze.orientation.queries.practices import (
    ENROLLED,
    OVERBOOKING,
    PRO,
    PUBLIC,
    REORIENTED,
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
from quinze.orientation.queries.statements import asked
from quinze.orientation.travel import journeys_from
from quinze.science.ranking import TELECONSULTATION, Crowd
from quinze.science.ranking.crowd import NO_SEAT, UNKNOWN
from quinze.science.ranking.sketches import EPOCH, SLOT_BITS, coded

FOLDER = Path(__file__).parent
CODED = f"((date_part('epoch', s.starts_at)::bigint - {EPOCH}) << {SLOT_BITS} | s.id)"
AUDIENCES = ("SNP", "CPTS", "PRO", "PUBLIC", "OWN")
OFFERED_AS = np.array([0, 1, 2, 3, 0])  # the column of `starts`, for each of AUDIENCES
SEEN_ALONE = 8
SORT = (
    "(CASE s.audience WHEN 'SNP' THEN 0 WHEN 'CPTS' THEN 1 WHEN 'PRO' THEN 2 WHEN 'PUBLIC' THEN 3 ELSE 4 END"
    f" + CASE WHEN s.sas_sees THEN {SEEN_ALONE} ELSE 0 END)"
)
# Each with its own keys, in the order in which they are sent: `offers.sql`.
SENT: dict[str, tuple[str, ...]] = {
    "given": ("place_id", "code", "more", "sort"),
    "public": ("place_id", "code", "more"),
    "alone": ("place_id", "code", "more", "sort"),
    "freed": ("place_id", "code", "more", "sort"),
    "later": ("place_id", "code", "more"),
    "away": ("place_id", "until"),
    "asked": ("professional_id", "structure_id", "times"),
    "offered": ("professional_id", "structure_id", "seats"),
    "overbooked": ("professional_id", "times"),
    "seen": ("professional_id",),
    "belonging": ("professional_id", "mask"),
    "stale": ("professional_id", "place_id"),
}
IN_BOX = " AND place.lat BETWEEN %(south)s AND %(north)s AND place.lon BETWEEN %(west)s AND %(east)s"
TRIES = 3
SLOT_MASK = (1 << SLOT_BITS) - 1
FROM = {"offered": "orientation_offeredseats WHERE sas_id = %(sas)s"}
Array = Any  # of numpy; one dimension


@dataclass(frozen=True, slots=True, eq=False)
class Seats:
    """Every seat that was read, by start then number; of public ones, the first of each place."""

    place: Array
    code: Array
    more: Array  # its end, sort and places left: folded.py; 0: its doctor says more of it, to be read
    audience: Array  # index in AUDIENCES


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """`without_offer`: professionals who take part and had nothing to offer; they can only be refused."""

    crowd: Crowd
    without_offer: tuple[int, ...]
    cards: Mapping[int, str]  # by place: what a proposal shows of it
    seats: Seats


def field_of(
    question: Question, *, origin: Origin | None, relevant: Sequence[int], meanwhile: Callable[[], Any] = dict
) -> Field:
    """Those inside the box of the question. `relevant`: the structures and CPTS that the need names. `meanwhile`: what
    else is to be done, while PostgreSQL reads.
    """
    told = _read(question, relevant, origin, meanwhile)
    here = told.here
    offers = _offers_of(told, now=int(question.at.timestamp()))
    offering = here.always | (offers.away != UNKNOWN) | (offers.starts != NO_SEAT).any(axis=1)
    offering |= here.practices.owner == (question.referring_id or 0)
    empty = sorted({*here.practices.owner[~offering & (here.practices.way > 0)].tolist()})
    kept = np.flatnonzero(offering)
    crowd = _crowd(told, offers, kept)
    cards = dict(zip(crowd.place.tolist(), here.practices.card[kept].tolist(), strict=True))
    return Field(crowd, tuple(empty), cards, offers.seats)


def _read(question: Question, relevant: Sequence[int], origin: Origin | None, meanwhile: Callable[[], Any]) -> "_Told":
    """Who may be asked is read again when somebody moved, came or left since. While a whole directory is brought in,
    what was read a moment ago is enough.
    """
    values = question.values()
    for _ in range(TRIES):
        known = known_of(question.sas_id, database=connection.alias)
        here = _Here(_practices(question, known, values), relevant, origin)
        told, still = _told(here, known, values, meanwhile)
        if confirms(known, still):
            break
        forget(question.sas_id, database=connection.alias)
    return told


# ---- who is there


def _practices(question: Question, known: Known, values: Mapping[str, Any]) -> Practices:
    """Those who take part; the referring doctor, wherever they are, and their colleagues; others if a level wants."""
    everyone, special = known.practices, question.special
    asked, placed = known.asked_for(question.profession, question.specialty)
    asked = asked[_inside(placed, question)]
    absent: list[int] = []
    if special:
        named = np.flatnonzero(one_of(everyone.owner, special) & (everyone.kind == 0) & everyone.at(question.at))
        asked = np.union1d(asked, named[everyone.owner[named] == (question.referring_id or 0)])
        absent = sorted({*special}.difference(everyone.owner[named].tolist()))
    parts = [everyone.taken(np.concatenate([asked, _houses(known, question)]))]
    if absent:
        found = practices_where("professional.id = ANY(%(special)s::bigint[])", {**values, "special": absent})
        parts.append(found.taken((found.owner == (question.referring_id or 0)) | _asked(found, question)))
    if question.with_others:
        bounded = question.origin is not None
        found = practices_where(
            f"participation.id IS NULL AND professional.id <> ALL(%(special)s::bigint[]){IN_BOX if bounded else ''}",
            {**values, "special": special}, by_place=bounded,
        )  # fmt: skip
        parts.append(found.taken(_asked(found, question)))
    found = joined(parts)
    if question.from_emergency:
        found = found.taken(found.having(REORIENTED))
    return found.taken(found.of_sector(question.sector)) if question.sector else found


def _asked(practices: Practices, question: Question) -> Array:
    """Professionals of the profession and the specialty asked for, inside the box."""
    return practices.exercising(question.profession, question.specialty) & _inside(practices, question)


def _inside(practices: Practices, question: Question) -> Array:
    """Taking part now, inside the box."""
    found = practices.at(question.at)
    if question.origin is None:
        return found
    box = question.box
    inside = (practices.lat >= box["south"]) & (practices.lat <= box["north"])
    inside &= (practices.lon >= box["west"]) & (practices.lon <= box["east"])
    if TELECONSULTATION in question.modalities:
        inside |= practices.having(VIDEO)
    return found & inside


def _houses(known: Known, question: Question) -> Array:
    """Rows of structures, once at each place: as they take part now, else as they are."""
    rows, houses = known.houses
    now, enrolled = houses.at(question.at), houses.having(ENROLLED)
    return rows[now & (enrolled | ~one_of(houses.place, houses.place[now & enrolled]))]


class _Here:
    """Those who may be asked, with all that is known of them before the offer is read."""

    def __init__(self, practices: Practices, relevant: Sequence[int], origin: Origin | None) -> None:
        self.practices, self.relevant, self.origin = practices, tuple(relevant), origin
        self.person = practices.kind == 0
        self.takes, self.public = practices.having(TAKING), practices.having(PUBLIC)

    def look(self) -> None:
        """While PostgreSQL reads what they offer."""
        practices = self.practices
        self.order = np.argsort(practices.place)
        self.places = practices.place[self.order]
        self.always = ~self.person | practices.having(OVERBOOKING)
        self.own = _own(practices, self.relevant)
        self.km, self.minutes = _journeys(self.origin, practices.lat, practices.lon)

    def rows_of(self, places: Array) -> tuple[Array, Array]:
        """The row of each of these places, and which of them have one."""
        if not len(self.places):
            return np.zeros(len(places), np.int64), np.zeros(len(places), np.bool_)
        at = np.minimum(np.searchsorted(self.places, places), len(self.places) - 1)
        return self.order[at], self.places[at] == places


# ---- what they offer


class _Told:
    """The answer of `offers.sql`: for each of SENT, its columns by name."""

    def __init__(self, sent: Sequence[bytes | None], here: _Here) -> None:
        columns = iter(sent)
        self.found = {name: {one: numbers_of(next(columns)) for one in names} for name, names in SENT.items()}
        self.here = here

    def of_owners(self, name: str, column: str, *, by: str = "professional_id") -> Array:
        """The values of that column for each owner, 0 where there is none. Professionals and structures are numbered
        apart.
        """
        columns, owners, person = self.found[name], self.here.practices.owner, self.here.person
        known, values = columns[by], columns[column]
        if not len(known):
            return np.zeros(len(owners), np.int64)
        order = np.argsort(known)
        at = order[np.minimum(np.searchsorted(known, owners, sorter=order), len(known) - 1)]
        found = (known[at] == owners) & (person if by == "professional_id" else ~person)
        return np.where(found, values[at], 0)


def _told(
    here: _Here, known: Known, values: Mapping[str, Any], meanwhile: Callable[[], Any]
) -> tuple[_Told, list[int] | None]:
    """With the answer of STILL."""
    practices, people = here.practices, here.person
    more = {
        "relevant": list(here.relevant),
        "one_modality": len(values["modalities"]) == 1,
        "sort": sum(1 << MODALITIES.index(one) for one in values["modalities"]),
        "stale_minutes": declared("feed_stale_minutes").default,
        "taking": Bigints(practices.place[here.takes]),
        "public": Bigints(practices.place[here.public]),
        "people": Bigints(practices.owner[people]),
        "people_places": Bigints(practices.place[people]),
    }
    with asked(_offers(), {**values, **known.asked, **more}) as rows:
        here.look()
        meanwhile()
        still, *sent = rows()[0]
    return _Told(sent, here), still


@dataclass(frozen=True, slots=True, eq=False)
class _Offers:
    """The first free seat of each of OFFERS, the end of the absence, and the first seats after it, by row."""

    starts: Array
    away: Array
    after: Array
    seats: Seats


def _offers_of(told: _Told, *, now: int) -> _Offers:
    row, code, more, sort = _may_be_given(told)
    practices, columns = told.here.practices, OFFERED_AS[sort & 7]
    away = np.full(len(practices), UNKNOWN)
    at, known = told.here.rows_of(told.found["away"]["place_id"])
    away[at[known]] = told.found["away"]["until"][known]
    away[~told.here.person] = UNKNOWN
    starts, after = (np.full(len(practices) * 4, NO_SEAT) for _ in range(2))
    np.minimum.at(starts, row * 4 + columns, code)
    back = away[row]
    later = (back != UNKNOWN) & (code >= (back - EPOCH) << SLOT_BITS)
    np.minimum.at(after, (row * 4 + columns)[later], code[later])
    seats = Seats(practices.place[row], code, more, sort & 7)
    return _Offers(_bookable(starts, now).reshape(-1, 4), away, after.reshape(-1, 4), seats)


def _may_be_given(told: _Told) -> tuple[Array, Array, Array, Array]:
    """Of the seats that were read, those that their place lets this SAS give: row, code, more, sort. In order."""
    parts = [told.found[name] for name in ("given", "public", "alone", "freed", "later")]
    place, code, more = (np.concatenate([part[name] for part in parts]) for name in ("place_id", "code", "more"))
    public = AUDIENCES.index("PUBLIC")
    sort = np.concatenate([part.get("sort", np.full(len(part["code"]), public)) for part in parts])
    # A public seat may also be shown one by one, or read again after an absence.
    order = np.argsort(code, kind="stable")
    order = order[np.diff(code[order], prepend=-1) != 0]
    place, code, more, sort = place[order], code[order], more[order], sort[order]
    row, there = told.here.rows_of(place)
    takes, flags, audience = told.here.takes[row], told.here.practices.flags[row], sort & 7
    shows = (audience == AUDIENCES.index("PRO")) & ((flags & PRO) != 0)
    shows |= (audience == public) & ((flags & PUBLIC) != 0)
    shows |= takes & ((audience <= AUDIENCES.index("CPTS")) | (sort >= SEEN_ALONE))
    kept = there & shows
    return row[kept], code[kept], more[kept], sort[kept]


def _bookable(codes: Array, now: int) -> Array:
    """A plage in progress is bookable now."""
    first = coded(now, 0)
    return np.where(codes < first, first | (codes & SLOT_MASK), codes)


# ---- together


SHOWN = frozenset({"owner", "place", "kind", "label", "profession", "specialty", "way", "flags", "languages"})


def _crowd(told: _Told, offers: _Offers, rows: Array) -> Crowd:
    """Of these rows of all that were read."""
    here, practices = told.here, told.here.practices
    asked_of, offered = told.of_owners("asked", "times"), told.of_owners("offered", "seats")
    asked_of = asked_of + told.of_owners("asked", "times", by="structure_id")
    offered = offered + told.of_owners("offered", "seats", by="structure_id")
    belongs = np.where(here.person, told.of_owners("belonging", "mask") | here.own, 0)
    left = np.maximum(0, practices.per_day - told.of_owners("overbooked", "times"))
    seen = here.person & one_of(practices.owner, told.found["seen"]["professional_id"])
    shown = practices.taken(rows, SHOWN)
    return Crowd(
        relevant=here.relevant,
        owner=shown.owner,
        place=shown.place,
        kind=shown.kind,
        label=shown.label.tolist(),
        profession=shown.profession.tolist(),
        specialty=shown.specialty.tolist(),
        km=here.km[rows],
        minutes=here.minutes[rows],
        way=shown.way,
        visits=shown.having(VISITS),
        video=shown.having(VIDEO),
        overbooking=shown.having(OVERBOOKING),
        left=left[rows],
        wheelchair=shown.having(WHEELCHAIR),
        languages=shown.languages.tolist(),
        belongs=belongs[rows],
        away=offers.away[rows],
        asked=asked_of[rows],
        offered=offered[rows],
        seen=seen[rows],
        starts=offers.starts[rows],
        after=offers.after[rows],
        stale=_stale(told)[rows],
    )


def one_of(values: Array, few: Sequence[int] | Array) -> Array:
    """As `numpy.isin`, which takes three times longer for so little."""
    if not len(few):
        return np.zeros(len(values), np.bool_)
    known = np.sort(few)
    return known[np.minimum(known.searchsorted(values), len(known) - 1)] == values


def _stale(told: _Told) -> Array:
    """An agenda of one place, or of every place of its doctor: place 0."""
    here, columns = told.here.practices, told.found["stale"]
    found = np.zeros(len(here), np.bool_)
    for person, place in zip(columns["professional_id"].tolist(), columns["place_id"].tolist(), strict=True):
        found |= told.here.person & (here.owner == person) & ((here.place == place) | (place == 0))
    return found


def _own(here: Practices, relevant: tuple[int, ...]) -> Array:
    found = np.zeros(len(here), np.int64)
    for index, one in enumerate(relevant):
        found |= np.where(here.own_structure == one, 1 << index, 0)
    return found


def _journeys(origin: Origin | None, lat: Array, lon: Array) -> tuple[Array, Array]:
    if origin is None:
        return np.zeros(len(lat)), np.full(len(lat), UNKNOWN)
    return journeys_from(origin.lat, origin.lon, origin.density).to_all(lat, lon)


@cache
def _offers() -> str:
    text = (FOLDER / "offers.sql").read_text(encoding="utf-8")
    of_a_seat = {"{coded}": CODED, "{sort}": SORT, "{more}": MORE, "{bookable}": BOOKABLE}
    for name, value in {"{columns}": _columns(), **of_a_seat}.items():
        text = text.replace(name, value)
    return text


def _columns() -> str:
    """Numbers only: a person, a structure or a place that is not there is 0."""
    names = ", ".join(f"{name}.{column}" for name, columns in SENT.items() for column in columns)
    return f"{STILL}, {names} FROM " + ", ".join(_sent(name, columns) for name, columns in SENT.items())


def _sent(name: str, columns: tuple[str, ...]) -> str:
    arrays = ", ".join(f"array_send(array_agg(coalesce({one}, 0)::bigint)) AS {one}" for one in columns)
    return f"(SELECT {arrays} FROM {FROM.get(name, name)}) AS {name}"  # noqa: S608  (constants only)
