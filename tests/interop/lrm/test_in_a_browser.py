"""The call of a regulation software and the matching of the platform's appointments, in a real browser."""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from quinze.base import clock
from quinze.interop.lrm import rdv
from quinze.interop.lrm.partners import register_partner
from quinze.interop.models import HubIdentity, HubMessage, PlatformRdv, PlatformRdvWord
from tests.browser import Browser, faults, keys, needs_chromium
from tests.factories import directory
from tests.factories import orientation as make
from tests.factories.accounts import login
from tests.interop.lrm.test_rdv import SAID

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
pytestmark = [
    pytest.mark.journey,
    needs_chromium,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def land() -> make.Territory:
    made = make.territory(at=clock.now())
    register_partner(name="LRM du SAMU 86", origin="lrm-86", sas=made.sas, at=clock.now())
    HubIdentity.objects.create(sas=made.sas, hub_id="fr.health.samu860", created_at=clock.now())
    return made


@pytest.fixture
def page(browser: Browser, live_server: object, land: make.Territory) -> Page:
    url = str(live_server)
    session = login(Client(), land.osnp).cookies["sessionid"].value
    context = browser.new_context(viewport=DESK, base_url=url, bypass_csp=True)  # type: ignore[arg-type]
    context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    return context.new_page()


def seen(page: Page, name: str) -> None:
    """Nothing wider than a telephone or a desk; drawn where QUINZE_SCREENSHOTS says."""
    assert faults(page) == []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        if folder := os.environ.get("QUINZE_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png", full_page=True)


def test_a_call_becomes_a_request_and_an_appointment_of_the_platform_joins_its_file(
    page: Page, land: make.Territory
) -> None:
    doctor = directory.professional("Cormier", "Hélène", rpps="10002909371")
    directory.place(doctor, land.commune, lat=46.6, lon=0.34)
    said = {"origin": "lrm-86", "practitioner": "Cormier", "streetnumber": "4", "streetname": "chemin des Jars",
            "inseecode": land.commune.insee}  # fmt: skip
    page.goto(f"/sas/recherche?{urlencode(said)}")
    assert "Jars" not in page.url
    expect(page.get_by_label("Adresse")).to_have_value("4 chemin des Jars")
    expect(page.get_by_label("Dr Hélène Cormier, Poitiers")).to_be_checked()
    seen(page, "appel")
    page.get_by_label("Nom", exact=True).fill("PINSON")
    keys(page).press("Control+Enter")
    expect(page.get_by_role("heading", name="PINSON", exact=True)).to_be_visible()
    _received(land)
    page.goto("/suivi/")
    page.get_by_role("link", name="RDV de la plateforme").click()
    seen(page, "rdv-liste")
    page.locator("a.q-row").click()
    seen(page, "rdv")
    page.get_by_label("PINSON").check()
    keys(page).press("Control+Enter")
    expect(page.get_by_text("Rien à rapprocher")).to_be_visible()
    expect(page.get_by_text("pris et confirmé", exact=False)).to_be_visible()


def _received(land: make.Territory) -> None:
    at = clock.now()
    start = (at + timedelta(hours=3)).replace(microsecond=0).isoformat()
    said = SAID | {"start": start, "created": at.replace(microsecond=0).isoformat()}
    content = rdv.write(rdv.read({name: value for name, value in said.items() if name != "end"}))
    message = HubMessage.objects.create(
        way="in", number="1", kind="Report", sender="fr.health.x", recipient="fr.health.y", sas=land.sas, content={},
        state="done", at=at, changed_at=at,
    )  # fmt: skip
    found = PlatformRdv.objects.create(
        sas=land.sas, number="1", content=content, status="booked", starts_at=start, said_at=at, received_at=at,
        changed_at=at, user=land.osnp.user, professional_id=None,
    )  # fmt: skip
    PlatformRdvWord.objects.create(rdv=found, revision=1, at=at, message=message, content=content)
