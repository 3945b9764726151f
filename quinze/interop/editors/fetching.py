"""Requests to editors, all at once, within one budget of time: what is not there when it ends is dropped.

Nothing is followed but what was asked: a redirection is a failure, a next page is not read. An answer is counted as it
comes; one too large is left in the middle.
"""

import asyncio
import ssl
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from quinze.interop.editors.certificates import context
from quinze.interop.editors.models import Editor

BUDGET = 7.0  # of the national guide: beyond, the platform has left
LIMIT = 8_000_000  # octets of one answer: some 8,000 slots
AT_ONCE = 4  # requests to one editor
ACCEPT = "application/json+fhir"
JSON = ("application/fhir+json", "application/json+fhir", "application/json")
WORDS = {
    "timeout": "n’a pas répondu à temps",
    "unreachable": "est injoignable",
    "certificate": "présente un certificat refusé, ou refuse le nôtre",
    "redirect": "renvoie vers une autre adresse",
    "too_large": "envoie une réponse trop longue",
    "not_json": "répond autre chose que du FHIR",
    "garbage": "répond autre chose qu’un Bundle",
    "suspended": "est suspendu après plusieurs échecs",
    "broken": "coupe la communication",
    "files": "ne peut être joint : nos certificats ne s’ouvrent pas",
}


def words(code: str) -> str:
    """What happened, to be said after the name of the editor."""
    return WORDS.get(code, f"répond par une erreur ({code.removeprefix('http_')})")


@dataclass(frozen=True, slots=True)
class Asking:
    """One request. `content` None: GET."""

    editor: Editor
    path: str  # after the endpoint, with its query
    method: str = "GET"
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """`code` is "ok" and `body` what was sent, or why there is nothing. `ms`: until the last octet, or the failure."""

    code: str
    ms: int
    body: bytes = b""


class _Failed(Exception):  # noqa: N818  (an answer)
    pass


def ask(asked: Sequence[Asking], *, budget: float = BUDGET) -> list[Answered]:
    """In the order of the questions. Never raises for what a peer does; returns when the budget ends at the latest."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(_ask(asked, budget))
    finally:
        loop.close()  # a name being looked up is not waited for


async def _ask(asked: Sequence[Asking], budget: float) -> list[Answered]:
    ends = time.monotonic() + budget
    clients: dict[str, httpx.AsyncClient | None] = {}
    turns: dict[str, asyncio.Semaphore] = {}
    for each in asked:
        if each.editor.pk not in clients:
            clients[each.editor.pk] = _client(each.editor, budget)
            turns[each.editor.pk] = asyncio.Semaphore(AT_ONCE)
    try:
        return await asyncio.gather(
            *(_timed(_one(each, clients[each.editor.pk], turns[each.editor.pk]), ends) for each in asked)
        )
    finally:
        await asyncio.gather(*(_closed(client) for client in clients.values() if client))


def _client(editor: Editor, budget: float) -> httpx.AsyncClient | None:
    """None when our own files do not open."""
    try:
        verify = context(editor.certificate, editor.key, editor.authority)
    except (ssl.SSLError, OSError, ValueError):
        return None
    return httpx.AsyncClient(
        verify=verify, trust_env=False, follow_redirects=False, timeout=httpx.Timeout(budget),
        limits=httpx.Limits(max_connections=AT_ONCE),
    )  # fmt: skip


async def _closed(client: httpx.AsyncClient) -> None:
    """A peer that does not say goodbye is not waited for."""
    try:
        async with asyncio.timeout(0.2):
            await client.aclose()
    except (TimeoutError, httpx.HTTPError, OSError):
        return


async def _timed(answer: Coroutine[Any, Any, bytes], ends: float) -> Answered:
    began = time.monotonic()
    code, body = "ok", b""
    try:
        async with asyncio.timeout(max(0.0, ends - began)):
            body = await answer
    except (TimeoutError, httpx.TimeoutException):
        code = "timeout"
    except _Failed as failed:
        code = str(failed)
    except httpx.ConnectError as error:
        code = "certificate" if _is_tls(error) else "unreachable"
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        code = "certificate" if _is_tls(error) else "broken"
    return Answered(code, round((time.monotonic() - began) * 1000), body)


def _is_tls(error: BaseException | None) -> bool:
    """Our refusal of theirs, or theirs of ours, which comes with the first octets read."""
    while error is not None:
        if isinstance(error, ssl.SSLError) or "SSL" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


async def _one(asked: Asking, client: httpx.AsyncClient | None, turn: asyncio.Semaphore) -> bytes:
    if client is None:
        raise _Failed("files")
    request = client.build_request(
        asked.method, f"{asked.editor.endpoint}/{asked.path}", content=asked.content, headers=_headers(asked)
    )
    async with turn:
        response = await client.send(request, stream=True)
        try:
            return await _content(response) if asked.content is None else _accepted(response)
        finally:
            await response.aclose()


def _headers(asked: Asking) -> Mapping[str, str]:
    """Not packed: what is counted is what comes."""
    sent = {"Accept": ACCEPT, "Accept-Encoding": "identity", "User-Agent": "Quinze"}
    return sent | ({"Content-Type": "application/fhir+json; charset=utf-8"} if asked.content is not None else {})


def _accepted(response: httpx.Response) -> bytes:
    """What was sent is there, whatever comes back with it."""
    if response.is_redirect:
        raise _Failed("redirect")
    if not response.is_success:
        raise _Failed(f"http_{response.status_code}")
    return b""


async def _content(response: httpx.Response) -> bytes:
    _accepted(response)
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _Failed("not_json")
    parts, size = [], 0
    async for part in response.aiter_raw(65_536):
        size += len(part)
        if size > LIMIT:
            raise _Failed("too_large")
        parts.append(part)
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if parts and kind not in JSON:
        raise _Failed("not_json")
    return b"".join(parts)
