from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base.errors import Conflict, Refusal
from quinze.orientation.models import Booking
from quinze.orientation.operations.book import given
from quinze.orientation.operations.give import words
from quinze.orientation.operations.journal import set_status, tell_booking
from quinze.orientation.operations.locks import lock_booking
from quinze.orientation.operations.requests import mark_over

Status = Booking.Status
OUTCOMES = (Status.FULFILLED, Status.NO_SHOW)
HEADS = {Status.FULFILLED: "Patient venu", Status.NO_SHOW: "Patient pas venu"}


def record_outcome(
    *,
    booking: Booking,
    outcome: str,
    by: Actor,
    at: datetime,
    by_kind: str = "staff",
    note: str = "",
    warned: bool | None = None,
) -> Booking:
    """Came or did not come, said by the doctor or by the OSNP. `warned`: the patient had said so beforehand."""
    status = _outcome(outcome)
    with transaction.atomic():
        locked = given(booking)
        if locked.starts_at > at:
            raise Refusal("Le rendez-vous n’a pas commencé : son issue se note ensuite.", code="too_early")
        reason = "; ".join(part for part in (_warning(status, warned), note.strip()) if part)
        set_status(locked, status, by=by, by_kind=by_kind, at=at, reason=reason)
        mark_over(locked.request, by=by, at=at)
        _tell(locked, HEADS[status], reason, by=by, at=at)
    return locked


def correct_outcome(
    *, booking: Booking, outcome: str, reason: str, by: Actor, at: datetime, by_kind: str = "staff"
) -> Booking:
    """The first answer stays written; this one follows it."""
    status = _outcome(outcome)
    if not reason.strip():
        raise Refusal("Dites pourquoi l’issue est corrigée.", field="reason")
    with transaction.atomic():
        locked = lock_booking(booking)
        if locked.status not in OUTCOMES:
            raise Conflict("Ce rendez-vous n’a pas encore d’issue à corriger.", code="no_outcome")
        if locked.status == status:
            return locked
        set_status(locked, status, by=by, by_kind=by_kind, at=at, reason=f"Correction : {reason.strip()}")
        head = f"Issue corrigée, {HEADS[status].lower()}"
        tell_booking(locked, kind="corrected", text=f"{head} ({reason.strip()}) : {words(locked)}", by=by, at=at)
    return locked


def _outcome(value: str) -> Booking.Status:
    if value not in OUTCOMES:
        raise Refusal("Choisissez « venu » ou « pas venu ».", field="outcome")
    return Status(value)


def _warning(status: Booking.Status, warned: bool | None) -> str:  # noqa: FBT001
    if status != Status.NO_SHOW or warned is None:
        return ""
    return "avait prévenu" if warned else "n’avait pas prévenu"


def _tell(booking: Booking, head: str, reason: str, *, by: Actor, at: datetime) -> None:
    known = booking.doctor_notified_at
    data = {"doctor_notified": known is not None and known <= booking.starts_at}
    text = f"{head}{f' ({reason})' if reason else ''} : {words(booking)}"
    tell_booking(booking, kind=booking.status, text=text, by=by, at=at, data=data)
