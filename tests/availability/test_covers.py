"""A city doctor who regulates: warned of their open slots, they name who receives, or close these hours in one tap."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from django.test import Client

from quinze.accounts.actor import Actor
from quinze.accounts.models import User
from quinze.accounts.roles import Role
from quinze.availability.models import Absence, Cover, Slot
from quinze.availability.operations.covers import name_cover, withdraw_cover
from quinze.availability.queries.covers import clashes, receiver_of, regulating
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.base.periods import period
from quinze.directory.acting import mandate_of
from quinze.orientation.models import RequestEvent
from quinze.staffing.models import RosterAssignment, RosterPublication, RosterShift
from quinze.staffing.rostering import monday_of
from tests.factories import directory
from tests.factories import orientation as make
from tests.factories.accounts import grant, login, make_actor, make_user
from tests.factories.availability import slot as make_slot
from tests.regulation.test_claims import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def land() -> make.Territory:
    return make.territory(at=clock.now() - timedelta(days=1))


@pytest.fixture
def place(land):
    made = make.doctor(land, "Cormier")
    made.professional.account = make_user()
    made.professional.save()
    return made


@pytest.fixture
def doctor(land, place) -> Actor:
    return make_actor(Role.EFFECTEUR, land.sas, user=place.professional.account)


@cache
def start():
    """In three days, at a round minute: the same for the whole run."""
    return (clock.now() + timedelta(days=3)).replace(second=0, microsecond=0)


def regulates(land, user: User, *, role: Role = Role.REGULATEUR_SNP, published: bool = True, hours: int = 4):
    grant(user, role, land.sas, start=clock.now() - timedelta(days=30))
    begins = start()
    shift = RosterShift.objects.create(
        sas=land.sas, role=role, during=period(begins, begins + timedelta(hours=hours)), needed=1,
        made_by=land.osnp.user, made_at=clock.now(),
    )  # fmt: skip
    RosterAssignment.objects.create(shift=shift, user=user, during=shift.during)
    if published:
        RosterPublication.objects.create(
            sas=land.sas, monday=monday_of(begins.date()), number=1, content=[], by=land.osnp.user, at=clock.now()
        )
    return shift


def open_slot(place, *, minutes: int = 60) -> Slot:
    return make_slot(place, start() + timedelta(minutes=minutes), start() + timedelta(minutes=minutes + 20))


def found(place, at=None):
    at = at or clock.now()
    hours = regulating(place.professional, since=at, until=at + timedelta(days=14))
    return clashes(place.professional, hours=hours, at=at)


def test_who_regulates_while_their_slots_are_open_is_asked_who_replaces_them(land, place, doctor):
    regulates(land, doctor.user)
    assert found(place) == [], "nothing open"
    open_slot(place)
    (clash,) = found(place)
    assert (clash.slots, clash.expected, clash.is_settled) == (1, 0, False)
    assert clash.regulation.role == "Médecin régulateur SNP"
    html = login(Client(), doctor).get("/effecteur/").content.decode()
    assert "Qui vous remplace ?" in html
    assert "1 de vos créneaux est ouvert" in html


@pytest.mark.parametrize(("role", "published"), [(Role.REGULATEUR_SNP, False), (Role.OSNP, True)])
def test_a_draft_or_another_post_asks_nothing(land, place, doctor, role, published):
    regulates(land, doctor.user, role=role, published=published)
    open_slot(place)
    assert found(place) == []


def test_naming_somebody_keeps_the_slots_under_their_name(land, place, doctor):
    regulates(land, doctor.user)
    slot = open_slot(place)
    client, begins = login(Client(), doctor), start()
    name_cover(
        place.professional, start=begins, end=begins + timedelta(hours=4), name="Lou Sorbier", quality="replacement",
        by=doctor, at=clock.now(),
    )  # fmt: skip
    assert found(place)[0].is_settled
    slot.refresh_from_db()
    assert slot.status == "open"
    found_now = receiver_of(place.professional_id, at=slot.starts_at)
    assert found_now is not None
    assert found_now.words == "Lou Sorbier, remplaçant"
    assert receiver_of(place.professional_id, at=begins + timedelta(hours=4)) is None, "the end is not of the hours"
    assert "Lou Sorbier, remplaçant" in client.get("/effecteur/").content.decode()
    monday = begins.date() - timedelta(days=begins.weekday())
    week = client.get(f"/effecteur/semaine/?semaine={monday}").content.decode()
    assert "Vous régulez" in week
    assert "reçoit : Lou Sorbier, remplaçant" in week


def test_the_osnp_the_sheet_and_the_patient_read_who_receives(land, place, doctor):
    slot = open_slot(place)
    asked = make.request(land, at=clock.now(), hours=90)
    booking = make.booked(asked, place, slot, land, at=clock.now())
    name_cover(
        place.professional, start=start(), end=start() + timedelta(hours=4), name="Lou Sorbier", quality="assistant",
        by=doctor, at=clock.now(),
    )  # fmt: skip
    told = RequestEvent.objects.get(kind="doctor_replaced")
    assert "Lou Sorbier, adjoint" in told.text
    assert told.request == asked
    sheet = login(Client(), make_actor(Role.OSNP, land.sas)).get(f"/suivi/{booking.pk}/").content.decode()
    assert "Lou Sorbier, adjoint" in sheet
    from quinze.orientation.links import cancel_path

    assert "Lou Sorbier, adjoint" in Client().get(cancel_path(booking.pk)).content.decode()


def test_one_tap_closes_these_hours_and_no_other(land, place, doctor):
    shift = regulates(land, doctor.user)
    inside, outside = open_slot(place), open_slot(place, minutes=300)
    client = login(Client(), doctor)
    client.post("/offre/regulation/fermer/", {"de": shift.during.lower.isoformat()})
    absence = Absence.objects.get()
    assert (absence.during.lower, absence.during.upper) == (shift.during.lower, shift.during.upper)
    inside.refresh_from_db()
    outside.refresh_from_db()
    assert inside.status == "withdrawn"
    assert found(place) == []


@pytest.mark.parametrize("said", ["", "demain", "2026-13-45T00:00", "x" * 3000])
def test_hours_that_the_roster_does_not_hold_close_nothing(land, place, doctor, said):
    regulates(land, doctor.user)
    open_slot(place)
    login(Client(), doctor).post("/offre/regulation/fermer/", {"de": said})
    assert not Absence.objects.exists()


def test_the_form_names_them_for_a_day_and_hours_and_says_what_is_wrong(land, place, doctor):
    client, day = login(Client(), doctor), (start() + timedelta(days=1)).date().isoformat()
    typed = {"name": "Lou Sorbier", "quality": "collaborator", "day": day, "starts": "14:00", "ends": "18:00"}
    for wrong in ({"name": ""}, {"name": "x" * 500}, {"quality": "x"}, {"starts": "25:00"}, {"day": "2020-01-01"}):
        assert client.post("/offre/remplacement/", typed | wrong).status_code == 422
    assert not Cover.objects.exists()
    assert client.post("/offre/remplacement/", typed).status_code == 302
    again = client.post("/offre/remplacement/", typed | {"starts": "17:00", "ends": "19:00"})
    assert "remplace déjà" in again.content.decode()
    cover = Cover.objects.get()
    assert cover.words == "Lou Sorbier, collaborateur"
    client.post(f"/offre/remplacement/{cover.pk}/retirer/")
    cover.refresh_from_db()
    assert cover.withdrawn_at is not None
    assert client.get("/offre/remplacement/?de=x&a=%00").status_code == 200


def test_a_part_of_the_hours_is_not_all_of_them(land, place, doctor):
    regulates(land, doctor.user)
    open_slot(place)
    for hours in ((0, 2), (2, 4)):
        begins, ends = (start() + timedelta(hours=each) for each in hours)
        name_cover(
            place.professional, start=begins, end=ends, name="L", quality="replacement", by=doctor, at=clock.now()
        )
        assert found(place)[0].is_settled == (hours == (2, 4))


def test_nobody_names_who_replaces_another_doctor(land, place, doctor):
    other = make_actor(Role.EFFECTEUR, land.sas)
    hours = {"start": start(), "end": start() + timedelta(hours=1), "name": "L", "quality": "replacement"}
    with pytest.raises(NotFound):
        name_cover(place.professional, **hours, by=other, at=clock.now())
    cover = name_cover(place.professional, **hours, by=doctor, at=clock.now())
    with pytest.raises(NotFound):
        withdraw_cover(cover, by=other, at=clock.now())
    with pytest.raises(Refusal, match="passées"):
        name_cover(place.professional, **hours, by=doctor, at=clock.now() + timedelta(days=9))


def test_known_replacements_are_offered(land, place, doctor):
    substitute = directory.professional("Sorbier", "Lou")
    directory.place(
        substitute, land.commune, replaces=place.professional, valid_from=clock.now(),
        valid_until=clock.now() + timedelta(days=9),
    )  # fmt: skip
    assert "Lou Sorbier" in login(Client(), doctor).get("/offre/remplacement/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_screens_name_two_people_for_the_same_hour_and_one_is_kept():
    land = make.territory(at=clock.now() - timedelta(days=1))
    place = make.doctor(land, "Cormier")
    place.professional.account = make_user()
    place.professional.save()
    by = make_actor(Role.EFFECTEUR, land.sas, user=place.professional.account)
    hours = {"start": start(), "end": start() + timedelta(hours=1), "quality": "replacement", "by": by}
    answers = at_once(
        *[lambda name=name: name_cover(place.professional, **hours, name=name, at=clock.now()) for name in "AB"]
    )
    assert sum(isinstance(each, Refusal) for each in answers) == 1
    assert Cover.objects.count() == 1


def test_a_delegate_of_one_place_names_nobody_for_all_of_them(land, place):
    """The hours are those of every place of the doctor."""
    delegate = make_actor(Role.DELEGATAIRE, land.sas)
    mandate = mandate_of(directory.delegation(place.professional, delegate, places=[place]))
    with pytest.raises(Refusal, match="certains lieux"):
        name_cover(
            place.professional, start=start(), end=start() + timedelta(hours=1), name="Lou", quality="replacement",
            by=replace(delegate, mandate=mandate), at=clock.now(),
        )  # fmt: skip
    assert not Cover.objects.exists()
