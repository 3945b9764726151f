"""An editor’s slots and our own live together; of one doctor at one time, one is shown."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from quinze.availability.models import Slot
from quinze.availability.operations import add_absence, add_rule, end_rule
from quinze.availability.operations.editors import EditorSlot, Received, receive_editor_slots
from quinze.availability.queries import free_slots
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from tests.factories import availability as make
from tests.factories import orientation
from tests.factories.availability import NOW, Effecteur

TUESDAY = datetime(2026, 11, 17, 14, tzinfo=ZoneInfo("Europe/Paris"))
WEEK = timedelta(days=7)
MINUTES = timedelta(minutes=1)
pytestmark = pytest.mark.django_db


def told(*minutes: int, lasts: int = 20, audience: str = "SNP") -> list[EditorSlot]:
    """From an editor, so many minutes after Tuesday 14:00."""
    return [
        EditorSlot(f"e{m}", TUESDAY + m * MINUTES, TUESDAY + (m + lasts) * MINUTES, audience=audience) for m in minutes
    ]


def receive(doctor: Effecteur, slots: list[EditorSlot]) -> Received:
    return receive_editor_slots(doctor.place, slots, source="editeur", since=NOW, until=NOW + WEEK)


def shown(doctor: Effecteur) -> list[tuple[int, str]]:
    slots = free_slots(at=NOW, until=NOW + WEEK, professional_ids=[doctor.professional.pk])
    return [(int((slot.starts_at - TUESDAY).total_seconds() // 60), slot.source) for slot in slots]


@pytest.fixture
def doctor() -> Effecteur:
    return make.effecteur()


def test_the_same_hour_is_shown_once_and_as_our_own(doctor: Effecteur) -> None:
    receive(doctor, told(-30, 0, 10, 180))
    assert shown(doctor) == [(-30, "editeur"), (0, "editeur"), (180, "editeur")]  # 10 overlaps 0: one at a time

    add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW)

    ours = [(m, "quinze") for m in range(0, 180, 20)]
    assert shown(doctor) == [(-30, "editeur"), *ours, (180, "editeur")]


def test_an_editors_slot_received_over_ours_waits_and_comes_back_when_ours_goes(doctor: Effecteur) -> None:
    rules = add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW).rules
    assert receive(doctor, told(0, 20, 200)) == Received(open=1, doubled=2, withdrawn=0)

    end_rule(rules, by=doctor.actor, at=NOW)

    assert shown(doctor) == [(0, "editeur"), (20, "editeur"), (200, "editeur")]


def test_an_hour_given_in_the_editors_agenda_is_not_opened_again_by_a_rule(doctor: Effecteur) -> None:
    receive(doctor, told(0))
    make.give(Slot.objects.get(external_id="e0"))

    add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW)

    assert shown(doctor)[0] == (20, "quinze")


def test_an_editors_slot_stays_hidden_while_somebody_is_expected_in_ours(doctor: Effecteur) -> None:
    add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW)
    receive(doctor, told(0))
    make.give(make.slots_of(doctor)[0])
    add_absence(doctor.professional, start=TUESDAY, end=TUESDAY + 60 * MINUTES, by=doctor.actor, at=NOW)

    assert (0, "editeur") not in shown(doctor)


def test_what_the_editor_no_longer_says_is_withdrawn_and_its_booking_stays(doctor: Effecteur) -> None:
    receive(doctor, told(0, 20))
    booked = make.give(Slot.objects.get(external_id="e0"))

    assert receive(doctor, told(20)) == Received(open=1, doubled=0, withdrawn=1)

    booked.refresh_from_db()
    assert (booked.status, booked.taken) == (Slot.Status.WITHDRAWN, 1)
    assert receive(doctor, told(20)) == Received(open=1, doubled=0, withdrawn=0)


def test_postgresql_refuses_two_open_slots_of_a_doctor_whoever_published_them(doctor: Effecteur) -> None:
    make.slot(doctor.place, TUESDAY, TUESDAY + 20 * MINUTES)
    with pytest.raises(Refusal, match="déjà un créneau à cette heure"), refuse_violations():
        make.slot(doctor.place, TUESDAY + 5 * MINUTES, TUESDAY + 25 * MINUTES, source="editeur", external_id="x")


def test_the_search_shows_the_hour_once_and_books_ours() -> None:
    land = orientation.territory()
    place = orientation.doctor(land, "Cormier")
    ours = orientation.slot(place, 4)
    told_too = EditorSlot("e", ours.starts_at, ours.ends_at, audience="SNP")
    later = EditorSlot("l", ours.starts_at + timedelta(hours=2), ours.ends_at + timedelta(hours=2), audience="SNP")
    receive_editor_slots(place, [told_too, later], source="editeur", since=orientation.AT, until=orientation.AT + WEEK)

    request = orientation.request(land)
    first = orientation.searched(request, land).first

    assert first is not None
    assert [slot.id for slot in first.slots] == [ours.pk, Slot.objects.get(external_id="l").pk]
    assert orientation.booked(request, place, ours, land).slot == ours
