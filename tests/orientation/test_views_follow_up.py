"""What an OSNP does after the appointment was given, through HTTP."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quinze.accounts.roles import Role
from quinze.availability.models import Slot
from quinze.base import clock
from quinze.directory.models import Place
from quinze.orientation import operations
from quinze.orientation.models import Booking, Message
from quinze.orientation.queries.outcomes import outcomes
from quinze.patients.models import AccessRecord
from quinze.web.french import phone
from tests.factories import orientation as make
from tests.factories import patients
from tests.factories.accounts import login, make_actor, make_sas

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_LISTS = 12


@dataclass
class Desk:
    land: make.Territory
    page: Client
    at: datetime
    place: Place

    def booking(self, name: str = "Pinson", *, starts_in: float = 2, **fields: Any) -> Booking:
        """Booked six hours before it starts, by the OSNP."""
        asked = self.at + timedelta(hours=starts_in - 6)
        slot = make.slot(self.place, 6, at=asked)
        patient = patients.patient(self.land.sas, family_name=name, phone="+33639984127")
        found = make.request(self.land, at=asked, patient=patient, **fields)
        return make.booked(found, self.place, slot, self.land, at=asked)

    def post(self, name: str, booking: Booking, **data: object) -> str:
        return self.page.post(url(name, booking.pk), data, follow=True).content.decode()

    def lists(self) -> str:
        return self.page.get(url("follow_up")).content.decode()


def at_the_desk() -> Desk:
    at = clock.now()
    land = make.territory(at=at - timedelta(days=2))
    return Desk(land, login(Client(), make_actor(Role.OSNP, land.sas)), at, make.doctor(land, "Cormier"))


@pytest.fixture
def desk() -> Desk:
    return at_the_desk()


def url(name: str, *args: object) -> str:
    return reverse(f"orientation:{name}", args=args)


def status(booking: Booking) -> str:
    booking.refresh_from_db()
    return booking.status


def test_the_three_lists_say_who_is_owed_what(desk: Desk) -> None:
    soon, past = desk.booking("Linotte", starts_in=1), desk.booking("Grèbe", starts_in=-30)
    message = Message.objects.filter(booking=soon).first()
    assert message
    Message.objects.filter(pk=message.pk).update(status="failed", error="numéro fixe")

    html = desk.lists()

    assert f'id="rappel-{soon.pk}"' in html
    assert f'id="issue-{past.pk}"' in html
    assert f'id="message-{message.pk}"' in html
    assert "numéro fixe" in html
    assert "Je vous rappelle votre rendez-vous" in html
    assert html.count("À jour à") == 3
    assert AccessRecord.objects.filter(kind="orientation", why="liste de suivi").count() == 2


def test_empty_lists_say_what_comes_next(desk: Desk) -> None:
    html = desk.lists()
    assert "Aucun rappel à faire" in html
    assert "Aucune issue en attente" in html
    assert "Tout est remis" in html


def test_the_lists_ask_as_much_for_three_as_for_one(desk: Desk) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.lists()
        return len(captured)

    desk.booking("Linotte", starts_in=1)
    desk.booking("Grèbe", starts_in=-30)
    one = asked()
    for hours in (1.5, 2, -31, -32):
        desk.booking("Huppe", starts_in=hours)
    assert (one, asked()) == (QUERIES_OF_THE_LISTS, QUERIES_OF_THE_LISTS)


def test_a_refresh_of_the_lists_is_not_another_page(desk: Desk) -> None:
    desk.booking(starts_in=1)
    part = desk.page.get(url("follow_up"), headers={"HX-Request": "true"}).content.decode()
    assert "<h1" not in part
    assert 'id="rappel-' in part
    assert not AccessRecord.objects.exists()


def test_called_back_leaves_the_list(desk: Desk) -> None:
    booking = desk.booking(starts_in=1)
    assert "Rappel noté" in desk.post("reminded", booking)
    booking.refresh_from_db()
    assert booking.reminded_at
    assert f'id="rappel-{booking.pk}"' not in desk.lists()


@pytest.mark.parametrize(
    ("said", "expected", "cause", "words"),
    [
        ("fulfilled", "fulfilled", "", "venu"),
        ("patient", "no_show", "patient", "absent"),
        ("doctor", "no_show", "doctor", "médecin absent"),
        ("untold", "no_show", "untold", "non prévenu"),
        ("late", "no_show", "late", "annulé tard"),
        ("unknown", "no_show", "unknown", "inconnu"),
    ],
)
def test_complaint_22_what_came_of_it_is_noted_with_one_button_and_its_cause(
    desk: Desk, said: str, expected: str, cause: str, words: str
) -> None:
    """Complaint 22: no-shows counted for patients who were never told, or whose doctor was not there."""
    booking = desk.booking(starts_in=-30)
    assert f"PINSON Noé, {words}." in desk.post("outcome", booking, outcome=said)
    assert (status(booking), booking.no_show_cause) == (expected, cause)
    assert booking.statuses.order_by("-pk")[0].cause == cause


def test_whom_the_doctor_did_not_receive_waits_again(desk: Desk) -> None:
    booking = desk.booking(starts_in=-1)
    desk.post("outcome", booking, outcome="doctor")
    booking.request.refresh_from_db()
    assert booking.request.status == "waiting"
    absent = desk.booking("Huppe", starts_in=-1.5)
    desk.post("outcome", absent, outcome="patient")
    absent.request.refresh_from_db()
    assert absent.request.status == "closed"


def test_a_no_show_may_be_said_more_precisely_and_be_corrected(desk: Desk) -> None:
    booking = desk.booking(starts_in=-30)
    desk.post("outcome", booking, outcome="patient", note="pas de voiture")
    assert booking.statuses.order_by("-pk")[0].reason == "pas de voiture"

    refused = desk.page.post(url("outcome", booking.pk), {"outcome": "fulfilled"})
    assert refused.status_code == 422
    assert "id_note_error" in refused.content.decode()

    desk.post("outcome", booking, outcome="doctor", note="cabinet fermé")
    assert (status(booking), booking.no_show_cause) == ("no_show", "doctor")
    desk.post("outcome", booking, outcome="fulfilled", note="arrivé en retard")
    assert (status(booking), booking.no_show_cause) == ("fulfilled", "")
    said = booking.statuses.order_by("pk").values_list("status", "cause")
    assert list(said)[-3:] == [("no_show", "patient"), ("no_show", "doctor"), ("fulfilled", "")]


def test_without_a_cause_what_is_known_is_noted(desk: Desk) -> None:
    told, untold = desk.booking("Linotte", starts_in=-30), desk.booking("Grèbe", starts_in=-31)
    Message.objects.filter(booking=untold).update(status="failed")
    for booking in (told, untold):
        operations.record_outcome(booking=booking, outcome="no_show", by=desk.land.osnp, at=desk.at)
        booking.refresh_from_db()
    assert (told.no_show_cause, untold.no_show_cause) == ("patient", "untold")


def test_complaint_22_an_absence_is_never_counted_against_somebody_vulnerable(desk: Desk) -> None:
    desk.post("outcome", desk.booking("Linotte", starts_in=-30), outcome="patient")
    desk.post("outcome", desk.booking("Grèbe", starts_in=-31, vulnerabilities=["isole"]), outcome="patient")
    desk.post("outcome", desk.booking("Huppe", starts_in=-32), outcome="doctor")
    desk.post("outcome", desk.booking("Loriot", starts_in=-33), outcome="fulfilled")
    found = outcomes(sas=desk.land.sas, since=desk.at - timedelta(days=7), until=desk.at)
    assert (found.seen, found.missed, found.counted, found.spared, found.share) == (1, 3, 1, 1, 25)
    assert dict(found.by_cause)["médecin absent"] == 1
    html = desk.lists()
    assert "1 absence de patient comptée (25 %)" in html
    assert "1 de personnes vulnérables, jamais retenue contre elles" in html


def test_outcomes_go_by_age_and_each_row_has_its_keys(desk: Desk) -> None:
    old, recent = desk.booking("Grèbe", starts_in=-24 * 9), desk.booking("Linotte", starts_in=-26)
    html = desk.lists()
    assert html.index(f"issue-{recent.pk}") < html.index(f"issue-{old.pk}")
    assert "Plus d’une semaine : 1" in html
    assert html.count('data-key="V"') == 2


def test_the_channel_that_a_person_prefers_is_noted_with_their_coordinates(desk: Desk) -> None:
    found = make.request(desk.land, at=desk.at)
    actor = make_actor(Role.OSNP, desk.land.sas)
    found = operations.claim(request=found, by=actor, at=desk.at)
    page = login(Client(), actor)
    html = page.get(url("request", found.pk)).content.decode()
    assert "Rappel du rendez-vous" in html
    typed = {"version": found.version, "callback_phone": "06 39 98 41 27", "reminder_channel": "call"}
    page.post(url("person", found.pk), typed | {"commune": "", "commune_text": ""})
    found.refresh_from_db()
    assert found.reminder_channel == "call"
    typed = {"version": found.version, "reminder_channel": "pigeon", "commune_text": ""}
    assert page.post(url("person", found.pk), typed).status_code == 422


# ---- people whose doctor is away


def test_complaint_14_people_whose_doctor_is_away_are_on_a_list_of_their_own(desk: Desk) -> None:
    booking = desk.booking("Linotte", starts_in=3)
    assert booking.professional
    make.absence(booking.professional, start=desk.at)
    html = desk.lists()
    assert f'id="replacer-{booking.pk}"' in html
    assert "À replacer, médecin absent : 1" in html


def test_an_outcome_is_chosen_and_not_before_its_hour(desk: Desk) -> None:
    booking = desk.booking(starts_in=1)
    assert desk.page.post(url("outcome", booking.pk), {}).status_code == 422
    early = desk.page.post(url("outcome", booking.pk), {"outcome": "fulfilled"})
    assert "n’a pas commencé" in early.content.decode()
    assert status(booking) == "booked"


def test_cancelling_needs_a_reason_and_frees_the_seat(desk: Desk) -> None:
    booking = desk.booking(starts_in=1)
    refused = desk.page.post(url("cancel", booking.pk), {"reason": ""})
    assert refused.status_code == 422
    assert "id_reason_error" in refused.content.decode()

    there = desk.page.post(url("cancel", booking.pk), {"reason": "hospitalisée", "retour": "demande"})
    assert there.headers["Location"] == url("request", booking.request_id)
    assert status(booking) == "cancelled"
    assert Slot.objects.get(bookings=booking).taken == 0
    booking.request.refresh_from_db()
    assert booking.request.status == "waiting"


def test_cancelled_for_the_patient_says_the_patient(desk: Desk) -> None:
    booking = desk.booking(starts_in=1)
    desk.post("cancel", booking, reason="va mieux", by_patient="on")
    assert booking.statuses.order_by("-pk")[0].by_kind == "patient"


def test_moving_takes_the_next_seat_and_gives_the_first_back(desk: Desk) -> None:
    booking = desk.booking(starts_in=1)
    later = make.slot(desk.place, 3, at=desk.at)
    sheet = desk.page.get(url("booking", booking.pk)).content.decode()
    assert f'name="slot" value="{later.pk}"' in sheet

    assert desk.page.post(url("move", booking.pk), {"slot": ""}).status_code == 422
    desk.post("move", booking, slot=later.pk, reason="travail")
    assert status(booking) == "moved"
    assert booking.moved_to
    assert booking.moved_to.slot == later
    assert Slot.objects.get(bookings=booking).taken == 0


def test_patient_and_doctor_told_by_telephone(desk: Desk) -> None:
    booking = desk.booking(starts_in=1)
    desk.post("told", booking)
    assert status(booking) == "confirmed"
    desk.post("doctor_told", booking)
    booking.refresh_from_db()
    assert booking.doctor_notified_at


def test_an_act_too_late_is_said(desk: Desk) -> None:
    booking = desk.booking(starts_in=1)
    desk.post("cancel", booking, reason="va mieux")
    assert "Ce rendez-vous est annulé" in desk.post("reminded", booking)
    assert "Ce rendez-vous est annulé" in desk.post("cancel", booking, reason="va mieux")


def test_an_undelivered_message_is_sent_again_once(desk: Desk) -> None:
    message = Message.objects.filter(booking=desk.booking(starts_in=1)).first()
    assert message
    Message.objects.filter(pk=message.pk).update(status="failed")
    assert desk.page.post(url("send_again", message.pk)).status_code == 302
    message.refresh_from_db()
    assert message.status == "queued"
    assert desk.page.post(url("send_again", message.pk)).status_code == 404


def test_the_sheet_shows_history_messages_and_records_its_reading(desk: Desk) -> None:
    booking = desk.booking(starts_in=1)
    html = desk.page.get(url("booking", booking.pk)).content.decode()
    assert "Histoire" in html
    assert "RDV Dr Hélène Cormier" in html
    assert AccessRecord.objects.get().why == "suivi du rendez-vous"


def test_another_sas_and_other_roles_see_nothing(desk: Desk) -> None:
    booking = desk.booking(starts_in=1)
    elsewhere = login(Client(), make_actor(Role.OSNP, make_sas("17")))
    assert elsewhere.get(url("booking", booking.pk)).status_code == 404
    acts = ("reminded", "outcome", "cancel", "move", "told", "doctor_told", "wish_earlier")
    assert {elsewhere.post(url(name, booking.pk)).status_code for name in acts} == {404}
    assert 'id="rappel-' not in elsewhere.get(url("follow_up")).content.decode()
    arm = login(Client(), make_actor(Role.ARM, desk.land.sas))
    assert arm.get(url("follow_up")).status_code == 403
    assert arm.post(url("cancel", booking.pk), {"reason": "x"}).status_code == 403
    assert status(booking) == "booked"


# ---- the outbox


def test_the_outbox_reads_every_message_with_its_state_and_link(desk: Desk) -> None:
    booking = desk.booking(starts_in=1)
    html = desk.page.get(reverse("interop:outbox")).content.decode()
    assert phone("+33639984127") in html
    assert "pinson@exemple.test" in html
    assert "confirmation au patient" in html
    assert f"/rdv/{booking.pk}." in html
    assert "À envoyer" in html

    Message.objects.filter(channel="sms").update(status="failed", error="numéro fixe")
    failed = desk.page.get(reverse("interop:outbox"), {"etat": "failed"}).content.decode()
    assert "numéro fixe" in failed
    assert "pinson@exemple.test" not in failed


def test_the_demonstration_says_loudly_that_nothing_leaves(desk: Desk, settings: object) -> None:
    booking = desk.booking(starts_in=1)
    assert "rien ne part" not in desk.page.get(reverse("interop:outbox")).content.decode()
    settings.QUINZE_DEMO = True  # type: ignore[attr-defined]
    html = desk.page.get(reverse("interop:outbox")).content.decode()
    assert "Démonstration : rien ne part." in html
    assert f'href="/rdv/{booking.pk}.' in html


def test_the_outbox_is_of_ones_own_sas(desk: Desk) -> None:
    desk.booking(starts_in=1)
    elsewhere = login(Client(), make_actor(Role.OSNP, make_sas("17")))
    html = elsewhere.get(reverse("interop:outbox"), headers={"HX-Request": "true"}).content.decode()
    assert "Aucun message" in html
    assert "<h1" not in html
