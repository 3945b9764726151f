"""Bundle: everything that answers one search, in one piece: its profiles leave no room for a next page."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from django.conf import settings

from quinze.interop.fhir.facts import Resource, meta, text

INCLUDE, MATCH = "include", "match"
KEPT = "!$&'()*+,;=:@/?%~-._"  # of a query, besides letters and digits


def base() -> str:
    """Of this server as the others reach it: from the settings, never from what a request says."""
    url: str = settings.QUINZE_PUBLIC_URL
    return f"{url.rstrip('/')}/fhir"


def entry(resource: Resource, mode: str, *, of: str) -> str:
    found = {"fullUrl": f"{of}/{resource['resourceType']}/{resource['id']}", "resource": resource}
    return text(found | {"search": {"mode": mode}})


def bundle(profile: str, entries: Sequence[str], *, total: int, asked: str) -> str:
    """`entries` are text already. An empty one claims no profile: two of the three profiles ask four entries."""
    head: Resource = {"resourceType": "Bundle"} | ({"meta": meta(profile)} if entries else {})
    head |= {"type": "searchset", "total": total, "link": [{"relation": "self", "url": asked}]}
    body = f',"entry":[{",".join(entries)}]' if entries else ""
    return f"{text(head)[:-1]}{body}}}"


def self_link(of: str, kind: str, query: str) -> str:
    """As it was asked; what no address holds is escaped."""
    return f"{of}/{kind}?{quote(query, safe=KEPT)}"


def entries(resources: Iterable[Resource], mode: str, *, of: str) -> list[str]:
    return [entry(resource, mode, of=of) for resource in resources]
