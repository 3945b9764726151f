"""One pull of a calendar over HTTP, bounded in time, size and number of redirects."""

import ssl
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin, urlsplit

import httpx

from quinze.interop.calendars import dav
from quinze.interop.calendars.addresses import Target, target
from quinze.interop.calendars.reader import Window
from quinze.interop.calendars.sealing import Access
from quinze.interop.calendars.text import Unreadable

LIMIT = 10_000_000
DEADLINE = 40.0
TIMEOUT = httpx.Timeout(10.0, read=15.0)
REDIRECTS = 5
MOVED = (301, 302, 303, 307, 308)
TOO_LARGE = Unreadable("too_large", f"L’agenda dépasse {LIMIT // 1_000_000} Mo : limitez la période exportée.")
STATUS = {
    401: "Accès refusé par le serveur de l’agenda : l’adresse secrète ou le mot de passe a changé.",
    403: "Accès refusé par le serveur de l’agenda : l’adresse secrète ou le mot de passe a changé.",
    404: "L’agenda n’existe plus à cette adresse.",
    410: "L’agenda n’existe plus à cette adresse.",
    429: "Le serveur de l’agenda demande d’attendre.",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the last pull was answered with, sent back so that an unchanged calendar is not sent again."""

    etag: str = ""
    last_modified: str = ""

    @property
    def headers(self) -> dict[str, str]:
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Fetched:
    content: bytes | None  # None: not changed
    known: Known


def fetch(access: Access, window: Window, *, known: Known) -> Fetched:
    """Raises Unreadable, with what to do in French."""
    ends = time.monotonic() + DEADLINE
    address = access.address
    with httpx.Client(verify=_trusted(), timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client:
        for _ in range(REDIRECTS + 1):
            place = target(address)
            request = _request(client, place, access, window, known)
            try:
                answer = _answer(client, request, ends)
            except httpx.HTTPError as error:
                raise _unreachable(error) from error
            if isinstance(answer, Fetched):
                return answer
            address = urljoin(address, answer)
            if urlsplit(address).netloc != place.authority:
                access = Access(access.address)  # a password is for the server it was given for
    raise Unreadable("redirects", "L’adresse renvoie sans fin vers une autre : recopiez-la depuis votre agenda.")


@cache
def _trusted() -> ssl.SSLContext:
    """Reading the authorities takes longer than most pulls."""
    return httpx.create_ssl_context(trust_env=False)


def _request(client: httpx.Client, place: Target, access: Access, window: Window, known: Known) -> httpx.Request:
    headers = {"Host": place.authority, "User-Agent": "Quinze", "Accept-Encoding": "gzip"} | known.headers
    request = {"method": "GET", "content": b"", "headers": headers | {"Accept": "text/calendar, */*;q=0.5"}}
    if window.kind == "caldav":
        headers |= {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}
        question = dav.question(start=window.start, end=window.end)
        request = {"method": "REPORT", "content": question, "headers": headers}
    built = client.build_request(
        url=place.numeric, extensions={"sni_hostname": place.host}, **request  # type: ignore[arg-type]
    )  # fmt: skip
    return next(httpx.BasicAuth(access.user, access.password).auth_flow(built)) if access.user else built


def _answer(client: httpx.Client, request: httpx.Request, ends: float) -> Fetched | str:
    """The calendar, or the address it moved to."""
    response = client.send(request, stream=True)
    try:
        if response.status_code in MOVED and (location := response.headers.get("Location")):
            return str(location)
        if response.status_code == 304:
            return Fetched(None, _known(response))
        if response.status_code not in (200, 207):
            raise _refused(response.status_code)
        return Fetched(_content(response, ends), _known(response))
    finally:
        response.close()


def _content(response: httpx.Response, ends: float) -> bytes:
    """Counted once unpacked: a small file may hide an enormous one."""
    parts, size = [], 0
    for part in _unpacked(response):
        size += len(part)
        if size > LIMIT:
            raise TOO_LARGE
        if time.monotonic() > ends:
            raise Unreadable("timeout", "Le serveur de l’agenda est trop lent à répondre.")
        parts.append(part)
    return b"".join(parts)


def _unpacked(response: httpx.Response) -> Iterator[bytes]:
    coding = response.headers.get("Content-Encoding", "identity").lower()
    if coding == "identity":
        yield from response.iter_raw(65_536)
        return
    if coding not in ("gzip", "deflate"):
        raise Unreadable("coding", "Le serveur de l’agenda répond dans un format inconnu.")
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        for packed in response.iter_raw(65_536):
            yield inflate.decompress(packed, LIMIT + 1)
            if inflate.unconsumed_tail:
                raise TOO_LARGE
    except zlib.error:
        raise Unreadable("coding", "Le serveur de l’agenda répond dans un format inconnu.") from None


def _known(response: httpx.Response) -> Known:
    etag, modified = response.headers.get("ETag", ""), response.headers.get("Last-Modified", "")
    return Known(etag if len(etag) <= 200 else "", modified if len(modified) <= 60 else "")


def _refused(status: int) -> Unreadable:
    said = STATUS.get(status, f"Le serveur de l’agenda répond par une erreur ({status}).")
    return Unreadable(f"http_{status}", said)


def _unreachable(error: httpx.HTTPError) -> Unreadable:
    if isinstance(error, httpx.TimeoutException):
        return Unreadable("timeout", "Le serveur de l’agenda est trop lent à répondre.")
    return Unreadable("unreachable", "Le serveur de l’agenda ne répond pas, ou coupe la communication.")
