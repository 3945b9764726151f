"""What an OSNP matches by hand, and what a manager sends again."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from quinze.accounts.roles import Role
from quinze.interop.fhir import sending
from quinze.interop.fhir.refused import forget_refused
from quinze.interop.models import DeclaredBooking, EditorAppointment, Flow, RefusedDeclaration
from quinze.orientation import operations
from quinze.orientation.models import Booking
from quinze.patients.models import AccessRecord
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor
from tests.interop.fhir import test_appointments as received
from tests.interop.fhir.exchange import register
from tests.interop.fhir.test_appointment import KEY, participant
from tests.interop.fhir.test_appointments import Scene, known, only, operator, post, put, send
from tests.interop.fhir.test_declaring import answering

AT = make.AT
_alone = received._alone
State = EditorAppointment.State
pytestmark = pytest.mark.django_db


def page(name: str, *args: Any) -> str:
    return reverse(f"interop:{name}", args=args)


def test_an_osnp_says_to_which_request_it_belongs() -> None:
    scene = Scene()
    second = scene.taken()
    post(scene.said())
    desk = login(Client(), scene.land.osnp)
    assert "À rapprocher : 1" in desk.get(page("received")).content.decode()
    shown = desk.get(page("received_one", only().pk)).content.decode()
    assert second.case_number in shown
    assert AccessRecord.objects.filter(why="rendez-vous d’un éditeur à rapprocher").count() == 2
    wrong = desk.post(page("received_one", only().pk), {"request": "0"})
    assert wrong.status_code == 422
    answer = desk.post(page("received_one", only().pk), {"request": str(second.pk)})
    assert answer.status_code == 302
    assert Booking.objects.get().request == second
    assert desk.post(page("received_one", only().pk), {"request": str(second.pk)}).status_code == 422


def test_a_doctor_with_two_places_is_asked_which() -> None:
    scene = Scene()
    other = make.directory.place(scene.place.professional, scene.land.commune, lat=46.6, lon=0.34)
    post(scene.said())
    desk = login(Client(), scene.land.osnp)
    refused = desk.post(page("received_one", only().pk), {"request": str(scene.request.pk), "place": ""})
    assert (refused.status_code, only().booking) == (422, None)
    desk.post(page("received_one", only().pk), {"request": str(scene.request.pk), "place": str(other.pk)})
    assert Booking.objects.get().place == other


def test_none_of_these_requests_stays_counted() -> None:
    scene = Scene()
    scene.taken()
    post(scene.said())
    desk = login(Client(), scene.land.osnp)
    assert desk.post(page("received_aside", only().pk)).status_code == 302
    assert (only().state, only().matched_by) == (State.ALONE, scene.land.osnp.user)
    assert "Sans orientation, depuis 14 jours : 1" in desk.get(page("received")).content.decode()


def test_what_was_cancelled_here_and_stands_there_is_listed() -> None:
    scene = Scene()
    post(scene.said())
    operations.cancel(booking=scene.booking(), by_kind="staff", reason="va mieux", by=scene.land.osnp, at=AT)
    shown = login(Client(), scene.land.osnp).get(page("received")).content.decode()
    assert "En désaccord avec nous : 1" in shown
    assert "Annulé ici" in shown
    put(scene.said(status="cancelled"))
    assert "En désaccord avec nous : 0" in login(Client(), scene.land.osnp).get(page("received")).content.decode()


def test_another_sas_sees_nothing_of_it() -> None:
    scene = Scene()
    post(scene.said())
    other = login(Client(), make.territory("87").osnp)
    assert "Rattachés, depuis 14 jours : 0" in other.get(page("received")).content.decode()
    assert other.get(page("received_one", only().pk)).status_code == 404


def test_an_appointment_of_nobody_knows_which_sas_shows_no_person_of_another() -> None:
    scene = Scene()
    other = make.territory("87")
    theirs = make.request(other)
    post(scene.said(participant=[participant("810100050075")], extension=[operator("9999999999/1")]))
    assert only().sas is None
    shown = login(Client(), scene.land.osnp).get(page("received_one", only().pk)).content.decode()
    assert scene.request.case_number in shown
    assert theirs.case_number not in shown


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(many: int, django_assert_num_queries: Any) -> None:
    scene = Scene()
    for number in range(many):
        key = [{"system": "urn:oid:1.2", "value": str(number)}]
        post(scene.said(identifier=key, extension=[operator("9999999999/1")]))
        post(scene.said(identifier=[{"system": "urn:oid:1.2", "value": f"refus-{number}"}], status="arrived"))
    desk = login(Client(), scene.land.osnp)
    desk.get(page("received"))
    with django_assert_num_queries(7):
        desk.get(page("received"))


# ---- what was refused


def test_a_declaration_that_was_refused_is_shown_without_its_body_until_it_is_said_well() -> None:
    scene = Scene()
    desk = login(Client(), scene.land.osnp)
    named = {"actor": {"reference": "Patient/1", "display": "GRÈBE Noé"}, "status": "accepted"}
    wrong = scene.said(participant=[participant(known(scene.place)), named], description="fièvre", GRÈBE="Noé")
    assert [post(wrong).status for _ in range(2)] == [400, 400]
    assert put(wrong).status == 400

    shown = desk.get(page("received")).content.decode()

    assert "Refusés à la réception, depuis 14 jours : 2" in shown  # said by POST twice, by PUT once
    assert "2 fois" in shown
    assert "Agenda Bleu" in shown
    assert "Élément inconnu." in shown
    assert "Aucun patient n’est admis dans cet échange." in shown
    assert KEY in shown
    assert known(scene.place) in shown
    kept = str(list(RefusedDeclaration.objects.values()))
    assert not [word for word in ("GRÈBE", "Noé", "fièvre", "Patient/1") if word in kept + shown]
    assert put(scene.said()).status == 201
    assert "depuis 14 jours : 0" in desk.get(page("received")).content.decode().partition("h-refused")[2]


@pytest.mark.parametrize(
    ("body", "said", "status"),
    [
        (b"{", "Le corps n’est pas du JSON en UTF-8.", 400),
        (
            b'{"resourceType":"Appointment","identifier":"Mme GREBE","extension":7,"participant":[[]]}',
            "Obligatoire",
            400,
        ),
        (b" " * 100_001, "dépasse 100000 octets", 413),
    ],
)
def test_garbage_is_kept_as_a_fact_and_not_as_text(body: bytes, said: str, status: int) -> None:
    scene = Scene()
    assert send("POST", body).status == status
    row = RefusedDeclaration.objects.get()
    assert (row.system, row.value, row.content, row.status) == ("", "", {}, status)
    assert said in str(row.faults)
    shown = login(Client(), scene.land.osnp).get(page("received")).content.decode()
    assert "sans identifiant lisible" in shown
    assert "GREBE" not in shown


def test_another_sas_does_not_see_what_its_editor_was_refused() -> None:
    scene = Scene()
    register(Flow.APPOINTMENTS, sas=scene.land.sas, common_name="du-sas.test")
    send("POST", b"{}", X_Client_Subject="CN=du-sas.test,OU=SAS")
    ours, theirs = login(Client(), scene.land.osnp), login(Client(), make.territory("87").osnp)
    counts = [each.get(page("received")).content.decode().count("sans identifiant lisible") for each in (ours, theirs)]
    assert counts == [1, 0]


def test_refusals_of_one_client_are_bounded_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quinze.interop.fhir.refused.MOST", 2)
    scene = Scene()
    for number in range(4):
        post(scene.said(identifier=[{"system": "urn:oid:1.2", "value": str(number)}], status="arrived"))
    assert set(RefusedDeclaration.objects.values_list("value", flat=True)) == {"2", "3"}
    assert forget_refused(at=AT + timedelta(days=13)) == 0
    assert forget_refused(at=AT + timedelta(days=15)) == 2


# ---- what the platform has not accepted


@pytest.fixture
def _platform() -> Any:
    with override_settings(QUINZE_PLATFORM_URL="https://plateforme.test/fhir", QUINZE_PLATFORM_SYSTEM="urn:oid:1.2.3"):
        yield


def manager(scene: Scene) -> Client:
    return login(Client(), make_actor(Role.SUPERVISOR, scene.land.sas, at=AT))


def refused(scene: Scene, hours: float = 20) -> DeclaredBooking:
    booking = make.booked(make.request(scene.land), scene.place, make.slot(scene.place, hours), scene.land)
    row = DeclaredBooking.objects.get(booking=booking)
    sending.send(row.pk, at=AT, transport=answering(422, {"issue": [{"diagnostics": "Régulateur inconnu"}]}))
    return row


@pytest.mark.usefixtures("_platform")
def test_a_manager_reads_why_and_sends_it_again() -> None:
    scene = Scene()
    row = refused(scene)
    desk = manager(scene)
    shown = desk.get(page("declared")).content.decode()
    assert "Régulateur inconnu" in shown
    assert scene.request.patient.family_name not in shown
    assert desk.post(page("declare_again", row.pk)).status_code == 302
    row.refresh_from_db()
    assert (row.next_try_at, row.attempts) == (AT, 0)
    refused(scene, 21)
    assert desk.post(page("declare_all_again")).status_code == 302
    assert not DeclaredBooking.objects.filter(next_try_at=None).exists()
    other = login(Client(), make_actor(Role.SUPERVISOR, make.territory("87").sas, at=AT))
    assert other.post(page("declare_again", row.pk)).status_code in {302, 404}


@pytest.mark.usefixtures("_platform")
@pytest.mark.parametrize("many", [1, 3])
def test_the_list_of_refusals_costs_the_same_whatever_its_length(many: int, django_assert_num_queries: Any) -> None:
    scene = Scene()
    for number in range(many):
        refused(scene, 20 + number)
    desk = manager(scene)
    desk.get(page("declared"))
    with django_assert_num_queries(5):
        desk.get(page("declared"))


def test_without_a_platform_the_page_says_so() -> None:
    assert "Aucune plateforme n’est réglée" in manager(Scene()).get(page("declared")).content.decode()


def test_what_merely_waits_its_turn_is_not_a_failure() -> None:
    with override_settings(QUINZE_PLATFORM_URL="https://plateforme.test/fhir"):
        scene = Scene()
        make.booked(make.request(scene.land), scene.place, make.slot(scene.place, 20), scene.land)
        assert "Tout est accepté" in manager(scene).get(page("declared")).content.decode()
        DeclaredBooking.objects.update(next_try_at=AT - timedelta(minutes=5))
        assert "la file d’envoi est-elle arrêtée" in manager(scene).get(page("declared")).content.decode()
