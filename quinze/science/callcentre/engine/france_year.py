"""Many centres for a year, side by side on the cores of one machine."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from quinze.science.callcentre.errors import whole

from .bilevel import Flow, Flown, simulate


def play_all(
    flows: Sequence[Flow], *, seed: int, threads: int | None = None, limits: tuple[float, float, float] = (20, 30, 60)
) -> list[Flown]:
    """One result a centre, in their order, the same whatever the number of threads (by default, one a core).

    The longest first: a big centre left for the end would keep the other cores waiting. Compiled code does not hold
    Python's lock, so threads are enough.
    """
    threads = threads or os.cpu_count() or 1
    whole(threads, 1, 1024, place="nombre de fils")
    order = sorted(range(len(flows)), key=lambda centre: -float(flows[centre].rates.sum()))
    flown: dict[int, Flown] = {}

    def play(centre: int) -> None:
        flown[centre] = simulate(flows[centre], seed=seed_of(seed, centre), limits=limits, period=24)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(play, order))
    return [flown[centre] for centre in range(len(flows))]


def seed_of(seed: int, centre: int) -> int:
    """Of the centre at this place of the list: its streams are the few numbers that follow."""
    return seed * 1_000_003 + 64 * centre


def national_quality(flown: Sequence[Flown]) -> list[float]:
    """Share of all the calls presented that were answered within each limit."""
    presented = sum(float(one.presented.sum()) for one in flown)
    return [sum(float(one.within[:, limit].sum()) for one in flown) / presented for limit in range(3)]
