"""The rules that the definitions state in FHIRPath, each written once in Python.

A test asks that every rule of the packages given is here or in UNCHECKED, with the reason.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

Json = dict[str, Any]

UNCHECKED = {
    "ele-1": "the walker refuses empty values itself",
    "ref-1": "the walker resolves contained references itself",
    "ext-1": "checked below for extensions; on other elements it says nothing more",
    "dom-3": "a contained resource nobody refers to harms no reader",
    "bdl-3": "batch and transaction Bundles are not exchanged",
    "bdl-4": "batch and transaction Bundles are not exchanged",
    "bdl-9": "documents are not exchanged",
    "bdl-10": "documents are not exchanged",
    "bdl-11": "documents are not exchanged",
    "bdl-12": "messages are not exchanged",
}


def _ordered(period: Json) -> bool:
    try:
        return datetime.fromisoformat(period["start"]) <= datetime.fromisoformat(period["end"])
    except (KeyError, TypeError, ValueError):
        return True  # absent, or a fault of form said elsewhere


def _distinct(bundle: Json) -> bool:
    keys = [
        (entry["fullUrl"], entry.get("resource", {}).get("meta", {}).get("versionId"))
        for entry in bundle.get("entry", ())
        if "fullUrl" in entry
    ]
    return len(keys) == len(set(keys))


def _value_matches(pattern: str) -> Callable[[Json], bool]:
    return lambda identifier: bool(re.search(pattern, str(identifier.get("value", ""))))


def _not_home(value: Json) -> bool:
    return value.get("use") != "home"


CHECKS: dict[str, Callable[[Json], bool]] = {
    "app-1": lambda participant: "type" in participant or "actor" in participant,
    "app-2": lambda appointment: ("start" in appointment) == ("end" in appointment),
    "app-3": lambda appointment: (
        ("start" in appointment and "end" in appointment)
        or appointment.get("status") in {"proposed", "cancelled", "waitlist"}
    ),
    "app-4": lambda appointment: (
        "cancelationReason" not in appointment or appointment.get("status") in {"no-show", "cancelled"}
    ),
    "att-1": lambda attachment: "data" not in attachment or "contentType" in attachment,
    "bdl-1": lambda bundle: "total" not in bundle or bundle.get("type") in {"searchset", "history"},
    "bdl-2": lambda bundle: (
        bundle.get("type") == "searchset" or not any("search" in entry for entry in bundle.get("entry", ()))
    ),
    "bdl-5": lambda entry: bool({"resource", "request", "response"} & entry.keys()),
    "bdl-7": _distinct,
    "bdl-8": lambda entry: "/_history/" not in entry.get("fullUrl", ""),
    "cpt-2": lambda contact: "value" not in contact or "system" in contact,
    "dom-2": lambda resource: not any("contained" in one for one in resource.get("contained", ())),
    "dom-4": lambda resource: (
        not any({"versionId", "lastUpdated"} & one.get("meta", {}).keys() for one in resource.get("contained", ()))
    ),
    "dom-5": lambda resource: not any("security" in one.get("meta", {}) for one in resource.get("contained", ())),
    "org-1": lambda organization: "identifier" in organization or "name" in organization,
    "org-2": _not_home,
    "org-3": _not_home,
    "per-1": _ordered,
    "FINESS-invariant": _value_matches(r"^1[0-9]{9}$"),
    "SIRET-invariant": _value_matches(r"^3[0-9]{14}$"),
}


def broken(keys: tuple[str, ...], value: Json) -> list[str]:
    """The rules among `keys` that a value breaks."""
    return [key for key in keys if key in CHECKS and not CHECKS[key](value)]
