from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base.errors import Conflict, Refusal
from quinze.orientation.models import Booking, Message, NoShowCause
from quinze.orientation.operations.book import given
from quinze.orientation.operations.give import words as words_of
from quinze.orientation.operations.journal import set_status, tell_booking
from quinze.orientation.operations.locks import lock_booking
from quinze.orientation.operations.requests import mark_over, reopen

Status = Booking.Status
OUTCOMES = (Status.FULFILLED, Status.NO_SHOW)
Cause = NoShowCause
HEADS = {
    "": "Patient venu",
    Cause.PATIENT: "Patient pas venu",
    Cause.DOCTOR: "Médecin absent, patient non vu",
    Cause.NOT_NOTIFIED: "Patient non prévenu, pas venu",
    Cause.LATE: "Patient pas venu, annulé tard",
    Cause.UNKNOWN: "Patient pas venu, cause inconnue",
}
STILL_TO_BE_SEEN = (Cause.DOCTOR, Cause.NOT_NOTIFIED)  # nothing that the patient did


def record_outcome(
    *,
    booking: Booking,
    outcome: str,
    by: Actor | None,
    at: datetime,
    by_kind: str = "staff",
    note: str = "",
    warned: bool | None = None,
    cause: str = "",
) -> Booking:
    """Came or did not come, said by the doctor or by the OSNP. `warned`: the patient had said so beforehand. Whom
    nobody told, or whom the doctor did not receive, waits again while the deadline allows.
    """
    status = _outcome(outcome)
    with transaction.atomic():
        locked = given(booking)
        if locked.starts_at > at:
            raise Refusal("Le rendez-vous n’a pas commencé : son issue se note ensuite.", code="too_early")
        locked.no_show_cause = _cause(locked, status, cause, warned)
        reason = "; ".join(part for part in (_warning(status, warned), note.strip()) if part)
        set_status(locked, status, by=by, by_kind=by_kind, at=at, reason=reason, also=("no_show_cause",))
        if locked.no_show_cause in STILL_TO_BE_SEEN and locked.request.deadline > at:
            reopen(locked.request, by=by, at=at, text="Personne à revoir : la demande attend de nouveau")
        else:
            mark_over(locked.request, by=by, at=at)
        _tell(locked, HEADS[locked.no_show_cause], reason, by=by, at=at)
    return locked


def correct_outcome(
    *,
    booking: Booking,
    outcome: str,
    reason: str,
    by: Actor | None,
    at: datetime,
    by_kind: str = "staff",
    cause: str = "",
) -> Booking:
    """The first answer stays written; this one follows it."""
    status = _outcome(outcome)
    if not reason.strip():
        raise Refusal("Dites pourquoi l’issue est corrigée.", field="reason")
    with transaction.atomic():
        locked = lock_booking(booking)
        if locked.status not in OUTCOMES:
            raise Conflict("Ce rendez-vous n’a pas encore d’issue à corriger.", code="no_outcome")
        why = _cause(locked, status, cause, None)
        if (locked.status, locked.no_show_cause) == (status, why):
            return locked
        locked.no_show_cause = why
        words = f"Correction : {reason.strip()}"
        set_status(locked, status, by=by, by_kind=by_kind, at=at, reason=words, also=("no_show_cause",))
        head = f"Issue corrigée, {HEADS[why].lower()}"
        tell_booking(locked, kind="corrected", text=f"{head} ({reason.strip()}) : {words_of(locked)}", by=by, at=at)
    return locked


def _cause(booking: Booking, status: str, cause: str, warned: bool | None) -> str:  # noqa: FBT001
    """As said; otherwise what is known: told late, never told, or absent."""
    if status == Status.FULFILLED:
        return ""
    if cause:
        if cause not in Cause.values:
            raise Refusal("Choisissez une cause de la liste.", field="cause")
        return cause
    if warned:
        return Cause.LATE
    return Cause.PATIENT if _was_told(booking) else Cause.NOT_NOTIFIED


def _was_told(booking: Booking) -> bool:
    """By voice, or by a message that did not fail."""
    spoken = booking.statuses.filter(status=Status.CONFIRMED).exists()
    return spoken or booking.messages.filter(purpose="confirmation").exclude(status=Message.Status.FAILED).exists()


def _outcome(value: str) -> Booking.Status:
    if value not in OUTCOMES:
        raise Refusal("Choisissez « venu » ou « pas venu ».", field="outcome")
    return Status(value)


def _warning(status: Booking.Status, warned: bool | None) -> str:  # noqa: FBT001
    if status != Status.NO_SHOW or warned is None:
        return ""
    return "avait prévenu" if warned else "n’avait pas prévenu"


def _tell(booking: Booking, head: str, reason: str, *, by: Actor | None, at: datetime) -> None:
    known = booking.doctor_notified_at
    data: dict[str, object] = {"cause": booking.no_show_cause}
    data["doctor_notified"] = known is not None and known <= booking.starts_at
    text = f"{head}{f' ({reason})' if reason else ''} : {words_of(booking)}"
    tell_booking(booking, kind=booking.status, text=text, by=by, at=at, data=data)
