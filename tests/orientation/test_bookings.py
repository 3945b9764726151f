from datetime import timedelta

import pytest

from quinze.availability.models import Slot
from quinze.base.errors import Conflict, Refusal
from quinze.orientation import links, operations, queries
from quinze.orientation.models import Booking, Message
from tests.factories import orientation as make

AT = make.AT
pytestmark = pytest.mark.django_db


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


def status(row: object) -> str:
    row.refresh_from_db()
    return row.status


def free(slot: Slot) -> bool:
    slot.refresh_from_db()
    return slot.taken < slot.capacity


def test_a_booking_tells_the_chronology_the_patient_and_the_doctor(land: make.Territory):
    place = make.doctor(land, "Cormier", email="cabinet@exemple.test")
    request = make.request(land)
    booking = make.booked(request, place, make.slot(place, 4 + 1 / 3), land)
    assert status(request) == "booked"
    assert queries.events_of(request).last().text == (
        "Rendez-vous pris : Dr Hélène Cormier, mar. 17 nov. à 14 h 20, Poitiers"
    )
    sent = {(row.channel, row.purpose): row for row in Message.objects.all()}
    assert sent.keys() == {("sms", "confirmation"), ("email", "confirmation"), ("email", "doctor_notice")}
    sms = sent["sms", "confirmation"]
    assert sms.recipient == "+33639984127"
    assert links.cancel_path(booking.pk) in sms.body
    assert len(sms.body) <= 160
    assert "Pinson" not in "".join(row.body + row.subject for row in sent.values())


def test_told_on_the_telephone_it_is_confirmed_at_once(land: make.Territory):
    place = make.doctor(land)
    booking = make.booked(make.request(land), place, make.slot(place), land, told=True, notify=())
    assert [row.status for row in queries.statuses_of(booking)] == ["held", "booked", "confirmed"]
    assert not Message.objects.exists()


def test_the_patient_cancels_by_the_link_and_the_request_waits_again(land: make.Territory):
    place = make.doctor(land)
    seat = make.slot(place)
    request = make.request(land)
    booking = make.booked(request, place, seat, land)
    token = links.cancel_token(booking.pk)
    operations.cancel_by_link(token, at=AT)
    assert (status(booking), status(request), free(seat)) == ("cancelled", "waiting", True)
    assert queries.statuses_of(booking).last().by_kind == "patient"
    with pytest.raises(Refusal, match="déjà annulé") as refused:
        operations.cancel_by_link(token, at=AT)
    assert refused.value.code == "already_cancelled"
    assert status(make.booked(request, place, seat, land)) == "booked"


def test_a_link_altered_or_too_old_cancels_nothing(land: make.Territory):
    place = make.doctor(land)
    booking = make.booked(make.request(land), place, make.slot(place, 2), land)
    token = links.cancel_token(booking.pk)
    with pytest.raises(Refusal, match="altéré"):
        operations.cancel_by_link(token[:-1] + ("A" if token[-1] != "A" else "B"), at=AT)
    with pytest.raises(Refusal, match="ne sert plus"):
        operations.cancel_by_link(token, at=AT + timedelta(hours=3))
    assert status(booking) == "booked"


def test_the_link_follows_an_appointment_that_was_moved(land: make.Territory):
    place = make.doctor(land)
    old, new = make.slot(place, 2), make.slot(place, 5)
    booking = make.booked(make.request(land), place, old, land)
    moved = operations.move(booking=booking, slot=new.pk, by=land.osnp, at=AT)
    operations.cancel_by_link(links.cancel_token(booking.pk), at=AT)
    assert (status(booking), status(moved), free(new)) == ("moved", "cancelled", True)


def test_a_cancellation_by_the_doctor_says_why_and_warns_the_patient(land: make.Territory):
    place = make.doctor(land)
    booking = make.booked(make.request(land), place, make.slot(place), land, notify=())
    with pytest.raises(Refusal) as refused:
        operations.cancel(booking=booking, by_kind="doctor", at=AT, by=land.doctor)
    assert refused.value.field == "reason"
    operations.cancel(booking=booking, by_kind="doctor", reason="urgence", at=AT, by=land.doctor)
    assert set(Message.objects.values_list("purpose", flat=True)) == {"cancellation"}


def test_cancelling_twice_changes_nothing_the_second_time(land: make.Territory):
    place = make.doctor(land)
    booking = make.booked(make.request(land), place, make.slot(place), land)
    operations.cancel(booking=booking, by_kind="staff", reason="erreur", at=AT, by=land.osnp)
    with pytest.raises(Conflict) as refused:
        operations.cancel(booking=booking, by_kind="staff", reason="erreur", at=AT, by=land.osnp)
    assert refused.value.code == "already_cancelled"


