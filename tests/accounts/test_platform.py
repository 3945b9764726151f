"""Regulators whom the national platform declares: one account each, what they may do, and when it ends."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from quinze.accounts import operations as do
from quinze.accounts.models import AccountEvent, Duty, PlatformAccount, PlatformAccountEvent, RoleGrant, User
from quinze.accounts.platform import Declared, Key, Landing, origin_of
from quinze.accounts.queries import grants_of
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Refusal
from tests.accounts import psc_peers as psc
from tests.accounts.psc_peers import ROSE
from tests.accounts.test_races import at_once
from tests.factories import directory as make
from tests.factories.accounts import grant, login, make_actor, make_sas, make_user

ROSE_ID = ROSE.subject
UUID = "1ef1c748-01a3-6180-b098-73283ce4e5b1"
BY = "Plateforme SAS"
PAGE = "/annuaire/?lieu=1&origin=sas"
JULES = Declared(
    national_id=ROSE_ID,
    technical_id="",
    family_name="Aubépine",
    given_name="Rose",
    email="rose@exemple.invalid",
    active=True,
)
NAT, INT = Key("national_id", ROSE_ID), Key("technical_id", UUID)


@pytest.fixture
def at() -> datetime:
    return clock.now()


def again(key: Key, said: Declared, *, at: datetime) -> tuple[PlatformAccount, bool]:
    return do.declare_again(key, said, sas=None, by=BY, at=at)


def history(account: PlatformAccount) -> list[str]:
    return list(account.events.order_by("pk").values_list("kind", flat=True))


# ---- declared, changed, withdrawn


@pytest.mark.django_db
def test_a_declared_regulator_has_no_login_and_no_role(at):
    account = do.declare(JULES, sas=None, by=BY, at=at)
    assert history(account) == ["created"]
    assert not User.objects.exists()
    assert not RoleGrant.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["national_id", "technical_id"])
def test_an_identifier_has_one_active_account(at, field):
    said = replace(JULES, technical_id=UUID)
    do.declare(said, sas=None, by=BY, at=at)
    other = replace(JULES, **{"national_id": "", "technical_id": "", field: getattr(said, field)})
    with pytest.raises(Refusal, match="Un compte actif porte déjà cet identifiant"):
        do.declare(other, sas=None, by=BY, at=at)


@pytest.mark.django_db
def test_an_account_without_an_identifier_is_refused(at):
    with pytest.raises(Refusal, match="porte un identifiant"):
        do.declare(replace(JULES, national_id=""), sas=None, by=BY, at=at)


@pytest.mark.django_db
def test_two_regulators_may_share_an_address(at):
    do.declare(JULES, sas=None, by=BY, at=at)
    do.declare(replace(JULES, national_id="810000000011"), sas=None, by=BY, at=at)
    assert PlatformAccount.objects.filter(email=JULES.email).count() == 2


@pytest.mark.django_db
def test_an_unknown_identifier_is_declared_and_the_same_words_twice_change_nothing(at):
    account, created = again(NAT, JULES, at=at)
    assert created
    assert again(NAT, JULES, at=at + timedelta(minutes=1)) == (account, False)
    assert history(account) == ["created"]


@pytest.mark.django_db
def test_the_card_takes_the_place_of_the_technical_identifier(at):
    """Sent twice, it is done once: the second time, the old identifier no longer leads anywhere by itself."""
    before = do.declare(replace(JULES, national_id="", technical_id=UUID), sas=None, by=BY, at=at)
    for _ in range(2):
        after, created = again(INT, JULES, at=at)
        assert (after.pk, created) == (before.pk, False)
    assert (after.national_id, after.technical_id) == (ROSE_ID, "")
    assert history(after) == ["created", "identified"]


@pytest.mark.django_db
def test_an_identifier_of_an_active_account_is_not_taken_over(at):
    do.declare(JULES, sas=None, by=BY, at=at)
    other = do.declare(replace(JULES, national_id="", technical_id=UUID), sas=None, by=BY, at=at)
    with pytest.raises(Refusal, match="identifiant national"):
        again(INT, JULES, at=at)
    other.refresh_from_db()
    assert (other.national_id, history(other)) == ("", ["created"])


@pytest.mark.django_db
def test_an_identifier_of_an_inactive_account_is_taken_over(at):
    gone = do.declare(replace(JULES, active=False), sas=None, by=BY, at=at)
    other = do.declare(replace(JULES, national_id="", technical_id=UUID), sas=None, by=BY, at=at)
    assert again(INT, JULES, at=at) == (other, False)
    with pytest.raises(Refusal):  # and the one who lost it does not come back under it
        do.declare_again(Key("national_id", "810000000011"), JULES, sas=None, by=BY, at=at)
    gone.refresh_from_db()
    assert not gone.active


@pytest.mark.django_db
def test_withdrawn_then_given_back(at):
    account = do.declare(JULES, sas=None, by=BY, at=at)
    again(NAT, replace(JULES, active=False), at=at)
    again(NAT, JULES, at=at)
    assert history(account) == ["created", "closed", "reopened"]
    assert PlatformAccount.objects.count() == 1


@pytest.mark.django_db
def test_a_client_of_one_sas_does_not_reach_the_accounts_of_others(at):
    here, there = make_sas("86"), make_sas("87")
    account = do.declare(JULES, sas=there, by=BY, at=at)
    with pytest.raises(Refusal):
        do.declare_again(NAT, replace(JULES, family_name="Autre"), sas=here, by=BY, at=at)
    account.refresh_from_db()
    assert account.family_name == JULES.family_name


@pytest.mark.django_db
def test_the_history_is_never_rewritten(at):
    do.declare(JULES, sas=None, by=BY, at=at)
    with pytest.raises(DatabaseError), transaction.atomic():
        PlatformAccountEvent.objects.update(by="personne")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_two_creations_at_once_leave_one_account(attempt):
    at = clock.now()
    create = lambda: do.declare(JULES, sas=None, by=BY, at=at)  # noqa: E731
    assert sorted(at_once(create, create), key=str) == [None, "platform_account_national_once"]
    assert PlatformAccount.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_two_updates_at_once_of_an_unknown_identifier_leave_one_account(attempt):
    at = clock.now()
    update = lambda: again(NAT, JULES, at=at)  # noqa: E731
    assert at_once(update, update) == [None, None]
    assert PlatformAccount.objects.count() == 1
    assert connection.in_atomic_block is False


# ---- coming from the platform


def arrive(query: str = f"?next={PAGE.replace('?', '%3F').replace('&', '%26')}"):
    client = psc.browser()
    return client, psc.go(client, ROSE, query=query)


@pytest.mark.django_db
def test_a_regulator_enters_from_the_platform_and_acts_in_that_role_only(provider, at):
    sas = make_sas()
    do.declare(JULES, sas=None, by=BY, at=at)
    client, answer = arrive()
    assert answer.headers["Location"] == PAGE
    assert client.get(PAGE).status_code == 200
    duty = Duty.objects.get()
    assert (duty.sas, duty.role, str(duty.user)) == (sas, Role.PLATFORM_REGULATOR, "Rose Aubépine")
    assert client.get("/comptes/").status_code == 403
    assert client.get("/charte/").status_code == 403


@pytest.mark.django_db
def test_without_origin_the_account_opens_nothing(provider, at):
    """The same person, proven by the same card, who did not come from the platform: no post, no page."""
    make_sas()
    do.declare(JULES, sas=None, by=BY, at=at)
    arrive()
    client, _ = arrive(query="?next=/annuaire/")
    assert client.get("/annuaire/").headers["Location"].startswith("/poste/?")
    assert client.get(PAGE).headers["Location"].startswith("/connexion/psc/?next=")  # the platform's own way remains
    user = User.objects.get()
    assert list(grants_of(user, at=clock.now())) == []
    platform = RoleGrant.objects.get()
    assert client.post("/poste/", {"grant": platform.pk}).status_code == 404


@pytest.mark.django_db
def test_a_first_visit_of_somebody_not_declared_is_an_ordinary_first_login(provider):
    make_sas()
    _, answer = arrive()
    assert answer.headers["Location"] == reverse("directory:first_login")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_what_is_withdrawn_ends_at_once(provider, at):
    make_sas()
    do.declare(JULES, sas=None, by=BY, at=at)
    client, _ = arrive()
    assert client.get(PAGE).status_code == 200
    again(NAT, replace(JULES, active=False), at=clock.now())
    assert client.get("/annuaire/").status_code == 302
    assert not Duty.objects.filter(during__endswith__isnull=True).exists()
    trace = AccountEvent.objects.filter(kind="revoked").get()
    assert trace.reason == "Habilitation retirée par Plateforme SAS"
    _, answer = arrive()
    assert answer.headers["Location"] != PAGE


@pytest.mark.django_db
def test_who_lost_the_identifier_lost_the_post(provider, at):
    make_sas()
    do.declare(JULES, sas=None, by=BY, at=at)
    client, _ = arrive()
    again(NAT, replace(JULES, national_id="810000000011"), at=clock.now())
    assert client.get("/annuaire/").status_code == 302


@pytest.mark.django_db
def test_a_person_who_works_here_keeps_one_account_and_two_separate_sessions(provider, at):
    user, sas = psc.member(Role.EFFECTEUR), make_sas()
    do.declare(JULES, sas=None, by=BY, at=at)
    visitor, _ = arrive()
    assert visitor.get(PAGE).status_code == 200
    assert User.objects.count() == 1
    own, _ = arrive(query="")
    assert Duty.objects.filter(user=user, during__endswith__isnull=True).get().role == Role.PLATFORM_REGULATOR
    chosen = RoleGrant.objects.get(user=user, role=Role.EFFECTEUR, sas=sas)
    own.post("/poste/", {"grant": chosen.pk})
    assert own.get("/conditions/").status_code == 200
    assert visitor.get("/annuaire/").status_code == 302  # the visit does not act as an effecteur


@pytest.mark.django_db
def test_of_several_sas_the_place_of_the_agenda_says_which(provider, at):
    """The address sent with a slot names its place; the territory that covers it is the SAS."""
    make_sas("86")
    there = make.sas("87", communes=(commune := make.commune(),))
    place = make.place(make.professional(), commune)
    do.declare(JULES, sas=None, by=BY, at=at)
    _, answer = arrive(query="?next=/annuaire/%3Forigin%3Dsas")
    assert answer.status_code == 403
    assert "de quel SAS" in answer.content.decode()
    arrive(query=f"?next=/annuaire/%3Flieu%3D{place.pk}%26origin%3Dsas-preprod")
    assert Duty.objects.get().sas == there


@pytest.mark.django_db
def test_an_account_of_one_sas_comes_there_only(provider, at):
    here, there = make_sas("86"), make_sas("87")
    do.declare(JULES, sas=there, by=BY, at=at)
    arrive()
    assert Duty.objects.get().sas == there != here


@pytest.mark.django_db
def test_an_address_that_is_somebodys_opens_nothing_of_theirs(provider, at):
    other = make_user(JULES.email)
    make_sas()
    do.declare(JULES, sas=None, by=BY, at=at)
    arrive()
    assert User.objects.exclude(pk=other.pk).get().email.endswith("@plateforme-sas.invalid")
    assert not RoleGrant.objects.filter(user=other).exists()


@pytest.mark.django_db
def test_no_manager_gives_or_takes_the_role_of_the_platform(at):
    manager = make_actor(Role.ADMINISTRATOR)
    with pytest.raises(Refusal) as refused:
        do.grant_role(make_user(), sas=manager.sas, role=Role.PLATFORM_REGULATOR, by=manager, at=at)
    assert refused.value.code == "platform"


@pytest.mark.parametrize(
    ("address", "origin", "place"),
    [
        ("/a/?lieu=12&origin=sas", "sas", "12"),
        ("/a/?origin=sas-preprod", "sas-preprod", ""),
        ("/a/?origin=samu", "", ""),
        ("/a/?origin=sas" + "x" * 40, "", ""),
        ("/a/", "", ""),
        ("", "", ""),
    ],
)
def test_an_address_says_that_it_comes_from_the_platform(address, origin, place):
    assert (origin_of(address), Landing(address).said("lieu")) == (origin, place)


# ---- what the accounts manager sees


@pytest.mark.django_db
def test_the_manager_sees_the_accounts_of_the_platform_and_their_history(client, at):
    manager = make_actor(Role.ACCOUNTS_MANAGER)
    account = do.declare(JULES, sas=None, by=BY, at=at)
    again(NAT, replace(JULES, active=False), at=at)
    do.declare(replace(JULES, national_id="810000000011", family_name="Ailleurs"), sas=make_sas("87"), by=BY, at=at)
    login(client, manager)
    text = client.get("/comptes/plateforme/").content.decode()
    assert "Aubépine" in text
    assert "Ailleurs" not in text
    page = client.get(f"/comptes/plateforme/{account.pk}/").content.decode()
    assert "Habilitation retirée" in page
    assert BY in page
    assert ROSE_ID in page


@pytest.mark.django_db
def test_an_account_of_another_sas_is_not_found(client, at):
    other = do.declare(JULES, sas=make_sas("87"), by=BY, at=at)
    login(client, make_actor(Role.ACCOUNTS_MANAGER))
    assert client.get(f"/comptes/plateforme/{other.pk}/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 3])
def test_the_list_asks_as_many_questions_for_one_as_for_three(client, at, many, django_assert_num_queries):
    for number in range(many):
        do.declare(replace(JULES, national_id=f"81000000001{number}"), sas=None, by=BY, at=at)
    login(client, make_actor(Role.ACCOUNTS_MANAGER))
    with django_assert_num_queries(4):
        client.get("/comptes/plateforme/")


@pytest.mark.django_db
def test_a_granted_effecteur_is_not_a_regulator_of_the_platform(at):
    user = make_user()
    grant(user, Role.EFFECTEUR)
    assert [held.role for held in grants_of(user, at=at)] == [Role.EFFECTEUR]
