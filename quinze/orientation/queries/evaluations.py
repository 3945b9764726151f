"""Evaluations by a nurse: for the nurse of the appointment, and for the doctors of the case file."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef
from django.db.models.expressions import RawSQL

from quinze.base.errors import NotFound
from quinze.orientation.models import Booking, Evaluation, NurseReport

NONE = "Aucune évaluation n’est demandée pour ce rendez-vous. Revenez à la journée."


def evaluation_of(booking: Booking) -> Evaluation:
    """With its reports, oldest first. Two reads."""
    found = Evaluation.objects.filter(request=booking.request_id).prefetch_related("reports__by").first()
    if found is None:
        raise NotFound(NONE, code="not_asked")
    return found


def reports_of(numbers: Iterable[str] | RawSQL) -> list[NurseReport]:
    """Of these case files, newest first, each with what was asked, who wrote it and which doctor has read it."""
    found = NurseReport.objects.filter(evaluation__request__case_number__in=numbers)
    return list(found.select_related("evaluation", "by", "reading__by").order_by("-at", "-pk"))


def unread(numbers: Iterable[str] | RawSQL) -> bool:
    return NurseReport.objects.filter(evaluation__request__case_number__in=numbers, reading=None).exists()


def is_awaited(request: int) -> bool:
    """Asked, and nothing is written yet."""
    written = NurseReport.objects.filter(evaluation=OuterRef("pk"))
    return Evaluation.objects.filter(~Exists(written), pk=request).exists()
