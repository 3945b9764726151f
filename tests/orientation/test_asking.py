"""« Un patient de plus ? » on the doctor's page: one tap, a few minutes, one place of the quota while it waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Conflict, Refusal
from quinze.directory.models import Place, Professional
from quinze.orientation import operations, queries
from quinze.orientation.models import Booking, OrientationRequest, OverbookingAsk, RescueOffer
from quinze.orientation.operations import rescue
from quinze.orientation.operations.asking import answer, ask_doctor, expire_asks, withdraw_ask
from quinze.orientation.queries.asks import what_doctors_said
from quinze.orientation.views.osnp import list_context
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor, make_user
from tests.factories.orientation import AT

from .test_races import race, winners

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@dataclass
class Cabinet:
    land: make.Territory
    place: Place
    doctor: Actor
    at: datetime

    @property
    def professional(self) -> Professional:
        assert self.place.professional
        return self.place.professional

    def ask(self, request: OrientationRequest, *, hours: float = 3) -> OverbookingAsk:
        view = make.searched(request, self.land, at=self.at, opened_levels=frozenset({5}), opening_reason="urgent")
        return ask_doctor(
            request=request, professional=self.professional, place=self.place, ranking=view.ranking_id,
            starts_at=self.at + hours * HOUR, reason="souhait", by=self.land.osnp, at=self.at,
        )  # fmt: skip

    def request(self, **fields: float) -> OrientationRequest:
        return make.request(self.land, at=self.at, **{"hours": 12} | fields)


def cabinet(at: datetime, *, quota: int = 1) -> Cabinet:
    land = make.territory(at=at - timedelta(days=1))
    place = make.doctor(land, "Cormier", accepts_overbooking=True, overbooking_per_day=quota)
    person = place.professional
    assert person
    person.account = make_user()
    person.save()
    return Cabinet(land, place, make_actor(Role.EFFECTEUR, land.sas, user=person.account, at=at), at)


@pytest.fixture
def here() -> Cabinet:
    return cabinet(AT)


def state(row: OverbookingAsk | OrientationRequest) -> str:
    row.refresh_from_db()
    return row.state if isinstance(row, OverbookingAsk) else row.status


def test_yes_gives_the_appointment_at_once_with_the_doctors_own_consent(here: Cabinet) -> None:
    found = here.request()
    told = answer(ask=here.ask(found), accepts=True, by=here.doctor, at=AT + timedelta(minutes=2))
    booking = Booking.objects.get(request=found)
    assert (told.state, told.booking, state(found)) == ("accepted", booking, "booked")
    assert (booking.kind, booking.starts_at, booking.status) == ("overbooking", AT + 3 * HOUR, "booked")
    assert booking.consent.endswith("sur sa page")


def test_no_is_a_solicitation_and_gives_the_place_of_the_quota_back(here: Cabinet) -> None:
    found, other = here.request(), here.request()
    answer(ask=here.ask(found), accepts=False, by=here.doctor, at=AT)
    event = queries.events_of(found).get(kind="overbooking_call")
    assert event.data["professional_id"] == here.professional.pk
    assert here.ask(other).state == "pending"


@pytest.mark.parametrize("slept", [False, True])
def test_after_a_no_or_no_answer_the_request_is_in_the_list_again_with_what_happened(
    here: Cabinet, slept: bool
) -> None:
    found = operations.claim(request=here.request(), by=here.land.osnp, at=AT)
    waited = found.waiting_since
    ask = here.ask(found)
    (line,) = list_context(here.land.osnp, AT)["groups"][0][2]
    assert line.said.endswith("Cormier répond avant 10:15")
    if slept:
        assert expire_asks(at=AT + timedelta(hours=3)) == 1
    else:
        answer(ask=ask, accepts=False, by=here.doctor, at=AT + timedelta(minutes=4))
    assert (state(found), found.taken_by, found.waiting_since) == ("waiting", None, waited)
    ((group, _, (line,)),) = list_context(here.land.osnp, AT + timedelta(hours=3))["groups"]
    assert group == "wait"
    assert line.said.endswith("Cormier n’a pas répondu, 13:00" if slept else "Cormier a refusé, 10:04")
    answered = here.ask(found, hours=6)  # by another desk, and this time it is yes
    assert answer(ask=answered, accepts=True, by=here.doctor, at=AT).state == "accepted"
    assert what_doctors_said(sas=here.land.sas) == {}


def test_after_a_no_who_holds_a_seat_for_the_person_goes_on_with_it(here: Cabinet) -> None:
    found = operations.claim(request=here.request(), by=here.land.osnp, at=AT)
    ask = here.ask(found)
    place = make.doctor(here.land, "Loriot")
    make.held(found, place, make.slot(place, 2), here.land)
    answer(ask=ask, accepts=False, by=here.doctor, at=AT)
    assert (state(found), found.taken_by) == ("taken", here.land.osnp.user)


def test_after_a_no_a_seat_that_fitted_nobody_is_offered_to_the_person_at_once(here: Cabinet) -> None:
    """The person's doctor of the day said no; a seat that came back meanwhile is looked at for them without waiting."""
    place = make.doctor(here.land, "Loriot")
    gone = make.booked(here.request(), place, make.slot(place, 3), here.land)
    operations.cancel(booking=gone, by_kind="patient", at=AT)
    operations.close_without_booking(request=gone.request, reason="va mieux", by=here.land.osnp, at=AT)
    assert rescue.rescue_seats(at=AT) == 0
    found = here.request()
    answer(ask=here.ask(found), accepts=False, by=here.doctor, at=AT + timedelta(seconds=20))
    assert rescue.rescue_seats(at=AT + timedelta(seconds=30)) == 1
    assert RescueOffer.objects.get().request == found


