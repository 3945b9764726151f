"""Posting an absence over appointments: who is expected is shown first, then the OSNP has them to place again."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client

from quinze.accounts.roles import Role
from quinze.availability.models import Absence, Slot
from quinze.base import clock
from quinze.orientation.models import Booking, RequestEvent
from quinze.orientation.queries.replacements import to_replace
from quinze.patients.models import AccessRecord
from tests.factories import orientation as make
from tests.factories import patients
from tests.factories.accounts import login, make_actor
from tests.orientation.test_effecteur_pages import Cabinet, open_cabinet

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def cabinet() -> Cabinet:
    return open_cabinet(make.territory(at=clock.now()), "Cormier")


def tomorrow_at_nine(cabinet: Cabinet, name: str) -> Booking:
    now = clock.now()
    day = (now.astimezone(PARIS) + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    slot = make.slot(cabinet.place, (day - now).total_seconds() / 3600, at=now)
    patient = patients.patient(cabinet.land.sas, family_name=name, phone="+33639984127")
    return make.booked(make.request(cabinet.land, at=now, patient=patient), cabinet.place, slot, cabinet.land, at=now)


def tomorrow(**fields: str) -> dict[str, str]:
    day = (clock.now().astimezone(PARIS) + timedelta(days=1)).date().isoformat()
    return {"from_day": day, "from_time": "8h", "until_day": day, "until_time": "12h", "reason": "Formation"} | fields


def test_complaint_14_an_absence_over_appointments_shows_them_before_anything_is_written(cabinet: Cabinet) -> None:
    """Complaint 14: an appointment collides with an absence and nothing happens when leave is posted."""
    booking = tomorrow_at_nine(cabinet, "Pinson")

    asked = cabinet.page.post("/offre/absence/", tomorrow())

    html = asked.content.decode()
    assert "PINSON Noé" in html
    assert 'name="from_time" value="8h"' in html
    assert not Absence.objects.exists()
    assert AccessRecord.objects.filter(why="absence à déclarer", patient=booking.patient).count() == 1

    again = cabinet.page.post("/offre/absence/", tomorrow(confirm="non")).content.decode()
    assert 'value="Formation"' in again  # nothing typed is lost
    assert not Absence.objects.exists()


def test_complaint_14_a_confirmed_absence_opens_work_for_the_osnp_and_cancels_nobody(cabinet: Cabinet) -> None:
    booking = tomorrow_at_nine(cabinet, "Pinson")

    said = cabinet.page.post("/offre/absence/", tomorrow(confirm="oui"), follow=True).content.decode()

    assert "1 patient à replacer : le SAS est prévenu." in said
    assert list(to_replace(sas=cabinet.land.sas, at=clock.now())) == [booking]
    assert RequestEvent.objects.filter(kind="doctor_away", request=booking.request).count() == 1
    booking.refresh_from_db()
    assert booking.status in ("booked", "confirmed")
    osnp = login(Client(), make_actor(Role.OSNP, cabinet.land.sas))
    assert "PINSON" in osnp.get("/suivi/").content.decode()


@pytest.mark.parametrize(("jusque", "ends"), [("soir", True), ("retour", False)])
def test_away_from_now_until_i_say_so_is_one_tap(cabinet: Cabinet, jusque: str, ends: bool) -> None:
    cabinet.page.post("/offre/absence/maintenant/", {"jusque": jusque})

    absence = Absence.objects.get()
    assert (absence.during.upper is not None) is ends
    assert "Je reviens" in cabinet.page.get("/effecteur/").content.decode()


def test_one_tap_over_appointments_shows_them_and_asks_once(cabinet: Cabinet) -> None:
    tomorrow_at_nine(cabinet, "Pinson")

    asked = cabinet.page.post("/offre/absence/maintenant/", {"jusque": "retour"}).content.decode()
    assert "PINSON Noé" in asked
    assert 'name="jusque" value="retour"' in asked
    assert not Absence.objects.exists()

    cabinet.page.post("/offre/absence/maintenant/", {"jusque": "retour", "confirm": "non"})
    assert not Absence.objects.exists()
    cabinet.page.post("/offre/absence/maintenant/", {"jusque": "retour", "confirm": "oui"})
    assert Absence.objects.get().during.upper is None


def test_another_doctors_patients_are_not_shown(cabinet: Cabinet) -> None:
    tomorrow_at_nine(cabinet, "Pinson")
    other = open_cabinet(cabinet.land, "Alisier")
    answer = other.page.post("/offre/absence/", tomorrow(), follow=True)
    assert "PINSON" not in answer.content.decode()
    assert Absence.objects.get().professional == other.place.professional


def test_complaint_14_postgresql_refuses_to_delete_a_slot_that_carries_an_appointment(cabinet: Cabinet) -> None:
    booking = tomorrow_at_nine(cabinet, "Pinson")
    delete = f"DELETE FROM availability_slot WHERE id = {booking.slot_id}; SET CONSTRAINTS ALL IMMEDIATE"  # noqa: S608
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(delete)
    assert Slot.objects.filter(bookings=booking).exists()
