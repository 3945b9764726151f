"""Saving one section: checked, merged with what others wrote meanwhile, refused where two wrote one field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Q

from quinze.accounts.actor import Actor
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, Refusal
from quinze.base.written import Written
from quinze.patients.operations import change_identity
from quinze.regulation import rules, sections
from quinze.regulation.models import CaseEvent, CaseFile, Draft, Step
from quinze.regulation.operations.closing import REOPENABLE, settle_state
from quinze.regulation.operations.record import allow, line, locked_open, tell, tell_readers, write
from quinze.regulation.operations.routing import SENT, send

Values = Mapping[str, Any]
DECISION = "decision"  # the panel of a doctor: kept as it is typed, never saved as a section
PATIENT = "patient"
NOT_YOURS = "Cette partie du dossier n’est pas à compléter depuis votre poste."
LISTED = ("patient", "place", "reason")  # what the rows of a list are made of


@dataclass(frozen=True, slots=True)
class FieldConflict:
    label: str
    theirs: Any
    mine: Any
    who: str
    at: datetime


def save_section(
    case: CaseFile, *, by: Actor, at: datetime, section: str, values: Values, base_version: int
) -> CaseFile:
    """Write what was typed. Whatever refuses it, the words stay as this person's draft."""
    sections.known(section)
    allow(rules.can_write(by, section), NOT_YOURS)
    try:
        return _save(case, by=by, at=at, section=section, values=values, base_version=base_version)
    except Refusal as refusal:
        if refusal.code in ("invalid", "conflict"):
            keep_draft(case, by=by, at=at, section=section, values=values, base_version=base_version)
        raise


