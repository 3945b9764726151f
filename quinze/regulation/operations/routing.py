"""Whose turn it is: hand over, redirect, red flag, and back."""

from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import RoleGrant, User
from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.orientation.operations.requests import withdraw
from quinze.regulation import rules, sections
from quinze.regulation.models import CaseEvent, CaseFile, Step
from quinze.regulation.operations.closing import back_to_work, live_requests, refuse_if_closed
from quinze.regulation.operations.record import (
    allow,
    append,
    append_as,
    free,
    hold,
    line,
    locked,
    locked_open,
    required,
    send_to,
    tell,
    write,
)
from quinze.regulation.qualification import missing

STEP_OF_ROLE = {Role.REGULATEUR_AMU: "AMU", Role.REGULATEUR_SNP: "SNP"}


# What handing over changes of its file.
SENT = ("priority", "stream", "step", "claimed_by", "claimed_at", "waiting_since")


@transaction.atomic
def hand_over(case: CaseFile, *, by: Actor, at: datetime, stream: str, priority: str) -> CaseFile:
    case = locked_open(case, by=by)
    said = send(case, by=by, at=at, stream=stream, priority=priority)
    write(case, *SENT, lines=[said], at=at)
    return case


def send(case: CaseFile, *, by: Actor, at: datetime, stream: str, priority: str) -> CaseEvent:
    """The locked file on its way to the doctors, still to be written, and the line that says so."""
    allow(rules.can_qualify(by) or rules.can_regulate(by), "Seuls un ARM ou un médecin passent la main.")
    _check_still_with_the_arm(case)
    _check_choice(stream, priority)
    lacking = missing(case)
    sections.refuse_all(
        {field: message for field, (_label, message) in lacking.items()},
        code="incomplete",
        missing=[label for label, _message in lacking.values()],
    )
    if case.priority != "P0":
        case.priority = priority
    send_to(case, stream=stream)
    case.waiting_since = at
    text = _handed_over(case)
    return line(case, by=by, at=at, kind="handed_over", text=text, stream=stream, priority=case.priority)


def _check_still_with_the_arm(case: CaseFile) -> None:
    if case.step != Step.ARM:
        where = Step(case.step).label.lower()
        raise Refusal(f"Ce dossier a déjà été transmis ({where}) : changez sa filière par « Rediriger ».", code="sent")


def _check_choice(stream: str, priority: str) -> None:
    errors = {}
    if stream not in sections.STREAMS:
        errors["stream"] = "Choisissez la filière : AMU ou SNP."
    if priority not in sections.PRIORITIES:
        errors["priority"] = "Choisissez la priorité : P1, P2 ou P3 (P0 par F9)."
    sections.refuse_all(errors)


def _handed_over(case: CaseFile) -> str:
    code = f" ({case.reason_code})" if case.reason_code else ""
    said = f" « {case.summary.strip()} »" if case.summary.strip() else ""
    reason = sections.closed(f"{case.reason_label}{code}")
    return f"Passe la main au médecin {case.stream} : {case.priority}, motif {reason}{said}"


@transaction.atomic
def redirect(case: CaseFile, *, by: Actor, at: datetime, stream: str, reason: str) -> CaseFile:
    """Either way, at any time (REG-03). The person keeps their place: the waiting time goes on."""
    requests_first(case)
    case = locked_open(case, by=by)
    allow(rules.can_redirect(by), "Seuls un ARM ou un médecin régulateur redirigent un dossier.")
    text = required(reason, field="reason", message="Dites pourquoi ce dossier change de filière.")
    if stream not in sections.STREAMS:
        raise Refusal("Choisissez la filière : AMU ou SNP.", field="stream")
    if case.priority == "P0" and stream == "SNP":
        raise Refusal("Ce dossier est en P0 : retirez d’abord le P0, avec un motif.", field="stream", code="p0")
    refuse_if_closed(case)
    before = case.stream or "sans filière"
    withdraw_requests(case, by=by, at=at, reason=f"Redirigé vers {stream} : {text}")
    send_to(case, stream=stream)
    case.save()
    said = f"Redirigé de {before} vers {stream} : {text}" if before != stream else f"Renvoyé en {stream} : {text}"
    append(case, by=by, at=at, kind="redirected", text=said, stream=stream)
    tell(case, at=at)
    return case


