"""The walker gives the verdicts of the official validator on the official examples, and sees single faults."""

from copy import deepcopy
from typing import Any

import pytest

from tests.interop.fhir import invariants
from tests.interop.fhir.conformance import VERSIONS, assert_conformant, definitions, faults_of
from tests.interop.fhir.verdicts import examples, matched, verdicts

pytestmark = pytest.mark.reference
REFUSED = {"Bundle-ExampleBundlePSIndiv", "Slot-ExampleSlotPSIndiv3", "Slot-ExampleSlotPSIndiv5"}
REGULATOR = "Practitioner-ExamplePractitionerRegul"
PRACTITIONER = "https://interop.esante.gouv.fr/ig/fhir/sas/StructureDefinition/FrPractitionerRegul"

Json = dict[str, Any]


@pytest.mark.parametrize(("version", "accepted", "total"), [("1.1.0", 41, 41), ("1.2.0", 42, 45)])
def test_the_official_verdict_on_every_official_example(version: str, accepted: int, total: int) -> None:
    found = verdicts(version)
    assert {name for name, (ours, theirs) in found.items() if ours != theirs} == set()
    assert (sum(ours for ours, _ in found.values()), len(found)) == (accepted, total)


def test_the_figure_of_the_benchmark_counts_both_versions() -> None:
    for version in VERSIONS:
        definitions(version)  # or skips
    assert matched() == 86


def test_the_three_examples_refused_have_a_specialty_without_a_code() -> None:
    refused = {name: faults_of(one, version="1.2.0") for name, one in examples("1.2.0").items()}
    refused = {name: found for name, found in refused.items() if found}
    assert refused.keys() == REFUSED
    assert all(fault.code == "binding" and "specialty" in fault.path for found in refused.values() for fault in found)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_invariant_of_the_packages_is_written_or_set_aside_with_a_reason(version: str) -> None:
    known = definitions(version)
    stated = {
        rule["key"]
        for structure in known.structures.values()
        if "sas" in structure["url"]
        for element in structure["snapshot"]["element"]
        for rule in element.get("constraint", ())
        if rule["severity"] == "error"
    }
    assert stated - invariants.CHECKS.keys() - invariants.UNCHECKED.keys() == set()
    assert {"SIRET-invariant", "FINESS-invariant", "app-3"} <= stated


# ---- one fault at a time

