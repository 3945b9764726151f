"""On the pages of a doctor, a delegate reads and notes what was delegated, and it is signed for the doctor."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.directory.models import Delegation, DelegationEvent
from quinze.orientation.models import Booking, RequestEvent
from quinze.patients.models import AccessRecord
from tests.factories import directory
from tests.factories.accounts import login, make_actor
from tests.orientation.test_effecteur_pages import Cabinet, expect, open_cabinet, status, today_or_skip
from tests.orientation.test_effecteur_pages import make as land_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@dataclass
class Office:
    cabinet: Cabinet
    secretary: Actor
    page: Client

    def delegate(self, *powers: str, **fields: object) -> Delegation:
        return directory.delegation(self.cabinet.place.professional, self.secretary, powers=list(powers), **fields)

    def note(self, booking: Booking, outcome: str = "fulfilled") -> int:
        return self.page.post(f"/effecteur/rendez-vous/{booking.pk}/issue/", {"outcome": outcome}).status_code


@pytest.fixture
def office() -> Office:
    land = land_of.territory(at=clock.now() - timedelta(days=1))
    secretary = make_actor(Role.DELEGATAIRE, land.sas)
    return Office(open_cabinet(land, "Cormier"), secretary, login(Client(), secretary))


def past(office: Office) -> Booking:
    return expect(office.cabinet, "Pinson", starts_in=-HOUR)


def test_a_delegate_notes_an_outcome_and_the_chronology_names_both(office: Office) -> None:
    today_or_skip(-HOUR)
    held, booking = office.delegate("agenda", "outcomes"), past(office)
    assert office.note(booking) == 302
    assert status(booking) == "fulfilled"
    signed = f"{office.secretary.user} pour le Dr Hélène Cormier"
    assert signed in RequestEvent.objects.get(kind="fulfilled").text
    assert signed in DelegationEvent.objects.get(delegation=held, kind="act").text


def test_who_may_only_read_notes_nothing_and_sees_no_key(office: Office) -> None:
    today_or_skip(-HOUR)
    office.delegate("agenda")
    booking = past(office)
    assert office.note(booking) == 403
    assert status(booking) != "fulfilled"
    html = office.page.get("/effecteur/").content.decode()
    assert "PINSON" in html
    assert f"/effecteur/rendez-vous/{booking.pk}/issue/" not in html
    assert "/offre/absence/maintenant/" not in html


def test_reading_the_day_is_recorded_with_the_name_of_the_doctor(office: Office) -> None:
    today_or_skip(-HOUR)
    office.delegate("agenda")
    past(office)
    office.page.get("/effecteur/")
    read = AccessRecord.objects.get(kind="agenda")
    assert read.user == office.secretary.user
    assert read.why == "agenda du jour pour le Dr Hélène Cormier"


def test_who_handles_openings_only_reads_no_name(office: Office) -> None:
    office.delegate("rules")
    expect(office.cabinet, "Pinson", starts_in=HOUR)
    assert office.page.get("/effecteur/").status_code == 403
    html = office.page.get("/effecteur/semaine/").content.decode()
    assert "PINSON" not in html.upper()


def test_a_delegate_of_one_place_does_not_read_the_patients_of_the_other(office: Office) -> None:
    today_or_skip(-HOUR)
    second = directory.place(office.cabinet.place.professional, office.cabinet.land.commune, name="Annexe")
    office.delegate("agenda", "outcomes", places=[second])
    booking = past(office)
    assert "PINSON" not in office.page.get("/effecteur/").content.decode()
    assert office.note(booking) in (200, 302, 422)
    assert status(booking) != "fulfilled"


def test_what_was_taken_back_cannot_be_noted_from_the_page_that_was_open(office: Office) -> None:
    today_or_skip(-HOUR)
    held, booking = office.delegate("agenda", "outcomes"), past(office)
    assert office.page.get("/effecteur/").status_code == 200
    office.cabinet.page.post(f"/delegations/{held.pk}/terminer/")
    assert office.note(booking) == 403
    assert status(booking) != "fulfilled"


def test_a_request_for_delegation_is_told_on_the_day_of_the_doctor(office: Office) -> None:
    office.delegate("agenda", accepted_at=None)
    assert "1 demande de délégation" in office.cabinet.page.get("/effecteur/").content.decode()
