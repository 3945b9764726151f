"""Practitioner: who receives, by the national identifier and nothing private."""

from quinze.interop.fhir.facts import IDENTIFIERS, Resource, identifier, meta
from quinze.interop.fhir.offer import Person


def practitioner(person: Person) -> Resource:
    name: Resource = {"family": person.family}
    if person.given:
        name["given"] = [person.given]
    if person.civility:
        name["prefix"] = [person.civility]
    return {
        "resourceType": "Practitioner",
        "id": str(person.id),
        "meta": meta("Practitioner"),
        "identifier": [identifier(IDENTIFIERS["professional"], person.national, ("identifier_type", "IDNPS"))],
        "name": [name],
    }
