from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from quinze.accounts.roles import Role
from quinze.availability.models import Slot
from quinze.base import clock
from quinze.directory.models import Place
from quinze.orientation.models import Booking
from quinze.patients.models import AccessRecord
from tests.factories import orientation as make
from tests.factories import patients
from tests.factories.accounts import login, make_actor, make_user
from tests.factories.availability import slot as make_slot

PARIS = ZoneInfo("Europe/Paris")
pytestmark = pytest.mark.django_db


@dataclass
class Cabinet:
    land: make.Territory
    place: Place
    page: Client


@pytest.fixture
def cabinet() -> Cabinet:
    land = make.territory(at=clock.now() - timedelta(days=1))
    return open_cabinet(land, "Cormier")


def open_cabinet(land: make.Territory, name: str) -> Cabinet:
    place = make.doctor(land, name)
    account = make_user()
    place.professional.account = account
    place.professional.save()
    return Cabinet(land, place, login(Client(), make_actor(Role.EFFECTEUR, land.sas, user=account)))


def expect(cabinet: Cabinet, name: str, *, starts_in: timedelta, minutes: int = 15) -> Booking:
    """Booked an hour before it starts, or now for what is to come."""
    starts = clock.now() + starts_in
    asked = min(clock.now(), starts) - timedelta(hours=1)
    slot = make_slot(cabinet.place, starts, starts + timedelta(minutes=minutes))
    patient = patients.patient(cabinet.land.sas, family_name=name, phone="+33639984127")
    request = make.request(cabinet.land, at=asked, patient=patient, instruction=f"Examiner {name}")
    return make.booked(request, cabinet.place, slot, cabinet.land, at=asked)


def today_or_skip(*starts: timedelta) -> None:
    days = {(clock.now() + start).astimezone(PARIS).date() for start in (timedelta(0), *starts)}
    if len(days) > 1:
        pytest.skip("too near to midnight for a page of the day")


def status(booking: Booking) -> str:
    booking.refresh_from_db()
    return booking.status


def test_the_day_shows_who_comes_what_to_do_and_how_to_call(cabinet: Cabinet) -> None:
    today_or_skip(timedelta(minutes=30))
    expect(cabinet, "Pinson", starts_in=timedelta(minutes=30))

    html = cabinet.page.get("/effecteur/").content.decode()

    assert "PINSON Noé" in html
    assert "Examiner Pinson" in html
    assert 'href="tel:+33639984127"' in html


def test_the_list_of_the_day_asks_again_as_a_whole_page_shows_it(cabinet: Cabinet) -> None:
    today_or_skip(timedelta(minutes=30))
    booking = expect(cabinet, "Pinson", starts_in=timedelta(minutes=30))

    part = cabinet.page.get("/effecteur/", HTTP_HX_REQUEST="true").content.decode()

    assert f'id="rdv-{booking.pk}"' in part
    assert f"live:effecteur:{booking.professional_id}" in part
    assert "<h1" not in part


@pytest.mark.parametrize(
    ("said", "expected", "reason"),
    [
        ({"outcome": "fulfilled"}, "fulfilled", ""),
        ({"outcome": "no_show", "warned": "oui"}, "no_show", "avait prévenu"),
        ({"outcome": "no_show", "warned": "non"}, "no_show", "n’avait pas prévenu"),
    ],
)
def test_seen_or_not_is_one_tap(cabinet: Cabinet, said: dict[str, str], expected: str, reason: str) -> None:
    booking = expect(cabinet, "Bruant", starts_in=timedelta(minutes=-20))

    cabinet.page.post(f"/effecteur/rendez-vous/{booking.pk}/issue/", said)

    assert status(booking) == expected
    last = booking.statuses.latest("pk")
    assert (last.by_kind, last.reason) == ("doctor", reason)


def test_a_doctor_cancels_with_a_reason_and_the_seat_is_free(cabinet: Cabinet) -> None:
    today_or_skip(timedelta(minutes=40))
    booking = expect(cabinet, "Mésange", starts_in=timedelta(minutes=40))
    url = f"/effecteur/rendez-vous/{booking.pk}/annuler/"

    refused = cabinet.page.post(url, {"reason": "  "})
    assert refused.status_code == 422
    assert "Dites pourquoi" in refused.content.decode()
    assert status(booking) == "booked"

    cabinet.page.post(url, {"reason": "urgence au domicile"})
    assert status(booking) == "cancelled"
    assert Slot.objects.get(pk=booking.slot_id).taken == 0


