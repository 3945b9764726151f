"""Everyone who may be asked, as sketches, then all that is read of those who are shown: the two reads of a search."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from quinze.orientation.queries.candidates import BOOKABLE, BY_KIND, SHOWN, Origin, Question, seats_of
from quinze.orientation.queries.statements import rows
from quinze.orientation.travel import journeys_from
from quinze.science.ranking import Candidate, Sketch, sketch_from_json
from quinze.science.ranking.sketches import EPOCH, NONE_FREE, SLOT_BITS, coded, completed, not_before

FOLDER = Path(__file__).parent
BOX = "(place.lat BETWEEN %(south)s AND %(north)s AND place.lon BETWEEN %(west)s AND %(east)s)"
# Those who take part are few, and found by their SAS: a box would read everyone of the same latitude first.
BOX_AFTERWARDS = f"({BOX} IS TRUE)"
PRACTISES = """place.is_active AND professional.profession = %(profession)s::varchar
        AND (%(specialty)s::varchar = '' OR professional.specialty IN (%(specialty)s::varchar, ''))"""
PROFESSIONAL = """place.id AS place_id, professional.id AS owner, ''::varchar AS kind,
        professional.civility || ' ' || professional.given_name || ' ' || professional.family_name AS label,
        professional.profession, professional.specialty, place.lat, place.lon,
        coalesce(participation.via, '') AS via, coalesce(participation.accepts_visits, false) AS visits,
        coalesce(participation.accepts_teleconsultation, false) AS video,
        coalesce(participation.shows_pro_slots, false) AS shows_pro_slots,
        coalesce(participation.shows_public_slots, true) AS shows_public_slots,
        coalesce(participation.accepts_overbooking, false) AS overbooking,
        coalesce(participation.overbooking_per_day, 0)::int AS overbooking_per_day,
        coalesce(place.wheelchair, false) AS wheelchair, place.languages, place.structure_id AS own_structure"""
OTHERS = """UNION ALL
    SELECT {professional}, participation.id
    FROM directory_place place
    JOIN directory_professional professional ON professional.id = place.professional_id
    LEFT JOIN directory_participation participation ON participation.professional_id = professional.id
        AND participation.sas_id = %(sas)s AND participation.during @> %(at)s::timestamptz
    WHERE {practises} AND professional.id <> ALL(%(special)s::bigint[]) AND participation.id IS NULL AND ({within})"""
CODED = f"((date_part('epoch', s.starts_at)::bigint - {EPOCH}) << {SLOT_BITS} | s.id)"
STRUCTURE_VIA = (
    "CASE structure.kind "
    + " ".join(f"WHEN '{kind}' THEN '{way.value}'" for kind, way in BY_KIND.items())
    + " ELSE '' END"
)
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

    sketches: tuple[Sketch, ...]
    without_offer: tuple[int, ...]


def field_of(question: Question, *, origin: Origin | None, relevant: Sequence[int]) -> Field:
    """Those inside the box of the question. `relevant`: the structures and CPTS that the need names."""
    values = question.values() | {"relevant": list(relevant), "special": list(question.special)}
    text = _field(bounded=question.origin is not None, video=values["video"], others=question.with_others)
    reading = _Reading(question, origin, frozenset(relevant))
    sketches, empty = [], set()
    for row in rows(text, values):
        if _offers_something(row, question):
            sketches.append(reading.sketch(row))
        elif row[8]:
            empty.add(row[0])
    return Field(tuple(sketches), tuple(sorted(empty)))


def _offers_something(row: tuple[Any, ...], question: Question) -> bool:
    """A seat, one patient more, a declared absence; the referring doctor and a structure are always judged."""
    return bool(row[2] or row[11] or row[17] is not None or row[21:25] != NONE_FREE or row[0] == question.referring_id)


class _Reading:
    """A row into a sketch, a thousand times: nothing is computed twice."""

    def __init__(self, question: Question, origin: Origin | None, relevant: frozenset[int]) -> None:
        self.relevant = relevant
        self.journeys = journeys_from(origin.lat, origin.lon, origin.density) if origin else None
        self.now = int(question.at.timestamp())
        self.first_code = coded(self.now, 0)

    def sketch(self, row: tuple[Any, ...]) -> Sketch:
        (owner, place, kind, label, profession, specialty, lat, lon, via, visits, video, overbooking, left, wheelchair,
         languages, own, member_of, away, asked, offered, seen, a, b, c, d, *after) = row  # fmt: skip
        km, minutes = self.journeys.to(lat, lon) if self.journeys else (None, None)
        belongs = tuple(member_of) if member_of else ()
        if own in self.relevant and own not in belongs:
            belongs = (*belongs, own)
        return Sketch(
            owner, place, kind, label.strip(), profession, specialty, km,
            minutes,
            via, visits, video, overbooking, left if left > 0 else 0, wheelchair, tuple(languages), belongs, away,
            asked, offered, seen, (self._bookable(a), self._bookable(b), self._bookable(c), self._bookable(d)),
            NONE_FREE if away is None else tuple(after),
        )  # fmt: skip

    def _bookable(self, code: int | None) -> int | None:
        """A plage in progress is bookable now."""
        return code if code is None or code >= self.first_code else not_before(code, self.now)


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
def _field(*, bounded: bool, video: bool, others: bool) -> str:
    within = BOX_AFTERWARDS if bounded else "true"
    if bounded and video:
        within += " OR participation.accepts_teleconsultation"
    starts, text = _read("starts"), _read("field")
    since = " AND s.starts_at >= away.until"
    for name, value in (
        ("{starts}", starts.replace("{since}", "")),
        ("{after}", starts.replace("{since}", since)),
        ("{others}", OTHERS.replace("{within}", BOX if bounded else "true") if others else ""),
        ("{professional}", PROFESSIONAL),
        ("{practises}", PRACTISES),
        ("{within}", within),
        ("{structure_via}", STRUCTURE_VIA),
        ("{coded}", CODED),
        ("{bookable}", BOOKABLE),
        ("{shown}", SHOWN),
    ):
        text = text.replace(name, value)
    return text


@cache
def _shown() -> str:
    text = _read("shown").replace("{seats}", _read("seats")).replace("{away}", "local_place.until")
    return text.replace("{bookable}", BOOKABLE).replace("{shown}", SHOWN)


def _read(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
