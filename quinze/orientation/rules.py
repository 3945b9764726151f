"""Who may do what with a request and its bookings."""

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.roles import Role
from quinze.directory.models import Professional


def may_orient(actor: Actor) -> bool:
    return actor.may(Capability.ORIENT)


def may_reorient(actor: Actor) -> bool:
    return actor.may(Capability.REORIENT)


def may_edit_charter(actor: Actor) -> bool:
    return actor.may(Capability.EDIT_CHARTER)


def may_finish_hold(actor: Actor, *, held_by_id: int, sas_id: int) -> bool:
    """Its holder, or a colleague of the same desk: a call may be handed over while the patient decides."""
    return actor.sas.pk == sas_id and (actor.user.pk == held_by_id or may_orient(actor))


def may_dispute(actor: Actor, professional: Professional) -> bool:
    """The doctor, at their own post; whoever acts for them reads the figures and contests none."""
    return actor.role == Role.EFFECTEUR and professional.account_id == actor.user.pk


def may_answer_disputes(actor: Actor) -> bool:
    return actor.may(Capability.ANSWER_DISPUTES)
