"""A slot poured in its mould is the slot written whole."""

import json
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from quinze.interop.fhir.slot import Mould, Sort, instant, slot, specialties_of

START, END = 1795338000000, 1795339200000  # 22 November 2026, 9:00 and 9:20 in Paris


@given(
    reasons=st.text(max_size=120),
    modalities=st.lists(st.sampled_from(["AMB", "HH", "VR"]), min_size=1, unique=True),
    cpts=st.none() | st.integers(1, 10**9),
    kind=st.sampled_from(["slots", "plage"]),
    key=st.integers(1, 2**63 - 1),
)
def test_whatever_is_typed_a_poured_slot_is_the_slot_itself(
    reasons: str, modalities: list[str], cpts: int | None, kind: str, key: int
) -> None:
    sort = Sort("Slot", "SNP", tuple(modalities), cpts, reasons, ("SM54",), kind)
    of, schedule, url, zone = "https://sas.exemple.test/fhir", "1-2", "https://sas.exemple.test/?lieu=2", "Europe/Paris"
    mould = Mould(sort, of=of, mode="match", schedule=schedule, url=url, zone=zone)
    start, end = instant(START, zone), instant(END, zone)
    assert json.loads(mould.entry(key, START, END)) == {
        "fullUrl": f"{of}/Slot/{key}",
        "resource": slot(sort, key=str(key), schedule=schedule, start=start, end=end, url=url),
        "search": {"mode": "match"},
    }


@given(st.integers(0, 4_102_444_799_999), st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Guadeloupe"]))
def test_an_instant_reads_back_the_same_and_never_ends_with_z(milliseconds: int, zone: str) -> None:
    written = instant(milliseconds, zone)
    assert round(datetime.fromisoformat(written).timestamp() * 1000) == milliseconds
    assert len(written) == len("2026-11-22T09:00:00.000+01:00")


def test_a_specialty_is_of_the_official_list_or_the_professionals_own() -> None:
    assert specialties_of(["SM40", "inconnue"], "SM54") == ("SM40",)
    assert specialties_of(["inconnue"], "SM54") == ("SM54",)
    assert specialties_of(None, "") == ()
