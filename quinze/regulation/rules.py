"""Who may do what with a case file. A file is always of the actor's own SAS: queries see to that."""

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.roles import Role

STREAM_OF_ROLE = {Role.REGULATEUR_AMU: "AMU", Role.REGULATEUR_SNP: "SNP"}
REASON_BLIND = frozenset({Role.OSNP})  # sees the request, never the interrogation (REG-04)


def can_read(by: Actor) -> bool:
    return by.may(Capability.READ_CASE)


def can_qualify(by: Actor) -> bool:
    return by.may(Capability.TAKE_CALL)


def can_regulate(by: Actor) -> bool:
    return by.may(Capability.REGULATE_AMU) or by.may(Capability.REGULATE_SNP)


def can_write(by: Actor, section: str) -> bool:
    """ARM and doctors write everything; an OSNP completes administrative data only (REG-04)."""
    if by.may(Capability.ORIENT):
        return section in ("caller", "place", "patient")
    return can_qualify(by) or can_regulate(by)


def can_claim(by: Actor, step: str) -> bool:
    if can_regulate(by):
        return step in ("arm", "amu", "snp", "osnp", "follow_up")
    return can_qualify(by) and step == "arm"


def can_redirect(by: Actor) -> bool:
    return can_qualify(by) or can_regulate(by)


def can_red_flag(by: Actor) -> bool:
    return by.may(Capability.RED_FLAG)


def can_withdraw_red_flag(by: Actor) -> bool:
    return can_qualify(by) or can_regulate(by)


def can_decide(by: Actor) -> bool:
    return can_regulate(by)


def can_close(by: Actor, step: str) -> bool:
    return can_regulate(by) or (can_qualify(by) and step == "arm")


def can_note(by: Actor) -> bool:
    return can_qualify(by) or can_regulate(by) or by.may(Capability.ORIENT)


def can_see_room(by: Actor) -> bool:
    return by.may(Capability.SEE_ROOM)


def can_read_access_log(by: Actor) -> bool:
    return by.may(Capability.READ_ACCESS_LOG)


def sees_interrogation(by: Actor) -> bool:
    return by.role not in REASON_BLIND
