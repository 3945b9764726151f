"""The contextual call of a regulation software: which parameters an address carries, and what each may hold.

The contract is the national platform's, as its published source reads it: `/sas/recherche?origin&practitioner&specialty
&streetnumber&streetname&inseecode&city`. Pure: nothing is looked up here.
"""

import re
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qsl

IDNPS = "urn:oid:1.2.250.1.71.4.2.1"
LONGEST_QUERY = 2000
LONGEST = 160
NAMES = ("origin", "practitioner", "specialty", "streetnumber", "streetname", "inseecode", "city")
_INSEE = re.compile(r"[0-9][0-9AB][0-9]{3}")
_CODE = re.compile(r"SM[0-9]{2}")
_URN = re.compile(r"(?i)urn:oid:[0-9.]+\|(.+)")


class Misread(Exception):  # noqa: N818  (an answer, said to a person)
    """The address is not one of the contract."""


@dataclass(frozen=True, slots=True)
class Call:
    """As said; empty where nothing was."""

    origin: str
    practitioner: str = ""
    specialty: str = ""
    streetnumber: str = ""
    streetname: str = ""
    inseecode: str = ""
    city: str = ""

    @property
    def address(self) -> str:
        return f"{self.streetnumber} {self.streetname}".strip()

    @property
    def national_id(self) -> str:
        """Prefixed identifier of the referring doctor (8 + RPPS); empty when they were named in plain words."""
        system, _, value = self.practitioner.partition("|")
        return value if system.lower() == IDNPS else ""

    @property
    def doctor_name(self) -> str:
        return "" if _URN.fullmatch(self.practitioner) else self.practitioner

    @property
    def specialty_code(self) -> str:
        """SMxx, whatever the urn before it; empty for a specialty in plain words."""
        found = _URN.fullmatch(self.specialty)
        code = (found[1] if found else self.specialty).strip().upper()
        return code if _CODE.fullmatch(code) else ""

    def kept(self) -> dict[str, Any]:
        return asdict(self)


def read(query: str) -> Call:
    """Other parameters are left aside. Misread: no origin, one of ours twice, too long, octets that are no text."""
    if len(query) > LONGEST_QUERY:
        raise Misread(f"L’adresse dépasse {LONGEST_QUERY} caractères.")
    try:
        said = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=40)
    except ValueError as error:
        raise Misread("L’adresse ne se lit pas en UTF-8.") from error
    ours = [(name.lower(), value) for name, value in said if name.lower() in NAMES]
    found = {name: _plain(value) for name, value in ours}
    if len(found) != len(ours):
        raise Misread("Un paramètre est donné deux fois.")
    if any(len(value) > LONGEST for value in found.values()):
        raise Misread(f"Un paramètre dépasse {LONGEST} caractères.")
    if not found.get("origin"):
        raise Misread("Le paramètre « origin » manque.")
    insee = found.get("inseecode", "").upper()
    return Call(**found | {"inseecode": insee if _INSEE.fullmatch(insee) else ""})


def _plain(value: str) -> str:
    """One line of printable characters."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
