"""Known answers that only a simulation gives, beside those of formulas: `python -m
quinze.science.callcentre.known_answers` writes the whole page.

T8: the flow of T7 is that of a fluid. Played with whole agents and constant durations it is the same where vital calls
block everything or nothing piles up, and lower between: an agent cannot be in two halves. Constant durations make
agents free, and calls come, at the very same instant, again and again: the vital call is first then too, as the fluid
has it. How much lower depends on the order in which classes come, so two are shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from quinze.science.queueing import known_answers as formulas
from quinze.science.queueing.fluid import flow

from .durations import Duration, Exponential, Fixed
from .engine.bilevel import Flow, simulate

LEVEL_1 = 10
LEVELS_2 = (1, 2, 3, 4, 6, 10, 14, 18, 20, 25)
BETWEEN = range(4, 19)
CALLS = 1_000_000
A_MINUTE = 16.0
"""More than ten agents ever answer. Their first calls come one after the other; in halves of halves of a minute, exact
in binary, so that what is simultaneous is found so."""
ORDER = (0, 3, 1, 3, 1, 3, 1, 3, 1, 3)  # V, X, A, X…: a tenth, four tenths, half


@dataclass(frozen=True, slots=True)
class Phase:
    """Per minute: what T7 says and what was played."""

    level_2: int
    fluid: float
    regular: float
    """Classes in that order, again and again."""
    at_random: float

    @property
    def loss(self) -> float:
        """Of the regular one, as a share of the fluid; negative where it is lower."""
        return self.regular / self.fluid - 1


def phases() -> Iterator[Phase]:
    for level_2 in LEVELS_2:
        found = flow(formulas.TWO_LEVELS, level_1=LEVEL_1, level_2=level_2).answered / 60
        yield Phase(level_2, found, throughput(level_2, order=ORDER), throughput(level_2))


def throughput(level_2: int, *, order: tuple[int, ...] = (), exponential: bool = False) -> float:
    """Calls answered a minute by ten agents of level 1 who never lack any."""

    def lasts(minutes: float) -> Duration:
        return Exponential(minutes) if exponential else Fixed(minutes)

    saturated = Flow(
        rates=np.array([A_MINUTE if order else 1000.0]),
        slot=1e12,
        staff=np.array([[LEVEL_1], [level_2], [1], [1], [1]]),
        shares=(0.1, 0.4, 0.0),
        talk=lasts(1),
        conference=lasts(0.5),
        second=(lasts(3), lasts(4), lasts(4)),
        order=order,
    )
    played = simulate(saturated, seed=1, most=CALLS, room=1 << 20)
    return float(played.answered.sum()) / played.last


def page() -> str:
    rows = [
        f"| {one.level_2} | {one.fluid:.4f} | {one.regular:.3f} | {round(100 * one.loss, 1) + 0.0:+.1f} % |"
        f" {one.at_random:.3f} |"
        for one in phases()
    ]
    alone = throughput(4, exponential=True)
    return formulas.page() + HEAD + "\n".join(rows) + TAIL.format(alone=alone, loss=100 * (alone / 9.52381 - 1))


HEAD = """
## T8: the same flow, call by call

T7 again, with whole agents and constant durations, a million calls that are never lacking (`engine/bilevel.py`): calls
answered a minute by ten agents of level 1. Classes come as V, X, A, X, A, X, A, X, A, X again and again, or at random.

| level 2 | T7, fluid | played, in order | difference | played, at random |
|---|---|---|---|---|
"""
TAIL = """

Expected: T7 to ±0.001 for 1, 2, 3, 20 and 25 agents at level 2; between 4 and 18, from 1.6 to 5 % less than the fluid,
because agents are whole. Where a vital call comes at the very instant when an agent of level 2 is free, it is taken
before an urgent one that waits; the other way round, the loss with 4 agents is 5.9 %. With exponential durations and 4
agents, 8.00 (−16 %) expected, {alone:.2f} ({loss:+.1f} %) played.
"""

if __name__ == "__main__":
    Path(formulas.PAGE).write_text(page())
