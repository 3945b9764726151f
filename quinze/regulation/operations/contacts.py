from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base.errors import Refusal
from quinze.base.phones import as_presented, spoken
from quinze.regulation import rules
from quinze.regulation.models import CallContact, CaseEvent, CaseFile, Step
from quinze.regulation.operations.closing import REOPENABLE, back_to_work, refuse_if_closed
from quinze.regulation.operations.record import allow, append, locked_open, required, tell, tell_readers

OUTCOMES = {"answered": "joint", "no_answer": "sans réponse", "hung_up": "raccroché", "voicemail": "répondeur"}
FORBIDDEN = "Votre rôle n’écrit pas dans ce dossier."


@transaction.atomic
def record_contact(
    case: CaseFile,
    *,
    by: Actor,
    at: datetime,
    direction: str,
    number: str = "",
    outcome: str = "",
    ended_at: datetime | None = None,
) -> CallContact:
    """One telephone contact. A person who rings again about a closed file is never left with a closed file."""
    case = locked_open(case, by=by)
    allow(rules.can_note(by), FORBIDDEN)
    if direction not in CallContact.Direction.values:
        raise Refusal("Dites si l’appel est reçu ou émis.", field="direction")
    if outcome and outcome not in OUTCOMES:
        raise Refusal("Choisissez : joint, sans réponse, répondeur ou raccroché.", field="outcome")
    contact = CallContact.objects.create(
        case=case,
        direction=direction,
        number=as_presented(number or case.callback_phone or case.caller_number),
        started_at=at,
        ended_at=ended_at,
        by=by.user,
        outcome=outcome,
    )
    append(case, by=by, at=at, kind="contact", text=_said(contact), direction=direction, outcome=outcome)
    _follow(case, contact, by=by, at=at)
    return contact


def _said(contact: CallContact) -> str:
    what = "A rappelé" if contact.direction == CallContact.Direction.IN else "Rappel"
    number = f" {'du' if contact.direction == CallContact.Direction.IN else 'au'} {spoken(contact.number)}"
    outcome = f", {OUTCOMES[contact.outcome]}" if contact.outcome else ""
    return f"{what}{number if contact.number else ''}{outcome}."


def _follow(case: CaseFile, contact: CallContact, *, by: Actor, at: datetime) -> None:
    incoming = contact.direction == CallContact.Direction.IN
    if incoming and case.step == Step.CLOSED and case.state in REOPENABLE:
        back_to_work(case, by=by, at=at, text="Dossier rouvert : la personne a rappelé.")
        return
    if incoming or contact.outcome == "answered":
        case.callback_due_at, case.callback_reason, case.hung_up_at = None, "", None
        case.save(update_fields=["callback_due_at", "callback_reason", "hung_up_at"])
    tell(case, at=at)


@transaction.atomic
def schedule_callback(case: CaseFile, *, by: Actor, at: datetime, due_at: datetime, reason: str) -> CaseFile:
    case = locked_open(case, by=by)
    allow(rules.can_note(by), FORBIDDEN)
    refuse_if_closed(case)
    text = required(reason, field="reason", message="Dites pourquoi il faut rappeler.")[:200]
    if due_at <= at:
        raise Refusal("L’heure du rappel est déjà passée.", field="due_at")
    if not (case.callback_phone or case.caller_number):
        raise Refusal("Aucun numéro à rappeler : notez-le d’abord.", field="callback_phone")
    case.callback_due_at, case.callback_reason = due_at, text
    case.save(update_fields=["callback_due_at", "callback_reason"])
    append(case, by=by, at=at, kind="callback", text=f"À rappeler : {text}", due_at=due_at.isoformat())
    tell(case, at=at)
    return case


@transaction.atomic
def caller_hung_up(case: CaseFile, *, by: Actor, at: datetime) -> CaseFile:
    """The file stays where it is: a silent line may be the worst of signs. It is to be called back now."""
    case = locked_open(case, by=by)
    allow(rules.can_note(by), FORBIDDEN)
    case.hung_up_at = at
    if case.callback_phone or case.caller_number:
        case.callback_due_at, case.callback_reason = at, "Appelant raccroché"
    case.save(update_fields=["hung_up_at", "callback_due_at", "callback_reason"])
    case.contacts.filter(ended_at=None, direction="in").update(ended_at=at, outcome="hung_up")
    append(case, by=by, at=at, kind="hung_up", text="L’appelant a raccroché.")
    tell(case, at=at)
    return case


@transaction.atomic
def add_note(case: CaseFile, *, by: Actor, at: datetime, text: str) -> CaseEvent:
    case = locked_open(case, by=by)
    allow(rules.can_note(by), FORBIDDEN)
    note = required(text, field="text", message="Écrivez la note.")
    event = append(case, by=by, at=at, kind="note", text=note)
    tell_readers(case, at=at)
    return event
