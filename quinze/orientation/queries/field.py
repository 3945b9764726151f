"""Everyone who may be asked, as sketches, then all that is read of those who are shown: the two reads of a search."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from quinze.directory.models import Place as PlaceRow
from quinze.orientation.queries.candidates import BOOKABLE, BY_KIND, SHOWN, Origin, Question, km_from, seats_of
from quinze.orientation.queries.statements import rows
from quinze.orientation.travel import minutes_for
from quinze.science.ranking import Candidate, Sketch
from quinze.science.ranking.sketches import EPOCH, NONE_FREE, SLOT_BITS, Starts, completed, not_before

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
    sketches, empty = [], set()
    named, now = frozenset(relevant), int(question.at.timestamp())
    for row in rows(text, values):
        if _offers_something(row, question):
            sketches.append(_sketch(row, origin, named, now))
        elif row[8]:
            empty.add(row[0])
    return Field(tuple(sketches), tuple(sorted(empty)))


def _offers_something(row: tuple[Any, ...], question: Question) -> bool:
    """A seat, one patient more, a declared absence; the referring doctor and a structure are always judged."""
    return bool(
        row[2]
        or row[11]
        or row[17] is not None
        or row[0] == question.referring_id
        or any(start is not None for start in row[21:25])
    )


def _sketch(row: tuple[Any, ...], origin: Origin | None, relevant: frozenset[int], now: int) -> Sketch:
    (owner, place, kind, label, profession, specialty, lat, lon, via, visits, video, overbooking, left, wheelchair,
     languages, own, member_of, away, asked, offered, seen, *starts) = row  # fmt: skip
    km = km_from(origin, lat, lon)
    belongs = tuple(member_of or ())
    return Sketch(
        owner, place, kind, label.strip(), profession, specialty, km,
        None if km is None or origin is None else minutes_for(km, density=origin.density),
        via, visits, video, overbooking, max(0, left), wheelchair, tuple(languages),
        (*belongs, own) if own in relevant and own not in belongs else belongs,
        away, asked, offered, seen, _from(now, starts[:4]), _from(now, starts[4:]),
    )  # fmt: skip


def _from(now: int, starts: Sequence[int | None]) -> Starts:
    a, b, c, d = starts
    if a is b is c is d is None:
        return NONE_FREE
    return tuple([None if code is None else not_before(code, now) for code in starts])  # type: ignore[return-value]


def shown_of(question: Question, sketches: Iterable[Sketch]) -> tuple[tuple[Candidate, ...], dict[int, Place]]:
    """The candidates of these sketches with their seats, and their places by number."""
    by_place = {sketch.place: sketch for sketch in sketches}
    if not by_place:
        return (), {}
    until = [sketch.away_until for sketch in by_place.values()]
    found = rows(_shown(), question.values() | {"places": list(by_place), "until": until})
    candidates = tuple(_candidate(by_place[row[0]], row) for row in found)
    return candidates, {row[0]: _place(row) for row in found}


def _candidate(sketch: Sketch, row: tuple[Any, ...]) -> Candidate:
    _, structures, cpts, cpts_name, seats, _, own, *_ = row
    belongs = frozenset(str(each) for each in (*(structures or ()), *(() if own is None else (own,))))
    zones = frozenset(map(str, cpts or ()))
    return completed(sketch, seats=seats_of(seats), structure_ids=belongs, cpts_ids=zones, via=cpts_name)


def _place(row: tuple[Any, ...]) -> Place:
    place, _, _, _, _, professional, structure, phone, address, commune, zone, phones, information, lat, lon = row
    return Place(
        place, professional, structure, phone or "", address, commune, zone, tuple(phones), information, lat, lon
    )


def places_of(pks: Iterable[int]) -> dict[int, Place]:
    """As the second read gives them, for a ranking that is shown again."""
    found = PlaceRow.objects.filter(pk__in=set(pks)).values_list(
        "pk", "professional_id", "structure_id", "structure__phone", "address", "commune__name", "zone", "phones",
        "information", "lat", "lon",
    )  # fmt: skip
    return {
        pk: Place(
            pk, professional, structure, phone or "", address, commune, zone, tuple(phones), information, lat, lon
        )
        for pk, professional, structure, phone, address, commune, zone, phones, information, lat, lon in found
    }


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
