"""What the agenda has to tell, read by hand-written statements: plain rows, no ORM instance."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from quinze.directory import identifiers
from quinze.orientation.queries import statements

OWNERS = {
    "professionals": ("professional_id", "s.professional_id = owner.id"),
    "structures": ("structure_id", "s.structure_id = owner.id AND s.professional_id IS NULL"),
}
PROFESSIONALS = """SELECT id, rpps, adeli, idnps, civility, given_name, family_name, specialty
    FROM directory_professional WHERE rpps = ANY(%(rpps)s) OR adeli = ANY(%(adeli)s) OR idnps = ANY(%(idnps)s)"""
PLACES = """SELECT place.id, place.name, place.address, commune.name, commune.postal_codes[1], commune.insee,
        place.phones, place.zone, structure.finess, structure.siret, place.is_active,
        date_part('epoch', place.valid_from) * 1000, date_part('epoch', place.valid_until) * 1000
    FROM directory_place place JOIN directory_commune commune ON commune.insee = place.commune_id
    LEFT JOIN directory_structure structure ON structure.id = place.structure_id WHERE place.id = ANY(%(ids)s)"""
HOURS = """SELECT rule.place_id, rule.starts, rule.ends, array_agg(DISTINCT rule.weekday)
    FROM availability_openingrule rule JOIN directory_place place ON place.id = rule.place_id
    WHERE rule.place_id = ANY(%(ids)s) AND rule.weekday IS NOT NULL AND rule.every_weeks = 1 AND rule.ended_at IS NULL
        AND rule.audience = ANY(%(labels)s)
        AND (%(at)s AT TIME ZONE place.zone)::date BETWEEN rule.valid_from AND coalesce(rule.valid_until, 'infinity')
    GROUP BY rule.place_id, rule.starts, rule.ends ORDER BY rule.place_id, rule.starts, rule.ends"""
STRUCTURES = "SELECT id, name, finess, siret, phone FROM directory_structure WHERE {which}"


Row = tuple[Any, ...]
KEY, START, END, LOT = 0, 1, 2, slice(3, None)  # in the row of a slot
PLACE = 5
_CODES = re.compile(r"[^{},\"]+")


class Lot(NamedTuple):
    """What slots of one sort in one agenda share. `label`: of TRE_R314; `cpts`: the structure for whose patients."""

    professional: int | None
    structure: int | None
    place: int
    kind: str
    modalities: tuple[str, ...]
    label: str
    cpts: int | None
    specialties: tuple[str, ...]
    reasons: str


class Person(NamedTuple):
    id: int
    rpps: str | None
    adeli: str | None
    idnps: str | None
    civility: str
    given: str
    family: str
    specialty: str

    @property
    def national(self) -> str:
        """With its prefix, however it is kept; a constraint says that there is one."""
        return identifiers.prefixed(rpps=self.rpps, adeli=self.adeli, idnps=self.idnps) or ""


class Address(NamedTuple):
    id: int
    name: str
    line: str
    city: str
    postal_code: str | None
    insee: str
    phones: list[str]
    zone: str
    finess: str | None
    siret: str | None
    is_active: bool
    since: float | None  # milliseconds of the epoch
    until: float | None

    def is_used(self, at: int) -> bool:
        """At that instant, in milliseconds of the epoch."""
        begun = self.since is None or self.since <= at
        return self.is_active and begun and (self.until is None or at < self.until)

    @property
    def structure_number(self) -> str | None:
        return structure_number(self.finess, self.siret)


class Body(NamedTuple):
    """A structure."""

    id: int
    name: str
    finess: str | None
    siret: str | None
    phone: str


def structure_number(finess: str | None, siret: str | None) -> str | None:
    """The IDNST: a FINESS before a SIRET, each with its prefix."""
    if finess:
        return f"1{finess}"
    return f"3{siret}" if siret else None


@dataclass(frozen=True, slots=True)
class Window:
    start: datetime
    end: datetime
    at: datetime
    sas: int | None  # of the client; None: all


def people(national: Iterable[str]) -> dict[int, Person]:
    """Those known by these national identifiers, prefixed as the interface has them."""
    asked = list(national)
    values = {
        "rpps": [each[1:] for each in asked if each.startswith("8") and len(each) == 12],
        "adeli": [each[1:] for each in asked if each.startswith("0") and len(each) == 10],
        "idnps": asked,
    }
    return {row[0]: Person(*row) for row in _rows(PROFESSIONALS, values)}


@dataclass(frozen=True, slots=True)
class Seats:
    """One row a slot, earliest first: key, start and end in milliseconds of the epoch (a thousand instants are dear to
    make), then the rest as PostgreSQL writes it, which `lots` reads once for all the slots that share it.
    """

    rows: list[Row]
    lots: dict[Row, Lot]
    places: dict[int, "Address"]


def seats(owners: Collection[int], *, of: str, window: Window, labels: Collection[str]) -> Seats:
    """`of`: professionals or structures."""
    rows = _open(owners, of=of, window=window, labels=labels)
    places = addresses({row[PLACE] for row in rows})
    rows = [row for row in rows if places[row[PLACE]].is_used(row[START])]
    return Seats(rows, {rest: _lot(rest) for rest in dict.fromkeys(row[LOT] for row in rows)}, places)


def _lot(rest: Row) -> Lot:
    """Its two lists of codes are `{AMB,HH}`, or nothing."""
    lot = Lot(*rest)
    return lot._replace(modalities=_codes(lot.modalities), specialties=_codes(lot.specialties))


def _codes(said: Any) -> tuple[str, ...]:
    return tuple(_CODES.findall(said or ""))


def _open(owners: Collection[int], *, of: str, window: Window, labels: Collection[str]) -> list[Row]:
    window_opens = max(window.start, window.at)  # nothing that is over
    if not owners:
        return []
    values = {
        "owners": list(owners),
        "from": window_opens,
        "until": window.end,
        "at": window.at,
        "sas": window.sas,
        "labels": list(labels),
    }
    return _rows(_statement(of), values)


def addresses(ids: Collection[int]) -> dict[int, Address]:
    return {row[0]: Address(*row) for row in _rows(PLACES, {"ids": list(ids)})} if ids else {}


class Hours(NamedTuple):
    """The same hours on some days of the week, 0 being Monday."""

    opens: time
    closes: time
    weekdays: list[int]


def hours(ids: Collection[int], *, labels: Collection[str], at: datetime) -> dict[int, list[Hours]]:
    """Of each place, every week, as its rules say today; what is opened for others is left out."""
    found: dict[int, list[Hours]] = {}
    for place, *one in _rows(HOURS, {"ids": list(ids), "labels": list(labels), "at": at}) if ids else ():
        found.setdefault(place, []).append(Hours(*one))
    return found


def bodies(ids: Collection[int]) -> dict[int, Body]:
    return {row[0]: Body(*row) for row in _rows(_BY_ID, {"ids": list(ids)})} if ids else {}


def bodies_by_siret(sirets: Collection[str], *, kind: str) -> dict[int, Body]:
    return {row[0]: Body(*row) for row in _rows(_BY_SIRET, {"sirets": list(sirets), "kind": kind})} if sirets else {}


_BY_ID = STRUCTURES.format(which="id = ANY(%(ids)s)")
_BY_SIRET = STRUCTURES.format(which="kind = %(kind)s AND siret = ANY(%(sirets)s)")


@cache
def _statement(of: str) -> str:
    owner, owned = OWNERS[of]
    text = (Path(__file__).parent / "slots.sql").read_text(encoding="utf-8")
    return text.replace("{owner}", owner).replace("{owned}", owned)


def _rows(statement: str, values: dict[str, Any]) -> list[Row]:
    return statements.rows(statement, values, counted=True)
