import pytest
from hypothesis import given
from hypothesis import strategies as st

from quinze.science.distance import Density, density_class, haversine_km, travel_minutes

LATITUDES, LONGITUDES = st.floats(-90, 90), st.floats(-180, 180)


@pytest.mark.parametrize(
    ("start", "end", "km"),
    [
        ((46.5802, 0.3404), (46.8167, 0.5461), 30.6),  # Poitiers – Châtellerault
        ((48.8566, 2.3522), (43.2965, 5.3698), 660.5),  # Paris – Marseille
        ((-20.8823, 55.4504), (-21.3393, 55.4781), 50.9),  # Saint-Denis – Saint-Pierre, La Réunion
        ((-17.0, 179.9), (-17.0, -179.9), 21.3),  # over the date line
    ],
)
def test_known_distances(start: tuple[float, float], end: tuple[float, float], km: float) -> None:
    assert haversine_km(*start, to_latitude=end[0], to_longitude=end[1]) == pytest.approx(km, abs=0.3)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_symmetric_and_within_half_the_earth(a: float, b: float, c: float, d: float) -> None:
    there = haversine_km(a, b, to_latitude=c, to_longitude=d)
    assert there == pytest.approx(haversine_km(c, d, to_latitude=a, to_longitude=b), abs=1e-6)
    assert 0 <= there <= 20_016


@given(st.floats(0, 200), st.floats(0, 200), st.sampled_from(Density))
def test_farther_is_never_quicker(one: float, other: float, density: Density) -> None:
    near, far = sorted((one, other))
    assert 3 <= travel_minutes(near, density=density) <= travel_minutes(far, density=density)


def test_ten_kilometres_take_longer_in_a_dense_city() -> None:
    minutes = [travel_minutes(10, density=density) for density in Density]
    assert minutes == [45, 27, 19, 20]


def test_classes_follow_the_communal_grid() -> None:
    classes = [density_class(people) for people in (20_000, 1500, 300, 25, 24.9)]
    expected = [Density.DENSE, Density.DENSE, Density.INTERMEDIATE, Density.SPARSE, Density.VERY_SPARSE]
    assert classes == expected
