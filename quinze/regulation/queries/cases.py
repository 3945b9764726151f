from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Upper

from quinze.accounts.actor import Actor
from quinze.base import codes, phones
from quinze.base.errors import NotFound, Refusal
from quinze.base.written import Written
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


CASE = Written(
    lambda sas, number: CaseFile.objects.select_related(*SHOWN).filter(sas_id=sas, number=number), sas=int, number=str
)


def case_files(*, by: Actor) -> QuerySet[CaseFile]:
    """Every file of the actor's SAS, with what a page shows of it."""
    return by.sas.case_files.select_related(*SHOWN)


def case(number: str, *, by: Actor) -> CaseFile:
    found = of(by, CASE(sas=by.sas.pk, number=number)) if rules.can_read(by) else []
    if not found:
        raise NotFound(UNKNOWN, code="not_found")
    return found[0]


def of(by: Actor, files: list[CaseFile]) -> list[CaseFile]:
    """Files read by the key of the actor's SAS: the SAS itself is not read again."""
    for file in files:
        file.sas = by.sas
    return files


def check_owner(case: CaseFile, *, by: Actor) -> None:
    if case.sas_id != by.sas.pk or not rules.can_read(by):
        raise NotFound(UNKNOWN, code="not_found")


FAMILY = """
WITH RECURSIVE family AS (
    SELECT id, number FROM regulation_casefile WHERE id = %s
    UNION SELECT c.id, c.number FROM regulation_casefile c JOIN family ON c.merged_into_id = family.id
)
"""


def family(case: int) -> RawSQL:
    """The keys of this file and of those joined to it, whatever the depth, within the query that wants them."""
    return RawSQL(f"{FAMILY} SELECT id FROM family", [case])  # noqa: S608, S611 — constants only


def family_numbers(case: int) -> RawSQL:
    return RawSQL(f"{FAMILY} SELECT number FROM family", [case])  # noqa: S608, S611 — constants only


DRAFTS = Written(lambda case, user: Draft.objects.filter(case_id=case, user_id=user), case=int, user=int)


def drafts(case: CaseFile, *, by: Actor) -> dict[str, Draft]:
    check_owner(case, by=by)
    return {draft.section: draft for draft in DRAFTS(case=case.pk, user=by.user.pk)}


def _lines(case: int) -> QuerySet[CaseEvent]:
    """Of who wrote a line, the name; of a joined file, its number."""
    lines = CaseEvent.objects.filter(case__in=family(case)).select_related("by", "case").order_by("at", "pk")
    return lines.only(
        "at", "kind", "role", "text", "data", "by__title", "by__given_name", "by__family_name", "case__number"
    )


def _visible_lines(case: int) -> QuerySet[CaseEvent]:
    lines: QuerySet[CaseEvent] = _lines(case).alias(section=KeyTextTransform("section", "data"))
    return lines.exclude(blind.HIDDEN)


LINES = Written(_lines, case=int)
LINES_OF_AN_OSNP = Written(_visible_lines, case=int)


def chronology(case: CaseFile, *, by: Actor) -> list[CaseEvent]:
    """Every line, oldest first, with those of joined files. An OSNP reads no interrogation (REG-04)."""
    check_owner(case, by=by)
    if rules.sees_interrogation(by):
        return LINES(case=case.pk)
    return blind.shortened(LINES_OF_AN_OSNP(case=case.pk))


CONTACTS = Written(
    lambda case: CallContact.objects.filter(case__in=family(case)).select_related("by").order_by("started_at", "pk"),
    case=int,
)
DECISIONS = Written(
    lambda case: (
        Decision.objects.filter(case__in=family(case))
        .select_related("by", "patient", "orientation_request")
        .order_by("at", "pk")
    ),
    case=int,
)
LETTERS = Written(
    lambda case: (
        Letter.objects.filter(case__in=family(case))
        .select_related("by", "case")
        .only("kind", "at", "by__title", "by__given_name", "by__family_name", "case__number", "sha256", "decision")
        .order_by("at", "pk")
    ),
    case=int,
)


def contacts(case: CaseFile) -> list[CallContact]:
    return CONTACTS(case=case.pk)


def decisions(case: CaseFile) -> list[Decision]:
    return DECISIONS(case=case.pk)


def decision_words(decision: Decision) -> str:
    return natures.parse(decision.nature, decision.details).sentence()


def letters(case: CaseFile) -> list[Letter]:
    """Without their pages."""
    return LETTERS(case=case.pk)


def letter(pk: int, *, by: Actor) -> Letter:
    found = Letter.objects.select_related("case", "decision").filter(pk=pk, case__sas=by.sas).first()
    if found is None or not rules.can_read(by):
        raise NotFound("Cette lettre n’existe pas dans votre SAS.", code="not_found")
    return found


