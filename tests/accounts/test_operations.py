from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from quinze.accounts import operations as do
from quinze.accounts.actor import Actor
from quinze.accounts.models import AccountEvent, Derogation, Duty, RoleGrant
from quinze.accounts.queries import actor_from_session, grants_of, open_duties, people_on_duty, role_holders
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from tests.factories.accounts import grant, login, make_actor, make_sas, make_user

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def at():
    return clock.now()


@pytest.fixture
def manager():
    return make_actor(Role.ACCOUNTS_MANAGER)


def refused(operation, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        operation(*args, **kwargs)
    return caught.value.code


# ---- grants


def test_a_grant_counts_from_its_start_until_its_end(at):
    user, sas = make_user(), make_sas()
    past = grant(user, Role.ARM, start=at - 2 * HOUR, end=at)
    future = grant(user, Role.OSNP, start=at + HOUR)
    now = grant(user, Role.SUPERVISOR, start=at, end=at + HOUR)
    assert list(grants_of(user, at=at)) == [now]
    assert [list(role_holders(sas, Role(g.role), at=at)) for g in (past, future, now)] == [[], [], [user]]
    assert {refused(do.start_duty, user, sas=sas, role=Role(g.role), at=at) for g in (past, future)} == {"not_granted"}


def test_a_grant_says_who_gave_it_and_when(manager, at):
    user = grant(make_user(), Role.ARM).user
    given = do.grant_role(user, sas=manager.sas, role=Role.OSNP, by=manager, at=at, reason="renfort")
    assert (given.granted_by, given.granted_at, given.during.upper) == (manager.user, at, None)
    event = AccountEvent.objects.get(user=user)
    assert (event.kind, event.by, event.at, event.reason) == ("granted", manager.user, at, "renfort")


def test_the_same_role_is_not_given_twice_at_a_time(manager, at):
    user = grant(make_user(), Role.ARM).user
    assert (
        refused(do.grant_role, user, sas=manager.sas, role=Role.ARM, by=manager, at=at) == "role_granted_once_at_a_time"
    )


@pytest.mark.parametrize(
    ("start", "end", "code"), [(-HOUR, None, "past"), (HOUR, HOUR, "order"), (HOUR, -HOUR, "order")]
)
def test_wrong_dates_are_refused(manager, at, start, end, code):
    dates = {"start": at + start, "end": end and at + end}
    assert refused(do.grant_role, make_user(), sas=manager.sas, role=Role.ARM, by=manager, at=at, **dates) == code


def test_a_revoked_role_stays_written_and_leaves_the_post(manager, at):
    actor = make_actor(Role.ARM)
    held = actor.user.grants.get()
    do.revoke_role(held, by=manager, at=at, reason="départ")
    held.refresh_from_db()
    assert held.during.upper == at
    assert Duty.objects.get(user=actor.user).during.upper == at
    assert list(open_duties(at + HOUR).filter(user=actor.user)) == []
    assert refused(do.revoke_role, held, by=manager, at=at + HOUR, reason="encore") == "ended"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_rolegrantevent WHERE pgh_obj_id = %s", [held.pk])
        assert cursor.fetchone() == (2,)


def test_a_role_withdrawn_before_it_begins_never_counts(manager, at):
    user = make_user()
    future = grant(user, Role.ARM, start=at + HOUR)
    do.revoke_role(future, by=manager, at=at, reason="erreur")
    future.refresh_from_db()
    assert future.during.isempty
    assert list(grants_of(user, at=at + 2 * HOUR)) == []


def test_a_reason_is_needed_to_take_away(manager, at):
    held = grant(make_user(), Role.ARM)
    assert refused(do.revoke_role, held, by=manager, at=at, reason="  ") == "required"
    assert refused(do.deactivate, held.user, by=manager, at=at, reason="") == "required"


def test_only_an_administrator_makes_and_unmakes_one(manager, at):
    user = grant(make_user(), Role.ADMINISTRATOR).user
    common = {"by": manager, "at": at}
    assert refused(do.grant_role, make_user(), sas=manager.sas, role=Role.ADMINISTRATOR, **common) == "administrator"
    assert refused(do.revoke_role, user.grants.get(), reason="x", **common) == "administrator"
    assert refused(do.deactivate, user, reason="x", **common) == "administrator"
    assert refused(do.reset_second_factor, user, reason="x", **common) == "administrator"
    chief = make_actor(Role.ADMINISTRATOR)
    assert do.grant_role(make_user(), sas=chief.sas, role=Role.ADMINISTRATOR, by=chief, at=at)


def test_managers_neither_suspend_themselves_nor_drop_their_own_role(manager, at):
    own = manager.user.grants.get()
    assert refused(do.revoke_role, own, by=manager, at=at, reason="x") == "self"
    assert refused(do.deactivate, manager.user, by=manager, at=at, reason="x") == "self"


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ACCOUNTS_MANAGER, Role.ADMINISTRATOR}])
def test_no_other_role_manages_accounts(role, at):
    by = make_actor(role)
    assert refused(do.grant_role, make_user(), sas=by.sas, role=Role.ARM, by=by, at=at) == "role"


