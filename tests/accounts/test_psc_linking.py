"""Tying a national identity to an account that exists, and untying it."""

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from quinze.accounts.models import AccountEvent, NationalIdentity, RoleGrant
from quinze.accounts.operations import untie_identity
from quinze.accounts.queries import account_rows
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.directory.models import Professional
from tests.accounts import psc_peers as psc
from tests.accounts.psc_peers import ROSE, RPPS, STRANGER, known, member, nobody_is_in, text
from tests.accounts.test_second_factor import code_of, enrolled
from tests.factories import directory as make
from tests.factories.accounts import PASSWORD, grant, login, make_actor, make_sas, make_user

pytestmark = pytest.mark.django_db


# ---- an account that exists is tied by its password


@pytest.fixture
def local():
    """A regulating doctor who has worked here with a password."""
    user = make_user("ancien@exemple.invalid", password=PASSWORD)
    grant(user, Role.REGULATEUR_AMU)
    return user


def link(client, **typed):
    return client.post("/connexion/psc/rattacher/", typed)


def test_an_account_is_tied_by_its_password_and_keeps_its_roles(provider, local):
    client = psc.browser()
    psc.go(client, ROSE)
    answer = link(client, email=local.email, password=PASSWORD, code="")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    tied = NationalIdentity.objects.get(user=local)
    assert (tied.subject, tied.how) == (ROSE.subject, "password")
    assert [g.role for g in RoleGrant.objects.filter(user=local)] == [Role.REGULATEUR_AMU]
    event = AccountEvent.objects.get(user=local, kind=AccountEvent.Kind.LINKED)
    assert (event.by, event.sas) == (local, make_sas())
    again = psc.browser()
    assert psc.go(again, ROSE).headers["Location"] == "/"
    assert again.session[SESSION_KEY] == str(local.pk)


def test_a_wrong_password_ties_nothing(provider, local):
    client = psc.browser()
    psc.go(client, ROSE)
    answer = link(client, email=local.email, password="faux", code="")
    assert answer.status_code == 422
    assert "E-mail ou mot de passe inconnu" in text(answer)
    assert not NationalIdentity.objects.exists()
    assert nobody_is_in(client)


def test_an_account_with_a_telephone_is_tied_with_its_code_too(provider, local):
    secret, _ = enrolled(local)
    client = psc.browser()
    psc.go(client, ROSE)
    assert link(client, email=local.email, password=PASSWORD, code="").status_code == 422
    assert not NationalIdentity.objects.exists()
    cache.clear()
    assert link(client, email=local.email, password=PASSWORD, code=code_of(secret)).status_code == 302


def test_nobody_ties_without_having_proved_who_they_are(provider, local):
    answer = link(psc.browser(), email=local.email, password=PASSWORD, code="")
    assert answer.status_code == 403
    assert not NationalIdentity.objects.exists()


def test_a_proof_is_forgotten_after_a_quarter_of_an_hour(provider, local, monkeypatch):
    client = psc.browser()
    psc.go(client, ROSE)
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(minutes=16))
    assert link(client, email=local.email, password=PASSWORD, code="").status_code == 403
    assert not NationalIdentity.objects.exists()


def test_an_account_is_tied_to_one_identity_only(provider, local):
    known(local, STRANGER)
    client = psc.browser()
    psc.go(client, ROSE)
    answer = link(client, email=local.email, password=PASSWORD, code="")
    assert answer.status_code == 422
    assert "déjà rattaché à un autre identifiant" in text(answer)


def test_the_account_of_another_doctor_is_not_tied(provider, local):
    """Knowing a colleague's password is not enough: the directory says whose account it is."""
    other = make.professional("Miosson", "Théo", account=local)
    client = psc.browser()
    psc.go(client, ROSE)
    answer = link(client, email=local.email, password=PASSWORD, code="")
    assert answer.status_code == 422
    assert str(other) in text(answer)
    assert not NationalIdentity.objects.exists()


def test_tying_gives_the_sheet_of_the_directory_its_account(provider, local):
    sheet = make.professional(rpps=RPPS)
    client = psc.browser()
    psc.go(client, ROSE)
    link(client, email=local.email, password=PASSWORD, code="")
    assert Professional.objects.get(pk=sheet.pk).account == local


def test_from_ones_own_account_the_password_is_asked_again(provider, local):
    client = psc.browser()
    client.post("/connexion/", {"email": local.email, "password": PASSWORD})
    answer = psc.go(client, ROSE, query="?rattacher=1")
    assert answer.headers["Location"] == "/connexion/psc/rattacher/"
    assert not NationalIdentity.objects.exists()
    page = client.get("/connexion/psc/rattacher/")
    assert 'name="email"' not in page.content.decode()
    assert link(client, password=PASSWORD).status_code == 302
    assert NationalIdentity.objects.get(user=local).subject == ROSE.subject


