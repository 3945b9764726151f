import pytest

from quinze.science.proportions import Share


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (36, 46, 0.6440, 0.8774), (1, 2, 0.0945, 0.9055)],
)
def test_the_interval_is_that_of_wilson(part: int, whole: int, low: float, high: float) -> None:
    """Figures computed apart, from the published formula."""
    assert Share(part, whole).interval == pytest.approx((low, high), abs=5e-4)


def test_nothing_has_no_share() -> None:
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, None)


@pytest.mark.parametrize(("part", "whole"), [(3, 2), (-1, 4)])
def test_a_part_is_never_more_than_the_whole(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="une part va de 0 au tout"):
        Share(part, whole)
