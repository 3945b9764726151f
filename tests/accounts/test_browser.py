"""Pages of accounts in a real browser: keyboard, accessibility, and the panel of an expired session."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from quinze.accounts.models import User
from quinze.accounts.operations import declare
from quinze.accounts.platform import Declared
from quinze.accounts.roles import Role
from quinze.base import clock
from tests.browser import faults, keys, needs_chromium
from tests.factories.accounts import PASSWORD, grant, make_user

ROSE = Declared("810002673899", "", "Aubépine", "Rose", "rose@exemple.invalid", active=True)

pytestmark = [
    pytest.mark.journey,
    pytest.mark.django_db(transaction=True),
    needs_chromium,
]


@pytest.fixture
def manager() -> User:
    user = make_user("gestion@exemple.invalid", password=PASSWORD)
    grant(user, Role.ACCOUNTS_MANAGER)
    return user


@pytest.fixture
def page(browser, live_server, manager) -> Iterator[Page]:
    wrong: list[str] = []
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "violates" in message.text else None)
    page.goto(f"{live_server.url}/connexion/")
    yield page
    page.close()
    assert wrong == []


def sign_in(page: Page) -> None:
    """By keyboard alone: the address has the focus."""
    keys(page).type("gestion@exemple.invalid")
    keys(page).press("Tab")
    keys(page).type(PASSWORD)
    keys(page).press("Enter")
    page.wait_for_url("**/comptes/")


def expire_sessions() -> None:
    Session.objects.update(expire_date=clock.now() - timedelta(minutes=1))


def test_every_page_is_accessible(page, live_server, manager):
    assert faults(page) == []
    sign_in(page)
    declared = declare(ROSE, sas=None, by="Plateforme SAS", at=clock.now())
    platform = ("/comptes/plateforme/", f"/comptes/plateforme/{declared.pk}/")
    for path in ("/comptes/", *platform, "/comptes/nouveau/", f"/comptes/{manager.pk}/", "/mon-compte/", "/poste/"):
        page.goto(live_server.url + path)
        assert (path, faults(page)) == (path, [])
    page.goto(live_server.url + "/mon-compte/second-facteur/")
    assert faults(page) == []


def test_the_sound_of_a_desk_is_switched_on_and_kept_for_the_person(page, live_server, manager):
    sign_in(page)
    switch = page.get_by_role("button", name="Son à l’arrivée")
    page.locator("details.q-menu summary").click()
    expect(switch).to_have_attribute("aria-pressed", "false")
    with page.expect_response("**/mon-compte/son/") as kept:
        switch.click()
    assert kept.value.status == 204
    page.reload()
    page.locator("details.q-menu summary").click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(page.locator("body")).to_have_attribute("data-sound", "on")
    assert faults(page) == []
    manager.refresh_from_db()
    assert manager.sound


def test_one_key_takes_a_post(page, live_server, manager):
    grant(manager, Role.REFERENT)
    keys(page).type("gestion@exemple.invalid")
    keys(page).press("Tab")
    keys(page).type(PASSWORD)
    keys(page).press("Enter")
    page.wait_for_url("**/poste/")
    keys(page).press("2")
    page.wait_for_url(lambda url: "/poste/" not in url)
    expect(page.locator(".q-menu summary")).to_contain_text("Référent territorial")


def test_a_form_sent_too_late_goes_by_itself_after_the_password(page, live_server, manager):
    sign_in(page)
    page.goto(live_server.url + "/comptes/nouveau/")
    page.get_by_label("Prénom").fill("Iris")
    page.get_by_label("Nom", exact=False).last.fill("Orme")
    page.get_by_label("Adresse e-mail").fill("iris@exemple.invalid")
    page.get_by_label("ARM", exact=True).check()
    page.evaluate("""() => {
        const form = document.querySelector("main form");
        form.setAttribute("hx-post", form.action);
        form.setAttribute("hx-target", "main");
        form.setAttribute("hx-swap", "outerHTML");
        form.setAttribute("hx-select", "main");
        htmx.process(form);
    }""")
    expire_sessions()
    page.get_by_role("button", name="Créer et inviter").click()
    panel = page.get_by_role("dialog", name="Session expirée")
    expect(panel).to_contain_text(str(manager))
    assert faults(page) == []
    keys(page).type("faux")
    keys(page).press("Enter")
    expect(panel).to_contain_text("pas le bon mot de passe")
    panel.get_by_label("Mot de passe").fill(PASSWORD)
    keys(page).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Iris Orme")
    expect(panel).to_have_count(0)
    assert User.objects.get(email="iris@exemple.invalid").grants.get().role == Role.ARM


def test_a_page_sent_too_late_comes_back_with_one_button(page, live_server, manager):
    sign_in(page)
    page.goto(live_server.url + "/comptes/nouveau/")
    page.get_by_label("Prénom").fill("Iris")
    page.get_by_label("Nom", exact=False).last.fill("Orme")
    page.get_by_label("Adresse e-mail").fill("iris@exemple.invalid")
    page.get_by_label("ARM", exact=True).check()
    expire_sessions()
    keys(page).press("Control+Enter")
    expect(page.locator(".q-note")).to_contain_text("Votre saisie est gardée")
    keys(page).type("gestion@exemple.invalid")
    keys(page).press("Tab")
    keys(page).type(PASSWORD)
    keys(page).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre saisie est gardée")
    assert faults(page) == []
    keys(page).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Iris Orme")
