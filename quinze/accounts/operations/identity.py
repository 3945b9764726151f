"""The national identity of an account: tied once, by the person, never by an e-mail address."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.models import AccountEvent, NationalIdentity, RoleGrant, Sas, User
from quinze.accounts.operations import authority
from quinze.accounts.operations.duty import end_duty
from quinze.accounts.operations.session import forget_vouched_sessions
from quinze.accounts.roles import Role
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.base.events import emit
from quinze.base.periods import period

How = NationalIdentity.How


@dataclass(frozen=True, slots=True)
class IdentityLinked:
    """An account was tied to a national identifier. Who hears it may refuse: nothing is then tied."""

    user: User
    subject: str
    at: datetime


@transaction.atomic
def link_identity(user: User, *, subject: str, said: dict[str, Any], how: str, at: datetime) -> NationalIdentity:
    """From now on Pro Santé Connect opens this account. It gives no role: those of the account stay as they are."""
    if not authority.lock(user).is_active:
        raise Refusal("Ce compte est suspendu : adressez-vous au gestionnaire de comptes.", code="suspended")
    with refuse_violations():
        linked = NationalIdentity.objects.create(
            user=user, subject=subject, how=how, linked_at=at, said=said, said_at=at
        )
    for sas in Sas.objects.filter(grants__user=user).distinct():
        _trace(AccountEvent.Kind.LINKED, user, sas, by=user, at=at, detail=f"{subject}, {How(how).label}")
    emit(IdentityLinked(user=user, subject=subject, at=at))
    return linked


@dataclass(frozen=True, slots=True)
class IdentityUntied:
    """An accounts manager took the national identifier off an account."""

    user: User
    subject: str
    by: Actor
    at: datetime


@transaction.atomic
def untie_identity(user: User, *, by: Actor, at: datetime, reason: str) -> None:
    """For a card tied to the wrong account: it no longer opens this one, whose sessions by it end at once."""
    authority.check_manages_account(by, user, by.sas, at=at)
    why = authority.check_reason(reason)
    authority.lock(user)
    tied = NationalIdentity.objects.filter(user=user).first()
    if tied is None:
        raise Refusal("Pro Santé Connect n’est pas rattaché à ce compte.", code="untied")
    tied.delete()
    end_duty(user, at=at)
    forget_vouched_sessions(user)
    authority.trace(AccountEvent.Kind.UNTIED, user, by.sas, by=by, at=at, detail=tied.subject, reason=why)
    emit(IdentityUntied(user=user, subject=tied.subject, by=by, at=at))


@transaction.atomic
def follow_identifier(user: User, *, subject: str, said: dict[str, Any], at: datetime) -> NationalIdentity:
    """The register gave the same person another identifier (an ADELI became a RPPS). The caller checked that it did."""
    authority.lock(user)
    tied = NationalIdentity.objects.get(user=user)
    before, tied.subject, tied.said, tied.said_at = tied.subject, subject, said, at
    with refuse_violations():
        tied.save(update_fields=["subject", "said", "said_at"])
    for sas in Sas.objects.filter(grants__user=user).distinct():
        _trace(AccountEvent.Kind.LINKED, user, sas, by=user, at=at, detail=f"{subject}, auparavant {before}")
    return tied


def remember_what_was_said(user: User, *, said: dict[str, Any], at: datetime) -> None:
    """Practices change: those of the last login are kept, the earlier ones in the history."""
    NationalIdentity.objects.filter(user=user).exclude(said=said).update(said=said, said_at=at)


@transaction.atomic
def open_own_account(
    *,
    email: str,
    given_name: str,
    family_name: str,
    title: str,
    sas: list[Sas],
    subject: str,
    said: dict[str, Any],
    at: datetime,
    by: User | None = None,
) -> User:
    """An effecteur's own account, opened by a proven national identity: no password, no other role, dated, signed by
    the person (by who answered their request, when `by` is said). The caller checked that they may, for each SAS."""
    with refuse_violations():
        user = User.objects.create_user(
            email.strip(), None, given_name=given_name, family_name=family_name, title=title, created_at=at
        )
    signed = by or user
    for each in sas:
        _trace(AccountEvent.Kind.ENROLLED, user, each, by=signed, at=at, detail=subject)
        RoleGrant.objects.create(
            user=user, sas=each, role=Role.EFFECTEUR, during=period(at), granted_by=signed, granted_at=at
        )
        _trace(AccountEvent.Kind.GRANTED, user, each, by=signed, at=at, detail=Role.EFFECTEUR.label)
    link_identity(user, subject=subject, said=said, how=How.ENROLLED, at=at)
    return user


def _trace(kind: AccountEvent.Kind, user: User, sas: Sas, *, by: User, at: datetime, detail: str) -> None:
    AccountEvent.objects.create(user=user, sas=sas, kind=kind, detail=detail, by=by, at=at)
