from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from quinze.accounts import second_factor
from quinze.accounts.actor import Actor
from quinze.accounts.models import AccountEvent, Sas, User
from quinze.accounts.operations import authority
from quinze.accounts.operations.duty import end_duty
from quinze.accounts.operations.grant import grant_role
from quinze.accounts.queries import belongs_elsewhere, grants_in
from quinze.accounts.roles import Role
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal


@transaction.atomic
def create_account(
    *,
    email: str,
    given_name: str,
    family_name: str,
    sas: Sas,
    roles: Iterable[Role],
    by: Actor | None,
    at: datetime,
    title: str = "",
    password: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> User:
    """An account with its first roles. Without a password it waits for the answer to its invitation.

    A person who already works for another SAS keeps the one account they have: it is attached here, under the names
    they already bear, and their password is not touched.
    """
    authority.check_manages(by, sas)
    asked = _check_roles(roles, by=by)
    user = User.objects.filter(email__iexact=email.strip()).first()
    kind = AccountEvent.Kind.ATTACHED if user else AccountEvent.Kind.CREATED
    if user is None:
        user = _new_user(email, password, given_name=given_name, family_name=family_name, title=title, created_at=at)
    elif grants_in(sas, user).exists():
        raise Refusal(
            "Un compte de votre SAS a déjà cette adresse : ouvrez-le dans la liste.", field="email", code="exists"
        )
    authority.trace(kind, user, sas, by=by, at=at)
    for role in asked:
        grant_role(user, sas=sas, role=role, by=by, at=at, start=start, end=end)
    return user


def _check_roles(roles: Iterable[Role], *, by: Actor | None) -> list[Role]:
    asked = [role for role in Role if role in set(roles)]
    if not asked:
        raise Refusal("Donnez au moins un rôle : un compte sans rôle n’ouvre rien.", field="roles", code="required")
    for role in asked:
        authority.check_gives(by, role)
    return asked


def _new_user(email: str, password: str | None, **fields: object) -> User:
    with refuse_violations():
        return User.objects.create_user(email.strip(), password, **fields)


@transaction.atomic
def deactivate(user: User, *, by: Actor, at: datetime, reason: str) -> None:
    """Nobody logs in with this account any more, at once and everywhere; its past stays."""
    authority.check_manages_account(by, user, by.sas, at=at)
    why = authority.check_reason(reason)
    if by.user == user:
        raise Refusal("Vous ne pouvez pas suspendre votre propre compte.", code="self")
    if belongs_elsewhere(user, sas=by.sas, at=at):
        raise Refusal("Ce compte sert aussi à un autre SAS : retirez plutôt ses rôles dans le vôtre.", code="shared")
    end_duty(user, at=at)
    _set_active(user, active=False)
    authority.trace(AccountEvent.Kind.SUSPENDED, user, by.sas, by=by, at=at, reason=why)


@transaction.atomic
def reactivate(user: User, *, by: Actor, at: datetime, reason: str) -> None:
    authority.check_manages_account(by, user, by.sas, at=at)
    why = authority.check_reason(reason)
    _set_active(user, active=True)
    authority.trace(AccountEvent.Kind.REACTIVATED, user, by.sas, by=by, at=at, reason=why)


def _set_active(user: User, *, active: bool) -> None:
    authority.lock(user)
    user.is_active = active
    user.save(update_fields=["is_active"])


@transaction.atomic
def reset_second_factor(user: User, *, by: Actor, at: datetime, reason: str) -> None:
    """For a lost telephone: the person registers another at their next login, before any post."""
    authority.check_manages_account(by, user, by.sas, at=at)
    why = authority.check_reason(reason)
    end_duty(user, at=at)
    second_factor.forget(user)
    authority.trace(AccountEvent.Kind.FACTOR_RESET, user, by.sas, by=by, at=at, reason=why)
