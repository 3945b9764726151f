"""Who practises where, kept by each process as columns: what every search of a SAS reads, and hardly ever changes.

What is kept is served only while no stamp (directory/models/stamp.py) says that it changed; nothing is kept by a
transaction that wrote something, since what it sees may never be.
"""

import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from quinze.directory.models.offer import Sector
from quinze.orientation.queries.candidates import BY_KIND
from quinze.orientation.queries.statements import rows
from quinze.science.ranking.crowd import KINDS, WAYS

FOLDER = Path(__file__).parent
HOUSE = ("", "")  # no profession
PLACED = frozenset({"place", "lat", "lon", "since", "until", "flags"})
KEPT, KEPT_SECONDS = 128, 12 * 3600  # SAS; stamps are forgotten after a day
NUMBERS = ("owner", "place_id", "kind", "way", "flags", "per_day", "own_structure")
MEASURES = ("lat", "lon", "since", "until")
VISITS, VIDEO, PRO, PUBLIC, OVERBOOKING, WHEELCHAIR, TAKING, ENROLLED, REORIENTED = (1 << bit for bit in range(9))
SECTORS, SECTOR_BITS = tuple(Sector.values), 9  # above the flags: 0 where it is not known, else its rank
Array = Any  # of numpy; one dimension, as long as all others of the same object


@dataclass(slots=True, eq=False)
class Practices:
    """One row for a person or a structure at a place. Instants in seconds since 1970, -inf and inf included;
    `lat` and `lon` are NaN where they are not known; `own_structure` -1 where there is none.
    """

    label: Array
    profession: Array
    specialty: Array
    languages: Array
    owner: Array
    place: Array
    kind: Array  # index in KINDS
    way: Array  # index in WAYS
    flags: Array
    per_day: Array
    own_structure: Array
    lat: Array
    lon: Array
    since: Array
    until: Array
    card: Array  # what a proposal shows of it, in JSON: orientation/queries/close.py

    def __len__(self) -> int:
        return len(self.owner)

    def having(self, flag: int) -> Array:
        return (self.flags & flag) != 0

    def of_sector(self, sector: str) -> Array:
        """Professionals of that one, and structures, which have none."""
        return (self.flags >> SECTOR_BITS == SECTORS.index(sector) + 1) | (self.kind > 0)

    def at(self, instant: datetime) -> Array:
        """Taking part then, or as they are whenever."""
        seconds = instant.timestamp()
        return (self.since <= seconds) & (seconds < self.until)

    def exercising(self, profession: str, specialty: str) -> Array:
        """Professionals of these; whose specialty is not known may have any."""
        found = (self.kind == 0) & (self.profession == profession)
        return found & ((self.specialty == specialty) | (self.specialty == "")) if specialty else found

    def taken(self, which: Array, columns: Collection[str] = ()) -> "Practices":
        """Of all columns, or of these only: the others are left empty."""
        kept = columns or COLUMNS
        return Practices(*(getattr(self, name)[which] if name in kept else NOTHING for name in COLUMNS))


COLUMNS = tuple(each.name for each in fields(Practices))
NOTHING = np.zeros(0, np.int64)


def joined(many: Sequence[Practices]) -> Practices:
    if len(many) == 1:
        return many[0]
    return Practices(*(np.concatenate([getattr(each, name) for each in many]) for name in COLUMNS))


# ---- read

ALL = "participation.sas_id = %(sas)s"
FLAGS = """coalesce(participation.accepts_visits, false)::int::bigint
        + 2 * coalesce(participation.accepts_teleconsultation, false)::int
        + 4 * coalesce(participation.shows_pro_slots, false)::int
        + 8 * coalesce(participation.shows_public_slots, true)::int
        + 16 * coalesce(participation.accepts_overbooking, false)::int
        + 256 * coalesce(participation.takes_reorientations, false)::int
        + 512 * coalesce(array_position({sectors}, place.sector), 0)"""
PEOPLE = """SELECT professional.id AS owner, place.id AS place_id, 0::bigint AS kind,
        trim(professional.civility || ' ' || professional.given_name || ' ' || professional.family_name) AS label,
        professional.profession, professional.specialty, place.languages, place.lat, place.lon,
        CASE WHEN participation.id IS NULL THEN 0
            ELSE coalesce(array_position({ways}, participation.via::varchar), 2)::bigint - 1 END AS way,
        {flags} + 32 * coalesce(place.wheelchair, false)::int + 64 * (participation.id IS NOT NULL)::int AS flags,
        coalesce(participation.overbooking_per_day, 0)::bigint AS per_day,
        coalesce(place.structure_id, -1) AS own_structure,
        coalesce(extract(epoch FROM lower(participation.during)), '-infinity')::float8 AS since,
        coalesce(extract(epoch FROM upper(participation.during)), 'infinity')::float8 AS until, {card} AS card
    FROM {source} {shown} WHERE place.is_active AND {condition}"""
