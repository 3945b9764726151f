"""Which addresses may be fetched for a doctor: public ones over https; loopback too, outside production.

A name is resolved once, every answer is judged, and the connection goes to the very number that was judged: a name that
changes its answer between the check and the connection gains nothing.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from django.conf import settings

from quinze.interop.calendars.sealing import Access
from quinze.interop.calendars.text import Unreadable

LONGEST = 2000
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
FORBIDDEN = Unreadable("forbidden", "Cette adresse n’est pas celle d’un agenda public : Quinze ne l’ouvre pas.")
MALFORMED = Unreadable("address", "Cette adresse n’est pas complète : elle commence par https:// ou webcal://.")


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be fetched, and the number to connect to."""

    url: SplitResult
    ip: Ip

    @property
    def host(self) -> str:
        return self.url.hostname or ""

    @property
    def authority(self) -> str:
        return self.url.netloc.rpartition("@")[2]

    @property
    def numeric(self) -> str:
        """The same address, by number; the name goes in the Host header and in the TLS handshake."""
        literal = f"[{self.ip}]" if self.ip.version == 6 else str(self.ip)
        netloc = f"{literal}:{self.url.port}" if self.url.port else literal
        return urlunsplit((self.url.scheme, netloc, self.url.path or "/", self.url.query, ""))


def understood(address: str, *, user: str = "", password: str = "") -> Access:
    """What a person pasted, in one form: webcal is https, and a name in the address is the user's."""
    text = address.strip()
    if len(text) > LONGEST or any(sign.isspace() or not sign.isprintable() for sign in text):
        raise MALFORMED
    if text.lower().startswith(("webcal://", "webcals://")):
        text = "https://" + text.partition("://")[2]
    url = _split(text)
    bare = urlunsplit((url.scheme, url.netloc.rpartition("@")[2], url.path or "/", url.query, ""))
    return Access(bare, user or unquote(url.username or ""), password or unquote(url.password or ""))


def host_of(address: str) -> str:
    return _split(address).hostname or ""


def target(address: str) -> Target:
    """Raises Unreadable when the address is not one that may be fetched, or is not found."""
    url = _split(address)
    host, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
    found = _resolved(host, port)
    if url.scheme == "http" and not all(ip.is_loopback for ip in found):
        raise Unreadable("plain", "L’adresse commence par http:// : demandez à votre agenda celle en https://.")
    if not all(_may_reach(ip) for ip in found):
        raise FORBIDDEN
    return Target(url, found[0])


def _split(address: str) -> SplitResult:
    try:
        url = urlsplit(address)
        host, _ = url.hostname, url.port
    except ValueError:
        raise MALFORMED from None
    if url.scheme not in ("https", "http") or not host:
        raise MALFORMED
    return url


def _resolved(host: str, port: int) -> list[Ip]:
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreadable("unknown_host", f"Le serveur « {host[:80]} » est introuvable.") from None
    return [_plain(ipaddress.ip_address(str(answer[4][0]).partition("%")[0])) for answer in answers]


def _plain(ip: Ip) -> Ip:
    """An IPv4 address written as IPv6 is judged as what it is."""
    mapped = ip.ipv4_mapped or ip.sixtofour if isinstance(ip, ipaddress.IPv6Address) else None
    return mapped or ip


def _may_reach(ip: Ip) -> bool:
    if ip.is_loopback:
        return settings.INSECURE
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)
