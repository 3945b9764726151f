"""Every address of the program × every role, against the written table of permissions_table.py."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from quinze.accounts.capabilities import CAPABILITIES, Capability
from quinze.accounts.roles import Role
from tests.factories.accounts import login, make_actor
from tests.permissions_table import PUBLIC, SAMPLES, SIGNED_IN, TABLE, settle

BY_CONVERTER = {"IntConverter": 0, "UUIDConverter": "00000000-0000-0000-0000-000000000000", "SlugConverter": "x"}


@dataclass(frozen=True)
class Page:
    name: str
    view: Any
    arguments: dict[str, object]

    @property
    def url(self) -> str:
        return reverse(self.name, kwargs=SAMPLES.get(self.name, self.arguments))

    @property
    def capabilities(self) -> frozenset[Capability]:
        return getattr(self.view, "capabilities", frozenset())

    @property
    def is_public(self) -> bool:
        return getattr(self.view, "public", False)

    @property
    def is_signed_in(self) -> bool:
        return not getattr(self.view, "post_needed", True)

    def roles(self) -> set[Role]:
        """By its declaration."""
        return {role for role in Role if CAPABILITIES[role] & self.capabilities}


def walk(patterns: list[Any], prefix: str = "", found: dict[str, object] | None = None) -> Iterator[Page]:
    for pattern in patterns:
        converters = {n: BY_CONVERTER.get(type(c).__name__, "x") for n, c in pattern.pattern.converters.items()}
        arguments = (found or {}) | converters
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from walk(pattern.url_patterns, space, arguments)
        elif isinstance(pattern, URLPattern):
            yield Page(f"{prefix}{pattern.name or pattern.pattern}", pattern.callback, arguments)


PAGES = {page.name: page for page in walk(get_resolver().url_patterns)}
GUARDED = [page for page in PAGES.values() if not page.is_public]


def test_every_view_is_public_or_names_a_capability():
    assert [page.name for page in GUARDED if not page.capabilities] == []


def test_no_view_is_public_and_guarded():
    assert [page.name for page in PAGES.values() if page.is_public and page.capabilities] == []


def test_the_table_names_every_page_once_and_no_other():
    assert not PUBLIC & SIGNED_IN
    assert not (PUBLIC | SIGNED_IN) & TABLE.keys()
    assert sorted(PUBLIC | SIGNED_IN | TABLE.keys()) == sorted(PAGES)


def test_the_declarations_are_those_of_the_table():
    assert {page.name for page in PAGES.values() if page.is_public} == PUBLIC
    assert {page.name for page in PAGES.values() if page.is_signed_in} == SIGNED_IN
    declared = {page.name: page.roles() for page in GUARDED if not page.is_signed_in}
    assert declared == TABLE


def answer(client: Client, page: Page, method: str = "get") -> str:
    """login, refused, or opened: a page that is missing (404) or asks another method (405) was opened."""
    response = getattr(client, method)(page.url)
    if response.status_code == 403:
        return "refused"
    asks_login = response.status_code == 302 and response.headers["Location"].startswith("/connexion/?")
    return "login" if asks_login or response.status_code == 401 else "opened"


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_opens_only_what_is_public(method):
    answers = {page.name: answer(Client(), page, method) for page in GUARDED}
    assert answers == dict.fromkeys(answers, "login")


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_the_table_says(role):
    actor = make_actor(role)
    settle(actor)
    client = login(Client(), actor)
    opened = {page.name for page in GUARDED if answer(client, page) == "opened"}
    assert opened == SIGNED_IN | {name for name, roles in TABLE.items() if role in roles}


@pytest.mark.django_db
@pytest.mark.parametrize("capability", [c for c in Capability if c != Capability.OWN_ACCOUNT])
def test_without_the_capability_nothing_is_written(capability):
    pages = [page for page in GUARDED if capability in page.capabilities]
    if not pages:
        pytest.skip(f"no page asks {capability} yet")
    for role in Role:
        client = login(Client(), make_actor(role))
        refused = [page for page in pages if role not in TABLE[page.name]]
        assert {page.name: answer(client, page, "post") for page in refused} == {p.name: "refused" for p in refused}


@pytest.mark.django_db
def test_a_login_without_a_post_opens_only_ones_own_account():
    actor = make_actor(Role.ADMINISTRATOR)
    actor.user.duties.all().delete()
    client = login(Client(), actor)
    for page in GUARDED:
        response = client.get(page.url)
        led_to_posts = response.status_code == 302 and response.headers["Location"].startswith("/poste/?")
        assert led_to_posts is not page.is_signed_in, page.name
