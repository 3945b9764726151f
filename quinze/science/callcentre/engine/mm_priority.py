"""One queue, several priorities, any durations: what the formulas of Cobham give when durations are exponential."""

from dataclasses import dataclass

import numpy as np

from quinze.science.callcentre.durations import Duration, Exponential, Floats
from quinze.science.callcentre.errors import ScenarioError, whole, within
from quinze.science.callcentre.model import MOST_AGENTS

from .laws import common_law, table_of

MOST_CUSTOMERS = 10**11


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityQueue:
    """`rate`: customers a second. Classes in order of priority, nobody interrupted, first come first served inside a
    class."""

    servers: int
    rate: float
    shares: tuple[float, ...]
    durations: tuple[Duration, ...]

    def __post_init__(self) -> None:
        whole(self.servers, 1, MOST_AGENTS, place="serveurs")
        within(self.rate, 1e-9, 1e9, place="arrivées par seconde")
        if len(self.shares) != len(self.durations) or not 1 <= len(self.shares) <= 64:
            raise ScenarioError("classes", "il faut une part et une durée par classe, de 1 à 64 classes.")
        for share in self.shares:
            within(share, 0, 1, place="part de la classe")
        if abs(sum(self.shares) - 1) > 1e-6:
            raise ScenarioError("parts des classes", f"leur somme est {sum(self.shares):g} ; elle doit être 1.")


@dataclass(frozen=True, slots=True)
class Waits:
    """By class, [classes]: customers who began their service, mean wait (s), half-width of its 95 % interval by batch
    means, share of those who waited `within` or less."""

    customers: Floats
    mean: Floats
    half_width: Floats
    share_within: Floats


def simulate(  # the whole of it: a queue in, waits out
    queue: PriorityQueue, *, customers: int, seed: int, within_s: float = 20.0, warm_up: int = 0, batches: int = 20
) -> Waits:
    """`warm_up` customers come first and are not counted. The same seed gives the same numbers on every machine."""
    from .kernels import mm_priority as kernels  # noqa: PLC0415  (numba is read when something is computed)
    from .kernels.compiled import call  # noqa: PLC0415

    whole(customers, 1, MOST_CUSTOMERS, place="clients simulés")
    whole(warm_up, 0, customers - 1, place="mise en route", unit="clients")
    whole(batches, 2, 1000, place="lots")
    law = common_law(queue.durations, place="durées des classes")
    sums = call(
        kernels.run,
        np.uint64(seed),
        customers,
        queue.servers,
        1.0 / queue.rate,
        np.append(np.cumsum(queue.shares)[:-1], 1.0),
        np.array([duration.mean for duration in queue.durations]),
        law.code,
        law.sigma,
        table_of([law])[0],
        float(within_s),
        warm_up,
        batches,
    )
    return _waits(sums)


def unit_queue(*, servers: int, load: float, shares: tuple[float, ...]) -> PriorityQueue:
    """Exponential services of one second, servers busy a share `load` of the time."""
    return PriorityQueue(
        servers=servers, rate=load * servers, shares=shares, durations=(Exponential(1.0),) * len(shares)
    )


def _waits(sums: Floats) -> Waits:
    total = sums.sum(axis=0)
    with np.errstate(invalid="ignore"):
        means = sums[:, :, 1] / sums[:, :, 0]
        half_width = 1.96 * means.std(axis=0, ddof=1) / np.sqrt(len(means))
        return Waits(total[:, 0], total[:, 1] / total[:, 0], half_width, total[:, 2] / total[:, 0])
