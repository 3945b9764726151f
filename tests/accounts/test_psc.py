"""Login by Pro Santé Connect, through a real provider on loopback: the whole code flow, nothing replaced."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.contrib.auth import SESSION_KEY

from quinze.accounts.models import AccountEvent, Duty, NationalIdentity, RoleGrant
from quinze.accounts.operations import deactivate
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.directory.models import Professional
from tests.accounts import psc_peers as psc
from tests.factories import directory as make
from tests.factories.accounts import PASSWORD, grant, make_actor, make_sas, make_user

pytestmark = pytest.mark.django_db
RPPS = make.rpps(700_001)
ROSE = psc.person(f"8{RPPS}")
STRANGER = psc.person(f"8{make.rpps(700_002)}", family="Lathus", given="Élise")


@pytest.fixture(scope="module")
def _provider():
    with psc.Faulty([ROSE, STRANGER], client_id=psc.CLIENT_ID, secret=psc.SECRET).running() as running:
        yield running


@pytest.fixture
def provider(_provider, settings):
    settings.QUINZE_PSC = psc.settings_of(_provider.issuer)
    _provider.fault = ""
    _provider.sessions.clear()
    return _provider


def known(user, person=ROSE):
    """An account that Pro Santé Connect opens already."""
    at = clock.now()
    return NationalIdentity.objects.create(
        user=user, subject=person.subject, how="password", linked_at=at, said={}, said_at=at
    )


def member(role=Role.EFFECTEUR, **fields):
    user = make_user(**fields)
    grant(user, role)
    known(user)
    return user


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def nobody_is_in(client):
    return SESSION_KEY not in client.session


# ---- it works


def test_a_doctor_enters_with_pro_sante_connect_and_nothing_else(provider):
    user, client = member(), psc.browser()
    answer = psc.go(client, ROSE)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.session[SESSION_KEY] == str(user.pk)
    assert Duty.objects.get(user=user).role == Role.EFFECTEUR


def test_the_request_asks_for_eidas1_with_pkce_a_nonce_and_a_state(provider):
    there = urlsplit(psc.browser().get("/connexion/psc/").headers["Location"])
    asked = {name: values[0] for name, values in parse_qs(there.query).items()}
    assert set(asked["scope"].split()) == {"openid", "scope_all"}
    assert (asked["acr_values"], asked["code_challenge_method"], asked["response_type"]) == ("eidas1", "S256", "code")
    assert len(asked["nonce"]) >= 20
    assert len(asked["state"]) >= 16
    assert asked["redirect_uri"] == "http://localhost/connexion/psc/retour/"
