"""Somebody receives in the doctor's place: whoever reads of the appointment reads who that is (OFF-18)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.availability.models import Cover
from quinze.availability.operations.covers import name_cover, withdraw_cover
from quinze.availability.queries.covers import receivers_at
from quinze.availability.receiving import Receiver
from quinze.base import clock
from quinze.directory.models import Place
from quinze.orientation import letters, operations
from quinze.orientation.links import cancel_path
from quinze.orientation.models import Booking, Message, OrientationRequest
from quinze.orientation.operations import straight
from quinze.orientation.operations.informing import consultation
from quinze.orientation.operations.lateness import announce_lateness
from quinze.orientation.operations.messages import deliver
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor, make_user

pytestmark = pytest.mark.django_db
THEY = "Lou Sorbier, remplaçant du Dr Hélène Cormier"


@dataclass
class Office:
    """A doctor, whose replacement may be named, and the desk that looks for a seat there."""

    land: make.Territory
    place: Place
    doctor: Actor
    at: datetime

    def cover(self, hours: float = 0, *, lasting: float = 24, name: str = "Lou Sorbier") -> Cover:
        start = self.at + timedelta(hours=hours)
        return name_cover(
            self.place.professional, start=start, end=start + timedelta(hours=lasting), name=name,
            quality="replacement", by=self.doctor, at=self.at,
        )  # fmt: skip

    def request(self, **fields: Any) -> OrientationRequest:
        return make.request(self.land, at=self.at, hours=96, **fields)

    def booked(self, hours: float = 2, **fields: Any) -> Booking:
        return make.booked(
            self.request(**fields), self.place, make.slot(self.place, hours, at=self.at), self.land, at=self.at
        )

    def page(self) -> Client:
        return login(Client(), self.land.osnp)


@pytest.fixture
def office() -> Office:
    return office_at(clock.now())


def office_at(at: datetime) -> Office:
    land = make.territory(at=at)
    place = make.doctor(land, "Cormier", email="cabinet@exemple.test")
    place.professional.account = make_user()
    place.professional.save()
    return Office(land, place, make_actor(Role.EFFECTEUR, land.sas, user=place.professional.account), at)


def left(booking: Booking, purpose: str = "confirmation") -> dict[str, str]:
    """What reached the patient, by channel, once sent."""
    found = {}
    for message in Message.objects.filter(booking=booking, purpose=purpose):
        said: list[str] = []
        deliver(message_id=message.pk, send=lambda m, said=said: said.append(m.body) or "", at=clock.now())
        message.refresh_from_db()
        assert said == [message.body], "what is kept is what left"
        found[message.channel] = message.body
    return found


# ---- the patient


def test_the_confirmation_names_who_receives_and_the_straight_road_is_still_taken(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    roads: list[bool] = []
    write = straight._write
    monkeypatch.setattr(straight, "_write", lambda *asked: roads.append(write(*asked)) or roads[-1])
    office.cover()
    words = left(office.booked())
    assert roads == [True, True]
    assert THEY in words["email"]
    assert "Lou Sorbier" in words["sms"]
    assert len(words["sms"]) <= letters.SMS_LENGTH


def test_a_confirmation_that_waited_says_what_is_true_when_it_leaves(office: Office) -> None:
    booking, cover = office.booked(), office.cover()
    message = Message.objects.get(booking=booking, purpose="confirmation", channel="email")

    def refused(_message: Message) -> str:
        raise ConnectionError("silence")

    deliver(message_id=message.pk, send=refused, at=office.at)
    withdraw_cover(cover, by=office.doctor, at=office.at)
    words = left(booking)
    assert "Sorbier" not in words["email"]
    assert "Dr Hélène Cormier" in words["email"]


def test_a_reminder_written_after_the_replacement_was_named_says_it_at_both_hours() -> None:
    office = office_at(make.AT)  # an hour at which reminders leave
    booking = office.booked(30)
    office.cover(29, lasting=3)
    for hours in (6, 28.5):
        operations.send_reminders(at=booking.starts_at - timedelta(hours=30 - hours))
    left(booking, "reminder")
    reminders = Message.objects.filter(booking=booking, purpose="reminder")
    assert len(reminders) == 2
    assert all("Lou Sorbier" in message.body for message in reminders)


def test_somebody_else_s_hours_change_nothing(office: Office) -> None:
    office.cover(5)
    words = left(office.booked(2))
    assert all("Sorbier" not in body for body in words.values())


def test_the_patient_reads_it_in_their_language_and_hears_of_a_delay(office: Office) -> None:
    office.place.languages = ["en"]
    office.place.save()
    booking = office.booked(language="en")
    office.cover()
    assert "Lou Sorbier, standing in for Dr Hélène Cormier" in left(booking)["email"]
    page = Client().get(cancel_path(booking.pk)).content.decode()
    assert "Lou Sorbier, standing in for Dr Hélène Cormier" in page
    assert THEY in Client().get(cancel_path(booking.pk) + "?lang=fr").content.decode()
    announce_lateness(booking=booking, minutes=30, by=office.doctor, at=office.at)
    assert "Lou Sorbier" in Message.objects.get(booking=booking, purpose="late", channel="email").body


@pytest.mark.parametrize("language", letters.languages())
@pytest.mark.parametrize("quality", Cover.Quality.values)
def test_every_language_says_in_whose_place(language: str, quality: str) -> None:
    receiver = Receiver(quality, "Lou Sorbier")
    said = letters.who(language, receiver, "Dr Hélène Cormier")
    assert said.startswith("Lou Sorbier")
    assert "Dr Hélène Cormier" in said
    assert letters.who_in_short(language, receiver).startswith("Lou Sorbier (")


@pytest.mark.parametrize(
    ("doctor", "said"),
    [
        ("Dr Hélène Cormier", "L, remplaçant du Dr Hélène Cormier"),
        ("Pr Cormier", "L, remplaçant du Pr Cormier"),
        ("Anne Cormier", "L, remplaçant d’Anne Cormier"),
        ("Lou Cormier", "L, remplaçant de Lou Cormier"),
    ],
)
def test_it_is_said_in_french(doctor: str, said: str) -> None:
    assert Receiver("replacement", "L").in_place_of(doctor) == said


# ---- the OSNP


def test_proposals_say_who_receives_and_at_which_hours(office: Office) -> None:
    client, zone = office.page(), office.land.sas.zone
    first, second = (make.slot(office.place, hours, at=office.at) for hours in (2, 6))
    office.cover(5, lasting=3)
    found = office.request()
    client.post(reverse("orientation:claim", args=[found.pk]))
    html = client.get(reverse("orientation:request", args=[found.pk])).content.decode()
    from quinze.orientation.views.osnp_words import day_hour

    assert f"{THEY}, reçoit : {day_hour(second.starts_at, at=office.at, zone=zone)}</span>" in html
    office.cover(1, lasting=3)
    html = client.get(reverse("orientation:request", args=[found.pk])).content.decode()
    assert f"{THEY}, reçoit</span>" in html, "all the hours"
    assert first.starts_at < second.starts_at


def test_the_hold_says_it_aloud_and_the_reason_asked_before(office: Office) -> None:
    make.slot(make.doctor(office.land, "Alisier", km=1), 1, at=office.at)
    slot = make.slot(office.place, 2, at=office.at)
    office.cover()
    client, found = office.page(), office.request()
    client.post(reverse("orientation:claim", args=[found.pk]))
    html = client.get(reverse("orientation:request", args=[found.pk])).content.decode()
    ranking = html.split('name="ranking" value="')[1].split('"')[0]
    choice = {"ranking": ranking, "choice": f"p{office.place.professional_id}@{office.place.pk}|{slot.pk}|AMB"}
    html = client.post(reverse("orientation:hold", args=[found.pk]), choice, follow=True).content.decode()
    assert "Lou Sorbier, remplaçant, reçoit" in html
    said = {"asked": "1", "usual": "", "other": "plus proche du travail"}
    html = client.post(reverse("orientation:hold", args=[found.pk]), choice | said, follow=True).content.decode()
    assert f"« {THEY}, reçoit" in html


def test_every_list_and_sheet_names_who_receives(office: Office) -> None:
    booking = office.booked(callback_phone="", email="")
    office.cover()
    client = office.page()
    for path in (
        reverse("orientation:booking", args=[booking.pk]), reverse("orientation:request", args=[booking.request_id]),
    ):  # fmt: skip
        assert THEY in client.get(path).content.decode(), path
    Booking.objects.filter(pk=booking.pk).update(reminder_due_at=office.at - timedelta(minutes=1))
    assert THEY in client.get(reverse("orientation:follow_up")).content.decode()
    again = office.request(patient=booking.patient)
    client.post(reverse("orientation:claim", args=[again.pk]))
    html = client.get(reverse("orientation:request", args=[again.pk])).content.decode()
    assert "Déjà un rendez-vous" in html
    assert THEY in html


def test_the_nurse_of_an_emergency_department_hands_a_slip_that_names_them(office: Office) -> None:
    house = make.department(office.land)
    nurse = make.nurse(office.land, house, at=office.at)
    office.place.professional.participations.update(takes_reorientations=True)
    sent = make.reoriented(office.land, house, nurse, "Loriot", at=office.at)
    make.booked(sent, office.place, make.slot(office.place, 2, at=office.at), office.land, at=office.at)
    office.cover()
    client = login(Client(), nurse)
    assert THEY in client.get(reverse("orientation:reorientation_slip", args=[sent.pk])).content.decode()
    assert THEY in client.get(reverse("orientation:reorientations")).content.decode()


def test_a_validated_replacement_is_said_to_be_one_wherever_they_receive(office: Office) -> None:
    """Their hours are their own; the place is the doctor's, with the doctor's name on the door."""
    there = make.doctor(office.land, "Sorbier", km=1)
    there.replaces, there.valid_until = office.place.professional, office.at + timedelta(days=9)
    there.save()
    slot = make.slot(there, 2, at=office.at)
    client, found, said = office.page(), office.request(), "Dr Hélène Sorbier, remplaçant du Dr Hélène Cormier"
    client.post(reverse("orientation:claim", args=[found.pk]))
    html = client.get(reverse("orientation:request", args=[found.pk])).content.decode()
    assert "Remplaçant du Dr Hélène Cormier</span>" in html
    booking = make.booked(found, there, slot, office.land, at=office.at)
    words = left(booking)
    assert said in words["email"]
    assert "Sorbier" in words["sms"]
    for path in (reverse("orientation:booking", args=[booking.pk]), cancel_path(booking.pk)):
        assert said in client.get(path).content.decode(), path


def test_the_referring_doctor_reads_by_whom_the_person_was_seen(office: Office) -> None:
    booking = office.booked()
    office.cover()
    assert consultation(booking, booking.patient).seen_by == THEY


def test_receivers_of_many_hours_are_read_at_once(office: Office) -> None:
    office.cover(0, lasting=2, name="A")
    office.cover(2, lasting=2, name="B")
    who = office.place.professional_id
    for hours in ([1], [1, 2, 9]):
        with CaptureQueriesContext(connection) as captured:
            found = receivers_at((who, office.at + timedelta(hours=each)) for each in hours)
        assert len(captured) == 1
    assert sorted(receiver.name for receiver in found.values()) == ["A", "B"]
    with CaptureQueriesContext(connection) as captured:
        assert receivers_at([(None, office.at)]) == {}
    assert len(captured) == 0