@transaction.atomic
def _save(case: CaseFile, *, by: Actor, at: datetime, section: str, values: Values, base_version: int) -> CaseFile:
    case = _locked_for(case, by=by, section=section)
    _check_open_to_writing(case)
    today = at.astimezone(ZoneInfo(case.sas.zone)).date()
    cleaned = sections.clean(section, values, on=today)
    changed = _merged(case, section, cleaned, base_version)
    if changed:
        _guard(case, changed)
        _write(case, section, changed, on=today)
        _record(case, section, changed, by=by, at=at)
        settle_state(case, by=by, at=at)
        shown = section in LISTED or case.step != case.step_was
        (tell if shown else tell_readers)(case, at=at)
    discard_draft(case, by=by, section=section)
    return case


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed in one section, and the version they read."""

    section: str
    values: Values
    base_version: int


@dataclass(frozen=True, slots=True)
class Sending:
    stream: str
    priority: str


def save_together(
    case: CaseFile, *, by: Actor, at: datetime, typed: Sequence[Typed], then: Sending | None = None
) -> CaseFile:
    """Every section of a page in one transaction, and the hand-over that follows, told to the desks once.

    All or nothing: whatever refuses one part refuses the whole, and nothing is written. Whoever then saves section by
    section keeps what can be kept.
    """
    with refuse_violations():
        return _save_together(case, by=by, at=at, typed=typed, then=then)


def _save_together(
    case: CaseFile, *, by: Actor, at: datetime, typed: Sequence[Typed], then: Sending | None
) -> CaseFile:
    case = _locked_for(case, by=by, section=PATIENT if any(each.section == PATIENT for each in typed) else "")
    _check_open_to_writing(case)
    if case.step == Step.CLOSED:
        raise Refusal("Un dossier clos se complète partie par partie.", code="one_by_one")
    held_by, today = case.claimed_by_id, at.astimezone(ZoneInfo(case.sas.zone)).date()
    written = [(each.section, changed) for each in typed if (changed := _changes(case, each, by=by, on=today))]
    names = [name for section, _ in written for name in sections.columns(section)]
    lines = [_set(case, section, changed, by=by, at=at, on=today) for section, changed in written]
    for section, changed in written:
        if section == PATIENT:
            _tell_the_others(case, changed, by=by, at=at)
    if then:
        lines.append(send(case, by=by, at=at, stream=then.stream, priority=then.priority))
        names += [name for name in SENT if name not in names]
    _discard_drafts(case, by=by, names=[each.section for each in typed])
    if lines:
        shown = then is not None or any(section in LISTED for section, _ in written)
        topics = {f"desk:{held_by}"} if held_by and shown else set()
        write(case, *names, lines=lines, at=at, also=tuple(topics), readers_only=not shown)
    return case


def _changes(case: CaseFile, typed: Typed, *, by: Actor, on: date) -> dict[str, tuple[Any, Any]]:
    sections.known(typed.section)
    allow(rules.can_write(by, typed.section), NOT_YOURS)
    cleaned = sections.clean(typed.section, typed.values, on=on)
    changed = _merged(case, typed.section, cleaned, typed.base_version)
    _guard(case, changed)
    return changed


def _set(
    case: CaseFile, section: str, changed: dict[str, tuple[Any, Any]], *, by: Actor, at: datetime, on: date
) -> CaseEvent:
    """The section as it will be, and the line that says what changed."""
    news = {name: new for name, (_old, new) in changed.items()}
    if section == PATIENT:
        case.patient = change_identity(case.patient, _columns_of(case, news, on=on))
    else:
        sections.write(case, news)
    return _next_version(case, section, changed, by=by, at=at)


def _next_version(
    case: CaseFile, section: str, changed: dict[str, tuple[Any, Any]], *, by: Actor, at: datetime
) -> CaseEvent:
    version = sections.version(case, section) + 1
    setattr(case, f"{section}_version", version)
    text = sections.sentence(changed)
    return line(case, by=by, at=at, kind="section", text=text, section=section, version=version, changed=changed)


def _tell_the_others(case: CaseFile, changed: dict[str, tuple[Any, Any]], *, by: Actor, at: datetime) -> None:
    """One line in each open file of the same person: its version moves there too."""
    for file in SAME_PERSON(case=case.pk, patient=case.patient_id):
        said = _next_version(file, PATIENT, changed, by=by, at=at)
        write(file, *sections.columns(PATIENT), lines=[said], at=at)


def _check_open_to_writing(case: CaseFile) -> None:
    """Clôturé, a file is no longer changed; notes may still be added (HubSante.etat)."""
    if case.state not in REOPENABLE:
        raise Refusal("Ce dossier est clôturé : ajoutez une note.", code="too_old")


def _locked_for(case: CaseFile, *, by: Actor, section: str) -> CaseFile:
    """A person's identity is shared by their open files: all are locked, in one order, before it is written."""
    if section == PATIENT:
        TOGETHER(case=case.pk, sas=by.sas.pk)
    return locked_open(case, by=by)


OPEN = ~Q(step__in=[Step.CLOSED, Step.MERGED])
TOGETHER = Written(
    lambda case, sas: (
        CaseFile.objects.select_for_update()
        .filter(Q(pk=case) | (Q(patient__in=CaseFile.objects.filter(pk=case).values("patient")) & OPEN), sas_id=sas)
        .order_by("pk")
        .values_list("pk", flat=True)
    ),
    case=int,
    sas=int,
)
SAME_PERSON = Written(
    lambda case, patient: CaseFile.objects.filter(OPEN, patient=patient).exclude(pk=case), case=int, patient=int
)


def _merged(case: CaseFile, section: str, cleaned: Values, base_version: int) -> dict[str, tuple[Any, Any]]:
    """The fields to write as (old, new). Fields that only the other person touched are left as they wrote them."""
    now = sections.values(case, section)
    since = _written_since(case, section, base_version)
    changed: dict[str, tuple[Any, Any]] = {}
    conflicts: dict[str, FieldConflict] = {}
    for name, mine in cleaned.items():
        if mine == now[name]:
            continue
        event = since.get(name)
        if event is None:
            changed[name] = (now[name], mine)
        elif mine != event["base"]:
            conflicts[name] = FieldConflict(sections.LABELS[name], now[name], mine, event["who"], event["at"])
    if conflicts:
        raise _conflict(case, section, conflicts)
    return changed


