"""Two connections, or a hundred, on one scarce thing: exactly one wins, the others are told."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, connections, transaction

from quinze.base.errors import Refusal
from quinze.orientation import operations, queries
from quinze.orientation.models import Booking, CharterVersion, OrientationRequest, RankingChoice
from quinze.orientation.operations.locks import lock_request
from quinze.regulation import operations as regulation
from quinze.regulation.decisions import Orientation
from tests.factories import orientation as make
from tests.factories import regulation as files
from tests.factories.regulation import osnp

AT = make.AT
pytestmark = pytest.mark.django_db(transaction=True)


def race(*acts: Callable[[], Any], at_once: int = 20) -> list[Any]:
    """Each act on its own connection, so many at a time, leaving together; a refusal is an answer like another."""
    start = Barrier(min(at_once, len(acts)))

    def run(index: int, act: Callable[[], Any]) -> Any:
        if index < start.parties:
            start.wait(timeout=20)
        try:
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(at_once) as pool:
        return [future.result() for future in [pool.submit(run, i, act) for i, act in enumerate(acts)]]


def winners(answers: list[Any]) -> list[Any]:
    return [answer for answer in answers if not isinstance(answer, Refusal)]


def test_a_hundred_clients_on_one_seat_exactly_one_wins():
    """Complaint 1: a slot taken twice by people who click together, check-then-insert without a lock."""
    """Complaint 1: one slot taken twice by concurrent users; ten parallel posts all succeed."""
    land = make.territory()
    place = make.doctor(land)
    seat = make.slot(place, 2)
    following = make.slot(place, 3)
    requests = [make.request(land) for _ in range(100)]
    rankings = [make.searched(request, land) for request in requests]

    def wish(request: OrientationRequest, ranking: int, candidate: str) -> Callable[[], Booking]:
        return lambda: operations.hold(
            request=request, ranking=ranking, candidate=candidate, slot=seat.pk, modality="AMB", by=land.osnp, at=AT
        )

    answers = race(*(wish(r, v.ranking_id, v.first.candidate) for r, v in zip(requests, rankings, strict=True)))
    assert len(winners(answers)) == 1
    lost = [answer for answer in answers if isinstance(answer, Refusal)]
    assert {answer.code for answer in lost} == {"taken"}
    assert {answer.data["next"][0].id for answer in lost} == {following.pk}
    seat.refresh_from_db()
    assert (seat.taken, Booking.objects.count(), RankingChoice.objects.count()) == (1, 1, 1)


def test_two_osnp_never_get_the_same_request():
    land = make.territory()
    desks = [osnp(land.sas) for _ in range(8)]
    made = {make.request(land).pk for _ in range(6)}
    answers = race(*(lambda by=by: operations.claim_next(sas=land.sas, by=by, at=AT) for by in desks))
    got = [request.pk for request in answers if request is not None]
    assert sorted(got) == sorted(made)


def test_a_confirmation_and_a_sweep_at_the_same_instant_agree():
    land = make.territory()
    place = make.doctor(land)
    held = [make.held(make.request(land), place, make.slot(place, 2 + i), land) for i in range(6)]
    last = AT + timedelta(seconds=179)
    after = AT + timedelta(seconds=180)
    confirmations = [
        lambda booking=booking: operations.confirm(booking=booking, by=land.osnp, at=last) for booking in held
    ]
    race(*confirmations, *[lambda: operations.sweep_expired(at=after)] * 4)
    for booking in Booking.objects.select_related("slot"):
        assert (booking.status, booking.slot.taken) in {("booked", 1), ("expired", 0)}


def test_crossed_moves_between_two_seats_never_lock_each_other():
    land = make.territory()
    place = make.doctor(land)
    slots = [make.slot(place, 2 + i) for i in range(4)]
    bookings = [make.booked(make.request(land), place, slot, land) for slot in slots[:2]]
    race(
        lambda: operations.move(booking=bookings[0], slot=slots[2].pk, by=land.osnp, at=AT),
        lambda: operations.move(booking=bookings[1], slot=slots[2].pk, by=land.osnp, at=AT),
        lambda: operations.move(booking=bookings[0], slot=slots[3].pk, by=land.osnp, at=AT),
        lambda: operations.move(booking=bookings[1], slot=slots[3].pk, by=land.osnp, at=AT),
    )
    given = Booking.objects.filter(status="booked")
    assert given.count() == 2
    for slot in slots:
        slot.refresh_from_db()
        assert slot.taken == given.filter(slot=slot).count()


def test_the_last_overbooking_of_the_day_is_given_once():
    """Complaint 10: going beyond the availability on purpose, as an act of its own with its consent and its quota."""
    land = make.territory()
    place = make.doctor(land, accepts_overbooking=True, overbooking_per_day=1)

    def ask(request: OrientationRequest) -> Callable[[], Booking]:
        return lambda: operations.record_overbooking(
            request=request,
            professional=place.professional,
            place=place,
            starts_at=AT + timedelta(hours=3),
            consent="Dr Érable, au téléphone",
            by=land.osnp,
            at=AT,
        )

    answers = race(*(ask(make.request(land)) for _ in range(6)))
    assert len(winners(answers)) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"quota"}
    assert queries.overbooking_left(sas=land.sas, professional=place.professional, at=AT) == 0


def test_two_people_publish_one_draft_once():
    land = make.territory()
    draft = operations.start_draft(sas=land.sas, by=land.referent, at=AT)
    publish = lambda: operations.publish(draft=draft, agreed_on=AT.date(), by=land.referent, at=AT)  # noqa: E731
    answers = race(publish, publish)
    assert len(winners(answers)) == 1
    assert list(CharterVersion.objects.order_by("number").values_list("status", flat=True)) == [
        "superseded",
        "published",
    ]


def test_a_patient_and_the_doctor_cancel_together_once():
    land = make.territory()
    place = make.doctor(land)
    booking = make.booked(make.request(land), place, make.slot(place), land)
    answers = race(
        lambda: operations.cancel(booking=booking, by_kind="patient", at=AT),
        lambda: operations.cancel(booking=booking, by_kind="doctor", reason="urgence", by=land.doctor, at=AT),
    )
    assert len(winners(answers)) == 1
    assert queries.statuses_of(booking).filter(status="cancelled").count() == 1


def test_a_red_button_and_the_desk_of_the_osnp_never_lock_each_other():
    """The desk has its request and is about to write in the file; the doctor has pressed, and needs both."""
    land = make.territory()
    doctor = files.doctor(sas=land.sas, at=AT)
    case = files.waiting_case(sas=land.sas, at=AT)
    request = regulation.decide(
        case, by=doctor, at=AT, details=Orientation("CABINET", within_hours=24)
    ).orientation_request
    taken = Event()

    def desk() -> Any:
        with transaction.atomic():
            lock_request(request.pk)
            taken.set()
            until(somebody_waits)
            return operations.give_back(request=request, reason="plus de place", by=land.osnp, at=AT)

    def button() -> Any:
        assert taken.wait(timeout=20)
        return regulation.red_flag(case, by=doctor, at=AT)

    race(desk, button)
    request.refresh_from_db()
    case.refresh_from_db()
    assert (request.status, case.priority, case.step) == ("returned", "P0", "amu")


def test_giving_back_a_held_request_and_taking_its_expired_seat_never_lock_each_other():
    """One has the request and gives its hold back; the other has the slot and frees the same hold, which ran out."""
    land = make.territory()
    place = make.doctor(land)
    late = AT + timedelta(minutes=4)
    for hour in range(2, 6):
        seat = make.slot(place, hour)
        held, other = make.request(land), make.request(land)
        make.held(held, place, seat, land)
        view = make.searched(other, land, at=late)
        race(
            lambda held=held: operations.give_back(request=held, reason="plus de place", by=land.osnp, at=late),
            lambda other=other, view=view, seat=seat: operations.hold(
                request=other, ranking=view.ranking_id, candidate=view.first.candidate, slot=seat.pk, modality="AMB",
                by=land.osnp, at=late, reason="souhait du patient",
            ),
        )  # fmt: skip
        seat.refresh_from_db()
        assert seat.taken == Booking.objects.filter(slot=seat, status="held").count() == 1


def somebody_waits() -> bool:
    """Asked again and again in one transaction, which would otherwise keep its first answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
