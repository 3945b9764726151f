"""Bundle: everything that answers one search, in one piece: its profiles leave no room for a next page."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from django.conf import settings

from quinze.interop.fhir.facts import Resource, meta, octets

INCLUDE, MATCH = "include", "match"
KEPT = "!$&'()*+,;=:@/?%~-._"  # of a query, besides letters and digits
_AS_IT_IS = re.compile(rf"[A-Za-z0-9{re.escape(KEPT)}]*", re.ASCII)


def base() -> str:
    """Of this server as the others reach it: from the settings, never from what a request says."""
    url: str = settings.QUINZE_PUBLIC_URL
    return f"{url.rstrip('/')}/fhir"


def entry(resource: Resource, mode: str, *, of: str) -> bytes:
    full_url = f"{of}/{resource['resourceType']}/{resource['id']}"
    return octets({"fullUrl": full_url, "resource": resource, "search": {"mode": mode}})


def bundle(profile: str, entries: Sequence[bytes], *, total: int, asked: str) -> bytes:
    """`entries` are JSON already. An empty one claims no profile: two of the three profiles ask four entries."""
    head: Resource = {"resourceType": "Bundle"} | ({"meta": meta(profile)} if entries else {})
    head |= {"type": "searchset", "total": total, "link": [{"relation": "self", "url": asked}]}
    if not entries:
        return octets(head)
    return b"".join((octets(head)[:-1], b',"entry":[', b",".join(entries), b"]}"))


def self_link(of: str, kind: str, query: str) -> str:
    """As it was asked; what no address holds is escaped."""
    return f"{of}/{kind}?{query if _AS_IT_IS.fullmatch(query) else quote(query, safe=KEPT)}"


def entries(resources: Iterable[Resource], mode: str, *, of: str) -> list[bytes]:
    return [entry(resource, mode, of=of) for resource in resources]
