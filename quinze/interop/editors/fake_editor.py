"""A whole editor on this machine: HTTPS with client certificates, agendas, regulator accounts, pages of booking.

It can be slow, silent, wrong, or down: `mood` says how, and may change while it runs.
"""

import html
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

from quinze.base import clock
from quinze.interop.editors.fake_agenda import Doctor, Hour, Resource, declaration, replayed, searchset, seen_by
from quinze.interop.editors.pki import Pair

LARGEST = 100_000
FHIR = "application/fhir+json; charset=utf-8"
PAGE = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 sans-serif;max-width:40rem;margin:2rem auto}}strong{{background:#ffd}}</style>
<h1>{title}</h1><p><strong>Éditeur simulé.</strong> Médecins fictifs.</p>{body}</html>"""


@dataclass(slots=True)
class Mood:
    """How it answers. `latency` in seconds before the first octet; `drip` between two pieces of the body."""

    latency: float = 0.0
    drip: float = 0.0
    status: int = 200
    redirect: str = ""
    malformed: int = 0  # slots made wrong, in as many ways as there are
    body: bytes | None = None  # sent instead of the answer
    content_type: str = FHIR
    hang_up: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    body: bytes
    subject: str  # CN of the client's certificate


Declare = Callable[[Resource, str], int]  # the Appointment, and the identifier of a change (empty: a new one)


@dataclass
class FakeEditor:
    """`server`: its certificate; `authority`: of the clients it lets in, None to let anybody in.

    `declare` tells the platform what was booked on its pages; None: it tells nobody.
    """

    name: str
    server: Pair
    authority: str | None
    doctors: list[Doctor] = field(default_factory=list)
    port: int = 0
    mood: Mood = field(default_factory=Mood)
    declare: Declare | None = None
    asked: list[Asked] = field(default_factory=list)
    accounts: dict[str, Resource] = field(default_factory=dict)  # by technical or national identifier, as last said
    told: list[Resource] = field(default_factory=list)  # appointments, as last declared
    now: Callable[[], datetime] = clock.now
    recording: Resource | None = None  # a Bundle received from a real editor, said again as if it were of today

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self.http = _Server(("127.0.0.1", self.port), self)
        self.http.socket = self._tls().wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)

    def _tls(self) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        made.load_cert_chain(self.server.certificate, self.server.key)
        if self.authority:  # asked for, not required: browsers open its pages
            made.load_verify_locations(self.authority)
            made.verify_mode = ssl.CERT_OPTIONAL
        return made

    @property
    def root(self) -> str:
        return f"https://localhost:{self.http.server_address[1]}"

    @property
    def endpoint(self) -> str:
        return f"{self.root}/fhir"

    @contextmanager
    def running(self) -> Iterator["FakeEditor"]:
        thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.http.shutdown()
            self.http.server_close()
            thread.join(5)

    # ---- what it answers

    def search(self, kind: str, query: str) -> Resource:
        """`Slot` or `Schedule`, as the guide spells them."""
        said = parse_qs(query)
        name = "schedule.actor:Practitioner.identifier" if kind == "Slot" else "actor:Location.organization.identifier"
        wanted = {token.partition("|")[2] for token in ",".join(said.get(name, [])).split(",")}
        start = said.get("start" if kind == "Slot" else "_has:Slot:schedule:start", [])
        since, until = (datetime.fromisoformat(each[2:]) for each in sorted(start))
        if self.recording is not None:
            return spoiled(replayed(self.recording, today=since), self.mood.malformed)
        found = [one for one in self.doctors if one.identifier in wanted and one.is_association is (kind != "Slot")]
        bundle = searchset(found, of=self.endpoint, since=since, until=until, asked=f"{self.endpoint}/{kind}?{query}")
        return spoiled(bundle, self.mood.malformed)

    def account(self, method: str, query: str, body: Resource) -> int:
        """INT_R02. The status: 201 created, 200 changed, 409 already there."""
        values = [str(one.get("value")) for one in body.get("identifier", [])]
        with self.lock:
            if method == "POST":
                if any(value in self.accounts for value in values):
                    return 409
                self.accounts |= dict.fromkeys(values, body)
                return 201
            old = unquote(parse_qs(query).get("identifier", [""])[0]).partition("|")[2]
            known = self.accounts.pop(old, None)
            self.accounts |= dict.fromkeys(values, body)
            return 200 if known else 201

    def book(self, doctor: Doctor, hour: Hour, *, regulator: Resource) -> str:
        """Somebody of the SAS books on its pages; the platform is told. The key of the appointment."""
        with self.lock:
            if not hour.is_free:
                return ""
            hour.is_free = False
        key = str(uuid4())
        self._tell(declaration(doctor, hour, regulator=regulator, key=key, created=self.now()))
        return key

    def says(self, key: str, status: str, *, by: str = "") -> int:
        """What became of an appointment: booked, fulfilled, noshow, cancelled; `by`: who goes, of an association.

        The platform's answer; 0: nobody was told.
        """
        found = next(one for one in self.told if one["identifier"][0]["value"] == key)
        named = {"participant": [seen_by(by)]} if by else {}
        return self._tell(found | {"status": status} | named, "|".join(found["identifier"][0].values()))

    def _tell(self, appointment: Resource, changed: str = "") -> int:
        self.told = [one for one in self.told if one["identifier"] != appointment["identifier"]] + [appointment]
        return self.declare(appointment, changed) if self.declare else 0


WRONG: tuple[Callable[[Resource], object], ...] = (
    lambda slot: slot.pop("start"),
    lambda slot: slot.update(end=slot["start"]),
    lambda slot: slot.update(status="busy"),
    lambda slot: slot.pop("meta"),
    lambda slot: slot.update(schedule={"reference": "Schedule/personne"}),
    lambda slot: slot.update(comment="javascript:alert(1)"),
    lambda slot: slot.update(serviceType=[]),
    lambda slot: slot.update(start="2001-01-01T10:00:00.000+01:00", end="2001-01-01T10:15:00.000+01:00"),
)


def spoiled(bundle: Resource, count: int) -> Resource:
    """The first `count` slots made wrong, one way after the other."""
    slots = [entry["resource"] for entry in bundle.get("entry", []) if entry["resource"]["resourceType"] == "Slot"]
    for rank, slot in enumerate(slots[:count]):
        WRONG[rank % len(WRONG)](slot)
    return bundle


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], editor: FakeEditor) -> None:
        self.editor = editor
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Handshakes refused and clients gone are what it is there for."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 20

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_GET  # noqa: N815  (names of the standard library)

    def _answer(self) -> None:
        editor, url = self.server.editor, urlsplit(self.path)
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST))
        editor.asked.append(Asked(self.command, self.path, body, self._subject()))
        if url.path.startswith("/fhir/"):
            self._fhir(url.path.removeprefix("/fhir/"), url.query, body)
        elif url.path.startswith("/agenda/"):
            self._page(url.path.removeprefix("/agenda/"), url.query)
        else:
            self._send(404, b"", "text/plain")

    def _subject(self) -> str:
        said = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        names: Any = said.get("subject", ()) if said else ()
        return next((value for part in names for name, value in part if name == "commonName"), "")

    def _fhir(self, kind: str, query: str, body: bytes) -> None:
        editor, mood = self.server.editor, self.server.editor.mood
        time.sleep(mood.latency)
        if mood.hang_up:
            self.close_connection = True
            return
        if editor.authority and not self._subject():
            self._send(403, _outcome("Certificat attendu."), FHIR)
        elif mood.redirect:
            self._send(302, b"", "text/plain", Location=mood.redirect)
        elif mood.status != 200:
            self._send(mood.status, _outcome("Panne simulée."), FHIR)
        elif mood.body is not None:
            self._send(200, mood.body, mood.content_type)
        elif kind in ("Slot", "Schedule"):
            self._send(200, json.dumps(editor.search(kind, query)).encode(), mood.content_type)
        elif kind == "Practitioner":
            status = editor.account(self.command, query, json.loads(body))
            self._send(status, _outcome("Déjà là.") if status == 409 else body, FHIR)
        else:
            self._send(404, _outcome("Inconnu."), FHIR)

    def _page(self, key: str, query: str) -> None:
        """One doctor's hours; an address with `prendre` books one, as a regulator named by `regulateur`."""
        editor, said = self.server.editor, {name: values[0] for name, values in parse_qs(query).items()}
        doctor = next((one for one in editor.doctors if one.key == key), None)
        if doctor is None or not said.get("origin", "").startswith("sas"):
            self._send(403, PAGE.format(title="Connexion", body="<p>Identifiez-vous.</p>").encode(), "text/html")
            return
        hour = next((one for one in doctor.hours if one.key == said.get("creneau")), None)
        if self.command == "POST" and hour:
            done = editor.book(doctor, hour, regulator=_regulator(editor))
            words = "Rendez-vous pris." if done else "Ce créneau n’est plus libre."
            self._send(200, PAGE.format(title=words, body="").encode(), "text/html; charset=utf-8")
            return
        address = html.escape(self.path)
        when = f"{hour.start:%d/%m %H:%M}" if hour else "aucun créneau"
        form = f'<form method="post" action="{address}"><button>Prendre {when}</button></form>'
        title = html.escape(f"Agenda de Dr {doctor.given} {doctor.family}")
        self._send(200, PAGE.format(title=title, body=form if hour else "").encode(), "text/html; charset=utf-8")

    def _send(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        drip = self.server.editor.mood.drip
        for first in range(0, len(body), 200) if drip else ():
            self.wfile.write(body[first : first + 200])
            self.wfile.flush()
            time.sleep(drip)
        if not drip:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name of the standard library)
        pass


def _regulator(editor: FakeEditor) -> Resource:
    """The session of a demonstration: the last active account that was declared here."""
    said = [body for body in editor.accounts.values() if body.get("active")]
    return dict(said[-1]["identifier"][0]) if said else {}


def _outcome(says: str) -> bytes:
    issue = {"severity": "error", "code": "processing", "diagnostics": says}
    return json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode()
