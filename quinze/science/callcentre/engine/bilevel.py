"""The two-level centre with hold, and its doctors, as fast as one core can: see kernels/levels.py for why no event
list is needed.

Calls wait at N1 first come first served. Vital ones (V) are kept by their N1 agent until N2 AMU answers, first of all,
and for the conference; urgent ones (A) go on to N2 AMU, unplanned care (S) to N2 SNP; some then ask for the doctor of
their level. No redial, no mutual help, no ringing: for these, the general engine.
"""

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from quinze.science.callcentre.durations import NOTHING, Duration, Floats
from quinze.science.callcentre.errors import ScenarioError, whole, within
from quinze.science.callcentre.model import MOST_AGENTS

from .laws import Law, common_law, table_of

LEVELS = 5
ROOM = 1 << 16
MOST_CALLS = 10**11

# Rows of the calls that a run gives back, one column a call; NaN where it did not happen. Seconds.
ROWS = (
    "arrival",
    "code",
    "talk",
    "started",
    "patience",
    "started_2",
    "conference",
    "length_2",
    "started_3",
    "length_3",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """`rates[slots]` calls a second, more than 0, by slots of `slot` seconds; `staff[5, slots]` agents of N1, N2 AMU,
    N2 SNP, N3 AMU, N3 SNP, one or more. An agent leaves after the call in progress; those who are free first leave
    first.

    By class V, A, S: `shares` (the rest is closed by N1), `second` the talk at N2, `doctor` the share that then goes
    to N3, `third` the talk there. `patience`: mean, exponential, at N1 only. `order`: classes (0 V, 1 A, 2 S, 3 closed
    by N1) that come again and again at regular intervals, none going to N3; empty: calls and classes at random.
    """

    rates: Floats
    slot: float
    staff: NDArray[np.int64]
    shares: tuple[float, float, float]
    talk: Duration
    conference: Duration
    second: tuple[Duration, Duration, Duration]
    doctor: tuple[float, float, float] = (0.0, 0.0, 0.0)
    third: tuple[Duration, Duration, Duration] = (NOTHING, NOTHING, NOTHING)
    patience: float = inf
    order: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if (
            self.rates.ndim != 1
            or not self.rates.size
            or not (self.rates > 0).all()
            or not np.isfinite(self.rates).all()
        ):
            raise ScenarioError("appels", "un débit par créneau, supérieur à 0, est nécessaire.")
        if self.staff.shape != (LEVELS, self.rates.size):
            raise ScenarioError(
                "effectifs", f"{self.staff.shape} valeurs ; il en faut 5 niveaux × {self.rates.size} créneaux."
            )
        whole(int(self.staff.min()), 1, MOST_AGENTS, place="effectif le plus faible", unit="agents")
        whole(int(self.staff.max()), 1, MOST_AGENTS, place="effectif le plus fort", unit="agents")
        within(self.slot, 1e-6, 1e18, place="durée d’un créneau", unit="secondes")
        within(self.patience, 1e-6, inf, place="patience moyenne", unit="secondes")
        for share in (*self.shares, *self.doctor):
            within(share, 0, 1, place="part")
        within(sum(self.shares), 0, 1 + 1e-9, place="somme des parts V, A et S")
        for kind in self.order:
            whole(kind, 0, 3, place="classe de l’ordre des appels")


@dataclass(frozen=True, slots=True)
class Flown:
    """By slot of the period, [period]: calls `presented`, `answered`, hung up before 15 s; `wait` sum of the waits of
    those answered; `within[period, 3]` answered within each limit. By class V, A, S: `second`, `third` calls who
    reached N2, N3, and their mean wait there (for V at N2: the hold). `last`: when the last call was answered.
    `calls`: see ROWS."""

    presented: Floats
    answered: Floats
    hung_up_early: Floats
    wait: Floats
    within: Floats
    second: Floats
    second_wait: Floats
    third: Floats
    third_wait: Floats
    last: float
    calls: Floats

    @property
    def quality(self) -> Floats:
        """Share of the calls presented that were answered within each limit, over the whole run."""
        shares: Floats = self.within.sum(axis=0) / self.presented.sum()
        return shares


def simulate(
    flow: Flow,
    *,
    seed: int,
    most: int = MOST_CALLS,
    limits: tuple[float, float, float] = (20.0, 30.0, 60.0),
    period: int = 1,
    warm_up: int = 0,
    room: int = ROOM,
    logged: int = 0,
) -> Flown:
    """Until the last slot ends or `most` calls have come. Counts are folded by `period` slots (24 for the hours of a
    day), the first `warm_up` slots not counted. `logged`: how many calls to give back one by one, at least `most`
    where not 0. `room`: a power of two; OverflowError when more wait at N2 or N3.
    """
    from .kernels import bilevel as kernels  # noqa: PLC0415  (numba is read when something is computed)
    from .kernels.compiled import call  # noqa: PLC0415
    from .kernels.levels import SLOT, TALLY  # noqa: PLC0415

    whole(most, 1, MOST_CALLS, place="appels simulés")
    if logged and logged < most:
        raise ScenarioError("appels à rendre", f"{logged} ; il en faut autant que d’appels simulés ({most}).")
    first, second, third = laws = _laws(flow)
    answers, last, cells = call(
        kernels.run,
        np.uint64(seed),
        most,
        np.ascontiguousarray(flow.rates, dtype=np.float64),
        float(flow.slot),
        period,
        warm_up,
        np.ascontiguousarray(flow.staff, dtype=np.int64),
        _outcomes(flow),
        _means(flow),
        np.array([first.code, second.code, third.code]),
        np.array([first.sigma, second.sigma, third.sigma]),
        table_of(laws),
        np.array(limits, dtype=np.float64),
        np.array(flow.order, dtype=np.int64),
        room,
        logged,
    )
    tally = cells[TALLY:SLOT].reshape(2, 4, 2)
    calls = cells[cells.size - logged * len(ROWS) :].reshape(-1, len(ROWS)).T
    return _flown(answers, tally.copy(), last, calls.copy())


def _laws(flow: Flow) -> list[Law]:
    return [
        common_law([flow.talk], place="durée au N1"),
        common_law([flow.conference, *flow.second], place="durées au N2 et conférence"),
        common_law(flow.third, place="durées au N3"),
    ]


def _means(flow: Flow) -> Floats:
    durations = (*flow.second, *flow.third)
    return np.array([flow.talk.mean, flow.conference.mean, flow.patience, *(duration.mean for duration in durations)])


def _outcomes(flow: Flow) -> Floats:
    """Ends of the six outcomes V, V with doctor, A… in [0, 1]; what is above the last one is closed by N1."""
    parts = [
        part
        for share, doctor in zip(flow.shares, flow.doctor, strict=True)
        for part in (share * (1 - doctor), share * doctor)
    ]
    return np.cumsum(parts)


def _flown(answers: Floats, tally: Floats, last: float, calls: Floats) -> Flown:
    with np.errstate(invalid="ignore"):
        waits = tally[:, :3, 1] / tally[:, :3, 0]
    return Flown(
        presented=answers[:, 0],
        answered=answers[:, 1],
        hung_up_early=answers[:, 2],
        wait=answers[:, 3],
        within=answers[:, 4:],
        second=tally[0, :3, 0],
        second_wait=waits[0],
        third=tally[1, :3, 0],
        third_wait=waits[1],
        last=last,
        calls=calls,
    )
