"""A secretary asks, the doctor accepts from a phone, the agenda opens, then closes in one tap; with axe-core."""

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from tests.browser import Browser, faults, keys, needs_chromium
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor, make_user

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
pytestmark = [
    pytest.mark.journey,
    needs_chromium,
    pytest.mark.django_db(transaction=True),
]
Opener = Callable[[Actor, dict[str, int]], Page]


@pytest.fixture
def opened(browser: Browser, live_server: object) -> Opener:
    """Somebody's browser, already at their post."""
    url = str(live_server)

    def open_for(actor: Actor, viewport: dict[str, int]) -> Page:
        context = browser.new_context(viewport=viewport, base_url=url, bypass_csp=True)  # type: ignore[arg-type]
        session = login(Client(), actor).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
        return context.new_page()

    return open_for


def accessible(page: Page) -> None:
    assert faults(page, ()) == []


def test_a_secretary_asks_the_doctor_accepts_and_takes_it_back(opened: Opener) -> None:
    land = make.territory(at=clock.now())
    place = make.doctor(land, "Cormier")
    assert place.professional is not None
    place.professional.account = make_user(title="Dr", family_name="Cormier")
    place.professional.save()
    doctor = make_actor(Role.EFFECTEUR, land.sas, user=place.professional.account)
    secretary = make_actor(Role.DELEGATAIRE, land.sas)

    desk = opened(secretary, DESK)
    desk.goto("/delegations/")
    accessible(desk)
    keys(desk).press("F2")
    desk.wait_for_url("**/delegations/nouvelle/")
    desk.get_by_role("combobox", name="Médecin").focus()
    keys(desk).type("corm")
    expect(desk.get_by_role("option", name="Cormier")).to_be_visible()
    keys(desk).press("ArrowDown")
    keys(desk).press("Enter")
    accessible(desk)
    keys(desk).press("Control+Enter")
    expect(desk.get_by_role("heading", name="En attente de réponse")).to_be_visible()

    phone = opened(doctor, PHONE)
    phone.goto("/effecteur/")
    phone.get_by_role("link", name="Répondre").click()
    accessible(phone)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.get_by_role("button", name="Accepter").click()
    expect(phone.get_by_text("peut agir pour")).to_be_visible()

    desk.reload()
    desk.get_by_role("button", name="Ouvrir son agenda").click()
    expect(desk.get_by_label("Pour qui vous agissez")).to_contain_text("Dr Hélène Cormier")
    accessible(desk)

    phone.get_by_role("button", name="Retirer").click()
    expect(phone.get_by_text("Personne n’agit pour vous")).to_be_visible()
    desk.reload()
    expect(desk.get_by_text("Aucun médecin ne vous a donné délégation")).to_be_visible()
