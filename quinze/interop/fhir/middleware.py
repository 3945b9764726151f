"""Machines have neither session, nor language, nor page: FHIR is answered before what pages need is prepared.

What protects every request comes before (measure, turns, HTTPS); what FHIR asks of its own is in http.py. Of what pages
go through after, three things hold here too: the host is one of ours, hours are of our zone, the length is said.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import resolve
from django.utils import timezone

PREFIX = "/fhir/"


class FhirMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        request.get_host()  # refused by Django where it is not ours
        view, arguments, named = request.resolver_match = resolve(request.path_info, "quinze.interop.fhir.urls")
        with timezone.override(settings.QUINZE_ZONE):
            response: HttpResponse = view(request, *arguments, **named)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        return response
