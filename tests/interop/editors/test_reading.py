"""The border: anything may come; what is good is kept whole, what is not has a reason, nothing ever breaks."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quinze.interop.editors import fake_agenda as agenda
from quinze.interop.editors.questions import Window
from quinze.interop.editors.reading import REASONS, Reading, Unreadable, read
from quinze.interop.fhir.facts import IDENTIFIERS, SYSTEMS
from tests.factories.orientation import AT
from tests.interop.fhir.conformance import assert_conformant

NUMBER, OF = "810000000017", "https://agendix.exemple/fhir"
HOSTS = ["agendix.exemple"]
WINDOW = Window(AT, AT + timedelta(days=3))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=12), inside, max_size=4),
    max_leaves=12,
)


def doctor(hours: int = 3, **fields: Any) -> agenda.Doctor:
    made = [agenda.Hour(AT + timedelta(hours=each + 1), **fields) for each in range(hours)]
    return agenda.Doctor(NUMBER, "Cormier", "Hélène", "1 rue des Essences", "Poitiers", "86000", made)


def bundle(*doctors: agenda.Doctor) -> dict[str, Any]:
    since, until = WINDOW.since, WINDOW.until
    return agenda.searchset(list(doctors or [doctor()]), of=OF, since=since, until=until, asked=OF)


def taken(said: Any) -> Reading:
    return read(json.dumps(said).encode(), asked=[NUMBER], window=WINDOW, hosts=HOSTS)


@pytest.mark.reference
@pytest.mark.parametrize("identifier", [NUMBER, "312345678901234"])
def test_what_the_simulator_says_is_conformant_to_both_versions(identifier: str) -> None:
    made = doctor()
    made.identifier = identifier
    for entry in bundle(made)["entry"]:
        assert_conformant(entry["resource"])


@pytest.mark.reference
def test_what_the_simulator_says_of_a_cpts_is_conformant_to_both_versions() -> None:
    said = bundle(doctor(1, label="CPTS", cpts=("1860000017", "1860000025")))
    kinds = [entry["resource"]["resourceType"] for entry in said["entry"]]
    assert (kinds.count("HealthcareService"), kinds.count("Organization")) == (2, 2)
    for entry in said["entry"]:
        assert_conformant(entry["resource"])


@pytest.mark.reference
@pytest.mark.parametrize(("identifier", "status"), [(NUMBER, "booked"), ("333417374840001", "pending")])
def test_what_the_simulator_declares_is_conformant_to_both_versions(identifier: str, status: str) -> None:
    made = doctor(1)
    made.identifier = identifier
    regulator = {"type": {"coding": [{"system": SYSTEMS["identifier_type"], "code": "IDNPS"}]},
                 "system": IDENTIFIERS["professional"], "value": "3620100057/70326SR"}  # fmt: skip
    said = agenda.declaration(made, made.hours[0], regulator=regulator, key="rdv-1", created=AT)
    assert said["status"] == status
    assert_conformant(said)


def test_a_slot_is_read_whole() -> None:
    (slot,) = taken(bundle(doctor(1, minutes=20, label="PRO", act="VR"))).offered
    assert (slot.identifier, slot.audience, slot.modalities, slot.is_walkin) == (NUMBER, "PRO", ("VR",), False)
    assert (slot.start, slot.end - slot.start) == (AT + timedelta(hours=1), timedelta(minutes=20))
    assert (slot.where.city, slot.where.postal_code, slot.where.line) == ("Poitiers", "86000", "1 rue des Essences")
    assert slot.specialties == ("SM54",)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("start",), "demain", "hours"),
        (("start",), "2026-13-45T10:00:00.000+01:00", "hours"),
        (("start",), "9999-12-31T23:59:59+01:00", "hours"),
        (("start",), 12, "hours"),
        (("end",), None, "hours"),
        (("status",), "busy", "status"),
        (("meta",), {"security": [{"code": "SNP"}]}, "label"),
        (("meta",), [], "label"),
        (("meta",), {"security": [{"system": SYSTEMS["slot_type"], "code": ["SNP"]}]}, "label"),
        (("serviceType",), [{"coding": [{"system": agenda.ACTS, "code": "IMP"}]}], "modality"),
        (("schedule",), {"reference": "Schedule/autre"}, "owner"),
        (("schedule",), "Schedule/autre", "owner"),
        (("comment",), "http://agendix.exemple/a", "url"),
        (("comment",), "https://agendix.exemple.pirate.test/a", "url"),
        (("comment",), "https://x@agendix.exemple/a", "url"),
        (("comment",), "https://agendix.exemple/a b", "url"),
        (("comment",), "https://agendix.exemple/" + "a" * 600, "url"),
        (("comment",), ["https://agendix.exemple/"], "url"),
    ],
)
def test_one_bad_slot_costs_one_slot(path: tuple[str, ...], value: Any, reason: str) -> None:
    said = bundle()
    said["entry"][1]["resource"][path[0]] = value
    found = taken(said)
    assert (len(found.offered), dict(found.dropped)) == (2, {reason: 1})


def test_a_subdomain_of_the_editor_and_no_address_at_all_are_kept() -> None:
    said = bundle()
    said["entry"][0]["resource"]["comment"] = "https://rdv.agendix.exemple/a?b=c"
    del said["entry"][1]["resource"]["comment"]
    assert [slot.url for slot in taken(said).offered][:2] == ["https://rdv.agendix.exemple/a?b=c", ""]


def test_a_professional_who_was_not_asked_for_is_dropped() -> None:
    other = doctor(2)
    other.identifier = "810000000025"
    found = taken(bundle(doctor(1), other))
    assert (len(found.offered), dict(found.dropped)) == (1, {"owner": 2})


@pytest.mark.parametrize("spelling", ["10000000017", "810000000017"])
def test_an_identifier_without_its_prefix_is_known_again(spelling: str) -> None:
    said = bundle(doctor(1))
    person = next(each["resource"] for each in said["entry"] if each["resource"]["resourceType"] == "Practitioner")
    person["identifier"][0]["value"] = spelling
    assert taken(said).offered[0].identifier == NUMBER


def test_absolute_references_and_hours_of_paris_without_offset_are_read() -> None:
    said = bundle(doctor(1))
    slot = said["entry"][0]["resource"]
    slot["schedule"]["reference"] = f"{OF}/Schedule/{NUMBER}"
    slot["start"], slot["end"] = "2026-11-17T12:00:00", "2026-11-17T12:15:00"
    assert taken(said).offered[0].start == datetime(2026, 11, 17, 11, tzinfo=UTC)


def test_slots_of_sos_are_those_of_the_place_of_an_association() -> None:
    association = doctor(2)
    association.identifier = "312345678901234"
    said = bundle(association)
    found = read(json.dumps(said).encode(), asked=["312345678901234"], window=WINDOW, hosts=HOSTS)
    assert [slot.identifier for slot in found.offered] == ["312345678901234"] * 2
    assert found.offered[0].where.numbers == frozenset(["312345678901234"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2 * 24 * 60), st.integers(5, 120), st.sampled_from(["SNP", "PRO", "PUBLIC"]),
            st.sampled_from(["AMB", "HH", "VR"]),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_what_an_agenda_says_comes_back_as_it_was(told: list[tuple[int, int, str, str]]) -> None:
    made = doctor(0)
    made.hours = [agenda.Hour(AT + timedelta(minutes=after), lasts, label, act) for after, lasts, label, act in told]
    found = taken(bundle(made))
    back = [((s.start - AT).total_seconds() / 60, (s.end - s.start).total_seconds() / 60, s.audience, *s.modalities)
            for s in found.offered]  # fmt: skip
    assert back == [(float(after), float(lasts), label, act) for after, lasts, label, act in told]
    assert not found.dropped


def _keys(value: Any) -> list[Any]:
    return list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_element_replaced_by_anything_never_breaks_the_reading(data: st.DataObject) -> None:
    said = bundle()
    entry = data.draw(st.sampled_from(said["entry"]))
    inside, name = entry, "resource"
    for _ in range(data.draw(st.integers(0, 4))):
        keys = _keys(inside[name])
        if not keys:
            break
        inside, name = inside[name], data.draw(st.sampled_from(keys))
    inside[name] = data.draw(json_values)
    found = taken(said)
    assert len(found.offered) <= 3
    assert len(found.offered) + found.dropped.total() in (2, 3, 4)
    assert set(found.dropped) <= set(REASONS)


@settings(max_examples=100, deadline=None)
@given(json_values | st.binary(max_size=60))
def test_what_is_no_bundle_is_unreadable(said: Any) -> None:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    with pytest.raises(Unreadable):
        read(body, asked=[NUMBER], window=WINDOW, hosts=HOSTS)