@pytest.mark.parametrize("several", [1, 3])
def test_what_doctors_said_is_one_query(here: Cabinet, several: int, django_assert_num_queries: Any) -> None:
    for number in range(several):
        place = make.doctor(here.land, f"Loriot {number}", accepts_overbooking=True, overbooking_per_day=1)
        Cabinet(here.land, place, here.doctor, AT).ask(here.request())
    with django_assert_num_queries(1):
        assert len(what_doctors_said(sas=here.land.sas)) == several


def test_complaint_7_what_waits_for_an_answer_takes_its_place_of_the_day(here: Cabinet) -> None:
    """Complaint 7: pending bookings are invisible, and both are confirmed."""
    first, second = here.request(), here.request()
    ask = here.ask(first)
    with pytest.raises(Refusal) as refused:
        here.ask(second)
    assert refused.value.code == "quota"
    with pytest.raises(Refusal):
        operations.record_overbooking(
            request=second, professional=here.professional, place=here.place, starts_at=AT + 2 * HOUR,
            consent="au téléphone", by=here.land.osnp, at=AT,
        )  # fmt: skip
    assert expire_asks(at=ask.expires_at) == 1
    assert here.ask(second).state == "pending"


def test_unanswered_it_expires_even_if_the_job_slept_a_day(here: Cabinet) -> None:
    found = here.request()
    ask = here.ask(found)
    with pytest.raises(Conflict, match="sans réponse à temps"):
        answer(ask=ask, accepts=True, by=here.doctor, at=ask.expires_at)
    assert expire_asks(at=AT + timedelta(days=1)) == 1
    assert (state(ask), expire_asks(at=AT + timedelta(days=1))) == ("expired", 0)
    assert "n’a pas répondu à temps" in queries.events_of(found).get(kind="overbooking_call").text


def test_a_person_is_asked_of_one_doctor_at_a_time_and_the_osnp_may_stop_waiting(here: Cabinet) -> None:
    other = make.doctor(here.land, "Loriot", accepts_overbooking=True, overbooking_per_day=3)
    found = here.request()
    ask = here.ask(found)
    with pytest.raises(Refusal, match="déjà sollicité"):
        Cabinet(here.land, other, here.doctor, AT).ask(found)
    withdraw_ask(ask=ask, by=here.land.osnp, at=AT)
    assert Cabinet(here.land, other, here.doctor, AT).ask(found).state == "pending"


def test_yes_after_the_person_was_placed_elsewhere_gives_nothing_twice(here: Cabinet) -> None:
    found = here.request()
    ask = here.ask(found)
    other = make.doctor(here.land, "Loriot")
    make.booked(found, other, make.slot(other, 2), here.land)
    assert answer(ask=ask, accepts=True, by=here.doctor, at=AT).state == "withdrawn"
    assert Booking.objects.filter(request=found).count() == 1


def test_an_hour_that_is_past_or_after_the_deadline_is_not_asked(here: Cabinet) -> None:
    for hours in (-1.0, 13.0):
        with pytest.raises(Refusal, match="avant l’échéance"):
            here.ask(here.request(), hours=hours)


@pytest.mark.django_db(transaction=True)
def test_a_yes_and_the_end_of_the_wait_at_the_same_instant_agree() -> None:
    here = cabinet(AT)
    ask = here.ask(here.request())
    answers = race(
        lambda: answer(ask=ask, accepts=True, by=here.doctor, at=ask.expires_at - timedelta(seconds=1)),
        lambda: expire_asks(at=ask.expires_at),
    )
    ask.refresh_from_db()
    assert (ask.state, Booking.objects.count()) in {("accepted", 1), ("expired", 0)}
    assert winners(answers)


