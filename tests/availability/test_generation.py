from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from quinze.availability.models import GenerationRun, Slot
from quinze.availability.operations import generate_slots
from tests.factories import availability as make
from tests.factories.availability import NOW

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.django_db
def test_slots_are_made_a_fortnight_ahead_in_local_time() -> None:
    doctor = make.effecteur()
    make.rule(doctor.place)

    run = generate_slots(at=NOW)

    slots = make.slots_of(doctor)
    assert run.created == len(slots) == 18  # nine on each of two Tuesdays
    assert [slot.starts_at.astimezone(PARIS).time() for slot in slots[:2]] == [time(14), time(14, 20)]
    assert GenerationRun.objects.get().created == 18


@pytest.mark.django_db
def test_a_second_run_changes_nothing() -> None:
    doctor = make.effecteur()
    make.rule(doctor.place)
    make.rule(doctor.place, weekdays=(3,), kind="plage", capacity=4)
    generate_slots(at=NOW)
    before = list(Slot.objects.order_by("pk").values())

    again = generate_slots(at=NOW)

    assert (again.created, again.changed, again.withdrawn, again.conflicts) == (0, 0, 0, 0)
    assert list(Slot.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_the_next_night_adds_one_day_and_leaves_what_has_begun() -> None:
    doctor = make.effecteur()
    make.rule(doctor.place, weekdays=(0,))
    generate_slots(at=NOW)

    later = generate_slots(at=NOW + timedelta(hours=8))  # 15:00 on Monday, three slots have begun
    next_night = generate_slots(at=NOW + timedelta(days=1))

    assert (later.created, later.withdrawn, later.conflicts) == (0, 0, 0)
    assert (next_night.created, next_night.withdrawn) == (9, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "departement", "now", "expected"),
    [
        # Clocks go back on Sunday 25 October 2026: 14:00 is 12:00 UTC before, 13:00 after.
        ("Europe/Paris", "86", datetime(2026, 10, 19, 1, tzinfo=UTC), [(20, 12), (27, 13)]),
        # And forward on Sunday 28 March 2027.
        ("Europe/Paris", "86", datetime(2027, 3, 22, 1, tzinfo=UTC), [(23, 13), (30, 12)]),
        ("Indian/Reunion", "974", datetime(2026, 10, 19, 1, tzinfo=UTC), [(20, 10), (27, 10)]),
        ("America/Guadeloupe", "971", datetime(2026, 10, 19, 12, tzinfo=UTC), [(20, 18), (27, 18)]),
        ("America/Miquelon", "975", datetime(2026, 10, 26, 12, tzinfo=UTC), [(27, 16), (3, 17)]),
        ("Pacific/Tahiti", "987", datetime(2026, 10, 19, 12, tzinfo=UTC), [(21, 0), (28, 0)]),
    ],
)
def test_a_tuesday_at_two_is_at_two_on_the_wall(
    zone: str, departement: str, now: datetime, expected: list[tuple[int, int]]
) -> None:
    doctor = make.effecteur(zone=zone, departement=departement)
    make.rule(doctor.place, valid_from=date(2026, 1, 1), kind="plage")

    generate_slots(at=now)

    slots = make.slots_of(doctor)
    assert [(slot.starts_at.day, slot.starts_at.hour) for slot in slots] == expected
    assert {slot.starts_at.astimezone(ZoneInfo(zone)).time() for slot in slots} == {time(14)}


@pytest.mark.django_db
def test_an_opening_across_the_night_of_the_change_keeps_its_real_minutes() -> None:
    doctor = make.effecteur()
    make.rule(doctor.place, weekdays=(6,), starts=time(1), ends=time(5), slot_minutes=60, valid_from=date(2027, 1, 1))

    generate_slots(at=datetime(2027, 3, 22, 1, tzinfo=UTC))

    first_sunday = [s for s in make.slots_of(doctor) if s.starts_at.astimezone(PARIS).date() == date(2027, 3, 28)]
    assert [s.starts_at.astimezone(PARIS).hour for s in first_sunday] == [1, 3, 4]  # 2:00 does not exist
    assert {s.ends_at - s.starts_at for s in first_sunday} == {timedelta(hours=1)}


@pytest.mark.django_db
def test_public_holidays_are_closed_unless_the_rule_says_otherwise() -> None:
    doctor = make.effecteur()
    make.rule(doctor.place, weekdays=(4,), starts=time(9), ends=time(10), slot_minutes=60)
    make.rule(doctor.place, weekdays=(4,), starts=time(10), ends=time(11), slot_minutes=60, on_holidays=True)

    generate_slots(at=datetime(2026, 12, 21, 1, tzinfo=UTC))  # Christmas and New Year fall on Fridays

    assert [slot.starts_at.astimezone(PARIS).hour for slot in make.slots_of(doctor)] == [10, 10]


