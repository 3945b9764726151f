"""Files that look like this one, each with why in words. People decide; nothing is joined by itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt

from django.db.models import Q

from quinze.accounts.actor import Actor
from quinze.directory.queries import parameter
from quinze.regulation.models import CaseEvent, CaseFile, Step
from quinze.regulation.queries.cases import case_files, check_owner

NEAR_METRES = 300
EARTH_METRES = 6_371_000
MOST = 8


@dataclass(frozen=True, slots=True)
class Lookalike:
    case: CaseFile
    why: list[str]
    same_person: bool
    joinable: bool


def lookalikes(case: CaseFile, *, by: Actor, at: datetime) -> list[Lookalike]:
    """Same number, same person or same place in the last hours; the most alike first."""
    check_owner(case, by=by)
    since = at - timedelta(hours=parameter(case.sas, "duplicate_hours", at))
    recent = case_files(by=by).filter(opened_at__gte=since).exclude(pk=case.pk).exclude(step=Step.MERGED)
    recent = recent.exclude(number__in=_dismissed(case))
    found = [alike for other in recent.filter(_may_look_alike(case))[:200] if (alike := _compare(case, other))]
    return sorted(found, key=lambda alike: (-len(alike.why), -alike.case.opened_at.timestamp()))[:MOST]


def known_people(case: CaseFile, *, by: Actor, at: datetime) -> list[Lookalike]:
    """Earlier files of other people of the same name or number, the latest of each: this may be somebody known."""
    check_owner(case, by=by)
    since = at - timedelta(hours=parameter(case.sas, "duplicate_hours", at))
    numbers = _numbers(case)
    person = Q(callback_phone__in=numbers) | Q(patient__phone__in=numbers)
    if case.patient.search_name:
        person |= Q(patient__search_name=case.patient.search_name)
    earlier = case_files(by=by).filter(person, opened_at__lt=min(since, case.opened_at)).exclude(step=Step.MERGED)
    earlier = (
        earlier.exclude(patient=case.patient_id).exclude(number__in=_dismissed(case)).order_by("-opened_at", "-pk")
    )
    latest: dict[int, CaseFile] = {}
    for file in earlier[: MOST * 4]:
        latest.setdefault(file.patient.merged_into_id or file.patient_id, file)
    found = [Lookalike(file, _why_known(case, file), same_person=True, joinable=False) for file in latest.values()]
    return sorted(found, key=lambda known: -len(known.why))[:MOST]


def _why_known(case: CaseFile, other: CaseFile) -> list[str]:
    person = _same_person(case, other)
    same_phone = other.patient.phone and other.patient.phone in _numbers(case)
    return [*person, *(["même numéro"] if same_phone else _same_number(case, other))]


def _dismissed(case: CaseFile) -> list[str]:
    events = CaseEvent.objects.filter(case=case, kind="dismissed")
    return list(events.values_list("data__number", flat=True))


def _may_look_alike(case: CaseFile) -> Q:
    numbers = _numbers(case)
    criteria = Q(callback_phone__in=numbers) | Q(caller_number__in=numbers)
    if case.patient.search_name:
        criteria |= Q(patient__search_name=case.patient.search_name)
    if case.commune_id:
        criteria |= Q(commune=case.commune_id)
    if case.lat is not None and case.lon is not None:
        around = NEAR_METRES / 111_000 * 2
        criteria |= Q(
            lat__range=(case.lat - around, case.lat + around), lon__range=(case.lon - around * 2, case.lon + around * 2)
        )
    return criteria


def _numbers(case: CaseFile) -> set[str]:
    return {number for number in (case.callback_phone, case.caller_number) if number}


def _compare(case: CaseFile, other: CaseFile) -> Lookalike | None:
    person = _same_person(case, other)
    why = [*_same_number(case, other), *person, *_same_place(case, other)]
    if not why:
        return None
    return Lookalike(other, why, same_person=bool(person), joinable=other.step != Step.CLOSED)


def _same_number(case: CaseFile, other: CaseFile) -> list[str]:
    return ["même numéro"] if _numbers(case) & _numbers(other) else []


def _same_person(case: CaseFile, other: CaseFile) -> list[str]:
    ours, theirs = case.patient, other.patient
    if ours.pk == theirs.pk:
        return ["même patient"]
    why = []
    if ours.search_name and ours.search_name == theirs.search_name:
        why.append("même nom")
    if ours.birth_date and ours.birth_date == theirs.birth_date:
        why.append("même naissance")
    return why if "même nom" in why else []


def _same_place(case: CaseFile, other: CaseFile) -> list[str]:
    metres = _metres(case, other)
    if metres is not None and metres <= NEAR_METRES:
        return [f"lieu à {round(metres / 10) * 10:d} m"] if metres >= 5 else ["même lieu"]
    same_commune = case.commune_id is not None and case.commune_id == other.commune_id
    if same_commune and case.address and case.address.casefold() == other.address.casefold():
        return ["même adresse"]
    return []


def _metres(case: CaseFile, other: CaseFile) -> float | None:
    if case.lat is None or case.lon is None or other.lat is None or other.lon is None:
        return None
    lat_a, lat_b = radians(case.lat), radians(other.lat)
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin(radians(other.lon - case.lon) / 2) ** 2
    return 2 * EARTH_METRES * asin(sqrt(half))
