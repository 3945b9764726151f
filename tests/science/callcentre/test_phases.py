"""T8: the flow of two saturated levels, played, and where whole agents are less than a fluid."""

from pathlib import Path

import pytest

from quinze.science.callcentre.known_answers import BETWEEN, Phase, page, phases, throughput
from quinze.science.queueing.known_answers import PAGE

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def played() -> list[Phase]:
    return list(phases())


def test_the_fluid_is_reached_to_a_thousandth_outside_the_boundary(played: list[Phase]) -> None:
    outside = [one for one in played if one.level_2 not in BETWEEN]
    assert [one.level_2 for one in outside] == [1, 2, 3, 20, 25]
    for one in outside:
        assert one.regular == pytest.approx(one.fluid, abs=0.001)


def test_whole_agents_lose_some_of_it_between(played: list[Phase]) -> None:
    """1.6 to 5 % in the note; less and less as agents come."""
    losses = [one.loss for one in played if one.level_2 in BETWEEN]
    assert all(-0.05 <= loss <= -0.016 for loss in losses), losses
    assert losses == sorted(losses)
    assert all(one.at_random < one.regular for one in played if one.level_2 in BETWEEN)


def test_exponential_durations_lose_a_sixth_at_the_boundary() -> None:
    assert throughput(4, exponential=True) == pytest.approx(8.0, abs=0.05)


def test_the_page_of_known_answers_is_a_new_computation() -> None:
    assert (ROOT / PAGE).read_text() == page()
