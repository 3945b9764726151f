"""Editors are told of our regulators when they come, and at once of those who may no longer."""

import json
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection

from quinze.accounts import operations as accounts
from quinze.accounts.actor import Actor
from quinze.accounts.models import NationalIdentity, User
from quinze.accounts.operations import start_duty
from quinze.accounts.roles import Role
from quinze.interop.editors.accounts import due, push, try_again, withdraw_expired
from quinze.interop.editors.fake_editor import FakeEditor
from quinze.interop.editors.models import EditorAccount, PlatformRegulator
from quinze.interop.fhir import regulator
from quinze.interop.fhir.operators import user_of
from tests.factories import editors as make
from tests.factories.accounts import grant, make_actor, make_sas, make_user
from tests.factories.editors import Pki
from tests.factories.orientation import AT

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
CARD = "810000000017"


@pytest.fixture
def fake(papers: Pki) -> Iterator[FakeEditor]:
    with make.answering(papers) as fake:
        make.registered(fake, papers)
        yield fake


@pytest.fixture
def manager() -> Actor:
    return make_actor(Role.ACCOUNTS_MANAGER, at=AT)


def arrives(role: Role = Role.OSNP, *, user: User | None = None) -> User:
    person = user or make_user(given_name="Pauline", family_name="Ricart")
    if user is None:
        grant(person, role, make_sas(), start=AT - timedelta(days=2))
    start_duty(person, sas=make_sas(), role=role, at=AT, two_factors=True)
    return person


def sends(*, minutes: float = 0) -> list[str]:
    at = AT + minutes * MINUTE
    return [push(pk, at=at) for pk in due(at=at)]


def said(fake: FakeEditor) -> list[tuple[str, str, bool]]:
    """Method, path before the value, active."""
    found = [one for one in fake.asked if "Practitioner" in one.path]
    return [(one.method, one.path.partition("%7C")[0], json.loads(one.body)["active"]) for one in found]


CREATED = ("POST", "/fhir/Practitioner", True)
PUT = "/fhir/Practitioner?identifier=urn:oid:1.2.250.1.213.3.6"


def test_an_osnp_is_declared_at_login_and_once(fake: FakeEditor) -> None:
    user = arrives()
    assert sends() == ["ok"]
    arrives(user=user)
    assert sends(minutes=5) == []

    assert said(fake) == [CREATED]
    sent = json.loads(fake.asked[0].body)
    told = regulator.read(sent)
    assert (told.family_name, told.given_name, told.email, told.active) == ("Ricart", "Pauline", user.email, True)
    assert told.technical_id == str(PlatformRegulator.objects.get(user=user).technical_id)
    assert user_of("urn:oid:1.2.250.1.213.3.6", told.technical_id) == user


def test_an_arm_is_not_declared(fake: FakeEditor) -> None:
    arrives(Role.ARM)
    assert not EditorAccount.objects.exists()


def test_a_suspended_account_is_withdrawn_at_once(fake: FakeEditor, manager: Actor) -> None:
    user = arrives()
    sends()
    accounts.deactivate(user, by=manager, at=AT + MINUTE, reason="départ")
    assert sends(minutes=1) == ["ok"]
    assert said(fake) == [CREATED, ("PUT", PUT, False)]


def test_a_role_taken_back_withdraws_and_another_regulator_role_keeps(fake: FakeEditor, manager: Actor) -> None:
    user = arrives()
    also = grant(user, Role.REGULATEUR_SNP, manager.sas, start=AT - timedelta(days=1))
    sends()
    osnp = user.grants.get(role=Role.OSNP)
    accounts.revoke_role(osnp, by=manager, at=AT + MINUTE, reason="erreur")
    assert sends(minutes=1) == []
    accounts.revoke_role(also, by=manager, at=AT + 2 * MINUTE, reason="départ")
    assert sends(minutes=2) == ["ok"]
    assert said(fake)[-1] == ("PUT", PUT, False)


