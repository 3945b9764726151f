from datetime import timedelta

import pytest

from quinze.availability.models import Slot
from quinze.base.errors import Conflict, Refusal
from quinze.orientation import operations, queries
from quinze.orientation.models import Booking, RankingChoice
from tests.factories import orientation as make
from tests.factories.regulation import osnp

AT = make.AT
LATER = AT + timedelta(minutes=4)
pytestmark = pytest.mark.django_db


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


def taken(slot: Slot) -> int:
    slot.refresh_from_db()
    return slot.taken


def test_a_hold_keeps_the_seat_three_minutes_and_says_so(land: make.Territory):
    place = make.doctor(land, "Cormier")
    seat = make.slot(place)
    booking = make.held(make.request(land), place, seat, land)
    assert booking.hold_expires_at == AT + timedelta(minutes=3)
    assert taken(seat) == 1
    assert [row.status for row in queries.statuses_of(booking)] == ["held"]
    assert RankingChoice.objects.get().first


def test_another_choice_than_the_first_needs_its_reason(land: make.Territory):
    make.slot(make.doctor(land, "Premier", km=1), 1)
    second = make.doctor(land, "Second", km=2)
    seat = make.slot(second, 9)
    request = make.request(land)
    view = make.searched(request, land)
    wish = {
        "request": request,
        "ranking": view.ranking_id,
        "slot": seat.pk,
        "modality": "AMB",
        "by": land.osnp,
        "at": AT,
    }
    key = f"p{second.professional_id}@{second.pk}"
    with pytest.raises(Refusal) as refused:
        operations.hold(candidate=key, **wish)
    assert (refused.value.code, refused.value.field) == ("reason_required", "reason")
    operations.hold(candidate=key, reason="patient véhiculé le soir", **wish)
    choice = RankingChoice.objects.get()
    assert (choice.first, choice.rank, choice.reason) == (False, 2, "patient véhiculé le soir")


def test_an_expired_hold_is_free_before_any_sweep(land: make.Territory):
    place = make.doctor(land)
    seat = make.slot(place)
    first = make.held(make.request(land), place, seat, land)
    second = make.held(make.request(land), place, seat, land, at=LATER)
    first.refresh_from_db()
    assert (first.status, second.status, taken(seat)) == ("expired", "held", 1)


def test_the_sweep_frees_what_ran_out_even_a_day_later(land: make.Territory):
    """Complaint 9: holds without expiry nor clean-up."""
    place = make.doctor(land)
    seat = make.slot(place)
    booking = make.held(make.request(land), place, seat, land)
    assert operations.sweep_expired(at=AT + timedelta(minutes=2)) == 0
    assert operations.sweep_expired(at=AT + timedelta(days=1)) == 1
    booking.refresh_from_db()
    assert (booking.status, taken(seat)) == ("expired", 0)
    assert operations.sweep_expired(at=AT + timedelta(days=1)) == 0


def test_an_expired_hold_cannot_be_confirmed(land: make.Territory):
    """Complaint 8: a reservation exists and booking ignores it. Here a booking is the next state of a hold."""
    place = make.doctor(land)
    booking = make.held(make.request(land), place, make.slot(place), land)
    with pytest.raises(Refusal, match="expiré") as refused:
        operations.confirm(booking=booking, by=land.osnp, at=LATER)
    assert refused.value.code == "expired"


def test_a_hold_is_extended_once(land: make.Territory):
    place = make.doctor(land)
    booking = make.held(make.request(land), place, make.slot(place), land)
    extended = operations.extend_hold(booking=booking, by=land.osnp, at=AT + timedelta(minutes=2))
    assert extended.hold_expires_at == AT + timedelta(minutes=5)
    with pytest.raises(Refusal, match="déjà été prolongée"):
        operations.extend_hold(booking=booking, by=land.osnp, at=AT + timedelta(minutes=4))


def test_choosing_another_seat_gives_the_first_one_back(land: make.Territory):
    place = make.doctor(land)
    first, second = make.slot(place, 2), make.slot(place, 3)
    request = make.request(land)
    make.held(request, place, first, land)
    make.held(request, place, second, land)
    assert (taken(first), taken(second)) == (0, 1)


def test_a_lost_seat_names_the_winner_and_the_next_seats(land: make.Territory):
    place = make.doctor(land)
    lost, following = make.slot(place, 2), make.slot(place, 3)
    winner, loser = make.request(land), make.request(land)
    view = make.searched(loser, land)
    make.held(winner, place, lost, land)
    with pytest.raises(Refusal) as refused:
        operations.hold(
            request=loser,
            ranking=view.ranking_id,
            candidate=view.first.candidate,
            slot=lost.pk,
            modality="AMB",
            by=osnp(land.sas),
            at=AT,
        )
    assert refused.value.code == "taken"
    assert refused.value.data["who"] == str(land.osnp.user)
    assert [slot.id for slot in refused.value.data["next"]] == [following.pk]


def test_a_slot_withdrawn_meanwhile_is_refused_and_says_so(land: make.Territory):
    place = make.doctor(land)
    seat = make.slot(place)
    request = make.request(land)
    view = make.searched(request, land)
    Slot.objects.filter(pk=seat.pk).update(status="withdrawn")
    with pytest.raises(Refusal, match="retiré par le médecin") as refused:
        operations.hold(
            request=request,
            ranking=view.ranking_id,
            candidate=view.first.candidate,
            slot=seat.pk,
            modality="AMB",
            by=land.osnp,
            at=AT,
        )
    assert refused.value.code == "withdrawn"
    assert not Booking.objects.exists()


