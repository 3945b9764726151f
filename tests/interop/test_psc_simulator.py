"""The simulator is strict where Pro Santé Connect is, and never leaves this machine."""

import httpx
import pytest
from django.core.management import CommandError, call_command

from quinze.config import run
from quinze.directory import identifiers
from quinze.interop.psc.people import NEWCOMERS, of_demonstration
from quinze.interop.psc.simulator import Simulator
from tests.accounts import psc_peers as psc
from tests.factories import directory as make
from tests.factories.accounts import make_user

ROSE = psc.person("899700000013")
ASKED = {
    "client_id": psc.CLIENT_ID,
    "redirect_uri": "http://localhost:8000/connexion/psc/retour/",
    "response_type": "code",
    "scope": "openid scope_all",
    "state": "etat",
    "nonce": "nonce",
    "acr_values": "eidas1",
    "code_challenge": "x" * 43,
    "code_challenge_method": "S256",
}


@pytest.fixture(scope="module")
def simulator():
    with Simulator([ROSE], client_id=psc.CLIENT_ID, secret=psc.SECRET).running() as running:
        yield running


def test_it_listens_on_this_machine_only(simulator):
    assert simulator.server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"client_id": "un-autre"}, "unauthorized_client"),
        ({"redirect_uri": "https://ailleurs.invalid/"}, "unauthorized_client"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"code_challenge": ""}, "pkce_required"),
        ({"code_challenge_method": "plain"}, "pkce_required"),
        ({"acr_values": ""}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
    ],
)
def test_a_request_that_the_real_one_would_refuse_is_refused(simulator, wrong, error):
    answer = httpx.get(f"{simulator.issuer}/auth", params=ASKED | wrong | {"person": ROSE.subject})
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_the_list_of_people_says_that_it_is_a_simulator(simulator):
    page = httpx.get(f"{simulator.issuer}/auth", params=ASKED).text
    assert "Simulateur de Pro Santé Connect" in page
    assert "ROSE AUBÉPINE" in page


@pytest.mark.parametrize("sent", [b"", b"\xff\xfe", b"code=" + b"x" * 70_000, b"code=rien"])
def test_garbage_at_the_token_endpoint_is_answered(simulator, sent):
    assert httpx.post(f"{simulator.issuer}/token", content=sent).status_code == 400


def test_a_made_up_token_opens_no_userinfo_and_ends_no_session(simulator):
    assert httpx.get(f"{simulator.issuer}/userinfo", headers={"Authorization": "Bearer rien"}).status_code == 401
    simulator.sessions.add(ROSE.sub)
    query = {"id_token_hint": "rien", "post_logout_redirect_uri": "http://localhost/"}
    assert httpx.get(f"{simulator.issuer}/logout", params=query).status_code == 400
    assert simulator.sessions == {ROSE.sub}


@pytest.mark.django_db
def test_its_people_are_those_of_the_demonstration_and_two_newcomers():
    town = make.commune("Poitiers")
    with_account = make.professional("Miosson", source="demo", account=make_user())
    without = make.professional("Clain", source="demo")
    real = make.professional("Vonne", source="annuaire")
    for each in (with_account, without, real):
        make.place(each, town)
    subjects = [person.subject for person in of_demonstration()]
    assert subjects == [f"8{with_account.rpps}", f"8{without.rpps}", *(person.subject for person in NEWCOMERS)]


def test_newcomers_bear_well_formed_identifiers():
    assert all(identifiers.idnps(person.subject).rpps for person in NEWCOMERS)


def test_production_refuses_it(settings):
    settings.MODE = "production"
    with pytest.raises(CommandError, match="refusé en production"):
        call_command("simulate_psc")


@pytest.mark.django_db
def test_a_port_that_is_taken_is_said(simulator):
    with pytest.raises(CommandError, match="est pris"):
        call_command("simulate_psc", port=simulator.server.server_port)


def test_quinze_run_gives_it_the_port_after_the_live_events(monkeypatch):
    monkeypatch.delenv("QUINZE_PSC_PORT", raising=False)
    monkeypatch.delenv("QUINZE_PSC_ISSUER", raising=False)
    options = run.Options(host="127.0.0.1", port=8000, events_port=8001)
    monkeypatch.delenv("QUINZE_PSC", raising=False)
    assert "QUINZE_PSC_ISSUER" not in run._environment(options)
    monkeypatch.setenv("QUINZE_PSC", "simulator")
    assert run._environment(options)["QUINZE_PSC_ISSUER"] == "http://127.0.0.1:8002"
