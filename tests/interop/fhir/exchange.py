"""A platform that asks: its certificate as the reverse proxy says it, and what it gets back."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client

from quinze.accounts.models import Sas
from quinze.interop.fhir.clients import register_client
from quinze.interop.models import FhirClient, Flow
from tests.factories.availability import NOW

SECRET = "un secret que seul le mandataire connaît, assez long"
PROXY = {
    "X-Fhir-Proxy-Secret": SECRET,
    "X-Client-Verify": "SUCCESS",
    "X-Client-Subject": "CN=plateforme.test,OU=SAS,O=ESSAI,C=FR",
}
IDNPS, IDNST = "urn:oid:1.2.250.1.71.4.2.1", "urn:oid:1.2.250.1.71.4.2.2"
INCLUDES = "_include=Slot:schedule&_include:iterate=Schedule:actor"
FOR_CPTS = f"{INCLUDES}&_include=Slot:service-type-reference&_include:iterate=HealthcareService:organization"
FROM, UNTIL = "2026-11-16T08:00:00.000+01:00", "2026-11-18T23:59:59.999+01:00"


def register(*flows: str, sas: Sas | None = None, **fields: Any) -> FhirClient:
    known = {"name": "Plateforme d’essai", "common_name": "plateforme.test", "unit": "SAS", "at": NOW} | fields
    return register_client(flows=list(flows or Flow.values), sas=sas, **known)


@dataclass(frozen=True)
class Answer:
    http: HttpResponse

    @property
    def status(self) -> int:
        return self.http.status_code

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.http.content)
        return found

    def of(self, kind: str) -> list[dict[str, Any]]:
        found = (entry["resource"] for entry in self.json.get("entry", ()))
        return [resource for resource in found if resource["resourceType"] == kind]

    @property
    def issue(self) -> dict[str, Any]:
        assert self.http.headers["Content-Type"] == "application/fhir+json; charset=utf-8"
        assert self.json["resourceType"] == "OperationOutcome"
        (issue,) = self.json["issue"]
        found: dict[str, Any] = issue
        return found


def get(path: str, query: str = "", **headers: str) -> Answer:
    sent = PROXY | {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(Client().get(f"/fhir/{path}", QUERY_STRING=query, headers=sent))


def slots(*numbers: str, start: str = FROM, end: str = UNTIL, more: str = FOR_CPTS, **headers: str) -> Answer:
    """As the platform asks for professionals. `numbers`: national identifiers with their prefix."""
    tokens = ",".join(f"{IDNPS}|{number}" for number in numbers)
    query = f"{more}&start=ge{start}&start=le{end}&schedule.actor:Practitioner.identifier={tokens}&status=free"
    return get("Slot", query, **headers)


def sos_slots(*numbers: str, start: str = FROM, end: str = UNTIL) -> Answer:
    tokens = ",".join(f"{IDNST}|{number}" for number in numbers)
    query = (
        "_revinclude=Slot:schedule&_include=Schedule:actor:Location&_include:iterate=Location:organization"
        f"&_has:Slot:schedule:start=ge{start}&_has:Slot:schedule:start=le{end}&_has:Slot:schedule:status=free"
        f"&actor:Location.organization.identifier={tokens}&_count=1000"
    )
    return get("Schedule", query)
