"""Login by Pro Santé Connect, through a real provider on loopback: the whole code flow, nothing replaced."""

import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.contrib.auth import SESSION_KEY

from quinze.accounts.models import Duty, NationalIdentity
from quinze.accounts.operations import deactivate
from quinze.accounts.roles import Role
from quinze.base import clock
from tests.accounts import psc_peers as psc
from tests.accounts.psc_peers import ROSE, member, nobody_is_in, text
from tests.factories.accounts import PASSWORD, grant, make_actor, make_user

pytestmark = pytest.mark.django_db

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


def test_the_page_asked_for_is_opened_after_the_return(provider):
    member()
    answer = psc.go(psc.browser(), ROSE, query="?next=/mon-compte/")
    assert answer.headers["Location"] == "/mon-compte/"


def test_a_page_of_another_site_is_never_opened(provider):
    member()
    assert psc.go(psc.browser(), ROSE, query="?next=https://ailleurs.invalid/").headers["Location"] == "/"


def test_what_was_said_of_their_practice_is_read_and_kept_up_to_date(provider):
    user = member()
    psc.go(psc.browser(), ROSE)
    kept = NationalIdentity.objects.get(user=user).said
    (practice,) = kept["SubjectRefPro"]["exercices"]
    assert (practice["codeProfession"], practice["codeSavoirFaire"]) == ("10", "SM54")
    assert practice["activities"][0]["raisonSocialeSite"] == "CABINET DES ESSENCES"


def test_the_telephone_is_not_asked_on_top_of_the_card(provider, settings):
    settings.QUINZE_SECOND_FACTOR = True
    user, client = member(Role.REGULATEUR_SNP), psc.browser()
    assert psc.go(client, ROSE).headers["Location"] == "/"
    assert Duty.objects.get(user=user).role == Role.REGULATEUR_SNP


