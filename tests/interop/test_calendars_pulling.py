"""A doctor's own calendar closes slots: from a real server on loopback to what the SAS sees."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction

from quinze.availability.models import BusyTime, CalendarFeed, FeedReading, Slot
from quinze.availability.operations import add_rule
from quinze.availability.operations.feeds import SLOWEST_RETRY, end_feed
from quinze.availability.queries.feeds import due_feeds, feeds_of
from quinze.base.errors import NotFound, Refusal
from quinze.interop.calendars.pulling import pull
from tests.factories import availability as offer
from tests.factories import calendars as make
from tests.factories import directory
from tests.factories.availability import NOW, Effecteur
from tests.factories.calendars import CalendarServer

TUESDAY = datetime(2026, 11, 17, 14, tzinfo=ZoneInfo("Europe/Paris"))
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[CalendarServer]:
    with make.serving() as server:
        yield server


@pytest.fixture
def doctor() -> Effecteur:
    """Tuesdays 14:00 to 17:00, nine slots of 20 minutes."""
    doctor = offer.effecteur()
    add_rule(offer.spec(doctor.place), by=doctor.actor, at=NOW)
    return doctor


def first_tuesday(doctor: Effecteur) -> list[str]:
    """Local hours still offered on the first Tuesday."""
    slots = [slot for slot in offer.slots_of(doctor) if slot.starts_at < TUESDAY + timedelta(days=1)]
    return [f"{slot.starts_at.astimezone(TUESDAY.tzinfo):%H:%M}" for slot in slots]


def read(feed: CalendarFeed, *, at: datetime = NOW) -> CalendarFeed:
    pull(feed.pk, at=at)
    feed.refresh_from_db()
    return feed


def test_a_busy_hour_of_the_doctors_calendar_is_no_longer_offered(doctor: Effecteur, server: CalendarServer) -> None:
    server.gives(make.ics(make.at_paris("20261117T143000", "20261117T160000", "SUMMARY:M. Chêne, suivi")))

    feed = read(make.feed(doctor, server.address))

    assert first_tuesday(doctor) == ["14:00", "16:00", "16:20", "16:40"]
    assert (feed.succeeded_at, feed.events, feed.error) == (NOW, 1, "")


def test_nothing_but_the_period_is_kept_of_an_event(doctor: Effecteur, server: CalendarServer) -> None:
    """Titles, people, places: a doctor's calendar holds names of patients, and none may enter."""
    private = ("SUMMARY:Mme Sureau Odile", "DESCRIPTION:résultats du scanner", "ATTENDEE;CN=Sureau:mailto:o@exemple.fr")
    server.gives(make.ics(make.at_paris("20261117T143000", "20261117T160000", *private)))

    feed = read(make.feed(doctor, server.address))

    assert {field.name for field in BusyTime._meta.get_fields()} == {"id", "feed", "during", "of_sas"}
    kept = [*CalendarFeed.objects.values_list(), *FeedReading.objects.values_list(), *BusyTime.objects.values_list()]
    assert "Sureau" not in repr(kept)
    assert "scanner" not in repr(kept)
    assert server.address not in repr(kept)  # the address opens the calendar: it is a secret too
    assert feed.busy.count() == 1


def test_a_freed_hour_comes_back_with_the_next_reading(doctor: Effecteur, server: CalendarServer) -> None:
    server.gives(make.ics(make.at_paris("20261117T140000", "20261117T170000")))
    feed = read(make.feed(doctor, server.address))
    assert first_tuesday(doctor) == []

    server.gives(make.ics())
    read(feed, at=NOW + HOUR)

    assert len(first_tuesday(doctor)) == 9


def test_a_booking_stays_when_the_calendar_takes_its_hour(doctor: Effecteur, server: CalendarServer) -> None:
    booked = offer.give(offer.slots_of(doctor)[3])  # 15:00
    server.gives(make.ics(make.at_paris("20261117T150000", "20261117T160000")))

    read(make.feed(doctor, server.address))

    booked.refresh_from_db()
    assert (booked.status, booked.taken) == (Slot.Status.WITHDRAWN, 1)


def test_a_calendar_of_one_place_leaves_the_others_open(doctor: Effecteur, server: CalendarServer) -> None:
    annexe = directory.place(doctor.professional, doctor.place.commune, name="Annexe")
    add_rule(offer.spec(annexe, weekdays=(2,)), by=doctor.actor, at=NOW)
    whole_days = make.event("DTSTART;VALUE=DATE:20261116", "DTEND;VALUE=DATE:20261121")
    server.gives(make.ics(whole_days))

    read(make.feed(doctor, server.address, place=annexe))

    assert len(first_tuesday(doctor)) == 9
    assert not Slot.objects.filter(place=annexe, status="open", starts_at__lt=TUESDAY + timedelta(days=2)).exists()


def test_several_calendars_close_together_and_a_detached_one_gives_back(
    doctor: Effecteur, server: CalendarServer
) -> None:
    server.gives(make.ics(make.at_paris("20261117T140000", "20261117T150000")))
    first = read(make.feed(doctor, server.address))
    server.gives(make.ics(make.at_paris("20261117T160000", "20261117T170000")))
    read(make.feed(doctor, server.address + "?autre", name="Hôpital"))
    assert first_tuesday(doctor) == ["15:00", "15:20", "15:40"]

    end_feed(first, by=doctor.actor, at=NOW)

    assert first_tuesday(doctor) == ["14:00", "14:20", "14:40", "15:00", "15:20", "15:40"]
    first.refresh_from_db()
    assert first.sealed == ""


