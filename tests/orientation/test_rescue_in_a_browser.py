"""A freed seat given again by the keyboard; the patient's page and the doctor's answer on a telephone."""

from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.orientation import operations
from quinze.orientation.letters import languages
from quinze.orientation.links import cancel_path, stop_path
from quinze.orientation.models import Booking
from quinze.orientation.operations import rescue
from quinze.orientation.operations.asking import ask_doctor
from tests.availability.test_in_a_browser import well_made
from tests.browser import Browser, keys, needs_chromium
from tests.factories import orientation as make
from tests.factories import patients
from tests.factories.accounts import login, make_actor, make_user

PHONE, DESK = (390, 844), (1366, 768)
pytestmark = [
    pytest.mark.journey,
    needs_chromium,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def land() -> make.Territory:
    return make.territory(at=clock.now() - timedelta(days=3))


def at_post(browser: Browser, url: str, actor: Actor | None, size: tuple[int, int]) -> Page:
    view = {"width": size[0], "height": size[1]}
    context = browser.new_context(viewport=view, base_url=url, bypass_csp=True)  # type: ignore[arg-type]
    if actor:
        session = login(Client(), actor).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    return context.new_page()


def seen(page: Page, url: str, size: tuple[int, int]) -> None:
    page.goto(url)
    well_made(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0], url


def booked(land: make.Territory, name: str, *, starts_in: float) -> Booking:
    asked = clock.now() + timedelta(hours=starts_in - 6)
    place = make.doctor(land, name)
    slot = make.slot(place, 6, at=asked)
    person = patients.patient(land.sas, family_name=name, phone="+33639984127")
    return make.booked(make.request(land, at=asked, patient=person), place, slot, land, at=asked)


def test_a_freed_seat_is_called_and_given_again_by_the_keyboard_alone(
    browser: Browser, live_server: object, land: make.Territory
) -> None:
    booked(land, "Grive", starts_in=-30)  # an outcome to note
    gone = booked(land, "Linotte", starts_in=5)
    operations.cancel(booking=gone, by_kind="patient", at=clock.now())
    operations.close_without_booking(request=gone.request, reason="va mieux", by=land.osnp, at=clock.now())
    waiting = make.request(land, at=clock.now(), hours=8, patient=patients.patient(land.sas, family_name="Grèbe"))
    rescue.rescue_seats(at=clock.now())
    osnp = make_actor(Role.OSNP, land.sas)

    for size in (PHONE, DESK):
        page = at_post(browser, str(live_server), osnp, size)
        seen(page, "/orientation/", size)
        seen(page, "/suivi/", size)
    keys(page).press("F8")
    keys(page).press("a")
    page.get_by_role("button", name="Accepte").wait_for()
    well_made(page)
    keys(page).press("a")
    page.get_by_text("Place redonnée : GRÈBE Noé").wait_for()
    assert Booking.objects.get(request=waiting).slot == gone.slot

    page.locator("[id^=issue-] a").first.focus()
    keys(page).press("m")
    page.get_by_text("médecin absent.").wait_for()


def test_the_pages_of_a_patient_and_the_answer_of_a_doctor_hold_on_a_telephone(
    browser: Browser, live_server: object, land: make.Territory
) -> None:
    given = booked(land, "Linotte", starts_in=5)
    page = at_post(browser, str(live_server), None, PHONE)
    for language in languages():
        seen(page, f"{cancel_path(given.pk)}?lang={language}", PHONE)
    seen(page, f"{stop_path(given.pk)}?lang=en", PHONE)
    page.goto(cancel_path(given.pk) + "?lang=ar")
    page.get_by_role("button", name="إلغاء موعدي").click()
    page.get_by_text("تم إلغاء موعدكم.").wait_for()
    well_made(page)

    at, place = clock.now(), make.doctor(land, "Cormier", accepts_overbooking=True, overbooking_per_day=1)
    person = place.professional
    assert person
    person.account = make_user()
    person.save()
    found = make.request(land, at=at, hours=9)
    view = make.searched(found, land, at=at, opened_levels=frozenset({5}), opening_reason="urgent")
    ask_doctor(
        request=found, professional=person, place=place, starts_at=at + timedelta(hours=2), ranking=view.ranking_id,
        reason="souhait", by=land.osnp, at=at,
    )  # fmt: skip
    doctor = at_post(browser, str(live_server), make_actor(Role.EFFECTEUR, land.sas, user=person.account), PHONE)
    seen(doctor, "/effecteur/", PHONE)
    doctor.get_by_role("button", name="Oui").click()
    doctor.get_by_text("Accepté : le patient").wait_for()
    assert Booking.objects.get(request=found).kind == "overbooking"
