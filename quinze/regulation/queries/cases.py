from datetime import datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet

from quinze.accounts.actor import Actor
from quinze.base import codes, phones
from quinze.base.errors import NotFound, Refusal
from quinze.patients.models import AccessRecord, Patient
from quinze.patients.queries import readings, same_person_ids
from quinze.regulation import attribution, numbering, rules
from quinze.regulation import decisions as natures
from quinze.regulation.models import CallContact, CaseEvent, CaseFile, Decision, Draft, Letter, Presence, Step
from quinze.regulation.queries import blind

GONE_AFTER = timedelta(seconds=60)
UNKNOWN = "Ce dossier n’existe pas dans votre SAS."


# Joined to every reading of a file. Each further table costs the planner a millisecond: who opened it, or the file it
# was joined to, are fetched by the one page that shows them; the SAS is the actor's.
SHOWN = ("patient", "patient__referring_doctor", "commune", "claimed_by")


def case_files(*, by: Actor) -> QuerySet[CaseFile]:
    """Every file of the actor's SAS, with what a page shows of it."""
    return by.sas.case_files.select_related(*SHOWN)


def case(number: str, *, by: Actor) -> CaseFile:
    found = case_files(by=by).filter(number=number).first() if rules.can_read(by) else None
    if found is None:
        raise NotFound(UNKNOWN, code="not_found")
    return found


def check_owner(case: CaseFile, *, by: Actor) -> None:
    if case.sas_id != by.sas.pk or not rules.can_read(by):
        raise NotFound(UNKNOWN, code="not_found")


def family(case: CaseFile) -> list[int]:
    """This file and those joined to it, whatever the depth."""
    keys, frontier = [case.pk], [case.pk]
    while frontier:
        frontier = list(CaseFile.objects.filter(merged_into__in=frontier).values_list("pk", flat=True))
        keys += frontier
    return keys


def drafts(case: CaseFile, *, by: Actor) -> dict[str, Draft]:
    check_owner(case, by=by)
    return {draft.section: draft for draft in Draft.objects.filter(case=case, user=by.user)}


def chronology(case: CaseFile, *, by: Actor) -> list[CaseEvent]:
    """Every line, oldest first, with those of joined files. An OSNP reads no interrogation (REG-04)."""
    check_owner(case, by=by)
    events = CaseEvent.objects.filter(case__in=family(case)).select_related("by", "case").order_by("at", "pk")
    return list(events) if rules.sees_interrogation(by) else blind.visible(events)


def contacts(case: CaseFile) -> list[CallContact]:
    return list(CallContact.objects.filter(case__in=family(case)).select_related("by").order_by("started_at", "pk"))


def decisions(case: CaseFile) -> list[Decision]:
    found = Decision.objects.filter(case__in=family(case)).select_related("by", "patient", "orientation_request")
    return list(found.order_by("at", "pk"))


def decision_words(decision: Decision) -> str:
    return natures.parse(decision.nature, decision.details).sentence()


def letters(case: CaseFile) -> list[Letter]:
    return list(Letter.objects.filter(case__in=family(case)).defer("pdf").select_related("by").order_by("at", "pk"))


def letter(pk: int, *, by: Actor) -> Letter:
    found = Letter.objects.select_related("case", "decision").filter(pk=pk, case__sas=by.sas).first()
    if found is None or not rules.can_read(by):
        raise NotFound("Cette lettre n’existe pas dans votre SAS.", code="not_found")
    return found


def earlier_contacts(patient: Patient, *, by: Actor, before: datetime | None = None, limit: int = 20) -> list[CaseFile]:
    """Files of the same person, chained identities included, newest first, with what was decided."""
    files = case_files(by=by).filter(patient__in=same_person_ids(patient.pk)).exclude(step=Step.MERGED)
    if before:
        files = files.filter(opened_at__lt=before)
    order = Decision.objects.select_related("by").order_by("at", "pk")
    found = list(files.prefetch_related(Prefetch("decisions", queryset=order)).order_by("-opened_at", "-pk")[:limit])
    for file in found:
        file.decision_words = " ".join(d.get_nature_display() for d in file.decisions.all())  # type: ignore[attr-defined]
        file.outcome_words = outcome(file)  # type: ignore[attr-defined]
    return found


def outcome(case: CaseFile) -> str:
    if case.step != Step.CLOSED:
        return Step(case.step).label
    return f"{codes.label('states', case.state)}, {codes.label('attributions', case.attribution)}"


def search_cases(text: str, *, by: Actor, limit: int = 30) -> list[CaseFile]:
    """By number (whole, short or last digits), telephone or name of the patient or caller; newest first."""
    criteria = _criteria(text)
    if criteria is None or not rules.can_read(by):
        return []
    return list(case_files(by=by).filter(criteria).order_by("-opened_at", "-pk")[:limit])


def _criteria(text: str) -> Q | None:
    words = codes.fold(text).split()
    if not words:
        return None
    number = numbering.search_pattern(text)
    if number or text.strip().lstrip("+").replace(" ", "").isdigit():
        criteria = Q(number__regex=number) if number else Q(pk=None)
        said = phones.as_presented(text)
        return criteria | Q(callback_phone=said) | Q(caller_number=said) | Q(patient__phone=said)
    criteria = Q()
    for word in words:
        criteria &= Q(patient__search_name__contains=word) | Q(caller_name__icontains=word)
    return criteria


def who_is_here(case: CaseFile, *, by: Actor, at: datetime) -> list[Presence]:
    check_owner(case, by=by)
    here = Presence.objects.filter(case=case, seen_at__gt=at - GONE_AFTER).exclude(user=by.user)
    return list(here.select_related("user").order_by("since", "pk"))


def who_has_read(case: CaseFile, *, by: Actor) -> list[AccessRecord]:
    check_owner_of_log(case, by=by)
    numbers = list(CaseFile.objects.filter(pk__in=family(case)).values_list("number", flat=True))
    return list(readings(kind="case_file", references=numbers, by=by))


def check_owner_of_log(case: CaseFile, *, by: Actor) -> None:
    if case.sas_id != by.sas.pk:
        raise NotFound(UNKNOWN, code="not_found")
    if not rules.can_read_access_log(by):
        raise Refusal("Votre rôle ne lit pas la liste des lectures : demandez au superviseur.", code="forbidden")


def closing_codes() -> list[codes.Code]:
    """What an ARM may close a file with, in the order of the list shown."""
    return [codes.Code("HubSante.attribution", "", code, label) for code, label in attribution.CLOSING]