@pytest.mark.django_db
def test_an_overseas_holiday_closes_overseas_only() -> None:
    reunion = make.effecteur("Hibiscus", zone="Indian/Reunion", departement="974")
    vienne = make.effecteur("Cormier")
    for doctor in (reunion, vienne):
        make.rule(doctor.place, weekdays=(6,), starts=time(9), ends=time(10), slot_minutes=60)

    generate_slots(at=datetime(2026, 12, 14, 1, tzinfo=UTC), days=7)  # abolition of slavery, Sunday 20 December

    assert len(make.slots_of(reunion)) == 0
    assert len(make.slots_of(vienne)) == 1


@pytest.mark.django_db
def test_one_week_in_two_is_counted_from_its_first_week() -> None:
    doctor = make.effecteur()
    make.rule(doctor.place, every_weeks=2, valid_from=date(2026, 11, 18), kind="plage")

    generate_slots(at=NOW, days=29)

    assert [slot.starts_at.date() for slot in make.slots_of(doctor)] == [date(2026, 12, 1)]


@pytest.mark.django_db
def test_the_slots_of_an_absent_doctor_are_not_made_and_a_plage_is_shortened() -> None:
    doctor = make.effecteur()
    make.rule(doctor.place, kind="plage", capacity=6)
    away_from = datetime(2026, 11, 17, 16, tzinfo=PARIS)
    make.absence(doctor.professional, away_from, away_from + timedelta(days=1))

    generate_slots(at=NOW, days=7)

    (plage,) = make.slots_of(doctor)
    assert (plage.ends_at, plage.capacity) == (away_from, 4)


@pytest.mark.django_db
def test_two_places_of_one_doctor_never_open_together() -> None:
    doctor = make.effecteur()
    elsewhere = make.make.place(doctor.professional, doctor.place.commune)
    make.rule(doctor.place)
    make.rule(elsewhere, starts=time(16), ends=time(18))

    run = generate_slots(at=NOW, days=7)

    assert (run.created, run.conflicts) == (12, 3)


@pytest.mark.django_db
def test_a_slot_of_another_agenda_is_left_alone() -> None:
    doctor = make.effecteur()
    start = datetime(2026, 11, 17, 9, tzinfo=PARIS)
    make.slot(doctor.place, start, start + timedelta(minutes=20), source="agenda", external_id="a1")
    make.rule(doctor.place)

    run = generate_slots(at=NOW, days=7)

    assert (run.created, run.withdrawn) == (9, 0)


@pytest.mark.django_db
def test_the_horizon_does_not_creep_forward_with_each_change() -> None:
    tahiti = make.effecteur("Tiaré", zone="Pacific/Tahiti", departement="987")
    paris = make.effecteur()
    for doctor in (tahiti, paris):
        for weekday in range(7):
            make.rule(doctor.place, weekdays=(weekday,), on_holidays=True)

    counts = [generate_slots(at=NOW, place_ids=[tahiti.place.pk, paris.place.pk]).created for _ in range(3)]

    assert counts == [9 * (13 + 14), 0, 0]  # Sunday is over in Tahiti


@pytest.mark.django_db
def test_slots_further_than_the_horizon_follow_their_rule() -> None:
    doctor = make.effecteur()
    row = make.rule(doctor.place)
    generate_slots(at=NOW, days=60)

    row.ended_at = NOW
    row.save()
    run = generate_slots(at=NOW)

    assert run.withdrawn > 18
    assert make.slots_of(doctor) == []


@pytest.mark.django_db
def test_a_run_reads_the_same_number_of_times_for_one_place_or_three(django_assert_num_queries: object) -> None:
    for _ in range(3):
        make.rule(make.effecteur().place)
    places = [rule.place_id for rule in make.OpeningRule.objects.all()]
    for some in (places[:1], places):
        with django_assert_num_queries(21):  # type: ignore[operator]
            generate_slots(at=NOW, place_ids=some)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_make_each_slot_once() -> None:
    doctor = make.effecteur()
    for weekday in range(5):
        make.rule(doctor.place, weekdays=(weekday,))
    start, faults = Barrier(2), []

    def run() -> None:
        try:
            start.wait()
            generate_slots(at=NOW)
        except Exception as fault:  # noqa: BLE001
            faults.append(fault)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    slots = make.slots_of(doctor)
    assert faults == []
    assert len(slots) == len({slot.starts_at for slot in slots}) == Slot.objects.count() == 90
