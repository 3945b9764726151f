"""A Practitioner of the profile FrPractitionerRegul: read at the border, written back.

Beyond the profile, as the exchange needs it: a name, an e-mail address, identifiers of the two known systems only.
"""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from quinze.accounts.models import PlatformAccount
from quinze.accounts.platform import Declared, Key
from quinze.interop.fhir.facts import IDENTIFIERS, Resource, identifier, meta
from quinze.interop.fhir.faults import Fault, Faulty
from quinze.interop.fhir.reading import COMMON, MOST_SAID, TYPES, Reading, typed

NATIONAL, TECHNICAL = IDENTIFIERS["professional"], IDENTIFIERS["platform"]
FIELDS = {NATIONAL: "national_id", TECHNICAL: "technical_id"}
CODES = {NATIONAL: "IDNPS", TECHNICAL: "INTRN"}
# 8 + RPPS, 0 + ADELI, or another card: its establishment, a slash, its number.
VALUES = {
    NATIONAL: re.compile(r"8[0-9]{11}|0[0-9A-Z]{9}|[0-9][0-9A-Z]{8,14}/[0-9A-Za-z._-]{1,24}"),
    TECHNICAL: re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
}
# Of Practitioner in R4. What has no use here is read by nobody and kept nowhere.
ELEMENTS = COMMON | {"identifier", "active", "name", "telecom", "address", "gender", "birthDate", "photo",
                     "qualification", "communication"}  # fmt: skip
LONGEST_NAME, LONGEST_EMAIL = 80, 254


def read(resource: Resource) -> Declared:
    """Raises Faulty, with the faults found, MOST_SAID at most. Nothing is trusted but that it came from JSON."""
    reading = _Reading()
    said = reading.regulator(resource)
    if reading.faults:
        raise Faulty(reading.faults[:MOST_SAID])
    return said


def read_key(text: str) -> Key:
    """The `identifier=<system>|<value>` of a conditional update."""
    system, bar, value = text.partition("|")
    if not bar or not value or "," in text:
        raise Faulty([Fault(400, "value", "Attendu : identifier=<système>|<valeur>, une seule fois.", "identifier")])
    if system not in FIELDS:
        raise Faulty([Fault(422, "business-rule", _unknown(system), "identifier")])
    if not VALUES[system].fullmatch(value):
        raise Faulty([Fault(422, "value", "Cette valeur n’est pas un identifiant de ce système.", "identifier")])
    return Key(FIELDS[system], _same(system, value))


def write(account: PlatformAccount) -> Resource:
    """Valid against FrPractitionerRegul of both versions."""
    values = ((NATIONAL, account.national_id), (TECHNICAL, account.technical_id))
    return {
        "resourceType": "Practitioner",
        "id": str(account.pk),
        "meta": meta("regulator") | {"source": TECHNICAL},
        "identifier": [
            identifier(system, value, ("identifier_type", CODES[system])) for system, value in values if value
        ],
        "active": account.active,
        "name": [{"family": account.family_name, "given": [account.given_name]}],
        "telecom": [{"system": "email", "value": account.email}],
    }


def _unknown(system: str) -> str:
    return f"Système d’identifiant non admis ({system[:80]}) : attendu {NATIONAL} ou {TECHNICAL}."


def _same(system: str, value: str) -> str:
    return value.lower() if system == TECHNICAL else value


class _Reading(Reading):
    kind, elements = "Practitioner", ELEMENTS

    def regulator(self, resource: Resource) -> Declared:
        self.head(resource)
        self.source(resource.get("meta", {}))
        identifiers = self.identifiers(resource)
        family, given = self.name(resource)
        return Declared(
            national_id=identifiers.get(NATIONAL, ""),
            technical_id=identifiers.get(TECHNICAL, ""),
            family_name=family,
            given_name=given,
            email=self.email(resource),
            active=self.active(resource),
        )

    def source(self, said: Any) -> None:
        if not isinstance(said, dict):
            self.wrong("Un objet est attendu.", "Practitioner.meta")
        elif said.get("source", TECHNICAL) != TECHNICAL:
            self.wrong(f"La source attendue est {TECHNICAL}.", "Practitioner.meta.source", "value")

    def active(self, resource: Resource) -> bool:
        said = resource.get("active")
        if said is None:
            self.wrong("Obligatoire.", "Practitioner.active", "required")
        elif not isinstance(said, bool):
            self.wrong("true ou false est attendu.", "Practitioner.active")
        return said is True

    # ---- identifiers

    def identifiers(self, resource: Resource) -> dict[str, str]:
        found: dict[str, str] = {}
        for one, where in self.each(resource, "identifier"):
            system, value = self.text(one, "system", where, most=200), self.text(one, "value", where, most=LONGEST_NAME)
            if not system or not value:
                continue
            if system not in FIELDS:
                self.refused(_unknown(system), f"{where}.system")
            elif system in found:
                self.wrong("Un seul identifiant de ce système.", where)
            else:
                found[system] = self.value(system, value, one, where)
        return found

    def value(self, system: str, value: str, one: Resource, where: str) -> str:
        if not typed(one.get("type"), CODES[system]):
            self.wrong(f"Le type attendu est {TYPES}#{CODES[system]}.", f"{where}.type", "value")
        if not VALUES[system].fullmatch(value):
            expected = "préfixe 8 et RPPS, 0 et ADELI, ou carte" if system == NATIONAL else "UUID"
            self.refused(f"Cette valeur n’est pas un identifiant de ce système ({expected}).", f"{where}.value")
        return _same(system, value)

    # ---- name and address

    def name(self, resource: Resource) -> tuple[str, str]:
        if "name" not in resource:
            self.refused("Un nom est attendu.", "Practitioner.name")
            return "", ""
        names = [self.one_name(one, where) for one, where in self.each(resource, "name")]
        return names[0] if names else ("", "")

    def one_name(self, one: Resource, where: str) -> tuple[str, str]:
        """The profile allows one given name: several are written in one text."""
        family, given = self.text(one, "family", where, most=LONGEST_NAME), one.get("given")
        where = f"{where}.given"
        if not isinstance(given, list) or len(given) != 1:
            self.not_a_list(given, "Une liste d’un prénom est attendue.", where)
            return family, ""
        return family, self.text({"[0]": given[0]}, "[0]", where, most=LONGEST_NAME)

    def email(self, resource: Resource) -> str:
        if "telecom" not in resource:
            self.refused("Une adresse e-mail est attendue.", "Practitioner.telecom")
            return ""
        found = [self.one_email(one, where) for one, where in self.each(resource, "telecom")]
        return found[0] if found else ""

    def one_email(self, one: Resource, where: str) -> str:
        if one.get("system") != "email":
            self.wrong("Seul « email » est prévu par le profil.", f"{where}.system", "value")
        value = self.text(one, "value", where, most=LONGEST_EMAIL)
        if value:
            try:
                validate_email(value)
            except ValidationError:
                self.refused("Ce n’est pas une adresse e-mail.", f"{where}.value")
        return value
