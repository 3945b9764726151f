"""A reading against a booking, an absence, another reading, an editor: on two connections."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from quinze.availability.models import BusyTime, CalendarFeed, CalendarLink, FeedReading, Slot
from quinze.availability.operations import add_rule
from quinze.availability.operations.editors import EditorSlot, receive_editor_slots
from quinze.availability.operations.feeds import Found, end_feed, record_reading, renew_link
from tests.availability.test_races import Other
from tests.factories import availability as make
from tests.factories import calendars
from tests.factories.availability import NOW, Effecteur

TUESDAY = datetime(2026, 11, 17, 14, tzinfo=ZoneInfo("Europe/Paris"))
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db(transaction=True)


def found(*hours: int) -> Found:
    """Busy for an hour, so many hours after Tuesday 14:00."""
    busy = frozenset((TUESDAY + h * HOUR, TUESDAY + (h + 1) * HOUR, False) for h in hours)
    return Found(busy, len(hours), 0, 100, str(hours), NOW + timedelta(days=35))


def linked() -> tuple[Effecteur, CalendarFeed]:
    doctor = make.effecteur()
    add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW)
    return doctor, calendars.feed(doctor, "https://127.0.0.1/a.ics")


def test_a_seat_of_a_slot_that_a_reading_withdraws_is_not_given() -> None:
    doctor, feed = linked()
    slot = make.slots_of(doctor)[0]
    with transaction.atomic():
        record_reading(feed.pk, found(0), at=NOW)
        other = Other(lambda: Slot.objects.filter(pk=slot.pk, status="open").update(taken=1))
        assert other.waits()
    other.join()
    assert other.answer == 0


def test_a_seat_given_first_is_kept_by_the_reading() -> None:
    doctor, feed = linked()
    slot = make.slots_of(doctor)[0]
    with transaction.atomic():
        make.give(slot)
        other = Other(lambda: record_reading(feed.pk, found(0), at=NOW))
        assert other.waits()
    other.join()
    slot.refresh_from_db()
    assert (slot.status, slot.taken, other.answer.with_patients) == ("withdrawn", 1, (slot.pk,))


def test_two_readings_of_one_feed_follow_each_other() -> None:
    doctor, feed = linked()
    with transaction.atomic():
        record_reading(feed.pk, found(0), at=NOW)
        other = Other(lambda: record_reading(feed.pk, found(0, 1), at=NOW + HOUR))
        assert other.waits()
    other.join()
    assert other.fault is None
    assert (BusyTime.objects.count(), FeedReading.objects.count()) == (2, 2)
    assert len([slot for slot in make.slots_of(doctor) if slot.starts_at < TUESDAY + 5 * HOUR]) == 3


def test_a_feed_detached_while_it_is_read_leaves_no_busy_time() -> None:
    doctor, feed = linked()
    with transaction.atomic():
        end_feed(feed, by=doctor.actor, at=NOW)
        other = Other(lambda: record_reading(feed.pk, found(0), at=NOW))
        assert other.waits()
    other.join()
    assert other.fault is None
    assert not BusyTime.objects.exists()
    assert len(make.slots_of(doctor)) == 18


def test_a_rule_and_an_editor_at_once_leave_one_open_slot_at_a_time() -> None:
    doctor = make.effecteur()
    told = [EditorSlot("e", TUESDAY, TUESDAY + HOUR)]
    until = NOW + timedelta(days=7)
    with transaction.atomic():
        add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW)
        other = Other(lambda: receive_editor_slots(doctor.place, told, source="editeur", since=NOW, until=until))
        assert other.waits()
    other.join()
    assert other.answer.doubled == 1
    assert {slot.source for slot in make.slots_of(doctor)} == {"quinze"}


def test_two_taps_on_a_new_address_leave_one() -> None:
    doctor = make.effecteur()
    make_one = {"with_initials": False, "with_slots": True, "by": doctor.actor, "at": NOW}
    with transaction.atomic():
        renew_link(doctor.professional, **make_one)  # type: ignore[arg-type]
        other = Other(lambda: renew_link(doctor.professional, **make_one))  # type: ignore[arg-type]
        assert other.waits()
    other.join()
    assert CalendarLink.objects.filter(ended_at__isnull=True).count() == 1
    assert CalendarLink.objects.count() == 2
