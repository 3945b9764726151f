"""Everything that the agenda sends is valid against the official packages 1.1.0 and 1.2.0 at once."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings

from quinze.availability.models import Audience
from tests.factories import availability as make_offer
from tests.factories import directory as make
from tests.factories.availability import NOW
from tests.interop.fhir.conformance import assert_conformant, faults_of
from tests.interop.fhir.exchange import INCLUDES, SECRET, Answer, get, register, slots, sos_slots

pytestmark = [pytest.mark.django_db, pytest.mark.reference]
SIRET = "34173748400020"
SAS = "https://interop.esante.gouv.fr/ig/fhir/sas/StructureDefinition"


@pytest.fixture(autouse=True)
def _this_morning(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("quinze.base.clock.now", lambda: NOW)
    with override_settings(QUINZE_FHIR_PROXY_SECRET=SECRET, QUINZE_PUBLIC_URL="https://sas.exemple.test"):
        register()
        yield


@pytest.fixture
def doctor() -> str:
    """All that the directory and the agendas may say of one professional, at two places."""
    found = make_offer.effecteur(shows_public_slots=True, shows_pro_slots=True)
    cpts = make.structure("CPTS", "CPTS du Clain", finess="860000017", phone="+33549000001")
    house = make.structure("MSP", "MSP des Tilleuls", finess="860000025")
    found.place.structure = house
    found.place.save()
    bare = make.place(found.professional, make.commune("Vouillé", postal_codes=[]), name="", phones=["", "15"])
    for hour, audience in enumerate([Audience.SNP, Audience.PUBLIC, Audience.PRO, Audience.CPTS], start=8):
        start = NOW.replace(hour=hour)
        make_offer.slot(
            found.place,
            start,
            start + timedelta(minutes=20),
            audience=audience,
            cpts=cpts if audience == Audience.CPTS else None,
            modalities=["AMB", "HH", "VR"],
            kind="plage" if audience == Audience.PRO else "slots",
            specialties=["SM54", "SM40"] if audience == Audience.PUBLIC else ["inconnue"],
            reasons="suture",
        )
    make_offer.slot(bare, NOW.replace(hour=13), NOW.replace(hour=14))
    return f"8{found.professional.rpps}"


def assert_as_the_platform_wants(answer: Answer, *, many: int) -> None:
    """Rules that the profiles do not say."""
    found = answer.of("Slot")
    assert len(found) == answer.json["total"] == many
    for each in found:
        for bound in (each["start"], each["end"]):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", bound)
        assert "?" in each["comment"]
        assert all(specialty["coding"][0]["code"].startswith("SM") for specialty in each["specialty"])
        assert each["specialty"]
    entries = answer.json["entry"]
    known = {f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in entries}
    assert len(known) == len(entries)
    pointed = set(re.findall(r'"reference": "([^#"]+)"', json.dumps(entries)))
    assert pointed
    assert pointed <= known
    assert all(entry["fullUrl"].startswith("https://sas.exemple.test/fhir/") for entry in entries)


def test_slots_of_professionals_are_valid_in_both_versions(doctor: str) -> None:
    answer = slots(doctor, more=f"{INCLUDES}&_include=Slot:service-type-reference")
    assert_conformant(answer.json)
    plain = slots(doctor, more=INCLUDES)
    assert plain.json["meta"] == {"profile": ["http://sas.fr/fhir/StructureDefinition/BundleAgregateur"]}
    assert_conformant(plain.json)


def test_slots_of_a_cpts_are_valid_in_both_versions(doctor: str) -> None:
    answer = slots(doctor)
    assert answer.json["meta"] == {"profile": [f"{SAS}/sas-cpts-bundle-aggregator"]}
    assert_conformant(answer.json)
    assert_as_the_platform_wants(answer, many=5)


def test_slots_of_sos_are_valid_in_both_versions() -> None:
    association = make.structure("SOS", "SOS Médecins de Poitiers", siret=SIRET, phone="+33549000036")
    make.participation(association, make.sas(communes=()))
    point = make.place(association, make.commune("Poitiers"), name="Point fixe")
    for hour in (8, 9):
        make_offer.slot(point, NOW.replace(hour=hour), NOW.replace(hour=hour, minute=20), modalities=["AMB", "VR"])
    make_offer.rule(point)
    answer = sos_slots(f"3{SIRET}")
    assert answer.json["meta"] == {"profile": [f"{SAS}/sas-sos-bundle-aggregator"]}
    assert answer.of("Location")[0]["hoursOfOperation"]
    assert_conformant(answer.json)
    assert_as_the_platform_wants(answer, many=2)


def test_an_empty_answer_a_refusal_and_the_statement_are_valid() -> None:
    for answer in (slots("899999999999"), get("Slot"), get("metadata")):
        assert_conformant(answer.json)


def test_the_judge_of_these_tests_sees_a_fault(doctor: str) -> None:
    answer = slots(doctor).json
    for entry in answer["entry"]:
        if entry["resource"]["resourceType"] == "Organization":
            entry["resource"]["identifier"][0]["type"]["coding"].pop()
    assert faults_of(answer, version="1.2.0")
    assert not faults_of(answer, version="1.1.0")
