"""Taking a file, giving it back. PostgreSQL decides who has it: a row lock, then a column that says so."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from quinze.accounts.actor import Actor
from quinze.base.errors import Conflict, Refusal
from quinze.base.written import Written
from quinze.regulation import rules
from quinze.regulation.models import CaseFile, Step
from quinze.regulation.operations.record import allow, free, hold, line, loaded, locked_open, write


@transaction.atomic
def claim(case: CaseFile, *, by: Actor, at: datetime) -> CaseFile:
    case = locked_open(case, by=by)
    if case.claimed_by_id == by.user.pk:
        return case
    allow(rules.can_claim(by, case.step), "Ce dossier n’est pas à prendre depuis votre poste.")
    refuse_if_held(case, by=by)
    return _take(case, by=by, at=at)


def refuse_if_held(case: CaseFile, *, by: Actor) -> None:
    holder = case.claimed_by
    if holder is None or holder.pk == by.user.pk:
        return
    raise Conflict(f"{holder} a déjà pris ce dossier.", code="claimed", holder=str(holder), since=case.claimed_at)


def _take(case: CaseFile, *, by: Actor, at: datetime) -> CaseFile:
    hold(case, user=by.user, at=at)
    taken = line(case, by=by, at=at, kind="claimed", text="Prend le dossier.")
    write(case, "claimed_by", "claimed_at", lines=[taken], at=at)
    return case


NEXT = Written(
    lambda sas, step, at: (
        CaseFile.objects.select_for_update(skip_locked=True)
        .filter(Q(callback_due_at=None) | Q(callback_due_at__lte=at), sas_id=sas, step=step, claimed_by=None)
        .order_by("priority", "waiting_since", "pk")
        .values_list("pk", flat=True)[:1]
    ),
    sas=int,
    step=str,
    at=datetime,
)


@transaction.atomic
def claim_next(*, by: Actor, at: datetime, stream: str = "") -> CaseFile | None:
    """The first that nobody holds, by priority then waiting. Rows that another desk is taking are stepped over."""
    step = _step_for(by, stream)
    chosen = NEXT(sas=by.sas.pk, step=str(step), at=at)
    return _take(loaded(chosen[0]), by=by, at=at) if chosen else None


def _step_for(by: Actor, stream: str) -> str:
    stream = stream or rules.STREAM_OF_ROLE.get(by.role, "")
    step = {"AMU": Step.AMU, "SNP": Step.SNP}.get(stream, Step.ARM)
    if not rules.can_claim(by, step):
        raise Refusal("Votre poste n’a pas de liste où prendre le dossier suivant.", code="forbidden")
    return step


@transaction.atomic
def release(case: CaseFile, *, by: Actor, at: datetime) -> CaseFile:
    """Back in the list, at the place its waiting time gives it."""
    case = locked_open(case, by=by)
    if case.claimed_by_id is None:
        return case
    if case.claimed_by_id != by.user.pk and not rules.can_see_room(by):
        refuse_if_held(case, by=by)
    free(case)
    given_back = line(case, by=by, at=at, kind="released", text="Rend le dossier à la liste.")
    write(case, "claimed_by", "claimed_at", lines=[given_back], at=at)
    return case