def test_after_the_deadline_a_cancelled_request_is_closed(land: make.Territory):
    place = make.doctor(land)
    request = make.request(land, hours=3)
    booking = make.booked(request, place, make.slot(place, 2.9, minutes=60), land)
    operations.cancel(
        booking=booking, by_kind="staff", reason="guéri", at=AT + timedelta(hours=3, minutes=10), by=land.osnp
    )
    assert status(request) == "closed"


def test_a_move_frees_the_old_seat_and_takes_the_new_one(land: make.Territory):
    place = make.doctor(land)
    old, new = make.slot(place, 2), make.slot(place, 5)
    booking = make.booked(make.request(land), place, old, land)
    moved = operations.move(booking=booking, slot=new.pk, by=land.osnp, at=AT)
    booking.refresh_from_db()
    assert (booking.status, booking.moved_to_id, moved.status) == ("moved", moved.pk, "booked")
    assert (free(old), free(new)) == (True, False)


def test_a_move_to_a_seat_just_lost_changes_nothing(land: make.Territory):
    place = make.doctor(land)
    old, new = make.slot(place, 2), make.slot(place, 5)
    booking = make.booked(make.request(land), place, old, land)
    make.held(make.request(land), place, new, land)
    with pytest.raises(Refusal) as refused:
        operations.move(booking=booking, slot=new.pk, by=land.osnp, at=AT)
    assert refused.value.code == "taken"
    assert (status(booking), free(old)) == ("booked", False)


def test_an_outcome_closes_the_request_and_can_be_corrected(land: make.Territory):
    place = make.doctor(land)
    request = make.request(land)
    booking = make.booked(request, place, make.slot(place, 2), land)
    with pytest.raises(Refusal, match="n’a pas commencé"):
        operations.record_outcome(booking=booking, outcome="fulfilled", by=land.osnp, at=AT)
    after = AT + timedelta(hours=3)
    operations.record_outcome(booking=booking, outcome="no_show", by=land.osnp, at=after, warned=False)
    assert (status(booking), status(request)) == ("no_show", "closed")
    operations.correct_outcome(booking=booking, outcome="fulfilled", reason="vu en retard", by=land.osnp, at=after)
    assert [row.status for row in queries.statuses_of(booking)] == ["held", "booked", "no_show", "fulfilled"]


def test_a_no_show_says_whether_the_doctor_had_been_told(land: make.Territory):
    place = make.doctor(land)
    booking = make.booked(make.request(land), place, make.slot(place, 2), land)
    operations.mark_doctor_notified(booking=booking, by=land.osnp, at=AT)
    operations.record_outcome(booking=booking, outcome="no_show", by=land.osnp, at=AT + timedelta(hours=3))
    assert queries.events_of(booking.request).get(kind="no_show").data["doctor_notified"] is True


def test_the_follow_up_lists_reminders_outcomes_and_undelivered_messages(land: make.Territory):
    place = make.doctor(land)
    make.booked(make.request(land, email="", callback_phone="+33549000001"), place, make.slot(place, 20), land)
    seen = make.booked(make.request(land), place, make.slot(place, 1), land)
    Message.objects.filter(booking=seen, channel="sms").update(status="failed")
    now = AT + timedelta(hours=18, minutes=30)
    assert [row.starts_at for row in queries.follow_up(sas=land.sas, at=now).reminders] == [AT + timedelta(hours=20)]
    assert operations.send_reminders(at=now) == 0
    due = queries.follow_up(sas=land.sas, at=AT + timedelta(hours=26))
    assert [row.pk for row in due.outcomes] == [seen.pk]
    assert [row.booking_id for row in due.undelivered] == [seen.pk]


def test_a_reminder_leaves_by_itself_when_there_is_a_channel(land: make.Territory):
    place = make.doctor(land)
    booking = make.booked(make.request(land), place, make.slot(place, 40), land)
    assert operations.send_reminders(at=AT) == 0
    due = AT + timedelta(hours=22)  # the eve falls in the night: at eight
    assert (operations.send_reminders(at=due), operations.send_reminders(at=due)) == (1, 0)
    assert Message.objects.get(booking=booking, purpose="reminder").channel == "email"


def test_an_agenda_shows_what_was_given_and_nothing_else(land: make.Territory):
    place = make.doctor(land)
    given = make.booked(make.request(land), place, make.slot(place, 2), land)
    make.held(make.request(land), place, make.slot(place, 3), land)
    mine = queries.agenda_of(professional=place.professional, start=AT, end=AT + timedelta(days=1))
    assert [row.pk for row in mine] == [given.pk]
    assert Booking.objects.count() == 2
