from datetime import timedelta

import pytest

from quinze.base.errors import Conflict, Refusal
from quinze.base.events import _handlers, subscribe
from quinze.base.models import LiveEvent
from quinze.orientation import operations, queries
from quinze.orientation.events import OrientationEvent
from tests.factories import orientation as make
from tests.factories.regulation import osnp

AT = make.AT
pytestmark = pytest.mark.django_db


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


@pytest.fixture
def heard():
    """What a folder above hears, in order."""
    events: list[OrientationEvent] = []
    subscribe(OrientationEvent, events.append)
    yield events
    _handlers[OrientationEvent].remove(events.append)


def test_the_worklist_goes_by_priority_then_waiting_time(land: make.Territory):
    late = make.request(land, at=AT - timedelta(hours=2))
    first = make.request(land, priority="P1")
    recent = make.request(land, at=AT - timedelta(hours=1))
    make.request(make.territory("79"))
    assert [row.pk for row in queries.worklist(sas=land.sas, at=AT)] == [first.pk, late.pk, recent.pk]
    assert operations.claim_next(sas=land.sas, by=land.osnp, at=AT).pk == first.pk


@pytest.mark.parametrize("rows", [1, 3])
def test_the_worklist_is_one_query(rows: int, land: make.Territory, django_assert_num_queries):
    for _ in range(rows):
        make.request(land)
    with django_assert_num_queries(1):
        [(row.name, row.commune) for row in queries.worklist(sas=land.sas, at=AT)]


def test_a_taken_request_names_its_taker(land: make.Territory):
    request = make.request(land)
    operations.claim(request=request, by=land.osnp, at=AT)
    with pytest.raises(Conflict, match=str(land.osnp.user)):
        operations.claim(request=request, by=osnp(land.sas), at=AT)
    operations.release(request=request, by=land.osnp, at=AT)
    assert operations.claim(request=request, by=osnp(land.sas), at=AT).status == "taken"


def test_everything_is_told_to_the_folders_above_and_to_open_desks(land: make.Territory, heard):
    request = make.request(land)
    operations.claim(request=request, by=land.osnp, at=AT)
    assert [event.kind for event in heard] == ["requested", "taken", "referring_attempt"]
    assert heard[0].text == "Orientation demandée, à voir avant jeu. 19 nov. à 10 h"
    assert heard[1].data == {"request_id": request.pk}
    topics = LiveEvent.objects.latest("pk").topics
    assert topics == ["requests", f"request:{request.pk}", f"case:{request.case_number}"]


def test_a_declared_absence_is_the_attempt(land: make.Territory):
    referring = make.doctor(land, "Traitant").professional
    make.absence(referring, days=4)
    request = make.request(land, patient=make.patient(land, referring_doctor=referring))
    status = queries.referring_status(request=request, at=AT)
    assert status.text == "Dr Hélène Traitant, absent jusqu’au ven. 20 nov. à 10 h"
    operations.claim(request=request, by=land.osnp, at=AT)
    (attempt,) = queries.attempts_of(request)
    assert (attempt.result, attempt.automatic, attempt.note) == ("away", True, "jusqu’au ven. 20 nov. à 10 h")


def test_the_result_of_the_call_to_the_referring_doctor_is_one_act(land: make.Territory):
    referring = make.doctor(land, "Traitant").professional
    request = make.request(land, patient=make.patient(land, referring_doctor=referring))
    assert queries.referring_status(request=request, at=AT).to_log
    operations.log_referring_attempt(request=request, result="full", by=land.osnp, at=AT, note="secrétariat")
    status = queries.referring_status(request=request, at=AT)
    assert (status.to_log, status.attempts[0].result) == (False, "full")
    assert queries.events_of(request).last().text == "Médecin traitant (Dr Hélène Traitant) : complet (secrétariat)"


def test_given_back_to_the_doctor_with_what_prevented_it(land: make.Territory, heard):
    place = make.doctor(land)
    seat = make.slot(place)
    request = make.request(land)
    make.held(request, place, seat, land)
    with pytest.raises(Refusal) as refused:
        operations.give_back(request=request, reason=" ", by=land.osnp, at=AT)
    assert refused.value.field == "reason"
    operations.give_back(request=request, reason="le patient refuse", by=land.osnp, at=AT)
    seat.refresh_from_db()
    assert seat.taken == 0
    assert heard[-1].text == "Demande rendue au médecin : le patient refuse"
    assert not queries.worklist(sas=land.sas, at=AT)


def test_the_red_button_works_whatever_the_state(land: make.Territory, heard):
    request = make.request(land)
    operations.close_without_booking(request=request, reason="injoignable", by=land.osnp, at=AT)
    operations.red_flag(request=request, by=land.osnp, at=AT)
    assert heard[-1].kind == "red_flag"


def test_two_people_completing_one_request_never_overwrite_each_other(land: make.Territory):
    request = make.request(land)
    operations.update_contact(request=request, version=1, by=land.osnp, at=AT, contact_name="Mme Pinson")
    with pytest.raises(Conflict) as refused:
        operations.update_contact(request=request, version=1, by=land.osnp, at=AT, contact_name="M. Pinson")
    assert refused.value.data["current"]["contact_name"] == "Mme Pinson"


def test_a_deadline_in_the_past_is_refused_beside_its_field(land: make.Territory):
    with pytest.raises(Refusal) as refused:
        make.request(land, deadline=AT)
    assert refused.value.field == "deadline"


def test_another_sas_sees_nothing(land: make.Territory):
    request = make.request(land)
    with pytest.raises(Refusal):
        queries.request_of(sas=make.territory("79").sas, pk=request.pk)
