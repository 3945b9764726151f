"""A freed seat is offered to those who wait: whom, in which order, once, and never to the wrong person."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from quinze.accounts.roles import Role
from quinze.availability.models import Slot
from quinze.availability.operations import add_absence, withdraw_absence
from quinze.base.errors import Conflict, Refusal
from quinze.directory.models import Place
from quinze.orientation import operations
from quinze.orientation.default_charter import default_document
from quinze.orientation.models import (
    Booking,
    EarlierWish,
    FreedSeat,
    OrientationRequest,
    RankingChoice,
    RankingLog,
    RescueOffer,
    RescueStep,
)
from quinze.orientation.operations import rescue
from quinze.orientation.queries.rescue import live_offers, saved_seats, waiting_for
from tests.factories import orientation as make
from tests.factories.accounts import make_actor, make_user
from tests.factories.orientation import AT

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=1)


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


def freed(land: make.Territory, *, hours: float = 3, at: datetime = AT, name: str = "") -> Slot:
    """The only seat of a doctor, given to somebody who has just cancelled it and needs nothing more."""
    place = make.doctor(land, name)
    slot = make.slot(place, hours)
    gone = make.booked(make.request(land, hours=12), place, slot, land)
    operations.cancel(booking=gone, by_kind="patient", at=at)
    operations.close_without_booking(request=gone.request, reason="va mieux", by=land.osnp, at=at)
    return slot


def offered(land: make.Territory, *, at: datetime = LATER) -> RescueOffer:
    rescue.rescue_seats(at=at)
    (offer,) = live_offers(sas=land.sas, at=at)
    return offer


def nobody(land: make.Territory, *, at: datetime = LATER) -> bool:
    rescue.rescue_seats(at=at)
    return live_offers(sas=land.sas, at=at) == []


def status(row: Booking | OrientationRequest | RescueOffer) -> str:
    row.refresh_from_db()
    return row.state if isinstance(row, RescueOffer) else row.status


# ---- complaint 11: a waiting list, and a word when a seat comes back


def test_complaint_11_a_seat_given_back_is_offered_to_somebody_who_waits(land: make.Territory) -> None:
    slot = freed(land)
    waiting = make.request(land, hours=6)
    offer = offered(land)
    assert (offer.slot, offer.request, offer.level_name) == (slot, waiting, "Médecins participants")
    assert [step.state for step in offer.steps.all()] == ["proposed"]


def test_the_least_time_before_the_deadline_goes_first_then_the_nearest(land: make.Territory) -> None:
    freed(land)
    make.request(land, hours=8)
    far = make.request(land, hours=4.9, lat=make.HERE[0] - 6 * make.KM_NORTH)
    near = make.request(land, hours=5)  # within the same quarter of an hour
    first = offered(land)
    assert first.request == near
    second = rescue.decline(offer=first, unreachable=False, by=land.osnp, at=LATER)
    assert second is not None
    assert second.request == far


def test_between_two_deadlines_alike_the_road_decides_not_the_crow(land: make.Territory) -> None:
    """The mouth of the Gironde is five kilometres wide, and its road goes by Bordeaux (ADR 0037)."""
    slot = freed(land)
    Place.objects.filter(pk=slot.place_id).update(lat=45.545, lon=-1.062)  # Le Verdon
    across = make.request(land, hours=6, lat=45.628, lon=-1.028)  # Royan, 10 km away
    same_side = make.request(land, hours=6, lat=45.35, lon=-1.08)  # 22 km away
    nowhere = make.request(land, hours=6, lat=47.347, lon=-3.155)  # an island without a bridge
    ordered = waiting_for(FreedSeat.objects.get(slot=slot), at=LATER)
    assert [one.request for one in ordered] == [same_side, across, nowhere]
    near, far, none = (one.minutes for one in ordered)
    assert near is not None
    assert far is not None
    assert (near < 60, far > 200, none) == (True, True, None)


def test_who_gave_the_seat_back_is_not_offered_it(land: make.Territory) -> None:
    place = make.doctor(land)
    gone = make.booked(make.request(land, hours=12), place, make.slot(place, 3), land)
    operations.cancel(booking=gone, by_kind="patient", at=AT)
    assert nobody(land)
    assert status(gone.request) == "waiting"


def test_past_no_shows_change_nothing_in_the_order(land: make.Territory) -> None:
    """Complaint 5: a person who did not come once is not called after the others."""
    absent = make.patient(land)
    place = make.doctor(land, "Loriot")
    for day in (-3, -2):
        asked = AT + timedelta(days=day)
        seat = make.slot(place, 2, at=asked)
        missed = make.booked(make.request(land, patient=absent, at=asked), place, seat, land, at=asked)
        operations.record_outcome(booking=missed, outcome="no_show", by=land.osnp, at=asked + timedelta(hours=3))
    freed(land)
    make.request(land, hours=8)
    sooner = make.request(land, hours=6, patient=absent)
    assert offered(land).request == sooner


# ---- complaint 12: the same charter level and modality, or nobody


def test_complaint_12_a_seat_is_offered_only_in_a_modality_that_was_asked(land: make.Territory) -> None:
    place = make.doctor(land, accepts_teleconsultation=True)
    slot = make.slot(place, 3, modalities=["VR"])
    first = make.request(land, modalities=["VR"])
    view = make.searched(first, land)
    held = operations.hold(
        request=first, ranking=view.ranking_id, candidate=f"p{place.professional_id}@{place.pk}", slot=slot.pk,
        modality="VR", by=land.osnp, at=AT, reason="souhait",
    )  # fmt: skip
    operations.cancel(
        booking=operations.confirm(booking=held, by=land.osnp, at=AT),
        by_kind="staff",
        reason="panne",
        by=land.osnp,
        at=AT,
    )
    make.request(land, hours=6, modalities=["AMB"])
    assert nobody(land)
    video = make.request(land, hours=8, modalities=["AMB", "VR"])
    offer = offered(land, at=AT + timedelta(minutes=5))
    assert (offer.request, offer.modality) == (video, "VR")


def test_complaint_12_a_level_closed_for_a_person_offers_them_nothing() -> None:
    """The seat is of a CPTS level that this charter opens only to the patients of that CPTS."""
    document = default_document()
    document["levels"] = [level for level in document["levels"] if level["who"] == "referring_doctor"]
    land = make.territory(document=document)
    place = make.doctor(land)
    slot = make.slot(place, 3)
    own = make.patient(land, referring_doctor=place.professional)
    gone = make.booked(make.request(land, patient=own), place, slot, land)
    operations.cancel(booking=gone, by_kind="patient", at=AT)
    make.request(land, hours=6)
    assert nobody(land)
    same_doctor = make.request(land, hours=9, patient=make.patient(land, referring_doctor=place.professional))
    offer = offered(land, at=AT + timedelta(minutes=5))
    assert (offer.request, offer.level_name) == (same_doctor, "Médecin traitant")


def test_another_specialty_than_the_one_asked_is_not_offered(land: make.Territory) -> None:
    freed(land)
    make.request(land, hours=6, profession="10", specialty="SM03")
    assert nobody(land)


# ---- never too late, never twice


def test_nobody_is_offered_a_seat_after_their_deadline_or_too_soon_to_arrive(land: make.Territory) -> None:
    freed(land, hours=3)
    make.request(land, hours=2)
    assert nobody(land)
    make.request(land, hours=6)
    assert nobody(land, at=AT + timedelta(hours=2, minutes=50))
    assert FreedSeat.objects.get().state == "open"
    assert nobody(land, at=AT + timedelta(hours=3))
    assert FreedSeat.objects.get().state == "past"


def test_a_person_already_booked_is_not_offered_a_seat(land: make.Territory) -> None:
    booked = make.request(land, hours=6)
    other = make.doctor(land, "Loriot")
    make.booked(booked, other, make.slot(other, 4), land)
    freed(land)
    assert nobody(land)


def test_somebody_booked_since_lets_the_offer_go_to_the_next(land: make.Territory) -> None:
    freed(land)
    first, second = make.request(land, hours=5), make.request(land, hours=9)
    offer = offered(land)
    assert offer.request == first
    other = make.doctor(land, "Loriot")
    make.booked(first, other, make.slot(other, 2), land)
    following = offered(land, at=LATER + timedelta(minutes=1))
    assert (following.request, status(offer)) == (second, "lapsed")


def test_a_seat_taken_otherwise_is_offered_no_more(land: make.Territory) -> None:
    slot = freed(land)
    make.request(land, hours=6)
    offer = offered(land)
    quick = make.request(land, hours=12)
    make.booked(quick, slot.place, slot, land)
    assert nobody(land, at=LATER + timedelta(minutes=1))
    assert (status(offer), FreedSeat.objects.get().state) == ("lapsed", "taken")


def test_an_offer_that_nobody_calls_expires_and_is_made_again(land: make.Territory) -> None:
    freed(land)
    waiting = make.request(land, hours=6)
    offer = offered(land)
    assert live_offers(sas=land.sas, at=offer.expires_at) == []
    again = offered(land, at=offer.expires_at)
    assert (again.request, again.pk != offer.pk, status(offer)) == (waiting, True, "lapsed")


def test_a_day_without_the_job_offers_nothing_stale(land: make.Territory) -> None:
    freed(land)
    make.request(land, hours=40)
    offer = offered(land)
    assert nobody(land, at=AT + timedelta(days=1))
    assert (status(offer), FreedSeat.objects.get().state) == ("lapsed", "past")


def test_a_slot_withdrawn_by_its_doctor_is_offered_no_more(land: make.Territory) -> None:
    slot = freed(land)
    make.request(land, hours=6)
    offer = offered(land)
    Slot.objects.filter(pk=slot.pk).update(status="withdrawn")
    assert nobody(land, at=LATER + timedelta(minutes=1))
    assert (status(offer), FreedSeat.objects.get().state) == ("lapsed", "gone")


# ---- the call


def test_calling_keeps_the_seat_and_accepting_books_it(land: make.Territory) -> None:
    slot = freed(land)
    waiting = make.request(land, hours=6)
    offer = rescue.call(offer=offered(land), by=land.osnp, at=LATER)
    slot.refresh_from_db()
    assert (slot.taken, offer.state, status(waiting)) == (1, "calling", "taken")

    rescue.accept(offer=offer, by=land.osnp, at=LATER + timedelta(minutes=1))
    booking = Booking.objects.get(request=waiting)
    assert (booking.status, booking.slot, status(waiting), status(offer)) == ("confirmed", slot, "booked", "accepted")
    assert FreedSeat.objects.get().state == "refilled"
    assert [step.state for step in offer.steps.order_by("pk")] == ["proposed", "calling", "accepted"]
    assert RankingLog.objects.filter(request=waiting).exists()
    assert RankingChoice.objects.get(ranking__request=waiting).first


def test_accepted_without_a_call_first_books_too(land: make.Territory) -> None:
    slot = freed(land)
    waiting = make.request(land, hours=6)
    rescue.accept(offer=offered(land), by=land.osnp, at=LATER)
    assert Booking.objects.get(request=waiting).slot == slot


@pytest.mark.parametrize(("unreachable", "state"), [(False, "refused"), (True, "unreachable")])
def test_no_is_written_gives_the_seat_back_and_the_next_person_comes(
    land: make.Territory, *, unreachable: bool, state: str
) -> None:
    slot = freed(land)
    first, second = make.request(land, hours=5), make.request(land, hours=9)
    offer = rescue.call(offer=offered(land), by=land.osnp, at=LATER)
    following = rescue.decline(offer=offer, unreachable=unreachable, by=land.osnp, at=LATER, note="préfère demain")
    slot.refresh_from_db()
    assert (slot.taken, status(offer), status(first)) == (0, state, "waiting")
    assert following is not None
    assert following.request == second
    last = offer.steps.get(state=state)
    assert (last.note, last.by) == ("préfère demain", land.osnp.user)
    assert nobody(land, at=following.expires_at + timedelta(hours=9))  # and who refused is not called again
    assert RescueOffer.objects.filter(request=first).count() == 1


def test_what_the_charter_no_longer_proposes_is_refused_in_words_and_closes_the_offer(land: make.Territory) -> None:
    freed(land)
    waiting = make.request(land, hours=6)
    offer = offered(land)
    OrientationRequest.objects.filter(pk=waiting.pk).update(needs_wheelchair=True)
    with pytest.raises(Refusal, match="ne propose plus cette place"):
        rescue.accept(offer=offer, by=land.osnp, at=LATER)
    assert (status(offer), status(waiting)) == ("lapsed", "waiting")
    assert not Booking.objects.filter(request=waiting).exists()


def test_a_colleague_who_calls_already_is_named(land: make.Territory) -> None:
    freed(land)
    make.request(land, hours=6)
    offer = rescue.call(offer=offered(land), by=land.osnp, at=LATER)
    other = make_actor(Role.OSNP, land.sas, at=AT)
    with pytest.raises(Conflict, match="appelle déjà"):
        rescue.accept(offer=offer, by=other, at=LATER)
    assert status(offer) == "calling"


def test_what_was_said_is_never_rewritten(land: make.Territory) -> None:
    freed(land)
    make.request(land, hours=6)
    offered(land)
    for write in (lambda: RescueStep.objects.update(note="x"), lambda: RescueStep.objects.all().delete()):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            write()


# ---- « prévenez-moi si plus tôt »


def test_complaint_11_who_asked_to_come_earlier_is_moved_to_the_freed_seat(land: make.Territory) -> None:
    booked = make.request(land, hours=30)
    other = make.doctor(land, "Loriot")
    later = make.booked(booked, other, make.slot(other, 20), land)
    slot = freed(land)
    assert nobody(land)  # a booked person who asked nothing is left in peace
    rescue.wish_earlier(request=booked, wanted=True, by=land.osnp, at=LATER)
    rescue.wish_earlier(request=booked, wanted=True, by=land.osnp, at=LATER)
    assert EarlierWish.objects.count() == 1

    offer = offered(land, at=LATER + timedelta(minutes=5))
    assert (offer.request, offer.instead_of) == (booked, later)
    rescue.accept(offer=offer, by=land.osnp, at=LATER + timedelta(minutes=6))
    later.refresh_from_db()
    assert (later.status, later.moved_to.slot if later.moved_to else None) == ("moved", slot)
    assert EarlierWish.objects.get().ended_at
    assert set(FreedSeat.objects.values_list("cause", "state")) == {("cancelled", "refilled"), ("moved", "open")}


def test_a_wish_that_ended_moves_nobody(land: make.Territory) -> None:
    booked = make.request(land, hours=30)
    other = make.doctor(land, "Loriot")
    make.booked(booked, other, make.slot(other, 20), land)
    rescue.wish_earlier(request=booked, wanted=True, by=None, at=AT)
    rescue.wish_earlier(request=booked, wanted=False, by=None, at=AT)
    freed(land)
    assert nobody(land)


# ---- other ways for a seat to come back


def test_a_hold_that_ran_out_without_an_answer_frees_a_seat(land: make.Territory) -> None:
    place = make.doctor(land)
    make.held(make.request(land, hours=12), place, make.slot(place, 3), land)
    waiting = make.request(land, hours=6)
    after = AT + timedelta(minutes=4)
    operations.sweep_expired(at=after)
    assert offered(land, at=after).request == waiting
    assert FreedSeat.objects.get().cause == "no_answer"


def test_an_absence_withdrawn_gives_its_seats_back_once(land: make.Territory) -> None:
    place = make.doctor(land)
    person = place.professional
    assert person
    person.account = make_user()
    person.save()
    doctor = make_actor(Role.EFFECTEUR, land.sas, user=person.account, at=AT)
    posted = add_absence(person, start=AT, end=AT + timedelta(hours=8), by=doctor, at=AT)
    waiting = make.request(land, hours=6)
    slot = make.slot(place, 3)
    withdraw_absence(posted.absence, by=doctor, at=AT)
    Slot.objects.filter(pk=slot.pk).update(status="open")
    assert offered(land).request == waiting
    rescue.rescue_seats(at=LATER)
    assert FreedSeat.objects.get().cause == "returned"


def test_seats_of_a_plage_come_back_one_call_at_a_time(land: make.Territory) -> None:
    place = make.doctor(land)
    slot = make.slot(place, 3, minutes=120, kind="plage", capacity=2)
    gone = [make.booked(make.request(land, hours=20), place, slot, land) for _ in range(2)]
    for booking in gone:
        operations.cancel(booking=booking, by_kind="patient", at=AT)
    first, second = make.request(land, hours=5.5), make.request(land, hours=9)
    offer = offered(land)
    assert (offer.request, FreedSeat.objects.filter(state="open", minutes=60).count()) == (first, 2)
    rescue.accept(offer=offer, by=land.osnp, at=LATER)
    assert offered(land, at=LATER + timedelta(minutes=1)).request == second


def test_the_figures_count_what_was_freed_offered_and_given_again(land: make.Territory) -> None:
    freed(land)
    make.request(land, hours=6)
    rescue.accept(offer=offered(land), by=land.osnp, at=LATER)
    freed(land, hours=5, name="Loriot")
    nobody(land)
    found = saved_seats(sas=land.sas, since=AT - timedelta(days=1), until=AT + timedelta(days=1))
    assert (found.freed, found.offered, found.refilled, found.minutes) == (2, 1, 1, 20)
    assert found.by_cause == (("rendez-vous annulé", 2, 1),)


def test_tidying_asks_as_much_for_three_seats_as_for_one(land: make.Territory, django_assert_num_queries: Any) -> None:
    freed(land)
    nobody(land)
    with django_assert_num_queries(5):
        rescue.rescue_seats(at=LATER)
    for hours in (4, 5):
        freed(land, hours=hours)
    nobody(land)
    with django_assert_num_queries(5):
        rescue.rescue_seats(at=LATER)


def test_a_crisis_that_frees_many_seats_is_worked_off_pass_by_pass(
    land: make.Territory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescue, "MOST_SEARCHES", 1)
    freed(land, hours=3)
    freed(land, hours=4)
    make.request(land, hours=6, lat=make.HERE[0] - 200 * make.KM_NORTH)  # too far for either
    looked_at = FreedSeat.objects.filter(look_again_at__gt=LATER)
    rescue.rescue_seats(at=LATER)
    assert looked_at.count() == 1
    rescue.rescue_seats(at=LATER)
    assert looked_at.count() == 2


def test_after_a_no_a_few_are_tried_at_once_and_the_job_looks_further(
    land: make.Territory, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed(land)
    asked = make.request(land, hours=5)
    for _ in range(2):  # out of reach, and before the next who fits
        make.request(land, hours=6, lat=make.HERE[0] - 200 * make.KM_NORTH)
    fits = make.request(land, hours=7)
    offer = offered(land)
    assert offer.request == asked
    monkeypatch.setattr(rescue, "MOST_AT_ONCE", 1)
    assert rescue.decline(offer=offer, unreachable=False, by=land.osnp, at=LATER) is None
    assert offered(land).request == fits
