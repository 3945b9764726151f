from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base.errors import Conflict, Refusal
from quinze.regulation.models import CaseFile, FollowUpAnswer
from quinze.regulation.operations.record import allow, append, locked


@transaction.atomic
def record_answer(case: CaseFile, *, saw: str, by: Actor, at: datetime) -> FollowUpAnswer:
    """Once for a file; the file's line says only that the question was answered, not by whom they were seen."""
    case = locked(case, by=by)
    allow(by.may(Capability.ORIENT), "Seul un OSNP note la réponse.")
    if saw not in FollowUpAnswer.Saw.values:
        raise Refusal("Choisissez une réponse de la liste.", field="saw")
    if FollowUpAnswer.objects.filter(case=case).exists():
        raise Conflict("La réponse de cette personne est déjà notée.", code="answered")
    answer = FollowUpAnswer.objects.create(case=case, saw=saw, at=at, by=by.user)
    text = "Appel de suivi à 72 h : réponse notée."
    append(case, by=by, at=at, kind="follow_up_answer", text=text, answer=answer.pk)
    return answer