def test_an_unchanged_calendar_is_not_sent_again(doctor: Effecteur, server: CalendarServer) -> None:
    server.gives(make.ics(make.at_paris("20261117T140000", "20261117T150000")), ETag='"un"')
    feed = read(make.feed(doctor, server.address))

    read(feed, at=NOW + HOUR)

    assert "If-None-Match" not in server.asked[0].headers
    assert server.asked[1].headers["If-None-Match"] == '"un"'
    assert (feed.succeeded_at, feed.readings.count(), feed.busy.count()) == (NOW + HOUR, 1, 1)


def test_a_series_is_read_again_before_what_is_known_of_it_runs_out(doctor: Effecteur, server: CalendarServer) -> None:
    """The server says "not changed" for months; the weekly meeting must still be busy then."""
    weekly = make.at_paris("20261117T140000", "20261117T150000", "RRULE:FREQ=WEEKLY")
    server.gives(make.ics(weekly), ETag='"un"')
    feed = read(make.feed(doctor, server.address))

    for days in range(6, 61, 6):
        read(feed, at=NOW + timedelta(days=days))

    last = feed.busy.order_by("-during").first()
    assert last is not None
    assert last.during.lower > NOW + timedelta(days=60 + 14)
    assert sum("If-None-Match" not in asked.headers for asked in server.asked) < 8


def test_a_calendar_that_breaks_keeps_what_was_known_and_says_why(doctor: Effecteur, server: CalendarServer) -> None:
    """Complaint 18: synchronisation that breaks in silence, and deletes at the second pass."""
    server.gives(make.ics(make.at_paris("20261117T140000", "20261117T150000")))
    feed = read(make.feed(doctor, server.address))
    server.gives(b"<!DOCTYPE html><html>Connectez-vous</html>", Content_Type="text/html")

    later = NOW + HOUR
    read(feed, at=later)

    assert len(first_tuesday(doctor)) == 6
    assert (feed.failures, feed.pulled_at, feed.succeeded_at) == (1, later, NOW)
    assert feed.error.startswith("L’adresse donne une page web")
    (health,) = feeds_of(doctor.professional, sas=doctor.sas, at=later)
    assert (health.state, health.busy) == ("failing", 1)
    (health,) = feeds_of(doctor.professional, sas=doctor.sas, at=NOW + timedelta(hours=2, minutes=1))
    assert health.state == "stale"


def test_a_server_that_fails_is_asked_less_and_less_often(doctor: Effecteur, server: CalendarServer) -> None:
    server.gives(b"", 500)
    feed, at, waits = make.feed(doctor, server.address), NOW, []
    for _ in range(8):
        read(feed, at=at)
        waits.append(feed.next_pull_at - at)
        at = feed.next_pull_at

    assert [int(wait.total_seconds() // 60) for wait in waits] == [15, 30, 60, 120, 240, 360, 360, 360]
    assert waits[-1] == SLOWEST_RETRY
    assert feed.readings.count() == 1  # the same failure is written once

    server.gives(make.ics())
    read(feed, at=at)
    assert (feed.failures, feed.error) == (0, "")
    assert [reading.outcome for reading in feed.readings.order_by("pk")] == ["failed", "read"]


def test_only_feeds_whose_hour_has_come_are_read(doctor: Effecteur, server: CalendarServer) -> None:
    feed = make.feed(doctor, server.address)
    assert due_feeds(at=NOW) == [feed.pk]
    read(feed)
    read(feed, at=NOW + timedelta(minutes=5))
    assert len(server.asked) == 1
    assert due_feeds(at=NOW + timedelta(minutes=5)) == []
    assert due_feeds(at=NOW + timedelta(minutes=15)) == [feed.pk]


def test_what_was_read_is_never_rewritten(doctor: Effecteur, server: CalendarServer) -> None:
    reading = read(make.feed(doctor, server.address)).readings.get()
    for change in (reading.delete, reading.save):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            change()


def test_the_same_address_is_linked_once(doctor: Effecteur, server: CalendarServer) -> None:
    make.feed(doctor, server.address)
    with pytest.raises(Refusal, match="déjà relié"):
        make.feed(doctor, server.address)


def test_nobody_links_a_calendar_to_another_doctor(doctor: Effecteur, server: CalendarServer) -> None:
    other = offer.effecteur("Sorbier")
    feed = make.feed(doctor, server.address)
    with pytest.raises(NotFound):
        end_feed(feed, by=other.actor, at=NOW)


def test_a_caldav_collection_is_asked_for_its_window_with_its_password(
    doctor: Effecteur, server: CalendarServer
) -> None:
    server.gives(make.multistatus(make.ics(make.at_paris("20261117T140000", "20261117T150000")), make.ics()), 207)

    read(make.feed(doctor, server.address, kind="caldav", user="helene", password="quatre chevaux"))

    (asked,) = server.asked
    assert (asked.method, asked.headers["Depth"]) == ("REPORT", "1")
    assert asked.headers["Authorization"].startswith("Basic ")
    assert b'time-range start="20261115T230000Z" end="20261220T230000Z"' in asked.body
    assert len(first_tuesday(doctor)) == 6
