"""A professional invites the one who will act for them: the only account that is not made by an accounts manager."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.models import AccountEvent, RoleGrant, User
from quinze.accounts.operations import authority
from quinze.accounts.operations.invitation import Invitation, write_invitation
from quinze.accounts.roles import Role
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.base.periods import period

WHY = "invitation d’un professionnel"


@dataclass(frozen=True, slots=True)
class DelegateAccount:
    user: User
    invitation: Invitation | None  # to send; none when the person already logs in


@transaction.atomic
def welcome_delegate(*, email: str, given_name: str, family_name: str, by: Actor, at: datetime) -> DelegateAccount:
    """The account of that address, made if it is missing, with the role délégataire in the SAS of `by`.

    That role alone opens nobody's agenda: what it may read comes from each consent. An account that exists keeps its
    names and its password, whoever asks.
    """
    if by.role != Role.EFFECTEUR:
        raise Refusal("Seul un effecteur invite un délégataire.", code="role")
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user == by.user:
        raise Refusal("On ne se délègue pas son propre agenda.", field="email", code="self")
    if user is None:
        user = _create(email, given_name=given_name, family_name=family_name, by=by, at=at)
    if not authority.lock(user).is_active:
        raise Refusal(
            "Ce compte est suspendu : adressez-vous au gestionnaire de comptes.", field="email", code="suspended"
        )
    _grant(user, by=by, at=at)
    known = user.has_usable_password()
    return DelegateAccount(user, None if known else write_invitation(user, sas=by.sas, by=by, at=at))


def _create(email: str, *, given_name: str, family_name: str, by: Actor, at: datetime) -> User:
    if not given_name.strip() or not family_name.strip():
        raise Refusal("Donnez le prénom et le nom.", field="family_name")
    with refuse_violations():
        user = User.objects.create_user(
            email.strip(), given_name=given_name.strip(), family_name=family_name.strip(), created_at=at
        )
    authority.trace(AccountEvent.Kind.CREATED, user, by.sas, by=by, at=at, reason=WHY)
    return user


def _grant(user: User, *, by: Actor, at: datetime) -> None:
    role, here = Role.DELEGATAIRE, RoleGrant.objects.filter(user=user, sas=by.sas, role=Role.DELEGATAIRE)
    if here.filter(during__contains=at).exists():
        return
    later = here.filter(during__startswith__gt=at).order_by("during").first()
    ends = later.during.lower if later else None  # up to what a manager has already planned
    RoleGrant.objects.create(
        user=user, sas=by.sas, role=role, during=period(at, ends), granted_by=by.user, granted_at=at
    )
    authority.trace(AccountEvent.Kind.GRANTED, user, by.sas, by=by, at=at, detail=role.label, reason=WHY)
