"""The hand-written statement against its twin in the ORM: same candidates, same seats, on random territories."""

from datetime import timedelta
from random import Random

import pytest
from django.db.models import F, Q

from quinze.availability.limits import Someone, unfit
from quinze.availability.models import Slot
from quinze.directory.models import Participation, Place
from quinze.orientation import operations, queries
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.options import SearchOptions
from quinze.orientation.queries.inputs import age_in_months, gather
from quinze.science.distance import haversine_km
from quinze.science.ranking import Candidate
from tests.factories import orientation as make

AT = make.AT
pytestmark = pytest.mark.django_db
BOX_KM = 23.6  # 40 minutes, the widest level of the default charter, on the roads of this village


def fetched(land: make.Territory, request: OrientationRequest) -> dict[str, Candidate]:
    found = gather(request=request, charter=land.charter, options=SearchOptions(), at=AT)
    return {candidate.id: candidate for candidate in found.inputs.candidates}


def reference_seats(place: Place, request: OrientationRequest, part: Participation | None) -> list[int]:
    expired = Booking.objects.filter(status="held", hold_expires_at__lte=AT).values("slot")
    free = Slot.objects.filter(place=place, status="open", modalities__overlap=request.modalities)
    free = free.filter(Q(taken__lt=F("capacity")) | Q(pk__in=expired), starts_at__lte=request.deadline)
    free = free.filter(Q(starts_at__gte=AT) | Q(kind="plage", ends_at__gt=AT)).order_by("starts_at")
    choices = {"PRO": part and part.shows_pro_slots, "PUBLIC": not part or part.shows_public_slots}
    shown = [audience for audience, show in choices.items() if show]
    free = free.exclude(sas_sees=False)
    dedicated = free.filter(audience__in=["SNP", "CPTS"] if part else [])
    others = free.filter(Q(audience__in=shown) | Q(sas_sees=True) if part else Q(audience__in=shown))
    others = others.exclude(pk__in=dedicated.values("pk"))
    person = someone(request)
    return sorted(slot.pk for found in (dedicated, others) for slot in found if not unfit(slot, person, at=AT))


def someone(request: OrientationRequest) -> Someone:
    seen = Booking.objects.filter(patient=request.patient, status="fulfilled", starts_at__gt=AT - timedelta(days=365))
    known = {request.patient.referring_doctor_id, *seen.values_list("professional_id", flat=True)}
    age = age_in_months(request.patient, AT.date())
    return Someone(age, request.specialty, frozenset(pk for pk in known if pk is not None))


def reference(land: make.Territory, request: OrientationRequest) -> dict[str, list[int]]:
    found = {}
    for place in Place.objects.filter(professional__specialty="SM54", is_active=True).select_related("professional"):
        part = Participation.objects.filter(sas=land.sas, professional=place.professional, during__contains=AT).first()
        is_referring = request.patient.referring_doctor_id == place.professional_id
        near = haversine_km(*make.HERE, to_latitude=place.lat, to_longitude=place.lon) <= BOX_KM
        if is_referring or (near and part):
            seats = reference_seats(place, request, part)
            if seats or is_referring:
                found[f"p{place.professional_id}@{place.pk}"] = seats
    return found


def random_doctor(land: make.Territory, chance: Random) -> Place:
    km = chance.choice([1, 5, 12, 22, 25, 60])
    if chance.random() < 0.3:
        return make.doctor(land, km=km, participates=False)
    shown = {"shows_pro_slots": chance.random() < 0.5, "shows_public_slots": chance.random() < 0.5}
    return make.doctor(land, km=km, **shown)


def random_limits(chance: Random) -> dict[str, object]:
    """Most seats are for anybody; the others have one limit."""
    return chance.choice(
        [
            *({}, {}, {}, {}),
            *({"sas_sees": False}, {"sas_sees": True}, {"new_patients": False}),
            *({"min_age_months": 216}, {"max_age_months": 216}, {"max_age_months": 480}),
            *({"notice_minutes": 60}, {"notice_minutes": 61}, {"notice_minutes": 600}),
            *({"specialties": ["SM54"]}, {"specialties": ["SM40"]}),
        ]
    )


def random_territory(seed: int) -> tuple[make.Territory, OrientationRequest]:
    chance = Random(seed)
    land = make.territory()
    places = [random_doctor(land, chance) for _ in range(12)]
    for place in places:
        for hours in chance.sample([-3, -2, 1, 2, 7, 8, 30, 31, 47, 50], chance.randrange(5)):
            make.slot(
                place,
                hours,
                audience=chance.choice(["SNP", "SNP", "PRO", "PUBLIC", "OWN"]),
                capacity=chance.choice([1, 2]),
                taken=chance.choice([0, 0, 1]),
                modalities=chance.choice([["AMB"], ["AMB", "VR"], ["VR"]]),
                status=chance.choice(["open", "open", "open", "withdrawn"]),
                **random_limits(chance),
            )
    referring = chance.choice(places).professional
    age = chance.choice([None, 3, 215, 216, 600])
    return land, make.request(
        land, patient=make.patient(land, referring_doctor=referring, age_months=age, birth_date=None)
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_statement_finds_what_the_orm_finds(seed: int):
    land, request = random_territory(seed)
    found = {
        key: sorted(int(seat.slot) for seat in candidate.seats)
        for key, candidate in fetched(land, request).items()
        if candidate.practitioner
    }
    expected = reference(land, request)
    assert found == expected


def test_an_expired_hold_counts_as_a_free_seat_before_any_sweep():
    land = make.territory()
    place = make.doctor(land)
    seat = make.slot(place, 5)
    make.held(make.request(land), place, seat, land, at=AT - timedelta(minutes=10))
    assert [slot.id for slot in make.searched(make.request(land), land).first.slots] == [seat.pk]


def test_who_was_asked_counts_once_per_request():
    land = make.territory()
    place = make.doctor(land)
    make.slot(place, 9)
    request = make.request(land)
    booking = make.held(request, place, make.slot(place, 5), land)
    key = f"p{place.professional_id}@{place.pk}"
    assert fetched(land, request)[key].solicitations_28d == 0
    operations.release_hold(booking=booking, by=land.osnp, at=AT)
    operations.ask_overbooking(
        request=request, professional=place.professional, answer="ne répond pas", by=land.osnp, at=AT
    )
    assert fetched(land, request)[key].solicitations_28d == 1
    operations.ask_overbooking(
        request=make.request(land), professional=place.professional, answer="complet", by=land.osnp, at=AT
    )
    assert fetched(land, request)[key].solicitations_28d == 2


def test_offered_seats_are_counted_over_28_days_as_the_sas_could_see_them():
    land = make.territory()
    place = make.doctor(land)
    make.slot(place, -48, capacity=2)
    make.slot(place, -72, audience="PUBLIC")
    make.slot(place, -24 * 30)
    make.slot(place, 3)
    operations.count_offered_seats(sas=land.sas, at=AT)
    operations.count_offered_seats(sas=land.sas, at=AT)
    (found,) = fetched(land, make.request(land)).values()
    assert found.offered_28d == 2


def test_a_declared_absence_reaches_the_ranking():
    land = make.territory()
    place = make.doctor(land)
    make.slot(place, 2)
    make.absence(place.professional)
    request = make.request(land)
    assert make.searched(request, land).first is None
    log = queries.latest_ranking(request)
    assert queries.why_not(log=log, professional=place.professional).reason == "absent"
