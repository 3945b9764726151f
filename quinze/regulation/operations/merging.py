"""Two files of one request become one; a file finds its person."""

from datetime import datetime
from typing import Any

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base.errors import NotFound, Refusal
from quinze.patients.models import Patient
from quinze.patients.operations import chain, check_same_person
from quinze.patients.queries import display_name, root
from quinze.regulation import rules, sections
from quinze.regulation.attribution import SAME_REQUEST
from quinze.regulation.models import CaseFile, Step
from quinze.regulation.operations.record import (
    UNKNOWN,
    allow,
    append,
    free,
    locked_all,
    locked_open,
    required,
    tell,
)
from quinze.regulation.operations.routing import flag

FORBIDDEN = "Seuls un ARM ou un médecin régulateur joignent des dossiers."
NEVER_FILLED = ("priority", "stream", "care_level")


@transaction.atomic
def merge(case: CaseFile, *, by: Actor, at: datetime, into: CaseFile, reason: str) -> CaseFile:
    """`case` becomes part of `into`. Its contacts, drafts, decisions and lines stay, and are read with the other's."""
    allow(rules.can_redirect(by), FORBIDDEN)
    text = required(reason, field="reason", message="Dites pourquoi ces deux dossiers n’en font qu’un.")
    if case.pk == into.pk:
        raise Refusal("Un dossier ne se joint pas à lui-même : choisissez l’autre.", field="into", code="itself")
    if len(locked_all(CaseFile.objects.filter(pk__in=[case.pk, into.pk], sas=by.sas))) < 2:
        raise NotFound(UNKNOWN, code="not_found")
    case, into = locked_open(case, by=by), locked_open(into, by=by)
    if into.step == Step.CLOSED:
        raise Refusal("L’autre dossier est clos : rouvrez-le, ou joignez dans l’autre sens.", field="into")
    _chain_people(case, into)
    _fill_empty(case, into, by=by, at=at)
    was_urgent = case.priority == "P0" and into.priority != "P0"
    _leave(case, into, by=by, at=at, text=text)
    append(
        into, by=by, at=at, kind="merged", text=f"Dossier {case.number} joint à celui-ci : {text}", number=case.number
    )
    if was_urgent:
        flag(into, by=by, at=at, user=case.red_flag_by, text=f"P0 repris du dossier {case.number}.")
    tell(into, at=at)
    return into


def _leave(case: CaseFile, into: CaseFile, *, by: Actor, at: datetime, text: str) -> None:
    case.step, case.state, case.merged_into = Step.MERGED, "ACHEVE", into
    case.callback_due_at = None
    if not case.attribution.startswith("DRM"):
        case.attribution = SAME_REQUEST
    free(case)
    case.save()
    append(case, by=by, at=at, kind="merged_into", text=f"Joint au dossier {into.number} : {text}", number=into.number)
    tell(case, at=at)


def _chain_people(case: CaseFile, into: CaseFile) -> None:
    """Two provisional identities of one request are one person, unless what is known of them says otherwise."""
    person, known = case.patient, root(into.patient)
    if person.pk == known.pk or person.identity != Patient.Identity.PROVISIONAL:
        return
    try:
        check_same_person(person, known)
    except Refusal:
        return
    into.patient = chain(person, into=known)


def _fill_empty(case: CaseFile, into: CaseFile, *, by: Actor, at: datetime) -> None:
    """What only the other file knew. Nothing that this one says is replaced."""
    for section in ("caller", "place", "reason", "medical"):
        changed = _news(sections.values(case, section), sections.values(into, section))
        if not changed:
            continue
        version = sections.version(into, section) + 1
        setattr(into, f"{section}_version", version)
        sections.write(into, {name: new for name, (_old, new) in changed.items()})
        text = f"Repris du dossier {case.number}. {sections.sentence(changed)}"
        append(into, by=by, at=at, kind="section", text=text, section=section, version=version, changed=changed)
    into.save()


def _news(theirs: dict[str, Any], ours: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (ours[name], value)
        for name, value in theirs.items()
        if name not in NEVER_FILLED and value not in sections.BLANK and ours[name] in sections.BLANK
    }


@transaction.atomic
def link_patient(case: CaseFile, *, by: Actor, at: datetime, patient: Patient) -> CaseFile:
    """This file's person is somebody we know. A provisional identity is kept, chained to that person."""
    case = locked_open(case, by=by)
    allow(rules.can_note(by), FORBIDDEN)
    if patient.sas_id != by.sas.pk:
        raise NotFound("Cette personne n’est pas connue du SAS.", code="not_found")
    known = root(patient)
    if case.patient_id == known.pk:
        return case
    check_same_person(case.patient, known)
    before = case.patient
    if before.identity == Patient.Identity.PROVISIONAL:
        known = chain(before, into=known)
    changed = _identity_changes(case, known)
    case.patient = known
    case.patient_version += 1
    case.save(update_fields=["patient", "patient_version"])
    append(case, by=by, at=at, kind="section", text=f"Relié à {display_name(known)}, déjà connu du SAS.",
           section="patient", version=case.patient_version, changed=changed, patient=known.pk)  # fmt: skip
    tell(case, at=at)
    return case


def _identity_changes(case: CaseFile, known: Patient) -> dict[str, tuple[Any, Any]]:
    before = sections.values(case, "patient")
    case.patient = known
    after = sections.values(case, "patient")
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


@transaction.atomic
def dismiss_lookalike(case: CaseFile, *, by: Actor, at: datetime, other: CaseFile, reason: str = "") -> None:
    """Not the same request: it is no longer proposed beside this file."""
    case = locked_open(case, by=by)
    allow(rules.can_note(by), FORBIDDEN)
    if other.sas_id != by.sas.pk:
        raise NotFound(UNKNOWN, code="not_found")
    said = f" : {reason.strip()}" if reason.strip() else ""
    append(case, by=by, at=at, kind="dismissed", text=f"Dossier {other.number} écarté{said}.", number=other.number)
    tell(case, at=at)