def test_a_staff_member_proved_by_the_card_gets_no_role_by_it(provider):
    user = make_user()
    known(user)
    client = psc.browser()
    assert psc.go(client, ROSE).headers["Location"] == "/poste/"
    assert "Aucun rôle ne vous est donné" in text(client.get("/poste/"))
    assert not RoleGrant.objects.filter(user=user).exists()


def test_my_account_shows_what_pro_sante_connect_says(provider):
    member()
    client = psc.browser()
    psc.go(client, ROSE)
    page = text(client.get("/mon-compte/"))
    assert ROSE.subject in page
    assert "Médecin, Médecine générale" in page
    assert "CABINET DES ESSENCES, 1 R DES ESSENCES, 86000" in page
    assert "Ce compte n’a pas de mot de passe" in page


def test_my_account_proposes_to_tie_it(provider, client):
    client.force_login(make_user(password=PASSWORD))
    assert "/connexion/psc/?rattacher=1" in client.get("/mon-compte/").content.decode()


def test_the_manager_sees_an_account_without_a_password_as_open(provider):
    user = member()
    assert [row.state for row in account_rows(make_sas(), [user], at=clock.now())] == ["ouvert"]


# ---- a wrong tie is undone


def test_the_manager_unties_and_the_card_opens_the_account_no_more(provider):
    user = member()
    sheet = make.professional(rpps=RPPS, account=user)
    inside, manager = psc.browser(), make_actor(Role.ACCOUNTS_MANAGER)
    psc.go(inside, ROSE)
    office = login(Client(), manager)
    assert ROSE.subject in text(office.get(f"/comptes/{user.pk}/"))
    address = f"/comptes/{user.pk}/pro-sante-connect/detacher/"
    assert office.post(address, {"untie-reason": ""}).status_code == 422
    assert NationalIdentity.objects.exists()
    assert office.post(address, {"untie-reason": "Carte d’un homonyme"}).status_code == 302
    assert not NationalIdentity.objects.exists()
    assert nobody_is_in(inside)
    assert Professional.objects.get(pk=sheet.pk).account is None
    event = AccountEvent.objects.get(kind=AccountEvent.Kind.UNTIED)
    assert (event.by, event.reason, event.detail) == (manager.user, "Carte d’un homonyme", ROSE.subject)
    assert psc.go(psc.browser(), ROSE).headers["Location"] == "/premiere-connexion/"


def test_untying_leaves_the_sessions_opened_by_password(provider):
    user, office = member(password=PASSWORD), psc.browser()
    office.post("/connexion/", {"email": user.email, "password": PASSWORD})
    untie_identity(user, by=make_actor(Role.ACCOUNTS_MANAGER), at=clock.now(), reason="Erreur")
    assert office.session[SESSION_KEY] == str(user.pk)


def test_the_manager_of_another_sas_unties_nothing(provider):
    user = member()
    other = login(Client(), make_actor(Role.ACCOUNTS_MANAGER, make_sas("37")))
    assert other.post(f"/comptes/{user.pk}/pro-sante-connect/detacher/", {"untie-reason": "x"}).status_code == 404
    assert NationalIdentity.objects.exists()


def test_too_many_wrong_passwords_shut_the_tying_too(provider, local):
    client = psc.browser()
    psc.go(client, ROSE)
    answers = [link(client, email=local.email, password="faux", code="").status_code for _ in range(5)]
    assert answers == [422] * 4 + [429]
    assert link(client, email=local.email, password=PASSWORD, code="").status_code == 429
    assert not NationalIdentity.objects.exists()


# ---- the session that ended while somebody typed


def test_who_enters_by_card_is_led_back_by_the_card(provider):
    member()
    client = psc.browser()
    psc.go(client, ROSE)
    Session.objects.update(expire_date=clock.now() - timedelta(minutes=1))
    panel = client.get("/connexion/panneau/").content.decode()
    assert 'href="/connexion/psc/" target="_blank"' in panel
    assert "data-relogin-resume" in panel
    assert 'name="password"' not in panel
    psc.go(client, ROSE)
    assert "csrf" in client.get("/connexion/panneau/").json()


def test_a_password_login_forgets_the_identity_that_somebody_left_there(provider, local):
    client = psc.browser()
    psc.go(client, ROSE)
    client.post("/connexion/", {"email": local.email, "password": PASSWORD})
    assert link(client, password=PASSWORD).status_code == 403
    assert not NationalIdentity.objects.exists()
