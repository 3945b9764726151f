from collections.abc import Callable
from datetime import datetime
from threading import Event, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from quinze.availability.models import OpeningRule, Slot
from quinze.availability.operations import PostedAbsence, add_absence, add_rule, change_rule, generate_slots
from quinze.base.errors import Refusal
from tests.factories import availability as make
from tests.factories.availability import NOW

TUESDAY = datetime(2026, 11, 17, 14, tzinfo=ZoneInfo("Europe/Paris"))
pytestmark = pytest.mark.django_db(transaction=True)


class Other(Thread):
    """The same program on another connection."""

    def __init__(self, act: Callable[[], Any]) -> None:
        super().__init__()
        self.act, self.answer, self.fault = act, None, None
        self.begun = Event()
        self.start()
        self.begun.wait()

    def run(self) -> None:
        self.begun.set()
        try:
            self.answer = self.act()
        except Exception as fault:  # noqa: BLE001
            self.fault = fault
        finally:
            connection.close()

    def waits(self) -> bool:
        self.join(0.4)
        return self.is_alive()


def test_a_seat_given_while_the_absence_is_posted_is_counted_in_it() -> None:
    doctor = make.effecteur()
    add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW)
    slot = make.slots_of(doctor)[0]

    with transaction.atomic():
        make.give(slot)
        other = Other(lambda: add_absence(doctor.professional, start=TUESDAY, by=doctor.actor, at=NOW))
        assert other.waits()
    other.join()

    posted: PostedAbsence = other.answer
    assert [late.pk for late in posted.to_replace] == [slot.pk]
    assert make.slots_of(doctor) == []


def test_a_seat_of_a_slot_being_withdrawn_is_not_given() -> None:
    doctor = make.effecteur()
    add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW)
    slot = make.slots_of(doctor)[0]

    def take() -> int:  # as the bookings' own trigger does
        return Slot.objects.filter(pk=slot.pk, status="open").update(taken=1)

    with transaction.atomic():
        add_absence(doctor.professional, start=TUESDAY, by=doctor.actor, at=NOW)
        other = Other(take)
        assert other.waits()
    other.join()

    assert other.answer == 0


def test_the_nightly_run_waits_for_a_change_of_rule_and_reads_it() -> None:
    doctor = make.effecteur()
    rules = add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW).rules

    with transaction.atomic():
        change_rule(rules, spec=make.spec(doctor.place, weekdays=(4,)), by=doctor.actor, at=NOW)
        other = Other(lambda: generate_slots(at=NOW))
        assert other.waits()
    other.join()

    assert other.fault is None
    assert {slot.starts_at.weekday() for slot in make.slots_of(doctor)} == {4}
    assert other.answer.created == 0


def test_two_rules_that_overlap_stated_at_once_end_as_one() -> None:
    doctor = make.effecteur()

    with transaction.atomic():
        add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW)
        other = Other(lambda: add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW))
        assert other.waits()
    other.join()

    assert isinstance(other.fault, Refusal)
    assert other.fault.code == "overlap"
    assert OpeningRule.objects.count() == 1
