"""The referring doctor hears of a consultation, or it is written why not (ORI-13)."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse

from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory.models import SecureAddress
from quinze.directory.operations.secure import import_secure_addresses
from quinze.interop.messaging import channels
from quinze.orientation import operations
from quinze.orientation.links import cancel_path
from quinze.orientation.models import Message, ReferringNotice, ReferringObjection, RequestEvent
from quinze.orientation.operations.informing import inform_referring_doctors, record_objection
from quinze.orientation.operations.messages import Undeliverable, deliver
from tests.factories import directory, patients
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@dataclass
class Scene:
    land: make.Territory
    at: object
    place: object
    doctor: object
    seats: int = 0

    def seen(self, *, outcome: str = "fulfilled", **person):
        """Seen two hours ago, by somebody else than their referring doctor."""
        at = self.at - 5 * HOUR
        traits = {"family_name": "Pinson", "given_name": "Noé", "referring_doctor": self.doctor} | person
        patient = patients.patient(self.land.sas, **traits)
        self.seats += 1
        seat = make.slot(self.place, 0.5 + 0.4 * self.seats, at=at)
        booking = make.booked(make.request(self.land, at=at, patient=patient), self.place, seat, self.land, at=at)
        return operations.record_outcome(booking=booking, outcome=outcome, by=self.land.osnp, at=at + 3.5 * HOUR)

    def mailbox(self, address: str = "helene.alisier@medecin.mssante.fr"):
        SecureAddress.objects.create(professional=self.doctor, address=address, source="essai", set_at=self.at)


@pytest.fixture
def scene() -> Scene:
    at = clock.now()
    land = make.territory(at=at - timedelta(days=2))
    return Scene(land, at, make.doctor(land, "Cormier"), directory.professional("Alisier", "Hélène"))


def told(kind: str = "referring_told") -> list[str]:
    return list(RequestEvent.objects.filter(kind=kind).order_by("pk").values_list("text", flat=True))


@override_settings(QUINZE_MSS_HOST="mss.exemple.test")
def test_a_consultation_is_told_to_the_referring_doctor_by_secure_mail_once_and_not_why(scene: Scene) -> None:
    scene.mailbox()
    booking = scene.seen()
    assert inform_referring_doctors(at=booking.status_at + timedelta(minutes=59)) == 0
    assert inform_referring_doctors(at=scene.at) == 1
    assert inform_referring_doctors(at=scene.at + HOUR) == 0
    message = Message.objects.get(purpose="referring_notice")
    assert (message.channel, message.recipient) == ("mss", "helene.alisier@medecin.mssante.fr")
    assert "PINSON Noé" in message.body
    assert "Cormier" in message.body
    assert booking.request.case_number in message.body
    assert booking.request.instruction == "" or booking.request.instruction not in message.body
    assert "PINSON" not in message.subject
    assert told() == ["Médecin traitant (Dr Hélène Alisier) informé de la consultation par MSSanté"]


@pytest.mark.parametrize("address", ["", "cabinet.alisier@exemple.test"])
@override_settings(QUINZE_MSS_HOST="mss.exemple.test")
def test_without_a_secure_mailbox_nothing_leaves_by_mail_and_a_letter_waits(scene: Scene, address: str) -> None:
    if address:
        scene.mailbox(address)
    scene.seen()
    inform_referring_doctors(at=scene.at)
    assert not Message.objects.filter(purpose="referring_notice").exists()
    desk = login(Client(), make_actor(Role.OSNP, scene.land.sas))
    notice = ReferringNotice.objects.get()
    page = desk.get(reverse("orientation:referring_letters")).content.decode()
    assert "Lettres à poster : 1" in page
    assert "PINSON Noé" in page
    assert desk.get(reverse("orientation:referring_letter", args=[notice.pk])).content.startswith(b"%PDF")
    desk.post(reverse("orientation:referring_posted", args=[notice.pk]))
    assert "Lettres à poster : 0" in desk.get(reverse("orientation:referring_letters")).content.decode()
    assert len(told("referring_posted")) == 1


@override_settings(QUINZE_MSS_HOST="mss.exemple.test")
def test_the_channel_itself_refuses_an_ordinary_address(scene: Scene) -> None:
    scene.mailbox()
    scene.seen()
    inform_referring_doctors(at=scene.at)
    message = Message.objects.get(purpose="referring_notice")
    message.recipient = "cabinet@exemple.test"
    with pytest.raises(Undeliverable, match="hors de MSSanté"):
        channels.send(message)
    message.save()
    deliver(message_id=message.pk, send=channels.send, at=scene.at)
    page = login(Client(), make_actor(Role.OSNP, scene.land.sas)).get(reverse("orientation:referring_letters"))
    assert "Lettres à poster : 1" in page.content.decode()


def test_a_person_who_objects_by_their_link_or_by_telephone_is_heard(scene: Scene) -> None:
    coming = make.slot(scene.place, 8, at=scene.at - HOUR)
    patient = patients.patient(scene.land.sas, referring_doctor=scene.doctor)
    asked = make.request(scene.land, at=scene.at - HOUR, patient=patient)
    booking = make.booked(asked, scene.place, coming, scene.land, at=scene.at - HOUR)
    page = Client()
    assert "Votre médecin traitant saura" in page.get(cancel_path(booking.pk)).content.decode()
    page.post(cancel_path(booking.pk), {"act": "ne-pas-informer"})
    html = page.get(cancel_path(booking.pk)).content.decode()
    assert "n’en sera pas informé" in html
    assert ReferringObjection.objects.get().by is None

    desk = login(Client(), make_actor(Role.OSNP, scene.land.sas))
    for said, open_ones in (("non", 0), ("oui", 1), ("oui", 1)):
        desk.post(reverse("orientation:referring_choice", args=[booking.pk]), {"opposition": said})
        assert ReferringObjection.objects.filter(ended_at__isnull=True).count() == open_ones


def test_nothing_leaves_for_who_objected_and_the_file_says_so(scene: Scene) -> None:
    booking = scene.seen()
    record_objection(booking=booking, wanted=True, by=scene.land.osnp, at=scene.at)
    assert inform_referring_doctors(at=scene.at) == 0
    assert ReferringNotice.objects.get().why == "objected"
    assert told() == ["Médecin traitant (Dr Hélène Alisier) pas informé : le patient s’y est opposé"]


def test_a_letter_that_waits_does_not_leave_once_the_person_objects(scene: Scene) -> None:
    booking = scene.seen()
    inform_referring_doctors(at=scene.at)
    assert ReferringNotice.objects.get().way == "print"
    record_objection(booking=booking, wanted=True, by=scene.land.osnp, at=scene.at)
    assert [(notice.way, notice.why) for notice in ReferringNotice.objects.all()] == [("none", "objected")]


def test_who_was_seen_by_their_own_doctor_or_did_not_come_needs_no_letter(scene: Scene) -> None:
    scene.seen(referring_doctor=scene.place.professional)
    scene.seen(outcome="no_show")
    assert inform_referring_doctors(at=scene.at) == 0
    assert [notice.why for notice in ReferringNotice.objects.all()] == ["same"]
    assert told() == []


def test_who_has_no_referring_doctor_is_listed_by_name_for_the_desk_and_counted_for_others(scene: Scene) -> None:
    for name in ("Pinson", "Merle", "Grive"):
        scene.seen(family_name=name, referring_doctor=None)
    inform_referring_doctors(at=scene.at)
    desk = login(Client(), make_actor(Role.OSNP, scene.land.sas))
    assert "90 jours : 3" in desk.get(reverse("orientation:referring_letters")).content.decode()
    counted = login(Client(), make_actor(Role.ACCOUNTS_MANAGER, scene.land.sas))
    html = counted.get(reverse("orientation:without_referring")).content.decode()
    assert "CPTS Sud Vienne" in html
    assert "MERLE" not in html
    notice = ReferringNotice.objects.first()
    notice.patient.referring_doctor_text = "Dr Loriot"
    notice.patient.save()
    assert "90 jours : 2" in desk.get(reverse("orientation:referring_letters")).content.decode()
    assert "moins de 3" in counted.get(reverse("orientation:without_referring")).content.decode()


@override_settings(QUINZE_MSS_HOST="mss.exemple.test")
def test_an_outcome_corrected_takes_the_letter_back(scene: Scene) -> None:
    on_paper, by_mail = scene.seen(referring_doctor=None, referring_doctor_text="Dr Loriot"), scene.seen()
    scene.mailbox()
    inform_referring_doctors(at=scene.at)
    for booking in (on_paper, by_mail):
        operations.correct_outcome(
            booking=booking, outcome="no_show", reason="erreur de ligne", by=scene.land.osnp, at=scene.at
        )
    assert ReferringNotice.objects.get(booking=on_paper).why == "corrected"
    first, second = Message.objects.filter(channel="mss").order_by("pk")
    assert (second.recipient, second.subject.startswith("Rectification")) == (first.recipient, True)


def test_mailboxes_are_read_from_a_file_and_ordinary_addresses_are_left_aside(scene: Scene, tmp_path: Path) -> None:
    rpps = scene.doctor.rpps
    file = tmp_path / "mss.csv"
    lines = [f"{rpps};a@medecin.mssante.fr", f"{rpps};b@gmail.com", "123;c@x.mssante.fr", f"{rpps};pas une adresse"]
    file.write_text("\n".join(["rpps;adresse", *lines, "10999999999;z@medecin.mssante.fr"]), encoding="utf-8")
    report = import_secure_addresses(file, at=scene.at)
    assert (report.lines, report.loaded) == (5, 1)
    assert sorted(report.refused.values()) == [1, 1, 1, 1]
    call_command("import_mssante", file)
    assert SecureAddress.objects.get().address == "a@medecin.mssante.fr"


@pytest.mark.parametrize("content", [b"", b"rpps;adresse\n\xff\xfe", b"nom,adresse\n1,2\n"])
def test_a_file_of_mailboxes_that_is_not_one_is_refused(scene: Scene, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(content)
    with pytest.raises(Refusal):
        import_secure_addresses(file, at=scene.at)


@pytest.mark.parametrize("people", [1, 3])
def test_the_letters_read_as_often_for_one_person_as_for_three(
    scene: Scene, people: int, django_assert_num_queries
) -> None:
    for number in range(people):
        scene.seen(family_name=f"Pinson {number}")
        scene.seen(family_name=f"Merle {number}", referring_doctor=None)
    inform_referring_doctors(at=scene.at)
    desk = login(Client(), make_actor(Role.OSNP, scene.land.sas))
    with django_assert_num_queries(5):
        desk.get(reverse("orientation:referring_letters"))
