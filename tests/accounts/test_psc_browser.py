"""The first login by Pro Santé Connect on a telephone, through the simulator, by links and keys only."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from quinze.accounts.models import NationalIdentity
from quinze.interop.psc.simulator import Simulator
from tests.accounts import psc_peers as psc
from tests.browser import faults, keys, needs_chromium
from tests.factories import directory as make

pytestmark = [
    pytest.mark.journey,
    pytest.mark.django_db(transaction=True),
    needs_chromium,
]


@pytest.fixture
def simulator(settings) -> Iterator[Simulator]:
    town = make.commune("Poitiers")
    make.sas(communes=(town,))
    doctor = make.professional()
    make.place(doctor, town, email="cabinet@exemple.invalid")
    with Simulator([psc.person(f"8{doctor.rpps}")], client_id=psc.CLIENT_ID, secret=psc.SECRET).running() as running:
        settings.QUINZE_PSC = psc.settings_of(running.issuer)
        yield running


@pytest.fixture
def page(browser, live_server, simulator) -> Iterator[Page]:
    wrong: list[str] = []
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "violates" in message.text else None)
    page.goto(f"{live_server.url}/connexion/")
    yield page
    page.close()
    assert wrong == []


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_doctor_opens_their_account_from_a_telephone_and_leaves_by_both_doors(page, simulator, live_server):
    assert (faults(page), fits(page)) == ([], True)
    for _ in range(3):  # address, password, button, then Pro Santé Connect
        keys(page).press("Tab")
    expect(page.get_by_role("link", name="S’identifier avec Pro Santé Connect")).to_be_focused()
    keys(page).press("Enter")
    page.get_by_role("link", name="ROSE AUBÉPINE").click()
    page.wait_for_url("**/premiere-connexion/")
    assert (faults(page), fits(page)) == ([], True)
    expect(page.get_by_role("button", name="Participer au SAS 86")).to_be_focused()
    keys(page).press("Enter")
    page.wait_for_url("**/effecteur/")
    assert NationalIdentity.objects.count() == 1
    page.goto(f"{live_server.url}/mon-compte/")
    assert (faults(page), fits(page)) == ([], True)
    page.locator("form[action='/deconnexion/'] button").evaluate("button => button.form.requestSubmit(button)")
    page.wait_for_url("**/connexion/")  # by way of the provider, whose session is over too
    assert simulator.sessions == set()
    page.goto(f"{live_server.url}/effecteur/")
    page.wait_for_url("**/connexion/?*")
