"""Regulators of the national platform: what is declared of them, and how a request says that it comes from there."""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from quinze.accounts.models import Sas

ORIGIN = "origin"  # in an address, and in the session that was opened by one
CAME_FROM = "sas"  # sas, sas-preprod…
LONGEST = 20


@dataclass(frozen=True, slots=True)
class Declared:
    """A regulator as the platform describes them: at least one identifier, a name, an address."""

    national_id: str
    technical_id: str
    family_name: str
    given_name: str
    email: str
    active: bool

    def fields(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Key:
    """The identifier by which an account is looked for: the name of its field, and its value."""

    field: str
    value: str


def origin_of(address: str) -> str:
    """`sas…` when the platform sent the person to this address of ours, empty otherwise."""
    (said,) = parse_qs(urlsplit(address).query).get(ORIGIN, [""])[-1:]
    return said if said.startswith(CAME_FROM) and len(said) <= LONGEST else ""


@dataclass(slots=True)
class Landing:
    """Someone lands on an address of ours from the platform: the folders that know whose territory it is say it."""

    address: str
    sas: Sas | None = None

    def said(self, name: str) -> str:
        """A parameter of the address."""
        (said,) = parse_qs(urlsplit(self.address).query).get(name, [""])[-1:]
        return said
