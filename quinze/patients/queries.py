from collections.abc import Sequence
from datetime import date
from functools import cache

from django.db import connection
from django.db.models import Q, QuerySet

from quinze.accounts.actor import Actor
from quinze.base.codes import fold
from quinze.base.errors import NotFound
from quinze.base.written import Written
from quinze.patients import births, identity, rules
from quinze.patients.models import AccessRecord, Patient


def patient(pk: int, *, by: Actor) -> Patient:
    try:
        return Patient.objects.select_related("referring_doctor").get(pk=pk, sas=by.sas)
    except Patient.DoesNotExist:
        raise NotFound("Cette personne n’est pas connue du SAS.", code="not_found") from None


def display_name(person: Patient) -> str:
    """« PINSON Noé »; what is known when the rest is not."""
    return name_words(used_name=person.used_name, family_name=person.family_name, given_name=person.given_name)


def name_words(*, used_name: str, family_name: str, given_name: str) -> str:
    return f"{(used_name or family_name).upper()} {given_name}".strip() or "Identité inconnue"


def months_old(person: Patient, *, on: date) -> int | None:
    return births.months_at(
        birth_date=person.birth_date, age_months=person.age_months, age_declared_on=person.age_declared_on, on=on
    )


def age_words(person: Patient, *, on: date) -> str:
    return age_from(
        birth_date=person.birth_date, age_months=person.age_months, age_declared_on=person.age_declared_on, on=on
    )


def age_from(*, birth_date: date | None, age_months: int | None, age_declared_on: date | None, on: date) -> str:
    months = births.months_at(birth_date=birth_date, age_months=age_months, age_declared_on=age_declared_on, on=on)
    return "" if months is None else births.words(months)


def root(person: Patient) -> Patient:
    """The person a merged identity now belongs to."""
    while person.merged_into is not None:
        person = person.merged_into
    return person


def same_person_ids(person_id: int) -> list[int]:
    """Every identity chained to this one, in both directions, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE up AS (
                SELECT id, merged_into_id FROM patients_patient WHERE id = %s
                UNION SELECT p.id, p.merged_into_id FROM patients_patient p JOIN up ON p.id = up.merged_into_id
            ), down AS (
                SELECT id FROM up
                UNION SELECT p.id FROM patients_patient p JOIN down ON p.merged_into_id = down.id
            )
            SELECT id FROM down ORDER BY id
            """,
            [person_id],
        )
        return [row[0] for row in cursor.fetchall()]


def find_people(
    *, by: Actor, text: str = "", phone: str = "", birth: date | None = None, limit: int = 12
) -> list[Patient]:
    """Known people of the SAS by name, telephone or birth date; merged identities are left to their person."""
    criteria = _criteria(text, phone, birth)
    if not rules.can_find_people(by) or criteria is None:
        return []
    found = Patient.objects.filter(criteria, sas=by.sas, merged_into=None).exclude(search_name="")
    return list(found.order_by("search_name", "pk")[:limit])


def of_same_traits(*, by: Actor, family_name: str, given_name: str, birth: date) -> list[Patient]:
    """Known people of the SAS of exactly this name and this whole birth date: by less, nobody is looked for."""
    name = identity.search_name(family_name, given_name)
    found = Patient.objects.filter(sas=by.sas, search_name=name, birth_date=birth, merged_into=None)
    return list(found.order_by("created_at", "pk")) if name else []


def _criteria(text: str, phone: str, birth: date | None) -> Q | None:
    words = fold(text).split()
    if not words and not phone and not birth:
        return None
    criteria = Q()
    for word in words:
        criteria &= Q(search_name__contains=word)
    if phone:
        criteria &= Q(phone=phone)
    if birth:
        criteria &= Q(birth_date=birth)
    return criteria


def readings(*, kind: str, references: Sequence[str], by: Actor) -> list[AccessRecord]:
    named = {f"reference_{order}": reference for order, reference in enumerate(references)}
    return _readings(len(named))(sas=by.sas.pk, kind=kind, **named) if named else []


@cache
def _readings(references: int) -> Written[AccessRecord]:
    """One question for each number of references."""

    def records(sas: int, kind: str, **named: str) -> QuerySet[AccessRecord]:
        found = AccessRecord.objects.filter(sas_id=sas, kind=kind, reference__in=named.values())
        return found.select_related("user").order_by("at", "pk")

    return Written(records, sas=int, kind=str, **{f"reference_{order}": str for order in range(references)})
