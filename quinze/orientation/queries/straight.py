"""What a hold and its confirmation must know, each read by one prepared statement and without a lock.

The rows come back as model instances that hold the columns read here; any other is fetched when it is asked for.
What was read is checked again, under locks, by the statement that writes (operations/straight.py).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Model

from quinze.accounts.models import Sas, User
from quinze.availability.models import Slot
from quinze.base.at_once import prepared
from quinze.base.events import beforehand
from quinze.base.rows import tie
from quinze.directory.models import Commune, Place, Professional, Structure
from quinze.directory.parameters import declared
from quinze.orientation.events import OrientationEvent
from quinze.orientation.models import Booking, OrientationRequest, RankingLog
from quinze.orientation.models.packed import unpack

Row = TypeVar("Row", bound=Model)
LIVE = "('held', 'booked', 'confirmed')"


def _names(model: type[Model], text: str) -> tuple[str, ...]:
    """In the order of the model, as from_db wants them."""
    wanted = set(text.split())
    return tuple(field.attname for field in model._meta.concrete_fields if field.name in wanted)


REQUEST = _names(
    OrientationRequest,
    "id version status sas case_number patient modalities instruction deadline callback_phone email language "
    "reminder_channel emergency",
)
SLOT = _names(
    Slot,
    "id place professional structure starts_at ends_at capacity taken kind modalities status sas_sees min_age_months "
    "max_age_months new_patients notice_minutes specialties cpts audience",
)
PLACE = _names(Place, "id professional structure zone address phones email commune")
PROFESSIONAL = _names(Professional, "id civility given_name family_name")
STRUCTURE = _names(Structure, "id name")
COMMUNE = _names(Commune, "insee name")
LOG = _names(RankingLog, "id request output proposals")
SAS = _names(Sas, "id code name zone")
BOOKING = _names(
    Booking,
    "id sas request patient kind slot professional structure place starts_at modality instruction status "
    "hold_expires_at held_by no_show_cause",
)


def _select(alias: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


WANTED = f"""
SELECT {_select("request", REQUEST)}, {_select("slot", SLOT)}, {_select("place", PLACE)},
    {_select("professional", PROFESSIONAL)}, {_select("structure", STRUCTURE)},
    log.proposals, CASE WHEN log.proposals = '' THEN log.output END,
    (SELECT value FROM directory_sasparameter
        WHERE sas_id = request.sas_id AND name = 'hold_seconds' AND during @> %s::timestamptz),
    EXISTS (SELECT FROM orientation_booking WHERE request_id = request.id AND status IN {LIVE}),
    slot.taken >= slot.capacity AND EXISTS (
        SELECT FROM orientation_booking WHERE slot_id = slot.id AND status = 'held' AND hold_expires_at <= %s),
    nextval('orientation_booking_id_seq')
FROM orientation_rankinglog log
JOIN orientation_orientationrequest request ON request.id = log.request_id
JOIN availability_slot slot ON slot.id = %s
JOIN directory_place place ON place.id = slot.place_id
LEFT JOIN directory_professional professional ON professional.id = slot.professional_id
LEFT JOIN directory_structure structure ON structure.id = coalesce(
    slot.structure_id, CASE WHEN slot.professional_id IS NULL THEN place.structure_id END)
WHERE log.id = %s AND log.request_id = %s
"""  # noqa: S608  (constants only)

HELD = f"""
SELECT {_select("booking", BOOKING)}, {_select("request", REQUEST)}, {_select("place", PLACE)},
    {_select("professional", PROFESSIONAL)}, {_select("structure", STRUCTURE)}, {_select("commune", COMMUNE)},
    {_select("sas", SAS)},
    (SELECT value FROM directory_sasparameter
        WHERE sas_id = booking.sas_id AND name = 'reminder_hours' AND during @> %s::timestamptz){{columns}}
