"""One person with two appointments of one specialty: said when it happens, never forbidden."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from quinze.accounts.roles import Role
from quinze.availability.models import Slot
from quinze.base import clock
from quinze.orientation import operations
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.queries.duplicates import already_given
from quinze.patients.models import Patient
from quinze.patients.operations import chain
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor, make_sas
from tests.factories.orientation import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


def first(land: make.Territory, patient: Patient) -> Booking:
    place = make.doctor(land, "Loriot")
    return make.booked(make.request(land, patient=patient), place, make.slot(place, 5), land)


def person(land: make.Territory, name: str, **fields: object) -> Patient:
    return make.patient(land, family_name=name, **fields)


def test_the_same_person_is_found_by_identity_chaining_or_by_names_and_birth(land: make.Territory) -> None:
    known = person(land, "Linotte")
    booking = first(land, known)
    chained = chain(person(land, "", given_name="", birth_date=None), into=known)
    provisional = Patient.objects.exclude(merged_into=None).get()
    for same in (known, chained, provisional, person(land, "Linotte")):
        assert already_given(make.request(land, patient=same), at=AT) == [booking]
    assert already_given(make.request(land, patient=person(land, "Huppe")), at=AT) == []
    assert already_given(booking.request, at=AT) == []


def test_another_specialty_a_past_appointment_or_another_sas_is_no_duplicate(land: make.Territory) -> None:
    known = person(land, "Linotte")
    first(land, known)
    assert already_given(make.request(land, patient=known, specialty="SM03"), at=AT) == []
    again = make.request(land, patient=known)
    assert already_given(again, at=AT + timedelta(hours=6)) == []
    assert len(already_given(again, at=AT)) == 1


# ---- on the desk


def url(name: str, *args: object) -> str:
    return reverse(f"orientation:{name}", args=args)


@pytest.fixture
def now_land() -> make.Territory:
    return make.territory(at=clock.now() - timedelta(days=1))


def two(land: make.Territory) -> tuple[Client, Booking, OrientationRequest]:
    at = clock.now()
    known = person(land, "Linotte")
    place = make.doctor(land, "Loriot")
    given = make.booked(make.request(land, patient=known, at=at), place, make.slot(place, 5, at=at), land, at=at)
    actor = make_actor(Role.OSNP, land.sas)
    again = operations.claim(request=make.request(land, patient=known, at=at), by=actor, at=at)
    return login(Client(), actor), given, again


def test_complaint_13_two_appointments_of_one_person_are_warned_of_at_hold_and_at_confirm_and_not_blocked(
    now_land: make.Territory,
) -> None:
    """Complaint 13: duplicate appointments for the same person: warn, do not block."""
    page, given, again = two(now_land)
    at, place = clock.now(), make.doctor(now_land, "Cormier")
    slot = make.slot(place, 3, at=at)
    said = "Déjà un rendez-vous pour ce besoin."
    assert said in page.get(url("request", again.pk)).content.decode()

    ranking = operations.search(request=again, by=now_land.osnp, at=at).ranking_id
    choice = f"p{place.professional_id}@{place.pk}|{slot.pk}|AMB"
    held = page.post(
        url("hold", again.pk), {"choice": choice, "ranking": ranking, "other": "souhait", "asked": "1"}, follow=True
    ).content.decode()
    assert said in held
    assert "Annuler l’autre" in held
    assert url("booking", given.pk) in held

    booked = page.post(url("confirm", again.pk), follow=True).content.decode()
    assert "Cette personne a aussi rendez-vous chez Dr Hélène Loriot" in booked
    assert set(Booking.objects.filter(status__in=["booked", "confirmed"]).values_list("request", flat=True)) == {
        given.request_id,
        again.pk,
    }


def test_the_other_one_is_given_up_in_one_tap_and_its_person_does_not_wait_twice(now_land: make.Territory) -> None:
    page, given, again = two(now_land)
    there = page.post(url("drop_duplicate", given.pk), {"vers": again.pk})
    assert there.headers["Location"] == url("request", again.pk)
    given.refresh_from_db()
    given.request.refresh_from_db()
    assert (given.status, given.request.status) == ("cancelled", "closed")
    assert Slot.objects.get(bookings=given).taken == 0
    assert "Déjà un rendez-vous" not in page.get(url("request", again.pk)).content.decode()
    assert page.post(url("drop_duplicate", given.pk), {"vers": "9" * 40}).status_code == 302


def test_a_duplicate_is_dropped_by_its_own_sas_only(now_land: make.Territory) -> None:
    _, given, _ = two(now_land)
    elsewhere = login(Client(), make_actor(Role.OSNP, make_sas("17")))
    assert elsewhere.post(url("drop_duplicate", given.pk)).status_code == 404
    given.refresh_from_db()
    assert given.status == "booked"
