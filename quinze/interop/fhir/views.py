"""The FHIR addresses. What they share (who may ask, limits, errors) is in http.py."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from quinze.base import clock
from quinze.interop.fhir import accounts, agenda, appointments, bundle, metadata, openapi, sos
from quinze.interop.fhir.http import Call, Problem, answer, fhir, refusal, written
from quinze.interop.models import Flow

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@fhir(Flow.SLOTS, Flow.CPTS, methods=("GET", "HEAD"))
def slots(call: Call) -> HttpResponse:
    return written(agenda.search(call.query, client=call.client, at=clock.now()))


@fhir(Flow.SOS, methods=("GET", "HEAD"))
def schedules(call: Call) -> HttpResponse:
    return written(sos.search(call.query, client=call.client, at=clock.now()))


@fhir(Flow.ACCOUNTS, methods=("POST", "PUT"))
def practitioners(call: Call) -> HttpResponse:
    return accounts.create(call) if call.http.method == "POST" else accounts.update(call)


@fhir(Flow.APPOINTMENTS, methods=("POST", "PUT"))
def appointment(call: Call) -> HttpResponse:
    return appointments.declare(call)


@fhir(methods=("GET", "HEAD"))
def capabilities(_call: Call) -> HttpResponse:
    return answer(metadata.statement())


@fhir(methods=("GET", "HEAD"))
def described(_call: Call) -> HttpResponse:
    return JsonResponse(openapi.description(base=bundle.base()))


@fhir(methods=METHODS)
def unknown(_call: Call, path: str) -> HttpResponse:
    raise Problem(404, "not-found", f"/fhir/{path} n’existe pas.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django refuses before any view is chosen: a host that is not ours, a request that does not read."""
    if not request.path_info.startswith("/fhir/"):
        return defaults.bad_request(request, exception)
    return refusal(Problem(400, "invalid", "Demande refusée : hôte inconnu, ou demande qui ne se lit pas."))