FROM orientation_booking booking
JOIN orientation_orientationrequest request ON request.id = booking.request_id
JOIN directory_place place ON place.id = booking.place_id
JOIN directory_commune commune ON commune.insee = place.commune_id
JOIN accounts_sas sas ON sas.id = booking.sas_id
LEFT JOIN directory_professional professional ON professional.id = booking.professional_id
LEFT JOIN directory_structure structure ON structure.id = booking.structure_id
{{joins}}
WHERE booking.id = %s
"""  # noqa: S608  (constants only)


@cache
def _held() -> str:
    """With what those who join a booking must know: their SQL names its `booking`, its `request`."""
    wanted = beforehand(OrientationEvent)
    joins = "\n".join(
        f"LEFT JOIN LATERAL (SELECT {', '.join(each.columns)} FROM {each.source}) {each.name} ON true"  # noqa: S608
        for each in wanted
    )
    return HELD.format(columns="".join(f", {each.name}.*" for each in wanted), joins=joins)


TAKER = """
SELECT taker.title, taker.given_name, taker.family_name
FROM orientation_booking booking JOIN accounts_user taker ON taker.id = booking.held_by_id
WHERE booking.slot_id = %s AND booking.seat_counted ORDER BY booking.id DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One seat that one request wants, as both were a moment ago."""

    request: OrientationRequest
    slot: Slot
    place: Place
    professional: Professional | None
    structure: Structure | None
    log: RankingLog
    hold_seconds: int
    has_live_booking: bool
    has_expired_hold: bool
    booking_id: int  # reserved for the hold, so that all of its rows can name it

    @property
    def is_full(self) -> bool:
        return self.slot.taken >= self.slot.capacity


def wanted(*, request: int, ranking: int, slot: int, at: datetime) -> Wanted | None:
    """None when one of them does not exist, or the ranking is another request's."""
    rows = prepared(WANTED, (at, at, slot, ranking, request))
    if not rows:
        return None
    values = iter(rows[0])
    asked, seat = _one(OrientationRequest, REQUEST, values), _one(Slot, SLOT, values)
    place = _one(Place, PLACE, values)
    person, house = _optional(Professional, PROFESSIONAL, values), _optional(Structure, STRUCTURE, values)
    lines, output = next(values), next(values)
    log = RankingLog.from_db("default", LOG, (ranking, request, unpack(output) if output else {}, lines))
    return Wanted(asked, seat, place, person, house, log, _choice("hold_seconds", values), *values)


def taker_of(slot: int) -> str:
    """Who took the last seat of it; empty when nobody of ours did."""
    rows = prepared(TAKER, (slot,))
    return str(User(title=rows[0][0], given_name=rows[0][1], family_name=rows[0][2])) if rows else ""


@dataclass(frozen=True, slots=True)
class ToGive:
    """A hold with all that its confirmation says; `booking.request`, `.place`, `.sas` and who receives are there."""

    booking: Booking
    reminder_hours: int
    known: dict[str, tuple[Any, ...]]  # what those who join will want, by name; () where there is none


def to_give(*, booking: int, at: datetime) -> ToGive | None:
    rows = prepared(_held(), (at, booking))
    if not rows:
        return None
    values = iter(rows[0])
    found = _one(Booking, BOOKING, values)
    asked, place = _one(OrientationRequest, REQUEST, values), _one(Place, PLACE, values)
    person, house = _optional(Professional, PROFESSIONAL, values), _optional(Structure, STRUCTURE, values)
    tie(place, commune=_one(Commune, COMMUNE, values))
    tie(found, request=asked, place=place, professional=person, structure=house, sas=_one(Sas, SAS, values))
    return ToGive(found, _choice("reminder_hours", values), _known(values))


def _known(values: Iterator[Any]) -> dict[str, tuple[Any, ...]]:
    rows = ((each.name, tuple(islice(values, len(each.columns)))) for each in beforehand(OrientationEvent))
    return {name: () if row[0] is None else row for name, row in rows}


def _one(model: type[Row], names: tuple[str, ...], values: Iterator[Any]) -> Row:
    return model.from_db("default", names, [next(values) for _ in names])


def _optional(model: type[Row], names: tuple[str, ...], values: Iterator[Any]) -> Row | None:
    read = [next(values) for _ in names]
    return None if read[0] is None else model.from_db("default", names, read)


def _choice(name: str, values: Iterator[Any]) -> int:
    chosen = next(values)
    return int(declared(name).default if chosen is None else json.loads(chosen))
