import csv
import io
import re

import pytest
from django.core import mail

from quinze.accounts.models import AccountEvent, Derogation, RoleGrant, User
from quinze.accounts.roles import Role
from quinze.base import clock
from tests.factories.accounts import PASSWORD, grant, login, make_actor, make_sas, make_user

pytestmark = pytest.mark.django_db
NEW = {"given_name": "Iris", "family_name": "Orme", "email": "iris@exemple.invalid", "roles": ["arm"]}


@pytest.fixture
def manager(client):
    actor = make_actor(Role.ACCOUNTS_MANAGER)
    login(client, actor)
    return actor


def member(role=Role.ARM, sas=None, **fields):
    user = make_user(**fields)
    grant(user, role, sas)
    return user


def names(page):
    return re.findall(r'<a class="q-row"[^>]*>([^<]+)</a>', page.content.decode())


# ---- list


def test_the_list_shows_the_people_of_ones_sas_only(client, manager):
    member(family_name="Platane")
    hidden = member(sas=make_sas("87"), family_name="Secret", email="secret@exemple.invalid")
    assert names(client.get("/comptes/")) == [f"{manager.user.family_name} Rose", "Platane Rose"]
    assert names(client.get("/comptes/?q=secret")) == []
    assert "secret@" not in client.get("/comptes/export.csv").content.decode()
    assert hidden.grants.exists()


def test_a_person_of_two_sas_shows_only_the_roles_of_this_one(client, manager):
    user = member(family_name="Platane")
    grant(user, Role.SUPERVISOR, make_sas("87"))
    page = client.get(f"/comptes/{user.pk}/").content.decode()
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert "ARM" in table
    assert "Superviseur" not in table
    assert "Superviseur" not in client.get("/comptes/export.csv").content.decode()


def test_every_word_searched_must_be_there(client, manager):
    member(family_name="Platane", given_name="Jonas")
    member(family_name="Platane", given_name="Ada")
    assert names(client.get("/comptes/?q=plat+ada")) == ["Platane Ada"]


@pytest.mark.parametrize("others", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(client, manager, others, django_assert_num_queries):
    for _ in range(others):
        member()
    with django_assert_num_queries(5):  # session, post, count, people, roles
        client.get("/comptes/")


@pytest.mark.parametrize("roles", [1, 3])
def test_an_account_costs_the_same_for_one_and_three_roles(client, manager, roles, django_assert_num_queries):
    user = make_user()
    for role in list(Role)[:roles]:
        grant(user, role)
    # session, post, person, national identity, second factor, roles, derogations, history
    with django_assert_num_queries(8):
        client.get(f"/comptes/{user.pk}/")


def test_the_list_is_paged(client, manager):
    for _ in range(51):
        member()
    assert len(names(client.get("/comptes/"))) == 50
    assert len(names(client.get("/comptes/?page=2"))) == 2
    assert len(names(client.get("/comptes/?page=x"))) == 50


def test_the_export_opens_in_a_spreadsheet_and_runs_nothing(client, manager):
    member(family_name='=HYPERLINK("x")', given_name="Ada")
    raw = client.get("/comptes/export.csv").content
    assert raw.startswith("\ufeff".encode())
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows] == ["Nom", '\'=HYPERLINK("x")', manager.user.family_name]
    assert rows[1][4:6] == ["ARM", "invité"]


# ---- create and invite


def test_a_new_account_is_invited_and_opens_with_the_link(client, manager, settings):
    settings.QUINZE_PUBLIC_URL = "https://sas.exemple.invalid"
    made = client.post("/comptes/nouveau/", NEW)
    user = User.objects.get(email=NEW["email"])
    assert made.headers["Location"] == f"/comptes/{user.pk}/"
    [message] = mail.outbox
    assert message.to == [NEW["email"]]
    link = re.search(r"https://sas\.exemple\.invalid(/invitation/\S+)", message.body)[1]
    client.post("/deconnexion/")
    page = client.get(link, follow=True)
    asked = page.redirect_chain[-1][0]
    assert asked.endswith("/mot-de-passe/")
    short = client.post(asked, {"new_password1": "court", "new_password2": "court"})
    assert "12" in short.content.decode()
    assert client.post(asked, {"new_password1": PASSWORD, "new_password2": PASSWORD}).status_code == 302
    assert client.post("/connexion/", {"email": NEW["email"], "password": PASSWORD}).headers["Location"] == "/"
    client.post("/deconnexion/")
    assert "ne sert plus" in client.get(link, follow=True).content.decode()


def test_another_invitation_makes_the_first_one_void(client, manager):
    user = member()
    for _ in range(2):
        client.post(f"/comptes/{user.pk}/invitation/")
    first, second = (re.search(r"(/invitation/\S+)", message.body)[1] for message in mail.outbox)
    assert "ne sert plus" in client.get(first, follow=True).content.decode()
    assert "Choisir mon mot de passe" in client.get(second, follow=True).content.decode()


