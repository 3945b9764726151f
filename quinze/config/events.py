"""The event server: one PostgreSQL LISTEN, told to every open desk. `python -m quinze.config.events --port 8001`.

A small ASGI application of its own: a page server keeps one thread per open stream, this keeps one queue. Messages
carry subjects and identifiers only; what changed is fetched again from the page server with the reader's own rights.
"""

import argparse
import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from types import FrameType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django
import uvicorn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quinze.config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import close_old_connections  # noqa: E402
from django.http.request import validate_host  # noqa: E402

from quinze.accounts.queries import actor_from_session  # noqa: E402
from quinze.accounts.sessions import SessionStore  # noqa: E402
from quinze.base import clock  # noqa: E402
from quinze.config.outbox import Event, Outbox  # noqa: E402

log = logging.getLogger("quinze.events")

PING_EVERY = 15.0
RECHECK_EVERY = float(os.environ.get("QUINZE_EVENTS_RECHECK", "45"))
LONGEST_QUEUE = 256
LAST_WORD = 1.0
PING = b"event: ping\ndata: {}\n\n"
OPENING = b"retry: 1000\n\n"
PLAIN = [(b"content-type", b"text/plain; charset=utf-8")]
STREAM = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Header = tuple[bytes, bytes]


@dataclass(eq=False)
class Desk:
    """One open stream. A dropped one is closed: the page comes back by itself and catches up."""

    sas_id: int
    session_key: str
    topics: frozenset[str]
    queue: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(LONGEST_QUEUE))
    dropped: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def wants(self, event: Event) -> bool:
        return event.sas_id == self.sas_id and (not self.topics or not self.topics.isdisjoint(event.topics))

    def tell(self, message: bytes) -> None:
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            self.drop()

    def drop(self) -> None:
        if not self.dropped.done():
            self.dropped.set_result(None)


