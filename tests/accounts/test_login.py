import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from quinze.accounts.models import Duty
from quinze.accounts.roles import Role
from quinze.base import clock
from tests.factories.accounts import PASSWORD, grant, login, make_actor, make_sas, make_user

pytestmark = pytest.mark.django_db
LOGIN = "/connexion/"


def sign_in(client, user, password=PASSWORD, **more):
    return client.post(LOGIN, {"email": user.email, "password": password} | more)


def member(role=Role.REFERENT):
    user = make_user(password=PASSWORD)
    grant(user, role)
    return user


def test_the_only_role_is_taken_and_the_person_lands_at_home(client):
    user = member()
    response = sign_in(client, user)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert Duty.objects.get(user=user).role == Role.REFERENT


def test_several_roles_are_offered_one_key_each(client):
    user = member(Role.REGULATEUR_AMU)
    grant(user, Role.REGULATEUR_SNP)
    response = sign_in(client, user, next="/mon-compte/")
    assert response.headers["Location"] == "/poste/?next=%2Fmon-compte%2F"
    page = client.get(response.headers["Location"]).content.decode()
    assert re.findall(r'data-key="(\d)"[^>]*>([^,<]+)', page) == [
        ("1", "Médecin régulateur AMU"),
        ("2", "Médecin régulateur SNP"),
    ]


def test_a_doctor_changes_role_from_the_page_of_posts(client):
    user = member(Role.REGULATEUR_AMU)
    snp = grant(user, Role.REGULATEUR_SNP)
    amu = user.grants.get(role=Role.REGULATEUR_AMU)
    sign_in(client, user)
    for taken in (amu, snp):
        assert client.post("/poste/", {"grant": taken.pk}).status_code == 302
        assert Duty.objects.get(user=user, during__endswith__isnull=True).role == taken.role
    client.post("/poste/quitter/")
    assert not Duty.objects.filter(user=user, during__endswith__isnull=True).exists()


def test_the_post_of_another_person_is_not_found(client):
    other = grant(make_user(), Role.ARM)
    sign_in(client, member())
    assert client.post("/poste/", {"grant": other.pk}).status_code == 404
    assert client.post("/poste/", {"grant": "x"}).status_code == 404


@pytest.mark.parametrize("password", ["faux", ""])
def test_a_wrong_password_says_so_and_keeps_the_address(client, password):
    user = member()
    response = sign_in(client, user, password)
    assert response.status_code == 422
    page = response.content.decode()
    assert user.email in page
    assert ("Donnez votre mot de passe" in page) is (password == "")


def test_unknown_suspended_and_wrong_are_told_alike(client):
    known, suspended = member(), member()
    suspended.is_active = False
    suspended.save()
    answers = [
        sign_in(Client(), known, "faux"),
        sign_in(Client(), suspended),
        Client().post(LOGIN, {"email": "nul@exemple.invalid", "password": "faux"}),
    ]
    words = {re.search(r"q-note-alert.*?</div></div>", a.content.decode(), re.DOTALL)[0] for a in answers}
    assert len(words) == 1
    assert "E-mail ou mot de passe inconnu" in words.pop()


def test_the_address_is_read_in_any_case(client):
    user = member()
    response = client.post(LOGIN, {"email": user.email.upper(), "password": PASSWORD})
    assert response.status_code == 302


def test_five_failures_close_the_door_and_say_until_when(client):
    user = member()
    for _ in range(4):
        assert sign_in(client, user, "faux").status_code == 422
    for attempt in (sign_in(client, user, "faux"), sign_in(client, user)):
        assert attempt.status_code == 429
        assert re.search(r"Réessayez à \d\d:\d\d, dans 15 min", attempt.content.decode())
    assert sign_in(client, member()).status_code == 302  # another person, same machine


def test_failures_are_forgotten_after_a_success(client):
    user = member()
    for _ in range(2):
        for _ in range(4):
            sign_in(client, user, "faux")
        assert sign_in(client, user).status_code == 302
        client.post("/deconnexion/")


def test_the_lock_opens_again_after_fifteen_minutes(client):
    from axes.models import AccessAttempt

    user = member()
    for _ in range(5):
        sign_in(client, user, "faux")
    AccessAttempt.objects.update(attempt_time=clock.now() - timedelta(minutes=16))
    assert sign_in(client, user).status_code == 302


def test_the_session_key_changes_at_login_and_ends_with_the_browser(client):
    user = member()
    client.get("/comptes/")
    before = client.session.session_key
    response = sign_in(client, user)
    cookie = response.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie.value != before
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"]
    expires = Session.objects.get(session_key=cookie.value).expire_date
    assert abs(expires - clock.now() - timedelta(hours=12)) < timedelta(minutes=1)


@pytest.mark.parametrize("elsewhere", ["https://ailleurs.invalid/", "//ailleurs.invalid/", "javascript:alert(1)"])
def test_login_never_leads_to_another_site(client, elsewhere):
    assert sign_in(client, member(), next=elsewhere).headers["Location"] == "/"


def test_logout_is_a_post_and_leaves_the_post(client):
    actor = make_actor(Role.ARM)
    login(client, actor)
    assert client.get("/deconnexion/").status_code == 405
    response = client.post("/deconnexion/")
    assert response.headers["Location"] == LOGIN
    assert Duty.objects.get(user=actor.user).during.upper is not None
    assert client.get("/mon-compte/").headers["Location"].startswith(LOGIN)


def test_pages_of_a_person_are_not_stored(client):
    login(client, make_actor(Role.ARM))
    assert client.get("/mon-compte/").headers["Cache-Control"].count("no-store") == 1


def test_a_role_that_lacks_the_capability_is_refused_in_french(client):
    login(client, make_actor(Role.ARM))
    response = client.get("/comptes/")
    assert response.status_code == 403
    assert "ARM" in response.content.decode()


def test_nobody_signs_up_alone(client):
    for path in ("/accounts/signup/", "/inscription/", "/accounts/password/reset/"):
        assert client.get(path).status_code == 404


def test_two_queries_say_who_acts(client, django_assert_num_queries):
    """The session, the post with its person and SAS; the page asks grants, second factor, codes, national identity."""
    login(client, make_actor(Role.ARM))
    with django_assert_num_queries(2 + 4):
        client.get("/mon-compte/")


def test_the_actor_is_read_in_two_queries_with_the_zone_of_the_sas(rf, django_assert_num_queries):
    from django.contrib.auth.middleware import AuthenticationMiddleware
    from django.contrib.sessions.middleware import SessionMiddleware
    from django.http import HttpResponse
    from django.utils import timezone

    from quinze.accounts.middleware import ActorMiddleware

    actor = make_actor(Role.ARM, make_sas("974", zone="Indian/Reunion"))
    client = login(Client(), actor)
    seen = []

    def page(request):
        seen.append((request.actor, request.user.email, timezone.get_current_timezone_name()))
        return HttpResponse()

    chain = SessionMiddleware(AuthenticationMiddleware(ActorMiddleware(page)))
    request = rf.get("/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    with django_assert_num_queries(2):
        chain(request)
    assert seen == [(actor, actor.user.email, "Indian/Reunion")]