def test_another_sas_is_out_of_reach(manager, at):
    there = make_sas("87")
    held = grant(make_user(), Role.ARM, there)
    for attempt in (
        lambda: do.grant_role(held.user, sas=there, role=Role.OSNP, by=manager, at=at),
        lambda: do.revoke_role(held, by=manager, at=at, reason="x"),
        lambda: do.deactivate(held.user, by=manager, at=at, reason="x"),
        lambda: do.invite(held.user, sas=there, by=manager, at=at),
        lambda: do.invite(held.user, sas=manager.sas, by=manager, at=at),
        lambda: do.reset_second_factor(held.user, by=manager, at=at, reason="x"),
        lambda: do.record_derogation(held.user, by=manager, at=at, start=at, end=at + HOUR, reason="x"),
    ):
        with pytest.raises(NotFound):
            attempt()
    held.refresh_from_db()
    assert held.during.upper is None


# ---- accounts


def account(manager, at, **fields):
    given = {"email": "iris@exemple.invalid", "given_name": "Iris", "family_name": "Orme", "roles": [Role.ARM]}
    return do.create_account(sas=manager.sas, by=manager, at=at, **given | fields)


def test_a_new_account_waits_for_its_password(manager, at):
    user = account(manager, at, roles=[Role.OSNP, Role.ARM], end=at + HOUR)
    assert not user.has_usable_password()
    assert {(g.role, g.during.upper) for g in user.grants.all()} == {("arm", at + HOUR), ("osnp", at + HOUR)}


def test_an_account_without_role_is_refused_and_nothing_is_left(manager, at):
    assert refused(account, manager, at, roles=[]) == "required"
    assert refused(account, manager, at, roles=[Role.ARM, Role.ADMINISTRATOR]) == "administrator"
    assert not RoleGrant.objects.filter(user__email="iris@exemple.invalid").exists()


def test_the_same_address_in_the_same_sas_is_refused_in_any_case(manager, at):
    account(manager, at)
    assert refused(account, manager, at, email="IRIS@exemple.invalid") == "exists"


def test_a_person_of_another_sas_keeps_one_account_and_their_name(manager, at):
    there = make_actor(Role.REGULATEUR_AMU, make_sas("87"), user=make_user("iris@exemple.invalid", password="secret"))
    user = account(manager, at, given_name="Zoé", family_name="Autre")
    assert user == there.user
    assert (user.given_name, user.check_password("secret")) == ("Rose", True)
    assert AccountEvent.objects.filter(sas=manager.sas).first().kind == "attached"
    assert refused(do.deactivate, user, by=manager, at=at, reason="x") == "shared"


def test_a_suspended_person_has_no_post_and_takes_none(manager, at, client):
    actor = make_actor(Role.ARM)
    login(client, actor)
    do.deactivate(actor.user, by=manager, at=at, reason="départ")
    assert actor_from_session(client.session, at=at) is None
    assert refused(do.start_duty, actor.user, sas=actor.sas, role=Role.ARM, at=at) == "suspended"
    assert refused(do.invite, actor.user, sas=actor.sas, by=manager, at=at) == "suspended"
    do.reactivate(actor.user, by=manager, at=at, reason="retour")
    assert do.start_duty(actor.user, sas=actor.sas, role=Role.ARM, at=at + HOUR)


# ---- posts


