"""Water on small maps: a square island, a straight river."""

import pytest

from quinze.science.waters import Water, Waters, dry_km, straight_km, waters_from_json

SQUARE = ((45.0, 0.0), (45.0, 0.1), (45.1, 0.1), (45.1, 0.0))
INSIDE, OUTSIDE = (45.05, 0.05), (45.05, 0.3)


def island(*bridges: tuple[float, float]) -> Water:
    return Water("island", SQUARE, closed=True, bridges=bridges)


def km(a: tuple[float, float], b: tuple[float, float], *waters: Water) -> float | None:
    return dry_km(a, b, waters, straight=straight_km)


def test_no_road_leads_to_an_island_without_a_bridge() -> None:
    assert km(INSIDE, OUTSIDE, island()) is None
    assert km(OUTSIDE, INSIDE, island()) is None


def test_a_road_inside_an_island_or_beside_it_is_the_straight_one() -> None:
    for a, b in (((45.01, 0.01), (45.09, 0.09)), (OUTSIDE, (45.2, 0.3)), ((45.05, -0.2), OUTSIDE)):
        assert km(a, b, island()) == straight_km(a, b)


def test_a_bridge_is_gone_through_and_the_shorter_of_two_is_taken() -> None:
    far, near = (45.1, 0.05), (45.05, 0.1)
    through = straight_km(INSIDE, near) + straight_km(near, OUTSIDE)
    assert km(INSIDE, OUTSIDE, island(far, near)) == pytest.approx(through)
    assert km(INSIDE, OUTSIDE, island(far)) > through


def test_a_river_is_crossed_at_its_bridge_and_goes_no_further_than_its_line() -> None:
    river = Water("river", ((45.0, 0.0), (45.0, 1.0)), closed=False, bridges=((45.0, 0.9),))
    assert km((45.1, 0.1), (44.9, 0.1), river) > 4 * straight_km((45.1, 0.1), (44.9, 0.1))
    assert km((45.1, 1.2), (44.9, 1.2), river) == straight_km((45.1, 1.2), (44.9, 1.2))


def test_only_the_waters_around_are_looked_at() -> None:
    waters = Waters("1", (island(),))
    assert waters.around((45.0, 1.0)) == (island(),)
    assert waters.around((48.0, 2.0)) == ()


def test_data_that_are_not_waters_are_refused() -> None:
    for raw in (
        {},
        {"version": "1", "islands": [{}], "estuaries": []},
        {"version": "1", "islands": 3, "estuaries": []},
    ):
        with pytest.raises((KeyError, TypeError)):
            waters_from_json(raw)
