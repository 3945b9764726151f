"""Centres for the fast engine, all alike from one end of the run to the other."""

import numpy as np

from quinze.science.callcentre.durations import NOTHING, Duration, Exponential
from quinze.science.callcentre.engine.bilevel import Flow


def steady(
    *,
    per_hour: float,
    staff: tuple[int, int],
    shares: tuple[float, float, float],
    talk: Duration,
    second: Duration,
    vital: Duration | None = None,
    conference: Duration = NOTHING,
    slots: int = 1,
    slot: float = 1e12,
    order: tuple[int, ...] = (),
) -> Flow:
    """N1 and N2 AMU only."""
    return Flow(
        rates=np.full(slots, per_hour / 3600),
        slot=slot,
        staff=np.array([[agents] * slots for agents in (*staff, 1, 1, 1)]),
        shares=shares,
        talk=talk,
        conference=conference,
        second=(vital or second, second, second),
        order=order,
    )


def t11(*, per_hour: float) -> Flow:
    return steady(
        per_hour=per_hour,
        staff=(3, 6),
        shares=(0.05, 0.75, 0.0),
        talk=Exponential(45),
        second=Exponential(150),
        conference=Exponential(20),
    )