def test_an_answer_is_corrected_with_its_reason_and_both_stay_written(cabinet: Cabinet) -> None:
    booking = expect(cabinet, "Caille", starts_in=timedelta(minutes=-30))
    cabinet.page.post(f"/effecteur/rendez-vous/{booking.pk}/issue/", {"outcome": "no_show"})

    cabinet.page.post(
        f"/effecteur/rendez-vous/{booking.pk}/corriger/", {"outcome": "fulfilled", "reason": "arrivée en retard"}
    )

    assert status(booking) == "fulfilled"
    assert list(booking.statuses.order_by("pk").values_list("status", flat=True))[-2:] == ["no_show", "fulfilled"]


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("issue", {"outcome": "fulfilled"}),
        ("annuler", {"reason": "x"}),
        ("retard", {"minutes": "20"}),
        ("corriger", {"outcome": "fulfilled", "reason": "x"}),
        ("issue", {"outcome": "mort"}),
    ],
)
def test_another_doctor_neither_sees_nor_touches_my_patients(cabinet: Cabinet, act: str, said: dict[str, str]) -> None:
    booking = expect(cabinet, "Pinson", starts_in=timedelta(minutes=-10))
    other = open_cabinet(cabinet.land, "Alisier")

    answer = other.page.post(f"/effecteur/rendez-vous/{booking.pk}/{act}/", said, follow=True)

    seen = answer.content.decode() + other.page.get("/effecteur/semaine/").content.decode()
    assert "PINSON" not in seen
    assert "Examiner Pinson" not in seen
    assert status(booking) == "booked"


def test_the_week_names_who_comes_in_the_slot(cabinet: Cabinet) -> None:
    booking = expect(cabinet, "Pinson", starts_in=timedelta(minutes=-10))
    monday = booking.starts_at.astimezone(PARIS).date().isoformat()

    html = cabinet.page.get(f"/effecteur/semaine/?semaine={monday}").content.decode()

    assert f"{booking.starts_at.astimezone(PARIS):%H:%M} PINSON Noé" in html


@pytest.mark.parametrize(
    "query", ["", "?semaine=demain", "?semaine=9999-12-31", "?regle=99999", "?regle=-1", "?regle=%00"]
)
def test_a_garbled_address_still_shows_a_week(cabinet: Cabinet, query: str) -> None:
    assert cabinet.page.get(f"/effecteur/semaine/{query}").status_code == 200


def test_figures_count_what_was_given_and_what_came(cabinet: Cabinet) -> None:
    first, second = (expect(cabinet, name, starts_in=timedelta(minutes=m)) for name, m in (("A", -60), ("B", -40)))
    cabinet.page.post(f"/effecteur/rendez-vous/{first.pk}/issue/", {"outcome": "fulfilled"})
    cabinet.page.post(f"/effecteur/rendez-vous/{second.pk}/issue/", {"outcome": "no_show"})

    found = cabinet.page.get("/effecteur/semaine/").context["tally"]
    total = [sum(getattr(week, name) for week in found) for name in ("sent", "seen", "no_show", "hours")]
    assert total == [2, 1, 1, 0.5]


@pytest.mark.parametrize(("url", "queries"), [("/effecteur/", 22), ("/effecteur/semaine/", 17)])
def test_pages_read_as_often_for_one_patient_as_for_three(
    cabinet: Cabinet, url: str, queries: int, django_assert_num_queries: Callable[..., object]
) -> None:
    cabinet.page.get(url)
    for names in (("A",), ("B", "C")):
        for n, name in enumerate(names):
            expect(cabinet, name, starts_in=timedelta(minutes=-30 - 20 * (n + len(names))))
        with django_assert_num_queries(queries):
            cabinet.page.get(url)


def test_reading_the_day_is_recorded_for_each_person_shown(cabinet: Cabinet) -> None:
    today_or_skip(timedelta(minutes=1))
    shown = expect(cabinet, "PINSON", starts_in=timedelta(minutes=1))
    cabinet.page.get("/effecteur/")
    records = AccessRecord.objects.values_list("kind", "reference", "patient", "role")
    assert list(records) == [("agenda", shown.request.case_number, shown.patient_id, Role.EFFECTEUR)]


