"""What is not as specified is refused with the name of the parameter; nothing is guessed."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quinze.interop.fhir.http import Problem
from quinze.interop.fhir.parameters import SCHEDULE, SLOT, read

WHO = "schedule.actor:Practitioner.identifier"
ONE = "urn:oid:1.2.250.1.71.4.2.1|810002909371"
GOOD = f"start=ge2026-11-22T14:00:00.000%2B01:00&start=le2026-11-24T23:59:59.999%2B01:00&status=free&{WHO}={ONE}"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def asked(start: str = "ge2026-11-22T13:00:00.000+01:00", end: str = "le2026-11-25T13:00:00.000+01:00") -> str:
    return f"start={start}&start={end}&status=free&{WHO}={ONE}"


def test_the_request_of_the_guide_is_read() -> None:
    found = read(
        "_include=Slot:schedule&_include:iterate=Schedule:actor&_include=Slot:service-type-reference"
        f"&_include:iterate=HealthcareService:organization&{GOOD},urn:oid:1.2.250.1.71.4.2.1%7C0861234567&_count=1000",
        SLOT,
    )
    assert found.start == datetime(2026, 11, 22, 13, tzinfo=UTC)
    assert found.identifiers == ("810002909371", "0861234567")
    assert found.wants == {"Schedule", "actor", "HealthcareService", "Organization"}


@pytest.mark.parametrize(
    "written",
    ["2026-11-22T13:00:00.000+01:00", "2026-11-22T13:00:00.000%2B01:00", "2026-11-22T13:00:00", "2026-11-22T12:00:00Z",
     "2026-11-22T12:00:00.000+00:00", "2026-11-22T13:00"],
)  # fmt: skip
def test_an_instant_is_read_in_every_spelling_and_without_offset_in_paris(written: str) -> None:
    assert read(asked(f"ge{written}"), SLOT).start == NOON


def test_a_day_alone_is_whole() -> None:
    found = read(asked("ge2026-11-22", "le2026-11-22"), SLOT)
    assert found.start == datetime(2026, 11, 21, 23, tzinfo=UTC)
    assert found.end == datetime(2026, 11, 22, 22, 59, 59, 999999, tzinfo=UTC)


def test_twenty_five_identifiers_are_read_and_those_of_another_system_match_nobody() -> None:
    many = ",".join(f"urn:oid:1.2.250.1.71.4.2.1|8{number:011d}" for number in range(24))
    found = read(GOOD.replace(ONE, f"{many},urn:oid:9.9|810002909371"), SLOT)
    assert len(found.identifiers) == 24


def test_the_include_of_sos_is_read_in_both_spellings() -> None:
    for spelled in ("Location:organization", "Location:Organization"):
        found = read(
            f"_revinclude=Slot:schedule&_include=Schedule:actor:Location&_include:iterate={spelled}"
            "&_has:Slot:schedule:start=ge2026-11-22&_has:Slot:schedule:start=le2026-11-24"
            "&_has:Slot:schedule:status=free"
            "&actor:Location.organization.identifier=urn:oid:1.2.250.1.71.4.2.2|334173748400020",
            SCHEDULE,
        )
        assert (found.wants, found.identifiers) == ({"Slot", "Location", "Organization"}, ("334173748400020",))


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("", "start"),
        (GOOD.replace("ge", "gt", 1), "start"),
        (GOOD.replace("le2026", "ge2026"), "start"),
        (GOOD + "&start=le2026-11-24", "start"),
        (asked("ge2026-13-01"), "start"),
        (asked("ge2026-11-22T25:00:00Z"), "start"),
        (asked("ge2026-11-22T13:00:00+99:00"), "start"),
        (asked("ge2026-01-01"), "start"),
        (asked("ge9999-12-31", "le9999-12-31"), "start"),
        (asked("gehier"), "start"),
        (GOOD.replace("&status=free", ""), "status"),
        (GOOD.replace("free", "busy"), "status"),
        (GOOD + "&status=free", "status"),
        (GOOD.replace(f"&{WHO}={ONE}", ""), WHO),
        (GOOD.replace(ONE, ""), WHO),
        (GOOD.replace(ONE, "810002909371"), WHO),
        (GOOD.replace(ONE, "|810002909371"), WHO),
        (GOOD.replace(ONE, "urn:oid:1.2.250.1.71.4.2.1|"), WHO),
        (GOOD.replace(ONE, f"{ONE},"), WHO),
        (GOOD.replace(ONE, ",".join([ONE] * 26)), WHO),
        (f"{GOOD}&{WHO}={ONE}", WHO),
        (GOOD + "&_include=Slot:patient", "_include"),
        (GOOD + "&_count=beaucoup", "_count"),
        (GOOD + "&specialty=SM54", "specialty"),
        (GOOD + "&_revinclude=Slot:schedule", "_revinclude"),
    ],
)
def test_a_request_that_is_not_as_specified_names_its_parameter(query: str, where: str) -> None:
    with pytest.raises(Problem) as found:
        read(query, SLOT)
    assert (found.value.status, found.value.where) == (400, where)


@pytest.mark.parametrize("query", [f"{GOOD}%00", f"{GOOD}&x=%ff", "&".join(["a=1"] * 41)])
def test_garbage_is_refused(query: str) -> None:
    with pytest.raises(Problem) as found:
        read(query, SLOT)
    assert found.value.status == 400


PIECES = st.sampled_from(
    [GOOD, "start", "=", "&", "ge", "2026-11-22", "|", ",", "%", "%C3", WHO, "_include", "é", "\t"]
)


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=12).map("".join)))
def test_any_text_is_read_or_refused(query: str) -> None:
    for sent in (query, quote(query)):
        try:
            read(sent, SLOT)
        except Problem as problem:
            assert problem.status == 400  # noqa: PT017  (whichever of the two happens)
