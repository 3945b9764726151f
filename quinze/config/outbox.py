"""The live events of PostgreSQL: followed as they are committed, and read again by a desk that was away."""

import asyncio
import json
import logging
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import psycopg
from psycopg.rows import class_row

from quinze.base import clock
from quinze.base.live import CHANNEL
from quinze.base.notify import parameters

log = logging.getLogger("quinze.events")

RETRY = 0.5
# Seconds: for what a process did not live to say, between its commit and its word (base/notify.py).
LOOK = float(os.environ.get("QUINZE_EVENTS_LOOK", "5"))
REMEMBERED = 8192
# Numbers are given before transactions commit: one that was long in committing is told late, so the past is read
# with this overlap. Hearing an event twice is harmless.
OVERLAP = timedelta(seconds=30)
LATELY = timedelta(seconds=10)  # while the link is open: the words of the transactions before were heard
# Between the making of a page and the opening of its stream.
UNHEARD = timedelta(seconds=5)
RESYNC = "resync"

TOLD = "SELECT id, sas_id, topics, subject, at FROM base_liveevent WHERE id = ANY(%(numbers)s) ORDER BY id"
SINCE = """
    SELECT id, sas_id, topics, subject, at FROM base_liveevent
    WHERE (id > %(last)s OR at > (SELECT at - %(overlap)s FROM base_liveevent WHERE id = %(last)s))
      AND id <> ALL(%(told)s) ORDER BY id
"""
MISSED = """
    SELECT max(id), array_agg(DISTINCT topic), max(at) FROM base_liveevent, unnest(topics) AS topic
    WHERE sas_id = %(sas)s AND (id > %(last)s OR at > %(start)s)
      AND (cardinality(%(topics)s::text[]) = 0 OR topics && %(topics)s::varchar[])
"""


@dataclass(frozen=True)
class Event:
    id: int
    sas_id: int
    topics: list[str]
    subject: str
    at: datetime

    def message(self) -> bytes:
        said = {"topics": self.topics, "id": self.id, "subject": self.subject, "at": self.at.isoformat()}
        return _message(self.id, said)


def _message(number: int, said: dict[str, object]) -> bytes:
    return f"id: {number}\ndata: {json.dumps(said, ensure_ascii=False)}\n\n".encode()


class Outbox:
    def __init__(self) -> None:
        self.listening = False
        self._last = 0
        self._told: dict[int, None] = {}  # in the order they were told

    async def follow(self, spread: Callable[[Iterable[Event]], None]) -> None:
        """For ever; a lost connection is opened again, and what was committed meanwhile is told then."""
        while True:
            try:
                await self._listen(spread)
            except (psycopg.Error, OSError) as error:
                log.warning("event link lost: %s", error)
            self.listening = False
            await asyncio.sleep(RETRY)

    async def missed(self, *, sas_id: int, topics: frozenset[str], last: int | None) -> bytes:
        """All that this desk did not hear, as one message: it reads each subject again once."""
        try:
            async with await own_link() as link:
                row = await _since(link, sas_id=sas_id, topics=topics, last=last)
        except (psycopg.Error, OSError):
            row = (last or 0, [RESYNC], None)
        number, found, at = row
        if not found:
            return b""
        said = {"topics": sorted(found), "id": number, "subject": "", "at": at.isoformat() if at else None}
        return _message(number, said)

    async def _listen(self, spread: Callable[[Iterable[Event]], None]) -> None:
        async with await own_link() as link:
            await link.execute(f"LISTEN {CHANNEL}")
            spread(await self._not_told(link, since=OVERLAP))
            self.listening = True
            looked = time.monotonic()
            while True:
                until = max(0.0, looked + LOOK - time.monotonic())
                numbers = [int(n.payload) async for n in link.notifies(timeout=until, stop_after=1)]
                if numbers:
                    spread(self._new(await _events(link, TOLD, {"numbers": numbers})))
                if time.monotonic() >= looked + LOOK:
                    spread(await self._not_told(link, since=LATELY))
                    looked = time.monotonic()

    async def _not_told(self, link: psycopg.AsyncConnection[Any], *, since: timedelta) -> list[Event]:
        """At the first connection nobody was told anything yet: only remember where we are."""
        if not self._last:
            row = await (await link.execute("SELECT coalesce(max(id), 1) FROM base_liveevent")).fetchone()
            self._last = row[0] if row else 1
            return []
        known = {"last": self._last, "overlap": since, "told": list(self._told)}
        return self._new(await _events(link, SINCE, known))

    def _new(self, events: list[Event]) -> list[Event]:
        fresh = [event for event in events if event.id not in self._told]
        self._told |= dict.fromkeys(event.id for event in fresh)
        for number in list(islice(self._told, max(0, len(self._told) - REMEMBERED))):
            del self._told[number]
        self._last = max([self._last, *(event.id for event in fresh)])
        return fresh


async def own_link() -> psycopg.AsyncConnection[Any]:
    """Outside the pool of the pages: this connection is kept for itself."""
    return await psycopg.AsyncConnection.connect(**parameters(), autocommit=True, connect_timeout=5)


async def _events(link: psycopg.AsyncConnection[Any], query: str, values: dict[str, Any]) -> list[Event]:
    async with link.cursor(row_factory=class_row(Event)) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchall()


async def _since(
    link: psycopg.AsyncConnection[Any], *, sas_id: int, topics: frozenset[str], last: int | None
) -> tuple[int, list[str], datetime | None]:
    """The newest number, the topics concerned, when. A number older than what is kept means: read everything again."""
    values = {"sas": sas_id, "topics": list(topics), "last": last, "start": clock.now() - UNHEARD}
    if last is not None:
        row = await (await link.execute("SELECT at FROM base_liveevent WHERE id = %s", [last])).fetchone()
        if not row:
            return last, [RESYNC], None
        values["start"] = row[0] - OVERLAP
    found = await (await link.execute(MISSED, values)).fetchone() or (None, None, None)
    return found[0] or last or 0, found[1] or [], found[2]