def test_a_post_taken_leaves_the_one_before(at):
    actor = make_actor(Role.REGULATEUR_AMU)
    grant(actor.user, Role.REGULATEUR_SNP)
    taken = do.start_duty(actor.user, sas=actor.sas, role=Role.REGULATEUR_SNP, at=at)
    before, after = Duty.objects.filter(user=actor.user).order_by("during")
    assert (before.during.upper, after) == (at, taken)
    assert people_on_duty(actor.sas, at=at + HOUR) == [Actor(actor.user, Role.REGULATEUR_SNP, actor.sas)]


def test_taking_again_the_post_one_holds_changes_nothing(at):
    actor = make_actor(Role.ARM)
    held = Duty.objects.get(user=actor.user)
    assert do.start_duty(actor.user, sas=actor.sas, role=Role.ARM, at=at) == held
    assert Duty.objects.count() == 1


def test_a_post_that_was_forgotten_ended_by_itself(at):
    actor = make_actor(Role.ARM, at=at - 30 * HOUR)
    assert people_on_duty(actor.sas, at=at) == []
    do.start_duty(actor.user, sas=actor.sas, role=Role.ARM, at=at)
    first = Duty.objects.filter(user=actor.user).order_by("during").first()
    assert first.during.upper - first.during.lower == 14 * HOUR


def test_arm_and_osnp_are_not_held_in_one_shift(at):
    actor = make_actor(Role.ARM)
    grant(actor.user, Role.OSNP)
    assert refused(do.start_duty, actor.user, sas=actor.sas, role=Role.OSNP, at=at) == "exclusive"
    assert Duty.objects.get(user=actor.user).during.upper is None
    do.end_duty(actor.user, at=at)
    assert refused(do.start_duty, actor.user, sas=actor.sas, role=Role.OSNP, at=at + 10 * HOUR) == "exclusive"
    assert do.start_duty(actor.user, sas=actor.sas, role=Role.OSNP, at=at + 11 * HOUR)


def test_a_dated_derogation_lifts_it_for_its_dates_and_its_sas(manager, at):
    actor = make_actor(Role.ARM)
    grant(actor.user, Role.OSNP)
    grant(actor.user, Role.OSNP, make_sas("87"))
    do.record_derogation(actor.user, by=manager, at=at, start=at + HOUR, end=at + 2 * HOUR, reason="pénurie de nuit")
    take = {"role": Role.OSNP, "sas": actor.sas}
    assert refused(do.start_duty, actor.user, at=at, **take) == "exclusive"
    assert refused(do.start_duty, actor.user, at=at + 2 * HOUR, **take) == "exclusive"
    elsewhere = take | {"sas": make_sas("87")}
    assert refused(do.start_duty, actor.user, at=at + 1.5 * HOUR, **elsewhere) == "exclusive"
    assert do.start_duty(actor.user, at=at + 1.5 * HOUR, **take)


@pytest.mark.parametrize(
    ("hours", "reason", "code"), [((1, 1), "x", "order"), ((-3, -1), "x", "past"), ((0, 1), " ", "required")]
)
def test_a_derogation_needs_dates_to_come_and_a_reason(manager, at, hours, reason, code):
    user = grant(make_user(), Role.ARM).user
    dates = {"start": at + hours[0] * HOUR, "end": at + hours[1] * HOUR}
    assert refused(do.record_derogation, user, by=manager, at=at, reason=reason, **dates) == code


def test_leaving_without_a_post_is_nothing(at):
    assert do.end_duty(make_user(), at=at) is None


def test_what_was_done_to_an_account_is_never_rewritten(manager, at):
    user = account(manager, at)
    do.record_derogation(user, by=manager, at=at, start=at, end=at + HOUR, reason="x")
    for table in (AccountEvent, Derogation):
        for change in (lambda t=table: t.objects.update(reason=""), lambda t=table: t.objects.all().delete()):
            with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
                change()


def test_a_session_is_nobody_without_a_post_or_after_another_password(client, at):
    actor = make_actor(Role.ARM)
    assert actor_from_session(client.session, at=at) is None
    login(client, actor)
    assert actor_from_session(client.session, at=at) == actor
    actor.user.set_password("autre chose encore")
    actor.user.save()
    assert actor_from_session(client.session, at=at) is None
