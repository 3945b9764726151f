"""The doctor's page of calendars: what it says of each, what it refuses, whom it serves."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from quinze.accounts.roles import Role
from quinze.availability.models import CalendarFeed, CalendarLink
from quinze.availability.operations import add_rule
from quinze.base import clock
from quinze.interop.calendars.pulling import pull
from tests.factories import availability as offer
from tests.factories import calendars as make
from tests.factories.accounts import login, make_actor
from tests.factories.availability import Effecteur
from tests.factories.calendars import CalendarServer

URL = "/offre/agendas/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[CalendarServer]:
    with make.serving() as server:
        yield server


@pytest.fixture
def doctor() -> Effecteur:
    doctor = offer.effecteur()
    make_actor(Role.EFFECTEUR, doctor.sas, user=doctor.actor.user)
    return doctor


@pytest.fixture
def page(doctor: Effecteur) -> Client:
    return login(Client(), doctor.actor)


def text_of(page: Client) -> str:
    return page.get(URL).content.decode()


def typed(address: str, **fields: str) -> dict[str, str]:
    return {"kind": "ics", "address": address, "name": "Cabinet"} | fields


def test_a_calendar_is_linked_read_and_detached(doctor: Effecteur, page: Client, server: CalendarServer) -> None:
    assert page.post(URL, typed(server.address)).headers["Location"] == URL
    feed = CalendarFeed.objects.get()
    waiting = text_of(page)
    assert "première lecture" in waiting
    assert server.address not in waiting  # a secret is not shown again

    server.gives(make.ics())
    pull(feed.pk, at=clock.now())
    assert "à jour" in text_of(page)
    assert "0 période occupée à venir" in text_of(page)

    page.post(f"{URL}{feed.pk}/detacher/")
    assert "Aucun agenda relié" in text_of(page)


def test_a_failure_and_its_cause_are_said_in_french(doctor: Effecteur, page: Client, server: CalendarServer) -> None:
    """Complaint 18: a doctor learns by a patient that synchronisation stopped a month ago."""
    at = clock.now()
    feed = make.feed(doctor, server.address, at=at - timedelta(hours=3))
    server.gives(b"", 404)
    pull(feed.pk, at=at)
    said = text_of(page)
    assert "L’agenda n’existe plus à cette adresse." in said
    assert "périmé" in said
    assert "Vos créneaux restent proposés, mais après" in said
    assert "Prochaine lecture à" in said


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"address": ""}, "address", "Collez l’adresse"),
        ({"address": "agenda de Rose"}, "address", "n’est pas complète"),
        ({"address": "javascript:alert(1)"}, "address", "n’est pas complète"),
        ({"address": "http://10.0.0.1/a.ics"}, "address", "https"),
        ({"address": "https://10.0.0.1/a.ics"}, "address", "ne l’ouvre pas"),
        ({"address": "https://" + "a" * 5000}, "address", "trop longue"),
        ({"kind": "autre"}, "kind", "Choisissez"),
        ({"place": "999999"}, "place", ""),
        ({"name": "x" * 61}, "name", ""),
    ],
)
def test_a_refusal_is_beside_its_field_and_what_was_typed_stays(
    page: Client, server: CalendarServer, fields: dict[str, str], field: str, said: str
) -> None:
    answer = page.post(URL, typed(server.address, name="Mon cabinet", user="rose") | fields)
    assert answer.status_code == 422
    assert said in " ".join(answer.context["form"].errors[field])
    assert 'value="rose"' in answer.content.decode()
    assert not CalendarFeed.objects.exists()


def test_a_password_is_neither_shown_nor_kept_in_clear(page: Client, server: CalendarServer) -> None:
    refused = page.post(URL, typed("", kind="caldav", user="rose", password="quatre chevaux"))
    assert "quatre chevaux" not in refused.content.decode()
    page.post(URL, typed(server.address, kind="caldav", user="rose", password="quatre chevaux"))
    assert "quatre" not in CalendarFeed.objects.get().sealed


def test_the_same_calendar_twice_is_refused_beside_the_address(page: Client, server: CalendarServer) -> None:
    page.post(URL, typed(server.address))
    again = page.post(URL, typed(server.address))
    assert again.context["form"].errors["address"] == ["Vous avez déjà relié cet agenda."]


def test_another_doctors_calendar_cannot_be_touched(page: Client, server: CalendarServer) -> None:
    other = offer.effecteur("Sorbier")
    feed = make.feed(other, server.address)
    for act in ("detacher", "relire"):
        page.post(f"{URL}{feed.pk}/{act}/")
    feed.refresh_from_db()
    assert (feed.ended_at, feed.next_pull_at) == (None, offer.NOW)


def test_a_collision_with_an_appointment_is_shown_to_the_doctor(
    doctor: Effecteur, page: Client, server: CalendarServer
) -> None:
    from tests.factories import orientation

    at = clock.now().replace(microsecond=0)
    land = orientation.territory(at=at)
    slot = orientation.slot(doctor.place, 5, at=at)
    booking = orientation.booked(orientation.request(land, at=at), doctor.place, slot, land, at=at)
    assert "Même heure" not in text_of(page)

    start, end = (
        f"{instant:%Y%m%dT%H%M%SZ}" for instant in (booking.starts_at, booking.starts_at + timedelta(hours=1))
    )
    server.gives(make.ics(make.event(f"DTSTART:{start}", f"DTEND:{end}")))
    feed = make.feed(doctor, server.address, at=at)
    pull(feed.pk, at=at)
    assert "Même heure, deux rendez-vous" in text_of(page)

    server.gives(make.ics(make.event(f"DTSTART:{start}", f"DTEND:{end}", "SUMMARY:RDV SAS")))
    pull(feed.pk, at=at + timedelta(hours=1))
    assert "Même heure" not in text_of(page)


@pytest.mark.parametrize("linked", [1, 3])
def test_as_many_reads_for_one_calendar_as_for_three(
    doctor: Effecteur, page: Client, linked: int, django_assert_num_queries: Any
) -> None:
    add_rule(offer.spec(doctor.place), by=doctor.actor, at=clock.now())
    for number in range(linked):
        make.feed(doctor, f"https://127.0.0.1/{number}.ics", at=clock.now())
    with django_assert_num_queries(11):
        text_of(page)


def test_the_private_address_is_made_changed_and_revoked(doctor: Effecteur, page: Client) -> None:
    assert "Créer l’adresse" in text_of(page)
    page.post(f"{URL}adresse/", {"lien-with_slots": "on"})
    link = CalendarLink.objects.get()
    assert (link.with_slots, link.with_initials) == (True, False)
    shown = text_of(page)
    assert f"/agenda/{link.pk}." in shown

    page.post(f"{URL}adresse/contenu/", {"lien-with_initials": "on"})
    link.refresh_from_db()
    assert (link.with_slots, link.with_initials) == (False, True)

    page.post(f"{URL}adresse/revoquer/")
    assert "Créer l’adresse" in text_of(page)
    assert "déjà été révoquée" in page.post(f"{URL}adresse/revoquer/", follow=True).content.decode()
