"""What was typed survives the end of the session."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from quinze.accounts import kept_form
from quinze.accounts.models import RoleGrant, User
from quinze.accounts.roles import Role
from quinze.base import clock
from tests.factories.accounts import PASSWORD, grant, login, make_actor, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
TYPED = {
    "given_name": "Iris",
    "family_name": "Églantier\nde l’Orme",
    "email": "iris@exemple.invalid",
    "roles": ["arm", "osnp"],
}


def manager(user=None):
    user = user or make_user(password=PASSWORD)
    return make_actor(Role.ACCOUNTS_MANAGER, user=user)


def expire(client):
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    Session.objects.filter(session_key=key).update(expire_date=clock.now() - timedelta(minutes=1))


def hidden_fields(page):
    return re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', page, re.DOTALL)


@pytest.fixture
def expired(client):
    actor = manager()
    login(client, actor)
    expire(client)
    client.actor = actor
    return client


def sign_in(client, user):
    return client.post("/connexion/", {"email": user.email, "password": PASSWORD, "next": "/comptes/nouveau/"})


def test_a_page_posted_too_late_comes_back_and_is_sent_again(expired):
    response = expired.post("/comptes/nouveau/", TYPED | {"csrfmiddlewaretoken": "x"})
    assert response.headers["Location"].startswith("/connexion/?next=")
    assert "Votre saisie est gardée" in expired.get(response.headers["Location"]).content.decode()
    response = sign_in(expired, expired.actor.user)
    assert response.headers["Location"] == "/connexion/saisie-gardee/?next=%2Fcomptes%2Fnouveau%2F"
    page = expired.get(response.headers["Location"]).content.decode()
    fields = hidden_fields(page)
    assert fields == [
        ("given_name", "Iris"),
        ("family_name", "Églantier\nde l’Orme"),
        ("email", "iris@exemple.invalid"),
        ("roles", "arm"),
        ("roles", "osnp"),
    ]
    assert 'action="/comptes/nouveau/"' in page
    sent = {name: [v for n, v in fields if n == name] for name, _ in fields}
    assert expired.post("/comptes/nouveau/", sent).status_code == 302
    assert User.objects.get(email="iris@exemple.invalid").grants.count() == 2
    assert not RoleGrant.objects.filter(user=expired.actor.user, role=Role.ARM).exists()


def test_another_person_of_the_same_computer_never_sees_it(expired):
    expired.post("/comptes/nouveau/", TYPED)
    other = manager().user
    response = sign_in(expired, other)
    assert response.headers["Location"] == "/comptes/nouveau/"
    assert kept_form.KEPT not in expired.session or "Iris" not in str(expired.get("/connexion/saisie-gardee/").content)
    assert expired.get("/connexion/saisie-gardee/").status_code == 302


def test_it_is_forgotten_after_an_hour(expired, settings):
    expired.post("/comptes/nouveau/", TYPED)
    settings.QUINZE_CLOCK_OFFSET = timedelta(minutes=61)
    assert sign_in(expired, expired.actor.user).headers["Location"] == "/comptes/nouveau/"


def test_who_was_never_logged_in_makes_the_server_keep_nothing(client):
    response = client.post("/comptes/nouveau/", TYPED)
    assert "saisie=perdue" in response.headers["Location"]
    assert kept_form.KEPT not in client.session
    assert "n’a pas pu être gardée" in client.get(response.headers["Location"]).content.decode()


def test_too_long_a_form_is_said_lost(expired):
    response = expired.post("/comptes/nouveau/", {"given_name": "x" * 64_001})
    assert "saisie=perdue" in response.headers["Location"]


def test_passwords_are_never_kept(expired):
    expired.post("/mon-compte/", {"old_password": "a", "new_password1": "b", "password": "c", "note": "n"})
    assert expired.session[kept_form.KEPT]["fields"] == [["note", "n"]]


def test_a_fragment_answers_401_with_the_panel(expired):
    response = expired.post("/comptes/nouveau/", TYPED, headers=HTMX)
    assert response.status_code == 401
    assert response.headers["X-Quinze-Session"] == "expired"
    assert "Session expirée" in response.content.decode()


def test_the_panel_knows_who_was_there_and_gives_the_session_back(expired):
    expired.post("/comptes/nouveau/", TYPED, headers=HTMX)
    page = expired.get("/connexion/panneau/").content.decode()
    assert str(expired.actor.user) in page
    assert 'name="email"' not in page
    wrong = expired.post("/connexion/panneau/", {"password": "faux"})
    assert (wrong.status_code, "pas le bon mot de passe" in wrong.content.decode()) == (422, True)
    assert list(expired.post("/connexion/panneau/", {"password": PASSWORD}).json()) == ["csrf"]
    response = expired.post("/comptes/nouveau/", TYPED, headers=HTMX)
    assert response.status_code == 302
    assert RoleGrant.objects.filter(user__email=TYPED["email"]).count() == 2


def test_the_panel_asks_the_address_of_who_is_unknown(client):
    user = manager().user
    assert 'name="email"' in client.get("/connexion/panneau/").content.decode()
    assert client.post("/connexion/panneau/", {"email": user.email, "password": PASSWORD}).status_code == 200


def test_the_panel_locks_after_five_failures(expired):
    expired.post("/comptes/nouveau/", TYPED, headers=HTMX)
    codes = [expired.post("/connexion/panneau/", {"password": "faux"}).status_code for _ in range(5)]
    assert codes == [422, 422, 422, 422, 429]


def test_a_post_left_meanwhile_is_asked_again(client):
    user = make_user(password=PASSWORD)
    grant(user, Role.ARM)
    grant(user, Role.SUPERVISOR)
    client.force_login(user, backend="quinze.accounts.backends.EmailBackend")
    response = client.post("/comptes/nouveau/", TYPED, headers=HTMX)
    assert response.status_code == 401
    assert "Poste quitté" in response.content.decode()
    assert client.get("/connexion/panneau/").status_code == 401


def test_a_program_is_answered_in_json(expired):
    response = expired.post("/comptes/nouveau/", TYPED, headers={"Accept": "application/json"})
    assert (response.status_code, response.json()["error"]) == (401, "session")


def test_a_changed_password_ends_the_other_sessions(client):
    actor = manager()
    elsewhere = login(Client(), actor)
    login(client, actor)
    changed = {"old_password": PASSWORD, "new_password1": "cinq merles verts", "new_password2": "cinq merles verts"}
    assert client.post("/mon-compte/", changed).status_code == 302
    assert client.get("/comptes/").status_code == 200
    assert elsewhere.get("/comptes/").status_code == 302


@pytest.mark.parametrize("start_at", [timedelta(0), timedelta(days=30)])
def test_ended_sessions_are_forgotten_after_a_day(client, settings, start_at):
    from quinze.accounts.tasks import forget_sessions

    settings.QUINZE_CLOCK_OFFSET = start_at  # a demonstration at another date
    real = clock.now() - start_at
    for hours, key in [(-25, "old"), (-23, "recent"), (1, "open")]:
        Session.objects.create(session_key=key, session_data="", expire_date=real + timedelta(hours=hours))
    forget_sessions(timestamp=0)
    assert set(Session.objects.values_list("session_key", flat=True)) == {"recent", "open"}
