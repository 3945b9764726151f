"""One date of a rule, or that date and those that follow."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from quinze.availability.models import OpeningRule, Slot
from quinze.availability.opening import spec_of
from quinze.availability.operations import (
    RuleChange,
    add_rule,
    cancel_occurrence,
    change_following,
    change_occurrence,
    change_rule,
    end_following,
    end_rule,
    generate_slots,
    restore_occurrence,
)
from quinze.base.errors import NotFound, Refusal
from tests.factories import availability as make
from tests.factories.availability import NOW, Effecteur

PARIS = ZoneInfo("Europe/Paris")
FIRST, SECOND = date(2026, 11, 17), date(2026, 11, 24)  # the two Tuesdays whose slots are made
pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor() -> Effecteur:
    return make.effecteur()


@pytest.fixture
def rules(doctor: Effecteur) -> list[OpeningRule]:
    return add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW).rules


def opened(doctor: Effecteur) -> dict[date, list[str]]:
    """Hours offered, by local day."""
    found: dict[date, list[str]] = {}
    for slot in make.slots_of(doctor):
        local = slot.starts_at.astimezone(PARIS)
        found.setdefault(local.date(), []).append(f"{local:%H:%M}")
    return found


def in_force() -> list[OpeningRule]:
    return list(OpeningRule.objects.filter(ended_at__isnull=True).order_by("pk"))


def test_one_date_is_cancelled_and_the_others_stay(doctor: Effecteur, rules: list[OpeningRule]) -> None:
    done = cancel_occurrence(rules, day=FIRST, by=doctor.actor, at=NOW)

    assert list(opened(doctor)) == [SECOND]
    assert (done.generation.withdrawn, done.generation.created) == (9, 0)
    assert [rule.except_days for rule in in_force()] == [[FIRST]]
    assert generate_slots(at=NOW).created == 0  # the night does not bring it back


def test_one_date_is_shortened(doctor: Effecteur, rules: list[OpeningRule]) -> None:
    instead = make.spec(doctor.place, day=FIRST, ends=time(15))

    done = change_occurrence(rules, day=FIRST, instead=instead, by=doctor.actor, at=NOW)

    assert opened(doctor)[FIRST] == ["14:00", "14:20", "14:40"]
    assert len(opened(doctor)[SECOND]) == 9
    assert (done.generation.withdrawn, done.generation.created, done.generation.reopened) == (6, 0, 0)


def test_one_date_is_moved_to_another_day(doctor: Effecteur, rules: list[OpeningRule]) -> None:
    instead = make.spec(doctor.place, day=date(2026, 11, 19), starts=time(9), ends=time(10))

    change_occurrence(rules, day=FIRST, instead=instead, by=doctor.actor, at=NOW)

    assert {day: hours[0] for day, hours in opened(doctor).items()} == {date(2026, 11, 19): "09:00", SECOND: "14:00"}


def test_a_date_moved_onto_another_opening_is_refused_and_nothing_is_lost(
    doctor: Effecteur, rules: list[OpeningRule]
) -> None:
    instead = make.spec(doctor.place, day=SECOND, starts=time(16), ends=time(18))

    with pytest.raises(Refusal, match="recouvrent"), transaction.atomic():
        change_occurrence(rules, day=FIRST, instead=instead, by=doctor.actor, at=NOW)

    assert in_force() == rules
    assert len(make.slots_of(doctor)) == 18


def test_a_cancelled_date_is_put_back_with_the_same_slots(doctor: Effecteur, rules: list[OpeningRule]) -> None:
    before = [slot.pk for slot in make.slots_of(doctor)]
    cancelled = cancel_occurrence(rules, day=FIRST, by=doctor.actor, at=NOW)

    restore_occurrence(cancelled.rules, day=FIRST, by=doctor.actor, at=NOW)

    assert [slot.pk for slot in make.slots_of(doctor)] == before
    with pytest.raises(Refusal, match="n’était pas retirée"):
        restore_occurrence(in_force(), day=FIRST, by=doctor.actor, at=NOW)


def test_this_and_the_following_change_and_the_past_of_the_rule_stays(
    doctor: Effecteur, rules: list[OpeningRule]
) -> None:
    later = make.spec(doctor.place, starts=time(9), ends=time(10))

    change_following(rules, day=SECOND, spec=later, by=doctor.actor, at=NOW)

    assert {day: hours[0] for day, hours in opened(doctor).items()} == {FIRST: "14:00", SECOND: "09:00"}
    before, after = in_force()
    assert (before.valid_until, after.valid_from) == (SECOND - timedelta(days=1), SECOND)
    assert rules[0].pk not in (before.pk, after.pk)


def test_one_week_in_two_keeps_its_weeks_when_it_is_split(doctor: Effecteur) -> None:
    spec = make.spec(doctor.place, weekdays=(1, 3), every_weeks=2, valid_from=date(2026, 11, 3))
    rules = add_rule(spec, by=doctor.actor, at=NOW).rules

    change_following(rules, day=date(2026, 11, 19), spec=replace(spec, ends=time(15)), by=doctor.actor, at=NOW)
    generate_slots(at=NOW, days=35)

    assert {day: len(hours) for day, hours in opened(doctor).items()} == {
        date(2026, 11, 17): 9,
        date(2026, 11, 19): 3,
        date(2026, 12, 1): 3,
        date(2026, 12, 3): 3,
        date(2026, 12, 15): 3,
        date(2026, 12, 17): 3,
    }


def test_a_rule_stops_from_a_date_on(doctor: Effecteur, rules: list[OpeningRule]) -> None:
    end_following(rules, day=SECOND, by=doctor.actor, at=NOW)
    assert list(opened(doctor)) == [FIRST]
    end_following(in_force(), day=FIRST, by=doctor.actor, at=NOW)
    assert opened(doctor) == {}


def test_dates_taken_out_follow_the_rule_when_it_is_split(doctor: Effecteur, rules: list[OpeningRule]) -> None:
    pierced = cancel_occurrence(rules, day=SECOND, by=doctor.actor, at=NOW).rules

    change_following(pierced, day=FIRST, spec=make.spec(doctor.place, ends=time(15)), by=doctor.actor, at=NOW)

    assert {day: len(hours) for day, hours in opened(doctor).items()} == {FIRST: 3}


def test_a_date_taken_out_does_not_hide_that_two_rules_collide(doctor: Effecteur, rules: list[OpeningRule]) -> None:
    (pierced,) = cancel_occurrence(rules, day=FIRST, by=doctor.actor, at=NOW).rules
    pierced.refresh_from_db()
    assert pierced.valid_from <= FIRST

    with pytest.raises(Refusal, match="recouvrent"):
        add_rule(make.spec(doctor.place, valid_from=FIRST), by=doctor.actor, at=NOW)


@pytest.mark.parametrize(
    ("day", "said"), [(date(2026, 11, 18), "n’ouvre pas le 18/11/2026"), (date(2026, 11, 10), "est passée")]
)
def test_a_day_of_another_kind_is_refused(doctor: Effecteur, rules: list[OpeningRule], day: date, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        cancel_occurrence(rules, day=day, by=doctor.actor, at=NOW)
    assert in_force() == rules


def test_nobody_cancels_a_date_of_another_doctor(rules: list[OpeningRule]) -> None:
    other = make.effecteur("Alisier")
    for act in (cancel_occurrence, restore_occurrence, end_following):
        with pytest.raises(NotFound):
            act(rules, day=FIRST, by=other.actor, at=NOW)
    assert in_force() == rules


Edit = Callable[[list[OpeningRule], Effecteur], RuleChange]
EDITS: dict[str, Edit] = {
    "shorter slots": lambda rules, d: change_rule(rules, spec=make.spec(d.place, slot_minutes=30), by=d.actor, at=NOW),
    "another day": lambda rules, d: change_rule(rules, spec=make.spec(d.place, weekdays=(2,)), by=d.actor, at=NOW),
    "for one's own patients": lambda rules, d: change_rule(
        rules, spec=make.spec(d.place, audience="OWN", new_patients=False), by=d.actor, at=NOW
    ),
    "a pause": lambda rules, d: change_rule(rules, spec=make.spec(d.place, buffer_minutes=7), by=d.actor, at=NOW),
    "ended": lambda rules, d: end_rule(rules, by=d.actor, at=NOW),
    "date cancelled": lambda rules, d: cancel_occurrence(rules, day=FIRST, by=d.actor, at=NOW),
    "date moved": lambda rules, d: change_occurrence(
        rules, day=FIRST, instead=make.spec(d.place, day=date(2026, 11, 20)), by=d.actor, at=NOW
    ),
    "split": lambda rules, d: change_following(
        rules, day=FIRST, spec=make.spec(d.place, starts=time(15)), by=d.actor, at=NOW
    ),
    "stopped": lambda rules, d: end_following(rules, day=FIRST, by=d.actor, at=NOW),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_complaint_14_no_way_of_editing_a_rule_deletes_or_moves_a_booked_slot(
    doctor: Effecteur, rules: list[OpeningRule], edit: Edit
) -> None:
    booked = make.give(make.slots_of(doctor)[1])
    before = Slot.objects.values("place", "starts_at", "ends_at", "taken").get(pk=booked.pk)

    edit(rules, doctor)
    generate_slots(at=NOW)

    assert Slot.objects.values("place", "starts_at", "ends_at", "taken").get(pk=booked.pk) == before
    overlapping = Slot.objects.filter(professional=doctor.professional, during__overlap=booked.during, status="open")
    assert not overlapping.exclude(pk=booked.pk).exists()  # nor is anything offered across it


def test_what_a_slot_was_made_from_can_always_be_read(doctor: Effecteur, rules: list[OpeningRule]) -> None:
    end_rule(rules, by=doctor.actor, at=NOW)
    assert {slot.rule_id for slot in Slot.objects.all()} == {rules[0].pk}
    assert spec_of(list(OpeningRule.objects.all())).title == "Mardi 14:00 à 17:00"