@pytest.mark.django_db(transaction=True)
def test_two_desks_ask_for_the_last_place_of_the_day_and_one_is_told() -> None:
    here = cabinet(AT)
    requests = [here.request() for _ in range(4)]
    answers = race(*(lambda found=found: here.ask(found) for found in requests))
    assert len(winners(answers)) == 1
    assert {a.code for a in answers if isinstance(a, Refusal)} == {"quota"}


# ---- pages


def url(name: str, *args: object) -> str:
    return reverse(f"orientation:{name}", args=args)


def test_the_doctor_answers_in_one_tap_and_reads_no_name_before_saying_yes() -> None:
    here = cabinet(clock.now())
    found = here.request()
    ask = here.ask(found)
    page = login(Client(), here.doctor)
    html = page.get(url("asks")).content.decode()
    assert "Un patient de plus ?" in html
    assert "Répondez avant" in html
    assert "PINSON" not in html
    said = page.post(url("ask_answer", ask.pk), {"reponse": "oui"}, follow=True).content.decode()
    assert "Accepté" in said
    assert state(found) == "booked"
    assert "Un patient de plus ?" not in page.get(url("asks")).content.decode()
    assert "close" in page.post(url("ask_answer", ask.pk), {"reponse": "non"}, follow=True).content.decode()


def test_the_doctor_reads_that_the_person_comes_from_emergencies_before_answering() -> None:
    here = cabinet(clock.now())
    here.professional.participations.update(takes_reorientations=True)
    house = make.department(here.land)
    here.ask(make.reoriented(here.land, house, make.nurse(here.land, house, at=here.at), "Loriot", at=here.at))
    html = login(Client(), here.doctor).get("/effecteur/").content.decode()
    card = html.split("Un patient de plus ?")[1].split("</section>")[0]
    assert "<strong>Vient des urgences</strong> : Urgences du Clain, réorientation décidée par Dr Grive" in card
    assert "LORIOT" not in card


def test_another_doctor_cannot_answer() -> None:
    here = cabinet(clock.now())
    ask = here.ask(here.request())
    other = make.doctor(here.land, "Loriot").professional
    assert other
    other.account = make_user()
    other.save()
    stranger = login(Client(), make_actor(Role.EFFECTEUR, here.land.sas, user=other.account))
    stranger.post(url("ask_answer", ask.pk), {"reponse": "oui"})
    assert state(ask) == "pending"


def test_the_osnp_asks_on_the_doctors_page_and_sees_that_the_answer_is_awaited() -> None:
    here = cabinet(clock.now())
    actor = make_actor(Role.OSNP, here.land.sas)
    found = operations.claim(request=here.request(), by=actor, at=here.at)
    page = login(Client(), actor)
    view = make.searched(found, here.land, at=here.at, opened_levels=frozenset({5}), opening_reason="urgent")
    hour = (here.at + 3 * HOUR).astimezone(ZoneInfo(here.place.zone))
    data = {
        "candidate": f"p{here.professional.pk}@{here.place.pk}",
        "ranking": view.ranking_id,
        "ask": "1",
        "day": f"{hour:%d/%m/%Y}",
        "hour": f"{hour:%H:%M}",
    }
    said = page.post(url("overbook", found.pk), data, follow=True).content.decode()
    assert "Réponse attendue d’un médecin." in said
    assert OverbookingAsk.objects.get().professional == here.professional
    assert "est retirée" in page.post(url("ask_withdraw", found.pk), follow=True).content.decode()
    assert OverbookingAsk.objects.get().state == "withdrawn"


def test_the_osnp_reads_the_no_on_the_open_page_and_takes_the_request_again_with_the_next_proposal() -> None:
    here = cabinet(clock.now())
    make.slot(make.doctor(here.land, "Loriot"), 3, at=here.at)
    actor = make_actor(Role.OSNP, here.land.sas)
    found = operations.claim(request=here.request(), by=actor, at=here.at)
    answer(ask=here.ask(found), accepts=False, by=here.doctor, at=here.at)
    page = login(Client(), actor)
    part = page.get(url("request", found.pk), headers={"HX-Request": "true"}).content.decode()
    assert "La reprendre" in part
    assert "Cormier a refusé" in page.get(url("desk")).content.decode()
    again = page.post(url("claim", found.pk), follow=True).content.decode()
    assert "Ensuite, dans l’ordre de la charte" in again
    assert "Loriot</strong>" in again
