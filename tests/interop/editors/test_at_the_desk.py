"""Slots of editors at the OSNP's desk: shown, looked at again before they are kept, booked there."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from quinze.availability.models import Slot
from quinze.interop.editors.accounts import declare as declare_account
from quinze.interop.editors.accounts import due as due_accounts
from quinze.interop.editors.accounts import push
from quinze.interop.editors.planning import due
from quinze.interop.editors.refreshing import refresh
from quinze.interop.fhir.clients import register_client
from quinze.interop.fhir.facts import Resource
from quinze.orientation.links import with_origin
from quinze.orientation.models import Booking, OrientationRequest, RankingLog
from quinze.orientation.operations import cancel, claim, close_without_booking, rescue
from quinze.orientation.queries.rescue import live_offers
from tests.factories import directory, orientation, patients
from tests.factories import editors as make
from tests.factories.accounts import login
from tests.factories.editors import Pki
from tests.factories.orientation import AT, Territory
from tests.interop.fhir import exchange

pytestmark = pytest.mark.django_db
MINUTES = timedelta(minutes=1)


@pytest.fixture
def land() -> Territory:
    return orientation.territory()


@pytest.fixture
def desk(land: Territory, settings: LazySettings) -> Client:
    """It is five past ten."""
    settings.QUINZE_CLOCK_OFFSET = AT + 5 * MINUTES - datetime.now(UTC)
    return login(Client(), land.osnp)


def asked(land: Territory) -> OrientationRequest:
    return claim(request=orientation.request(land), by=land.osnp, at=AT)


def page(desk: Client, request: OrientationRequest) -> str:
    return desk.get(reverse("orientation:request", args=[request.pk])).content.decode()


def holds(desk: Client, request: OrientationRequest, place: Any, slot: Slot) -> Any:
    ranking = RankingLog.objects.filter(request=request).latest("pk")
    choice = f"p{place.professional_id}@{place.pk}|{slot.pk}|AMB"
    address = reverse("orientation:hold", args=[request.pk])
    return desk.post(address, {"ranking": ranking.pk, "choice": choice, "other": "souhait", "asked": "1"})


def test_a_slot_says_who_keeps_it_and_a_silent_editor_says_so(land: Territory, papers: Pki, desk: Client) -> None:
    place, other = orientation.doctor(land, "Cormier"), orientation.doctor(land, "Sorbier")
    request = asked(land)
    with make.answering(papers, make.doctor_of(place, 1)) as fake:
        agendas = make.registered(fake, papers, place)[1]
        agendas += make.registered("https://localhost:1/fhir", papers, other, code="muet", name="Docto")[1]
        refresh(agendas, at=AT + 2 * MINUTES)

    said = page(desk, request)

    assert "11:00 · Agendix" in said
    assert "Docto n’a pas répondu, 10:02" in said
    assert "Agendix n’a pas répondu" not in said


def test_a_hold_looks_again_and_what_is_gone_is_refused_with_what_follows(
    land: Territory, papers: Pki, desk: Client
) -> None:
    place = orientation.doctor(land, "Cormier")
    request = asked(land)
    with make.answering(papers, make.doctor_of(place, 1, 2)) as fake:
        _, agendas = make.registered(fake, papers, place)
        refresh(agendas, at=AT)
        page(desk, request)
        fake.doctors[0].hours[0].is_free = False  # somebody took it there
        answer = holds(desk, request, place, Slot.objects.earliest("starts_at"))

    assert answer.status_code == 409
    said = answer.content.decode()
    assert "Agendix n’offre plus ce créneau. Le suivant du même médecin vous est proposé." in said
    assert not Booking.objects.exists()
    assert [slot.status for slot in Slot.objects.order_by("starts_at")] == ["withdrawn", "open"]


def test_an_editor_that_does_not_answer_in_time_keeps_nobody_waiting_and_the_desk_is_told(
    land: Territory, papers: Pki, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quinze.interop.editors.handlers.BUDGET", 0.3)
    place = orientation.doctor(land, "Cormier")
    request = asked(land)
    with make.answering(papers, make.doctor_of(place, 1)) as fake:
        _, agendas = make.registered(fake, papers, place)
        refresh(agendas, at=AT)
        page(desk, request)
        fake.mood.latency = 1.0
        answer = holds(desk, request, place, Slot.objects.get())

    assert answer.status_code == 302
    said = page(desk, request)
    assert "Agendix n’a pas répondu, 10:05 : créneau lu à 10:00." in said


def test_the_hold_leads_to_the_agenda_of_the_editor_with_our_origin(land: Territory, papers: Pki, desk: Client) -> None:
    place = orientation.doctor(land, "Cormier")
    request = asked(land)
    with make.answering(papers, make.doctor_of(place, 1)) as fake:
        _, agendas = make.registered(fake, papers, place)
        refresh(agendas, at=AT)
        page(desk, request)
        holds(desk, request, place, Slot.objects.get())
        assert len(fake.asked) == 2
    slot = Slot.objects.get()
    said = page(desk, request)

    assert f'href="{slot.url}&amp;origin=sas" target="_blank" rel="noopener noreferrer"' in said
    assert "Encore libre à 10:05." in said
    assert "C’est pris chez Agendix" in said
    desk.post(reverse("orientation:confirm", args=[request.pk]))
    assert Booking.objects.get().status == Booking.Status.CONFIRMED


@pytest.mark.parametrize(
    ("url", "origin", "there"),
    [
        ("https://a.test/b?c=d", "sas", "https://a.test/b?c=d&origin=sas"),
        ("https://a.test/b", "sas-preprod", "https://a.test/b?origin=sas-preprod"),
        ("https://a.test/b?origin=autre&c=", "sas", "https://a.test/b?c=&origin=sas"),
    ],
)
def test_the_origin_is_ours_whatever_the_address_said(
    url: str, origin: str, there: str, settings: LazySettings
) -> None:
    settings.QUINZE_SAS_ORIGIN = origin
    assert with_origin(url) == there


def test_agendas_lately_proposed_are_read_again_first_and_often(land: Territory, papers: Pki) -> None:
    places = [orientation.doctor(land, km=km) for km in (1, 2)]
    agendas = make.registered("https://localhost:1/fhir", papers, *places)[1]
    assert due(at=AT) == agendas

    def read(when: datetime, *which: Any) -> None:
        for agenda in which:
            agenda.asked_at = when
            agenda.save()

    read(AT, *agendas)
    assert due(at=AT + 14 * MINUTES) == []
    orientation.slot(places[1], 5)
    orientation.searched(orientation.request(land), land, at=AT + 5 * MINUTES)
    assert due(at=AT + 6 * MINUTES) == [agendas[1]]
    assert due(at=AT + 16 * MINUTES) == [agendas[1], agendas[0]]


def test_an_editor_is_asked_no_more_than_its_pace(
    land: Territory, papers: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = orientation.doctor(land)
    with make.answering(papers, make.doctor_of(place, 1)) as fake:
        _, agendas = make.registered(fake, papers, place)
        monkeypatch.setattr("quinze.interop.editors.planning.MOST_CALLS", 1)
        refresh(agendas, at=AT)
    assert due(at=AT + 20 * MINUTES) == []
    assert due(at=AT + 61 * MINUTES) == agendas


def test_what_is_booked_on_the_page_of_the_editor_comes_back_and_the_hold_becomes_it(
    land: Territory, papers: Pki, desk: Client, settings: LazySettings
) -> None:
    settings.QUINZE_FHIR_PROXY_SECRET = exchange.SECRET
    register_client(name="Agendix", common_name="agendix", unit="", flows=["INT_R03"], sas=None, at=AT)
    place = orientation.doctor(land, "Cormier")
    request = asked(land)
    answers: list[int] = []

    def declare(appointment: Resource, changed: str) -> int:
        query = f"?identifier={quote(changed)}" if changed else ""
        send = Client().put if changed else Client().post
        headers = exchange.PROXY | {"X-Client-Subject": "CN=agendix"}
        answer = send(f"/fhir/Appointment{query}", appointment, content_type="application/fhir+json", headers=headers)
        answers.append(answer.status_code)
        return answer.status_code

    with make.answering(papers, make.doctor_of(place, 1)) as fake:
        fake.declare = declare
        _, agendas = make.registered(fake, papers, place)
        declare_account(land.osnp.user, at=AT)
        push(due_accounts(at=AT)[0], at=AT)
        refresh(agendas, at=AT)
        page(desk, request)
        holds(desk, request, place, Slot.objects.get())
        regulator = next(iter(fake.accounts.values()))["identifier"][0]
        key = fake.book(fake.doctors[0], fake.doctors[0].hours[0], regulator=regulator)
        booking = Booking.objects.get()
        assert (answers, booking.status, booking.slot) == ([201], Booking.Status.BOOKED, Slot.objects.get())
        assert fake.says(key, "cancelled") == 200

    booking.refresh_from_db()
    assert booking.status == Booking.Status.CANCELLED


def test_a_seat_freed_at_an_editor_is_asked_for_again_before_anybody_is_called(
    land: Territory, papers: Pki, desk: Client
) -> None:
    place = orientation.doctor(land, "Cormier")
    with make.answering(papers, make.doctor_of(place, 4)) as fake:
        _, agendas = make.registered(fake, papers, place)
        refresh(agendas, at=AT)
        slot = Slot.objects.get()
        gone = orientation.booked(orientation.request(land), place, slot, land, at=AT)
        cancel(booking=gone, by_kind="patient", at=AT)
        close_without_booking(request=gone.request, reason="va mieux", by=land.osnp, at=AT)
        waits = orientation.request(land, patient=patients.patient(land.sas, family_name="Grèbe"))
        rescue.rescue_seats(at=AT + MINUTES)
        (offer,) = live_offers(sas=land.sas, at=AT + 5 * MINUTES)
        fake.doctors[0].hours[0].is_free = False  # its own secretary gave it

        said = desk.post(reverse("orientation:rescue_call", args=[offer.pk]), follow=True).content.decode()

    offer.refresh_from_db()
    assert "Cette place n’est plus offerte" in said
    assert (offer.state, offer.request) == ("lapsed", waits)
    assert not Booking.objects.filter(request=waits).exists()


def test_a_move_to_an_editor_asks_it_again(land: Territory, papers: Pki, desk: Client) -> None:
    own, place = orientation.doctor(land, "Sorbier"), orientation.doctor(land, "Cormier")
    booking = orientation.booked(orientation.request(land), own, orientation.slot(own, 2), land, at=AT)
    with make.answering(papers, make.doctor_of(place, 4)) as fake:
        _, agendas = make.registered(fake, papers, place)
        refresh(agendas, at=AT)
        fake.doctors[0].hours[0].is_free = False
        to = Slot.objects.get(source="agendix")
        said = desk.post(reverse("orientation:move", args=[booking.pk]), {"slot": to.pk, "reason": "travail"})

    to.refresh_from_db()
    booking.refresh_from_db()
    assert (said.status_code, to.status, booking.status) == (422, "withdrawn", "booked")


def test_a_slot_of_two_cpts_is_for_the_people_of_both(land: Territory, papers: Pki, desk: Client) -> None:
    land.cpts.finess = "860000017"
    land.cpts.save()
    vouille = directory.commune("Vouillé", lat=orientation.HERE[0], lon=orientation.HERE[1])
    other = directory.structure("CPTS", "CPTS du Clain", sas=land.sas, finess="860000025")
    other.zone_communes.create(commune=vouille)
    place = orientation.doctor(land, "Cormier", member_of=(land.cpts, other))
    both: dict[str, Any] = {"label": "CPTS", "cpts": ("1860000017", "1860000025")}
    with make.answering(papers, make.doctor_of(place, 1, **both)) as fake:
        refresh(make.registered(fake, papers, place, kinds=("PS", "CPTS"))[1], at=AT)
    requests = [
        claim(request=orientation.request(land, commune=commune), by=land.osnp, at=AT)
        for commune in (land.commune, vouille, directory.commune("Ailleurs"))
    ]
    assert ["11:00 · Agendix" in page(desk, request) for request in requests] == [True, True, False]


def test_the_silence_of_an_editor_of_another_territory_is_not_told(land: Territory, papers: Pki, desk: Client) -> None:
    elsewhere = orientation.territory("87")
    other = orientation.doctor(elsewhere, "Sorbier")
    request = asked(land)
    _, agendas = make.registered("https://localhost:1/fhir", papers, other)
    refresh(agendas, at=AT)
    assert "n’a pas répondu" not in page(desk, request)
