"""The outbox: what left, what waits, what failed. In the demonstration it is where messages end."""

import re
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.orientation.models import Message
from quinze.orientation.queries import outbox as written

PER_PAGE = 40
LINK = re.compile(r"https?://\S+/(?:rdv|devenir-effecteur/lien)/\S+?/(?=[\s.]|$)")
PURPOSES = {
    "confirmation": "confirmation au patient",
    "reminder": "rappel au patient",
    "cancellation": "annulation, au patient",
    "doctor_notice": "avis au médecin",
    "doctor_cancel": "annulation, au médecin",
    "overbooking_ask": "un patient de plus, au médecin",
    "delegation": "délégation",
    "contact": "registre des volontaires",
}


@requires(Capability.SEE_OUTBOX)
@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """Newest first; the live link asks for the list alone."""
    by, at = actor_of(request), clock.now()
    status = request.GET.get("etat", "")
    found = written(sas=by.sas)
    if status in Message.Status.values:
        found = found.filter(status=status)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "shown": shown,
        "lines": [_line(message) for message in shown],
        "status": status if status in Message.Status.values else "",
        "choices": [("", "Tous"), *Message.Status.choices],
        "at": at,
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, f"interop/{'outbox_list' if part else 'outbox'}.html", context)


def _line(message: Message) -> dict[str, Any]:
    before, link, after = message.body, "", ""
    if found := LINK.search(message.body):
        before, link, after = message.body[: found.start()], found[0], message.body[found.end() :]
    return {
        "message": message,
        "purpose": PURPOSES.get(message.purpose, message.purpose),
        "before": before,
        "link": link,
        "path": "/" + link.partition("://")[2].partition("/")[2] if link else "",
        "after": after,
    }
