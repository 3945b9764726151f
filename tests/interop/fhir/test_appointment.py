"""An Appointment of INT_R03: read, refused with every fault, written, and read again the same."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quinze.interop.fhir import appointment
from quinze.interop.fhir.appointment import NATIONAL, PROFESSIONALS, SOS, STATUSES, TECHNICAL, Rdv
from quinze.interop.fhir.facts import PROFILES
from quinze.interop.fhir.faults import Faulty
from tests.interop.fhir.conformance import OFFICIAL, VERSIONS, assert_conformant
from tests.interop.fhir.test_regulator import LEFT_OUT, identifier

OPERATOR = "http://interopsante.org/fhir/StructureDefinition/FrAppointmentOperator"
EDITOR, KEY = "urn:oid:1.1.111.1.11.1.1.1", "b6e39355-8a61-4556-b340-36f7b95fec6a"
CARD, RPPS = "3456780581/11242343", "810002673899"


def operator(value: str = CARD, system: str = NATIONAL, code: str = "IDNPS") -> dict[str, Any]:
    return {"url": OPERATOR, "valueReference": {"identifier": identifier(system, value, code)}}


def participant(value: str = RPPS, status: str = "accepted") -> dict[str, Any]:
    return {"actor": {"identifier": identifier(value=value)}, "status": status}


def sound(**changes: Any) -> dict[str, Any]:
    resource = {
        "resourceType": "Appointment",
        "meta": {"profile": [PROFILES[PROFESSIONALS]]},
        "extension": [operator()],
        "identifier": [{"system": EDITOR, "value": KEY}],
        "status": "booked",
        "start": "2026-11-17T14:00:00+01:00",
        "end": "2026-11-17T14:15:00+01:00",
        "participant": [participant()],
    }
    return {name: value for name, value in (resource | changes).items() if value is not LEFT_OUT}


def faults(resource: Any) -> set[tuple[int, str]]:
    with pytest.raises(Faulty) as found:
        appointment.read(resource)
    assert all(fault.says for fault in found.value.faults)
    return {(fault.status, fault.where) for fault in found.value.faults}


def test_a_sound_appointment_is_read() -> None:
    assert appointment.read(sound(created="2026-11-17T10:00:00.123+01:00")) == Rdv(
        system=EDITOR,
        value=KEY,
        status="booked",
        start=datetime(2026, 11, 17, 13, tzinfo=UTC),
        end=datetime(2026, 11, 17, 13, 15, tzinfo=UTC),
        operator_system=NATIONAL,
        operator=CARD,
        practitioner=RPPS,
        created=datetime(2026, 11, 17, 9, 0, 0, 123000, tzinfo=UTC),
    )


def test_an_association_may_not_know_yet_who_comes() -> None:
    waiting = {"type": [{"coding": [{"code": "ADM"}]}], "status": "needs-action"}
    found = appointment.read(sound(meta={"profile": [PROFILES[SOS]]}, status="pending", participant=[waiting]))
    assert (found.profile, found.status, found.practitioner, found.is_accepted) == (SOS, "pending", "", False)


@pytest.mark.parametrize(
    "changes",
    [
        {"meta": LEFT_OUT},
        {"meta": {"profile": ["http://interopsante.org/fhir/StructureDefinition/FrAppointmentSAS"]}},
        {"comment": "vu le matin", "description": "nobody reads it", "text": {"status": "generated"}},
        {"created": "2026-11-17"},
        {"extension": [operator(), {"url": "http://exemple.test/autre", "valueString": "x"}]},
        {"extension": [operator("1EF1C748-01A3-6180-B098-73283CE4E5B1", TECHNICAL, "INTRN")]},
        {"participant": [participant(), {"type": [{"text": "secrétariat"}], "status": "accepted"}]},
    ],
)
def test_what_others_add_is_no_reason_to_refuse(changes: dict[str, Any]) -> None:
    assert appointment.read(sound(**changes)).value == KEY


ONE = [
    ({"resourceType": "Slot"}, (400, "resourceType")),
    ({"extension": LEFT_OUT}, (400, "Appointment.extension")),
    ({"extension": [operator(), operator()]}, (400, "Appointment.extension")),
    ({"extension": [{"url": OPERATOR, "valueString": "x"}]}, (400, "Appointment.extension")),
    (
        {"extension": [operator(system="urn:oid:1.2.3")]},
        (422, "Appointment.extension.valueReference.identifier.system"),
    ),
    ({"extension": [operator(code="INTRN")]}, (400, "Appointment.extension.valueReference.identifier.type")),
    ({"extension": [operator("pas une carte")]}, (422, "Appointment.extension.valueReference.identifier.value")),
    ({"identifier": LEFT_OUT}, (400, "Appointment.identifier")),
    ({"identifier": [{"value": KEY}]}, (400, "Appointment.identifier[0].system")),
    ({"identifier": [{"system": EDITOR}]}, (400, "Appointment.identifier[0].value")),
    ({"identifier": [{"system": EDITOR, "value": "x" * 200}]}, (400, "Appointment.identifier[0].value")),
    ({"identifier": [{"system": EDITOR, "value": KEY}] * 2}, (400, "Appointment.identifier")),
    ({"status": LEFT_OUT}, (400, "Appointment.status")),
    ({"status": "confirmed"}, (400, "Appointment.status")),
    ({"status": ["booked"]}, (400, "Appointment.status")),
    ({"status": "waitlist"}, (422, "Appointment.status")),
    ({"start": LEFT_OUT}, (400, "Appointment.start")),
    ({"start": "2026-11-17T14:00:00"}, (400, "Appointment.start")),
    ({"start": "2026-02-30T14:00:00+01:00"}, (400, "Appointment.start")),
    ({"start": "0001-01-01T00:00:00+14:00"}, (422, "Appointment.start")),
    ({"end": LEFT_OUT}, (400, "Appointment.end")),
    ({"end": "2026-11-17T14:00:00+01:00"}, (422, "Appointment.end")),
    ({"end": "2026-11-19T14:00:00+01:00"}, (422, "Appointment.end")),
    ({"participant": LEFT_OUT}, (400, "Appointment.participant")),
    ({"participant": [{"status": "accepted"}]}, (400, "Appointment.participant[0]")),
    ({"participant": [participant(status="declined")]}, (400, "Appointment.participant[0].status")),
    ({"participant": [participant("12")]}, (422, "Appointment.participant[0].actor.identifier.value")),
    ({"participant": [participant(), participant("810002673900")]}, (422, "Appointment.participant")),
    (
        {"participant": [{"actor": {"identifier": identifier("urn:oid:1.2")}, "status": "accepted"}]},
        (422, "Appointment.participant[0].actor.identifier.system"),
    ),
    (
        {"participant": [{"actor": {"reference": "Patient/12"}, "status": "accepted"}]},
        (422, "Appointment.participant[0].actor"),
    ),
    ({"modifierExtension": [{"url": "x"}]}, (400, "Appointment")),
    ({"patient": "x"}, (400, "Appointment.patient")),
]


@pytest.mark.parametrize(("changes", "fault"), ONE)
def test_each_fault_is_said_with_its_place(changes: dict[str, Any], fault: tuple[int, str]) -> None:
    assert faults(sound(**changes)) == {fault}


def test_all_faults_are_said_at_once() -> None:
    assert len(faults(sound(status=LEFT_OUT, start="demain", participant=[], extension=[]))) == 4


@pytest.mark.parametrize("text", ["", "x", "|x", "x|", f"{EDITOR}|{'x' * 200}"])
def test_a_key_that_is_none(text: str) -> None:
    with pytest.raises(Faulty):
        appointment.read_key(text)


TEXTS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=30)
INSTANTS = st.integers(1_000_000_000, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
CARDS = st.from_regex(
    r"8[0-9]{11}|0[0-9A-Z]{9}|[0-9][0-9A-Z]{8,14}/[0-9A-Za-z]{1,24}",
    fullmatch=True,
    alphabet=st.characters(codec="ascii"),
)
RDVS = st.builds(
    lambda of, start, minutes, operator: Rdv(
        start=start, end=start + timedelta(minutes=minutes), operator_system=operator[0], operator=operator[1], **of
    ),
    st.fixed_dictionaries(
        {
            "system": TEXTS.map(lambda text: f"https://{text}.test/rdv"),
            "value": TEXTS,
            "status": st.sampled_from(STATUSES),
            "practitioner": st.just("") | CARDS,
            "is_accepted": st.booleans(),
            "created": st.none() | INSTANTS,
            "profile": st.sampled_from([PROFESSIONALS, SOS]),
        }
    ),
    INSTANTS,
    st.integers(1, 24 * 60),
    st.tuples(st.just(NATIONAL), CARDS) | st.tuples(st.just(TECHNICAL), st.uuids().map(str)),
)


@settings(max_examples=60, deadline=None)
@given(RDVS, st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Martinique"]))
def test_what_is_written_reads_back_the_same(rdv: Rdv, zone: str) -> None:
    assert appointment.read(json.loads(json.dumps(appointment.write(rdv, zone=zone, key="12")))) == rdv


@pytest.mark.reference
@settings(max_examples=25, deadline=None)
@given(RDVS)
def test_whatever_is_written_conforms_to_its_profile(rdv: Rdv) -> None:
    newest = not rdv.is_accepted and rdv.profile == PROFESSIONALS  # a status that only 1.2.0 has
    assert_conformant(appointment.write(rdv), PROFILES[rdv.profile], versions=VERSIONS[1:] if newest else VERSIONS)


@settings(max_examples=50, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inside: (
            st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from([*sound(), "url", "system"]), inside)
        ),
        max_leaves=12,
    )
)
def test_no_garbage_is_more_than_a_fault(garbage: Any) -> None:
    for resource in (
        sound(participant=garbage, extension=garbage),
        sound(**garbage) if isinstance(garbage, dict) else {},
    ):
        with suppress(Faulty):
            appointment.read(resource)


@pytest.mark.reference
@pytest.mark.parametrize("version", VERSIONS)
def test_official_examples_are_read_and_written_back_conformant(version: str) -> None:
    files = sorted((OFFICIAL / "examples" / f"v{version}").glob("Appointment-*.json"))
    if not files:
        pytest.skip("the official examples are not beside this checkout")
    for file in files:
        rdv = appointment.read(json.loads(file.read_text(encoding="utf-8")))
        assert appointment.read(appointment.write(rdv)) == rdv
        assert_conformant(appointment.write(rdv), PROFILES[rdv.profile], versions=(version,))


def test_the_offset_of_a_place_is_written() -> None:
    rdv = appointment.read(sound())
    assert appointment.write(rdv, zone="Indian/Reunion")["start"] == "2026-11-17T17:00:00.000+04:00"
    assert rdv.start.utcoffset() == timezone(timedelta(hours=1)).utcoffset(None)
