"""Saving one section: checked, merged with what others wrote meanwhile, refused where two wrote one field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from quinze.accounts.actor import Actor
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, Refusal
from quinze.patients.operations import change_identity
from quinze.regulation import rules, sections
from quinze.regulation.models import CaseEvent, CaseFile, Draft, Step
from quinze.regulation.operations.closing import REOPENABLE, settle_state
from quinze.regulation.operations.record import allow, append, locked_all, locked_open, tell, tell_readers

Values = Mapping[str, Any]
DECISION = "decision"  # the panel of a doctor: kept as it is typed, never saved as a section
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
    allow(rules.can_write(by, section), "Cette partie du dossier n’est pas à compléter depuis votre poste.")
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


def _check_open_to_writing(case: CaseFile) -> None:
    """Clôturé, a file is no longer changed; notes may still be added (HubSante.etat)."""
    if case.state not in REOPENABLE:
        raise Refusal("Ce dossier est clôturé : ajoutez une note.", code="too_old")


def _locked_for(case: CaseFile, *, by: Actor, section: str) -> CaseFile:
    """A person's identity is shared by their open files: all are locked, in one order, before it is written."""
    if section != "patient":
        return locked_open(case, by=by)
    seen = CaseFile.objects.filter(pk=case.pk).values("patient")
    locked_all(CaseFile.objects.filter(Q(pk=case.pk) | _shares(seen), sas=by.sas))
    return locked_open(case, by=by)


def _shares(patient: Any) -> Q:
    return Q(patient__in=patient) & ~Q(step__in=[Step.CLOSED, Step.MERGED])


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
    if section == "patient":
        try:
            columns = sections.patient_values(case, news, on=on)
        except Refusal as refusal:
            raise _told(refusal.field or "identity", refusal.message) from None
        case.patient = change_identity(case.patient, columns)
        return
    sections.write(case, news)
    with refuse_violations():
        case.save()


def _record(case: CaseFile, section: str, changed: dict[str, tuple[Any, Any]], *, by: Actor, at: datetime) -> None:
    """One line in each open file that shows these values: its version moves there too."""
    others = CaseFile.objects.filter(_shares([case.patient_id])).exclude(pk=case.pk) if section == "patient" else ()
    text = sections.sentence(changed)
    for file in (case, *others):
        version = sections.version(file, section) + 1
        setattr(file, f"{section}_version", version)
        file.save(update_fields=[f"{section}_version"])
        append(file, by=by, at=at, kind="section", text=text, section=section, version=version, changed=changed)
        if file is not case:
            tell(file, at=at)


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
    Draft.objects.filter(case=case, user=by.user, section=section).delete()