# Belonging is dated: what begins tomorrow begins without a stamp.
CARD = """json_build_array(place.address, commune.name, place.zone, place.phones, place.information, place.lat,
        place.lon, place.professional_id, place.structure_id, here.phone, place.sector, (
            SELECT json_agg(json_build_array(house.id, CASE WHEN house.kind = 'CPTS' THEN house.name END,
                extract(epoch FROM lower(membership.during)), extract(epoch FROM upper(membership.during))))
            FROM directory_membership membership JOIN directory_structure house ON house.id = membership.structure_id
            WHERE membership.professional_id = place.professional_id
        ))::text"""
SHOWN = """JOIN directory_commune commune ON commune.insee = place.commune_id
        LEFT JOIN directory_structure here ON here.id = place.structure_id"""
TAKING_PART = """directory_participation participation
        JOIN directory_professional professional ON professional.id = participation.professional_id
        JOIN directory_place place ON place.professional_id = professional.id"""
ANYBODY = """directory_professional professional
        JOIN directory_place place ON place.professional_id = professional.id
        LEFT JOIN directory_participation participation ON participation.professional_id = professional.id
            AND participation.sas_id = %(sas)s AND participation.during @> %(at)s::timestamptz"""
BY_PLACE = ANYBODY.replace("directory_professional professional\n        JOIN directory_place place ON", (
    "directory_place place\n        JOIN directory_professional professional ON"))  # fmt: skip
# A structure of the SAS is asked whether it takes part or not: a row for each of its participations, and one without.
HOUSES = """UNION ALL
    SELECT structure.id, place.id, array_position({kinds}, structure.kind::varchar)::bigint - 1, structure.name, '', '',
        place.languages, place.lat, place.lon,
        CASE WHEN participation.id IS NULL THEN 0 ELSE array_position({ways}, {via}::varchar)::bigint - 1 END,
        {flags} + 32 * (structure.kind = 'ED' OR coalesce(place.wheelchair, false))::int + 64
            + 128 * (participation.id IS NOT NULL)::int, 0, -1,
        coalesce(extract(epoch FROM lower(participation.during)), '-infinity')::float8,
        coalesce(extract(epoch FROM upper(participation.during)), 'infinity')::float8, {card}
    FROM (
        SELECT structure_id, id FROM directory_participation WHERE sas_id = %(sas)s AND structure_id IS NOT NULL
        UNION ALL SELECT id, NULL FROM directory_structure WHERE sas_id = %(sas)s
    ) one
    JOIN directory_structure structure ON structure.id = one.structure_id
    JOIN directory_place place ON place.structure_id = structure.id
    LEFT JOIN directory_participation participation ON participation.id = one.id
    {shown}
    WHERE place.is_active AND place.professional_id IS NULL
        AND structure.kind IN ('SOS', 'CSNP', 'MMG', 'CDS', 'MSP', 'ED')"""
SENT = ", ".join(
    [
        *(f"array_send(array_agg({name}::bigint))" for name in NUMBERS),
        *(f"array_send(array_agg(coalesce({name}, 'NaN')::float8))" for name in MEASURES),
        "array_agg(card)",
    ]
)
UNDER = """, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_current_snapshot()::text,
    pg_current_xact_id_if_assigned() IS NULL, (SELECT max(id) FROM directory_practicestamp)"""
VIA = "CASE structure.kind " + " ".join(f"WHEN '{k}' THEN '{way.value}'" for k, way in BY_KIND.items()) + " ELSE '' END"


@cache
def _text(source: str, condition: str, *, houses: bool = False, under: bool = False) -> str:
    text = (FOLDER / "practices.sql").read_text(encoding="utf-8")
    for name, value in (
        ("{people}", PEOPLE.replace("{source}", source).replace("{condition}", condition)),
        ("{houses}", HOUSES.replace("{via}", VIA) if houses else ""),
        ("{columns}", SENT + (UNDER if under else "")),
        ("{flags}", FLAGS),
        ("{card}", CARD),
        ("{shown}", SHOWN),
        ("{kinds}", _texts(KINDS)),
        ("{ways}", _texts(WAYS)),
        ("{sectors}", _texts(SECTORS)),
    ):
        text = text.replace(name, value)
    return text


