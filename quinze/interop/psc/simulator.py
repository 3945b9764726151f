"""An OpenID provider that behaves as Pro Santé Connect does, with nobody behind it: one clicks on who one is.

It is strict where the real one is: registered client and secret, loopback return address, PKCE S256,
`acr_values=eidas1`, codes used once within a minute. It listens on this machine only.
"""

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LARGEST = 64_000
CODE_LASTS, TOKEN_LASTS = 60, 300
PAGE = """<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Simulateur de Pro Santé Connect</title>
<style>body{{font:16px/1.5 sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}}li{{margin:.25rem 0}}
strong{{background:#ffd}}</style>
<h1>Qui êtes-vous ?</h1>
<p><strong>Simulateur de Pro Santé Connect.</strong> Personnes fictives : choisir un nom, c’est s’identifier.</p>
<ul>{people}</ul><p><a href="{deny}">Renoncer</a></p></html>"""


@dataclass(frozen=True, slots=True)
class Person:
    """`claims` are those of the scope `scope_all`; `note` says in the list what makes this person interesting."""

    subject: str
    claims: dict[str, Any]
    note: str = ""

    @property
    def sub(self) -> str:
        return f"f:simulateur:{self.subject}"

    @property
    def name(self) -> str:
        return f"{self.claims.get('given_name', '')} {self.claims.get('family_name', '')}".strip()


@dataclass(frozen=True, slots=True)
class Grant:
    person: Person
    redirect_uri: str
    challenge: str
    nonce: str
    until: float


class Refused(Exception):  # noqa: N818  (an answer of the protocol)
    """An OAuth error code."""


class Simulator:
    def __init__(self, people: Iterable[Person], *, client_id: str, secret: str, port: int = 0) -> None:
        self.people = {person.subject: person for person in people}
        self.client_id, self.secret = client_id, secret
        self.key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        self.codes: dict[str, Grant] = {}
        self.tokens: dict[str, Person] = {}
        self.sessions: set[str] = set()
        self.server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"

    @contextmanager
    def running(self) -> Iterator["Simulator"]:
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join(5)

    # ---- the protocol

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/certs",
            "end_session_endpoint": f"{self.issuer}/logout",
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "scope_all"],
            "acr_values_supported": ["eidas1"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def keys(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    def check_request(self, asked: Mapping[str, str]) -> None:
        """Raises Refused. What is wrong here is told on our page, never at an address that is not to be trusted."""
        if asked.get("client_id") != self.client_id or not _is_loopback(asked.get("redirect_uri", "")):
            raise Refused("unauthorized_client")
        if asked.get("response_type") != "code" or {"openid", "scope_all"} - set(asked.get("scope", "").split()):
            raise Refused("invalid_scope")
        if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            raise Refused("pkce_required")
        if asked.get("acr_values") != "eidas1" or not asked.get("nonce") or not asked.get("state"):
            raise Refused("invalid_request")

    def authorize(self, asked: Mapping[str, str], person: Person) -> str:
        """The address that the browser goes back to."""
        code = secrets.token_urlsafe(24)
        until = time.time() + CODE_LASTS
        self.codes[code] = Grant(person, asked["redirect_uri"], asked["code_challenge"], asked["nonce"], until)
        self.sessions.add(person.sub)
        return _with(asked["redirect_uri"], code=code, state=asked["state"], session_state=secrets.token_hex(8))

    def exchange(self, sent: Mapping[str, str]) -> dict[str, Any]:
        grant = self.codes.pop(sent.get("code", ""), None)
        if sent.get("client_id") != self.client_id or sent.get("client_secret") != self.secret:
            raise Refused("invalid_client")
        if grant is None or grant.until < time.time() or sent.get("redirect_uri") != grant.redirect_uri:
            raise Refused("invalid_grant")
        if not secrets.compare_digest(_challenge(sent.get("code_verifier", "")), grant.challenge):
            raise Refused("invalid_grant")
        token = secrets.token_urlsafe(24)
        self.tokens[token] = grant.person
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": TOKEN_LASTS,
            "scope": "openid scope_all",
            "id_token": self.sign(self.id_token(grant)),
        }

    def id_token(self, grant: Grant) -> dict[str, Any]:
        now = int(time.time())
        return {
            "iss": self.issuer,
            "sub": grant.person.sub,
            "aud": self.client_id,
            "azp": self.client_id,
            "iat": now,
            "auth_time": now,
            "exp": now + TOKEN_LASTS,
            "nonce": grant.nonce,
            "acr": "eidas1",
            "preferred_username": grant.person.subject,
        }

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.key.kid, "typ": "JWT"}, claims, self.key)

    def userinfo(self, token: str) -> dict[str, Any]:
        person = self.tokens.get(token)
        if person is None:
            raise Refused("invalid_token")
        return {"sub": person.sub, "SubjectNameID": person.subject, **person.claims}

    def end_session(self, asked: Mapping[str, str]) -> str:
        """Where to go after the session is over; an unreadable hint ends nothing."""
        try:
            claims = jwt.decode(asked.get("id_token_hint", ""), self.key, algorithms=["RS256"]).claims
        except (JoseError, ValueError) as error:
            raise Refused("invalid_request") from error
        back = asked.get("post_logout_redirect_uri", "")
        if not _is_loopback(back):
            raise Refused("invalid_request")
        self.sessions.discard(claims["sub"])
        return back


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and parts.hostname in LOOPBACK


