"""The OpenAPI description: committed as it is served, whole, and held to by requests made from it (schemathesis)."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import requests
import schemathesis
from django.test import Client, override_settings
from django.urls import get_resolver
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from quinze.interop.fhir import http, parameters
from quinze.interop.fhir.openapi import description
from quinze.interop.fhir.regulator import NATIONAL
from tests.factories import directory
from tests.factories import orientation as make
from tests.factories.availability import NOW, slot
from tests.interop.fhir.exchange import PROXY, SECRET, get, register
from tests.interop.fhir.test_appointment import EDITOR, KEY
from tests.interop.fhir.test_appointment import sound as rdv
from tests.interop.fhir.test_regulator import sound as regulator

COMMITTED = Path(__file__).parents[3] / "docs" / "reference" / "fhir-openapi.json"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(description())
BOUNDS = ["ge2026-11-16T08:00:00.000+01:00", "le2026-11-18T23:59:59.999+01:00"]
GOOD: dict[str, dict[str, Any]] = {
    "GET /Slot": {
        "query": {
            "start": BOUNDS, "status": "free", "_include": ["Slot:schedule"], "_include:iterate": ["Schedule:actor"],
            "schedule.actor:Practitioner.identifier": f"{NATIONAL}|810000000001",
        }
    },
    "GET /Schedule": {
        "query": {
            "_has:Slot:schedule:start": BOUNDS, "_has:Slot:schedule:status": "free", "_revinclude": ["Slot:schedule"],
            "actor:Location.organization.identifier": "urn:oid:1.2.250.1.71.4.2.2|334173748400020",
        }
    },
    "POST /Practitioner": {"body": regulator()},
    "PUT /Practitioner": {"query": {"identifier": f"{NATIONAL}|810002673899"}, "body": regulator()},
    "POST /Appointment": {"body": rdv()},
    "PUT /Appointment": {"query": {"identifier": f"{EDITOR}|{KEY}"}, "body": rdv()},
}  # fmt: skip
OPERATIONS = [operation.ok() for operation in SCHEMA.get_all_operations()]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("quinze.base.clock.now", lambda: NOW)
    with override_settings(QUINZE_FHIR_PROXY_SECRET=SECRET, QUINZE_PUBLIC_URL="https://sas.exemple.test"):
        yield


def test_the_committed_description_is_the_one_that_the_code_makes() -> None:
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == description(), "quinze fhir-openapi --file …"


@pytest.mark.django_db
def test_the_served_one_says_where_this_installation_is() -> None:
    assert get("openapi.json").status == 403
    register()
    served = get("openapi.json").json
    assert served == description() | {"servers": [{"url": "https://sas.exemple.test/fhir"}]}


def test_every_fhir_address_is_described() -> None:
    patterns = [str(each.pattern) for group in get_resolver().url_patterns for each in group.url_patterns]
    served = {pattern.removeprefix("fhir") for pattern in patterns if pattern.startswith("fhir/")}
    assert served - {"/", "/<path:path>"} == set(description()["paths"])


def test_every_parameter_of_a_search_is_the_one_that_is_read() -> None:
    for path, names in (("/Slot", parameters.SLOT), ("/Schedule", parameters.SCHEDULE)):
        said = {each["name"] for each in description()["paths"][path]["get"]["parameters"]}
        assert said <= names.known


# ---- schemathesis


def answered(case: schemathesis.Case) -> httpx.Response:
    """By our own server, in this process."""
    wanted = case.as_transport_kwargs(base_url="http://testserver/fhir")
    known = {
        name: value for name, value in wanted.items() if name in {"method", "url", "params", "json", "data", "headers"}
    }
    sent = requests.Request(**known).prepare()
    parts = urlsplit(str(sent.url))
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    headers = {name: str(value) for name, value in sent.headers.items() if name.lower() not in {"host", "cookie"}}
    answer = Client().generic(
        str(sent.method), parts.path, body, content_type=headers.get("Content-Type", ""), QUERY_STRING=parts.query,
        headers=headers | PROXY,
    )  # fmt: skip
    request = httpx.Request(str(sent.method), str(sent.url))
    response = httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content, request=request)
    response.elapsed = timedelta(milliseconds=1)
    return response


@pytest.mark.django_db
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_answer_is_as_described(operation: Any) -> None:
    """What the description allows and what it does not: no fault of ours, statuses and bodies as written."""
    register()
    directory.place(directory.professional(), directory.commune())

    @settings(
        max_examples=6,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode)))
    def held(case: schemathesis.Case) -> None:
        case.validate_response(answered(case), checks=CHECKS)

    held()


@pytest.mark.django_db
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_what_is_accepted_is_described_too(operation: Any) -> None:
    """Rules that no schema says (an end after its start) refuse most of what is drawn: one good request each."""
    register()
    place = make.doctor(make.territory())
    slot(place, NOW + timedelta(hours=2), NOW + timedelta(hours=2.5))
    wanted = deepcopy(GOOD.get(operation.label, {}))
    if operation.label == "GET /Slot":
        assert place.professional is not None
        wanted["query"]["schedule.actor:Practitioner.identifier"] = f"{NATIONAL}|8{place.professional.rpps}"
    case = operation.Case(**wanted | ({"media_type": "application/fhir+json"} if "body" in wanted else {}))
    response = answered(case)
    assert response.status_code in {200, 201}, response.text
    assert operation.label != "GET /Slot" or response.json()["total"] == 1
    case.validate_response(response, checks=CHECKS)


@pytest.mark.parametrize(("path", "resource"), [("Practitioner", regulator()), ("Appointment", rdv())])
def test_a_sound_resource_is_allowed_by_the_description(path: str, resource: dict[str, Any]) -> None:
    schema = description()["components"]["schemas"]
    Draft202012Validator(schema[path]).validate(resource)


def test_the_limit_of_a_body_is_said() -> None:
    assert str(http.LONGEST_BODY) in description()["paths"]["/Appointment"]["post"]["description"]
