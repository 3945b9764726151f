"""A small piece of the generated country: what it holds, and that the schema is found again as it was."""

import re
from datetime import date
from random import Random

import pytest
from django.db import connection

from quinze.accounts.models import Sas
from quinze.availability.models import Slot
from quinze.base.errors import Refusal
from quinze.directory.identifiers import luhn
from quinze.directory.models import Commune, Departement, Participation, Place, Professional
from quinze.interop.france import agendas, land
from quinze.interop.france.generate import generate_france
from quinze.interop.france.people import rpps
from quinze.orientation.queries.charters import charter_in_force
from tests.factories import orientation as make

AT = make.AT
SCHEMA = """
    SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN ('availability_slot'::regclass,
        'availability_openingrule'::regclass)
    UNION SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid IN
        ('availability_slot'::regclass, 'availability_openingrule'::regclass)
    ORDER BY 1
"""


def schema() -> list[str]:
    """Without the casts and parentheses, which PostgreSQL writes otherwise the second time it reads a list."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        return sorted(re.sub(r"::(text|character varying)(\[\])?|[() ]", "", row[0]) for row in cursor.fetchall())


@pytest.fixture
def country(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, total in (("GPS", 60), ("OTHERS", 40), ("STRUCTURES", 30)):
        monkeypatch.setattr(land, name, total)
    for code, name, density in (("48", "Lozère", 68.0), ("86", "Vienne", 100.0)):
        Departement.objects.create(
            code=code, name=name, region_code="1", region="R", zone="Europe/Paris", default_radius_km=20,
            gp_density_per_100k=density,
        )  # fmt: skip
        for rank in range(6):
            Commune.objects.create(
                insee=f"{code}{rank:03d}", name=f"{name} {rank}", search_name=f"{name} {rank}".lower(),
                departement_id=code, population=500 + 900 * rank, lat=46.5 + rank / 20, lon=0.3, zone="Europe/Paris",
                position="exact",
            )  # fmt: skip


def made() -> list[tuple[object, ...]]:
    return list(Place.objects.order_by("pk").values_list("professional__rpps", "commune_id", "lat", "lon"))


def test_a_country_in_small_has_its_people_its_charters_and_its_week_of_slots(country: None):
    before = schema()
    found = generate_france(seed=3, since=date(2026, 3, 9), at=AT)
    assert (found.territories, found.professionals, found.structures) == (2, 100, 30)
    assert Professional.objects.filter(specialty="SM54").count() == 60
    assert Slot.objects.count() == found.slots
    assert found.seats >= found.slots > 100 * 60
    assert 15 < Participation.objects.filter(professional__isnull=False).count() < 40
    assert all(charter_in_force(sas=sas, at=AT) for sas in Sas.objects.all())
    assert schema() == before
    days = {slot.date() for slot in Slot.objects.values_list("starts_at", flat=True)}
    assert (min(days), max(days)) == (date(2026, 3, 9), date(2026, 3, 15))


def test_the_same_seed_makes_the_same_country_and_a_full_database_is_refused(country: None):
    generate_france(seed=3, since=date(2026, 3, 9), at=AT, only=("48",))
    places = made()
    with pytest.raises(Refusal, match="base vide"):
        generate_france(seed=3, since=date(2026, 3, 9), at=AT)
    assert len(places) > 30
    assert {commune[:2] for _, commune, *_ in places} == {"48"}


def test_the_next_rows_of_the_product_follow_those_of_the_country(country: None):
    generate_france(seed=3, since=date(2026, 3, 9), at=AT, only=("48",))
    last = Slot.objects.order_by("-pk")[0]
    after = Slot.objects.create(
        place=last.place, during=last.during, starts_at=last.starts_at, ends_at=last.ends_at, modalities=["AMB"],
        audience="SNP", source="other",
    )  # fmt: skip
    assert after.pk == last.pk + 1


def test_quotas_are_whole_numbers_that_make_the_total():
    weights = {"a": 1.0, "b": 1.0, "c": 1.0, "d": 0.0}
    assert land.quotas(100, weights) == {"a": 34, "b": 33, "c": 33, "d": 0}


def test_the_agenda_of_a_participant_never_overlaps_itself():
    random = Random(5)
    for _ in range(200):
        hours = agendas.of_professional(random, way="cpts", cpts=1)
        for one in hours:
            for other in hours:
                apart = one.ends <= other.starts or other.ends <= one.starts
                assert one is other or one.weekday != other.weekday or apart


def test_slots_keep_their_local_hour_on_the_day_when_the_clocks_change():
    owner = agendas.Owner(place=1, zone="Europe/Paris", professional=2)
    sunday, monday = date(2026, 3, 29), date(2026, 3, 30)
    hours = [agendas.Hours(day, 540, 560, "SNP") for day in (5, 6, 0)]
    lines = [
        next(agendas.slot_endings(owner, one, 1, (day,)))
        for one, day in zip(hours, (date(2026, 3, 28), sunday, monday), strict=True)
    ]
    assert [line.split("\t")[2][-8:-3] for line in lines] == ["08:00", "07:00", "07:00"]


def test_invented_identifiers_have_a_right_check_digit():
    assert all(luhn(rpps(number)) for number in (1, 99, 100_000))
    assert len({rpps(number) for number in range(1000)}) == 1000
