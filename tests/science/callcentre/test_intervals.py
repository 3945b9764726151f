"""Student without scipy, against scipy."""

from math import isnan

import pytest
from scipy import stats

from quinze.science.callcentre.intervals import interval, student


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 9, 10, 599, 9_999])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
def test_quantiles_are_those_of_scipy(confidence: float, freedom: int) -> None:
    assert student(confidence, freedom) == pytest.approx(stats.t.ppf(0.5 + confidence / 2, freedom), rel=1e-10)


def test_what_is_not_known_is_left_out() -> None:
    found = interval([1.0, float("nan"), 3.0])
    assert (found.mean, found.half_width) == (2.0, pytest.approx(12.7062, abs=1e-4))
    assert isnan(interval([1.0]).half_width)
    assert isnan(interval([]).mean)
