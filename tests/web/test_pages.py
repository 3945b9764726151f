from http import HTTPStatus

import pytest
from django.template.loader import render_to_string
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def demonstration(settings: object) -> None:
    settings.QUINZE_DEMO = True  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = "tests.web.urls"  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/composants/", "/composants/page/", "/composants/mobile/", "/composants/liste/"])
def test_the_gallery_opens(client: Client, demonstration: None, path: str) -> None:
    assert client.get(path).status_code == HTTPStatus.OK


def test_the_gallery_is_closed_outside_the_demonstration(client: Client, demonstration: None, settings: object) -> None:
    settings.QUINZE_DEMO = False  # type: ignore[attr-defined]
    assert client.get("/composants/").status_code == HTTPStatus.NOT_FOUND


def test_the_theme_follows_the_cookie_and_only_known_ones(client: Client, demonstration: None) -> None:
    client.cookies["q_theme"] = "dark"
    assert 'data-bs-theme="dark"' in client.get("/composants/").content.decode()
    client.cookies["q_theme"] = '"><script>'
    assert 'data-bs-theme="light"' in client.get("/composants/").content.decode()


def test_the_suggestions_fill_the_code(client: Client, demonstration: None) -> None:
    html = client.get("/composants/motifs/", {"q": "fièv"}).content.decode()
    assert html.count('role="option"') == 2
    assert 'data-fill-reason_code="M19.05.00"' in html


def test_an_unknown_address_is_refused_in_french(client: Client, demonstration: None) -> None:
    response = client.get("/nulle-part/")
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert "Page introuvable" in response.content.decode()


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429", "500"])
def test_error_pages_stand_without_any_context(code: str) -> None:
    html = render_to_string(f"{code}.html")
    assert '<html lang="fr"' in html
    assert html.count("<h1>") == 1
