"""What the folders above hear of accounts, in the transaction that makes it true."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role


@dataclass(frozen=True, slots=True)
class PostAsked:
    """Somebody is about to take a post. A handler may refuse (Refusal), or `warn` them in French and let them in."""

    user: User
    sas: Sas
    role: Role
    at: datetime
    warn: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PostTaken:
    """Somebody begins to work: their login, as others see it."""

    user: User
    sas: Sas
    role: Role
    at: datetime


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """A line was written in the history of an account: a role given or taken back, a suspension, an identity…"""

    user: User
    sas: Sas
    kind: str  # AccountEvent.Kind
    at: datetime
