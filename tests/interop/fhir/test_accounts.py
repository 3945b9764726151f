"""INT_R02 as the platform speaks it: create, update, change of identifier, withdrawal, and every refusal."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, connections
from django.test import Client, override_settings

from quinze.accounts.models import PlatformAccount, PlatformAccountEvent
from quinze.interop.fhir import http
from quinze.interop.fhir.clients import Pace
from quinze.interop.fhir.facts import PROFILES
from quinze.interop.models import Flow
from tests.factories.accounts import make_sas
from tests.interop.fhir.conformance import assert_conformant
from tests.interop.fhir.exchange import PROXY, SECRET, Answer, register
from tests.interop.fhir.test_regulator import INT, LEFT_OUT, NAT, ONE, UUID, identifier, sound

OTHER = "3456780581/11242343"
TECHNICAL = identifier(INT, UUID, "INTRN")


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(http, "pace", Pace())
    with override_settings(QUINZE_FHIR_PROXY_SECRET=SECRET, QUINZE_PUBLIC_URL="https://sas.exemple.test"):
        yield


def send(method: str, resource: Any, query: str = "", **headers: str) -> Answer:
    sent = PROXY | {"Accept": "application/json+fhir"} | {key.replace("_", "-"): said for key, said in headers.items()}
    body = resource if isinstance(resource, bytes) else json.dumps(resource).encode()
    address = "/fhir/Practitioner" + (f"?{query}" if query else "")
    return Answer(Client().generic(method, address, body, content_type="application/json", headers=sent))


def post(resource: Any, **headers: str) -> Answer:
    return send("POST", resource, **headers)


def put(resource: Any, value: str = "810002673899", system: str = NAT) -> Answer:
    return send("PUT", resource, f"identifier={quote(f'{system}|{value}', safe=':/')}")


def only() -> PlatformAccount:
    return PlatformAccount.objects.get()


# ---- what works


@pytest.mark.django_db
def test_a_creation_is_answered_201_with_its_location() -> None:
    register()
    answer = post(sound())
    assert answer.status == 201
    assert answer.http.headers["Location"] == f"https://sas.exemple.test/fhir/Practitioner/{only().pk}"
    assert answer.http.headers["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert answer.json["identifier"] == [identifier()]
    assert PlatformAccountEvent.objects.get().by == "Plateforme d’essai"


@pytest.mark.reference
@pytest.mark.django_db
def test_what_is_answered_conforms_to_the_official_profile() -> None:
    register()
    assert_conformant(post(sound()).json, PROFILES["regulator"])
    assert_conformant(put(sound(active=False)).json, PROFILES["regulator"])


@pytest.mark.django_db
def test_an_update_is_answered_200_with_the_same_location() -> None:
    register()
    created = post(sound())
    changed = put(sound(name=[{"family": "Loridon-Petit", "given": ["Sébastien"]}]))
    assert (changed.status, changed.http.headers["Location"]) == (200, created.http.headers["Location"])
    assert only().family_name == "Loridon-Petit"


@pytest.mark.django_db
def test_an_update_of_an_unknown_identifier_creates_once() -> None:
    register()
    assert [put(sound()).status for _ in range(3)] == [201, 200, 200]
    assert list(only().events.values_list("kind", flat=True)) == ["created"]


@pytest.mark.django_db
def test_a_card_with_a_slash_replaces_the_technical_identifier() -> None:
    register()
    post(sound(identifier=[TECHNICAL]))
    answers = [put(sound(identifier=[identifier(value=OTHER)]), UUID, INT).status for _ in range(2)]
    assert answers == [200, 200]
    assert (only().national_id, only().technical_id) == (OTHER, "")
    assert put(sound(identifier=[identifier(value=OTHER)], active=False), OTHER).status == 200
    assert not only().active


@pytest.mark.django_db
def test_a_withdrawn_identifier_serves_again() -> None:
    register()
    post(sound())
    put(sound(active=False))
    other = sound(identifier=[TECHNICAL], name=[{"family": "Marius", "given": ["Jules"]}])
    post(other)
    taken = put(other | {"identifier": [identifier()]}, UUID, INT)
    assert taken.status == 200
    assert PlatformAccount.objects.get(active=True).family_name == "Marius"
    assert post(sound()).status == 422


@pytest.mark.django_db
def test_the_same_address_serves_two_regulators() -> None:
    register()
    post(sound())
    assert put(sound(identifier=[TECHNICAL]), UUID, INT).status == 201


# ---- what is refused


@pytest.mark.django_db
def test_the_same_identifier_is_not_created_twice() -> None:
    register()
    post(sound())
    answer = post(sound())
    assert (answer.status, answer.issue["code"]) == (422, "business-rule")
    assert answer.issue["expression"] == ["Practitioner.identifier"]


@pytest.mark.django_db
def test_every_fault_is_an_issue_with_its_place() -> None:
    register()
    answer = post(sound(active=LEFT_OUT, telecom=LEFT_OUT))
    assert answer.status == 400
    assert {issue["expression"][0]: issue["code"] for issue in answer.json["issue"]} == {
        "Practitioner.active": "required",
        "Practitioner.telecom": "business-rule",
    }
    assert not PlatformAccount.objects.exists()


@pytest.mark.reference
@pytest.mark.django_db
@pytest.mark.parametrize(("resource", "_"), ONE)
def test_every_refusal_is_a_valid_operation_outcome(resource: dict[str, Any], _: Any) -> None:
    register()
    answer = put(resource)
    assert answer.status in {400, 422}
    assert_conformant(answer.json, "http://hl7.org/fhir/StructureDefinition/OperationOutcome")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("identifier=810002673899", 400),
        (f"identifier={NAT}|", 400),
        (f"identifier={NAT}|810002673899&identifier={NAT}|810002673899", 400),
        (f"identifier={NAT}|810002673899,{NAT}|810002673898", 400),
        (f"identifier={NAT}|810002673899&active=true", 400),
        (f"Identifier={NAT}|810002673899", 400),
        ("identifier=urn:oid:1.2.3|810002673899", 422),
        (f"identifier={NAT}|10002673899", 422),
    ],
)
def test_a_criterion_that_is_not_one_changes_nothing(query: str, status: int) -> None:
    register()
    post(sound())
    answer = send("PUT", sound(active=False), query)
    assert (answer.status, answer.json["resourceType"]) == (status, "OperationOutcome")
    assert only().active


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 415), (b"{", 400), (b"[]", 400), (b"\xff\xfe", 400), (b'{"resourceType": "Practitioner"}', 400)],
)
def test_a_body_that_is_no_practitioner(body: bytes, status: int) -> None:
    register()
    answer = post(body)
    assert (answer.status, answer.json["resourceType"]) == (status, "OperationOutcome")


@pytest.mark.django_db
def test_a_body_too_long_is_not_read() -> None:
    register()
    assert post(sound(text={"div": "x" * http.LONGEST_BODY})).status == 413


@pytest.mark.django_db
def test_another_flow_or_another_method_is_refused() -> None:
    register(Flow.SLOTS)
    assert post(sound()).status == 403
    register(Flow.ACCOUNTS, common_name="autre.test")
    subject = "CN=autre.test,OU=SAS"
    assert post(sound(), X_Client_Subject=subject).status == 201
    assert send("DELETE", b"", X_Client_Subject=subject).status == 405
    assert send("PUT", sound(), X_Client_Subject=subject).status == 400


@pytest.mark.django_db
def test_a_client_of_one_sas_declares_for_it_alone() -> None:
    sas = make_sas("87")
    register(Flow.ACCOUNTS, sas=sas)
    post(sound())
    assert only().sas == sas


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", [post, put])
def test_two_requests_at_once_leave_one_account(method: Any) -> None:
    register()
    barrier = Barrier(2)

    def one(_: int) -> int:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=10)
            status: int = method(sound()).status
            return status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(one, range(2)))
    assert answers == ([201, 422] if method is post else [200, 201])
    assert PlatformAccount.objects.count() == 1
