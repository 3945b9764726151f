"""Who may act on whose account."""

from quinze.accounts.capabilities import Capability, may
from quinze.accounts.roles import FROM_PLATFORM_ONLY, Role


def may_give(role_of_giver: Role, role: Role) -> bool:
    """An administrator is made, and unmade, by an administrator only; the role of the platform, by the platform."""
    if role == FROM_PLATFORM_ONLY:
        return False
    if role == Role.ADMINISTRATOR:
        return role_of_giver == Role.ADMINISTRATOR
    return may(role_of_giver, Capability.MANAGE_ACCOUNTS)


def roles_given_by(role_of_giver: Role) -> list[Role]:
    return [role for role in Role if may_give(role_of_giver, role)]
