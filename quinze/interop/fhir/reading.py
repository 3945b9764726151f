"""Reading a resource that a peer sent: every fault is gathered with its place, and reading goes on."""

from collections.abc import Iterator
from typing import Any

from quinze.interop.fhir.facts import SYSTEMS, Resource
from quinze.interop.fhir.faults import Fault

TYPES = SYSTEMS["identifier_type"]
MOST, MOST_SAID = 10, 30
SPACES = str.maketrans("\u00a0\u202f", "  ")
# Of every DomainResource in R4. What has no use here is read by nobody and kept nowhere.
COMMON = frozenset(
    ["resourceType", "id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension"]
)


class Reading:
    """One resource being read. 400: what FHIR and the profile ask; 422 (`refused`): a rule of the exchange."""

    kind = "Resource"
    elements: frozenset[str] = COMMON

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def wrong(self, says: str, where: str, code: str = "structure") -> None:
        self.faults.append(Fault(400, code, says, where))

    def refused(self, says: str, where: str) -> None:
        self.faults.append(Fault(422, "business-rule", says, where))

    def not_a_list(self, said: Any, says: str, where: str) -> None:
        if said:
            self.wrong(says, where)
        else:
            self.wrong("Obligatoire.", where, "required")

    def head(self, resource: Resource) -> None:
        """Its kind, its elements, and nothing that would change the meaning of the rest."""
        if resource.get("resourceType") != self.kind:
            self.wrong(f"Une ressource {self.kind} est attendue.", "resourceType")
        for name in sorted(resource.keys() - self.elements):
            if name.removeprefix("_") not in self.elements:
                self.wrong("Élément inconnu.", f"{self.kind}.{name[:40]}")
        if resource.get("modifierExtension") or resource.get("implicitRules"):
            self.wrong("Une extension qui change le sens n’est pas comprise ici.", self.kind, "extension")

    def each(self, resource: Resource, name: str) -> Iterator[tuple[Resource, str]]:
        """The objects of a list that must have one; nothing is read beyond MOST."""
        said, where = resource.get(name), f"{self.kind}.{name}"
        if not isinstance(said, list) or not said:
            self.not_a_list(said, "Une liste est attendue.", where)
            return
        if len(said) > MOST:
            self.wrong(f"Plus de {MOST} éléments.", where, "too-long")
        for rank, one in enumerate(said[:MOST]):
            if isinstance(one, dict):
                yield one, f"{where}[{rank}]"
            else:
                self.wrong("Un objet est attendu.", f"{where}[{rank}]")

    def text(self, one: Resource, name: str, where: str, *, most: int) -> str:
        """Trimmed; empty when it is at fault."""
        said, where = one.get(name), where + (name if name.startswith("[") else f".{name}")
        if said is None:
            self.wrong("Obligatoire.", where, "required")
        elif not isinstance(said, str):
            self.wrong("Un texte est attendu.", where)
        elif len(said) > most:
            self.wrong(f"Plus de {most} caractères.", where, "too-long")
        elif not (trimmed := said.translate(SPACES).strip()):
            self.wrong("Vide.", where, "required")
        elif not trimmed.isprintable():
            self.wrong("Caractère non admis.", where, "value")
        else:
            return trimmed
        return ""


def typed(said: Any, code: str) -> bool:
    """A CodeableConcept one of whose codings is that type of identifier."""
    codings = said.get("coding") if isinstance(said, dict) else None
    return isinstance(codings, list) and any(
        isinstance(one, dict) and (one.get("system"), one.get("code")) == (TYPES, code) for one in codings[:MOST]
    )