def test_an_invitation_lasts_three_days(client, manager, monkeypatch):
    from datetime import datetime, timedelta

    from quinze.accounts.invitations import invitation_token

    user = member()
    client.post(f"/comptes/{user.pk}/invitation/")
    link = re.search(r"(/invitation/\S+)", mail.outbox[0].body)[1]
    later = datetime.now() + timedelta(days=3, minutes=1)  # noqa: DTZ005  (Django's tokens count local time)
    monkeypatch.setattr(invitation_token, "_now", lambda: later)
    assert "ne sert plus" in client.get(link, follow=True).content.decode()


def test_a_mail_server_that_is_down_keeps_the_account(client, manager, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    page = client.post("/comptes/nouveau/", NEW, follow=True).content.decode()
    assert "Le message n’est pas parti" in page
    assert User.objects.filter(email=NEW["email"]).exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"email": "iris@"}, "Cette adresse e-mail est incomplète."),
        ({"roles": []}, "Donnez au moins un rôle"),
        ({"roles": ["administrator"]}, "administrator"),
        ({"start": "2020-01-01"}, "Un rôle ne se donne pas pour le passé"),
        ({"start": "2040-01-02", "end": "2040-01-01"}, "La fin doit venir après le début."),
        ({"start": "hier"}, "date"),
    ],
)
def test_wrong_input_is_said_beside_the_field_and_kept(client, manager, wrong, message):
    response = client.post("/comptes/nouveau/", NEW | wrong)
    page = response.content.decode()
    assert response.status_code == 422
    assert message in page
    assert 'value="Orme"' in page
    assert not User.objects.filter(email=NEW["email"]).exists()


def test_an_address_of_the_sas_is_refused_beside_the_field(client, manager):
    member(email=NEW["email"])
    page = client.post("/comptes/nouveau/", NEW).content.decode()
    assert "Un compte de votre SAS a déjà cette adresse" in page
    assert "id_email_error" in page


# ---- one account


def test_another_sas_account_answers_like_one_that_does_not_exist(client, manager):
    user = member(sas=make_sas("87"))
    held = user.grants.get()
    base = f"/comptes/{user.pk}"
    assert client.get(f"{base}/").status_code == client.get("/comptes/0/").status_code == 404
    acts = ["roles/", f"roles/{held.pk}/retirer/", "derogations/", "etat/", "second-facteur/", "invitation/"]
    typed = {f"{form}-reason": "x" for form in ("grant", "revoke", "state", "factor", "derogation")}
    assert {client.post(f"{base}/{act}", typed | {"grant-role": "arm"}).status_code for act in acts} == {404}
    assert mail.outbox == []
    user.refresh_from_db()
    assert (user.is_active, user.grants.get().during.upper) == (True, None)


def test_the_role_of_another_sas_is_not_withdrawn_through_a_shared_person(client, manager):
    user = member()
    elsewhere = grant(user, Role.SUPERVISOR, make_sas("87"))
    response = client.post(f"/comptes/{user.pk}/roles/{elsewhere.pk}/retirer/", {"revoke-reason": "x"})
    assert response.status_code == 404


def test_a_role_is_given_from_a_local_day_through_another(client, manager):
    user = member()
    typed = {"grant-role": "osnp", "grant-start": "2040-07-01", "grant-end": "2040-07-31", "grant-reason": "été"}
    assert client.post(f"/comptes/{user.pk}/roles/", typed).status_code == 302
    during = RoleGrant.objects.get(user=user, role=Role.OSNP).during
    assert [edge.isoformat() for edge in (during.lower, during.upper)] == [
        "2040-06-30T22:00:00+00:00",
        "2040-07-31T22:00:00+00:00",
    ]
    assert "OSNP, du 01/07/2040 00:00" in client.get(f"/comptes/{user.pk}/").content.decode()


def test_a_role_is_withdrawn_with_its_reason(client, manager):
    user = member()
    path = f"/comptes/{user.pk}/roles/{user.grants.get().pk}/retirer/"
    refused = client.post(path, {"revoke-reason": ""})
    assert refused.status_code == 422
    assert "Dites pourquoi" in refused.content.decode()
    assert client.post(path, {"revoke-reason": "départ"}).status_code == 302
    assert user.grants.get().during.upper <= clock.now()
    assert AccountEvent.objects.get(user=user).reason == "départ"


def test_a_manager_is_not_offered_the_administrator_and_cannot_give_it(client, manager):
    user = member()
    assert "Administrateur" not in client.get(f"/comptes/{user.pk}/").content.decode()
    assert client.post(f"/comptes/{user.pk}/roles/", {"grant-role": "administrator"}).status_code == 422
    assert user.grants.count() == 1


def test_suspend_and_reopen(client, manager):
    user = member()
    path = f"/comptes/{user.pk}/etat/"
    for active in (False, True):
        client.post(path, {"state-reason": "x"})
        user.refresh_from_db()
        assert user.is_active is active


def test_a_derogation_is_recorded_with_its_dates(client, manager):
    user = member()
    path = f"/comptes/{user.pk}/derogations/"
    assert client.post(path, {"derogation-reason": "nuit"}).status_code == 422
    typed = {"derogation-start": "2040-01-01", "derogation-end": "2040-01-31", "derogation-reason": "nuit"}
    assert client.post(path, typed).status_code == 302
    assert Derogation.objects.get(user=user).reason == "nuit"
    assert "nuit" in client.get(f"/comptes/{user.pk}/").content.decode()
