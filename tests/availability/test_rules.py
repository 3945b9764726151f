from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from quinze.availability.models import OpeningRule, Slot
from quinze.availability.opening import collide, spec_of
from quinze.availability.operations import add_rule, change_rule, end_rule
from quinze.availability.operations.preview import preview_rule
from quinze.base.errors import NotFound, Refusal
from tests.factories import availability as make
from tests.factories.availability import NOW

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2026, 11, 17, 14, tzinfo=PARIS)
pytestmark = pytest.mark.django_db


def test_a_rule_on_two_days_makes_its_slots_at_once() -> None:
    doctor = make.effecteur()

    done = add_rule(make.spec(doctor.place, weekdays=(1, 3)), by=doctor.actor, at=NOW)

    assert [rule.weekday for rule in done.rules] == [1, 3]
    assert done.generation.created == len(make.slots_of(doctor)) == 36
    assert spec_of(done.rules).title == "Mardi et jeudi 14:00 à 17:00"


def test_changing_a_rule_keeps_booked_slots_and_replaces_the_others() -> None:
    doctor = make.effecteur()
    rules = add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW).rules
    booked = make.give(make.slots_of(doctor)[1])  # Tuesday 14:20

    done = change_rule(rules, spec=make.spec(doctor.place, slot_minutes=30), by=doctor.actor, at=NOW)

    booked.refresh_from_db()
    assert (booked.taken, booked.status) == (1, Slot.Status.WITHDRAWN)
    assert done.generation.with_patients == (booked.pk,)
    first_day = [s.starts_at for s in make.slots_of(doctor) if s.starts_at.date() == TUESDAY.date()]
    assert first_day == [TUESDAY + timedelta(hours=1, minutes=30 * n) for n in range(4)]  # 14:00 and 14:30 touch 14:20
    assert done.generation.conflicts == 2


def test_a_booked_slot_that_the_new_rule_still_wants_stays_offered_as_it_is() -> None:
    doctor = make.effecteur()
    spec = make.spec(doctor.place, kind="plage", capacity=4)
    rules = add_rule(spec, by=doctor.actor, at=NOW).rules
    plage = make.give(make.slots_of(doctor)[0], 3)

    done = change_rule(rules, spec=replace(spec, capacity=2, audience="PRO"), by=doctor.actor, at=NOW)

    plage.refresh_from_db()
    assert (plage.status, plage.taken, plage.capacity, plage.audience) == ("open", 3, 3, "PRO")
    assert plage.rule == done.rules[0]


def test_a_seat_freed_after_the_end_of_its_rule_is_not_offered_again() -> None:
    doctor = make.effecteur()
    rules = add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW).rules
    booked = make.give(make.slots_of(doctor)[0])

    done = end_rule(rules, by=doctor.actor, at=NOW)
    make.give(booked, -1)

    assert done.generation.withdrawn == 18
    assert make.slots_of(doctor) == []
    assert OpeningRule.objects.get().ended_at == NOW


def test_slots_of_a_rule_stated_again_are_the_same_slots() -> None:
    doctor = make.effecteur()
    rules = add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW).rules
    make.give(make.slots_of(doctor)[0])
    before = [slot.pk for slot in make.slots_of(doctor)]
    end_rule(rules, by=doctor.actor, at=NOW)

    again = add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW)

    assert [slot.pk for slot in make.slots_of(doctor)] == before
    assert (again.generation.reopened, again.generation.created) == (18, 0)


