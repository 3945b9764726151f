"""What every FHIR address shares: who asks, how fast, how much, in which format, and how a refusal is said."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import unquote

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from quinze.accounts.access import public
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.base.logs import route_of, where
from quinze.interop.fhir.clients import NOT_ADMITTED, Pace, client_of, why_not
from quinze.interop.fhir.facts import octets
from quinze.interop.fhir.faults import Faulty
from quinze.interop.models import FhirClient

CONTENT_TYPE = "application/fhir+json; charset=utf-8"
JSON = frozenset(["application/fhir+json", "application/json+fhir", "application/json", "text/json"])
ANY = frozenset(["*/*", "application/*"])
FORMATS = JSON | {"json"}
QUIET = frozenset(["_format", "_pretty", "_summary"])  # parameters that change nothing of what is done
LONGEST_QUERY = 8_000
LONGEST_BODY = 100_000
DEEPEST = 40
SAID = 300  # characters of diagnostics
log = logging.getLogger(__name__)
pace = Pace()


@dataclass
class Problem(Exception):  # noqa: N818  (an answer, not a fault)
    """Becomes the status and an OperationOutcome. `code`: issue-type of FHIR; `where`: a parameter or a FHIRPath."""

    status: int
    code: str
    says: str
    where: str = ""
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed: by this client, among flows that it has."""

    client: FhirClient
    http: HttpRequest

    @property
    def query(self) -> str:
        text: str = self.http.META.get("QUERY_STRING", "")
        return text


Answering = Callable[..., HttpResponse]


def fhir(*flows: str, methods: tuple[str, ...] = ("GET",)) -> Callable[[Answering], Answering]:
    """A view of a Call. The client must have one of `flows`; none written: any registered client."""

    def decorated(view: Answering) -> Answering:
        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(_admitted(request, flows, methods), *args, **kwargs)
            except Problem as problem:
                return refusal(problem)
            except Faulty as faulty:
                return outcome([issue(one.code, one.says, one.where) for one in faulty.faults], status=faulty.status)
            except Refusal as said:
                return refusal(Problem(422, "business-rule", said.message, said.field or ""))
            except Exception as error:  # noqa: BLE001  (whatever it is: said with its place, without its message)
                log.error("FHIR: %s %s: %s", request.method, route_of(request), where(error))
                return refusal(Problem(500, "exception", "Erreur interne."))

        return public(answered)

    return decorated


def _admitted(request: HttpRequest, flows: tuple[str, ...], methods: tuple[str, ...]) -> Call:
    client = client_of(request.META)
    if client is None:
        raise Problem(403, "forbidden", why_not(request.META))
    if flows and not any(client.may(flow) for flow in flows):
        raise Problem(403, "forbidden", NOT_ADMITTED)
    if wait := pace.wait(client, at=clock.now()):
        raise Problem(429, "throttled", "Trop de demandes : réessayez plus tard.", headers={"Retry-After": str(wait)})
    if request.method not in methods:
        raise Problem(405, "not-supported", "Méthode non prévue ici.", headers={"Allow": ", ".join(methods)})
    if len(request.META.get("QUERY_STRING", "")) > LONGEST_QUERY:
        raise Problem(414, "too-long", f"La demande dépasse {LONGEST_QUERY} caractères.")
    if not _reads_json(request):
        raise Problem(406, "not-supported", "Seul le format application/fhir+json est servi.")
    return Call(client, request)


def _reads_json(request: HttpRequest) -> bool:
    """`_format` wins over Accept, as FHIR says; its `+` may have been read as a space."""
    if "_format" in unquote(request.META.get("QUERY_STRING", "")):  # else not read: it is long
        wanted = request.GET.get("_format")
        if wanted is not None:
            return _media(wanted).replace(" ", "+") in FORMATS
    accepted = {_media(each) for each in request.META.get("HTTP_ACCEPT", "").split(",") if each.strip()}
    return not accepted or bool(accepted & (JSON | ANY))


def _media(said: str) -> str:
    return said.partition(";")[0].strip().lower()


def body_of(call: Call) -> dict[str, Any]:
    """The resource sent. Problem: too long, another format, no JSON object, too deep, a character that text has not."""
    if _media(call.http.headers.get("Content-Type", "")) not in JSON:
        raise Problem(415, "not-supported", "Le corps est attendu en application/fhir+json.")
    try:
        too_long = int(call.http.headers.get("Content-Length") or 0) > LONGEST_BODY
        read = b"" if too_long else call.http.read(LONGEST_BODY + 1)
    except (ValueError, RequestDataTooBig, UnreadablePostError) as error:
        raise Problem(400, "structure", "Le corps ne se lit pas.") from error
    if too_long or len(read) > LONGEST_BODY:
        raise Problem(413, "too-long", f"Le corps dépasse {LONGEST_BODY} octets.")
    return _object(read)


def _object(read: bytes) -> dict[str, Any]:
    try:
        found = json.loads(read.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_once)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Problem(400, "structure", "Le corps n’est pas du JSON en UTF-8.") from error
    if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
        raise Problem(400, "structure", "Le corps n’est pas une ressource FHIR.")
    if not _shallow(found, DEEPEST) or not _written(found):
        raise Problem(400, "structure", "Le corps n’est pas une ressource FHIR acceptable.")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The same name twice would be read one way here and another way elsewhere."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same name twice")
    return found


def _written(found: dict[str, Any]) -> bool:
    """Whether we could say it again: JSON can escape a nul, or half of a character, which no text of ours has."""
    try:
        return b"\\u0000" not in octets(found)
    except TypeError:  # an integer beyond 64 bits as well
        return False


def _shallow(value: Any, left: int) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left > 0 and all(_shallow(each, left - 1) for each in inside)


def answer(resource: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return written(octets(resource), status=status, headers=headers)


def written(body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A resource that is JSON already."""
    response = HttpResponse(body, content_type=CONTENT_TYPE, status=status, headers=dict(headers or {}))
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def refusal(problem: Problem) -> HttpResponse:
    said = issue(problem.code, problem.says, problem.where)
    return outcome([said], status=problem.status, headers=problem.headers)


def issue(code: str, says: str, where: str, *, severity: str = "error") -> dict[str, Any]:
    said: dict[str, Any] = {"severity": severity, "code": code, "diagnostics": says[:SAID]}
    return said | ({"expression": [where[:SAID]]} if where else {})


def outcome(issues: list[dict[str, Any]], *, status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return answer({"resourceType": "OperationOutcome", "issue": issues}, status=status, headers=headers)
