"""What must hold of a port where machines ask by certificate, whichever server holds it."""

import json
import ssl
import warnings
from dataclasses import dataclass
from typing import Any

import httpx

from quinze.interop.fhir.clients import register_client
from quinze.interop.models import Flow
from tests.factories.availability import NOW
from tests.pki import Authority, Pair

SECRET = "un secret que seul le mandataire connait, assez long"
FORGED = {
    "X-Fhir-Proxy-Secret": SECRET,
    "X-Client-Verify": "SUCCESS",
    "X-Client-Subject": "CN=plateforme.test,OU=SAS",
    "X-Client-Certificate": "-----BEGIN%20CERTIFICATE-----",
    "X_Fhir_Proxy_Secret": SECRET,
    "X_Client_Verify": "SUCCESS",
    "X_Client_Subject": "CN=plateforme.test,OU=SAS",
}
NUMBER, ADDRESS, NAME = "810002909371", "pauline.ricart@ghsas.example", "RICARTIGNAN"


@dataclass(frozen=True)
class Port:
    authority: Authority
    number: int

    def ask(self, path: str = "/fhir/metadata", *, by: Pair | None = None, **more: Any) -> httpx.Response:
        context = self.authority.client_context(by)
        with httpx.Client(verify=context, timeout=20, trust_env=False) as client:
            return client.request(more.pop("method", "GET"), f"https://localhost:{self.number}{path}", **more)

    def says(self, *, by: Pair | None = None, **more: Any) -> tuple[int, str]:
        """The status, and the diagnostics of the OperationOutcome."""
        answer = self.ask(by=by, **more)
        assert answer.headers["Content-Type"] == "application/fhir+json; charset=utf-8", answer.text
        found = json.loads(answer.text)
        assert found["resourceType"] == "OperationOutcome", found
        return answer.status_code, found["issue"][0]["diagnostics"]


def register() -> None:
    register_client(
        name="Plateforme d’essai", common_name="plateforme.test", unit="SAS", flows=list(Flow.values), sas=None, at=NOW
    )


def who_is_let_in(port: Port) -> None:
    """The register decides by CN and OU; a missing certificate is a 403; nobody says who they are by a header."""
    made = port.authority.client
    known = made("plateforme.test")
    assert port.ask(by=known).status_code == 200
    assert port.ask(by=made("plateforme.test")).status_code == 200  # renewed under the same names
    assert port.says() == (403, "Aucun certificat client n’a été présenté.")
    assert port.says(headers=FORGED) == (403, "Aucun certificat client n’a été présenté.")
    refused = (403, "Ce certificat n’est pas admis pour cet échange.")
    for other in (made("autre.test"), made("plateforme.test", unit="AUTRE"), made("plateforme.test", unit="")):
        assert port.says(by=other, headers=FORGED) == refused
    assert port.says(by=made("plateforme.test", more_units=("AUTRE",))) == refused


def what_is_let_in(port: Port) -> None:
    """Limits, formats and paths, all said in FHIR."""
    known = port.authority.client("plateforme.test")
    kind = {"Content-Type": "application/fhir+json"}
    long = b'{"resourceType":"Practitioner","x":"' + b"a" * 120_000 + b'"}'
    sent: dict[str, Any] = {"by": known, "path": "/fhir/Practitioner", "method": "POST"}
    assert port.says(**sent, content=long, headers=kind)[0] == 413
    entity = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Practitioner>&b;</Practitioner>'
    for xml in ("application/fhir+xml", "application/xml", "text/xml"):
        assert port.says(**sent, content=entity, headers={"Content-Type": xml})[0] == 415
    assert port.says(by=known, headers={"Accept": "application/fhir+xml"})[0] == 406
    assert port.ask("/connexion/", by=known).status_code == 404
    answer = port.ask("/fhir/Slot%0d%0aX-Injected:%201", by=known)
    assert "X-Injected" not in answer.headers


def tls_is_recent(port: Port) -> None:
    known = port.authority.client("plateforme.test")
    for version, accepted in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True)):
        context = port.authority.client_context(known)
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            context.minimum_version = context.maximum_version = version
        try:
            with httpx.Client(verify=context, trust_env=False) as client:
                status = client.get(f"https://localhost:{port.number}/fhir/metadata").status_code
        except httpx.ConnectError:
            status = 0
        assert status == (200 if accepted else 0)


def lists_are_read_again(port: Port) -> None:
    """No restart, no reload: revoked at the next request, and an old list lets nobody in."""
    authority = port.authority
    stolen, known = authority.client("plateforme.test"), authority.client("plateforme.test")
    context = authority.client_context(stolen)
    with httpx.Client(verify=context, trust_env=False, base_url=f"https://localhost:{port.number}") as kept:
        assert kept.get("/fhir/metadata").status_code == 200
        authority.revoke(stolen)
        assert kept.get("/fhir/metadata").status_code == 403  # on the same connection
    assert port.says(by=stolen) == (403, "Ce certificat est révoqué.")
    assert port.ask(by=known).status_code == 200
    authority.write_crl(days=-1)
    assert "périmée" in port.says(by=known)[1]
    authority.crl.write_bytes(b"n'importe quoi")
    assert "ne se lit pas" in port.says(by=known)[1]
    authority.write_crl()
    assert port.ask(by=known).status_code == 200


def said_too_much(port: Port) -> list[str]:
    """Requests full of names, numbers, addresses; what of them must be found in no log."""
    known = port.authority.client("plateforme.test")
    token = f"urn:oid:1.2.250.1.71.4.2.1|{NUMBER}"
    port.ask(f"/fhir/Slot?schedule.actor:Practitioner.identifier={token}&name={NAME}", by=known)
    port.ask(f"/fhir/Practitioner/{NUMBER}?email={ADDRESS}", by=known)
    port.ask(f"/fhir/{NAME}/{NUMBER}", by=known)
    port.ask(f"/fhir/Practitioner?identifier={token}", by=known, method="PUT", content=NAME.encode() * 3)
    port.ask(f"/fhir/{NAME}/{NUMBER}")
    return [NUMBER, ADDRESS, NAME, SECRET]
