from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from quinze.availability.models import Absence, Slot
from quinze.availability.operations import AbsencePosted, add_absence, add_rule, generate_slots, withdraw_absence
from quinze.availability.queries import free_slots
from quinze.base import events
from quinze.base.errors import NotFound, Refusal
from tests.factories import availability as make
from tests.factories.availability import NOW, Effecteur

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2026, 11, 17, 14, tzinfo=PARIS)
pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor() -> Effecteur:
    """Tuesdays 14:00 to 17:00, slots made; the first Tuesday at 15:00 somebody is expected."""
    doctor = make.effecteur()
    add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW)
    make.give(make.slots_of(doctor)[3])
    return doctor


@pytest.fixture
def heard() -> Iterator[list[AbsencePosted]]:
    found: list[AbsencePosted] = []
    events.subscribe(AbsencePosted, found.append)
    yield found
    events._handlers[AbsencePosted].remove(found.append)


def test_an_absence_takes_its_slots_out_of_the_search_to_the_minute(doctor: Effecteur) -> None:
    posted = add_absence(
        doctor.professional,
        start=TUESDAY + timedelta(minutes=30),
        end=TUESDAY + timedelta(hours=2),
        by=doctor.actor,
        at=NOW,
    )

    free = free_slots(at=NOW, until=TUESDAY + timedelta(days=1), professional_ids=[doctor.professional.pk])
    assert [slot.starts_at - TUESDAY for slot in free] == [timedelta(minutes=m) for m in (0, 120, 140, 160)]
    assert posted.generation.withdrawn == 5  # 14:20 overlaps the beginning


def test_bookings_inside_stay_and_those_who_orient_are_told(doctor: Effecteur, heard: list[AbsencePosted]) -> None:
    posted = add_absence(doctor.professional, start=TUESDAY, by=doctor.actor, at=NOW)

    (booked,) = posted.to_replace
    assert (booked.starts_at, booked.taken, booked.status) == (TUESDAY + timedelta(hours=1), 1, Slot.Status.WITHDRAWN)
    assert posted.seats_to_replace == 1
    (event,) = heard
    assert event.slot_ids_with_patients == (booked.pk,)
    assert (event.professional_id, event.during.lower, event.during.upper) == (doctor.professional.pk, TUESDAY, None)


def test_until_further_notice_closes_every_night_that_follows(doctor: Effecteur) -> None:
    add_absence(doctor.professional, start=TUESDAY, by=doctor.actor, at=NOW)

    run = generate_slots(at=NOW + timedelta(days=20))

    assert run.created == 0
    assert make.slots_of(doctor) == []


def test_coming_back_offers_the_same_slots_again(doctor: Effecteur) -> None:
    before = {slot.pk: slot.taken for slot in make.slots_of(doctor)}
    posted = add_absence(doctor.professional, start=TUESDAY, by=doctor.actor, at=NOW)

    back = withdraw_absence(posted.absence, by=doctor.actor, at=NOW)

    assert {slot.pk: slot.taken for slot in make.slots_of(doctor)} == before
    assert (back.reopened, back.created) == (18, 0)
    with pytest.raises(Refusal, match="déjà été retirée"):
        withdraw_absence(posted.absence, by=doctor.actor, at=NOW)


def test_an_absence_at_one_place_leaves_the_other_open(doctor: Effecteur) -> None:
    elsewhere = make.make.place(doctor.professional, doctor.place.commune)
    add_rule(make.spec(elsewhere, weekdays=(2,)), by=doctor.actor, at=NOW)

    add_absence(doctor.professional, place=elsewhere, start=TUESDAY, by=doctor.actor, at=NOW)

    assert {slot.place_id for slot in make.slots_of(doctor)} == {doctor.place.pk}


def test_the_running_plage_is_cut_by_an_absence_from_now() -> None:
    doctor = make.effecteur()
    add_rule(make.spec(doctor.place, kind="plage", capacity=6), by=doctor.actor, at=NOW)
    at = TUESDAY + timedelta(hours=1)

    add_absence(doctor.professional, start=at, end=at + timedelta(hours=5), by=doctor.actor, at=at)

    free = free_slots(at=at, until=at + timedelta(days=1), professional_ids=[doctor.professional.pk])
    assert list(free) == []


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (TUESDAY, TUESDAY, "until"),
        (TUESDAY, TUESDAY - timedelta(hours=1), "until"),
        (NOW - timedelta(days=3), NOW - timedelta(days=2), "until"),
    ],
)
def test_an_absence_that_makes_no_sense_is_refused(
    doctor: Effecteur, start: datetime, end: datetime, field: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        add_absence(doctor.professional, start=start, end=end, by=doctor.actor, at=NOW)

    assert refusal.value.field == field
    assert not Absence.objects.exists()


def test_an_absence_inside_another_is_told(doctor: Effecteur) -> None:
    add_absence(doctor.professional, start=TUESDAY, by=doctor.actor, at=NOW)

    with pytest.raises(Refusal, match="déjà noté absent"):
        add_absence(doctor.professional, start=TUESDAY, end=TUESDAY + timedelta(days=1), by=doctor.actor, at=NOW)


def test_nobody_sends_another_doctor_away_or_brings_them_back(doctor: Effecteur) -> None:
    other = make.effecteur("Alisier")
    absence = make.absence(doctor.professional, TUESDAY)

    with pytest.raises(NotFound):
        add_absence(doctor.professional, start=TUESDAY, by=other.actor, at=NOW)
    with pytest.raises(NotFound):
        withdraw_absence(absence, by=other.actor, at=NOW)
    with pytest.raises(NotFound):
        add_absence(other.professional, place=doctor.place, start=TUESDAY, by=other.actor, at=NOW)

    absence.refresh_from_db()
    assert absence.withdrawn_at is None
    assert Absence.objects.count() == 1
