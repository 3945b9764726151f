"""Our file of facts says what both official packages say."""

import json

import pytest

from quinze.interop.fhir.facts import CODES, EXTENSIONS, IDENTIFIERS, PROFILES, SYSTEMS
from tests.interop.fhir.conformance import OFFICIAL, VERSIONS

pytestmark = pytest.mark.reference


@pytest.fixture(params=VERSIONS)
def package(request: pytest.FixtureRequest) -> list[str]:
    """The text of each file of one version, examples included."""
    folder = OFFICIAL / f"ig-{request.param}"
    if not folder.exists():
        pytest.skip("the official FHIR packages are not beside this checkout")
    return [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.json"))]


def test_every_profile_is_defined_by_the_package(package: list[str]) -> None:
    definitions = [json.loads(text) for text in package if '"StructureDefinition"' in text]
    known = {each["url"] for each in definitions if each.get("resourceType") == "StructureDefinition"}
    assert set(PROFILES.values()) - known == set()


def test_every_system_is_written_in_the_package(package: list[str]) -> None:
    text = "\n".join(package)
    only_1_2 = {SYSTEMS["identifier_type_1_2"]}
    written = {*SYSTEMS.values(), *EXTENSIONS.values(), *IDENTIFIERS.values()} - only_1_2
    assert {each for each in written if each not in text} == set()
    assert f'"{CODES["cpts"]}"' in text


def test_the_second_type_of_a_structure_is_the_one_of_1_2() -> None:
    file = OFFICIAL / "ig-1.2.0" / "StructureDefinition-sas-cpts-organization-aggregator.json"
    if not file.exists():
        pytest.skip("the official FHIR packages are not beside this checkout")
    assert SYSTEMS["identifier_type_1_2"] in file.read_text(encoding="utf-8")
