"""Equity, give-and-take, disputes and the replay in a real browser, on a telephone and on a desk."""

from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.orientation import operations
from quinze.orientation.models import Dispute
from tests.availability.test_in_a_browser import well_made
from tests.browser import Browser, keys, needs_chromium
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor, make_user
from tests.factories.availability import slot as make_slot

PHONE, DESK = (390, 844), (1366, 768)
pytestmark = [
    pytest.mark.journey,
    needs_chromium,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def land() -> make.Territory:
    return make.territory(at=clock.now() - timedelta(days=3))


@pytest.fixture
def doctor(land: make.Territory) -> Actor:
    """Two hours given yesterday, one patient sent; another doctor was never called."""
    now = clock.now()
    place, other = make.doctor(land, "Cormier"), make.doctor(land, "Oublié", km=9)
    for giving in (place, other):
        make_slot(giving, now - timedelta(hours=30), now - timedelta(hours=28))
    start = now - timedelta(hours=20)
    asked = start - timedelta(hours=1)
    make.booked(
        make.request(land, at=asked),
        place,
        make_slot(place, start, start + timedelta(minutes=20)),
        land,
        at=asked,
    )
    operations.count_offered_days(sas=land.sas, at=now)
    operations.tally_searches(sas=land.sas, at=now)
    operations.start_draft(sas=land.sas, by=land.referent, at=now)
    account = make_user(title="Dr", family_name="Cormier")
    place.professional.account = account
    place.professional.save()
    return make_actor(Role.EFFECTEUR, land.sas, user=account)


def at_post(browser: Browser, url: str, actor: Actor, size: tuple[int, int]) -> Page:
    view = {"width": size[0], "height": size[1]}
    context = browser.new_context(viewport=view, base_url=url, bypass_csp=True)  # type: ignore[arg-type]
    context.add_cookies([{"name": "sessionid", "value": login(Client(), actor).cookies["sessionid"].value, "url": url}])
    return context.new_page()


def seen(page: Page, url: str, size: tuple[int, int]) -> None:
    page.goto(url)
    well_made(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0], url


def test_a_figure_is_contested_on_a_telephone_and_answered_at_a_desk(
    browser: Browser, live_server: object, land: make.Territory, doctor: Actor
) -> None:
    """Complaint 4: the doctor reads what they give and get, says what is wrong, and is answered; by keyboard alone."""
    phone = at_post(browser, str(live_server), doctor, PHONE)
    seen(phone, "/effecteur/bilan/", PHONE)
    phone.get_by_role("link", name="Contester").first.focus()
    keys(phone).press("Enter")
    phone.wait_for_url("**contester=**")
    phone.get_by_label("Chiffre contesté").select_option("snp")
    phone.get_by_label("Ce qui est faux").focus()
    keys(phone).type("Je l’ai vu hier.")
    well_made(phone)
    keys(phone).press("Control+Enter")
    phone.get_by_text("Contestation enregistrée").wait_for()
    assert Dispute.objects.get().text == "Je l’ai vu hier."

    desk = at_post(browser, str(live_server), make_actor(Role.REFERENT, land.sas), DESK)
    seen(desk, "/contestations/", DESK)
    desk.get_by_label("faux", exact=True).check(force=True)
    desk.get_by_label("Réponse au médecin").fill("Exact : issue saisie ce matin.")
    desk.get_by_role("button", name="Répondre").focus()
    keys(desk).press("Enter")
    desk.get_by_text("Réponse enregistrée").wait_for()
    phone.reload()
    phone.get_by_text("Le chiffre était faux.").wait_for()
    well_made(phone)


def test_equity_and_the_replay_are_well_made_on_a_desk_and_on_a_telephone(
    browser: Browser, live_server: object, land: make.Territory, doctor: Actor
) -> None:
    referent = make_actor(Role.REFERENT, land.sas)
    for size in (DESK, PHONE):
        page = at_post(browser, str(live_server), referent, size)
        seen(page, "/equite/", size)
        assert page.get_by_role("img", name="Coefficient de Gini").is_visible()
        page.get_by_role("link", name="Heures ouvertes").focus()
        keys(page).press("Enter")
        page.wait_for_url("**tri=heures**")
        assert page.locator("th[aria-sort]").inner_text().startswith("Heures ouvertes")
        seen(page, "/charte/brouillon/rejeu/", size)