def _texts(values: Iterable[str]) -> str:
    return "ARRAY[" + ", ".join(f"'{value}'" for value in values) + "]::varchar[]"


def _practices(found: Sequence[Any]) -> Practices:
    texts = (np.array(text or (), dtype=object) for text in found[:4])
    numbers = (numbers_of(sent) for sent in found[4:11])
    measures = (numbers_of(sent, measure=True) for sent in found[11:15])
    cards = np.array(found[15] or (), dtype=object)
    return Practices(*[*texts, *numbers, *measures, cards])


def numbers_of(sent: bytes | None, *, measure: bool = False) -> Array:
    """An array as PostgreSQL sends it, without NULL: five numbers of heading, then a length and a value each."""
    kind, item = (np.float64, ">f8") if measure else (np.int64, ">i8")
    if sent is None:
        return np.zeros(0, kind)
    return np.frombuffer(sent, dtype=[("size", ">i4"), ("value", item)], offset=20)["value"].astype(kind)


def practices_where(condition: str, values: Mapping[str, Any], *, by_place: bool = False) -> Practices:
    """Of anybody, with how they take part now. `condition`: constant SQL on professional, place and participation."""
    return _practices(rows(_text(BY_PLACE if by_place else ANYBODY, condition), values)[0])


# ---- kept


@dataclass(frozen=True, slots=True)
class Known:
    """What a process knows of a SAS, under which snapshot. `fresh`: read just now, there is nothing to ask."""

    practices: Practices
    xmin: int
    snapshot: str
    stamp: int  # the last one then: when it is gone, so may be those that followed
    until: float
    fresh: bool = False
    unsure: bool = False  # read by a transaction that wrote: what it sees may never be, and its own stamp says nothing

    _rows: dict[tuple[str, str], tuple[Array, Practices]] = field(default_factory=dict)

    def asked_for(self, profession: str, specialty: str) -> tuple[Array, Practices]:
        """Rows of those who exercise these, with where and when: the same question comes all day."""
        return self._rows.get((profession, specialty)) or self._kept(
            (profession, specialty), self.practices.exercising(profession, specialty)
        )

    @property
    def houses(self) -> tuple[Array, Practices]:
        """The same of structures."""
        return self._rows.get(HOUSE) or self._kept(HOUSE, self.practices.kind > 0)

    def _kept(self, name: tuple[str, str], which: Array) -> tuple[Array, Practices]:
        rows = np.flatnonzero(which)
        return self._rows.setdefault(name, (rows, self.practices.taken(rows, PLACED)))

    @property
    def asked(self) -> dict[str, Any]:
        """Values of STILL."""
        return {"stamp": self.stamp, "xmin": self.xmin, "snapshot": self.snapshot}


# Asked in the statement that uses what is known: it costs no exchange of its own.
STILL = """(SELECT array_agg(id) FROM directory_practicestamp
    WHERE id = %(stamp)s OR (
        xid >= %(xmin)s AND %(sas)s::bigint = ANY(sas_ids)
        AND NOT pg_visible_in_snapshot(xid::text::xid8, %(snapshot)s::text::pg_snapshot)))"""
_kept: OrderedDict[tuple[str, int], Known] = OrderedDict()
_lock = Lock()


def known_of(sas_id: int, *, database: str) -> Known:
    """Those who ever take part and the structures of a SAS (who does at an instant is `since` and `until`). It must be
    confirmed by STILL, and forgotten when it is not.
    """
    kept = _kept.get((database, sas_id))
    return kept if kept is not None and time.monotonic() < kept.until else _read(sas_id, database)


def confirms(known: Known, answer: list[int] | None) -> bool:
    """`answer` is that of STILL: the stamp known then is there, and no other since."""
    return known.unsure or answer == [known.stamp]


def forget(sas_id: int, *, database: str) -> None:
    with _lock:
        _kept.pop((database, sas_id), None)


def _read(sas_id: int, database: str) -> Known:
    text = _text(TAKING_PART, ALL, houses=True, under=True)
    *found, xmin, snapshot, wrote_nothing, stamp = rows(text, {"sas": sas_id})[0]
    known = Known(_practices(found), xmin, snapshot, stamp or 0, time.monotonic() + KEPT_SECONDS)
    if not wrote_nothing or stamp is None:
        return replace(known, fresh=True, unsure=True)
    with _lock:
        _kept[(database, sas_id)] = known
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return replace(known, fresh=True)
