"""How a person who cannot come by themselves goes to their appointment and home."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Conflict, Refusal
from quinze.orientation import operations
from quinze.orientation.models import Booking, RequestEvent, Transport, TransportStep
from quinze.orientation.operations.transport import Agreed, Prescribed, change_transport, record_transport
from quinze.orientation.queries.transport import arrivals, to_settle
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor

from .test_effecteur_pages import expect, open_cabinet, today_or_skip
from .test_races import race, winners
from .test_views_follow_up import Desk, at_the_desk, url

AT = make.AT
FORM = {"kind": "ambulance", "journey": "both", "prescriber": "Dr Ortolan", "day": "2026-11-17", "hour": "09:55"}


def wished(**fields: Any) -> Prescribed:
    said = {"kind": "ambulance", "there": True, "back": True, "prescriber": "Dr Ortolan", "prescribed_at": AT}
    return Prescribed(**said | fields)


def visit(land: make.Territory, *, hours: float = 4) -> Booking:
    place = make.doctor(land)
    return make.booked(make.request(land), place, make.slot(place, hours), land)


def noted(land: make.Territory, booking: Booking, **fields: Any) -> Transport:
    return record_transport(booking=booking, wish=wished(**fields), by=land.osnp, at=AT)


def changed(land: make.Territory, transport: Transport, state: str, *, at: datetime = AT, **agreed: Any) -> Transport:
    seen = Transport.objects.get(pk=transport.pk).state
    return change_transport(transport=transport, state=state, seen=seen, agreed=Agreed(**agreed), by=land.osnp, at=at)


def confirmed(land: make.Territory, booking: Booking, **fields: Any) -> Transport:
    hour = booking.starts_at - timedelta(minutes=40)
    agreed = {"company": "Ambulances du Clain", "phone": "05 49 00 00 07", "pick_up_at": hour}
    return changed(land, noted(land, booking, **fields), "confirmed", **agreed)


@pytest.mark.django_db
def test_a_transport_is_prescribed_asked_confirmed_and_each_change_is_kept() -> None:
    land = make.territory()
    booking = visit(land)
    transport = noted(land, booking)
    transport = changed(land, transport, "asked", company="Taxis Vienne", phone="05 49 00 00 08")
    transport = changed(land, transport, "refused")
    with pytest.raises(Refusal, match="à qui"):
        changed(land, transport, "asked")
    transport = changed(land, transport, "asked", company="Ambulances du Clain", phone="0549000007")
    with pytest.raises(Refusal, match="l’heure de prise en charge") as refused:
        changed(land, transport, "confirmed")
    assert refused.value.field == "pick_up"
    hour = booking.starts_at - timedelta(minutes=40)
    transport = changed(land, transport, "confirmed", pick_up_at=hour)
    assert (transport.company, transport.phone, transport.pick_up_at) == ("Ambulances du Clain", "+33549000007", hour)
    steps = TransportStep.objects.filter(transport=transport).order_by("pk")
    assert [(step.state, step.company, step.by_id) for step in steps] == [
        ("to_ask", "", land.osnp.user.pk),
        ("asked", "Taxis Vienne", land.osnp.user.pk),
        ("refused", "Taxis Vienne", land.osnp.user.pk),
        ("asked", "Ambulances du Clain", land.osnp.user.pk),
        ("confirmed", "Ambulances du Clain", land.osnp.user.pk),
    ]
    told = list(RequestEvent.objects.filter(kind="transport").order_by("pk").values_list("text", flat=True))
    assert told[0] == "Transport à demander (ambulance, aller et retour), prescrit par Dr Ortolan"
    assert told[-1].startswith("Transport confirmé (ambulance, aller et retour) : Ambulances du Clain, prise en charge")
    with pytest.raises(Refusal, match="pas encore"):
        changed(land, transport, "done")
    assert changed(land, transport, "done", at=booking.starts_at).state == "done"


@pytest.mark.django_db
def test_what_is_typed_wrong_is_refused_beside_its_field() -> None:
    land = make.territory()
    booking = visit(land)
    for wrong, field in (
        ({"prescriber": " "}, "prescriber"),
        ({"prescribed_at": AT + timedelta(minutes=1)}, "prescribed_at"),
        ({"there": False, "back": False}, "journey"),
    ):
        with pytest.raises(Refusal) as refused:
            noted(land, booking, **wrong)
        assert refused.value.field == field
    transport = noted(land, booking, back=False)
    after = booking.starts_at + timedelta(hours=1)
    for agreed, field in (
        ({"company": "Taxi", "pick_up_at": after}, "pick_up"),
        ({"company": "Taxi", "return_at": booking.starts_at}, "going_back"),
        ({"company": "Taxi", "return_at": after}, "going_back"),
        ({"company": "Taxi", "phone": "12"}, "phone"),
        ({}, "company"),
    ):
        with pytest.raises(Refusal) as refused:
            changed(land, transport, "asked", **agreed)
        assert refused.value.field == field
    with pytest.raises(Refusal, match="ne devient pas inconnu"):
        changed(land, transport, "n’importe quoi")


@pytest.mark.django_db
def test_one_live_transport_there_and_one_back() -> None:
    land = make.territory()
    booking = visit(land)
    there = noted(land, booking, back=False)
    noted(land, booking, there=False, kind="taxi")
    with pytest.raises(Refusal, match="Un transport pour venir est déjà noté") as refused:
        noted(land, booking)
    assert refused.value.field == "journey"
    changed(land, there, "cancelled")
    noted(land, booking, back=False, kind="vsl")


@pytest.mark.django_db
def test_its_history_cannot_be_changed() -> None:
    land = make.territory()
    noted(land, visit(land))
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        TransportStep.objects.update(company="une autre")


@pytest.mark.django_db
def test_a_moved_appointment_puts_the_transport_back_to_review() -> None:
    land = make.territory()
    booking = visit(land)
    transport = confirmed(land, booking)
    later = make.slot(booking.place, 6)
    new = operations.move(booking=booking, slot=later.pk, by=land.osnp, at=AT)
    transport.refresh_from_db()
    assert (transport.state, transport.booking_id) == ("review", new.pk)
    assert [t.pk for t in to_settle(sas=land.sas, at=AT)] == [transport.pk]
    said = RequestEvent.objects.filter(kind="transport").latest("pk").text
    assert said == "Rendez-vous déplacé : transport (ambulance, aller et retour) à revoir avec Ambulances du Clain"
    with pytest.raises(Refusal, match="l’heure de prise en charge"):  # not the hour of before
        changed(land, transport, "confirmed")
    hour = new.starts_at - timedelta(minutes=40)
    assert changed(land, transport, "confirmed", pick_up_at=hour).state == "confirmed"
    assert to_settle(sas=land.sas, at=AT) == []


@pytest.mark.django_db
def test_a_cancelled_appointment_leaves_a_call_to_make_where_somebody_was_asked() -> None:
    land = make.territory()
    told, untold = visit(land), visit(land)
    asked, waiting = confirmed(land, told), noted(land, untold)
    for booking in (told, untold):
        operations.cancel(booking=booking, by_kind="staff", reason="erreur", by=land.osnp, at=AT)
    asked.refresh_from_db()
    waiting.refresh_from_db()
    assert (asked.state, waiting.state) == ("review", "cancelled")
    with pytest.raises(Refusal, match="n’a plus lieu"):
        changed(land, asked, "confirmed")
    changed(land, asked, "cancelled")
    assert to_settle(sas=land.sas, at=AT) == []


@pytest.mark.django_db
def test_the_doctor_reads_how_the_person_comes_and_goes() -> None:
    land = make.territory()
    both, back, split = visit(land), visit(land), visit(land)
    confirmed(land, both)
    noted(land, back, there=False, kind="taxi")
    confirmed(land, split, back=False, kind="vsl")
    noted(land, split, there=False, kind="taxi")
    assert arrivals([both, back, split]) == {
        both.pk: "arrive en ambulance, retour prévu",
        back.pk: "retour en taxi conventionné à confirmer",
        split.pk: "arrive en VSL, retour en taxi conventionné à confirmer",
    }


@pytest.mark.django_db
def test_the_way_of_coming_is_on_the_day_of_the_doctor() -> None:
    today_or_skip(timedelta(minutes=45))
    at = clock.now()
    cabinet = open_cabinet(make.territory(at=at - timedelta(days=1)), "Cormier")
    booking = expect(cabinet, "Pinson", starts_in=timedelta(minutes=45))
    land = cabinet.land
    transport = record_transport(booking=booking, wish=wished(prescribed_at=at), by=land.osnp, at=at)
    changed(land, transport, "confirmed", at=at, company="Ambulances", pick_up_at=at + timedelta(minutes=10))
    html = cabinet.page.get("/effecteur/").content.decode()
    assert "Arrive en ambulance, retour prévu" in html
    assert "Dr Ortolan" not in html


@pytest.mark.django_db(transaction=True)
def test_two_osnp_note_or_confirm_the_same_transport_and_one_of_them_is_told() -> None:
    land = make.territory()
    booking = visit(land)
    colleague = make_actor(Role.OSNP, land.sas, at=AT)
    both = (land.osnp, colleague)
    answers = race(*(lambda by=by: record_transport(booking=booking, wish=wished(), by=by, at=AT) for by in both))
    assert len(winners(answers)) == 1
    assert Transport.objects.count() == TransportStep.objects.count() == 1
    transport = Transport.objects.select_related("booking").get()

    def ask(by: Any, company: str) -> Any:
        return change_transport(
            transport=transport, state="asked", seen="to_ask", agreed=Agreed(company=company), by=by, at=AT
        )

    answers = race(lambda: ask(land.osnp, "Taxis Vienne"), lambda: ask(colleague, "Ambulances du Clain"))
    (winner,) = winners(answers)
    assert [type(answer) for answer in answers if isinstance(answer, Refusal)] == [Conflict]
    transport.refresh_from_db()
    assert transport.company == winner.company
    assert TransportStep.objects.count() == 2


# ---- the pages


@pytest.fixture
def desk(db: None) -> Desk:
    return at_the_desk()


def prescribed(desk: Desk, booking: Booking, **fields: str) -> str:
    day = (desk.at - timedelta(days=1)).date().isoformat()
    return desk.post("transport_prescribe", booking, **FORM | {"day": day} | fields)


def test_the_osnp_notes_it_on_the_sheet_and_the_desk_says_what_is_left_to_do(desk: Desk) -> None:
    booking = desk.booking("Pinson", starts_in=5, mobility="ne peut pas s’asseoir")
    sheet = desk.page.get(url("booking", booking.pk)).content.decode()
    assert "Se déplace : ne peut pas s’asseoir" in sheet
    assert "Dites quel" not in sheet
    assert "Transport noté : à demander." in prescribed(desk, booking)
    transport = Transport.objects.get()
    assert f'id="a-transporter-{transport.pk}"' in desk.lists()
    assert "Ambulance, aller et retour : <strong>à demander</strong>" in (
        desk.page.get(url("request", booking.request_id)).content.decode()
    )
    data = {"seen": "to_ask", "state": "asked", f"t{transport.pk}-company": "Ambulances du Clain"}
    page = desk.page.post(url("transport_change", transport.pk), data, follow=True).content.decode()
    assert "Transport demandé." in page
    wrong = data | {"seen": "asked", "state": "confirmed", f"t{transport.pk}-pick_up": "demain"}
    refused = desk.page.post(url("transport_change", transport.pk), wrong)
    assert refused.status_code == 422
    assert "Cette heure ne se lit pas" in refused.content.decode()
    stale = desk.page.post(url("transport_change", transport.pk), data, follow=True).content.decode()
    assert "Ce transport est maintenant demandé" in stale


def test_a_prescription_without_its_doctor_stays_on_the_sheet(desk: Desk) -> None:
    booking = desk.booking("Pinson", starts_in=5)
    page = desk.page.post(url("transport_prescribe", booking.pk), FORM | {"prescriber": "", "day": "x" * 5000})
    assert page.status_code == 422
    assert "À remplir." in page.content.decode()
    assert not Transport.objects.exists()


def test_another_sas_finds_no_such_transport(desk: Desk) -> None:
    booking = desk.booking("Pinson", starts_in=5)
    prescribed(desk, booking)
    elsewhere = make.territory("16", at=desk.at - timedelta(days=2))
    stranger = login(Client(), make_actor(Role.OSNP, elsewhere.sas))
    assert stranger.post(url("transport_change", Transport.objects.get().pk), {"state": "cancelled"}).status_code == 404


def test_the_lists_ask_as_much_for_three_transports_as_for_one(desk: Desk) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.lists()
        return len(captured)

    prescribed(desk, desk.booking("Linotte", starts_in=4))
    one = asked()
    for name, hours in (("Huppe", 5), ("Grive", 6)):
        prescribed(desk, desk.booking(name, starts_in=hours))
    assert (one, asked()) == (12, 12)
    assert desk.lists().count('id="a-transporter-') == 3
