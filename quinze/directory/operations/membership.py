"""A member is validated by both sides, and either ends the membership."""

from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import User
from quinze.accounts.roles import Role
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, NotFound, Refusal
from quinze.directory.models import Membership, MembershipRequest, Professional, Structure, StructureManager
from quinze.directory.operations.journal import record
from quinze.directory.operations.naming import Post, name_to, remove_from
from quinze.directory.operations.people import join_structure, leave_structure
from quinze.directory.queries.membership import manages

Side = MembershipRequest.Side


MANAGER = Post(
    StructureManager,
    Role.STRUCTURE_MANAGER,
    title="Gestionnaire",
    forbidden="Votre rôle ne nomme pas les gestionnaires de structure.",
    elsewhere="Cette structure n’est pas de votre SAS.",
    not_granted="Cette personne n’a pas le rôle gestionnaire de structure dans votre SAS : donnez-le d’abord.",
    ended="Cette personne ne gère déjà plus la structure.",
)


def name_manager(structure: Structure, user: User, *, by: Actor, at: datetime) -> StructureManager:
    """By an accounts manager of the structure's SAS; raises as `name_to`."""
    return name_to(MANAGER, structure, user, by=by, at=at)


def remove_manager(named: StructureManager, *, by: Actor, at: datetime) -> None:
    """Raises Conflict when it was done already."""
    remove_from(MANAGER, named, by=by, at=at)


@transaction.atomic
def ask_membership(structure: Structure, professional: Professional, *, by: Actor, at: datetime) -> MembershipRequest:
    """By one of the two; the other answers."""
    side = _side(structure, professional, by=by, at=at)
    if Membership.objects.filter(structure=structure, professional=professional, during__contains=at).exists():
        raise Refusal("Ce professionnel est déjà membre de cette structure.", field="professional", code="member")
    if side == Side.STRUCTURE and professional.account_id is None:
        raise Refusal(
            f"{professional} n’a pas encore de compte Quinze et ne pourrait pas répondre : "
            "demandez à votre gestionnaire de comptes de l’inviter.",
            field="professional",
            code="no_account",
        )
    with refuse_violations():
        asked = MembershipRequest.objects.create(
            structure=structure, professional=professional, side=side, asked_by=by.user, asked_at=at
        )
    record("Appartenance demandée", professional, by=by, at=at, structure=structure)
    return asked


@transaction.atomic
def answer_membership(asked: MembershipRequest, *, accepted: bool, by: Actor, at: datetime) -> MembershipRequest:
    row = MembershipRequest.objects.select_for_update(of=("self",)).select_related("structure", "professional")
    locked = row.get(pk=asked.pk)
    side = _side(locked.structure, locked.professional, by=by, at=at, asked_by=locked.side)
    if locked.answered_at is not None:
        raise Conflict("Cette demande a déjà sa réponse : rechargez la page.", code="answered")
    if accepted and side == locked.side:
        raise Refusal("C’est à l’autre de répondre.", code="not_yours")
    locked.accepted, locked.answered_by, locked.answered_at = accepted, by.user, at
    locked.save(update_fields=["accepted", "answered_by", "answered_at"])
    if accepted:
        join_structure(locked.professional, locked.structure, by=by, at=at)
    else:
        record("Appartenance refusée", locked.professional, by=by, at=at, structure=locked.structure)
    return locked


@transaction.atomic
def end_membership(membership: Membership, *, by: Actor, at: datetime) -> Membership:
    """By either side, dated; the past stays."""
    _side(membership.structure, membership.professional, by=by, at=at)
    return leave_structure(membership, by=by, at=at)


def _side(
    structure: Structure, professional: Professional, *, by: Actor, at: datetime, asked_by: str | None = None
) -> MembershipRequest.Side:
    """Which of the two acts. Somebody who is both answers for the one that did not ask."""
    is_professional = professional.account_id == by.user.pk and by.may(Capability.OWN_PARTICIPATION)
    is_structure = by.may(Capability.MANAGE_STRUCTURE) and manages(by.user, structure.pk, at=at)
    sides = [side for side, held in ((Side.PROFESSIONAL, is_professional), (Side.STRUCTURE, is_structure)) if held]
    if not sides or structure.sas_id != by.sas.pk:
        raise NotFound("Cette structure n’est pas l’une des vôtres.")
    return next((side for side in sides if side != asked_by), sides[0])
