"""Reminders: at a human hour, by the channel that costs least and is read, once, and no more when asked."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given as any_of
from hypothesis import strategies as st

from quinze.base.errors import Refusal
from quinze.directory import operations as directory
from quinze.directory.models import Place
from quinze.orientation import operations, queries
from quinze.orientation.links import cancel_path, stop_path
from quinze.orientation.models import Booking, Message, OptOut, OrientationRequest, Reminder
from quinze.orientation.operations import reminders
from quinze.orientation.reminding import Quiet, Reach, confirmed_by, kind_at, reminded_by, send_at
from tests.factories import orientation as make
from tests.factories.orientation import AT

from .test_races import race

MOBILE, LANDLINE = "+33639984127", "+33549000001"
HOUR = timedelta(hours=1)


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


def booked(land: make.Territory, hours: float, **fields: Any) -> Booking:
    place = make.doctor(land)
    return make.booked(make.request(land, hours=96, **fields), place, make.slot(place, hours), land)


def sent(booking: Booking) -> list[str]:
    mine = Message.objects.filter(booking=booking, purpose="reminder").order_by("pk")
    return list(mine.values_list("channel", flat=True))


# ---- the rules, without a database


PARIS = "Europe/Paris"


def local(day: int, hour: int, minute: int = 0, zone: str = PARIS) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("due", "starts", "leaves"),
    [
        (local(17, 14, 20), local(18, 14, 20), local(17, 14, 20)),  # an ordinary hour
        (local(17, 7, 30), local(18, 7, 30), local(17, 8)),  # the eve, too early: at eight
        (local(17, 22), local(18, 22), local(18, 8)),  # the eve, too late: the morning
        (local(18, 7), local(18, 9), local(18, 8)),  # two hours before nine: an hour before is still useful
        (local(18, 6), local(18, 8), local(17, 20, 30)),  # two hours before eight: the evening before
        (local(18, 21), local(18, 23), local(18, 20, 30)),  # an appointment at eleven in the evening
    ],
)
def test_nobody_is_woken_by_a_reminder(due: datetime, starts: datetime, leaves: datetime) -> None:
    assert send_at(due, starts_at=starts, zone=PARIS, quiet=Quiet()) == leaves


def test_quiet_hours_are_those_of_the_place() -> None:
    due = datetime(2026, 11, 17, 4, 0, tzinfo=UTC)  # 5:00 in Paris, 8:00 in Saint-Denis
    starts = due + 24 * HOUR
    assert send_at(due, starts_at=starts, zone="Indian/Reunion", quiet=Quiet()) == due
    assert send_at(due, starts_at=starts, zone=PARIS, quiet=Quiet()) == datetime(2026, 11, 17, 7, 0, tzinfo=UTC)


@any_of(
    st.integers(0, 2 * 365 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.sampled_from([2, 24]),
    st.sampled_from([PARIS, "Indian/Reunion", "America/Martinique", "Pacific/Noumea"]),
)
def test_a_reminder_always_leaves_before_its_appointment_and_never_at_night(
    starts: datetime, hours: int, zone: str
) -> None:
    leaves = send_at(starts - hours * HOUR, starts_at=starts, zone=zone, quiet=Quiet())
    assert leaves < starts
    assert 8 <= leaves.astimezone(ZoneInfo(zone)).hour < 21


def test_a_late_job_sends_the_reminder_of_now() -> None:
    starts = AT + 24 * HOUR
    assert kind_at(AT, due=AT, starts_at=starts) == "d1"
    assert kind_at(AT + 23 * HOUR, due=AT, starts_at=starts) == "h2"


def test_complaint_23_a_reminder_costs_what_it_must_and_no_more() -> None:
    """SMS cost against need: e-mail the day before, SMS when it is the only one or when hours count, else a call."""
    both = Reach(mobile=True, email=True)
    assert reminded_by(both, "d1") == ("email", "")
    assert reminded_by(both, "h2") == ("sms", "")
    assert reminded_by(Reach(mobile=True, email=False), "d1") == ("sms", "")
    assert reminded_by(Reach(mobile=False, email=True), "h2") == ("email", "")
    assert reminded_by(Reach(mobile=False, email=False), "d1") == ("call", "")
    assert reminded_by(Reach(mobile=True, email=True, wish="sms"), "d1") == ("sms", "")
    assert reminded_by(Reach(mobile=True, email=True, wish="call"), "d1") == ("call", "")
    assert reminded_by(Reach(mobile=True, email=True, wish="none"), "d1")[0] == "none"
    assert reminded_by(Reach(mobile=True, email=True, stopped=frozenset({"sms", "email"})), "d1")[0] == "none"


def test_complaint_23_an_appointment_within_48_hours_is_always_confirmed_by_every_channel() -> None:
    both = Reach(mobile=True, email=True, wish="email", stopped=frozenset({"sms", "email"}))
    assert confirmed_by(both, ahead=48 * HOUR) == ("sms", "email")
    assert confirmed_by(both, ahead=49 * HOUR) == ("email",)
    assert confirmed_by(Reach(mobile=True, email=False, wish="email"), ahead=49 * HOUR) == ("sms",)


# ---- the job


@pytest.mark.django_db
def test_the_day_before_then_two_hours_before_each_once(land: make.Territory) -> None:
    booking = booked(land, 30)  # tomorrow 16:00 in Poitiers, asked today at 10:00
    assert operations.send_reminders(at=AT) == 0
    eve, hours_before = AT + 6 * HOUR, AT + 28 * HOUR
    assert [operations.send_reminders(at=eve) for _ in range(3)] == [1, 0, 0]
    assert [operations.send_reminders(at=hours_before) for _ in range(3)] == [1, 0, 0]
    assert sent(booking) == ["email", "sms"]
    assert list(Reminder.objects.order_by("pk").values_list("kind", "way")) == [("d1", "email"), ("h2", "sms")]
    booking.refresh_from_db()
    assert (booking.reminded_at, booking.reminder_due_at) == (hours_before, None)


@pytest.mark.django_db
def test_a_day_without_the_job_sends_nothing_about_the_past_and_one_reminder_about_the_rest(
    land: make.Territory,
) -> None:
    gone, soon = booked(land, 26), booked(land, 29)
    back = AT + 27.5 * HOUR
    assert operations.send_reminders(at=back) == 1
    assert (sent(gone), sent(soon)) == ([], ["sms"])


@pytest.mark.django_db
def test_an_early_appointment_is_reminded_the_evening_before_not_at_night(land: make.Territory) -> None:
    booking = booked(land, 22.5)  # 8:30 local, tomorrow; the eve's reminder was at 8:30 today, before it was asked
    assert operations.send_reminders(at=AT + 10 * HOUR) == 0  # 20:00
    assert operations.send_reminders(at=AT + 10.5 * HOUR) == 1  # 20:30
    assert operations.send_reminders(at=AT + 21 * HOUR) == 0
    assert sent(booking) == ["sms"]


@pytest.mark.django_db
def test_quiet_hours_are_a_parameter_of_the_sas(land: make.Territory) -> None:
    booked(land, 22.5)
    directory.set_parameter("quiet_until_hour", 6, by=land.referent, at=AT)
    assert operations.send_reminders(at=AT + 10.5 * HOUR) == 0
    assert operations.send_reminders(at=AT + 20.5 * HOUR) == 1  # 6:30, two hours before


@pytest.mark.django_db
def test_a_landline_goes_to_the_list_of_calls_until_somebody_called(land: make.Territory) -> None:
    booking = booked(land, 30, callback_phone=LANDLINE, email="")
    eve = AT + 6 * HOUR
    assert operations.send_reminders(at=eve) == 0
    assert [b.pk for b in queries.follow_up(sas=land.sas, at=eve).reminders] == [booking.pk]
    operations.mark_reminded(booking=booking, by=land.osnp, at=eve)
    assert queries.follow_up(sas=land.sas, at=eve).reminders == []
    assert operations.send_reminders(at=AT + 28 * HOUR) == 0
    assert queries.follow_up(sas=land.sas, at=AT + 28 * HOUR).reminders == []
    assert sent(booking) == []


@pytest.mark.django_db
def test_who_was_called_the_day_before_still_gets_the_text_message_of_the_hour(land: make.Territory) -> None:
    booking = booked(land, 30)
    operations.mark_reminded(booking=booking, by=land.osnp, at=AT + 5 * HOUR)
    assert operations.send_reminders(at=AT + 6 * HOUR) == 0
    assert operations.send_reminders(at=AT + 28 * HOUR) == 1
    assert sent(booking) == ["sms"]


@pytest.mark.django_db
def test_an_appointment_cancelled_or_moved_is_not_reminded(land: make.Territory) -> None:
    cancelled, moved = booked(land, 30), booked(land, 30.5)
    operations.cancel(booking=cancelled, by_kind="patient", at=AT)
    new = operations.move(booking=moved, slot=make.slot(moved.place, 40).pk, by=land.osnp, at=AT)
    assert operations.send_reminders(at=AT + 7 * HOUR) == 0
    assert operations.send_reminders(at=AT + 22.5 * HOUR) == 1  # 8:30, the eve's reminder of two in the morning
    assert (sent(cancelled), sent(moved), sent(new)) == ([], [], ["email"])


@pytest.mark.django_db
def test_a_reminder_is_in_the_patients_language(land: make.Territory) -> None:
    place = make.doctor(land, languages=["es"])
    booking = make.booked(make.request(land, language="es"), place, make.slot(place, 30), land)
    operations.send_reminders(at=AT + 6 * HOUR)
    assert "Le recordamos su cita" in Message.objects.get(booking=booking, purpose="reminder").body
    assert "Cita Dr" in Message.objects.get(booking=booking, purpose="confirmation", channel="sms").body


@pytest.mark.django_db
def test_what_was_done_is_never_rewritten(land: make.Territory) -> None:
    booked(land, 30)
    operations.send_reminders(at=AT + 6 * HOUR)
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        Reminder.objects.update(way="sms")


# ---- STOP


def token(path: str) -> str:
    return path.strip("/").rpartition("/")[2]


@pytest.mark.django_db
def test_stop_ends_the_reminders_of_a_person_and_nothing_else(land: make.Territory) -> None:
    first, second = booked(land, 30), booked(land, 31)
    operations.stop_reminders(token(stop_path(first.pk)), at=AT)
    operations.stop_reminders(token(stop_path(first.pk)), at=AT)
    assert OptOut.objects.count() == 2  # the number and the address, once each
    assert operations.send_reminders(at=AT + 8 * HOUR) == 0
    assert queries.follow_up(sas=land.sas, at=AT + 8 * HOUR).reminders == []
    assert set(Reminder.objects.values_list("way", "why")) == {("none", "rappels arrêtés par le patient")}

    operations.cancel(booking=second, by_kind="doctor", reason="urgence", by=land.doctor, at=AT + 8 * HOUR)
    assert Message.objects.filter(booking=second, purpose="cancellation").count() == 2
    assert Message.objects.filter(booking=booked(land, 35), purpose="confirmation").count() == 2

    operations.stop_reminders(token(stop_path(first.pk)), at=AT, resume=True)
    third = booked(land, 33)
    assert operations.send_reminders(at=AT + 9.5 * HOUR) == 1
    assert sent(third) == ["email"]


@pytest.mark.django_db
@pytest.mark.parametrize("made", ["1.x", "abc", "", "é"])
def test_an_altered_stop_link_stops_nothing(land: make.Territory, made: str) -> None:
    booking = booked(land, 30)
    for wrong in (made, token(cancel_path(booking.pk))):  # nor does the link of another purpose
        with pytest.raises(Refusal, match="incomplet ou altéré"):
            operations.stop_reminders(wrong, at=AT)
    assert not OptOut.objects.exists()


@pytest.mark.django_db
def test_who_wants_no_reminder_gets_none_and_who_wants_a_call_is_on_the_list(land: make.Territory) -> None:
    silent, called = booked(land, 30), booked(land, 30.5)
    OrientationRequest.objects.filter(pk=silent.request_id).update(reminder_channel="none")
    OrientationRequest.objects.filter(pk=called.request_id).update(reminder_channel="call")
    assert operations.send_reminders(at=AT + 7 * HOUR) == 0
    assert [b.pk for b in queries.follow_up(sas=land.sas, at=AT + 7 * HOUR).reminders] == [called.pk]


# ---- two connections


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_a_reminder_once() -> None:
    land = make.territory()
    bookings = [booked(land, 30 + i / 2) for i in range(4)]
    answers = race(*[lambda: operations.send_reminders(at=AT + 8 * HOUR)] * 4)
    assert sum(answers) == 4
    assert [sent(booking) for booking in bookings] == [["email"]] * 4


@pytest.mark.django_db
def test_a_sas_that_sleeps_does_not_delay_another_where_it_is_day(
    land: make.Territory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "AT_ONCE", 1)
    sleeping = booked(land, 30)
    island = make.territory("974")
    place = make.doctor(island)
    Place.objects.filter(pk=place.pk).update(zone="Indian/Reunion")
    awake = make.booked(make.request(island, hours=96), place, make.slot(place, 40), island)
    assert operations.send_reminders(at=AT + 19.5 * HOUR) == 1  # 5:30 in Poitiers, 8:30 in Saint-Denis
    assert (sent(sleeping), sent(awake)) == ([], ["email"])


@pytest.mark.django_db
def test_reminders_ask_as_much_for_three_bookings_not_due_as_for_one(
    land: make.Territory, django_assert_num_queries: object
) -> None:
    place: Place = make.doctor(land)
    night = AT + 11.5 * HOUR  # due since the afternoon, and nobody is woken
    make.booked(make.request(land, hours=96), place, make.slot(place, 30), land)
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert operations.send_reminders(at=night) == 0
    for hours in (31, 32):
        make.booked(make.request(land, hours=96), place, make.slot(place, hours), land)
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert operations.send_reminders(at=night) == 0
