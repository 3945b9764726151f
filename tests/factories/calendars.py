"""Calendars of other programs, for tests: files, and a server on loopback that gives them.

from tests.factories import calendars as make
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread

from quinze.availability.models import CalendarFeed
from quinze.availability.operations.feeds import FeedSpec, add_feed
from quinze.interop.calendars import addresses, sealing
from tests.factories.availability import NOW, Effecteur

_numbers = count(1)


def event(*lines: str, uid: str | None = None) -> str:
    """`event("DTSTART:20261117T140000Z", "DTEND:20261117T150000Z")`"""
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid or f'e{next(_numbers)}@exemple'}", *lines, "END:VEVENT"])


def at_paris(start: str, end: str, *lines: str) -> str:
    """`at_paris("20261117T140000", "20261117T150000")`"""
    return event(f"DTSTART;TZID=Europe/Paris:{start}", f"DTEND;TZID=Europe/Paris:{end}", *lines)


def ics(*events: str, head: tuple[str, ...] = ()) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//exemple//FR", *head, *events, "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def multistatus(*calendars: bytes) -> bytes:
    """A CalDAV answer: one response for each event."""
    rows = "".join(
        f"<D:response><D:href>/{n}.ics</D:href><D:propstat><D:prop><C:calendar-data><![CDATA[{each.decode()}]]>"
        "</C:calendar-data></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
        for n, each in enumerate(calendars)
    )
    opening = '<D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    return f'<?xml version="1.0"?>{opening}{rows}</D:multistatus>'.encode()


@dataclass
class Answer:
    """What the server says; `body` may be given piece by piece."""

    body: bytes | Callable[[], Iterator[bytes]] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/calendar"})


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class CalendarServer(ThreadingHTTPServer):
    """Gives `answer` to whoever asks, keeps what was asked, and knows its ETag as a real one does."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = Answer(ics())
        self.asked: list[Asked] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/agenda.ics"

    def gives(self, body: bytes | Callable[[], Iterator[bytes]], status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = Answer(body, status, {"Content-Type": "text/calendar"} | named)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    server: CalendarServer

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(Asked(self.command, self.path, dict(self.headers), body))
        said = self.server.answer
        if (etag := said.headers.get("ETag")) and self.headers.get("If-None-Match") == etag:
            said = Answer(status=304, headers={"ETag": etag})
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for part in said.body() if callable(said.body) else [said.body]:
                self.wfile.write(part)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_REPORT = answer  # noqa: N815  (names of the standard library)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def serving() -> Iterator[CalendarServer]:
    server = CalendarServer()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def spec(address: str, **fields: object) -> FeedSpec:
    access = addresses.understood(address, user=str(fields.pop("user", "")), password=str(fields.pop("password", "")))
    defaults: dict[str, object] = {
        "name": "Agenda du cabinet",
        "kind": "ics",
        "host": addresses.host_of(access.address),
        "sealed": sealing.seal(access),
        "fingerprint": sealing.fingerprint(access.address),
    }
    return FeedSpec(**defaults | fields)  # type: ignore[arg-type]


def feed(doctor: Effecteur, address: str, *, at: datetime = NOW, **fields: object) -> CalendarFeed:
    return add_feed(doctor.professional, spec(address, **fields), by=doctor.actor, at=at)
