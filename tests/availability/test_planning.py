"""The week that a structure shares: who of its members opens what to the SAS and to the CPTS."""

from datetime import UTC, date, datetime, timedelta

import pytest

from quinze.availability.models import Slot
from quinze.availability.queries.planning import PlanningRow, planning
from quinze.directory.models import Structure
from tests.factories import availability as make
from tests.factories import directory
from tests.factories.availability import Effecteur

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 16)
NINE = datetime(2026, 11, 17, 8, 0, tzinfo=UTC)  # Tuesday, 9:00 in Paris
MINUTES = timedelta(minutes=20)


@pytest.fixture
def doctor() -> Effecteur:
    return make.effecteur()


@pytest.fixture
def house(doctor: Effecteur) -> Structure:
    return directory.structure("MSP", "MSP des Tilleuls", sas=doctor.sas)


def opened(doctor: Effecteur, rank: int = 0, **fields: object) -> Slot:
    return make.slot(doctor.place, NINE + rank * MINUTES, NINE + (rank + 1) * MINUTES, **fields)


def week(house: Structure, doctor: Effecteur, *, at: datetime = make.NOW) -> list[PlanningRow]:
    return planning(house, [doctor.professional], monday=MONDAY, zone="Europe/Paris", at=at)


def test_slots_that_follow_each_other_read_as_one_opening(house: Structure, doctor: Effecteur) -> None:
    make.give(opened(doctor))
    opened(doctor, 1)
    opened(doctor, 6)
    (row,) = week(house, doctor)
    assert [(opening.hours, opening.said) for opening in row.days[1]] == [
        ("09:00–09:40", "1 libre sur 2"),
        ("11:00–11:20", "1 libre sur 1"),
    ]
    assert row.seats == 3


def test_what_a_doctor_keeps_for_others_is_not_shared(house: Structure, doctor: Effecteur) -> None:
    opened(doctor, audience="PUBLIC")
    opened(doctor, 1, audience="PRO")
    opened(doctor, 2, audience="CPTS", cpts=directory.structure("CPTS", "CPTS"))
    (row,) = week(house, doctor)
    assert [opening.hours for opening in row.days[1]] == ["09:40–10:00"]


def test_what_is_past_is_told_in_places_and_offers_none(house: Structure, doctor: Effecteur) -> None:
    opened(doctor)
    (row,) = week(house, doctor, at=NINE + timedelta(days=1))
    assert [(opening.free, opening.said) for opening in row.days[1]] == [(0, "1 place")]


def test_a_withdrawn_slot_without_patient_is_not_there(house: Structure, doctor: Effecteur) -> None:
    opened(doctor, status=Slot.Status.WITHDRAWN)
    (row,) = week(house, doctor)
    assert row.seats == 0


def test_the_structure_s_own_place_has_its_line(house: Structure, doctor: Effecteur) -> None:
    own = directory.place(house, doctor.place.commune)
    make.slot(own, NINE, NINE + MINUTES)
    member, itself = week(house, doctor)
    assert (member.who, itself.who, itself.seats) == (doctor.professional, None, 1)
