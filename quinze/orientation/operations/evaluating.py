"""What a nurse is asked to evaluate, what the nurse writes, and the doctor who takes note of it (ORI-12).

The words are medical: they never go in the history of the request, which an OSNP reads (REG-04). The case file, told
by the event, reads the report itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, Refusal
from quinze.orientation.models import (
    CONSTANTS,
    Assistance,
    Booking,
    Evaluation,
    NurseReport,
    OrientationRequest,
    ReportReading,
)
from quinze.orientation.operations.give import words as words_of
from quinze.orientation.operations.journal import record, tell_booking
from quinze.orientation.operations.locks import lock_booking, lock_request
from quinze.orientation.operations.outcome import record_outcome
from quinze.orientation.queries.bookings import GIVEN

EARLIEST = timedelta(hours=2)  # a nurse who comes before the hour agreed
LONGEST_FOUND, LONGEST_CONSTANT = 1500, 20
WRITTEN_FOR = (*GIVEN, Booking.Status.FULFILLED)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the nurse writes. `constants`: by name of CONSTANTS, as text; nothing is computed from them."""

    seen_at: datetime
    found: str
    conclusion: str
    constants: Mapping[str, str]


def ask_evaluation(*, request: OrientationRequest, question: str) -> Evaluation:
    """In the transaction that makes the request."""
    return Evaluation.objects.create(request=request, question=question.strip())


def ask_assistance(*, request: OrientationRequest, doctor: str, join: str, by: Actor) -> Assistance:
    """In the transaction that makes the request. `doctor`: the name of another one; empty, who decides is there."""
    named = doctor.strip()
    return Assistance.objects.create(
        request=request, doctor=named or by.name, user=None if named else by.user, join=join.strip()
    )


def report(*, booking: Booking, seen: Seen, known: int, by: Actor, at: datetime) -> NurseReport:
    """By the nurse of the appointment and nobody else, delegates included. `known`: how many reports the page showed;
    another one written meanwhile is read before one more is added. The person is then noted as seen.
    """
    _check_words(seen)
    with refuse_violations():
        locked = lock_booking(booking)
        asked = _asked(locked, by)
        if not locked.starts_at - EARLIEST <= seen.seen_at <= at:
            raise Refusal("Cette heure de visite n’est pas possible : corrigez-la.", field="seen_at")
        made = NurseReport.objects.create(
            evaluation=asked, booking=locked, number=known + 1, at=at, by=by.user, seen_at=seen.seen_at,
            found=seen.found.strip(), conclusion=seen.conclusion,
            **{name: value.strip() for name, value in seen.constants.items()},
        )  # fmt: skip
        text = f"Évaluation de l’infirmier écrite, rendue au médecin : {words_of(locked)}"
        tell_booking(locked, kind="evaluated", text=text, by=by, at=at, data={"report_id": made.pk})
        if locked.status in GIVEN and locked.starts_at <= at:
            record_outcome(booking=locked, outcome="fulfilled", by=by, at=at, by_kind="doctor")
    return made


def _check_words(seen: Seen) -> None:
    if not seen.found.strip():
        raise Refusal("Écrivez ce que vous avez vu.", field="found")
    if len(seen.found) > LONGEST_FOUND:
        raise Refusal(f"Écrivez {LONGEST_FOUND} caractères au plus.", field="found")
    if seen.conclusion not in NurseReport.Conclusion.values:
        raise Refusal("Choisissez une conclusion.", field="conclusion")
    for name, value in seen.constants.items():
        if name not in CONSTANTS or len(value.strip()) > LONGEST_CONSTANT:
            raise Refusal(f"Écrivez {LONGEST_CONSTANT} caractères au plus.", field=name)


def _asked(booking: Booking, by: Actor) -> Evaluation:
    nurse = booking.professional
    if by.mandate is not None or nurse is None or nurse.account_id != by.user.pk:
        raise Refusal("Seul l’infirmier du rendez-vous écrit son évaluation.", code="forbidden")
    asked = Evaluation.objects.filter(request=booking.request_id).first()
    if asked is None:
        raise Refusal("Aucune évaluation n’est demandée pour ce rendez-vous.", code="not_asked")
    if booking.status not in WRITTEN_FOR:
        raise Conflict(f"Ce rendez-vous est {booking.get_status_display()} : revenez à la journée.", code="not_given")
    return asked


def acknowledge(*, report: NurseReport, by: Actor, at: datetime) -> ReportReading:
    """The doctor has read it. Two who say so at once: the second is told that a colleague has."""
    with transaction.atomic():
        request = lock_request(report.evaluation_id)
        with refuse_violations():
            read = ReportReading.objects.create(report=report, at=at, by=by.user)
        text = "Évaluation de l’infirmier lue par le médecin"
        record(request=request, kind="evaluation_read", text=text, by=by, at=at, data={"report_id": report.pk})
    return read
