"""The room as it is: who waits, who is at work, what needs somebody now."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from quinze.accounts.access import actor_of, requires
from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.orientation.queries import undelivered
from quinze.regulation.queries.day import room_now

LOST_SINCE = timedelta(hours=24)


@requires(Capability.SEE_ROOM)
@require_GET
def room(request: HttpRequest) -> HttpResponse:
    return _shown(request, "regulation/room.html")


@requires(Capability.SEE_ROOM)
@require_GET
def live(request: HttpRequest) -> HttpResponse:
    return _shown(request, "regulation/room_body.html")


@requires(Capability.SEE_ROOM)
@require_GET
def wall(request: HttpRequest) -> HttpResponse:
    return _shown(request, "regulation/room_wall.html")


@requires(Capability.SEE_ROOM)
@require_GET
def wall_live(request: HttpRequest) -> HttpResponse:
    return _shown(request, "regulation/room_wall_body.html")


def _shown(request: HttpRequest, template: str) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    return render(request, template, _context(by, at))


def _context(by: Actor, at: datetime) -> dict[str, Any]:
    lost = undelivered(sas=by.sas).filter(created_at__gte=at - LOST_SINCE).count()
    return {"now": room_now(by=by, at=at), "at": at, "undelivered": lost, "reads": by.may(Capability.READ_CASE)}
