"""Structures and their members, as their managers and their members read them."""

from datetime import datetime

from django.db.models import QuerySet

from quinze.accounts.actor import Actor
from quinze.accounts.models import User
from quinze.base.errors import NotFound
from quinze.directory.models import Membership, MembershipRequest, Professional, Structure, StructureManager


def structures_managed(actor: Actor, *, at: datetime) -> list[Structure]:
    """In the SAS of the post one holds, by name."""
    mine = StructureManager.objects.filter(user=actor.user, during__contains=at).values("structure")
    return list(Structure.objects.filter(pk__in=mine, sas=actor.sas).order_by("name", "pk"))


def managed(actor: Actor, pk: int, *, at: datetime) -> Structure:
    found = next((each for each in structures_managed(actor, at=at) if each.pk == pk), None)
    if found is None:
        raise NotFound("Cette structure n’est pas l’une de celles que vous gérez.")
    return found


def manages(user: User, structure_id: int, *, at: datetime) -> bool:
    return StructureManager.objects.filter(user=user, structure=structure_id, during__contains=at).exists()


def managers_of(structure: Structure, *, at: datetime) -> QuerySet[StructureManager]:
    rows = StructureManager.objects.filter(structure=structure, during__contains=at).select_related("user", "named_by")
    return rows.order_by("user__family_name", "pk")


def member_rows(structure: Structure, *, at: datetime) -> QuerySet[Membership]:
    rows = Membership.objects.filter(structure=structure, during__contains=at).select_related("professional")
    return rows.order_by("professional__search_name", "pk")


def open_requests(
    *, structure: Structure | None = None, professional: Professional | None = None
) -> list[MembershipRequest]:
    """Without an answer yet, the oldest first."""
    rows = MembershipRequest.objects.filter(answered_at__isnull=True).select_related(
        "structure", "professional", "asked_by"
    )
    if structure is not None:
        rows = rows.filter(structure=structure)
    if professional is not None:
        rows = rows.filter(professional=professional)
    return list(rows.order_by("asked_at", "pk"))


def membership_request(pk: int) -> MembershipRequest:
    found = MembershipRequest.objects.filter(pk=pk).select_related("structure", "professional").first()
    if found is None:
        raise NotFound("Cette demande n’existe pas.")
    return found
