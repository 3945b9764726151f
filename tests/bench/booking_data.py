"""Requests that are about to be given a seat, over a generated France: real searches, their real rankings, free seats.

A few hundred places are drawn as people live; one real search is made at each. Its ranking is then given to a crowd of
other people of the same place, each of whom takes another free seat of the doctors proposed.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.models import F, Max, Min, Model

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role
from quinze.availability.models import Slot
from quinze.directory.models import Commune, SasCommune
from quinze.interop.france.copying import copy_lines, line, number_from_here
from quinze.orientation import operations
from quinze.orientation.models import OrientationRequest, RankingLog
from quinze.orientation.models.packed import pack
from quinze.patients.models import Patient
from quinze.regulation.models import CaseFile, Step
from tests.bench import site

WITHIN = timedelta(hours=72)
PER_PLACE = 250
OSNP = "booking@bench.quinze.invalid"


@dataclass(frozen=True, slots=True)
class Target:
    """One person about to be given one seat; the first three are the bare SQL's too."""

    request: int
    slot: int
    case: int
    sas: int
    patient: int
    ranking: int
    candidate: str
    number: str
    place: int
    professional: int | None
    starts_at: datetime
    ends_at: datetime
    to_doctor: str


def country(seed: int) -> str:
    """What is there, or a tenth of the country."""
    call_command("migrate", verbosity=0)
    if not Sas.objects.exists():
        today = datetime.now(UTC).date()
        monday = today + timedelta(days=7 - today.weekday())
        call_command("generate_france", "--seed", str(seed), "--from", str(monday), "--tenth", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(capacity), count(DISTINCT place_id) FROM availability_slot")
        seats, places = cursor.fetchone()
    return f"{Sas.objects.count()} SAS, {places} places, {seats} seats"


def instant() -> datetime:
    """Tuesday, ten in Paris, of the week that was generated."""
    first = Slot.objects.aggregate(first=Min("starts_at"))["first"]
    monday = (first + timedelta(hours=12)).date()
    return datetime(monday.year, monday.month, monday.day, 9, 2, tzinfo=UTC) + timedelta(days=1)


def osnp() -> User:
    return osnps(1)[0]


def osnps(count: int) -> list[User]:
    made = {"given_name": "Banc", "family_name": "OSNP", "created_at": datetime.now(UTC)}
    emails = [OSNP, *(f"booking-{number}@bench.quinze.invalid" for number in range(2, count + 1))]
    return [User.objects.get_or_create(email=email, defaults=made)[0] for email in emails]


@cache
def actor(user: User, sas: int) -> Actor:
    return Actor(user=user, role=Role.OSNP, sas=Sas(pk=sas))


def targets(count: int, *, at: datetime, seed: int) -> list[Target]:
    """In random order, no seat and no person twice."""
    began, random, user = time.perf_counter(), Random(seed), osnp()
    found: list[tuple[int, RankingLog, str, dict[str, Any]]] = []
    used: set[int] = set()
    searches = 0
    while len(found) < count:
        for request in _requests(random, user, at, 20):
            searches += 1
            seats = list(_seats(request, user, used, at))
            random.shuffle(seats)
            for log, candidate, slot in seats[:PER_PLACE]:
                used.add(slot["id"])
                found.append((request.pk, log, candidate, slot))
    print(f"{searches} searches: {time.perf_counter() - began:.0f} s")
    random.shuffle(found)
    made = _people(found[:count], user, at)
    print(f"{count} requests at {searches} places, each with a seat to take: {time.perf_counter() - began:.0f} s")
    return made


def crowd(people: int, seats: int, *, at: datetime, seed: int) -> list[list[Target]]:
    """For each of so many free seats of one town, so many people who all want that one."""
    random, user = Random(seed), osnp()
    found: list[tuple[int, RankingLog, str, dict[str, Any]]] = []
    while len(found) < seats:
        request = _requests(random, user, at, 1)[0]
        found = [(request.pk, log, candidate, slot) for log, candidate, slot in _seats(request, user, set(), at)]
    wanted = random.sample(found, seats)
    made = iter(_people([seat for seat in wanted for _ in range(people)], user, at))
    return [[next(made) for _ in range(people)] for _ in wanted]


def _requests(random: Random, user: User, at: datetime, count: int) -> list[OrientationRequest]:
    covered = dict(SasCommune.objects.values_list("commune_id", "sas_id"))
    known = Commune.objects.filter(lat__isnull=False, insee__in=covered).values_list("insee", "population")
    people = {insee: max(1, number or 0) for insee, number in known.order_by("insee")}
    drawn = random.choices(list(people), list(people.values()), k=count)
    patients = Patient.objects.bulk_create(
        Patient(sas_id=covered[insee], family_name="Banc", age_months=400, age_declared_on=at.date(), created_at=at)
        for insee in drawn
    )
    made = OrientationRequest.objects.bulk_create(
        OrientationRequest(
            sas_id=person.sas_id, case_number=f"DRFR15M{person.pk:012d}", patient=person, requested_by=user,
            requested_by_role="regulateur_snp", requested_at=at - timedelta(minutes=20), priority="P2",
            modalities=["AMB"], deadline=at + WITHIN, limit_at=at + WITHIN, commune_id=insee,
            waiting_since=at - timedelta(minutes=20),
        )
        for insee, person in zip(drawn, patients, strict=True)
    )  # fmt: skip
    related = OrientationRequest.objects.select_related("sas", "patient", "commune__departement")
    return list(related.filter(pk__in=[row.pk for row in made]))


def _seats(
    request: OrientationRequest, user: User, used: set[int], at: datetime
) -> Iterator[tuple[RankingLog, str, dict[str, Any]]]:
    by = Actor(user=user, role=Role.OSNP, sas=request.sas)
    view = operations.search(request=request, by=by, at=at)
    log = RankingLog.objects.get(pk=view.ranking_id)
    rows = [row for level in log.output["levels"] if level["state"] == "open" for row in level.get("proposals", ())]
    at_place = {int(row["candidate"].partition("@")[2]): row["candidate"] for row in rows}
    free = Slot.objects.filter(
        place__in=at_place, status="open", taken=0, kind="slots", starts_at__gt=at, starts_at__lt=at + WITHIN,
        modalities__contains=["AMB"], cpts__isnull=True,  # those of a CPTS are for the people of its territory
    )  # fmt: skip
    names = ("id", "place_id", "professional_id", "starts_at", "ends_at", "place__email")
    for slot in free.order_by("pk").values(*names):
        if slot["id"] not in used:
            yield log, at_place[slot["place_id"]], slot


# ---- the people, by COPY


def _people(found: list[tuple[int, RankingLog, str, dict[str, Any]]], user: User, at: datetime) -> list[Target]:
    outputs = {log.pk: ("\\x" + pack(log.output).hex(), log.proposals) for _, log, _, _ in found}
    models = OrientationRequest.objects.in_bulk({model for model, *_ in found})
    first = {model: _next(model) for model in (Patient, CaseFile, OrientationRequest, RankingLog)}
    made, lines = [], {model: [] for model in first}  # type: ignore[var-annotated]
    asked, charters = at - timedelta(minutes=20), {log.pk: (log.algorithm, log.charter_id) for _, log, _, _ in found}
    for index, (model, log, candidate, slot) in enumerate(found):
        person, case, request, ranking = (key + index for key in first.values())
        like = models[model]
        number = f"DRFR15B{case:012d}"
        lines[Patient].append(line(person, like.sas_id, "Banc", "+33639984127", at))
        lines[CaseFile].append(
            line(case, like.sas_id, number, asked, user.pk, person, Step.OSNP, "SNP", asked, "+33639984127", "Fièvre")
        )
        lines[OrientationRequest].append(
            line(request, like.sas_id, number, person, user.pk, "regulateur_snp", asked, "P2", ["AMB"], like.deadline,
                 like.limit_at, "+33639984127", "banc@exemple.test", like.commune_id, asked)
        )  # fmt: skip
        lines[RankingLog].append(
            _kept_line(line(ranking, request, at, user.pk, *charters[log.pk], "banc", NOTHING), *outputs[log.pk])
        )
        made.append(_target(slot, log, candidate, (request, case, like.sas_id, person, ranking), number))
    for kind, written in lines.items():
        copy_lines(kind, COLUMNS[kind], written)
        number_from_here(kind)
    with connection.cursor() as cursor:
        # What thousands of people written at once leave to be done behind is done before anything is counted.
        cursor.execute("VACUUM (ANALYZE) " + ", ".join(kind._meta.db_table for kind in lines))
    site.checkpoint()
    return made


def _target(slot: dict[str, Any], log: RankingLog, candidate: str, keys: tuple[int, ...], number: str) -> Target:
    request, case, sas, person, ranking = keys
    return Target(
        request=request, slot=slot["id"], case=case, sas=sas, patient=person, ranking=ranking, candidate=candidate,
        number=number, place=slot["place_id"], professional=slot["professional_id"], starts_at=slot["starts_at"],
        ends_at=slot["ends_at"], to_doctor=slot["place__email"] or "",
    )  # fmt: skip


def _kept_line(beginning: str, output: str, choices: str) -> str:
    return "\t".join((beginning, output.replace("\\", "\\\\"), choices.replace("\n", "\\n")))


def _next(model: type[Model]) -> int:
    last = model._default_manager.aggregate(last=Max(F("pk")))["last"]
    return int(last or 0) + 1


NOTHING = "\\x" + pack({}).hex()
COLUMNS = {
    Patient: ("id", "sas_id", "family_name", "phone", "created_at"),
    CaseFile: (
        "id", "sas_id", "number", "opened_at", "opened_by_id", "patient_id", "step", "stream", "waiting_since",
        "callback_phone", "reason_label",
    ),
    OrientationRequest: (
        "id", "sas_id", "case_number", "patient_id", "requested_by_id", "requested_by_role", "requested_at", "priority",
        "modalities", "deadline", "limit_at", "callback_phone", "email", "commune_id", "waiting_since",
    ),
    RankingLog: (
        "id", "request_id", "at", "by_id", "algorithm", "charter_id", "seed", "inputs", "output", "proposals",
    ),
}  # fmt: skip
