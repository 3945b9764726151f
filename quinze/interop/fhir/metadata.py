"""CapabilityStatement: what this server does, said to those who may ask. Made from our own code and kept in a file."""

import json
from functools import cache
from pathlib import Path

from quinze.interop.fhir import bundle
from quinze.interop.fhir.facts import Resource

FILE = Path(__file__).parent / "capability_statement.json"


@cache
def _written() -> Resource:
    found: Resource = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def statement() -> Resource:
    """The committed file, with the address of this installation."""
    return _written() | {"implementation": {"description": "Quinze", "url": bundle.base()}}
