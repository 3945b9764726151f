import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache

from quinze.accounts import operations as do
from quinze.accounts import second_factor
from quinze.accounts.models import Duty
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Refusal
from tests.factories.accounts import PASSWORD, grant, make_actor, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _required(settings):
    settings.QUINZE_SECOND_FACTOR = True
    cache.clear()


def code_of(secret):
    """The present one: codes are accepted from half a minute before to half a minute after."""
    _, present, _ = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, present))


def another_code(secret):
    *_, following = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, following))


def member(role=Role.ARM):
    user = make_user(password=PASSWORD)
    grant(user, role)
    return user


def enrolled(user):
    secret = second_factor.new_secret()
    return secret, second_factor.enrol(user, secret=secret, code=code_of(secret))


def sign_in(client, user):
    return client.post("/connexion/", {"email": user.email, "password": PASSWORD})


def test_a_staff_post_waits_for_the_telephone(client):
    user = member()
    assert sign_in(client, user).headers["Location"] == "/mon-compte/second-facteur/"
    assert client.get("/poste/").headers["Location"] == "/mon-compte/second-facteur/"
    assert not Duty.objects.exists()
    with pytest.raises(Refusal, match="second facteur"):
        do.start_duty(user, sas=user.grants.get().sas, role=Role.ARM, at=clock.now())


def test_enrolment_shows_the_drawing_then_the_recovery_codes_once_then_the_post(client):
    user = member()
    sign_in(client, user)
    page = client.get("/mon-compte/second-facteur/").content.decode()
    assert "<svg" in page
    assert "style=" not in page
    secret = re.search(r'class="q-num">([A-Z2-7 ]{39})<', page)[1].replace(" ", "")
    wrong = client.post("/mon-compte/second-facteur/", {"code": "000000"})
    assert (wrong.status_code, second_factor.enrolled(user)) == (422, False)
    right = client.post("/mon-compte/second-facteur/", {"code": code_of(secret)})
    codes = re.findall(r"<li>(\d{8})</li>", client.get(right.headers["Location"]).content.decode())
    assert len(codes) == 10
    assert client.get("/mon-compte/codes-de-secours/").headers["Location"] == "/mon-compte/"
    assert not Duty.objects.exists()
    assert client.post("/mon-compte/codes-de-secours/").headers["Location"] == "/"
    assert Duty.objects.get(user=user).role == Role.ARM


def test_the_secret_is_not_readable_in_the_database():
    user = member()
    secret, _ = enrolled(user)
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_the_login_then_asks_the_code_and_takes_each_once(client):
    user = member()
    secret, _ = enrolled(user)
    assert sign_in(client, user).headers["Location"] == "/connexion/code/"
    assert client.get("/mon-compte/").headers["Location"].startswith("/connexion/")
    code = code_of(secret)
    assert client.post("/connexion/code/", {"code": code}).headers["Location"] == "/"
    client.post("/deconnexion/")
    sign_in(client, user)
    assert client.post("/connexion/code/", {"code": code}).status_code == 422
    assert client.post("/connexion/code/", {"code": another_code(secret)}).status_code == 302


def test_a_recovery_code_replaces_the_telephone_once(client):
    user = member()
    _, codes = enrolled(user)
    for expected in (302, 422):
        sign_in(client, user)
        assert client.post("/connexion/code/", {"code": codes[3]}).status_code == expected
        client.post("/deconnexion/")
    assert second_factor.recovery_codes_left(user) == 9


def test_wrong_codes_close_the_door_like_wrong_passwords(client):
    user = member()
    secret, _ = enrolled(user)
    sign_in(client, user)
    answers = [client.post("/connexion/code/", {"code": "000000"}).status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 429]
    assert client.post("/connexion/code/", {"code": code_of(secret)}).status_code == 429
    assert sign_in(client, user).status_code == 429


def test_the_code_page_without_a_password_leads_to_the_login(client):
    assert client.get("/connexion/code/").headers["Location"] == "/connexion/"


def test_the_code_is_asked_within_five_minutes(client, settings):
    from datetime import timedelta

    user = member()
    secret, _ = enrolled(user)
    sign_in(client, user)
    settings.QUINZE_CLOCK_OFFSET = timedelta(minutes=6)
    assert client.post("/connexion/code/", {"code": code_of(secret)}).headers["Location"] == "/connexion/"


def test_the_panel_asks_password_and_code_together(client):
    user = member()
    secret, _ = enrolled(user)
    typed = {"email": user.email, "password": PASSWORD}
    assert client.post("/connexion/panneau/", typed).status_code == 422
    answer = client.post("/connexion/panneau/", typed | {"code": code_of(secret)})
    assert answer.status_code == 401  # logged in, and asked to take a post
    assert "Poste quitté" in answer.content.decode()


def test_an_effecteur_needs_no_telephone(client):
    user = member(Role.EFFECTEUR)
    assert sign_in(client, user).headers["Location"] == "/"
    assert Duty.objects.get(user=user).role == Role.EFFECTEUR


def test_another_telephone_asks_a_code_of_the_present_one(client):
    user = member()
    secret, codes = enrolled(user)
    sign_in(client, user)
    client.post("/connexion/code/", {"code": codes[0]})
    assert "téléphone actuel" in client.get("/mon-compte/second-facteur/").content.decode()
    assert client.post("/mon-compte/second-facteur/", {"code": "000000"}).status_code == 422
    assert client.post("/mon-compte/second-facteur/", {"code": another_code(secret)}).status_code == 302
    assert "<svg" in client.get("/mon-compte/second-facteur/").content.decode()


def test_a_lost_telephone_is_reset_by_the_manager_and_asked_again(client):
    user = member()
    enrolled(user)
    manager = make_actor(Role.ACCOUNTS_MANAGER)
    do.reset_second_factor(user, by=manager, at=clock.now(), reason="téléphone volé")
    assert sign_in(client, user).headers["Location"] == "/mon-compte/second-facteur/"


def test_new_recovery_codes_make_the_old_ones_void(client):
    user = member()
    _, codes = enrolled(user)
    sign_in(client, user)
    client.post("/connexion/code/", {"code": codes[0]})
    client.post("/mon-compte/codes-de-secours/renouveler/")
    page = client.get("/mon-compte/codes-de-secours/").content.decode()
    assert codes[1] not in page
    assert not second_factor.check(user, codes[1])
