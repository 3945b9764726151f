"""« ? » of every page: the guide of the role where it speaks of the page, the questions, the search; no unsafe HTML."""

import re
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role
from quinze.web import faq, guide, nav, sections
from tests.factories.accounts import login, make_actor
from tests.test_permissions import PAGES

ITEMS = {item.url_name: item for item in (*nav.MAIN, *nav.MOBILE, *nav.ACCOUNT)}

MANAGER = "/aide/gestionnaire-de-comptes/"


def _leads(where: str) -> bool:
    page, _, section = where.partition("#")
    found = guide.pages().get(page)
    return found is not None and (not section or section in {each.slug for each in found.sections})


def _served(name: str) -> bool:
    try:
        return bool(reverse(name))
    except NoReverseMatch:
        return False


@pytest.mark.parametrize("role", list(Role))
def test_every_destination_of_a_role_has_a_section_that_exists(role: Role) -> None:
    actor = Actor(user=User(), role=role, sas=Sas(code="86"))
    opened = [name for name, item in ITEMS.items() if any(actor.may(need) for need in item.needs) and _served(name)]
    assert [name for name in opened if name not in sections.SECTIONS] == []
    led = {name: sections.section_of(name, role=role) for name in opened}
    assert {name: where for name, where in led.items() if "#" not in where or not _leads(where)} == {}


def test_each_role_has_a_guide_and_each_page_of_the_table_is_served() -> None:
    assert [role for role in Role if sections.GUIDES[role] not in guide.pages()] == []
    assert sections.SECTIONS.keys() - PAGES.keys() == set()


def test_every_question_leads_to_a_section_that_exists_and_every_role_has_some() -> None:
    assert [each.ask for each in faq.questions() if not _leads(each.more)] == []
    assert len({each.slug for each in faq.questions()}) == len(faq.questions()) >= 30
    assert [role for role in Role if len(faq.by_theme(role)) < 3] == []


def test_every_link_inside_the_guide_leads_somewhere() -> None:
    inside = [link for page in guide.pages().values() for link in re.findall(r'href="/aide/([^"]+)"', page.html)]
    assert inside
    assert [link for link in inside if not _leads(unquote(link).replace("/#", "#").rstrip("/"))] == []


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](http://exemple.invalid/pisteur.png)",
    ],
)
def test_html_of_a_guide_is_shown_and_never_obeyed(text: str) -> None:
    html = guide.page_of("x", f"# T\n\n{text}\n").html
    assert not re.search(r"<(script|img)|href=\"(javascript|data):|<[^>]+onerror", html)


def test_a_text_without_a_title_is_still_a_page() -> None:
    assert guide.page_of("vide", "").title == "vide"
    assert guide.page_of("x", "## Deux\n\nTexte.").sections[0].slug == "deux"


def test_keys_are_drawn_as_keys_and_tables_have_heads() -> None:
    html = guide.page_of("x", "# T\n\n`F2` puis `Ctrl Entrée`, `quinze run`\n\n| a | b |\n|---|---|\n| c | d |\n").html
    assert "<kbd>F2</kbd>" in html
    assert "<kbd>Ctrl Entrée</kbd>" in html
    assert "<code>quinze run</code>" in html
    assert html.count('scope="col"') == 2


@pytest.mark.parametrize("asked", ["reten", "RETENIR", "  retenir   créneau ", "CRENEAU retenir"])
def test_a_search_forgives_case_accents_and_order(asked: str) -> None:
    assert "Retenir, confirmer" in [each.title for each in guide.find(asked)]


@pytest.mark.parametrize("asked", ["", " ", "zzzz", "<script>", "%_%", "\x00", "a" * 5000])
def test_a_search_of_nothing_or_of_garbage_finds_nothing(client: Client, asked: str) -> None:
    assert guide.find(asked) == []
    response = client.get("/aide/chercher/", {"q": asked})
    assert response.status_code == HTTPStatus.OK
    assert "<script>" not in response.content.decode().partition("<main")[2]


@pytest.mark.parametrize("path", ["/aide/", "/aide/questions/", "/aide/pour-tous/", "/aide/formation/"])
def test_help_opens_without_a_login_and_asks_the_database_nothing(client: Client, path: str) -> None:
    assert client.get(path).status_code == HTTPStatus.OK  # without the mark of the database, a query would raise


def test_an_unknown_guide_is_a_page_that_does_not_exist(client: Client) -> None:
    assert client.get("/aide/rien/").status_code == HTTPStatus.NOT_FOUND


def test_an_installation_without_its_guide_says_so(client: Client, settings: Any, tmp_path: Any) -> None:
    settings.QUINZE_GUIDE = tmp_path
    assert "n’est pas installé" in client.get("/aide/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "path", "leads"),
    [
        (Role.OSNP, "/suivi/", "/aide/osnp/?page=orientation:follow_up#le-suivi"),
        (
            Role.ACCOUNTS_MANAGER,
            "/comptes/nouveau/",
            f"{MANAGER}?page=accounts:list#créer-un-compte",
        ),
        (Role.EFFECTEUR, "/mon-compte/", "/aide/pour-tous/?page=accounts:profile#mon-compte"),
    ],
)
def test_the_question_mark_opens_the_guide_where_it_speaks_of_the_page(role: Role, path: str, leads: str) -> None:
    client = login(Client(), make_actor(role))
    address = reverse("orientation:follow_up") if path == "/suivi/" else path
    html = client.get(address).content.decode()
    assert f'href="{leads}"' in html
    page, _, anchor = leads.partition("#")
    assert f'id="{anchor}"' in client.get(page).content.decode()


@pytest.mark.django_db
def test_questions_are_those_of_the_role_or_of_all() -> None:
    client = login(Client(), make_actor(Role.EFFECTEUR))
    own, all_of_them = (client.get(f"/aide/questions/{more}").content.decode() for more in ("", "?tous=1"))
    assert "Je suis inscrit et personne ne m’appelle" in own
    assert "Ma retenue a expiré" not in own
    assert "Ma retenue a expiré" in all_of_them
