"""Organization: a CPTS by its FINESS, an association SOS Médecins by its SIRET."""

from quinze.interop.fhir.facts import IDENTIFIERS, Resource, identifier, meta
from quinze.interop.fhir.location import phones
from quinze.interop.fhir.offer import Body


def cpts(body: Body) -> Resource:
    """Two codings of one type: version 1.1.0 of the guide wants one, 1.2.0 the other."""
    types = (("place_identifier_type", "IDNST"), ("identifier_type_1_2", "IDNST"))
    return _organization(body, "cpts_Organization", f"1{body.finess}", types)


def association(body: Body) -> Resource:
    return _organization(body, "sos_Organization", f"3{body.siret}", (("place_identifier_type", "IDNST"),))


def _organization(body: Body, profile: str, number: str, types: tuple[tuple[str, str], ...]) -> Resource:
    made: Resource = {
        "resourceType": "Organization",
        "id": str(body.id),
        "meta": meta(profile),
        "identifier": [identifier(IDENTIFIERS["structure"], number, *types)],
        "name": body.name,
    }
    return made | ({"telecom": found} if (found := phones([body.phone])) else {})
