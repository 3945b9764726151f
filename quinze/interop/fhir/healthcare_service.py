"""HealthcareService: the unplanned care of one CPTS, whose key it takes."""

from quinze.interop.fhir.facts import Resource, meta, reference
from quinze.interop.fhir.offer import Body


def of_cpts(body: Body) -> Resource:
    return {
        "resourceType": "HealthcareService",
        "id": str(body.id),
        "meta": meta("cpts_HealthcareService"),
        "providedBy": reference("Organization", str(body.id)),
    }
