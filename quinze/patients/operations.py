from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.base.constraints import refuse_violations
from quinze.base.errors import NotFound, Refusal
from quinze.base.written import Written
from quinze.patients import identity, queries
from quinze.patients.models import AccessRecord, Patient

TRAITS = (
    "family_name", "used_name", "given_names", "given_name", "birth_date", "age_months", "age_declared_on", "sex",
    "birth_insee", "ins", "ins_oid", "identity", "phone", "email", "language", "referring_doctor_id",
    "referring_doctor_text", "referring_nurse_id", "referring_nurse_text",
)  # fmt: skip


def provisional(*, sas: Sas, at: datetime, phone: str = "") -> Patient:
    """Somebody needs care and nobody knows yet who: that is normal."""
    return Patient.objects.create(sas=sas, created_at=at, phone=phone)


def change_identity(person: Patient, values: dict[str, Any]) -> Patient:
    """Write checked traits. The row is locked, and its former state is kept by the history table."""
    with refuse_violations():
        (person,) = LOCKED(person=person.pk)
        for name in TRAITS:
            if name in values:
                setattr(person, name, values[name])
        person.search_name = identity.search_name(
            f"{person.family_name} {person.used_name}".strip(), person.given_name or person.given_names
        )
        person.save()
    return person


LOCKED = Written(lambda person: Patient.objects.select_for_update(of=("self",)).filter(pk=person), person=int)


@transaction.atomic
def chain(person: Patient, *, into: Patient) -> Patient:
    """Join a provisional identity to a known person. Both rows stay: a wrong chaining can be read, and undone."""
    locked = {p.pk: p for p in Patient.objects.select_for_update().filter(pk__in=[person.pk, into.pk]).order_by("pk")}
    person, known = locked[person.pk], queries.root(locked[into.pk])
    if known.sas_id != person.sas_id:
        raise NotFound("Cette personne n’est pas connue du SAS.", code="not_found")
    if known.pk == person.pk:
        return known
    check_same_person(person, known)
    person.merged_into = known
    person.save(update_fields=["merged_into"])
    return _complete(known, from_=person)


def check_same_person(person: Patient, known: Patient) -> None:
    if person.merged_into_id not in (None, known.pk):
        raise Refusal("Cette identité est déjà reliée à une autre personne.", code="already_chained")
    if person.birth_date and known.birth_date and person.birth_date != known.birth_date:
        raise Refusal(
            f"Les naissances diffèrent : {person.birth_date:%d/%m/%Y} et {known.birth_date:%d/%m/%Y}. "
            "Vérifiez l’identité avant de relier.",
            code="different_identity",
        )
    if {person.sex, known.sex} == {"M", "F"}:
        raise Refusal("Les sexes diffèrent : vérifiez l’identité avant de relier.", code="different_identity")


def _complete(known: Patient, *, from_: Patient) -> Patient:
    """What the provisional identity knew and the person did not. Nothing known is replaced."""
    kept = (
        "phone", "email", "language", "referring_doctor_id", "referring_doctor_text", "referring_nurse_id",
        "referring_nurse_text", "given_names", "used_name",
    )  # fmt: skip
    news = {name: getattr(from_, name) for name in kept if getattr(from_, name) and not getattr(known, name)}
    if known.sex == "UN" and from_.sex != "UN":
        news["sex"] = from_.sex
    if known.birth_date is None and from_.birth_date:
        news |= {"birth_date": from_.birth_date, "age_months": None, "age_declared_on": None}
    return change_identity(known, news) if news else known


RECORD = """
INSERT INTO patients_accessrecord (sas_id, user_id, role, at, kind, reference, patient_id, why)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"""


def record_accesses(*, by: Actor, at: datetime, kind: str, opened: Iterable[tuple[str, Patient]], why: str) -> None:
    """Several at once, for a page that shows several people: (reference, person) of each."""
    AccessRecord.objects.bulk_create(
        AccessRecord(
            sas=by.sas, user=by.user, role=by.role, at=at, kind=kind, reference=ref, patient=patient, why=why[:60]
        )
        for ref, patient in opened
    )


def record_access(
    *, by: Actor, at: datetime, kind: str, reference: str, patient: Patient | None = None, why: str
) -> None:
    """Who opened what, when and why. Appended in the transaction of the reading itself."""
    patient_id = patient.pk if patient else None
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [by.sas.pk, by.user.pk, by.role, at, kind, reference, patient_id, why[:60]])