def test_a_role_that_ends_by_its_own_date_is_withdrawn_by_the_sweep(fake: FakeEditor) -> None:
    user = make_user()
    grant(user, Role.OSNP, make_sas(), start=AT - timedelta(days=2), end=AT + timedelta(hours=1))
    arrives(user=user)
    sends()
    assert withdraw_expired(at=AT + MINUTE) == 0
    assert withdraw_expired(at=AT + timedelta(hours=2)) == 1
    assert sends(minutes=120) == ["ok"]
    assert said(fake)[-1] == ("PUT", PUT, False)


def test_a_card_proven_later_is_said_at_the_next_login(fake: FakeEditor) -> None:
    user = arrives()
    sends()
    NationalIdentity.objects.create(user=user, subject=CARD, how="password", linked_at=AT, said_at=AT)
    accounts.end_duty(user, at=AT + MINUTE)
    start_duty(user, sas=make_sas(), role=Role.OSNP, at=AT + 2 * MINUTE, two_factors=True)
    assert sends(minutes=2) == ["ok"]
    assert said(fake) == [CREATED, ("PUT", PUT, True)]
    assert CARD in fake.accounts


def test_a_creation_without_answer_is_said_again_as_an_update(fake: FakeEditor) -> None:
    arrives()
    fake.mood.status = 503
    assert sends() == ["http_503"]
    assert sends(minutes=0.5) == []
    fake.mood.status = 200
    assert sends(minutes=1) == ["ok"]
    assert [method for method, _, _ in said(fake)] == ["POST", "PUT"]


def test_attempts_are_further_and_further_apart(fake: FakeEditor) -> None:
    arrives()
    fake.mood.status = 500
    waits, minutes = [], 0.0
    for _ in range(9):
        sends(minutes=minutes)
        upcoming = EditorAccount.objects.get().next_try_at
        assert upcoming is not None
        waits.append((upcoming - AT) / MINUTE - minutes)
        minutes += waits[-1]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_an_account_that_the_editor_has_already_is_updated(fake: FakeEditor) -> None:
    user = make_user()
    known = PlatformRegulator.objects.create(user=user, created_at=AT)
    fake.accounts[str(known.technical_id)] = {}
    grant(user, Role.OSNP, make_sas(), start=AT - timedelta(days=2))
    arrives(user=user)
    assert sends() == ["http_409"]
    assert sends() == ["ok"]
    assert [method for method, _, _ in said(fake)] == ["POST", "PUT"]


def test_what_is_refused_waits_for_people(fake: FakeEditor) -> None:
    arrives()
    fake.mood.status = 400
    sends()
    row = EditorAccount.objects.get()
    assert (row.next_try_at, row.error) == (None, "répond par une erreur (400)")
    fake.mood.status = 200
    assert sends(minutes=600) == []
    assert try_again([row.pk], at=AT + 600 * MINUTE) == 1
    assert sends(minutes=600) == ["ok"]


def test_a_withdrawal_takes_the_place_of_a_creation_that_could_not_leave(fake: FakeEditor, manager: Actor) -> None:
    user = arrives()
    accounts.deactivate(user, by=manager, at=AT + MINUTE, reason="départ")
    assert sends(minutes=1) == ["ok"]
    assert said(fake) == [("POST", "/fhir/Practitioner", False)]


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_said_while_the_creation_is_on_its_way_follows_it(papers: Pki) -> None:
    with make.answering(papers) as fake:
        make.registered(fake, papers)
        manager, user = make_actor(Role.ACCOUNTS_MANAGER, at=AT), arrives()
        fake.mood.latency = 0.6
        (pk,) = due(at=AT)
        answers: list[str] = []

        def run() -> None:
            try:
                answers.append(push(pk, at=AT))
            finally:
                connection.close()

        first = Thread(target=run)
        first.start()
        while not fake.asked:
            pass
        assert push(pk, at=AT) == ""  # leased by the other
        accounts.deactivate(user, by=manager, at=AT, reason="départ")
        first.join()
        fake.mood.latency = 0.0
        assert answers == ["ok"]
        assert sends(minutes=2) == ["ok"]
        assert said(fake) == [CREATED, ("PUT", PUT, False)]
