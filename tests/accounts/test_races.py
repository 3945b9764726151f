"""Two connections at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from quinze.accounts import operations as do
from quinze.accounts.models import Duty, RoleGrant
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Refusal
from tests.factories.accounts import grant, make_actor, make_sas, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Each in its own connection, started together; the codes of the refusals, None for what was done."""
    barrier = Barrier(len(acts))

    def run(act):
        try:
            connection.ensure_connection()
            barrier.wait(timeout=10)
            act()
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.parametrize("attempt", range(5))
def test_two_screens_take_arm_and_osnp_and_one_is_refused(attempt):
    user, sas = make_user(), make_sas()
    grant(user, Role.ARM, sas)
    grant(user, Role.OSNP, sas)
    at = clock.now()
    take = lambda role: lambda: do.start_duty(user, sas=sas, role=role, at=at)  # noqa: E731
    assert sorted(at_once(take(Role.ARM), take(Role.OSNP)), key=str) == [None, "exclusive"]
    assert Duty.objects.filter(user=user).count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_four_screens_leave_one_open_post(attempt):
    user, sas = make_user(), make_sas()
    roles = [Role.REGULATEUR_AMU, Role.REGULATEUR_SNP, Role.SUPERVISOR, Role.EXPERT]
    for role in roles:
        grant(user, role, sas)
    at = clock.now()
    acts = [lambda role=role: do.start_duty(user, sas=sas, role=role, at=at) for role in roles]
    assert at_once(*acts) == [None] * 4
    assert Duty.objects.filter(user=user, during__endswith__isnull=True).count() == 1


def test_two_managers_give_the_same_role_and_one_is_told():
    user, managers = make_user(), [make_actor(Role.ACCOUNTS_MANAGER), make_actor(Role.ACCOUNTS_MANAGER)]
    at = clock.now()
    give = lambda by: lambda: do.grant_role(user, sas=by.sas, role=Role.ARM, by=by, at=at)  # noqa: E731
    assert sorted(at_once(*map(give, managers)), key=str) == [None, "role_granted_once_at_a_time"]
    assert RoleGrant.objects.filter(user=user).count() == 1


def test_two_managers_create_the_same_account_and_one_is_told():
    managers = [make_actor(Role.ACCOUNTS_MANAGER), make_actor(Role.ACCOUNTS_MANAGER)]
    person = {"email": "iris@exemple.invalid", "given_name": "Iris", "family_name": "Orme", "roles": [Role.ARM]}
    at = clock.now()
    make = lambda by: lambda: do.create_account(sas=by.sas, by=by, at=at, **person)  # noqa: E731
    codes = at_once(*map(make, managers))
    assert None in codes
    assert set(codes) - {None} <= {"accounts_user_email_key", "user_email_any_case_unique", "exists"}
    assert RoleGrant.objects.filter(user__email=person["email"]).count() == 1


def test_a_role_revoked_while_its_post_is_taken_leaves_no_open_post():
    manager = make_actor(Role.ACCOUNTS_MANAGER)
    held = grant(make_user(), Role.ARM)
    at = clock.now()
    at_once(
        lambda: do.start_duty(held.user, sas=held.sas, role=Role.ARM, at=at),
        lambda: do.revoke_role(held, by=manager, at=at, reason="départ"),
    )
    assert not Duty.objects.filter(user=held.user, during__endswith__isnull=True).exists()
