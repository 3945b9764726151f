from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from quinze.accounts.models import Sas
from quinze.directory.models import Professional
from quinze.orientation.models import Dispute, DisputeAnswer


def disputes_of(professional: Professional, *, sas: Sas) -> QuerySet[Dispute]:
    """One doctor's own, latest first, with their answers."""
    return _with_answers(Dispute.objects.filter(sas=sas, professional=professional)).order_by("-at", "-pk")


def disputes(*, sas: Sas) -> QuerySet[Dispute]:
    """Of the whole SAS: those that wait for an answer first, then the others, latest first."""
    answered = Exists(DisputeAnswer.objects.filter(dispute=OuterRef("pk")))
    return _with_answers(Dispute.objects.filter(sas=sas)).order_by(answered, "-at", "-pk")


def _with_answers(found: QuerySet[Dispute]) -> QuerySet[Dispute]:
    answers = DisputeAnswer.objects.select_related("by").order_by("at", "pk")
    return found.select_related("professional", "by").prefetch_related(Prefetch("answers", queryset=answers))
