"""The calendar that a doctor follows from Google, Outlook or Apple: what it says, to whom, and for how long."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from quinze.accounts.actor import Actor, Mandate
from quinze.accounts.roles import Role
from quinze.availability.models import CalendarLink
from quinze.availability.operations import feeds
from quinze.base.errors import NotFound
from quinze.directory.models import Place
from quinze.interop.calendars import links, reading
from quinze.interop.calendars.writing import calendar_of
from quinze.orientation import operations
from tests.factories import orientation as make
from tests.factories.accounts import make_actor, make_user
from tests.factories.orientation import AT, Territory

pytestmark = pytest.mark.django_db


@pytest.fixture
def land() -> Territory:
    return make.territory()


@pytest.fixture
def place(land: Territory) -> Place:
    """A doctor with an account and three free slots, two of which follow each other."""
    place = make.doctor(land, "Cormier")
    place.professional.account = make_user()
    place.professional.save()
    for hours in (3, 3 + 1 / 3, 6):
        make.slot(place, hours)
    return place


def doctor_at(place: Place, land: Territory) -> Actor:
    assert place.professional is not None
    assert place.professional.account is not None
    return Actor(user=place.professional.account, role=Role.EFFECTEUR, sas=land.sas)


def link_to(place: Place, land: Territory, **fields: bool) -> CalendarLink:
    by = doctor_at(place, land)
    chosen = {"with_initials": False, "with_slots": True} | fields
    return feeds.renew_link(place.professional, **chosen, by=by, at=AT)


def events(content: bytes) -> list[Any]:
    return list(Calendar.from_ical(content).walk("VEVENT"))


def test_appointments_and_open_hours_are_read_back_as_they_are(land: Territory, place: Place) -> None:
    booking = make.booked(make.request(land), place, make.slot(place, 10), land)
    content = calendar_of(link_to(place, land), at=AT)

    first, *rest = events(content)
    assert (first["DTSTART"].dt, first["DTEND"].dt) == (booking.starts_at, booking.during.upper)
    assert (first["SUMMARY"], first["TRANSP"], first["STATUS"]) == ("RDV SAS", "OPAQUE", "CONFIRMED")
    assert [(e["DTSTART"].dt - AT, e["DTEND"].dt - e["DTSTART"].dt, e["SUMMARY"], e["TRANSP"]) for e in rest] == [
        (timedelta(hours=3), timedelta(minutes=40), "Ouvert au SAS : 2 places", "TRANSPARENT"),
        (timedelta(hours=6), timedelta(minutes=20), "Ouvert au SAS : 1 place", "TRANSPARENT"),
    ]
    assert b"DTSTART:20261117T190000Z" in content  # UTC: shown right by programs that know no zone
    assert all(line[:1] != b" " or len(line) <= 75 for line in content.split(b"\r\n"))
    assert content.count(b"\r\n") == content.count(b"\n")
    calendar = Calendar.from_ical(content)
    assert {"PRODID", "VERSION", "METHOD", "X-WR-CALNAME", "REFRESH-INTERVAL"} <= set(calendar)
    assert all({"UID", "DTSTAMP"} <= set(event) for event in events(content))
    assert len({event["UID"] for event in events(content)}) == 3


def test_nothing_is_said_of_the_patient_unless_initials_are_asked_for(land: Territory, place: Place) -> None:
    patient = make.patient(land, family_name="Pinson", given_name="Noé", phone="+33639984127")
    request = make.request(land, patient=patient, instruction="auscultation pulmonaire")
    make.booked(request, place, make.slot(place, 10), land)

    content = calendar_of(link_to(place, land), at=AT).decode()
    for secret in ("Pinson", "PINSON", "Noé", "39984127", "auscultation", request.case_number):
        assert secret not in content

    content = calendar_of(link_to(place, land, with_initials=True, with_slots=False), at=AT)
    (only,) = events(content)
    assert only["SUMMARY"] == "RDV SAS N. P."
    assert b"Pinson" not in content


def test_cancelled_appointments_and_holds_are_not_there(land: Territory, place: Place) -> None:
    booking = make.booked(make.request(land), place, make.slot(place, 10), land)
    make.held(make.request(land), place, make.slot(place, 12), land)
    link = link_to(place, land, with_slots=False)
    assert len(events(calendar_of(link, at=AT))) == 1

    operations.cancel(booking=booking, by_kind="staff", reason="guéri", by=land.osnp, at=AT)

    assert events(calendar_of(link, at=AT)) == []


def test_followed_by_a_calendar_that_quinze_reads_it_closes_nothing(land: Territory, place: Place) -> None:
    """The loop that eats every slot: published, subscribed to, published again by the other program, read back."""
    make.booked(make.request(land), place, make.slot(place, 10), land)
    content = calendar_of(link_to(place, land), at=AT)
    back = reading.read(content, kind="ics", zone="Europe/Paris", start=AT, end=AT + timedelta(days=35))
    assert back.periods == ()


def test_the_address_opens_without_login_and_says_when_nothing_changed(
    client: Client, land: Territory, place: Place
) -> None:
    link = link_to(place, land)
    answer = client.get(links.path_of(link))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert "no-cache" in answer.headers["Cache-Control"]
    assert not answer.cookies

    again = client.get(links.path_of(link), headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(links.path_of(link)).status_code == 200
    assert client.post(links.path_of(link)).status_code == 405
    link.refresh_from_db()
    assert link.last_read_at is not None


def test_a_renewed_or_revoked_address_opens_nothing_any_more(client: Client, land: Territory, place: Place) -> None:
    first = link_to(place, land)
    second = link_to(place, land)
    assert client.get(links.path_of(first)).status_code == 404
    assert client.get(links.path_of(second)).status_code == 200

    feeds.end_link(place.professional, by=doctor_at(place, land), at=AT)
    assert client.get(links.path_of(second)).status_code == 404


def test_a_forged_address_is_answered_as_an_unknown_one(client: Client, land: Territory, place: Place) -> None:
    link = link_to(place, land)
    path = links.path_of(link)
    revoked = client.get(path.replace(f"/{link.pk}.", f"/{link.pk + 1}."))
    for forged in (path[:-8] + "AAAA.ics", f"/agenda/{link.pk}.ics", "/agenda/x.ics", f"/agenda/{'9' * 400}.ics"):
        answer = client.get(forged)
        assert (answer.status_code, answer.content) == (404, revoked.content)


def test_one_live_address_a_doctor_and_nobody_else_makes_it(land: Territory, place: Place) -> None:
    link_to(place, land)
    link_to(place, land)
    assert CalendarLink.objects.filter(ended_at__isnull=True).count() == 1
    other = make_actor(Role.EFFECTEUR, land.sas, at=AT)
    with pytest.raises(NotFound):
        feeds.renew_link(place.professional, with_initials=True, with_slots=True, by=other, at=AT)


def test_a_delegate_does_not_publish_the_doctors_agenda(land: Territory, place: Place) -> None:
    assert place.professional is not None
    powers = frozenset({"agenda", "rules", "outcomes"})
    mandate = Mandate(1, place.professional.pk, str(place.professional), powers, frozenset())
    secretary = Actor(user=make_user(), role=Role.DELEGATAIRE, sas=land.sas, mandate=mandate)
    with pytest.raises(NotFound, match="Seul le médecin"):
        feeds.renew_link(place.professional, with_initials=True, with_slots=True, by=secretary, at=AT)


@pytest.mark.parametrize("appointments", [1, 3])
def test_as_many_reads_for_one_appointment_as_for_three(
    land: Territory, place: Place, appointments: int, django_assert_num_queries: Any
) -> None:
    for hours in range(appointments):
        make.booked(make.request(land), place, make.slot(place, 10 + hours), land)
    link = link_to(place, land)
    with django_assert_num_queries(4):
        assert len(events(calendar_of(link, at=AT))) == 2 + appointments


def test_what_no_sas_sees_is_not_published(land: Territory, place: Place) -> None:
    make.slot(place, 20, audience="PRO")
    assert len(events(calendar_of(link_to(place, land), at=AT))) == 2
    place.professional.participations.update(shows_pro_slots=True)
    assert len(events(calendar_of(link_to(place, land), at=AT))) == 3


def test_hours_cross_the_clock_change_unmoved(land: Territory, place: Place) -> None:
    before, after = (datetime(2027, 3, day, 9, tzinfo=UTC) for day in (27, 28))
    for start in (before, after):
        make.slot(place, at=start, hours=0)
    content = calendar_of(link_to(place, land), at=before - timedelta(hours=1))
    assert [event["DTSTART"].dt for event in events(content)] == [before, after]