def _written_since(case: CaseFile, section: str, base_version: int) -> dict[str, dict[str, Any]]:
    """Field → the value it had at `base_version`, and who last changed it since."""
    if base_version == sections.version(case, section):
        return {}
    events = CaseEvent.objects.filter(
        case=case, kind="section", data__section=section, data__version__gt=base_version
    ).select_related("by")
    written: dict[str, dict[str, Any]] = {}
    for event in events.order_by("pk"):
        for name, (old, _new) in event.data["changed"].items():
            base = written[name]["base"] if name in written else old
            written[name] = {"base": base, "who": str(event.by), "at": event.at}
    return written


def _conflict(case: CaseFile, section: str, fields: dict[str, FieldConflict]) -> Conflict:
    name, first = next(iter(fields.items()))
    others = " et d’autres champs" if len(fields) > 1 else ""
    return Conflict(
        f"{first.who} a changé « {first.label} »{others} pendant que vous écriviez. Rien n’est perdu : choisissez.",
        code="conflict",
        field=name,
        section=section,
        version=sections.version(case, section),
        fields=fields,
    )


def _guard(case: CaseFile, changed: Values) -> None:
    """P0 and the stream of a file already sent have their own acts, with a reason."""
    if "priority" in changed and "P0" in changed["priority"]:
        raise _told("priority", "Le P0 se donne par F9 et se retire avec un motif.")
    if "stream" in changed and case.step != Step.ARM:
        raise _told("stream", "Ce dossier est déjà dans une filière : changez-la par « Rediriger », avec un motif.")


def _told(field: str, message: str) -> Refusal:
    return Refusal(message, code="invalid", field=field, errors={field: message})


def _write(case: CaseFile, section: str, changed: dict[str, tuple[Any, Any]], *, on: date) -> None:
    news = {name: new for name, (_old, new) in changed.items()}
    if section == PATIENT:
        case.patient = change_identity(case.patient, _columns_of(case, news, on=on))
        return
    sections.write(case, news)
    with refuse_violations():
        case.save(update_fields=sections.columns(section))


def _columns_of(case: CaseFile, news: Values, *, on: date) -> dict[str, Any]:
    try:
        return sections.patient_values(case, news, on=on)
    except Refusal as refusal:
        raise _told(refusal.field or "identity", refusal.message) from None


def _record(case: CaseFile, section: str, changed: dict[str, tuple[Any, Any]], *, by: Actor, at: datetime) -> None:
    """One line in each open file that shows these values: its version moves there too."""
    said = _next_version(case, section, changed, by=by, at=at)
    case.save(update_fields=[f"{section}_version"])
    said.save()
    if section == PATIENT:
        _tell_the_others(case, changed, by=by, at=at)


def keep_draft(case: CaseFile, *, by: Actor, at: datetime, section: str, values: Values, base_version: int) -> Draft:
    """What is being typed, kept by the server as it stands, right or wrong."""
    if section != DECISION:
        sections.known(section)
    if case.sas_id != by.sas.pk:
        locked_open(case, by=by)
    draft, _ = Draft.objects.update_or_create(
        case=case,
        user=by.user,
        section=section,
        defaults={"values": dict(values), "base_version": base_version, "saved_at": at},
    )
    return draft


def discard_draft(case: CaseFile, *, by: Actor, section: str) -> None:
    _discard_drafts(case, by=by, names=[section])


def _discard_drafts(case: CaseFile, *, by: Actor, names: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(DISCARD, [case.pk, by.user.pk, names])


DISCARD = "DELETE FROM regulation_draft WHERE case_id = %s AND user_id = %s AND section = ANY (%s)"
