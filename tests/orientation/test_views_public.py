"""The one page a patient opens, from the link of the message received."""

from datetime import timedelta

import pytest
from django.test import Client

from quinze.availability.models import Slot
from quinze.base import clock
from quinze.orientation import operations
from quinze.orientation.letters import languages, texts
from quinze.orientation.links import cancel_path, stop_path
from quinze.orientation.models import Booking, EarlierWish, FreedSeat, Message, OptOut, OrientationRequest
from tests.factories import orientation as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def land() -> make.Territory:
    return make.territory(at=clock.now() - timedelta(days=1))


def booking(land: make.Territory, *, starts_in: float = 3) -> Booking:
    asked = clock.now() + timedelta(hours=starts_in - 6)
    place = make.doctor(land, "Cormier", email="cormier@exemple.test")
    slot = make.slot(place, 6, at=asked)
    return make.booked(make.request(land, at=asked), place, slot, land, at=asked)


def status(given: Booking) -> str:
    given.refresh_from_db()
    return given.status


def test_the_link_shows_the_appointment_and_reading_cancels_nothing(land: make.Territory) -> None:
    given = booking(land)
    page = Client()
    html = page.get(cancel_path(given.pk)).content.decode()
    page.head(cancel_path(given.pk))
    assert "Hélène Cormier" in html
    assert "Annuler mon rendez-vous" in html
    assert status(given) == "booked"


def test_the_page_of_a_patient_names_neither_them_nor_their_trouble(land: make.Territory) -> None:
    html = Client().get(cancel_path(booking(land).pk)).content.decode()
    assert "Pinson" not in html
    assert "PINSON" not in html
    assert "06 39 98" not in html


def test_posting_frees_the_seat_and_warns_the_doctor(land: make.Territory) -> None:
    given = booking(land)
    response = Client().post(cancel_path(given.pk))
    assert response.status_code == 200
    assert "Votre rendez-vous est annulé" in response.content.decode()
    assert status(given) == "cancelled"
    assert Slot.objects.get(bookings=given).taken == 0
    assert given.statuses.order_by("-pk")[0].by_kind == "patient"
    assert Message.objects.filter(booking=given, purpose="doctor_cancel").count() == 1


def test_a_second_time_says_that_it_is_done(land: make.Territory) -> None:
    given, page = booking(land), Client()
    page.post(cancel_path(given.pk))
    again = page.post(cancel_path(given.pk))
    assert again.status_code == 410
    assert "déjà annulé" in again.content.decode()
    assert given.statuses.filter(status="cancelled").count() == 1
    shown = page.get(cancel_path(given.pk)).content.decode()
    assert "Annuler mon rendez-vous" not in shown
    assert "annulé" in shown


@pytest.mark.parametrize("altered", ["{token}x", "1.{signature}", "n-importe-quoi", "999999.{signature}"])
def test_an_altered_link_opens_nothing(land: make.Territory, altered: str) -> None:
    given = booking(land)
    token = cancel_path(given.pk).split("/")[2]
    made = altered.format(token=token, signature=token.partition(".")[2])
    if made == token:
        made += "y"
    for response in (Client().get(f"/rdv/{made}/"), Client().post(f"/rdv/{made}/")):
        assert response.status_code == 410
        assert "Cormier" not in response.content.decode()
    assert status(given) == "booked"


def test_the_link_of_a_past_appointment_is_dead(land: make.Territory) -> None:
    given = booking(land, starts_in=-3)
    for response in (Client().get(cancel_path(given.pk)), Client().post(cancel_path(given.pk))):
        assert response.status_code == 410
        assert "passé" in response.content.decode()
    assert status(given) == "booked"


def test_the_link_follows_an_appointment_that_was_moved(land: make.Territory) -> None:
    given = booking(land)
    later = make.slot(given.place, 5, at=clock.now())
    new = operations.move(booking=given, slot=later.pk, by=land.osnp, at=clock.now())
    Client().post(cancel_path(given.pk))
    assert (status(given), status(new)) == ("moved", "cancelled")


@pytest.mark.parametrize("language", languages())
def test_the_page_speaks_the_patients_language_or_the_one_asked_for(land: make.Territory, language: str) -> None:
    given = booking(land)
    OrientationRequest.objects.filter(pk=given.request_id).update(language=language)
    words = texts(language)
    html = Client().get(cancel_path(given.pk)).content.decode()
    assert f'lang="{language}" dir="{words["dir"]}"' in html
    assert words["page"]["cancel"] in html
    asked = Client().get(cancel_path(given.pk), {"lang": "en"}).content.decode()
    assert "Cancel my appointment" in asked
    cancelled = Client().post(cancel_path(given.pk)).content.decode()
    assert words["page"]["cancelled"] in cancelled
    dead = Client().get(cancel_path(given.pk), {"lang": language})
    assert dead.status_code == 410
    assert words["page"]["dead"] in dead.content.decode()


def test_a_language_nobody_knows_is_french(land: make.Territory) -> None:
    html = Client().get(cancel_path(booking(land).pk), {"lang": "../../etc"}).content.decode()
    assert "Annuler mon rendez-vous" in html


def test_complaint_11_a_patient_asks_by_the_link_to_be_told_of_an_earlier_place(land: make.Territory) -> None:
    given, page = booking(land), Client()
    assert "Prévenez-moi" in page.get(cancel_path(given.pk)).content.decode()
    page.post(cancel_path(given.pk), {"act": "plus-tot"})
    assert EarlierWish.objects.get(ended_at__isnull=True).by is None
    assert "Vous serez appelé" in page.get(cancel_path(given.pk)).content.decode()
    page.post(cancel_path(given.pk), {"act": "garder"})
    assert not EarlierWish.objects.filter(ended_at__isnull=True).exists()
    assert status(given) == "booked"


def test_stop_is_one_button_reading_stops_nothing_and_it_can_be_undone(land: make.Territory) -> None:
    given, page = booking(land), Client()
    assert "Ne plus recevoir de rappels" in page.get(stop_path(given.pk)).content.decode()
    assert not OptOut.objects.exists()
    assert "Vous ne recevrez plus de rappels" in page.post(stop_path(given.pk)).content.decode()
    assert OptOut.objects.filter(ended_at__isnull=True).count() == 2
    page.post(stop_path(given.pk), {"act": "reprendre"})
    assert not OptOut.objects.filter(ended_at__isnull=True).exists()
    assert status(given) == "booked"


@pytest.mark.parametrize("path", ["/rdv/rappels/n-importe-quoi/", "/rdv/rappels/1.x/", "/rdv/rappels/999999.é/"])
def test_an_altered_stop_link_says_so(land: make.Territory, path: str) -> None:
    given = booking(land)
    crossed = f"/rdv/rappels/{cancel_path(given.pk).split('/')[2]}/"  # signed, for another purpose
    for response in (Client().get(path), Client().post(path), Client().post(crossed)):
        assert response.status_code == 410
    assert not OptOut.objects.exists()


def test_cancelling_by_the_link_starts_the_rescue_of_the_seat(land: make.Territory) -> None:
    given = booking(land)
    Client().post(cancel_path(given.pk))
    assert FreedSeat.objects.get().from_booking == given


def test_a_link_cannot_be_posted_from_another_site(land: make.Territory) -> None:
    given = booking(land)
    assert Client(enforce_csrf_checks=True).post(cancel_path(given.pk)).status_code == 403
    assert status(given) == "booked"
