"""The checks and the trace that every act on an account shares."""

from datetime import datetime

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.events import AccountChanged
from quinze.accounts.models import AccountEvent, RoleGrant, Sas, User
from quinze.accounts.roles import FROM_PLATFORM_ONLY, Role
from quinze.accounts.rules import may_give
from quinze.base import events
from quinze.base.errors import NotFound, Refusal

MANAGERS = (Role.ACCOUNTS_MANAGER, Role.ADMINISTRATOR)


def check_manages(by: Actor | None, sas: Sas) -> None:
    if by is None:
        return
    if not by.may(Capability.MANAGE_ACCOUNTS):
        raise Refusal("Votre rôle ne gère pas les comptes : adressez-vous au gestionnaire de comptes.", code="role")
    if by.sas != sas:
        raise NotFound("Ce compte n’est pas de votre SAS.", code="not_found")


def check_manages_account(by: Actor | None, user: User, sas: Sas, *, at: datetime) -> None:
    """The account has something to do with this SAS, and is not above who acts."""
    check_manages(by, sas)
    if not RoleGrant.objects.filter(user=user, sas=sas).exists():
        raise NotFound("Ce compte n’est pas de votre SAS.", code="not_found")
    if by and not may_give(by.role, Role.ADMINISTRATOR) and is_administrator(user, at=at):
        raise Refusal("Seul un administrateur agit sur le compte d’un administrateur.", code="administrator")


def check_gives(by: Actor | None, role: Role) -> None:
    if by and role == FROM_PLATFORM_ONLY:
        says = "Ce rôle ne vient que de la plateforme nationale : vous pouvez suspendre le compte."
        raise Refusal(says, field="role", code="platform")
    if by and not may_give(by.role, role):
        raise Refusal(
            f"Seul un administrateur donne ou retire le rôle {role.label}.", field="role", code="administrator"
        )


def is_administrator(user: User, *, at: datetime) -> bool:
    return RoleGrant.objects.filter(user=user, role=Role.ADMINISTRATOR, during__contains=at).exists()


def check_reason(reason: str) -> str:
    if not reason.strip():
        raise Refusal("Dites pourquoi : le motif reste dans l’historique du compte.", field="reason", code="required")
    return reason.strip()


def lock(user: User) -> User:
    """One act at a time on one person's account; released with the transaction."""
    return User.objects.select_for_update().get(pk=user.pk)


def trace(
    kind: AccountEvent.Kind, user: User, sas: Sas, *, by: Actor | None, at: datetime, detail: str = "", reason: str = ""
) -> None:
    AccountEvent.objects.create(
        user=user, sas=sas, kind=kind, detail=detail, reason=reason, by=by.user if by else None, at=at
    )
    events.emit(AccountChanged(user, sas, kind, at))
