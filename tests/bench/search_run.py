"""One country of the search benchmark: made if absent, then searched. Started by tests/bench/search.py."""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.bench import site

SITE = Path(os.environ["QUINZE_VAR"])
WARM_UP = 500  # elsewhere: what a service that has run since the morning has in memory
SAME_PLACES = 300
CASES = {
    "Paris 11e": "75111", "Lozère, Le Malzieu-Ville": "48090", "La Réunion, Cilaos": "97424",
    "Saint-Barthélemy": "97701", "border, Ingrandes (86) beside Indre-et-Loire": "86111",
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("answer", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tenth", action="store_true")
    parser.add_argument("--places", type=Path, help="communes to search again, from the tenth")
    options = parser.parse_args()
    with site.opened(SITE):
        options.answer.write_text(json.dumps(_measure(options)))
    return 0


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    from quinze.base.collector import settle

    made = _country(seed=options.seed, tenth=options.tenth)
    site.checkpoint()  # or the country that was just made would still be on its way to the disk
    site.in_memory("availability_slot")
    communes = _communes()
    random = Random(options.seed)
    drawn = random.choices(list(communes), list(communes.values()), k=options.count)
    again = _same_places(options, drawn)
    first = _search(_one_of_each_sas(communes), random)
    _search(Random(options.seed + 1).choices(list(communes), list(communes.values()), k=WARM_UP), random)
    settle()  # as the product's own pages do
    answer = {
        "first_of_each_sas": first,
        "searches": _search(drawn, random),
        "same_places": _search(again, Random(7)),
        "cases": {name: _case(insee) for name, insee in CASES.items() if insee in communes},
    }
    return {**answer, **made}


def _one_of_each_sas(communes: dict[str, int]) -> list[str]:
    """Its largest. What a process keeps of a SAS is read by the first search of it: measured apart, then warm."""
    from quinze.directory.models import SasCommune

    found: dict[int, str] = {}
    for sas, insee in SasCommune.objects.filter(commune__in=communes).values_list("sas_id", "commune_id"):
        if sas not in found or communes[insee] > communes[found[sas]]:
            found[sas] = insee
    return list(found.values())


def _same_places(options: argparse.Namespace, drawn: list[str]) -> list[str]:
    """The tenth chooses; the whole country searches at the same ones."""
    if options.places is not None:
        kept: list[str] = json.loads(options.places.read_text())
        return kept
    (SITE / "places.json").write_text(json.dumps(drawn[:SAME_PLACES]))
    return drawn[:SAME_PLACES]


# ---- the country


def _country(*, seed: int, tenth: bool) -> dict[str, Any]:
    from django.core.management import call_command

    from quinze.accounts.models import Sas

    note = SITE / "made.json"
    call_command("migrate", verbosity=0)
    if not Sas.objects.exists() or not note.exists():
        call_command("load_geography", verbosity=0)
        began = time.monotonic()
        call_command(
            "generate_france", "--seed", str(seed), "--from", str(_first_day()), *(["--tenth"] if tenth else [])
        )
        note.write_text(json.dumps({"generated_in_s": round(time.monotonic() - began), **_size()}))
    found: dict[str, Any] = json.loads(note.read_text())
    return found


def _first_day() -> Any:
    """A Monday to come, so that the searches of any day of the week are the same ones."""
    today = datetime.now(UTC).date()
    return today + timedelta(days=7 - today.weekday())


def _size() -> dict[str, Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(capacity), pg_database_size(current_database()) FROM availability_slot")
        seats, size = cursor.fetchone()
    return {"seats": int(seats), "gib": round(size / 2**30, 2)}


def _communes() -> dict[str, int]:
    """Where people live and a SAS answers: INSEE code → inhabitants."""
    from quinze.directory.models import Commune, SasCommune
    from quinze.interop.france.land import WHOLE_CITIES

    found = Commune.objects.filter(insee__in=SasCommune.objects.values("commune_id"), lat__isnull=False)
    found = found.exclude(insee__in=WHOLE_CITIES).order_by("insee")
    return {insee: max(1, people or 0) for insee, people in found.values_list("insee", "population")}


# ---- searches


def _instant() -> datetime:
    """Tuesday, ten in Paris, of the week that was generated."""
    from django.db.models import Min

    from quinze.availability.models import Slot

    first = Slot.objects.aggregate(Min("starts_at"))["starts_at__min"]
    monday = (first + timedelta(hours=12)).date()
    return datetime(monday.year, monday.month, monday.day, 9, 2, tzinfo=UTC) + timedelta(days=1)


def _search(inseees: Sequence[str], random: Random) -> list[dict[str, float]]:
    at = _instant()
    requests = _requests(inseees, random, at)
    return [_one(request, at)[0] for request in requests]


def _case(insee: str) -> dict[str, Any]:
    at = _instant()
    measured = [_one(request, at) for request in _requests([insee] * 40, Random(3), at)]
    view = measured[-1][1]
    first = f"{view.first.label}, {view.first.km or '?'} km, {view.first.reasons[0]}" if view.first else "nobody"
    return {"ms": [times["ms"] for times, _ in measured], "candidates": view.candidates, "first": first}


def _one(found: int, at: datetime) -> tuple[dict[str, float], Any]:
    """As a page does it: the request and the OSNP are read first, which is not the search."""
    from quinze.accounts.actor import Actor
    from quinze.accounts.models import User
    from quinze.accounts.roles import Role
    from quinze.orientation import operations, queries
    from quinze.orientation.models import OrientationRequest

    request = OrientationRequest.objects.select_related(*_related(queries)).get(pk=found)
    osnp = Actor(user=User.objects.get(email=OSNP), role=Role.OSNP, sas=request.sas)
    with _waiting() as waited:
        began = time.perf_counter()
        view = operations.search(request=request, by=osnp, at=at)
        took = time.perf_counter() - began
    return {"ms": took * 1000, "db_ms": waited[0] * 1000}, view


OSNP = "osnp@bench.quinze.invalid"


def _related(queries: Any) -> tuple[str, ...]:
    return ("sas", "patient", "commune__departement")


@contextmanager
def _waiting() -> Iterator[list[float]]:
    """Seconds that this connection spends asking PostgreSQL and waiting for it, whatever sends the statement.

    A statement already planned does not wait in psycopg: its whole exchange counts, its values taken apart included,
    from the moment when it is sent to the one when its answer is there, whatever the process does meanwhile.
    """
    from django.db import connection

    from quinze.base import planned

    connection.ensure_connection()
    raw: Any = connection.connection
    spent = [0.0]
    waits, asked = raw.wait, planned.Asked

    class Timed(asked):  # type: ignore[misc, valid-type]
        def __init__(self, *args: Any) -> None:
            self._before, self._began, self._ended = spent[0], time.perf_counter(), False
            super().__init__(*args)

        def rows(self) -> Any:
            found = super().rows()
            if not self._ended:
                self._ended = True
                spent[0] = self._before + time.perf_counter() - self._began
            return found

    raw.wait, planned.Asked = _timed(waits, spent), Timed
    try:
        yield spent
    finally:
        del raw.wait
        planned.Asked = asked


def _timed(original: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    """The outermost only: one may call the other."""

    def timed(*args: Any, **kwargs: Any) -> Any:
        before, began = spent[0], time.perf_counter()
        try:
            return original(*args, **kwargs)
        finally:
            spent[0] = before + time.perf_counter() - began

    return timed


def _requests(inseees: Sequence[str], random: Random, at: datetime) -> list[int]:
    """A patient and a request each; one patient in three has a referring doctor of their SAS."""
    from quinze.accounts.models import User
    from quinze.directory.models import Participation, SasCommune
    from quinze.orientation.models import OrientationRequest
    from quinze.patients.models import Patient

    user, _ = User.objects.get_or_create(
        email=OSNP, defaults={"given_name": "Banc", "family_name": "OSNP", "created_at": at}
    )
    sas_of = dict(SasCommune.objects.filter(commune__in=inseees).values_list("commune_id", "sas_id"))
    doctors: dict[int, list[int]] = {}
    for sas, doctor in Participation.objects.filter(sas__in=set(sas_of.values()), professional__isnull=False).order_by(
        "pk"
    ).values_list("sas_id", "professional_id"):  # fmt: skip
        doctors.setdefault(sas, []).append(doctor or 0)
    patients = Patient.objects.bulk_create(
        Patient(
            sas_id=sas_of[insee],
            family_name="Banc",
            age_months=random.randrange(12, 1000),
            age_declared_on=at.date(),
            referring_doctor_id=random.choice(doctors[sas_of[insee]]) if random.random() < 0.33 else None,
            created_at=at,
        )
        for insee in inseees
    )
    asked = at - timedelta(minutes=20)
    made = OrientationRequest.objects.bulk_create(
        OrientationRequest(
            sas_id=patient.sas_id,
            case_number=f"DRFR15{patient.pk:012d}",
            patient=patient,
            requested_by=user,
            requested_by_role="regulateur_snp",
            requested_at=asked,
            priority="P2",
            modalities=["AMB"],
            deadline=at + timedelta(hours=random.choice((12, 24, 48, 48))),
            limit_at=asked + timedelta(hours=48),
            commune_id=insee,
            waiting_since=asked,
        )
        for insee, patient in zip(inseees, patients, strict=True)
    )
    return [row.pk for row in made]


if __name__ == "__main__":
    raise SystemExit(main())
