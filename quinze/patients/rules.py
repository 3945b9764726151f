"""Who may know about people's identities and who read what."""

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability


def can_find_people(by: Actor) -> bool:
    return by.may(Capability.READ_CASE)


def can_read_access_log(by: Actor) -> bool:
    return by.may(Capability.READ_ACCESS_LOG)