# ---- who warns whom


def test_the_day_says_where_each_person_comes_from(cabinet: Cabinet) -> None:
    today_or_skip(timedelta(minutes=30))
    expect(cabinet, "Pinson", starts_in=timedelta(minutes=30))
    assert "vient de Poitiers" in cabinet.page.get("/effecteur/").content.decode()


def test_the_day_and_the_week_say_who_comes_from_emergencies_and_who_decided(
    cabinet: Cabinet, django_assert_num_queries: Callable[..., object]
) -> None:
    today_or_skip(timedelta(minutes=30), timedelta(minutes=60))
    cabinet.place.professional.participations.update(takes_reorientations=True)
    at, land = clock.now(), cabinet.land
    house = make.department(land)
    nurse = make.nurse(land, house, at=at)
    expect(cabinet, "Pinson", starts_in=timedelta(minutes=60))
    cabinet.page.get("/effecteur/")
    sent = make.reoriented(land, house, nurse, "Loriot", at=at)
    starts = at + timedelta(minutes=30)
    slot = make_slot(cabinet.place, starts, starts + timedelta(minutes=15))
    booking = make.booked(sent, cabinet.place, slot, land, at=at)

    with django_assert_num_queries(22):
        html = cabinet.page.get("/effecteur/").content.decode()

    line = html.split(f'id="rdv-{booking.pk}"')[1].split("</li>")[0]
    assert "<strong>Vient des urgences</strong> : Urgences du Clain, réorientation décidée par Dr Grive" in line
    assert 'href="tel:+33549000001"' in line
    assert "vient de Poitiers" not in line, "the town is that of the department"
    assert html.count("Vient des urgences") == 1
    week = cabinet.page.get("/effecteur/semaine/").content.decode()
    assert "LORIOT, vient des urgences" in week


def test_a_doctor_who_runs_late_tells_patient_and_sas_in_one_tap(cabinet: Cabinet) -> None:
    today_or_skip(timedelta(minutes=30))
    booking = expect(cabinet, "Pinson", starts_in=timedelta(minutes=30))

    said = cabinet.page.post(f"/effecteur/rendez-vous/{booking.pk}/retard/", {"minutes": "20"}, follow=True)

    html = said.content.decode()
    assert "Retard de 20 min annoncé : le patient et le SAS sont prévenus." in html
    assert "Retard de 20 min annoncé</p>" in html
    texts = {message.channel: message.body for message in booking.messages.filter(purpose="late")}
    assert "environ 20 min de retard" in texts["sms"]
    assert booking.request.events.filter(kind="doctor_late", data__minutes=20).count() == 1
    assert status(booking) in ("booked", "confirmed")


@pytest.mark.parametrize("minutes", ["", "7", "-20", "vingt", "99999999999999999999"])
def test_a_lateness_that_is_no_choice_is_refused(cabinet: Cabinet, minutes: str) -> None:
    today_or_skip(timedelta(minutes=30))
    booking = expect(cabinet, "Pinson", starts_in=timedelta(minutes=30))
    answer = cabinet.page.post(f"/effecteur/rendez-vous/{booking.pk}/retard/", {"minutes": minutes})
    assert answer.status_code == 422
    assert not booking.messages.filter(purpose="late").exists()


def test_lateness_is_announced_the_same_day_only(cabinet: Cabinet) -> None:
    far = expect(cabinet, "Pinson", starts_in=timedelta(hours=13))
    past = expect(cabinet, "Linotte", starts_in=timedelta(hours=-2))
    for booking in (far, past):
        cabinet.page.post(f"/effecteur/rendez-vous/{booking.pk}/retard/", {"minutes": "20"})
        assert not booking.messages.filter(purpose="late").exists()


def test_a_person_whom_the_doctor_could_not_receive_waits_again(cabinet: Cabinet) -> None:
    booking = expect(cabinet, "Bruant", starts_in=timedelta(minutes=-20))
    cabinet.page.post(f"/effecteur/rendez-vous/{booking.pk}/issue/", {"outcome": "no_show", "cause": "doctor"})
    booking.refresh_from_db()
    assert (booking.status, booking.no_show_cause) == ("no_show", "doctor")
    booking.request.refresh_from_db()
    assert booking.request.status == "waiting"
