"""Somebody of the SAS is named to a structure, and removed, by an accounts manager: who runs it, who receives there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import RoleGrant, User
from quinze.accounts.roles import Role
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, NotFound, Refusal
from quinze.base.periods import period
from quinze.directory.models import EmergencyNurse, Structure, StructureManager
from quinze.directory.operations.journal import record

Row = TypeVar("Row", StructureManager, EmergencyNurse)


@dataclass(frozen=True, slots=True)
class Post(Generic[Row]):
    """What one is named to, and how it is told."""

    rows: type[Row]
    role: Role
    title: str  # « … nommé », « … retiré », in the journal
    forbidden: str
    elsewhere: str
    not_granted: str
    ended: str
    kind: str = ""  # of the structure; empty: any


@transaction.atomic
def name_to(post: Post[Row], structure: Structure, user: User, *, by: Actor, at: datetime) -> Row:
    """Among people granted the role in the SAS of the structure. Raises Refusal otherwise, or when already named."""
    _check(post, structure, by)
    if not RoleGrant.objects.filter(user=user, sas=by.sas, role=post.role, during__contains=at).exists():
        raise Refusal(post.not_granted, field="email", code="role")
    with refuse_violations():
        named = post.rows._default_manager.create(structure=structure, user=user, during=period(at), named_by=by.user)
    record(f"{post.title} nommé", structure, by=by, at=at, who=str(user))
    return named


@transaction.atomic
def remove_from(post: Post[Row], named: Row, *, by: Actor, at: datetime) -> None:
    """Raises Conflict when it was done already."""
    _check(post, named.structure, by)
    row = post.rows._default_manager.select_for_update().get(pk=named.pk)
    if row.during.upper is not None:
        raise Conflict(post.ended, code="ended")
    row.during = period(row.during.lower, max(at, row.during.lower))
    row.save(update_fields=["during"])
    record(f"{post.title} retiré", named.structure, by=by, at=at, who=str(named.user))


def _check(post: Post[Row], structure: Structure, by: Actor) -> None:
    if not by.may(Capability.MANAGE_ACCOUNTS):
        raise Refusal(post.forbidden, code="role")
    if structure.sas_id != by.sas.pk or (post.kind and structure.kind != post.kind):
        raise NotFound(post.elsewhere)
