"""The same login through an OpenID provider written by other people (oidc-provider-mock), in its own process."""

import html
import re
from urllib.parse import urlsplit

import httpx
import pytest
from django.contrib.auth import SESSION_KEY

from quinze.accounts.models import Duty
from quinze.accounts.roles import Role
from tests.accounts import psc_peers as psc
from tests.accounts.psc_peers import ROSE, known, text
from tests.factories.accounts import grant, make_user

pytestmark = pytest.mark.django_db
SUB = "rose"


@pytest.fixture(scope="module")
def issuer():
    """What it says is put into both of its tokens; `acr` is ours to set, for it knows no levels."""
    with psc.independent_provider({"sub": SUB, "SubjectNameID": ROSE.subject, "acr": "eidas1", **ROSE.claims}) as url:
        yield url


@pytest.fixture
def user(issuer, settings):
    settings.QUINZE_PSC = psc.settings_of(issuer)
    user = make_user()
    grant(user, Role.EFFECTEUR)
    known(user)
    return user


def through(client, who=SUB):
    """Its page of login is a form: fill it in, and follow it back to us."""
    there = client.get("/connexion/psc/").headers["Location"]
    with httpx.Client() as visitor:
        assert visitor.get(there).status_code == 200
        answer = visitor.post(there, data={"sub": who})
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    return client.get(f"{parts.path}?{parts.query}")


def test_a_doctor_enters_through_an_independent_provider(user):
    client = psc.browser()
    answer = through(client)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/"), text(answer)
    assert client.session[SESSION_KEY] == str(user.pk)
    assert Duty.objects.get(user=user).role == Role.EFFECTEUR


def test_somebody_whom_the_provider_gives_no_level_does_not_enter(user):
    client = psc.browser()
    answer = through(client, who="quelqu-un")
    assert answer.status_code == 403
    assert "Identifiez-vous avec votre carte CPS" in text(answer)
    assert SESSION_KEY not in client.session


def test_a_token_that_the_independent_provider_made_too_long_ago_is_refused(settings):
    with psc.independent_provider({"sub": SUB, "acr": "eidas1", **ROSE.claims}, seconds=-120) as url:
        settings.QUINZE_PSC = psc.settings_of(url)
        answer = through(psc.browser())
    assert answer.status_code == 403
    assert "Cette connexion a expiré" in text(answer)


def test_the_independent_provider_takes_our_request_to_log_out(user):
    client = psc.browser()
    through(client)
    answer = client.post("/deconnexion/")
    page = httpx.get(answer.headers["Refresh"].removeprefix("1; url="))
    assert page.status_code == 200
    assert "http://localhost/connexion/" in re.findall(r'value="([^"]*)"', html.unescape(page.text))
    assert SESSION_KEY not in client.session
