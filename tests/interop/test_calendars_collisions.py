"""The doctor's calendar takes an hour that the SAS had given: the same work as an absence. Complaint 14."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.availability.models import CalendarFeed
from quinze.availability.operations.feeds import add_feed
from quinze.directory.models import Place
from quinze.interop.calendars.pulling import pull
from quinze.orientation import operations
from quinze.orientation.models import Booking, RequestEvent
from quinze.orientation.queries.replacements import conflicts_of, to_replace
from tests.factories import calendars, directory
from tests.factories import orientation as make
from tests.factories.accounts import make_user
from tests.factories.calendars import CalendarServer
from tests.factories.orientation import AT, Territory

LATER = timedelta(minutes=20)
pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[CalendarServer]:
    with calendars.serving() as server:
        yield server


@pytest.fixture
def land() -> Territory:
    return make.territory()


@pytest.fixture
def place(land: Territory) -> Place:
    place = make.doctor(land, "Cormier")
    assert place.professional is not None
    place.professional.account = make_user()
    place.professional.save()
    return place


@pytest.fixture
def booking(land: Territory, place: Place) -> Booking:
    return make.booked(make.request(land), place, make.slot(place, 3), land)


def feed(place: Place, land: Territory, server: CalendarServer, where: Place | None = None) -> CalendarFeed:
    assert place.professional is not None
    assert place.professional.account is not None
    by = Actor(user=place.professional.account, role=Role.EFFECTEUR, sas=land.sas)
    return add_feed(place.professional, calendars.spec(server.address, place=where), by=by, at=AT)


def taken(server: CalendarServer, start: datetime, *lines: str) -> None:
    """By another patient, for an hour from then."""
    first, last = (f"{instant:%Y%m%dT%H%M%SZ}" for instant in (start, start + timedelta(hours=1)))
    server.gives(calendars.ics(calendars.event(f"DTSTART:{first}", f"DTEND:{last}", *lines)))


def told() -> list[RequestEvent]:
    return list(RequestEvent.objects.filter(kind="doctor_busy").order_by("pk"))


def test_the_patient_is_on_the_list_until_somebody_acts_and_it_is_told_once(
    land: Territory, place: Place, booking: Booking, server: CalendarServer
) -> None:
    linked = feed(place, land, server)
    taken(server, booking.starts_at)
    for n in range(3):
        pull(linked.pk, at=AT + n * LATER)

    assert list(to_replace(sas=land.sas, at=AT)) == [booking]
    (event,) = told()
    assert (event.request_id, event.by, event.data["booking_id"]) == (booking.request_id, None, booking.pk)
    assert event.text.startswith("L’agenda de")
    booking.refresh_from_db()
    assert booking.status in ("booked", "confirmed")  # nothing was deleted

    operations.cancel(booking=booking, by_kind="staff", reason="replacé ailleurs", by=land.osnp, at=AT)
    assert list(to_replace(sas=land.sas, at=AT)) == []


def test_the_list_forgets_it_when_the_calendar_frees_the_hour(
    land: Territory, place: Place, booking: Booking, server: CalendarServer
) -> None:
    linked = feed(place, land, server)
    taken(server, booking.starts_at)
    pull(linked.pk, at=AT)
    server.gives(calendars.ics())
    pull(linked.pk, at=AT + LATER)
    assert list(to_replace(sas=land.sas, at=AT)) == []


def test_the_doctors_own_note_of_the_appointment_is_no_collision(
    land: Territory, place: Place, booking: Booking, server: CalendarServer
) -> None:
    taken(server, booking.starts_at, "SUMMARY:Patient du SAS")
    pull(feed(place, land, server).pk, at=AT)
    assert place.professional is not None
    assert (list(to_replace(sas=land.sas, at=AT)), told()) == ([], [])
    assert not conflicts_of(place.professional, at=AT).exists()


def test_a_calendar_of_another_place_collides_with_nothing_here(
    land: Territory, place: Place, booking: Booking, server: CalendarServer
) -> None:
    assert place.professional is not None
    annexe = directory.place(place.professional, land.commune, address="2 rue du Lac")
    taken(server, booking.starts_at)
    pull(feed(place, land, server, where=annexe).pk, at=AT)
    assert (list(to_replace(sas=land.sas, at=AT)), told()) == ([], [])


def test_hours_that_only_touch_do_not_collide(
    land: Territory, place: Place, booking: Booking, server: CalendarServer
) -> None:
    taken(server, booking.during.upper)
    pull(feed(place, land, server).pk, at=AT)
    assert (list(to_replace(sas=land.sas, at=AT)), told()) == ([], [])