def test_a_plage_takes_as_many_patients_as_it_says(land: make.Territory):
    place = make.doctor(land)
    plage = make.slot(place, 1, minutes=120, kind="plage", capacity=3)
    for _ in range(3):
        make.held(make.request(land), place, plage, land)
    assert taken(plage) == 3
    assert make.searched(make.request(land), land).first is None


def test_a_plage_already_begun_is_still_proposed(land: make.Territory):
    place = make.doctor(land)
    plage = make.slot(place, -1, minutes=120, kind="plage", capacity=2)
    make.slot(make.doctor(land), -1)
    assert [slot.id for slot in make.searched(make.request(land), land).first.slots] == [plage.pk]


def test_one_doctor_is_in_one_place(land: make.Territory):
    place = make.doctor(land)
    elsewhere = make.directory.place(place.professional, land.commune, address="2 rue du Lac")
    booking = make.booked(make.request(land), place, make.slot(place, 2), land)
    Slot.objects.filter(pk=booking.slot_id).update(status="withdrawn")  # no longer offered, and somebody comes
    other = make.slot(elsewhere, 2.1)
    with pytest.raises(Refusal, match="ailleurs à cette heure"):
        make.held(make.request(land), elsewhere, other, land)


def test_another_desk_of_the_sas_may_finish_a_hold_but_not_another_sas(land: make.Territory):
    place = make.doctor(land)
    booking = make.held(make.request(land), place, make.slot(place), land)
    stranger = make.territory("79")
    with pytest.raises(Refusal) as refused:
        operations.confirm(booking=booking, by=stranger.osnp, at=AT)
    assert refused.value.code == "not_holder"
    assert operations.confirm(booking=booking, by=osnp(land.sas), at=AT).status == "booked"


def test_confirming_twice_books_once(land: make.Territory):
    place = make.doctor(land)
    booking = make.booked(make.request(land), place, make.slot(place), land)
    with pytest.raises(Conflict, match="n’est plus retenu"):
        operations.confirm(booking=booking, by=land.osnp, at=AT)
    assert [row.status for row in queries.statuses_of(booking)] == ["held", "booked"]


def test_a_request_with_an_appointment_takes_no_second_one(land: make.Territory):
    place = make.doctor(land)
    request = make.request(land)
    make.booked(request, place, make.slot(place, 2), land)
    with pytest.raises(Conflict):
        make.held(request, place, make.slot(place, 3), land)


def test_complaint_6_two_screens_of_one_person_do_not_hold_one_seat_twice(land: make.Territory):
    """Patients could book the same slot through two open screens, and the capacity was not decremented."""
    place = make.doctor(land)
    seat = make.slot(place)
    first, second = make.request(land), make.request(land)
    views = [make.searched(request, land) for request in (first, second)]  # both screens show it free
    wish = {"slot": seat.pk, "modality": "AMB", "by": land.osnp, "at": AT}
    for request, view in zip((first, second), views, strict=True):
        hold = {"request": request, "ranking": view.ranking_id, "candidate": view.first.candidate, **wish}
        if request is first:
            operations.hold(**hold)
            assert taken(seat) == 1
        else:
            with pytest.raises(Refusal, match="vient d’être pris"):
                operations.hold(**hold)
    assert (taken(seat), Booking.objects.count()) == (1, 1)


def test_complaint_8_an_appointment_is_the_next_state_of_its_hold_and_nothing_else(land: make.Territory):
    """A reservation existed and booking ignored it: here nothing is booked that was not held first, by the same row."""
    place = make.doctor(land)
    seat = make.slot(place)
    held = make.held(make.request(land), place, seat, land)
    booked = operations.confirm(booking=held, by=land.osnp, at=AT)
    assert (booked.pk, Booking.objects.count(), taken(seat)) == (held.pk, 1, 1)
    given_back = make.held(make.request(land), place, make.slot(place, 3), land)
    operations.release_hold(booking=given_back, by=land.osnp, at=AT)
    with pytest.raises(Conflict):
        operations.confirm(booking=given_back, by=land.osnp, at=AT)


def test_complaint_9_a_day_without_the_sweep_blocks_no_seat_and_is_caught_up(land: make.Territory):
    """Holds without expiry nor clean-up: every seat is given again although nothing has passed since the day before."""
    place = make.doctor(land)
    seats = [make.slot(place, 30 + hour) for hour in range(3)]
    forgotten = [make.held(make.request(land), place, seat, land) for seat in seats]
    day_after = AT + timedelta(days=1)
    again = make.held(make.request(land, at=day_after), place, seats[0], land, at=day_after)
    assert again.status == "held"
    sweeps = [operations.sweep_expired(at=day_after, limit=1) for _ in range(3)]
    assert (sweeps, [taken(seat) for seat in seats]) == ([1, 1, 0], [1, 0, 0])
    for booking in forgotten:
        booking.refresh_from_db()
        assert [row.status for row in queries.statuses_of(booking)] == ["held", "expired"]
