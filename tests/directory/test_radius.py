import csv
from math import isclose, pi
from pathlib import Path

import pytest

from quinze.directory import radius

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "radius" / "rayons_2025_clean_joined.csv"


def test_the_circle_holds_what_was_asked():
    for gps in (1, 5, 20):
        r = radius.radius_holding(gps, gps_per_km2=0.0602)
        assert isclose(radius.gps_within(r, gps_per_km2=0.0602), gps)


def test_four_times_the_doctors_need_twice_the_radius():
    one, four = (radius.radius_holding(gps, gps_per_km2=0.1) for gps in (1, 4))
    assert isclose(four, 2 * one)


def test_known_case():
    """One doctor per square kilometre: one doctor in 1/√π km."""
    assert isclose(radius.radius_holding(1, gps_per_km2=1), 1 / pi**0.5)


@pytest.mark.parametrize(
    ("departement", "ours", "published"),
    [("48", 25, 50), ("01", 10, 20), ("86", 15, 20), ("75", 5, 5), ("973", 50, None), ("976", 20, None)],
)
def test_samples(departement, ours, published):
    facts = radius.published()[departement]
    assert (facts.default_radius_km, facts.radius_km) == (ours, published)


def test_every_departement_has_a_usable_radius():
    for facts in radius.published().values():
        assert 5 <= facts.default_radius_km <= 50
        assert facts.default_radius_km % 5 == 0
        if facts.gps_per_km2 and facts.default_radius_km < 50:
            assert radius.gps_within(facts.default_radius_km, gps_per_km2=facts.gps_per_km2) >= 20


@pytest.mark.reference
def test_facts_equal_those_published():
    if not SHARED.exists():
        pytest.skip("the official table is not beside this checkout")
    with SHARED.open(encoding="utf-8-sig") as file:
        rows = {row["dept_code"]: row for row in csv.DictReader(file)}
    ours = radius.published()
    assert ours.keys() == rows.keys()
    for code, facts in ours.items():
        row = rows[code]
        assert (facts.radius_km or 0) == float(row["city_default_radius_km"])
        assert (facts.gp_density_per_100k or 0) == float(row["gp_density_per_100k_2020"] or 0)
        if facts.gps_per_km2:
            correct = radius.radius_holding(5, gps_per_km2=facts.gps_per_km2)
            assert isclose(correct, float(row["correct_radius_5gp_km"]), abs_tol=0.006)
