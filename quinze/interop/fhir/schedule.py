"""Schedule: the agenda of a professional at one place, or of one place of an association."""

from quinze.interop.fhir.facts import Resource, meta, reference


def of_professional(key: str, practitioner: str) -> Resource:
    """Its key is that of the PractitionerRole: one agenda for one person at one place."""
    actors = [reference("Practitioner", practitioner), reference("PractitionerRole", key)]
    return {"resourceType": "Schedule", "id": key, "meta": meta("Schedule"), "actor": actors}


def of_place(key: str, location: str) -> Resource:
    return {
        "resourceType": "Schedule",
        "id": key,
        "meta": meta("sos_Schedule"),
        "actor": [reference("Location", location)],
    }
