"""How editors do, what they declared, what was refused, in a real browser: on a telephone, and without a mouse."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from playwright.sync_api import Page, expect

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.interop.editors.accounts import declare, due, push
from quinze.interop.editors.refreshing import refresh
from quinze.interop.fhir import sending
from quinze.interop.models import DeclaredBooking
from tests.browser import Browser, faults, needs_chromium
from tests.factories import editors as make
from tests.factories import orientation
from tests.factories.accounts import login, make_actor
from tests.factories.editors import Pki
from tests.factories.orientation import AT
from tests.interop.fhir.exchange import SECRET
from tests.interop.fhir.test_appointment import participant
from tests.interop.fhir.test_appointments import Scene, operator, post
from tests.interop.fhir.test_declaring import answering

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
pytestmark = [pytest.mark.journey, needs_chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _at_ten(settings: LazySettings) -> None:
    settings.QUINZE_CLOCK_OFFSET = AT + timedelta(minutes=5) - datetime.now(UTC)
    settings.QUINZE_FHIR_PROXY_SECRET = SECRET
    settings.QUINZE_PLATFORM_URL = "https://plateforme.test/fhir"


def page_of(browser: Browser, live_server: object, actor: Actor) -> Page:
    url = str(live_server)
    context = browser.new_context(viewport=DESK, base_url=url, bypass_csp=True)  # type: ignore[arg-type]
    session = login(Client(), actor).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    return context.new_page()


def seen(page: Page, address: str, name: str) -> None:
    """Accessible, and nothing wider than a telephone or a desk; drawn where QUINZE_SCREENSHOTS says."""
    page.goto(address)
    assert faults(page) == []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        if folder := os.environ.get("QUINZE_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png", full_page=True)


def apart(act: Callable[[], None]) -> None:
    """In a thread without an event loop: the browser's own turns in this one."""

    def acted() -> None:
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(acted).result()


def editors_do(papers: Pki, scene: Scene) -> None:
    """One answers, with bad slots; one is silent; one refuses an account."""
    places = [orientation.doctor(scene.land, name) for name in ("Genêt", "Ajonc")]
    with make.answering(papers, make.doctor_of(places[0], *range(1, 11))) as fake:
        _, agendas = make.registered(fake, papers, places[0], kinds=("PS", "CPTS", "SOS"))
        fake.mood.malformed = 3
        refresh(agendas, at=AT)
        fake.mood.status = 422
        declare(scene.land.osnp.user, at=AT)
        push(due(at=AT)[0], at=AT)
    _, silent = make.registered("https://localhost:1/fhir", papers, places[1], code="docto", name="Docto")
    for seconds in range(3):
        refresh(silent, at=AT + timedelta(seconds=seconds))


def editors_declare(scene: Scene) -> None:
    def said(number: int, **changes: Any) -> dict[str, Any]:
        key = [{"system": "https://editeur.exemple/rdv", "value": f"3d9d4ff3-3dcd-44b2-a6dc-0f4c27f5a08{number}"}]
        return scene.said(start=3 + number, identifier=key, **changes)

    post(said(1))
    scene.taken(), scene.taken()
    post(said(2))
    post(said(3, extension=[operator("9999999999/1")]))
    for _ in range(2):
        post(said(4, status="arrived", participant=[participant("810100050075")]))
    post(said(5) | {"identifier": []})


def test_the_pages_of_editors_are_read_on_a_desk_and_on_a_telephone(
    browser: Browser, live_server: object, papers: Pki
) -> None:
    scene = Scene()
    apart(lambda: editors_do(papers, scene))
    editors_declare(scene)
    booking = orientation.booked(
        orientation.request(scene.land), scene.place, orientation.slot(scene.place, 20), scene.land
    )
    row = DeclaredBooking.objects.get(booking=booking)
    sending.send(row.pk, at=AT, transport=answering(422, {"issue": [{"diagnostics": "Régulateur inconnu"}]}))
    supervisor = page_of(browser, live_server, make_actor(Role.SUPERVISOR, scene.land.sas, at=AT))
    seen(supervisor, "/editeurs/", "editors")
    seen(supervisor, "/plateforme/rendez-vous/", "declared")

    osnp = page_of(browser, live_server, scene.land.osnp)
    seen(osnp, "/suivi/editeurs/", "received")

    # Without a mouse: the first row, its appointment, and back
    osnp.keyboard.press("Alt+ArrowDown")
    osnp.keyboard.press("Enter")
    expect(osnp.get_by_role("heading", name="À quelle demande l’attacher ?")).to_be_visible()
    seen(osnp, osnp.url, "received-one")
    osnp.keyboard.press("Escape")
    expect(osnp.get_by_role("heading", name="Rendez-vous déclarés par les éditeurs")).to_be_visible()
