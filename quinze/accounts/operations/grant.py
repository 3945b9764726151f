from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.models import AccountEvent, RoleGrant, Sas, User
from quinze.accounts.operations import authority
from quinze.accounts.operations.duty import end_duty
from quinze.accounts.roles import Role
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.base.periods import period


@transaction.atomic
def grant_role(
    user: User,
    *,
    sas: Sas,
    role: Role,
    by: Actor | None,
    at: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
    reason: str = "",
) -> RoleGrant:
    """From `start` (at once when absent) until `end`, excluded (until revoked when absent)."""
    authority.check_manages(by, sas)
    authority.check_gives(by, role)
    authority.lock(user)
    starts = start or at
    _check_dates(starts, end, by=by, at=at)
    with refuse_violations():
        granted = RoleGrant.objects.create(
            user=user,
            sas=sas,
            role=role,
            during=period(starts, end),
            granted_by=by.user if by else None,
            granted_at=at,
        )
    detail = f"{Role(role).label}, {_dates(starts, end, sas.zone)}"
    authority.trace(AccountEvent.Kind.GRANTED, user, sas, by=by, at=at, detail=detail, reason=reason)
    return granted


def _check_dates(start: datetime, end: datetime | None, *, by: Actor | None, at: datetime) -> None:
    if by and start < at:
        raise Refusal(
            "Un rôle ne se donne pas pour le passé : choisissez aujourd’hui ou plus tard.", field="start", code="past"
        )
    if end and end <= start:
        raise Refusal("La fin doit venir après le début.", field="end", code="order")


def _dates(start: datetime, end: datetime | None, zone: str) -> str:
    local = ZoneInfo(zone)
    until = f" jusqu’au {end.astimezone(local):%d/%m/%Y %H:%M}" if end else " sans fin"
    return f"du {start.astimezone(local):%d/%m/%Y %H:%M}{until}"


@transaction.atomic
def revoke_role(grant: RoleGrant, *, by: Actor | None, at: datetime, reason: str) -> None:
    """The grant keeps its dates up to now; one that had not begun becomes an empty period. Nothing is deleted."""
    authority.check_manages_account(by, grant.user, grant.sas, at=at)
    authority.check_gives(by, Role(grant.role))
    why = authority.check_reason(reason)
    authority.lock(grant.user)
    grant.refresh_from_db()
    _check_can_end(grant, by=by, at=at)
    start = grant.during.lower
    grant.during = period(start, max(start, at))
    grant.save(update_fields=["during"])
    _leave_post(grant, at=at)
    detail = Role(grant.role).label
    authority.trace(AccountEvent.Kind.REVOKED, grant.user, grant.sas, by=by, at=at, detail=detail, reason=why)


def _check_can_end(grant: RoleGrant, *, by: Actor | None, at: datetime) -> None:
    if grant.during.isempty or (grant.during.upper and grant.during.upper <= at):
        raise Refusal("Ce rôle est déjà terminé.", code="ended")
    if by and by.user == grant.user and grant.role in authority.MANAGERS:
        raise Refusal("Vous ne pouvez pas vous retirer ce rôle : demandez à un autre gestionnaire.", code="self")


def _leave_post(grant: RoleGrant, *, at: datetime) -> None:
    end_duty(grant.user, at=at, sas=grant.sas, role=Role(grant.role))