class Hub:
    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self.desks: set[Desk] = set()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="session")
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        self._tasks = [asyncio.create_task(self.outbox.follow(self._spread)), asyncio.create_task(self._recheck())]

    async def close(self) -> None:
        self.drop_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(wait=False)

    def drop_all(self) -> None:
        for desk in self.desks:
            desk.drop()

    async def sas_of(self, session_key: str) -> int | None:
        """The SAS of the person behind this session, if they are at work in one."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _sas_of, session_key)

    def _spread(self, events: Iterable[Event]) -> None:
        for event in events:
            message = event.message()
            for desk in self.desks:
                if desk.wants(event):
                    desk.tell(message)

    async def _recheck(self) -> None:
        """A person who logged out, or changed SAS, stops hearing."""
        while True:
            await asyncio.sleep(RECHECK_EVERY)
            for key in {desk.session_key for desk in self.desks}:
                try:
                    sas_id = await self.sas_of(key)
                except Exception:
                    log.warning("session check failed", exc_info=True)
                    break
                for desk in self.desks:
                    if desk.session_key == key and desk.sas_id != sas_id:
                        desk.drop()


def _sas_of(session_key: str) -> int | None:
    close_old_connections()
    try:
        actor = actor_from_session(SessionStore(session_key), at=clock.now())
        return actor.sas.pk if actor else None
    finally:
        close_old_connections()


class Application:
    def __init__(self) -> None:
        self.hub = Hub(Outbox())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._lifespan(receive, send)
        if scope["type"] != "http":
            return None
        headers = dict(scope["headers"])
        if scope["path"] == "/events/health":
            return await self._health(send)
        if scope["path"] != "/events" or scope["method"] != "GET":
            return await _answer(send, 404, "Inconnu.")
        cors = _cors(headers)
        if cors is None:
            return await _answer(send, 403, "Origine refusée.")
        return await self._events(scope, headers, cors, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self.hub.open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.hub.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _health(self, send: Send) -> None:
        well = self.hub.outbox.listening
        said = json.dumps({"listening": well, "desks": len(self.hub.desks)})
        await _answer(send, 200 if well else 503, said, [(b"content-type", b"application/json")])

    async def _events(
        self, scope: Scope, headers: dict[bytes, bytes], cors: list[Header], receive: Receive, send: Send
    ) -> None:
        key = _session_key(headers)
        try:
            sas_id = await self.hub.sas_of(key) if key else None
        except Exception:
            log.warning("session check failed", exc_info=True)
            return await _answer(send, 503, "Base de données indisponible.", cors)
        if sas_id is None:
            return await _answer(send, 401, "Session terminée : reconnectez-vous.", cors)
        query = parse_qs(scope["query_string"].decode("latin-1"))
        desk = Desk(sas_id=sas_id, session_key=key, topics=_topics(query))
        await send({"type": "http.response.start", "status": 200, "headers": [*STREAM, *cors]})
        return await self._stream(desk, _last_seen(headers, query), receive, send)

    async def _stream(self, desk: Desk, last: int | None, receive: Receive, send: Send) -> None:
        """A browser that reads too slowly blocks its writer, never the end of its stream."""
        self.hub.desks.add(desk)
        writer = asyncio.create_task(self._write(desk, last, send))
        gone = asyncio.create_task(_disconnected(receive))
        try:
            await asyncio.wait({writer, gone, desk.dropped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.hub.desks.discard(desk)
            writer.cancel()
            gone.cancel()
            await asyncio.gather(writer, gone, return_exceptions=True)
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(send({"type": "http.response.body", "body": b""}), LAST_WORD)

    async def _write(self, desk: Desk, last: int | None, send: Send) -> None:
        """The desk joined before its past is read: it hears an event twice rather than never."""
        missed = await self.hub.outbox.missed(sas_id=desk.sas_id, topics=desk.topics, last=last)
        await _body(send, OPENING + missed)
        while True:
            await _body(send, await _next(desk))


async def _next(desk: Desk) -> bytes:
    """Everything that waits, in one write; a ping when nothing comes."""
    try:
        message = await asyncio.wait_for(desk.queue.get(), PING_EVERY)
    except TimeoutError:
        return PING
    while not desk.queue.empty():
        message += desk.queue.get_nowait()
    return message


async def _body(send: Send, content: bytes) -> None:
    await send({"type": "http.response.body", "body": content, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, text: str, headers: list[Header] | None = None) -> None:
    given = headers or []
    kind = [] if any(name == b"content-type" for name, _ in given) else PLAIN
    await send({"type": "http.response.start", "status": status, "headers": [*kind, *given]})
    await send({"type": "http.response.body", "body": text.encode()})


def _topics(query: dict[str, list[str]]) -> frozenset[str]:
    return frozenset(topic for part in query.get("topics", []) for topic in part.split(",") if topic)


def _last_seen(headers: dict[bytes, bytes], query: dict[str, list[str]]) -> int | None:
    """The browser's own header when it reconnects by itself, else what the page asked for."""
    said = headers.get(b"last-event-id", b"").decode("latin-1") or query.get("after", [""])[0]
    return int(said) if said.isdecimal() and len(said) < 19 else None


def _session_key(headers: dict[bytes, bytes]) -> str:
    try:
        cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return ""
    found = cookies.get(settings.SESSION_COOKIE_NAME)
    return found.value if found else ""


def _cors(headers: dict[bytes, bytes]) -> list[Header] | None:
    """The page's own origin and no other; None refuses. A request of the same origin names none."""
    host = urlsplit("//" + headers.get(b"host", b"").decode("latin-1")).hostname or ""
    origin = headers.get(b"origin")
    if not validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS):
        return None
    if origin is None:
        return []
    asked = urlsplit(origin.decode("latin-1"))
    page = urlsplit(settings.QUINZE_PUBLIC_URL)
    if asked.hostname != host or asked.scheme != page.scheme or asked.port != page.port:
        return None
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


application = Application()


class Server(uvicorn.Server):
    """Streams never end by themselves: the signal ends them, so that stopping takes no patience."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        application.hub.drop_all()
        super().handle_exit(sig, frame)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m quinze.config.events")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    given = parser.parse_args()
    Server(
        uvicorn.Config(
            application,
            host=given.host,
            port=given.port,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=2,
            server_header=False,
            ws="none",
            lifespan="on",
        )
    ).run()


if __name__ == "__main__":
    main()
