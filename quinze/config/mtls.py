"""FHIR over mutual TLS, by our own server: `python -m quinze.config.mtls --port 8443`.

The server of the pages verifies certificates without telling the application whose they are, and breaks the handshake
of who shows none. uvicorn asks for a certificate without requiring it; what asyncio knows of it is written in the
headers that a reverse proxy would write, beside the same secret: behind, both ways are one.
"""

import argparse
import asyncio
import logging
import os
import secrets
import ssl
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from uvicorn.protocols.http.h11_impl import H11Protocol

from quinze.interop.fhir.revocation import VERIFIED, Revocations

SECRET = "QUINZE_FHIR_PROXY_SECRET"  # noqa: S105  (its name)
FILES = ("certificate", "key", "ca", "crl")
TRUSTED = (b"x-fhir-proxy-secret", b"x-client-verify", b"x-client-subject", b"x-client-certificate")
PREFIX = "/fhir/"
LONGEST_BODY = 100_001  # one octet more than the views accept: they say it
SLOWEST_BODY = 10.0
AT_ONCE = 8
MOST_CONNECTIONS = 200
HANDSHAKE = 10
log = logging.getLogger("quinze.fhir")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class Misused(Exception):  # noqa: N818  (said to a person as it is)
    """What is missing or unreadable among the files."""


@dataclass(frozen=True)
class Files:
    """Paths, PEM. `crl`: None only outside production."""

    certificate: Path
    key: Path
    ca: Path
    crl: Path | None


class Peers:
    """What is said of who is at the other end. `now` is the machine's clock: a demonstration's has no say in TLS."""

    def __init__(self, files: Files, *, now: Callable[[], datetime]) -> None:
        self._now = now
        authorities = x509.load_pem_x509_certificates(files.ca.read_bytes())
        self._revocations = Revocations(files.crl, authorities, say=log.error) if files.crl else None

    def verdict(self, certificate: x509.Certificate | None) -> str:
        if certificate is None:
            return "NONE"
        return self._revocations.verdict(certificate, at=self._now()) if self._revocations else VERIFIED


class Protocol(H11Protocol):
    """HTTP/1.1 that keeps the certificate of its connection: uvicorn does not hand it to the application."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        channel: ssl.SSLObject = transport.get_extra_info("ssl_object")
        shown = channel.getpeercert(binary_form=True)
        certificate, application = x509.load_der_x509_certificate(shown) if shown else None, self.app

        async def said(scope: Any, receive: Any, send: Any) -> None:
            scope["certificate"] = certificate
            await application(scope, receive, send)

        self.app = said


class Application:
    """Lets FHIR addresses through, a whole body at most, with trusted headers that are ours alone."""

    def __init__(self, django: Asgi, peers: Peers, secret: str) -> None:
        self._django, self._peers, self._secret = django, peers, secret
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if not scope["path"].startswith(PREFIX):
            await _plainly(send, 404)
            return
        try:
            body = await asyncio.wait_for(_body(receive), SLOWEST_BODY)
        except TimeoutError:
            await _plainly(send, 408)
            return
        async with self._turns:
            await self._django(self._trusted(scope), _again(body, receive), send)

    def _trusted(self, scope: Scope) -> Scope:
        certificate = scope.pop("certificate")
        kept = [(name, value) for name, value in scope["headers"] if name.replace(b"_", b"-").lower() not in TRUSTED]
        said = (self._secret, self._peers.verdict(certificate), _subject(certificate), _escaped(certificate))
        ours = [(name, value.encode("ascii")) for name, value in zip(TRUSTED, said, strict=True)]
        return {**scope, "headers": kept + ours, "scheme": "https"}


def _subject(certificate: x509.Certificate | None) -> str:
    """As nginx writes it: octets outside ASCII and control characters in hexadecimal."""
    text = certificate.subject.rfc4514_string() if certificate else ""
    return "".join(
        letter if " " <= letter <= "~" else "".join(f"\\{octet:02X}" for octet in letter.encode()) for letter in text
    )


def _escaped(certificate: x509.Certificate | None) -> str:
    """The certificate itself, as nginx hands it over (`$ssl_client_escaped_cert`)."""
    return quote(certificate.public_bytes(Encoding.PEM)) if certificate else ""


async def _body(receive: Receive) -> bytes:
    read = b""
    while len(read) < LONGEST_BODY:
        message = await receive()
        read += message.get("body", b"")
        if not message.get("more_body"):
            break
    return read[:LONGEST_BODY]


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once; then what the connection says, which is that it ended."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def said() -> Message:
        return left.pop() if left else await receive()

    return said


async def _plainly(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"connection", b"close")]})
    await send({"type": "http.response.body", "body": b""})


def context(files: Files) -> ssl.SSLContext:
    """TLS 1.2 at least; a certificate is asked for, and a missing one goes as far as a 403.

    No session is resumed by ticket. Raises Misused.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    made.num_tickets = 0
    made.verify_mode = ssl.CERT_OPTIONAL
    try:
        made.load_cert_chain(files.certificate, files.key)
        made.load_verify_locations(files.ca)
    except (OSError, ssl.SSLError) as error:
        raise Misused(f"Le certificat, sa clé ou l’autorité ne se lisent pas : {error}") from error
    return made


