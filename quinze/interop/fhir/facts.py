"""Systems, profiles and codes of the official guide, read once from our own file of facts."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

_FACTS: dict[str, Any] = json.loads((Path(__file__).parent / "facts.json").read_text(encoding="utf-8"))
IDENTIFIERS: dict[str, str] = _FACTS["identifiers"]
SYSTEMS: dict[str, str] = _FACTS["systems"]
PROFILES: dict[str, str] = _FACTS["profiles"]
EXTENSIONS: dict[str, str] = _FACTS["extensions"]
CODES: dict[str, str] = _FACTS["codes"]
Resource = dict[str, Any]
octets = orjson.dumps  # UTF-8, as it leaves


def concept(system: str, code: str) -> Resource:
    """A CodeableConcept of one coding; `system` is a name of our file."""
    return {"coding": [{"system": SYSTEMS[system], "code": code}]}


def identifier(system: str, value: str, *types: tuple[str, str]) -> Resource:
    """Always type, system and value. Two types where the versions of the guide contradict each other."""
    return {"type": _type(types), "system": system, "value": value}


@lru_cache(maxsize=64)
def _type(types: tuple[tuple[str, str], ...]) -> Resource:
    return {"coding": [{"system": SYSTEMS[name], "code": code} for name, code in types]}


def reference(kind: str, key: str) -> Resource:
    """Relative, as both packages and the platform want it."""
    return {"reference": f"{kind}/{key}"}


def meta(profile: str) -> Resource:
    return {"profile": [PROFILES[profile]]}
