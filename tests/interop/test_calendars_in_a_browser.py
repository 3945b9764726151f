"""The page of calendars on a phone, in a real browser: link one, see it fail, make and take back an address."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from quinze.accounts.roles import Role
from quinze.availability.models import CalendarFeed
from quinze.base import clock
from quinze.interop.calendars.pulling import pull
from tests.browser import Browser, faults, keys, needs_chromium
from tests.factories import availability as offer
from tests.factories import calendars as make
from tests.factories.accounts import login, make_actor
from tests.factories.availability import Effecteur

PHONE = {"width": 390, "height": 844}
pytestmark = [
    pytest.mark.journey,
    needs_chromium,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def doctor() -> Effecteur:
    doctor = offer.effecteur()
    make_actor(Role.EFFECTEUR, doctor.sas, user=doctor.actor.user)
    return doctor


@pytest.fixture
def page(browser: Browser, live_server: object, doctor: Effecteur) -> Page:
    url = str(live_server)
    session = login(Client(), doctor.actor).cookies["sessionid"].value
    context = browser.new_context(viewport=PHONE, base_url=url, bypass_csp=True)  # type: ignore[arg-type]
    context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    return context.new_page()


def test_a_doctor_links_a_calendar_and_follows_quinze_from_a_phone(page: Page, doctor: Effecteur) -> None:
    with make.serving() as server:
        page.goto("/offre/agendas/")
        page.get_by_label("Adresse", exact=True).fill("mon agenda")
        page.get_by_role("button", name="Relier").click()
        expect(page.get_by_text("n’est pas complète")).to_be_visible()
        well_made(page)

        page.get_by_label("Adresse", exact=True).fill(server.address)
        page.get_by_label("Nom", exact=True).fill("Agenda du cabinet")
        page.get_by_role("button", name="Relier").click()
        expect(page.get_by_text("première lecture", exact=True)).to_be_visible()

        feed, at = CalendarFeed.objects.get(), clock.now()
        tomorrow = f"{at + timedelta(days=1):%Y%m%d}"
        server.gives(make.ics(make.event(f"DTSTART;VALUE=DATE:{tomorrow}"), make.event("DTSTART:hier")))
        pull(feed.pk, at=at)
        server.gives(b"", 404)
        pull(feed.pk, at=at + timedelta(minutes=16))

    page.goto("/offre/agendas/")
    expect(page.get_by_text("L’agenda n’existe plus à cette adresse.").first).to_be_visible()
    expect(page.get_by_text("1 événement illisible")).to_be_visible()
    page.get_by_role("button", name="Créer l’adresse").click()
    private = page.get_by_label("Adresse privée").input_value()
    assert page.request.get(private[private.index("/agenda/") :]).status == 200
    well_made(page)
    if folder := os.environ.get("QUINZE_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / "agendas-telephone.png", full_page=True)

    keys(page).press("Tab")  # the message goes with the next key
    page.get_by_role("button", name="Révoquer").click()
    expect(page.get_by_role("button", name="Créer l’adresse")).to_be_visible()
    assert page.request.get(private[private.index("/agenda/") :]).status == 404


def well_made(page: Page) -> None:
    """No defect for axe-core, nothing wider than the phone."""
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
