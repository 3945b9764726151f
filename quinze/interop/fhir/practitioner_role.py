"""PractitionerRole: one professional at one place, which it contains."""

from quinze.base import codes
from quinze.interop.fhir import location
from quinze.interop.fhir.facts import IDENTIFIERS, Resource, concept, identifier, meta, reference
from quinze.interop.fhir.offer import Address, Person
from quinze.interop.fhir.slot import SPECIALTIES


def practitioner_role(key: str, person: Person, place: Address, *, base: str) -> Resource:
    inside = location.contained(place, base=base)
    made: Resource = {
        "resourceType": "PractitionerRole",
        "id": key,
        "meta": meta("PractitionerRole"),
        "contained": [inside],
        "practitioner": reference("Practitioner", str(person.id)),
        "location": [{"reference": f"#{inside['id']}"}],
    }
    if number := place.structure_number:
        number_of = identifier(IDENTIFIERS["structure"], number, ("identifier_type", "IDNST"))
        made["organization"] = {"identifier": number_of}
    if codes.find(SPECIALTIES, person.specialty):
        made["specialty"] = [concept("specialty", person.specialty)]
    if phones := location.phones(place.phones):
        made["telecom"] = phones
    return made
