"""A list of accounts, all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from procrastinate.contrib.django import app

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas, User
from quinze.accounts.operations import authority
from quinze.accounts.operations.account import create_account
from quinze.accounts.operations.invitation import write_invitation
from quinze.accounts.roles import Role
from quinze.accounts.roster import Line
from quinze.base import events
from quinze.base.errors import Refusal
from quinze.base.periods import local_instant

INVITE_TASK = "quinze.accounts.tasks.send_invitation"


@dataclass(frozen=True, slots=True)
class AccountOfRegister:
    """Domain event: this account is that of the professional of this RPPS. Who hears it may refuse."""

    user: User
    rpps: str
    by: Actor
    at: datetime


@transaction.atomic
def import_accounts(lines: Sequence[Line], *, sas: Sas, by: Actor, at: datetime) -> list[User]:
    """The accounts made or attached, in order. One line refused, and none is made: the refusal's `line` says which."""
    authority.check_manages(by, sas)
    return [_import(line, sas=sas, by=by, at=at) for line in lines]


def _import(line: Line, *, sas: Sas, by: Actor, at: datetime) -> User:
    try:
        user = create_account(
            email=line.email,
            title=line.title,
            given_name=line.given_name,
            family_name=line.family_name,
            sas=sas,
            roles=line.roles,
            start=_start(line.start, sas, at),
            end=local_instant(line.end + timedelta(days=1), time.min, sas.zone) if line.end else None,
            by=by,
            at=at,
        )
        if line.rpps:
            events.emit(AccountOfRegister(user, line.rpps, by, at))
        if not user.has_usable_password():
            app.configure_task(INVITE_TASK, allow_unknown=True).defer(user=user.pk, sas=sas.pk, by=by.user.pk)
    except Refusal as refusal:
        words = f"Ligne {line.number}, {line.given_name} {line.family_name} : {refusal.message} Rien n’a été créé."
        raise Refusal(words, code=refusal.code, line=line.number) from refusal
    return user


def send_invitation(*, user: int, sas: int, by: int, at: datetime) -> None:
    """One of a list: not sent when the person came in between, or was suspended. Raises OSError without mail server."""
    invited = User.objects.get(pk=user)
    if invited.has_usable_password() or not invited.is_active:
        return
    manager = Actor(user=User.objects.get(pk=by), role=Role.ACCOUNTS_MANAGER, sas=Sas.objects.get(pk=sas))
    write_invitation(invited, sas=manager.sas, by=manager, at=at).send()


def _start(day: date | None, sas: Sas, at: datetime) -> datetime:
    """Today means now."""
    return max(at, local_instant(day, time.min, sas.zone)) if day else at
