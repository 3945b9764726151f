"""Who may ask, how much, in which format; every refusal is an OperationOutcome."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings

from quinze.base.errors import Refusal
from quinze.interop.fhir import bundle, http, metadata
from quinze.interop.fhir.clients import Pace, end_client, subject_of
from quinze.interop.fhir.http import Call, Problem, body_of
from quinze.interop.fhir.parameters import SCHEDULE, SLOT
from quinze.interop.models import FhirClient, Flow
from tests.factories import directory as make
from tests.factories.availability import NOW
from tests.interop.fhir.exchange import PROXY, SECRET, get, register, slots

SUBJECT = "CN=plateforme.test,OU=SAS,O=ESSAI,C=FR"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(http, "pace", Pace())
    monkeypatch.setattr("quinze.base.clock.now", lambda: NOW)
    with override_settings(QUINZE_FHIR_PROXY_SECRET=SECRET, QUINZE_PUBLIC_URL="https://sas.exemple.test"):
        yield


# ---- who


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        {"X_Fhir_Proxy_Secret": ""},
        {"X_Fhir_Proxy_Secret": SECRET + "x"},
        {"X_Client_Verify": "NONE"},
        {"X_Client_Verify": "FAILED:certificate revoked"},
        {"X_Client_Subject": ""},
        {"X_Client_Subject": "CN=inconnu.test,OU=SAS"},
        {"X_Client_Subject": "CN=plateforme.test,OU=AUTRE"},
        {"X_Client_Subject": "CN=plateforme.test"},
        {"X_Client_Subject": "CN=inconnu.test,CN=plateforme.test,OU=SAS"},
        {"X_Client_Subject": "O=CN\\=plateforme.test,OU=SAS"},
    ],
)
def test_whom_the_installation_does_not_know_gets_403_everywhere(headers: dict[str, str]) -> None:
    register()
    for path in ("metadata", "Slot", "Schedule", "Patient"):
        answer = get(path, **headers)
        assert (answer.status, answer.issue["code"]) == (403, "forbidden")


@pytest.mark.django_db
def test_without_the_secret_of_the_proxy_fhir_is_off() -> None:
    register()
    assert get("metadata").status == 200
    with override_settings(QUINZE_FHIR_PROXY_SECRET=""):
        assert get("metadata").status == get("metadata", X_Fhir_Proxy_Secret="").status == 403


@pytest.mark.django_db
def test_a_client_has_its_flows_only_and_none_once_ended() -> None:
    register(Flow.SOS)
    assert slots("810002909371").status == 403
    assert get("metadata").status == 200
    end_client(common_name="plateforme.test", unit="SAS", at=NOW)
    assert get("metadata").status == 403


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (SUBJECT, ("plateforme.test", "SAS")),
        ("C=FR, O=ESSAI, OU=SAS, CN=plateforme.test", ("plateforme.test", "SAS")),
        (r"CN=un\, deux,OU=a\=b", ("un, deux", "a=b")),
        ("CN=seul", ("seul", "")),
        (r"CN=sant\C3\A9.test,OU=\5C\2C", ("santé.test", "\\,")),
        (r"CN=\FF", None),
        (r"CN=a\00", None),
        ("CN=a,", None),
        ("CN=a+OU=SAS", ("a+OU=SAS", "")),
        ("", None),
        ("OU=SAS", None),
        ("CN=", None),
        ("CN=a,OU=b,OU=c", None),
        ("CN=a,n’importe quoi", None),
        ("CN=a\x00", None),
        ("CN=" + "a" * 2000, None),
    ],
)
def test_a_subject_has_one_name_and_at_most_one_unit(text: str, read: tuple[str, str] | None) -> None:
    found = subject_of(text)
    assert (found and (found.common_name, found.unit)) == read


# ---- how fast, how much, in which format


@pytest.mark.django_db
def test_the_pace_of_a_client_is_its_own_and_comes_back_with_time() -> None:
    pace, one, other = Pace(), register(per_minute=2), register(per_minute=2, unit="AUTRE")
    assert [pace.wait(one, at=NOW) for _ in range(3)] == [0, 0, 30]
    assert pace.wait(other, at=NOW) == 0
    assert pace.wait(one, at=NOW + timedelta(seconds=30)) == 0
    assert pace.wait(one, at=NOW + timedelta(seconds=31)) > 0
    assert pace.wait(one, at=NOW) > 0  # a clock that steps back gives nothing


@pytest.mark.django_db(transaction=True)
def test_the_pace_is_one_for_all_processes() -> None:
    """Four connections at once, as the web processes have: never more than the registered number passes."""
    client = register(per_minute=10)

    def some() -> int:
        try:
            return sum(Pace().wait(client, at=NOW) == 0 for _ in range(8))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as processes:
        passed = [each.result() for each in [processes.submit(some) for _ in range(4)]]
    assert sum(passed) == 10


@pytest.mark.django_db
def test_too_many_requests_are_told_when_to_come_back() -> None:
    register(per_minute=1)
    assert get("metadata").status == 200
    answer = get("metadata")
    assert (answer.status, answer.issue["code"], answer.http.headers["Retry-After"]) == (429, "throttled", "60")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "query", "headers", "status"),
    [
        ("Slot", "a=" + "b" * 8000, {}, 414),
        ("Slot", "", {}, 400),
        ("Schedule", "", {}, 400),
        ("Patient", "", {}, 404),
        ("", "", {}, 404),
        ("Slot/12", "", {}, 404),
        ("metadata", "", {"Accept": "application/fhir+xml"}, 406),
        ("metadata", "_format=xml", {}, 406),
    ],
)
def test_each_refusal_is_an_operation_outcome(path: str, query: str, headers: dict[str, str], status: int) -> None:
    register()
    answer = get(path, query, **headers)
    assert (answer.status, answer.issue["severity"]) == (status, "error")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "accept",
    ["application/fhir+json", "application/json+fhir", "application/json", "*/*", "text/html, */*;q=0.1",
     "application/fhir+json; charset=utf-8", ""],
)  # fmt: skip
def test_every_spelling_of_the_format_gets_the_same_one(accept: str) -> None:
    register()
    answer = get("metadata", Accept=accept)
    assert (answer.status, answer.http.headers["Content-Type"]) == (200, "application/fhir+json; charset=utf-8")
    assert get("metadata", "_format=application/fhir+json", Accept="text/html").status == 200


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_another_method_is_refused_with_those_that_are_possible(method: str) -> None:
    register()
    answer = getattr(Client(), method)("/fhir/Slot", headers=PROXY)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert json.loads(answer.content)["resourceType"] == "OperationOutcome"


@pytest.mark.django_db
def test_a_fault_of_ours_says_nothing_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ValueError("mot de passe")

    register()
    monkeypatch.setattr(metadata, "statement", broken)
    answer = get("metadata")
    assert (answer.status, answer.issue["code"]) == (500, "exception")
    assert "mot de passe" not in answer.http.content.decode()


def call(body: bytes, content_type: str = "application/fhir+json") -> Call:
    return Call(FhirClient(pk=1), RequestFactory().post("/fhir/Appointment", body, content_type=content_type))


def test_a_body_is_read_in_every_spelling_of_its_format() -> None:
    for kind in ("application/fhir+json; charset=utf-8", "application/json", "application/json+fhir"):
        assert body_of(call(b'{"resourceType":"Appointment"}', kind)) == {"resourceType": "Appointment"}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/fhir+xml", 415),
        (b"{}", "text/plain", 415),
        (b" ", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"resourceType":12}', "application/json", 400),
        (b'{"resourceType":"A","resourceType":"B"}', "application/json", 400),
        (b'{"resourceType":"A","x":NaN}', "application/json", 400),
        (b'{"resourceType":"A","x":"\\u0000"}', "application/json", 400),
        (b'{"resourceType":"A","x":"\\ud800"}', "application/json", 400),  # half of a character
        (b'{"resourceType":"A","\\udfff":1}', "application/json", 400),
        (b'{"resourceType":"\xff"}', "application/json", 400),
        (b'{"resourceType":"A","x":' + b"[" * 900 + b"]" * 900 + b"}", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b'{"resourceType":"A","x":"' + b"a" * 100_000 + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_is_no_resource_is_refused(body: bytes, kind: str, status: int) -> None:
    with pytest.raises(Problem) as found:
        body_of(call(body, kind))
    assert found.value.status == status


@pytest.mark.django_db
def test_a_machine_costs_nothing_of_what_pages_need(django_assert_num_queries: Any) -> None:
    register()
    session = {"Cookie": "sessionid=deadbeefdeadbeefdeadbeefdeadbeef"}
    with django_assert_num_queries(1):  # who asks
        answer = get("metadata", **session).http
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Server-Timing"].startswith("app;dur=")


@pytest.mark.django_db
def test_a_rule_that_says_no_is_422() -> None:
    @http.fhir(methods=("GET",))
    def view(_call: Call) -> HttpResponse:
        raise Refusal("Ce rendez-vous est déjà honoré.", field="status")

    register()
    names = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in PROXY.items()}
    answer = view(RequestFactory().get("/fhir/x", **names))
    assert answer.status_code == 422
    assert json.loads(answer.content)["issue"][0] == {
        "severity": "error", "code": "business-rule", "diagnostics": "Ce rendez-vous est déjà honoré.",
        "expression": ["status"],
    }  # fmt: skip


# ---- what this server says of itself, and the register


@pytest.mark.django_db
def test_the_capability_statement_is_the_committed_file_and_says_what_the_program_does() -> None:
    register()
    found = get("metadata").json
    assert found.pop("implementation") == {"description": "Quinze", "url": bundle.base()}
    assert found == json.loads(metadata.FILE.read_text(encoding="utf-8"))
    (rest,) = found["rest"]
    for resource, names in zip(rest["resource"][:2], (SLOT, SCHEDULE), strict=True):
        assert {each["name"] for each in resource["searchParam"]} == {names.start, names.status, names.identifiers}
        assert {each.lower() for each in resource["searchInclude"]} <= names.includes.keys()
        assert {names.includes[each.lower()] for each in resource["searchInclude"]} == set(names.includes.values())
        assert {each.lower() for each in resource.get("searchRevInclude", ())} == names.reverse.keys()


@pytest.mark.django_db
def test_clients_are_registered_listed_and_ended_by_command() -> None:
    make.sas("86")
    said = StringIO()
    known = ["--cn", "plateforme.test", "--ou", "SAS"]
    call_command("fhir_client", "add", *known, "--name", "Plateforme", "--flow", "SOS", "--sas", "86", stdout=said)
    call_command("fhir_client", "list", stdout=said)
    assert "Plateforme (CN=plateforme.test, OU=SAS) : SOS, SAS 86" in said.getvalue()
    with pytest.raises(CommandError, match="déjà ce nom commun"):
        call_command("fhir_client", "add", *known, "--name", "Encore", "--flow", "SOS")
    with pytest.raises(CommandError, match="Aucun SAS"):
        call_command("fhir_client", "add", "--cn", "x", "--name", "Encore", "--flow", "SOS", "--sas", "zz")
    with pytest.raises(CommandError, match="Le rythme va de 1"):
        call_command("fhir_client", "add", "--cn", "x", "--name", "Encore", "--flow", "SOS", "--per-minute", "0")
    call_command("fhir_client", "end", *known, stdout=said)
    with pytest.raises(CommandError, match="Aucun client actif"):
        call_command("fhir_client", "end", *known)
    assert FhirClient.objects.get().ended_at == NOW


@pytest.mark.django_db
def test_a_host_that_is_not_ours_is_told_in_the_same_way() -> None:
    register()
    answer = get("Slot", Host="ailleurs.test")
    assert (answer.status, answer.issue["code"]) == (400, "invalid")
