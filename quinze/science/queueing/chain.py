"""Two levels with hold, solved exactly: the Markov chain of exponential durations, nobody hanging up.

A state is (n, h, c, k): n calls at level 1, talking or waiting; h vital calls kept there while level 2 has nobody free;
c briefings (one agent of each level); k calls at level 2, talking or waiting. An agent of level 1 is busy with a talk,
a hold or a briefing; level 2 takes a vital call first. Conversations at level 2 have one mean for all classes, so that
k is enough. Queues are cut where they weigh nothing (`SMALL`); a few seconds for nine agents, so never on a page.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quinze.science.queueing.bounds import Unacceptable, check
from quinze.science.queueing.fluid import BiLevel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SMALL = 1e-6
MOST_CELLS = 200_000
LONGEST = (40, 100)  # callers kept in the count at levels 1 and 2


@dataclass(frozen=True, slots=True)
class Exact:
    """Means in seconds; `answered_within` of all calls."""

    answered_within: float
    vital_hold_s: float
    passed_on_wait_s: float
    level_1_wait_s: float


def with_hold_exact(
    model: BiLevel, *, calls_per_hour: float, level_1: int, level_2: int, within_s: float = 30
) -> Exact:
    """Refuses durations of level 2 that differ, overloads, and more agents than a few seconds allow."""
    check(calls_per_hour=calls_per_hour, staffed=level_1, within_s=within_s)
    check(staffed=level_2)
    if model.vital_s != model.passed_on_s:
        raise Unacceptable("Durées au niveau 2", f"{model.vital_s:g} et {model.passed_on_s:g} s", "la même pour tous")
    chain = _Chain(model, calls_per_hour / 3600, level_1, level_2)
    return chain.solved(within_s)


class _Chain:
    def __init__(self, model: BiLevel, rate: float, level_1: int, level_2: int) -> None:
        import numpy as np  # noqa: PLC0415  (pages import this folder and solve no chain)

        self.model, self.rate, self.first, self.second = model, rate, level_1, level_2
        most_n, most_k = level_1 + LONGEST[0], level_2 + LONGEST[1]
        if (most_n + 1) * (level_1 + 1) ** 2 * (most_k + 1) > MOST_CELLS:
            raise Unacceptable("Agents de la chaîne exacte", f"{level_1} et {level_2}", "une douzaine en tout")
        axes = np.meshgrid(
            np.arange(most_n + 1), np.arange(level_1 + 1), np.arange(level_1 + 1), np.arange(most_k + 1), indexing="ij"
        )
        n, h, c, k = (axis.ravel() for axis in axes)
        held = (h + c <= level_1) & (c <= level_2) & ((h == 0) | (k + c >= level_2))
        self.shape = (most_n + 1, level_1 + 1, level_1 + 1, most_k + 1)
        self.place = np.full(held.size, -1)
        self.place[held] = np.arange(held.sum())
        self.states = n, h, c, k = n[held], h[held], c[held], k[held]
        self.free = level_1 - h - c
        self.waiting = np.maximum(0, k - (level_2 - c))

    def _flows(self, *, arrivals: bool) -> "tuple[Any, Any, Any]":
        """From, to, rate of each transition; those beyond the cut are refused entry."""
        import numpy as np  # noqa: PLC0415

        model, (n, h, c, k) = self.model, self.states
        talking, idle = np.minimum(n, self.free), k + c < self.second
        ends_1, ends_2 = talking / model.answer_s, np.minimum(k, self.second - c) / model.passed_on_s
        moves = [
            (ends_1 * model.vital * idle, (-1, 0, 1, 0)),
            (ends_1 * model.vital * ~idle, (-1, 1, 0, 0)),
            (ends_1 * model.passed_on, (-1, 0, 0, 1)),
            (ends_1 * (1 - model.vital - model.passed_on), (-1, 0, 0, 0)),
            (c / model.conference_s, (0, 0, -1, 1)),
            (ends_2 * (h > 0), (0, -1, 1, -1)),
            (ends_2 * (h == 0), (0, 0, 0, -1)),
        ]
        if arrivals:
            moves.append((np.full(n.size, self.rate), (1, 0, 0, 0)))
        found = [self._move(rates, step) for rates, step in moves]
        starts, ends, rates = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return starts, ends, rates

    def _move(self, rates: "NDArray[np.float64]", step: tuple[int, ...]) -> "tuple[Any, Any, Any]":
        import numpy as np  # noqa: PLC0415

        there = [axis + more for axis, more in zip(self.states, step, strict=True)]
        inside = np.all([(axis >= 0) & (axis < most) for axis, most in zip(there, self.shape, strict=True)], axis=0)
        starts = np.flatnonzero((rates > 0) & inside)
        ends = self.place[np.ravel_multi_index([axis[starts] for axis in there], self.shape)]
        kept = ends >= 0
        return starts[kept], ends[kept], rates[starts[kept]]

    def solved(self, within_s: float) -> Exact:
        import numpy as np  # noqa: PLC0415

        share = self._shares()
        n, h, _, k = self.states
        if share[(n == n.max()) | (k == k.max())].sum() > SMALL:
            raise Unacceptable("Charge de la chaîne exacte", f"{3600 * self.rate:g} appels par heure", "moins d’appels")
        queue = np.maximum(0, n - self.free)
        model = self.model
        return Exact(
            answered_within=1 - float(share @ self._still_waiting(within_s)),
            vital_hold_s=float(share @ h) / (self.rate * model.vital) if model.vital else 0.0,
            passed_on_wait_s=float(share @ self.waiting) / (self.rate * model.passed_on) if model.passed_on else 0.0,
            level_1_wait_s=float(share @ queue) / self.rate,
        )

    def _shares(self) -> "NDArray[np.float64]":
        """Of time spent in each state: the balance of each, one of them replaced by a sum of 1."""
        import numpy as np  # noqa: PLC0415
        from scipy import sparse  # noqa: PLC0415
        from scipy.sparse.linalg import spsolve  # noqa: PLC0415

        starts, ends, rates = self._flows(arrivals=True)
        size = self.states[0].size
        out = np.bincount(starts, rates, size)
        all_of_them = np.arange(size)
        cells = np.concatenate([ends, all_of_them]), np.concatenate([starts, all_of_them])
        balance = sparse.csc_matrix((np.concatenate([rates, -out]), cells), shape=(size, size))
        # the first state is given the weight 1, the others follow from their own balances
        others = spsolve(balance[1:, 1:], -balance[1:, 0].toarray().ravel())
        weights = np.concatenate([[1.0], others])
        found: NDArray[np.float64] = weights / weights.sum()
        return found

    def _still_waiting(self, within_s: float) -> "NDArray[np.float64]":
        """For a call that comes in each state: still not answered after so long. Those behind it change nothing, so the
        chain without arrivals is followed until somebody is free for it (uniformisation)."""
        import numpy as np  # noqa: PLC0415
        from scipy import sparse  # noqa: PLC0415

        starts, ends, rates = self._flows(arrivals=False)
        size = self.states[0].size
        waits = self.states[0] >= self.free
        out = np.bincount(starts, rates, size)
        pace = float(out.max())
        kept = waits[starts] & waits[ends]
        step = sparse.csr_matrix((rates[kept] / pace, (starts[kept], ends[kept])), shape=(size, size))
        stay = np.where(waits, 1 - out / pace, 0.0)
        there, weight, found = waits.astype(float), np.exp(-pace * within_s), np.zeros(size)
        for jump in range(1, int(pace * within_s + 12 * (pace * within_s) ** 0.5) + 30):
            found += weight * there
            there = step @ there + stay * there
            weight *= pace * within_s / jump
        return found
