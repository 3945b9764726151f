"""A doctor declares an opening, then an absence over it; the OSNP's search follows. By keyboard alone."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from playwright.sync_api import Page

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.availability.calendar import public_holidays
from quinze.availability.operations import RuleSpec, add_rule
from quinze.base import clock
from quinze.directory.models import Place
from quinze.orientation.queries import SlotView
from tests.browser import Browser, faults, keys, needs_chromium
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor, make_user

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
pytestmark = [
    pytest.mark.journey,
    needs_chromium,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def land() -> make.Territory:
    return make.territory(at=clock.now())


@pytest.fixture
def place(land: make.Territory) -> Place:
    place = make.doctor(land, "Cormier")
    assert place.professional is not None
    place.professional.account = make_user(title="Dr", family_name="Cormier")
    place.professional.save()
    return place


@pytest.fixture(params=["light", "dark"])
def page(
    request: pytest.FixtureRequest, browser: Browser, live_server: object, land: make.Territory, place: Place
) -> Page:
    url = str(live_server)
    assert place.professional is not None
    assert place.professional.account is not None
    actor = make_actor(Role.EFFECTEUR, land.sas, user=place.professional.account)
    session = login(Client(), actor).cookies["sessionid"].value
    context = browser.new_context(viewport={"width": 1366, "height": 768}, base_url=url, bypass_csp=True)
    context.add_cookies(
        [
            {"name": "sessionid", "value": session, "url": url},
            {"name": "q_theme", "value": request.param, "url": url},
        ]
    )
    return context.new_page()


def test_a_range_appears_in_the_search_and_an_absence_takes_it_away(
    page: Page, land: make.Territory, place: Place
) -> None:
    day = tomorrow()
    request = make.request(land, at=clock.now())
    assert seats(request, land, place) == 0

    page.goto("/effecteur/semaine/")
    press(page, "F2", until="regle=nouvelle")
    tick(page, f"{WEEKDAYS[day.weekday()][:3]}.")
    write(page, "De", "9h")
    write(page, "À", "11h")
    keys(page).press("Tab")
    page.get_by_text("6 créneaux apparaissent").or_(page.get_by_text("12 créneaux apparaissent")).wait_for()
    well_made(page)
    press(page, "Control+Enter", until="semaine/?semaine=", without="regle")
    assert earliest(request, land, place) == time(9)

    press(page, "F4", until="absence")
    page.locator("main").get_by_label("Du", exact=False).first.focus()
    page.locator("main").get_by_label("Du", exact=False).first.fill(day.isoformat())
    write(page, "à partir de", "8h")
    page.get_by_label("Au (inclus)").fill(day.isoformat())
    write(page, "jusqu’à", "7h")
    keys(page).press("Control+Enter")
    page.get_by_text("La fin doit venir après le début.").wait_for()
    well_made(page)
    write(page, "jusqu’à", "12h")
    keys(page).press("Control+Enter")
    page.get_by_text("Absence enregistrée. 6 créneaux sortent").wait_for()
    assert seats(request, land, place) == 0


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_every_page_is_well_made_at_both_sizes(page: Page, place: Place, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for url in (
        "/effecteur/",
        "/effecteur/semaine/",
        "/effecteur/semaine/?regle=nouvelle",
        "/effecteur/bilan/",
        "/offre/absence/",
        "/offre/apercu/",
        "/offre/reglages/",
        "/offre/regles/nouvelle/",
    ):
        page.goto(url)
        unfold(page)
        well_made(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], url


def test_a_doctor_hides_a_slot_then_leaves_from_a_phone_and_the_search_follows(
    page: Page, land: make.Territory, place: Place
) -> None:
    """One thumb at 390 pixels: what the SAS sees, one tap on a slot, away until I say so with somebody expected."""
    now = clock.now()
    page.set_viewport_size({"width": 390, "height": 844})
    assert place.professional is not None
    assert place.professional.account is not None
    day = (now.astimezone(ZoneInfo("Europe/Paris")) + timedelta(days=1)).date()
    spec = RuleSpec(place.pk, time(9), time(9, 40), day, day=day)
    add_rule(spec, by=Actor(user=place.professional.account, role=Role.EFFECTEUR, sas=land.sas), at=now)
    first, second = place.slots.order_by("starts_at")
    request = make.request(land, at=now)

    page.goto("/offre/apercu/")
    page.locator(f"#creneau-{first.pk}").get_by_role("button", name="Cacher").click()
    page.locator(f"#creneau-{first.pk}").get_by_text("caché par vous").wait_for()
    well_made(page)
    assert slots(request, land, place) == [second.pk]
    page.locator(f"#creneau-{first.pk}").get_by_role("button", name="Montrer").click()
    page.locator(f"#creneau-{first.pk}").get_by_role("button", name="Cacher").wait_for()
    assert slots(request, land, place) == [first.pk, second.pk]

    make.booked(request, place, first, land, at=now)
    page.goto("/effecteur/")
    unfold(page)
    well_made(page)
    assert small_targets(page) == []
    page.get_by_role("button", name="jusqu’à mon retour").click()
    page.get_by_role("heading", name="Des patients sont attendus").wait_for()
    well_made(page)
    page.get_by_role("button", name="Confirmer l’absence").click()
    page.get_by_text("1 patient à replacer : le SAS est prévenu.").wait_for()
    assert seats(make.request(land, at=now), land, place) == 0
    page.get_by_role("button", name="Je reviens").click()
    page.get_by_text("Absence retirée.").wait_for()
    assert seats(make.request(land, at=now), land, place) == 1


# ---- hands and eyes


def unfold(page: Page) -> None:
    for folded in page.query_selector_all("main details"):
        folded.evaluate("each => { each.open = true; }")


def small_targets(page: Page) -> list[str]:
    """Buttons and calls of the day that a thumb would miss: under 44 pixels."""
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll('main button, main summary, main .mob-call')]
        .filter(each => each.offsetParent && each.getBoundingClientRect().height < 43.5)
        .map(each => each.textContent.trim())"""
    )
    return found


def tomorrow() -> date:
    day = (clock.now().astimezone(ZoneInfo("Europe/Paris")) + timedelta(days=1)).date()
    if day in public_holidays("86", [day.year]):
        pytest.skip("tomorrow is a public holiday: nothing opens")
    return day


def press(page: Page, key: str, *, until: str, without: str = "\0") -> None:
    keys(page).press(key)
    page.wait_for_url(lambda url: until in url and without not in url)
    page.wait_for_load_state("networkidle")


def tick(page: Page, label: str) -> None:
    page.get_by_label(label, exact=True).focus()
    keys(page).press("Space")


def write(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=False).and_(page.locator("input[type=text]")).first
    field.focus()
    keys(page).press("Control+A")
    keys(page).type(text)


def well_made(page: Page) -> None:
    assert faults(page, ()) == []


def seats(request: object, land: make.Territory, place: Place) -> int:
    return len(slots(request, land, place))


def earliest(request: object, land: make.Territory, place: Place) -> time:
    return min(slot.starts_at for slot in proposed(request, land, place)).astimezone(ZoneInfo("Europe/Paris")).time()


def slots(request: object, land: make.Territory, place: Place) -> list[int]:
    return [slot.id for slot in proposed(request, land, place)]


def proposed(request: object, land: make.Territory, place: Place) -> list[SlotView]:
    """What the OSNP's search offers of this doctor."""
    view = make.searched(request, land, at=clock.now())  # type: ignore[arg-type]
    proposals = [p for level in view.levels for p in level.proposals if p.place_id == place.pk]
    return [slot for proposal in proposals for slot in proposal.slots]
