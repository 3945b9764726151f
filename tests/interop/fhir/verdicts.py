"""The verdicts of the official validator on the official examples, and how many of them are ours too."""

import json
import re
from typing import Any

from tests.interop.fhir.conformance import OFFICIAL, VERSIONS, definitions, faults_of


def examples(version: str) -> dict[str, dict[str, Any]]:
    definitions(version)  # skips where the official files are absent
    folder = OFFICIAL / "examples" / f"v{version}"
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}


def official_errors(version: str) -> dict[str, int]:
    """Errors by example, as each version publishes them."""
    if version == "1.1.0":
        said = (OFFICIAL / "ig-1.1.0" / "other" / "validation-summary.json").read_text(encoding="utf-8")
        return {name.replace("/", "-"): found["errors"] for name, found in json.loads(said).items()}
    text = (OFFICIAL / "ig-1.2.0" / "qa.txt").read_text(encoding="utf-8")
    return {name: int(errors) for name, errors in re.findall(r"/resources/(\S+) : (\d+) / \d+ / \d+", text)}


def verdicts(version: str) -> dict[str, tuple[bool, bool]]:
    """By example: accepted by us, accepted by the official validator."""
    found = examples(version).items()  # first: it skips where there is nothing to read
    theirs = official_errors(version)
    return {name: (not faults_of(one, version=version), theirs[name] == 0) for name, one in found}


def matched() -> int:
    """Of both versions together; 0 where the official files are not beside this checkout."""
    if not OFFICIAL.exists():
        return 0
    return sum(ours == theirs for version in VERSIONS for ours, theirs in verdicts(version).values())
