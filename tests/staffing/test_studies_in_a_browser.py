"""The studies in a real browser, on a desk and on a telephone."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from playwright.sync_api import Page

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.staffing.operations import load_sae
from tests.availability.test_in_a_browser import well_made
from tests.browser import Browser, keys, needs_chromium
from tests.factories.accounts import login, make_actor, make_sas
from tests.staffing.sae import file_of, france

PHONE, DESK = (390, 844), (1366, 768)
STUDIES = ("capacite", "et-si", "crise", "niveaux", "montee-en-charge", "mutualisation", "samu")
pytestmark = [
    pytest.mark.journey,
    needs_chromium,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def supervisor() -> Actor:
    load_sae(file_of(*france(6)), at=datetime(2026, 11, 22, tzinfo=UTC))
    return make_actor(Role.SUPERVISOR, make_sas("86"))


def at_post(browser: Browser, url: str, actor: Actor, size: tuple[int, int]) -> Page:
    view = {"width": size[0], "height": size[1]}
    context = browser.new_context(viewport=view, base_url=url, bypass_csp=True)  # type: ignore[arg-type]
    context.add_cookies([{"name": "sessionid", "value": login(Client(), actor).cookies["sessionid"].value, "url": url}])
    return context.new_page()


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_every_study_is_well_made(
    browser: Browser, live_server: object, supervisor: Actor, size: tuple[int, int]
) -> None:
    page = at_post(browser, str(live_server), supervisor, size)
    for study in STUDIES:
        page.goto(f"/effectifs/etudes/{study}/")
        for folded in page.locator("details").all():
            folded.evaluate("each => each.open = true")
        well_made(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], study


def test_a_hypothesis_is_changed_by_keyboard_and_the_answer_follows(
    browser: Browser, live_server: object, supervisor: Actor
) -> None:
    page = at_post(browser, str(live_server), supervisor, DESK)
    page.goto("/effectifs/etudes/capacite/")
    before = page.locator(".st-answer").first.inner_text()
    page.locator("details.st-form > summary").focus()
    keys(page).press("Enter")
    page.get_by_label("Appels présentés par an").focus()
    keys(page).press("Control+A")
    keys(page).type("600000")
    keys(page).press("Enter")
    page.wait_for_url("**appels_par_an=600000**")
    assert page.locator(".st-answer").first.inner_text() != before
    page.locator("img.st-drawing").scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('img.st-drawing').naturalWidth > 300")
