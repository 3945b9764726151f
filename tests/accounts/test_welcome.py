"""The first time somebody holds a role: what they see, three things to do, their guide; closed once, for good."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quinze.accounts.models import User
from quinze.accounts.operations import keep_welcomed
from quinze.accounts.roles import Role
from quinze.accounts.welcome import WELCOMES
from quinze.web.sections import GUIDES
from tests.accounts.test_races import at_once
from tests.factories.accounts import login, make_actor, make_user

PAGE, CLOSE = "/mon-compte/", "/bienvenue/fermer/"
HELLO = "Bienvenue, "


def text(client: Client) -> str:
    return client.get(PAGE).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_the_welcome_of_a_role_is_shown_until_it_is_closed_then_never(role: Role) -> None:
    actor = make_actor(role, user=make_user(welcomed=[]))
    client = login(Client(), actor)
    shown = text(client)
    said = WELCOMES[role]
    for words in (f"{HELLO}{actor.role_label}", said.sees, *said.acts, f"/aide/{GUIDES[role]}/"):
        assert words in shown
    assert client.get(CLOSE).status_code == 405
    assert HELLO in text(client)
    assert client.post(CLOSE).status_code == 302
    assert HELLO not in text(client)
    assert HELLO not in text(login(Client(), actor))  # at the next login either


@pytest.mark.django_db
def test_it_is_of_one_role_and_closed_from_the_page_itself() -> None:
    actor = make_actor(Role.ARM, user=make_user(welcomed=[Role.OSNP.value]))
    client = login(Client(), actor)
    page = client.get("/arm/").content.decode()
    assert HELLO in page
    assert "aria-modal" not in page[page.index('id="welcome"') : page.index("</aside>", page.index('id="welcome"'))]
    answer = client.post(CLOSE, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (200, b"")
    actor.user.refresh_from_db()
    assert sorted(actor.user.welcomed) == [Role.ARM, Role.OSNP]


@pytest.mark.django_db
def test_no_page_asks_the_database_for_it() -> None:
    counts = []
    for welcomed in ([], [Role.ARM.value]):
        client = login(Client(), make_actor(Role.ARM, user=make_user(welcomed=welcomed)))
        client.get(PAGE)
        with CaptureQueriesContext(connection) as asked:
            client.get(PAGE)
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_two_windows_close_the_same_or_another_and_both_are_kept_once() -> None:
    user = make_user(welcomed=[])
    acts: list[Callable[[], object]] = [
        lambda role=role: keep_welcomed(user, role) for role in (Role.ARM, Role.ARM, Role.SUPERVISOR)
    ]
    at_once(*acts)
    assert sorted(User.objects.get(pk=user.pk).welcomed) == [Role.ARM, Role.SUPERVISOR]