def test_the_telephone_is_still_asked_to_who_logs_in_with_a_password(provider, settings):
    settings.QUINZE_SECOND_FACTOR = True
    user, client = member(Role.REGULATEUR_SNP, password=PASSWORD), psc.browser()
    answer = client.post("/connexion/", {"email": user.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/mon-compte/second-facteur/"


def test_several_roles_are_chosen_from_without_a_telephone(provider, settings):
    settings.QUINZE_SECOND_FACTOR = True
    user, client = member(Role.REGULATEUR_SNP), psc.browser()
    other = grant(user, Role.EFFECTEUR)
    assert psc.go(client, ROSE).headers["Location"] == "/poste/"
    staff = user.grants.exclude(pk=other.pk).get()
    assert client.post("/poste/", {"grant": staff.pk}).headers["Location"] == "/"
    assert Duty.objects.get(user=user).role == Role.REGULATEUR_SNP


def test_the_session_key_changes_at_the_door(provider):
    member()
    client = psc.browser()
    back = psc.come_back(client, ROSE)
    before = client.session.session_key
    client.get(back)
    assert client.session.session_key != before


def test_another_person_at_the_same_computer_does_not_inherit_the_session(provider):
    member()
    other, client = make_user(), psc.browser()
    client.force_login(other)
    client.session["trace"] = "d’un autre"
    psc.go(client, ROSE)
    assert client.session[SESSION_KEY] != str(other.pk)
    assert "trace" not in client.session


# ---- it is refused, in French, and nobody is in

WORD = "en lui donnant ce mot : "
FAULTS = {
    "nonce": f"{WORD}nonce.",
    "issuer": f"{WORD}émetteur.",
    "audience": f"{WORD}destinataire.",
    "party": f"{WORD}destinataire.",
    "signature": f"{WORD}signature.",
    "kid": f"{WORD}signature.",
    "alg_none": f"{WORD}signature.",
    "garbage": f"{WORD}signature.",
    "future": f"{WORD}horloge.",
    "no_keys": f"{WORD}signature.",
    "no_subject": f"{WORD}personne.",
    "another_person": f"{WORD}personne.",
    "expired": "Cette connexion a expiré",
    "level": "Identifiez-vous avec votre carte CPS",
    "no_id": "n’a pas donné d’identifiant national",
    "odd_id": "n’a pas donné d’identifiant national",
    "huge": "Pro Santé Connect ne répond pas",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_answer_opens_nothing(provider, fault):
    user, client = member(), psc.browser()
    back = psc.come_back(client, ROSE)
    provider.fault = fault
    answer = client.get(back)
    assert answer.status_code in (403, 503)
    assert FAULTS[fault] in text(answer)
    assert nobody_is_in(client)
    assert not Duty.objects.filter(user=user).exists()
    provider.fault = ""
    assert psc.go(client, ROSE).status_code == 302, "the next try, with a right answer, goes through"


@pytest.mark.parametrize(
    ("fault", "said"),
    [("discovery_issuer", "émetteur"), ("endpoint_elsewhere", "n’a pas abouti")],
)
def test_a_provider_that_presents_itself_wrongly_is_not_gone_to(provider, fault, said):
    provider.fault = fault
    answer = psc.browser().get("/connexion/psc/")
    assert answer.status_code == 403
    assert said in text(answer)


def test_an_address_of_return_serves_once(provider):
    member()
    client = psc.browser()
    back = psc.come_back(client, ROSE)
    assert client.get(back).status_code == 302
    client.post("/deconnexion/")
    answer = client.get(back)
    assert answer.status_code == 403
    assert "a expiré ou a déjà servi" in text(answer)
    assert nobody_is_in(client)


def test_an_address_of_return_serves_only_the_browser_that_left(provider):
    member()
    back = psc.come_back(psc.browser(), ROSE)
    thief = psc.browser()
    assert thief.get(back).status_code == 403
    assert nobody_is_in(thief)


def test_a_link_from_elsewhere_does_not_end_the_session_of_who_works(provider):
    user, client = make_user(), psc.browser()
    client.force_login(user)
    assert client.get("/connexion/psc/retour/?state=rien&code=rien").status_code == 403
    assert client.session[SESSION_KEY] == str(user.pk)


@pytest.mark.parametrize(
    ("told", "said"),
    [("access_denied", "Vous avez renoncé"), ("server_error", "n’a pas abouti")],
)
def test_a_refusal_of_the_provider_is_told(provider, told, said):
    client = psc.browser()
    state = parse_qs(urlsplit(psc.come_back(client, ROSE)).query)["state"][0]
    answer = client.get("/connexion/psc/retour/", {"state": state, "error": told})
    assert answer.status_code == 403
    assert said in text(answer)
    assert nobody_is_in(client)


def test_a_code_without_its_pkce_verifier_is_worth_nothing(provider):
    """Whoever reads the address of return cannot trade the code: the simulator refuses, as the real one does."""
    back = parse_qs(urlsplit(psc.come_back(psc.browser(), ROSE)).query)
    stolen = {
        "grant_type": "authorization_code",
        "code": back["code"][0],
        "redirect_uri": "http://localhost/connexion/psc/retour/",
        "client_id": psc.CLIENT_ID,
        "client_secret": psc.SECRET,
        "code_verifier": "x" * 64,
    }
    assert httpx.post(f"{provider.issuer}/token", data=stolen).json() == {"error": "invalid_grant"}


def test_a_suspended_account_stays_shut(provider):
    user = member()
    manager = make_actor(Role.ACCOUNTS_MANAGER)
    deactivate(user, by=manager, at=clock.now(), reason="Départ")
    client = psc.browser()
    answer = psc.go(client, ROSE)
    assert answer.status_code == 403
    assert "Votre compte Quinze est suspendu" in text(answer)
    assert nobody_is_in(client)


def test_when_nobody_answers_the_password_is_proposed(settings, db):
    settings.QUINZE_PSC = psc.settings_of("http://127.0.0.1:9")
    answer = psc.browser().get("/connexion/psc/")
    assert answer.status_code == 503
    assert "connectez-vous avec votre mot de passe" in text(answer)


def test_a_provider_that_answers_drop_by_drop_does_not_hold_a_desk(settings, monkeypatch):
    monkeypatch.setattr("quinze.accounts.psc.provider.PATIENCE", 0.5)
    with psc.slow_provider() as issuer:
        settings.QUINZE_PSC = psc.settings_of(issuer)
        began = time.monotonic()
        answer = psc.browser().get("/connexion/psc/")
    assert answer.status_code == 503
    assert time.monotonic() - began < 10


def test_the_same_e_mail_is_not_the_same_person(provider):
    """An account is never found by an address, even when the provider gives one."""
    user = make_user("rose@exemple.invalid")
    grant(user, Role.ADMINISTRATOR)
    rose = psc.person(ROSE.subject)
    rose.claims.update(email="rose@exemple.invalid", email_verified=True)
    provider.people[ROSE.subject] = rose
    client = psc.browser()
    try:
        assert psc.go(client, ROSE).headers["Location"] == "/premiere-connexion/"
    finally:
        provider.people[ROSE.subject] = ROSE
    assert nobody_is_in(client)


# ---- without it


def test_without_settings_there_is_no_button_and_the_password_goes_on(client, settings):
    settings.QUINZE_PSC = None
    assert "Pro Santé Connect" not in client.get("/connexion/").content.decode()
    assert client.get("/connexion/psc/").status_code == 404
    assert client.get("/connexion/psc/retour/").status_code == 404


def test_with_settings_the_button_comes_after_the_password_in_the_order_of_the_keyboard(client, provider):
    page = client.get("/connexion/?next=/mon-compte/").content.decode()
    order = [page.index(word) for word in ('name="email"', 'name="password"', "Se connecter", "/connexion/psc/?next=")]
    assert order == sorted(order)
    assert 'href="/connexion/psc/?next=%2Fmon-compte%2F"' in page


# ---- leaving


def test_leaving_quinze_leaves_pro_sante_connect(provider):
    user, client = member(), psc.browser()
    psc.go(client, ROSE)
    assert provider.sessions == {ROSE.sub}
    answer = client.post("/deconnexion/")
    assert nobody_is_in(client)
    assert not Duty.objects.filter(user=user, during__endswith__isnull=True).exists()
    there = answer.headers["Refresh"].removeprefix("1; url=")
    assert there.replace("&", "&amp;") in answer.content.decode()
    back = httpx.get(there)
    assert (back.status_code, back.headers["Location"]) == (302, "http://localhost/connexion/")
    assert provider.sessions == set()


def test_leaving_after_a_password_goes_nowhere_else(provider):
    user, client = member(password=PASSWORD), psc.browser()
    client.post("/connexion/", {"email": user.email, "password": PASSWORD})
    assert client.post("/deconnexion/").headers["Location"] == "/connexion/"
