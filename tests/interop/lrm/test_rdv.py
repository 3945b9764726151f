"""RS-SAS-RDV, read and written: our verdicts are those of the official schema."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quinze.interop.lrm import envelope, rdv
from quinze.interop.lrm.rdv import Faulty

HUB = Path(__file__).resolve().parents[4] / "shared" / "data" / "hub"
IG = HUB.parent / "fhir" / "examples" / "lrm"
AT = datetime(2026, 11, 17, 9, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
MOST_EARLY, MOST_LATE = datetime(2020, 1, 1), datetime(2040, 1, 1)  # noqa: DTZ001  (hypothesis adds the zone)
SAID: dict[str, Any] = {
    "appointmentId": "2d2db05f-e2b0-4169-be8f-891806da2c74",
    "method": "CreateAppointment",
    "created": "2026-11-17T10:15:00+01:00",
    "status": "booked",
    "orientationCategory": "PS",
    "start": "2026-11-17T14:00:00+01:00",
    "end": "2026-11-17T14:20:00+01:00",
    "practitioner": {"rppsId": "810002909371", "lastName": "CORMIER", "firstName": "Hélène", "specialityCode": "SM54"},
    "organization": {"organizationId": "1860000123", "name": "MSP des Jars"},
    "regulator": {"regulatorId": "3620100057/70326SR", "regulatorName": "RICART", "regulatorFirstname": "Pauline",
                  "regulatorEmail": "pauline.ricart@exemple.test"},
}  # fmt: skip


def test_what_is_read_is_written_back() -> None:
    assert rdv.write(rdv.read(SAID)) == SAID


def changed(path: str, value: Any = None) -> dict[str, Any]:
    """Without the element when no value is given."""
    made = copy.deepcopy(SAID)
    *parents, name = path.split(".")
    holder = made
    for parent in parents:
        holder = holder[parent]
    if value is None:
        del holder[name]
    else:
        holder[name] = value
    return made


def mutants() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in (
        *SAID,
        *(f"{part}.{name}" for part in ("practitioner", "organization", "regulator") for name in SAID[part]),
    ):
        yield f"without {path}", changed(path)
        for wrong in ("", 12, [], {}, "x" * 20):
            yield f"{path} = {wrong!r}", changed(path, wrong)
    for path in ("start", "created", "end"):
        for wrong in ("2026-11-17T14:00:00Z", "2026-11-17T14:00:00.000+01:00", "2026-11-17", "2026-11-17T14:00:00"):
            yield f"{path} = {wrong}", changed(path, wrong)
    for wrong in ("10002909371", "910002909371", "8100029093712", "81000290937a"):
        yield f"rppsId = {wrong}", changed("practitioner.rppsId", wrong)
    for path in ("patient", "practitioner.phone", "organization.x", "regulator.x"):
        yield f"{path} added", changed(path, "x")


# Stricter than the schema, on purpose: an empty identifier would be the key of everything.
STRICTER = {"appointmentId = ''"}


@pytest.mark.reference
def test_our_verdicts_are_those_of_the_official_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    path = HUB / "schemas" / "RS-SAS-RDV.schema.json"
    if not path.exists():
        pytest.skip("the official schemas of the Hub Santé are not beside this checkout")
    judge = jsonschema.Draft7Validator(json.loads(path.read_text(encoding="utf-8")))
    different = [name for name, said in mutants() if judge.is_valid(said) != _is_read(said) and name not in STRICTER]
    assert different == []


def _is_read(said: Any) -> bool:
    try:
        rdv.read(said)
    except Faulty:
        return False
    return True


@pytest.mark.reference
def test_every_official_sample_is_read_and_written_back() -> None:
    samples = sorted((HUB / "examples" / "RS-SAS-RDV").glob("*.json"))
    if not samples:
        pytest.skip("the official samples of the Hub Santé are not beside this checkout")
    assert len(samples) == 7
    for path in samples:
        said = json.loads(path.read_text(encoding="utf-8"))["appointment"]
        assert rdv.write(rdv.read(said)) == said, path.name


@pytest.mark.reference
def test_the_official_envelopes_are_read_and_those_without_a_regulator_refused() -> None:
    if not IG.exists():
        pytest.skip("the official samples of the guide are not beside this checkout")
    good = envelope.read((IG / "fixed_report_create.json").read_bytes())
    assert (good.sender, good.recipient, good.kind) == ("fr.health.ptfsas", "fr.health.samu330", "Report")
    assert rdv.read(good.message["appointment"]).who == "Didier MOREL"
    acknowledged = envelope.read((IG / "ig_block_05.json").read_bytes())
    assert acknowledged.message["reference"]["distributionID"] == good.number
    for name in ("ig_block_03.json", "ig_block_04.json"):
        with pytest.raises(Faulty, match="regulator"):
            rdv.read(envelope.read((IG / name).read_bytes()).message["appointment"])
    with pytest.raises(Faulty, match="préfixe"):
        envelope.read((IG / "ig_block_07.json").read_bytes())


def test_every_fault_is_said_with_its_place() -> None:
    with pytest.raises(Faulty) as found:
        rdv.read(changed("status", "perdu") | {"patient": {}, "start": "demain"})
    assert found.value.faults == [
        "appointment.start : date, heure et décalage, sans fraction",
        "appointment.status : hors de la liste",
        "appointment.patient : élément inconnu",
    ]


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"12", b"{}", b"\xff", b'{"a":1,"a":2}', b'{"a":NaN}', b"[" * 90_000, b"a" * 300_000,
     b'{"distributionID":"x"}'],
)  # fmt: skip
def test_garbage_is_no_envelope(text: bytes) -> None:
    with pytest.raises(Faulty):
        envelope.read(text)


# ---- anything at all

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
RDVS = st.builds(
    rdv.Rdv,
    id=WORDS,
    method=st.sampled_from([rdv.CREATE, rdv.UPDATE]),
    created=st.datetimes(MOST_EARLY, MOST_LATE, timezones=st.just(PARIS)),
    start=st.datetimes(MOST_EARLY, MOST_LATE, timezones=st.just(PARIS)),
    status=st.sampled_from(rdv.STATUSES),
    regulator=st.builds(rdv.Regulator, WORDS, WORDS, WORDS, WORDS | st.just("")),
    end=st.none() | st.datetimes(MOST_EARLY, MOST_LATE, timezones=st.just(PARIS)),
    category=st.sampled_from(["", *rdv.CATEGORIES]),
    practitioner=st.none()
    | st.builds(rdv.Practitioner, st.integers(0, 10**10 - 1).map("81{:010d}".format), WORDS, WORDS, WORDS),
    organization=st.none() | st.builds(rdv.Organization, WORDS, WORDS),
)


@given(RDVS)
@settings(max_examples=25, deadline=None)
def test_any_appointment_is_written_and_read_back_the_same(said: rdv.Rdv) -> None:
    found = rdv.read(rdv.write(said))
    # As instants: an hour that comes twice in October is never equal between two zones, even to itself.
    assert [one and one.astimezone(UTC) for one in (found.start, found.created, found.end)] == [
        one and one.replace(microsecond=0).astimezone(UTC) for one in (said.start, said.created, said.end)
    ]
    whole = replace(found, start=said.start, created=said.created, end=said.end)
    assert whole == said


@given(ANYTHING)
@settings(max_examples=50, deadline=None)
def test_whatever_comes_is_refused_with_words_and_nothing_else(said: Any) -> None:
    mixed = copy.deepcopy(SAID) | (said if isinstance(said, dict) else {"regulator": said})
    whole = envelope.report(SAID, number="fr.health.a_1", sender="fr.health.a", recipient="fr.health.b", at=AT)
    assert all([*_faults(rdv.read, said), *_faults(rdv.read, mixed)])
    for name in whole:
        assert all(_faults(envelope.read, json.dumps(whole | {name: said}).encode()))


def _faults(read: Callable[[Any], object], said: Any) -> list[str]:
    """Any other exception than Faulty is a fault of ours."""
    try:
        read(said)
    except Faulty as faulty:
        return faulty.faults
    return []