LEFT_OUT = object()
MUTANTS: list[tuple[str, str, str, Any]] = [
    # code of the fault, example of 1.2.0, place, what is put there
    ("min", "Slot-ExampleSlotPSIndiv1", "start", LEFT_OUT),
    ("min", "Slot-ExampleSlotPSIndiv1", "schedule", LEFT_OUT),
    ("fixed", "Slot-ExampleSlotPSIndiv1", "status", "busy"),
    ("datatype", "Slot-ExampleSlotPSIndiv1", "start", "2021-11-05 09:00"),
    ("datatype", "Slot-ExampleSlotPSIndiv1", "end", "2021-11-05T09:30:00.000"),
    ("binding", "Slot-ExampleSlotPSIndiv1", "meta.security.0.code", "PRIVE"),
    ("binding", "Slot-ExampleSlotPSIndiv1", "specialty.0", {"text": "Médecine générale"}),
    ("binding", "Slot-ExampleSlotPSIndiv1", "specialty.0.coding.0.system", "urn:oid:1.2.3"),
    ("binding", "Slot-ExampleSlotPSIndiv1", "serviceType.0.coding.0.code", "CABINET"),
    ("unknown", "Slot-ExampleSlotPSIndiv1", "price", 25),
    ("shape", "Slot-ExampleSlotPSIndiv1", "serviceType", {"text": "Suivi"}),
    ("shape", "Slot-ExampleSlotPSIndiv1", "comment", ["https://exemple.com"]),
    ("empty", "Slot-ExampleSlotPSIndiv1", "comment", ""),
    ("pattern", "Slot-ExampleSlotCPTS1", "status", "busy"),
    ("min", "Slot-ExampleSlotCPTS1", "serviceType.1.extension", LEFT_OUT),
    ("max", "Schedule-ExampleSchedule1", "serviceType", [{"text": "Suivi"}]),
    ("min", "Schedule-ExampleSchedule1", "actor", LEFT_OUT),
    ("pattern", "Practitioner-ExamplePractitioner", "identifier.0.type.coding.0.code", "RPPS"),
    ("pattern", "Practitioner-ExamplePractitioner", "identifier.0.system", "urn:oid:1.2.250.1.71.4.2.2"),
    ("min", "Practitioner-ExamplePractitioner", "identifier", LEFT_OUT),
    ("min", "PractitionerRole-ExamplePractitionerRoleAgregateur", "contained.0.address.city", LEFT_OUT),
    ("reference", "PractitionerRole-ExamplePractitionerRoleAgregateur", "location.0.reference", "#Elsewhere"),
    ("reference", "PractitionerRole-ExamplePractitionerRoleAgregateur", "location.0.reference", "Location/1"),
    ("invariant", "Organization-ExampleOrgaCPTS1", "identifier.0.value", "950047225"),
    ("invariant", "Organization-ExampleOrgaSOS1", "identifier.0.value", "34173748400020"),
    ("length", "Location-1111111111", "address.postalCode", "357000"),
    ("min", "Location-1111111111", "managingOrganization", LEFT_OUT),
    ("min", "HealthcareService-ExampleHealthcareServiceCPTS1", "providedBy", LEFT_OUT),
    ("min", "Appointment-1", "extension", LEFT_OUT),
    ("binding", "Appointment-1", "participant.0.status", "declined"),
    ("invariant", "Appointment-1", "participant.0.actor", LEFT_OUT),
    ("invariant", "Appointment-1", "end", LEFT_OUT),
    ("binding", "Appointment-12345678", "extension.0.valueReference.identifier.type.coding.0.code", "RPPS"),
    ("min", "Bundle-ExampleBundleCPTS1", "total", LEFT_OUT),
    ("min", "Bundle-ExampleBundleCPTS1", "entry.0.fullUrl", LEFT_OUT),
    ("pattern", "Bundle-ExampleBundleCPTS1", "entry.2.resource.identifier.0.system", "urn:oid:1.2.3"),
    ("pattern", "Bundle-ExampleBundleCPTS1", "type", "collection"),
    ("min", REGULATOR + "1", "active", LEFT_OUT),
    ("min", REGULATOR + "1", "name.0.family", LEFT_OUT),
    ("min", REGULATOR + "1", "identifier.0.value", LEFT_OUT),
    ("pattern", REGULATOR + "1", "identifier.0.type.coding.0.code", "INTRN"),
    ("pattern", REGULATOR + "1", "meta.source", "urn:oid:1.2.3"),
    ("datatype", REGULATOR + "1", "active", "true"),
]


def put(resource: Json, place: str, value: Any) -> None:
    *steps, last = (int(step) if step.isdigit() else step for step in place.split("."))
    here: Any = resource
    for step in steps:
        here = here[step]
    if value is LEFT_OUT:
        del here[last]
    else:
        here[last] = value


@pytest.mark.parametrize(("code", "name", "place", "value"), MUTANTS)
def test_a_single_fault_is_seen(code: str, name: str, place: str, value: Any) -> None:
    sound = examples("1.2.0")[name]
    mutant = deepcopy(sound)
    put(mutant, place, value)
    assert faults_of(sound, version="1.2.0") == []
    assert code in {fault.code for fault in faults_of(mutant, version="1.2.0")}


def test_a_second_national_identifier_is_one_too_many() -> None:
    """A slice that allows one value counts those that belong to it, not the whole list."""
    regulator = deepcopy(examples("1.2.0")[REGULATOR + "1"])
    other = deepcopy(regulator["identifier"][0])
    other["value"] = "810002673899"
    regulator["identifier"].append(other)
    assert {fault.code for fault in faults_of(regulator, version="1.2.0")} == {"max"}


def test_what_is_asserted_of_a_sound_resource_fails_on_a_faulty_one() -> None:
    regulator = examples("1.2.0")[REGULATOR + "1"]
    assert_conformant(regulator, PRACTITIONER)
    with pytest.raises(AssertionError, match=r"1\.1\.0 Practitioner\.active"):
        assert_conformant({**regulator, "active": 1}, PRACTITIONER)
    with pytest.raises(AssertionError, match="is not in the package"):
        assert_conformant(regulator, "https://example.org/nobody")
