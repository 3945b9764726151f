"""Freed seats on the OSNP's pages, through HTTP: whom to call, what was answered."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quinze.accounts.roles import Role
from quinze.orientation import operations
from quinze.orientation.models import Booking, RescueOffer
from quinze.orientation.operations import rescue
from quinze.orientation.queries.rescue import live_offers
from quinze.patients.models import AccessRecord
from tests.factories import orientation as make
from tests.factories import patients
from tests.factories.accounts import login, make_actor, make_sas

from .test_views_follow_up import Desk, at_the_desk, url

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_PANEL = 4


@pytest.fixture
def desk() -> Desk:
    return at_the_desk()


def freed(desk: Desk) -> Booking:
    """Cancelled by its patient; somebody else waits."""
    gone = desk.booking("Linotte", starts_in=5)
    operations.cancel(booking=gone, by_kind="patient", at=desk.at)
    operations.close_without_booking(request=gone.request, reason="va mieux", by=desk.land.osnp, at=desk.at)
    waiting = patients.patient(desk.land.sas, family_name="Grèbe", phone="+33639984128")
    make.request(desk.land, at=desk.at, hours=8, patient=waiting)
    rescue.rescue_seats(at=desk.at)
    return gone


def offer(desk: Desk) -> RescueOffer:
    (found,) = live_offers(sas=desk.land.sas, at=desk.at)
    return found


@pytest.mark.parametrize("page", ["follow_up", "desk"])
def test_a_freed_seat_is_work_for_the_osnp_with_the_words_to_say(desk: Desk, page: str) -> None:
    freed(desk)
    html = desk.page.get(url(page)).content.decode()
    assert "Place libérée : Dr Hélène Cormier" in html
    assert "GRÈBE Noé" in html
    assert "(reste 7 h)" in html
    assert "Une place vient de se libérer" in html
    assert 'href="tel:+33639984128"' in html
    part = desk.page.get(url("rescues"), {"retour": "bureau"}, headers={"HX-Request": "true"}).content.decode()
    assert 'value="bureau"' in part


def test_the_panel_of_freed_seats_asks_as_much_for_three_as_for_one(desk: Desk) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.page.get(url("rescues"), headers={"HX-Request": "true"})
        return len(captured)

    freed(desk)
    one = asked()
    for name in ("Huppe", "Loriot"):
        place = make.doctor(desk.land, name)
        gone = make.booked(
            make.request(desk.land, at=desk.at, hours=20), place, make.slot(place, 5, at=desk.at), desk.land, at=desk.at
        )
        operations.cancel(booking=gone, by_kind="patient", at=desk.at)
        operations.close_without_booking(request=gone.request, reason="va mieux", by=desk.land.osnp, at=desk.at)
        make.request(desk.land, at=desk.at, hours=9, patient=patients.patient(desk.land.sas, family_name=name))
    rescue.rescue_seats(at=desk.at)
    assert len(live_offers(sas=desk.land.sas, at=desk.at)) == 3
    assert (one, asked()) == (QUERIES_OF_THE_PANEL, QUERIES_OF_THE_PANEL)


def test_called_then_accepted_the_seat_is_given_again(desk: Desk) -> None:
    gone = freed(desk)
    found = offer(desk)
    said = desk.page.post(url("rescue_call", found.pk), {"retour": "bureau"}, follow=True)
    assert said.redirect_chain[-1][0] == url("desk")
    assert "la place est gardée pendant l’appel" in said.content.decode()
    assert "Accepte" in said.content.decode()
    assert AccessRecord.objects.filter(why="place libérée, appel").count() == 1

    html = desk.page.post(url("rescue_accept", found.pk), {}, follow=True).content.decode()
    assert "Place redonnée : GRÈBE Noé" in html
    assert Booking.objects.get(request=found.request).slot == gone.slot
    assert "0 h 20 de consultation redonnée" in html


@pytest.mark.parametrize(("answer", "state"), [("refus", "refused"), ("injoignable", "unreachable"), ("", "refused")])
def test_no_is_noted_and_nobody_else_is_invented(desk: Desk, answer: str, state: str) -> None:
    freed(desk)
    found = offer(desk)
    assert (
        "Noté : " in desk.page.post(url("rescue_decline", found.pk), {"reponse": answer}, follow=True).content.decode()
    )
    found.refresh_from_db()
    assert found.state == state
    again = desk.page.post(url("rescue_accept", found.pk), {}, follow=True).content.decode()
    assert "Cette proposition est close" in again


def test_freed_seats_are_of_ones_own_sas_and_post(desk: Desk) -> None:
    freed(desk)
    found = offer(desk)
    elsewhere = login(Client(), make_actor(Role.OSNP, make_sas("17")))
    assert "Place libérée" not in elsewhere.get(url("rescues")).content.decode()
    acts = ("rescue_call", "rescue_accept", "rescue_decline")
    assert {elsewhere.post(url(name, found.pk)).status_code for name in acts} == {404}
    found.refresh_from_db()
    assert found.state == "proposed"


def test_the_sheet_keeps_the_wish_to_come_earlier(desk: Desk) -> None:
    booking = desk.booking(starts_in=5)
    assert "Prévenir si plus tôt" in desk.page.get(url("booking", booking.pk)).content.decode()
    assert "à prévenir si plus tôt" in desk.post("wish_earlier", booking)
    assert 'aria-pressed="true"' in desk.page.get(url("booking", booking.pk)).content.decode()
    assert "garde cette heure" in desk.post("wish_earlier", booking)
