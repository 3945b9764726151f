"""Who acts: a person, in one role, for one SAS. Every operation takes one as `by`."""

from dataclasses import dataclass

from quinze.accounts.capabilities import Capability, may
from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role


@dataclass(frozen=True, slots=True)
class Actor:
    user: User
    role: Role
    sas: Sas

    @property
    def role_label(self) -> str:
        return Role(self.role).label

    @property
    def name(self) -> str:
        return str(self.user)

    def may(self, capability: Capability) -> bool:
        return may(self.role, capability)