def _with(url: str, **query: str) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(query)}"


def _handler(simulator: Simulator) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        provider = simulator

    return Handler


class _Handler(BaseHTTPRequestHandler):
    provider: Simulator
    timeout = 10

    def do_GET(self) -> None:
        path, asked = urlsplit(self.path).path, _fields(urlsplit(self.path).query)
        try:
            if path == "/.well-known/openid-configuration":
                self._json(self.provider.discovery())
            elif path == "/certs":
                self._json(self.provider.keys())
            elif path == "/userinfo":
                self._json(self.provider.userinfo(self.headers.get("Authorization", "").removeprefix("Bearer ")))
            elif path == "/auth":
                self._auth(asked)
            elif path == "/logout":
                self._go(self.provider.end_session(asked))
            else:
                self._json({"error": "not_found"}, status=404)
        except Refused as refused:
            self._json({"error": str(refused)}, status=401 if path == "/userinfo" else 400)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/token" or not 0 < length <= LARGEST:
            self._json({"error": "invalid_request"}, status=400)
            return
        try:
            self._json(self.provider.exchange(_fields(self.rfile.read(length).decode("utf-8", "replace"))))
        except Refused as refused:
            self._json({"error": str(refused)}, status=400)

    def _auth(self, asked: dict[str, str]) -> None:
        """The list of people; then, one of them chosen, back with a code."""
        self.provider.check_request(asked)
        if "deny" in asked:
            self._go(_with(asked["redirect_uri"], error="access_denied", state=asked["state"]))
        elif person := self.provider.people.get(asked.get("person", "")):
            self._go(self.provider.authorize(asked, person))
        else:
            self._page()

    def _page(self) -> None:
        link = '<li><a href="{}">{}</a> {}</li>'
        rows = [
            link.format(html.escape(_with(self.path, person=p.subject)), html.escape(p.name), html.escape(p.note))
            for p in self.provider.people.values()
        ]
        body = PAGE.format(people="".join(rows), deny=html.escape(_with(self.path, deny="1")))
        self._answer(200, body.encode(), "text/html; charset=utf-8")

    def _json(self, value: dict[str, Any], *, status: int = 200) -> None:
        self._answer(status, json.dumps(value).encode(), "application/json")

    def _go(self, where: str) -> None:
        self._answer(302, b"", "text/plain", Location=where)

    def _answer(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name of the standard library)
        pass


def _fields(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query, max_num_fields=40).items()}
