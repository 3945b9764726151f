"""Calls received and not used yet: in the session, under a key that says nothing, for half an hour."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from quinze.interop.lrm.contract import Call

KEPT = "lrm_calls"
MOST = 5  # one person, several tabs
LASTS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Received:
    call: Call
    partner: int
    at: datetime
    made: int | None = None  # the request that came of it


def keep(session: SessionBase, call: Call, *, partner: int, at: datetime) -> str:
    """The key of the page that shows it. The oldest leaves: a session is not a store."""
    key = secrets.token_urlsafe(16)
    kept = list(_living(session, at).items())[-(MOST - 1) :]
    said = {"call": call.kept(), "partner": partner, "at": at.isoformat()}
    session[KEPT] = dict([*kept, (key, said)])
    return key


def kept(session: SessionBase, key: str, *, at: datetime) -> Received | None:
    said = _living(session, at).get(key)
    if said is None:
        return None
    call = Call(**said["call"]) if said["call"] else Call("")
    return Received(call, said["partner"], datetime.fromisoformat(said["at"]), said.get("made"))


def used(session: SessionBase, key: str, *, made: int, at: datetime) -> None:
    """What it said is forgotten; that it led to this request is not, for who reloads the page."""
    living = _living(session, at)
    session[KEPT] = living | {key: living[key] | {"call": None, "made": made}}


def _living(session: SessionBase, at: datetime) -> dict[str, Any]:
    said = session.get(KEPT, {})
    return {key: one for key, one in said.items() if at - datetime.fromisoformat(one["at"]) <= LASTS}