def earlier_contacts(patient: Patient, *, by: Actor, before: datetime | None = None, limit: int = 20) -> list[CaseFile]:
    """Files of the same person, chained identities included, newest first, with what was decided."""
    person = _named("person", same_person_ids(patient.pk))
    bound = {"before": before} if before else {}
    found = of(by, _earlier(len(person), limit, bounded=before is not None)(sas=by.sas.pk, **person, **bound))
    decided = _decided(len(found))(**_named("case", [file.pk for file in found])) if found else []
    for file in found:
        file.decided = [decision for decision in decided if decision.case_id == file.pk]  # type: ignore[attr-defined]
        file.decision_words = " ".join(d.get_nature_display() for d in file.decided)  # type: ignore[attr-defined]
        file.outcome_words = outcome(file)  # type: ignore[attr-defined]
    return found


@cache
def _earlier(people: int, limit: int, *, bounded: bool) -> Written[CaseFile]:
    def files(sas: int, before: datetime | None = None, **person: int) -> QuerySet[CaseFile]:
        found = CaseFile.objects.select_related(*SHOWN).filter(sas_id=sas, patient__in=person.values())
        found = found.exclude(step=Step.MERGED).order_by("-opened_at", "-pk")
        return (found.filter(opened_at__lt=before) if bounded else found)[:limit]

    kinds: dict[str, type] = {"sas": int, **_named("person", [int] * people)}
    return Written(files, **kinds, **({"before": datetime} if bounded else {}))


@cache
def _decided(files: int) -> Written[Decision]:
    def decisions(**case: int) -> QuerySet[Decision]:
        return Decision.objects.filter(case__in=case.values()).select_related("by").order_by("at", "pk")

    return Written(decisions, **_named("case", [int] * files))


def _named(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """As many names as values: a list is of the shape of a question."""
    return {f"{name}_{order}": value for order, value in enumerate(values)}


def outcome(case: CaseFile) -> str:
    if case.step != Step.CLOSED:
        return Step(case.step).label
    return f"{codes.label('states', case.state)}, {codes.label('attributions', case.attribution)}"


def search_cases(text: str, *, by: Actor, limit: int = 30) -> list[CaseFile]:
    """By number (whole, short or last digits), telephone or name of the patient or caller; newest first."""
    words = codes.fold(text).split()
    if not words or not rules.can_read(by):
        return []
    number = numbering.search_pattern(text)
    if number or text.strip().lstrip("+").replace(" ", "").isdigit():
        found = case_files(by=by).filter(_numbered(text, number)).order_by("-opened_at", "-pk")
        return list(found[:limit])
    patterns = [f"%{connection.ops.prep_for_like_query(word)}%" for word in words]
    return of(by, _of_words(len(words), limit)(sas=by.sas.pk, **_named("word", patterns)))


def _numbered(text: str, number: str | None) -> Q:
    criteria = Q(number__regex=number) if number else Q(pk=None)
    said = phones.as_presented(text)
    return criteria | Q(callback_phone=said) | Q(caller_number=said) | Q(patient__phone=said)


@cache
def _of_words(words: int, limit: int) -> Written[CaseFile]:
    """Every word in the name of the patient or of the caller."""

    def files(sas: int, **word: str) -> QuerySet[CaseFile]:
        found = CaseFile.objects.select_related(*SHOWN).filter(sas_id=sas)
        for pattern in word.values():
            caller = _like(Upper("caller_name"), Upper(Value(pattern)))
            found = found.filter(Q(_like(F("patient__search_name"), Value(pattern))) | Q(caller))
        return found.order_by("-opened_at", "-pk")[:limit]

    return Written(files, sas=int, **_named("word", [str] * words))


def _like(*sides: Any) -> Func:
    return Func(*sides, arg_joiner=" LIKE ", template="(%(expressions)s)", output_field=BooleanField())


HERE = Written(
    lambda case, user, after: (
        Presence.objects.filter(case_id=case, seen_at__gt=after)
        .exclude(user_id=user)
        .select_related("user")
        .order_by("since", "pk")
    ),
    case=int,
    user=int,
    after=datetime,
)
NUMBERS = Written(lambda case: CaseFile.objects.filter(pk__in=family(case)).values_list("number", flat=True), case=int)


def who_is_here(case: CaseFile, *, by: Actor, at: datetime) -> list[Presence]:
    check_owner(case, by=by)
    return HERE(case=case.pk, user=by.user.pk, after=at - GONE_AFTER)


def who_has_read(case: CaseFile, *, by: Actor) -> list[AccessRecord]:
    check_owner_of_log(case, by=by)
    return readings(kind="case_file", references=NUMBERS(case=case.pk), by=by)


def check_owner_of_log(case: CaseFile, *, by: Actor) -> None:
    if case.sas_id != by.sas.pk:
        raise NotFound(UNKNOWN, code="not_found")
    if not rules.can_read_access_log(by):
        raise Refusal("Votre rôle ne lit pas la liste des lectures : demandez au superviseur.", code="forbidden")


def closing_codes() -> list[codes.Code]:
    """What an ARM may close a file with, in the order of the list shown."""
    return [codes.Code("HubSante.attribution", "", code, label) for code, label in attribution.CLOSING]
