"""A nurse is asked for: the person's own nurse first, then volunteers; the care is what a doctor prescribed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory.models import Place
from quinze.orientation import operations, queries
from quinze.orientation.models import OrientationRequest
from quinze.orientation.queries.facts import facts_of
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor, make_user

AT = make.AT
pytestmark = pytest.mark.django_db


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


def a_nurse(land: make.Territory, name: str, *, km: float, hours: float, **fields: object) -> Place:
    place = make.doctor(land, name, km=km, **fields)
    place.professional.profession, place.professional.specialty = "60", ""
    place.professional.save()
    make.slot(place, hours)
    return place


def for_a_nurse(land: make.Territory, **fields: object) -> OrientationRequest:
    return make.request(land, profession="60", specialty="", **fields)


def names(view: queries.SearchView) -> list[tuple[str, list[str]]]:
    return [(level.name, [p.label for p in level.proposals]) for level in view.levels if level.proposals]


def test_her_own_nurse_comes_first_then_the_volunteers(land: make.Territory) -> None:
    volunteer = a_nurse(land, "Saule", km=2, hours=2)
    own = a_nurse(land, "Tilleul", km=9, hours=6)
    person = make.patient(land, referring_nurse=own.professional, referring_doctor=volunteer.professional)
    view = make.searched(request := for_a_nurse(land, patient=person), land)
    first, *others = names(view)
    assert first == ("Infirmier référent", [str(own.professional)])
    assert [label for _, labels in others for label in labels] == [str(volunteer.professional)]
    assert "Infirmier référent" in view.levels[0].proposals[0].reasons
    log = queries.latest_ranking(request)
    assert log is not None
    assert "l'infirmier référent" in queries.why_not(log=log, professional=volunteer.professional).higher


def test_a_request_for_a_doctor_knows_nothing_of_the_nurse_and_asks_nothing_more(land: make.Territory) -> None:
    own, doctor = a_nurse(land, "Tilleul", km=9, hours=6), make.doctor(land, "Cormier")
    make.slot(doctor, 2)
    patients = [
        make.patient(land, referring_doctor=doctor.professional, referring_nurse=nurse)
        for nurse in (None, own.professional)
    ]
    make.searched(make.request(land), land)  # the charter of this process is read once
    said, asked = [], []
    for person in patients:
        request = queries.request_of(sas=land.sas, pk=make.request(land, patient=person).pk)
        with CaptureQueriesContext(connection) as statements:
            said.append(names(make.searched(request, land)))
        asked.append(len(statements))
    assert said[0] == said[1] == [("Médecin traitant", [str(doctor.professional)])]
    assert asked[0] == asked[1]


def test_the_filter_by_nurse_of_a_request_for_a_doctor_reads_the_nurse(land: make.Territory) -> None:
    own = a_nurse(land, "Tilleul", km=9, hours=6)
    request = make.request(land, patient=make.patient(land, referring_nurse=own.professional))
    assert facts_of(request, at=AT).referring.professional_id is None
    assert names(make.searched(request, land, profession="60")) == [("Infirmier référent", [str(own.professional)])]


def test_what_came_of_trying_the_nurse_is_written_under_that_name(land: make.Territory) -> None:
    own, doctor = a_nurse(land, "Tilleul", km=9, hours=6), make.doctor(land, "Cormier")
    person = make.patient(land, referring_nurse=own.professional, referring_doctor=doctor.professional)
    request = for_a_nurse(land, patient=person)
    operations.claim(request=request, by=land.osnp, at=AT)
    attempt = operations.log_referring_attempt(request=request, result="full", by=land.osnp, at=AT)
    status = queries.referring_status(request=request, at=AT)
    assert (attempt.professional, status.professional, status.kind.words) == (
        own.professional, own.professional, "infirmier référent",
    )  # fmt: skip
    told = request.events.filter(kind="referring_attempt").values_list("text", flat=True)
    assert list(told) == [f"Infirmier référent ({own.professional}) : complet"]
    with pytest.raises(Refusal, match="de l’infirmier référent"):
        operations.record_referring_appointment(
            request=request, place=doctor, starts_at=AT + timedelta(hours=3), consent="Elle-même", by=land.osnp, at=AT
        )


def test_nobody_declared_is_written_at_once_and_the_volunteers_follow(land: make.Territory) -> None:
    volunteer = a_nurse(land, "Saule", km=2, hours=2)
    request = for_a_nurse(land, patient=make.patient(land, referring_doctor=make.doctor(land).professional))
    operations.claim(request=request, by=land.osnp, at=AT)
    assert request.events.get(kind="referring_attempt").text == "Pas d’infirmier référent déclaré"
    assert [labels for _, labels in names(make.searched(request, land))] == [[str(volunteer.professional)]]


def test_the_desk_and_the_nurse_read_what_care_was_prescribed_by_whom() -> None:
    at = clock.now()
    land = make.territory(at=at)
    place = make.doctor(land, "Tilleul")
    place.professional.profession, place.professional.specialty = "60", ""
    place.professional.account = make_user()
    place.professional.save()
    person = make.patient(land, referring_nurse=place.professional)
    request = for_a_nurse(land, at=at, patient=person, care="Perfusion")
    osnp = login(Client(), land.osnp)
    osnp.post(reverse("orientation:claim", args=[request.pk]))
    page = osnp.get(reverse("orientation:request", args=[request.pk]), follow=True).content.decode()
    assert "<strong>Perfusion</strong>" in page
    assert f"prescrits par {request.requested_by}" in page
    assert "Niveau 1 : infirmier référent" in page
    slot = make.slot(place, 0, at=at)  # of today, even a minute before midnight
    make.booked(request, place, slot, land, at=at - timedelta(minutes=5))
    own = login(Client(), make_actor(Role.EFFECTEUR, land.sas, user=place.professional.account))
    assert "<strong>Perfusion</strong>" in own.get(reverse("orientation:effecteur_today")).content.decode()
