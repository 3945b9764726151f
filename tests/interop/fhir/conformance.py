"""What tests of the FHIR flows ask of the official packages: `assert_conformant(resource, profile)`."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.interop.fhir.definitions import Definitions
from tests.interop.fhir.walker import Fault, faults

OFFICIAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "fhir"
VERSIONS = ("1.1.0", "1.2.0")


@cache
def definitions(version: str) -> Definitions:
    """The package of one version over the base of R4; skips the test where the official files are absent."""
    folder = OFFICIAL / f"ig-{version}"
    if not folder.exists():
        pytest.skip("the official FHIR packages are not beside this checkout")
    return Definitions(OFFICIAL / "r4_base", folder)


def faults_of(resource: dict[str, Any], profile: str | None = None, *, version: str) -> list[Fault]:
    return faults(definitions(version), resource, profile)


def assert_conformant(
    resource: dict[str, Any], profile: str | None = None, *, versions: tuple[str, ...] = VERSIONS
) -> None:
    """A resource breaks nothing of a profile (the canonical URL; by default those it declares), in both versions.

    A test that calls it is marked `reference`.
    """
    found = [f"{version} {fault}" for version in versions for fault in faults_of(resource, profile, version=version)]
    assert not found, "\n".join(found)