def test_two_rules_of_one_doctor_never_overlap_even_at_two_places() -> None:
    doctor = make.effecteur()
    elsewhere = make.make.place(doctor.professional, doctor.place.commune, name="Antenne de Lusignan")
    add_rule(make.spec(elsewhere), by=doctor.actor, at=NOW)

    with pytest.raises(Refusal) as refusal:
        add_rule(make.spec(doctor.place, weekdays=(1, 4), starts=time(16), ends=time(18)), by=doctor.actor, at=NOW)

    assert (refusal.value.field, refusal.value.code) == ("starts", "overlap")
    assert "« Mardi 14:00 à 17:00 » (Antenne de Lusignan)" in refusal.value.message
    assert OpeningRule.objects.count() == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({}, {"starts": time(17), "ends": time(18)}, False),
        ({}, {"starts": time(16, 59), "ends": time(18)}, True),
        ({}, {"weekdays": (2,)}, False),
        ({}, {"day": date(2026, 11, 24)}, True),
        ({}, {"day": date(2026, 11, 25)}, False),
        ({"valid_until": date(2026, 11, 30)}, {"valid_from": date(2026, 12, 1)}, False),
        ({"valid_until": date(2026, 12, 1)}, {"valid_from": date(2026, 12, 1)}, True),
        # One week in two, on opposite weeks, then on the same ones.
        (
            {"every_weeks": 2, "valid_from": date(2026, 11, 2)},
            {"every_weeks": 2, "valid_from": date(2026, 11, 9)},
            False,
        ),
        (
            {"every_weeks": 2, "valid_from": date(2026, 11, 2)},
            {"every_weeks": 2, "valid_from": date(2026, 11, 16)},
            True,
        ),
        (
            {"every_weeks": 2, "valid_from": date(2026, 11, 2)},
            {"every_weeks": 3, "valid_from": date(2026, 11, 9)},
            True,
        ),
    ],
)
def test_collisions(one: dict[str, object], other: dict[str, object], expected: bool) -> None:
    doctor = make.effecteur()
    rows = [make.spec(doctor.place, **fields).rows()[0] for fields in (one, other)]

    assert collide(*rows) is expected
    assert collide(*reversed(rows)) is expected


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"weekdays": ()}, "weekdays"),
        ({"day": date(2026, 11, 15)}, "day"),
        ({"ends": time(14)}, "ends"),
        ({"ends": time(13)}, "ends"),
        ({"ends": time(14, 15)}, "slot_minutes"),
        ({"valid_until": date(2026, 11, 2)}, "valid_until"),
        ({"audience": "CPTS"}, "cpts"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_beside_its_field(fields: dict[str, object], field: str) -> None:
    doctor = make.effecteur()

    with pytest.raises(Refusal) as refusal:
        add_rule(make.spec(doctor.place, **fields), by=doctor.actor, at=NOW)

    assert refusal.value.field == field
    assert not OpeningRule.objects.exists()


def test_nobody_touches_the_place_of_another_doctor() -> None:
    owner, other = make.effecteur("Cormier"), make.effecteur("Alisier")
    rules = add_rule(make.spec(owner.place), by=owner.actor, at=NOW).rules
    before = [slot.pk for slot in make.slots_of(owner)]

    for attempt in (
        lambda: add_rule(make.spec(owner.place, weekdays=(2,)), by=other.actor, at=NOW),
        lambda: change_rule(rules, spec=make.spec(other.place), by=other.actor, at=NOW),
        lambda: change_rule(rules, spec=make.spec(owner.place), by=other.actor, at=NOW),
        lambda: end_rule(rules, by=other.actor, at=NOW),
    ):
        with pytest.raises(NotFound):
            attempt()

    assert [slot.pk for slot in make.slots_of(owner)] == before
    assert OpeningRule.objects.get().ended_at is None


def test_a_rule_changed_in_another_window_is_not_changed_twice() -> None:
    doctor = make.effecteur()
    rules = add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW).rules
    change_rule(rules, spec=make.spec(doctor.place, weekdays=(2,)), by=doctor.actor, at=NOW)

    with pytest.raises(Refusal, match="déjà été changée"):
        change_rule(rules, spec=make.spec(doctor.place, weekdays=(4,)), by=doctor.actor, at=NOW)

    assert [rule.weekday for rule in OpeningRule.objects.filter(ended_at__isnull=True)] == [2]


def test_the_effect_is_told_before_saving_and_nothing_is_written() -> None:
    doctor = make.effecteur()
    rules = add_rule(make.spec(doctor.place, weekdays=(1, 3)), by=doctor.actor, at=NOW).rules
    thursday = [slot for slot in make.slots_of(doctor) if slot.starts_at.weekday() == 3]
    make.give(thursday[0])

    spec = make.spec(doctor.place, weekdays=(1,))
    effect = preview_rule(spec, replacing=rules, participation=doctor.participation, by=doctor.actor, at=NOW)

    assert len(effect.vanishing) == 18
    assert effect.appearing == []
    assert effect.patients_kept == 1
    assert effect.hours_a_week == 3
    assert effect.first == datetime(2026, 11, 19, 14, tzinfo=PARIS)
    assert len(make.slots_of(doctor)) == 36
