"""Regulator accounts that the national platform declares (INT_R02), and the arrival of one of these people.

What is declared opens nothing by itself. The person whom Pro Santé Connect proves to bear the national identifier of
an active account, coming with `origin=sas…`, is given the role of that session; it ends with the declaration.
"""

from datetime import datetime

from django.db import transaction

from quinze.accounts.models import (
    AccountEvent,
    PlatformAccount,
    PlatformAccountEvent,
    RoleGrant,
    Sas,
    User,
)
from quinze.accounts.operations import authority
from quinze.accounts.operations.duty import end_duty, start_duty
from quinze.accounts.operations.grant import grant_role
from quinze.accounts.operations.identity import How, link_identity
from quinze.accounts.platform import Declared, Key
from quinze.accounts.queries import platform_account, platform_account_once, user_of_national_id
from quinze.accounts.roles import FROM_PLATFORM_ONLY
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.base.periods import period

Kind = PlatformAccountEvent.Kind
TAKEN = frozenset(["platform_account_national_once", "platform_account_technical_once"])
NO_ADDRESS = "plateforme-sas.invalid"  # where the declared address already opens another account


@transaction.atomic
def declare(said: Declared, *, sas: Sas | None, by: str, at: datetime) -> PlatformAccount:
    """Another account. Refused when an active one bears the identifier; an inactive one may have borne it.

    `by` is the machine that speaks, as it is registered; `sas` the only one it speaks for, None for all.
    """
    with refuse_violations():
        account = PlatformAccount.objects.create(**said.fields(), sas=sas, created_at=at, changed_at=at)
    _trace(Kind.CREATED, account, by=by, at=at)
    return account


def declare_again(key: Key, said: Declared, *, sas: Sas | None, by: str, at: datetime) -> tuple[PlatformAccount, bool]:
    """The account that bears `key` becomes what is said; without one it is declared. True when it is a new one.

    The same call twice gives the same account, whether twice in turn (even when it changed the identifier) or at once.
    Refused when another active account bears an identifier that is said.
    """
    try:
        return _declare_again(key, said, sas=sas, by=by, at=at)
    except Refusal as refusal:
        if refusal.code not in TAKEN or platform_account(key, sas=sas) is None:
            raise
        return _declare_again(key, said, sas=sas, by=by, at=at)  # declared by another call while we looked


@transaction.atomic
def _declare_again(key: Key, said: Declared, *, sas: Sas | None, by: str, at: datetime) -> tuple[PlatformAccount, bool]:
    found = platform_account(key, sas=sas) or platform_account_once(key, said, sas=sas)
    if found is None:
        return declare(said, sas=sas, by=by, at=at), True
    account = PlatformAccount.objects.select_for_update().get(pk=found.pk)
    _change(account, said, by=by, at=at)
    return account, False


def _change(account: PlatformAccount, said: Declared, *, by: str, at: datetime) -> None:
    before = {name: getattr(account, name) for name in said.fields()}
    if before == said.fields():
        return
    for name, value in said.fields().items():
        setattr(account, name, value)
    account.changed_at = at
    with refuse_violations():
        account.save()
    _trace(_kind(before, said), account, by=by, at=at)
    if before["active"] and before["national_id"] and (not said.active or said.national_id != before["national_id"]):
        _withdraw(before["national_id"], by=by, at=at)


def _kind(before: dict[str, object], said: Declared) -> PlatformAccountEvent.Kind:
    if before["active"] != said.active:
        return Kind.REOPENED if said.active else Kind.CLOSED
    changed = (before["national_id"], before["technical_id"]) != (said.national_id, said.technical_id)
    return Kind.IDENTIFIED if changed else Kind.CHANGED


def _trace(kind: PlatformAccountEvent.Kind, account: PlatformAccount, *, by: str, at: datetime) -> None:
    state = {name: getattr(account, name) for name in Declared.__dataclass_fields__}
    PlatformAccountEvent.objects.create(account=account, kind=kind, by=by[:80], at=at, **state)


def _withdraw(national_id: str, *, by: str, at: datetime) -> None:
    """Nobody acts by this identifier any more, at once: the role ends, and the post held in it."""
    user = user_of_national_id(national_id)
    if user is None:
        return
    authority.lock(user)
    for grant in RoleGrant.objects.filter(user=user, role=FROM_PLATFORM_ONLY, during__endswith__isnull=True):
        grant.during = period(grant.during.lower, max(grant.during.lower, at))
        grant.save(update_fields=["during"])
        end_duty(user, at=at, sas=grant.sas, role=FROM_PLATFORM_ONLY)
        authority.trace(
            AccountEvent.Kind.REVOKED,
            user,
            grant.sas,
            by=None,
            at=at,
            detail=FROM_PLATFORM_ONLY.label,
            reason=f"Habilitation retirée par {by}",
        )


# ---- arriving


@transaction.atomic
def welcome(account: PlatformAccount, *, sas: Sas, said: dict[str, object], at: datetime) -> User:
    """The person of an active account takes the post of the platform in this SAS. Their identity was just proven, and
    the session says that it comes from the platform: the caller made sure of both. A first arrival opens the account.
    """
    held = PlatformAccount.objects.select_for_update().get(pk=account.pk)
    if not held.active or held.national_id != account.national_id:
        raise Refusal("La plateforme nationale a retiré cette habilitation.", code="withdrawn")
    if held.sas_id not in {None, sas.pk}:
        raise Refusal("La plateforme nationale ne vous habilite pas pour ce SAS.", code="sas")
    user = user_of_national_id(held.national_id) or _open(held, said=said, at=at)
    given = RoleGrant.objects.filter(user=user, sas=sas, role=FROM_PLATFORM_ONLY, during__contains=at)
    if not given.exists():
        grant_role(user, sas=sas, role=FROM_PLATFORM_ONLY, by=None, at=at, reason="Déclaré par la plateforme nationale")
    start_duty(user, sas=sas, role=FROM_PLATFORM_ONLY, at=at, two_factors=True)
    return user


def _open(account: PlatformAccount, *, said: dict[str, object], at: datetime) -> User:
    """No password, and no other role. The declared address finds nobody: it may already be somebody's."""
    taken = User.objects.filter(email__iexact=account.email).exists()
    email = f"{account.pk}@{NO_ADDRESS}" if taken else account.email
    user = User.objects.create_user(
        email, None, given_name=account.given_name, family_name=account.family_name, created_at=at
    )
    link_identity(user, subject=account.national_id, said=said, how=How.ENROLLED, at=at)
    return user
