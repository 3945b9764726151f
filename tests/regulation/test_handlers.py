from datetime import datetime, timedelta

import pytest

from quinze.base.events import emit
from quinze.orientation.events import OrientationEvent
from quinze.orientation.models import OrientationRequest
from quinze.regulation import operations as ops
from quinze.regulation import queries
from quinze.regulation.models import CaseFile, Step
from tests.factories import regulation as make
from tests.factories.regulation import AT, CITY

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=20)


@pytest.fixture
def doctor() -> make.Actor:
    return make.doctor()


@pytest.fixture
def oriented(doctor: make.Actor) -> CaseFile:
    case = make.waiting_case(sas=doctor.sas)
    ops.decide(case, by=doctor, at=AT, details=CITY)
    return case


def told(case: CaseFile, kind: str, *, status: str, at: datetime = LATER, text: str = "Rendez-vous") -> CaseFile:
    """What the orientation says once its request has that status."""
    requests = OrientationRequest.objects.filter(case_number=case.number)
    requests.update(status=status, taken_by=case.opened_by)
    request = requests.get()
    emit(OrientationEvent(case.number, case.sas_id, at, None, kind, text, {"request_id": request.pk}))
    case.refresh_from_db()
    return case


def test_a_booking_makes_the_file_wait_for_its_outcome(oriented: CaseFile, doctor: make.Actor) -> None:
    case = told(oriented, "booked", status="booked", text="Rendez-vous pris à 14 h 20, Dr Hélène Cormier")
    assert case.step == Step.FOLLOW_UP
    last = queries.chronology(case, by=doctor)[-1]
    assert (last.kind, last.text) == ("orientation.booked", "Rendez-vous pris à 14 h 20, Dr Hélène Cormier")


def test_a_lost_booking_gives_the_file_back_to_the_osnp(oriented: CaseFile) -> None:
    told(oriented, "booked", status="booked")
    case = told(oriented, "cancelled", status="waiting", at=LATER + timedelta(hours=1))
    assert (case.step, case.waiting_since) == (Step.OSNP, LATER + timedelta(hours=1))


@pytest.mark.parametrize("kind", ["fulfilled", "no_show"])
def test_the_outcome_closes_the_file_and_validates_it(oriented: CaseFile, kind: str) -> None:
    told(oriented, "booked", status="booked")
    case = told(oriented, kind, status="closed")
    assert (case.step, case.state, case.closed_at) == (Step.CLOSED, "VALIDE", LATER)


def test_a_booking_lost_after_the_close_brings_the_file_back(oriented: CaseFile) -> None:
    told(oriented, "fulfilled", status="closed")
    case = told(oriented, "corrected", status="waiting")
    assert (case.step, case.state, case.closed_at) == (Step.OSNP, "ACTIF", None)


@pytest.mark.parametrize("kind", ["held", "hold_expired", "hold_released", "requested"])
def test_the_steps_of_the_machine_are_no_line_of_the_chronology(
    oriented: CaseFile, doctor: make.Actor, kind: str
) -> None:
    before = len(queries.chronology(oriented, by=doctor))
    told(oriented, kind, status="taken")
    assert len(queries.chronology(oriented, by=doctor)) == before


def test_an_event_of_a_joined_file_moves_the_one_that_lives(oriented: CaseFile, doctor: make.Actor) -> None:
    living = make.waiting_case(sas=doctor.sas)
    ops.merge(oriented, by=doctor, at=LATER, into=living, reason="même demande")
    told(oriented, "returned", status="returned", text="Rendue")
    living.refresh_from_db()
    assert living.waiting_since == LATER
    assert "Rendue" in [event.text for event in queries.chronology(living, by=doctor)]


def test_an_event_of_another_sas_touches_nothing(oriented: CaseFile, doctor: make.Actor) -> None:
    before = len(queries.chronology(oriented, by=doctor))
    emit(OrientationEvent(oriented.number, oriented.sas_id + 1, LATER, None, "booked", "x", {}))
    assert len(queries.chronology(oriented, by=doctor)) == before