def requests_first(case: CaseFile) -> None:
    """The OSNP's desk locks its request, then, by the event, this file: whoever needs both takes them in that order."""
    while case.merged_into is not None:
        case = case.merged_into
    list(live_requests(case).order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def withdraw_requests(case: CaseFile, *, by: Actor, at: datetime, reason: str) -> None:
    """A doctor takes the file back: what the OSNP was looking for is no longer asked. A booking made stays."""
    for request in live_requests(case).exclude(status="booked"):
        withdraw(request=request, reason=reason, by=by, at=at)


@transaction.atomic
def red_flag(case: CaseFile, *, by: Actor, at: datetime, reason: str = "") -> CaseFile:
    """To an AMU doctor at once, whatever is missing and wherever the file is. Pressing twice changes nothing."""
    requests_first(case)
    case = _surviving(case, by=by)
    allow(rules.can_red_flag(by), "Votre rôle n’a pas le bouton rouge : appelez le 15.")
    if case.priority == "P0" and case.step == Step.AMU:
        return case
    withdraw_requests(case, by=by, at=at, reason="urgence vitale signalée")
    flag(case, by=by, at=at, user=by.user, text=_flagged(by, reason))
    return case


def _surviving(case: CaseFile, *, by: Actor) -> CaseFile:
    case = locked(case, by=by)
    while case.merged_into is not None:
        case = locked(case.merged_into, by=by)
    return case


def _flagged(by: Actor, reason: str) -> str:
    return sections.closed(f"P0 : urgence vitale signalée ({by.role_label}). {reason.strip()}".strip())


def flag(case: CaseFile, *, by: Actor | None, at: datetime, user: User | None, text: str) -> None:
    keeps = case.claimed_by if by and by.may(Capability.REGULATE_AMU) and case.claimed_by == by.user else None
    case.priority, case.red_flag_at, case.red_flag_by = "P0", at, user
    case.state, case.closed_at, case.callback_due_at, case.waiting_since = "ACTIF", None, None, at
    send_to(case, stream="AMU")
    if keeps:
        hold(case, user=keeps, at=at)
    case.save()
    if by:
        append(case, by=by, at=at, kind="red_flag", text=text)
    else:
        append_as(case, user=user, at=at, kind="red_flag", text=text)
    tell(case, at=at, also=("p0",))


@transaction.atomic
def withdraw_red_flag(case: CaseFile, *, by: Actor, at: datetime, reason: str, priority: str = "P1") -> CaseFile:
    case = locked_open(case, by=by)
    allow(rules.can_withdraw_red_flag(by), "Seuls un ARM ou un médecin régulateur retirent un P0.")
    text = required(reason, field="reason", message="Dites pourquoi le P0 est retiré.")
    if case.priority != "P0":
        raise Refusal("Ce dossier n’est pas en P0.", code="not_p0")
    if priority not in ("P1", "P2", "P3"):
        raise Refusal("Choisissez la nouvelle priorité : P1, P2 ou P3.", field="priority")
    case.priority, case.red_flag_at, case.red_flag_by = priority, None, None
    case.save()
    append(case, by=by, at=at, kind="red_flag_withdrawn", text=f"P0 retiré, {priority} : {text}", priority=priority)
    tell(case, at=at, also=("p0",))
    return case


@transaction.atomic
def hand_over_to(case: CaseFile, *, by: Actor, at: datetime, user: User, role: str) -> CaseFile:
    """To one person, who holds it at once: a colleague who accepted by word of mouth."""
    case = locked_open(case, by=by)
    allow(rules.can_redirect(by), "Seuls un ARM ou un médecin régulateur transmettent un dossier.")
    refuse_if_closed(case)
    granted = RoleGrant.objects.filter(user=user, sas=by.sas, role=role, during__contains=at).exists()
    if not granted:
        raise Refusal("Cette personne n’a pas ce rôle dans votre SAS en ce moment.", field="user", code="not_granted")
    _place_with(case, role)
    hold(case, user=user, at=at)
    case.save()
    label = Role(role).label
    append(case, by=by, at=at, kind="handed_over_to", text=f"Transmis à {user}, {label}.", user=user.pk, role=role)
    tell(case, at=at)
    return case


def _place_with(case: CaseFile, role: str) -> None:
    if role in STEP_OF_ROLE:
        send_to(case, stream=case.stream or STEP_OF_ROLE[Role(role)])
    elif role in (Role.ARM, Role.ARM_COORDINATOR):
        case.step = Step.ARM
        free(case)
    else:
        raise Refusal("Un dossier se transmet à un médecin régulateur ou à un ARM.", field="role")


@transaction.atomic
def ask_reevaluation(case: CaseFile, *, by: Actor, at: datetime, reason: str, stream: str = "") -> CaseFile:
    """Back to a doctor: the need may have changed (REG-09). Anyone who holds the thread may ask."""
    requests_first(case)
    case = locked_open(case, by=by)
    allow(rules.can_note(by), "Votre rôle ne demande pas de réévaluation.")
    text = required(reason, field="reason", message="Dites pourquoi la situation est à réévaluer.")
    withdraw_requests(case, by=by, at=at, reason=f"Réévaluation demandée : {text}")
    case.stream = stream or case.stream or "SNP"
    back_to_work(case, by=by, at=at, text=f"Réévaluation demandée : {text}")
    return case
