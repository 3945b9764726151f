"""The straight road of a hold and of its confirmation: everything read at once, checked in Python, written at once.

It is taken when nothing stands in the way. Anything else (a seat lost, a hold that ran out, a request that changed
meanwhile) writes nothing and takes the long road of holding.py and book.py, which knows every case and what to say;
a test compares what both roads write, row by row. Locks are in the order of locks.py.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction

from quinze.accounts.actor import Actor
from quinze.availability.limits import is_limited
from quinze.base import events
from quinze.base.at_once import AtOnce
from quinze.base.periods import period
from quinze.base.rows import fresh, tie
from quinze.orientation.events import OrientationEvent
from quinze.orientation.models import Booking, Message, OrientationRequest
from quinze.orientation.operations.choices import Chosen, choice_row
from quinze.orientation.operations.give import due, words
from quinze.orientation.operations.journal import Told, status_row, telling_of_booking
from quinze.orientation.operations.messages import WRITTEN, confirmation, doctor_notice
from quinze.orientation.queries.requests import OPEN
from quinze.orientation.queries.straight import ToGive, Wanted
from quinze.orientation.rules import may_finish_hold
from quinze.orientation.sentences import moment

Status = Booking.Status
GIVEN = (Status.BOOKED, "booked", "Rendez-vous pris")
TOLD = (Status.CONFIRMED, "confirmed", "Rendez-vous confirmé au patient")
STILL_ASKED = """
asked AS MATERIALIZED (
    SELECT id FROM orientation_orientationrequest WHERE id = %s AND version = %s FOR NO KEY UPDATE
)"""
STILL_FREE = f"""{STILL_ASKED},
given AS MATERIALIZED (
    SELECT slot.id FROM availability_slot slot
    WHERE slot.id = %s AND status = 'open' AND taken < capacity AND starts_at = %s AND ends_at = %s
        AND sas_sees IS NOT FALSE AND EXISTS (SELECT FROM asked) FOR NO KEY UPDATE
)"""  # noqa: S608  (constants only)
STILL_HELD = f"""{STILL_ASKED},
seat AS MATERIALIZED (
    SELECT id FROM availability_slot WHERE id = %s AND EXISTS (SELECT FROM asked) FOR NO KEY UPDATE
),
given AS MATERIALIZED (
    SELECT booking.id FROM orientation_booking booking
    WHERE booking.id = %s AND status = 'held' AND hold_expires_at = %s AND EXISTS (SELECT FROM seat) FOR NO KEY UPDATE
)"""  # noqa: S608  (constants only)


class _Blocked(Exception):  # noqa: N818  (never leaves this file)
    """Something changed between the reading and the writing."""


def _write(act: AtOnce, told: Sequence[Told]) -> bool:
    """False, and nothing is written, when the way was not clear after all. One statement is its own transaction."""
    # Two facts of one act would each add the same file: they are told after it, one after the other.
    after = [(told[0].event, events.joined(told[0].event, act))] if len(told) == 1 else [(f.event, None) for f in told]
    try:
        if connection.in_atomic_block or any(handlers != [] for _, handlers in after):
            _write_and_run(act, after)
            return True
        return act.write()
    except (_Blocked, IntegrityError):
        return False


def _write_and_run(act: AtOnce, after: Sequence[tuple[OrientationEvent, Sequence[events.Handler] | None]]) -> None:
    with transaction.atomic():
        if not act.write():
            raise _Blocked
        for event, handlers in after:
            events.run(event, handlers)


def _tell(act: AtOnce, told: Told) -> None:
    act.insert(told.row)
    act.publish(**told.live)


# ---- a seat kept


def hold(seat: Wanted, choice: Chosen, *, modality: str, reason: str, by: Actor, at: datetime) -> Booking | None:
    """None when the long road is to be taken."""
    if not is_clear(seat, choice, modality, at) or seat.is_full or by.mandate is not None:
        return None
    booking = _kept(seat, modality, by=by, at=at)
    kept_for = f"{seat.professional or seat.structure}, {moment(seat.slot.starts_at, seat.place.zone)}"
    told = telling_of_booking(booking, kind="held", text=f"Créneau retenu : {kept_for}", by=by, at=at)
    asked, slot = seat.request, seat.slot
    act = AtOnce(STILL_FREE, asked.pk, asked.version, slot.pk, slot.starts_at, slot.ends_at)
    act.insert(booking)
    act.insert(status_row(booking, by=by, by_kind="staff", at=at))
    _tell(act, told)
    act.insert(choice_row(choice, reason=reason, by=by, at=at))
    return booking if _write(act, [told]) else None


def is_clear(seat: Wanted, choice: Chosen, modality: str, at: datetime) -> bool:
    """Nothing to say to the person who asks, but perhaps that the seat is taken."""
    slot, asked = seat.slot, seat.request
    over = slot.ends_at <= at if slot.kind == "plage" else slot.starts_at < at
    return (
        asked.status in OPEN
        and slot.status == "open"
        and slot.place_id == choice.place_id
        and modality in slot.modalities
        and modality in asked.modalities
        and not (over or seat.has_live_booking or seat.has_expired_hold)
        and not (
            slot.sas_sees is False or slot.cpts_id or is_limited(slot) or asked.emergency_id
        )  # whom it is for: the long road knows, and says
    )


def _kept(seat: Wanted, modality: str, *, by: Actor, at: datetime) -> Booking:
    slot, asked = seat.slot, seat.request
    person, house = seat.professional, seat.structure
    booking = fresh(
        Booking,
        id=seat.booking_id,
        sas_id=asked.sas_id,
        request_id=asked.pk,
        patient_id=asked.patient_id,
        slot_id=slot.pk,
        place_id=seat.place.pk,
        professional_id=person and person.pk,
        structure_id=house and house.pk,
        held_by_id=by.user.pk,
        kind=Booking.Kind.SLOT,
        during=period(slot.starts_at, slot.ends_at),
        starts_at=slot.starts_at,
        modality=modality,
        instruction=asked.instruction,
        status=Status.HELD,
        status_at=at,
        hold_expires_at=at + timedelta(seconds=seat.hold_seconds),
    )
    tie(booking, request=asked, slot=slot, place=seat.place, held_by=by.user, professional=person, structure=house)
    return booking


# ---- a hold confirmed


def give(
    kept: ToGive, *, instruction: str | None, notify: tuple[str, ...], told: bool, by: Actor, at: datetime
) -> Booking | None:
    """None when the long road is to be taken. The same words and rows as give.give."""
    booking = kept.booking
    until = booking.hold_expires_at
    if booking.status != Status.HELD or until is None or until <= at or booking.slot_id is None:
        return None
    if by.mandate is not None or not may_finish_hold(by, held_by_id=booking.held_by_id, sas_id=booking.sas_id):
        return None
    asked = booking.request
    act = AtOnce(STILL_HELD, asked.pk, asked.version, booking.slot_id, booking.pk, until)
    act.known = kept.known
    facts = _given(act, kept, instruction, told=told, by=by, at=at)
    _queue(act, [*confirmation(booking, channels=notify, at=at), *doctor_notice(booking, at=at)])
    return booking if _write(act, facts) else None


def _given(act: AtOnce, kept: ToGive, instruction: str | None, *, told: bool, by: Actor, at: datetime) -> list[Told]:
    booking, asked = kept.booking, kept.booking.request
    if instruction is not None:
        booking.instruction = instruction.strip()
    booking.hold_expires_at, booking.status_at = None, at
    booking.reminder_due_at = due(booking.starts_at, at, hours=kept.reminder_hours)
    steps = (GIVEN, TOLD) if told else (GIVEN,)
    statuses, facts = [], []
    for status, kind, head in steps:
        booking.status = status
        statuses.append(status_row(booking, by=by, by_kind="staff", at=at))
        text = f"{head} : {words(booking)}"
        facts.append(telling_of_booking(booking, kind=kind, text=text, by=by, at=at))
    act.update(booking, "status", "status_at", "hold_expires_at", "instruction", "reminder_due_at")
    asked.status, asked.version = OrientationRequest.Status.BOOKED, asked.version + 1
    act.update(asked, "status", "version")
    for status_written, fact in zip(statuses, facts, strict=True):
        act.insert(status_written)
        _tell(act, fact)
    return facts


def _queue(act: AtOnce, messages: list[Message]) -> None:
    """As messages.queue."""
    if messages:
        act.insert(*messages)
        act.wake(WRITTEN)
