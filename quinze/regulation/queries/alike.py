"""Files that look like this one, each with why in words. People decide; nothing is joined by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import asin, cos, radians, sin, sqrt

from django.db.models import Exists, FloatField, OuterRef, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Length

from quinze.accounts.actor import Actor
from quinze.base.written import Written
from quinze.directory.queries import parameter
from quinze.regulation.models import CaseEvent, CaseFile, Step
from quinze.regulation.queries.cases import SHOWN, check_owner, of

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
    clues = _numbered(case) | _named(case) | _placed(case)
    if not clues:
        return []
    since = at - timedelta(hours=parameter(case.sas, "duplicate_hours", at))
    recent = of(by, _recent(*clues)(sas=by.sas.pk, case=case.pk, since=since, **clues))
    found = [alike for other in recent if (alike := _compare(case, other))]
    return sorted(found, key=lambda alike: (-len(alike.why), -alike.case.opened_at.timestamp()))[:MOST]


def known_people(case: CaseFile, *, by: Actor, at: datetime) -> list[Lookalike]:
    """Earlier files of other people of the same name or number, the latest of each: this may be somebody known."""
    check_owner(case, by=by)
    clues = _numbered(case) | _named(case)
    if not clues:
        return []
    since = at - timedelta(hours=parameter(case.sas, "duplicate_hours", at))
    before = min(since, case.opened_at)
    earlier = of(by, _earlier(*clues)(sas=by.sas.pk, case=case.pk, patient=case.patient_id, before=before, **clues))
    latest: dict[int, CaseFile] = {}
    for file in earlier:
        latest.setdefault(file.patient.merged_into_id or file.patient_id, file)
    found = [Lookalike(file, _why_known(case, file), same_person=True, joinable=False) for file in latest.values()]
    return sorted(found, key=lambda known: -len(known.why))[:MOST]


# What a file is recognised by. Each set of clues is a question of its own, written once.


def _numbered(case: CaseFile) -> dict[str, str]:
    return {f"number_{order}": number for order, number in enumerate(sorted(_numbers(case)))}


def _named(case: CaseFile) -> dict[str, str]:
    return {"name": case.patient.search_name} if case.patient.search_name else {}


def _placed(case: CaseFile) -> dict[str, str]:
    """The same address in the same commune, or nearby: a commune alone says nothing."""
    place = {"commune": case.commune_id, "address": case.address} if case.commune_id and case.address else {}
    if case.lat is None or case.lon is None:
        return place
    north, east = NEAR_METRES / 111_000 * 2, NEAR_METRES / 111_000 * 4
    south, west = case.lat - north, case.lon - east
    sides = {"south": south, "north": case.lat + north, "west": west, "east": case.lon + east}
    return place | {side: repr(degrees) for side, degrees in sides.items()}


@cache
def _recent(*clues: str) -> Written[CaseFile]:
    def files(sas: int, case: int, since: datetime, **clue: str) -> QuerySet[CaseFile]:
        found = _others(sas, case).filter(_may_look_alike(clue), opened_at__gte=since)
        return found.exclude(pk=case)[:200]

    return Written(files, sas=int, case=int, since=datetime, **dict.fromkeys(clues, str))


@cache
def _earlier(*clues: str) -> Written[CaseFile]:
    def files(sas: int, case: int, patient: int, before: datetime, **clue: str) -> QuerySet[CaseFile]:
        numbers = _numbers_of(clue)
        person = Q(callback_phone__in=numbers) | Q(patient__phone__in=numbers)
        if "name" in clue:
            person |= Q(patient__search_name=clue["name"])
        found = _others(sas, case).filter(person, opened_at__lt=before).exclude(patient=patient)
        return found.order_by("-opened_at", "-pk")[: MOST * 4]

    return Written(files, sas=int, case=int, patient=int, before=datetime, **dict.fromkeys(clues, str))


def _others(sas: int, case: int) -> QuerySet[CaseFile]:
    """Files of the SAS that nobody set aside as different from this one."""
    dismissed = CaseEvent.objects.filter(case_id=case, kind="dismissed").annotate(
        other=KeyTextTransform("number", "data")
    )
    files = CaseFile.objects.select_related(*SHOWN).alias(address_size=Length("address"))
    files = files.filter(sas_id=sas).exclude(step=Step.MERGED)
    return files.exclude(Exists(dismissed.filter(other=OuterRef("number"))))


def _why_known(case: CaseFile, other: CaseFile) -> list[str]:
    person = _same_person(case, other)
    same_phone = other.patient.phone and other.patient.phone in _numbers(case)
    return [*person, *(["même numéro"] if same_phone else _same_number(case, other))]


def _may_look_alike(clue: Mapping[str, str]) -> Q:
    numbers = _numbers_of(clue)
    criteria = Q(callback_phone__in=numbers) | Q(caller_number__in=numbers)
    if "name" in clue:
        criteria |= Q(patient__search_name=clue["name"])
    if "commune" in clue:
        criteria |= Q(commune=clue["commune"], address_size=Length(Value(clue["address"])))
    if "south" in clue:
        sides = {side: Cast(Value(clue[side]), FloatField()) for side in ("south", "north", "west", "east")}
        criteria |= Q(lat__range=(sides["south"], sides["north"]), lon__range=(sides["west"], sides["east"]))
    return criteria


def _numbers_of(clue: Mapping[str, str]) -> list[str]:
    return [value for name, value in clue.items() if name.startswith("number_")]


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
