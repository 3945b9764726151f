"""Real OpenID providers on loopback, and a browser without a screen that goes through them."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.contrib.auth import SESSION_KEY
from django.test import Client
from joserfc import jwt
from joserfc.jwk import RSAKey

from quinze.accounts.models import NationalIdentity
from quinze.accounts.operations.session import PENDING
from quinze.accounts.psc import identity
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.interop.psc.people import written
from quinze.interop.psc.simulator import Grant, Person, Simulator
from tests.factories import directory as make
from tests.factories.accounts import grant, make_user

CLIENT_ID, SECRET = "quinze-tests", "secret-de-test"
POITIERS = {"raisonSocialeSite": "CABINET DES ESSENCES", "codePostal": "86000", "libelleVoie": "1 R DES ESSENCES"}


def person(subject: str, *, family: str = "Aubépine", given: str = "Rose", **more: Any) -> Person:
    fields = {"title": "DR", "profession": "10", "know_how": "SM54", "activities": [POITIERS]} | more
    return Person(subject, written(family=family, given=given, **fields))


class Faulty(Simulator):
    """The simulator, wrong in one way at a time."""

    fault = ""

    def discovery(self) -> dict[str, Any]:
        found = super().discovery()
        if self.fault == "discovery_issuer":
            found["issuer"] = "https://ailleurs.invalid"
        if self.fault == "endpoint_elsewhere":
            found["token_endpoint"] = "ftp://ailleurs.invalid/token"
        return found

    def keys(self) -> dict[str, Any]:
        if self.fault == "huge":
            return {"keys": ["x" * 1_000_000]}
        return {"keys": "rien"} if self.fault == "no_keys" else super().keys()

    def id_token(self, grant: Grant) -> dict[str, Any]:
        claims = super().id_token(grant)
        now = int(time.time())
        wrong: dict[str, dict[str, Any]] = {
            "nonce": {"nonce": "un-autre"},
            "issuer": {"iss": "https://ailleurs.invalid"},
            "audience": {"aud": "un-autre-logiciel"},
            "party": {"aud": [self.client_id, "un-autre"], "azp": "un-autre"},
            "expired": {"exp": now - 120, "iat": now - 400},
            "future": {"iat": now + 900, "nbf": now + 900},
            "level": {"acr": "0"},
            "no_subject": {"sub": ""},
        }
        return claims | wrong.get(self.fault, {})

    def sign(self, claims: dict[str, Any]) -> str:
        if self.fault == "signature":
            stranger = RSAKey.generate_key(2048, {"kid": self.key.kid})
            return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, stranger)
        if self.fault == "kid":
            return jwt.encode({"alg": "RS256", "kid": "jamais-publiee"}, claims, self.key)
        if self.fault == "alg_none":
            _, body, _ = super().sign(claims).split(".")
            return "eyJhbGciOiJub25lIn0." + body + "."
        return "n’importe quoi" if self.fault == "garbage" else super().sign(claims)

    def userinfo(self, token: str) -> dict[str, Any]:
        said = super().userinfo(token)
        if self.fault == "another_person":
            said["sub"] = "f:simulateur:un-autre"
        if self.fault == "no_id":
            del said["SubjectNameID"]
        if self.fault == "odd_id":
            said["SubjectNameID"] = {"$ne": 1}
        return said


def settings_of(issuer: str) -> dict[str, str]:
    discovery = f"{issuer}/.well-known/openid-configuration"
    return {"issuer": issuer, "discovery": discovery, "client_id": CLIENT_ID, "secret": SECRET}


def browser() -> Client:
    """On loopback, where the providers of the tests accept to come back to."""
    return Client(SERVER_NAME="localhost")


def go(client: Client, who: Person, *, query: str = "") -> Any:
    """To the simulator, choose a name there, and back: the answer of our return address."""
    return client.get(come_back(client, who, query=query))


def come_back(client: Client, who: Person, *, query: str = "") -> str:
    """The address that the provider sends the browser to."""
    there = client.get(f"/connexion/psc/{query}").headers["Location"]
    answer = httpx.get(there, params=httpx.URL(there).params.set("person", who.subject))
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


@contextmanager
def slow_provider() -> Iterator[str]:
    """It answers, one byte at a time, for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_drip, args=(listening,), daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def _drip(listening: socket.socket) -> None:
    link, _ = listening.accept()
    with suppress(OSError), link:
        link.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
        while True:
            link.sendall(b" ")
            time.sleep(0.05)


@contextmanager
def independent_provider(claims: dict[str, Any], *, seconds: int = 300) -> Iterator[str]:
    """oidc-provider-mock, another people's program, in its own process: its tokens carry no `kid`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--require-nonce", "--token-max-age", str(seconds)]
    program = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", *options]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*program, "--user-claims", json.dumps(claims)], env=dict(os.environ), **quiet)  # type: ignore[call-overload]
    issuer = f"http://127.0.0.1:{port}"
    try:
        _wait(issuer, process)
        yield issuer
    finally:
        process.terminate()
        process.wait(10)


def _wait(issuer: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120  # a machine that runs everything at once is slow
    while time.monotonic() < deadline:
        assert process.poll() is None, "the provider did not start"
        try:
            httpx.get(f"{issuer}/.well-known/openid-configuration").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the provider did not answer")


# ---- people

RPPS = make.rpps(700_001)
ROSE = person(f"8{RPPS}")
STRANGER = person(f"8{make.rpps(700_002)}", family="Lathus", given="Élise")


def known(user, person=ROSE):
    """An account that Pro Santé Connect opens already."""
    at = clock.now()
    return NationalIdentity.objects.create(
        user=user, subject=person.subject, how="password", linked_at=at, said={}, said_at=at
    )


def member(role=Role.EFFECTEUR, **fields):
    user = make_user(**fields)
    grant(user, role)
    known(user)
    return user


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def nobody_is_in(client):
    return SESSION_KEY not in client.session


def proved(person):
    """A browser that has just come back from Pro Santé Connect as this person."""
    client = browser()
    session = client.session
    session[PENDING] = {
        "said": identity.read({"SubjectNameID": person.subject, **person.claims}, level="eidas1").said,
        "level": "eidas1",
        "id_token": "jeton",
        "logout": "",
        "asked": "",
        "at": clock.now().isoformat(),
    }
    session.save()
    return client


def read(person):
    return identity.read({"SubjectNameID": person.subject, **person.claims}, level="eidas1")
