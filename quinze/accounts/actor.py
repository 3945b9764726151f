"""Who acts: a person, in one role, for one SAS. Every operation takes one as `by`."""

from dataclasses import dataclass

from quinze.accounts.capabilities import Capability, may
from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role


@dataclass(frozen=True, slots=True)
class Mandate:
    """Whose agenda a delegate handles for one request, and how far. Made from a consent by `directory.acting` only."""

    delegation_id: int
    professional_id: int
    name: str  # Dr Hélène Cormier
    powers: frozenset[str]
    place_ids: frozenset[int] = frozenset()  # none: everywhere


@dataclass(frozen=True, slots=True)
class Actor:
    user: User
    role: Role
    sas: Sas
    mandate: Mandate | None = None

    @property
    def role_label(self) -> str:
        return Role(self.role).label

    @property
    def name(self) -> str:
        """A delegate is always named with the one they act for."""
        return f"{self.user}{self.for_whom}"

    @property
    def for_whom(self) -> str:
        if self.mandate is None:
            return ""
        return (
            f" pour le {self.mandate.name}"
            if self.mandate.name.startswith(("Dr ", "Pr "))
            else f" pour {self.mandate.name}"
        )

    def may(self, capability: Capability) -> bool:
        return may(self.role, capability)
