"""The week of the room in a real browser: accessible on a desk and a telephone, filled by keyboard alone."""

import pytest
from django.test import Client
from playwright.sync_api import Page

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.staffing.models import RosterAssignment, RosterShift
from tests.availability.test_in_a_browser import well_made
from tests.browser import Browser, keys, needs_chromium
from tests.factories.accounts import login, make_actor
from tests.factories.rosters import MONDAY, make_shift, put_on, somebody

PHONE, DESK = (390, 844), (1366, 768)
WEEK = f"/planning/?semaine={MONDAY}"
pytestmark = [
    pytest.mark.journey,
    needs_chromium,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def room() -> RosterShift:
    """A week with a gap on Monday night, and somebody too tired for it."""
    people = [somebody() for _ in range(3)]
    for day in range(7):
        put_on(make_shift(day, 7, 12, needed=1), people[day % 2])
        make_shift(day, 9, 8, role=Role.OSNP)
    return make_shift(0, 19, 12, needed=2)


def at_post(browser: Browser, url: str, actor: Actor, size: tuple[int, int]) -> Page:
    view = {"width": size[0], "height": size[1]}
    context = browser.new_context(viewport=view, base_url=url, bypass_csp=True)  # type: ignore[arg-type]
    context.add_cookies([{"name": "sessionid", "value": login(Client(), actor).cookies["sessionid"].value, "url": url}])
    return context.new_page()


def seen(page: Page, url: str, size: tuple[int, int]) -> None:
    page.goto(url)
    well_made(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0], url


def test_the_roster_is_well_made_on_a_desk_and_on_a_telephone(
    browser: Browser, live_server: object, room: RosterShift
) -> None:
    supervisor, arm = make_actor(Role.SUPERVISOR), make_actor(Role.ARM)
    put_on(make_shift(2, 20, 10), arm.user)
    pages = ("personnes/", f"gardes/{room.pk}/", f"semaine/{MONDAY}/gardes/", "ouvrir/", "import/")
    of_supervisor = (*(f"/planning/{page}" for page in pages), WEEK)
    for size in (DESK, PHONE):
        page = at_post(browser, str(live_server), supervisor, size)
        for url in of_supervisor:
            seen(page, url, size)
        page.get_by_text("Défauts de planning").wait_for()
        mine = at_post(browser, str(live_server), arm, size)
        seen(mine, "/planning/moi/", size)


def test_a_gap_is_filled_by_keyboard_alone(browser: Browser, live_server: object, room: RosterShift) -> None:
    page = at_post(browser, str(live_server), make_actor(Role.SUPERVISOR), DESK)
    page.goto(f"/planning/gardes/{room.pk}/")
    page.get_by_role("button", name="Mettre").first.focus()
    keys(page).press("Enter")
    page.get_by_text("est sur cette garde").wait_for()
    assert RosterAssignment.objects.filter(shift=room).count() == 1
    page.goto(WEEK)
    page.get_by_role("button", name="Compléter par le calcul").focus()
    keys(page).press("Enter")
    page.get_by_text("place(s) vide(s), sans enfreindre").wait_for()
    page.get_by_role("button", name="Publier cette semaine").focus()
    keys(page).press("Enter")
    page.get_by_text("Version 1 publiée").wait_for()