def _files(given: argparse.Namespace) -> Files:
    """Raises Misused: one is missing."""
    for name in FILES:
        path = getattr(given, name)
        if path is None and not (name == "crl" and os.environ.get("QUINZE_MODE") != "production"):
            raise Misused(f"Il manque --{name} (ou QUINZE_FHIR_{name.upper()}).")
        if path is not None and not Path(path).is_file():
            raise Misused(f"--{name} : {path} n’existe pas.")
    return Files(*(Path(path) if (path := getattr(given, name)) else None for name in FILES))  # type: ignore[arg-type]


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m quinze.config.mtls", description="FHIR en TLS mutuel.")
    parser.add_argument("--host", default=os.environ.get("QUINZE_FHIR_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("QUINZE_FHIR_PORT", "8443")))
    for name in FILES:
        parser.add_argument(f"--{name}", default=os.environ.get(f"QUINZE_FHIR_{name.upper()}"))
    return parser.parse_args()


def _application(files: Files) -> Asgi:
    """Django behind; a secret of this process where none is set: nobody else needs it."""
    if not (os.environ.get(SECRET) or os.environ.get(f"{SECRET}_FILE")):
        os.environ[SECRET] = secrets.token_urlsafe(32)
    os.environ |= {"QUINZE_FHIR_CA": str(files.ca), "QUINZE_FHIR_CRL": str(files.crl or "")}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quinze.config.settings")
    from django.core.asgi import get_asgi_application  # noqa: PLC0415  (reads the secret)

    django: Any = get_asgi_application()
    from django.conf import settings  # noqa: PLC0415

    peers = Peers(files, now=lambda: datetime.now(UTC))
    return Application(django, peers, settings.QUINZE_FHIR_PROXY_SECRET)


def main() -> None:
    given = _given()
    try:
        files = _files(given)
        tls = context(files)
        application = _application(files)
    except (Misused, ValueError) as reason:
        sys.exit(f"quinze : {reason}")
    if files.crl is None:
        log.warning("Sans liste de révocation (QUINZE_FHIR_CRL) : un certificat retiré reste admis.")
    uvicorn.run(
        application, host=given.host, port=given.port, ssl_context_factory=lambda *_: tls, http=Protocol, ws="none",
        lifespan="off", log_config=None, log_level="warning", access_log=False, server_header=False,
        proxy_headers=False, limit_concurrency=MOST_CONNECTIONS, timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=32_000,
    )  # fmt: skip


if __name__ == "__main__":
    main()
