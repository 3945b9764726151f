"""How many shifts of each kind, starting when, so that enough people are there at every slot: integer programming by
HiGHS.

minimise   cost of paid minutes + DEARER × minutes short
subject to shifts covering slot t + short[t] ≥ required[t], for every t

A pause is a hole in the middle third of a shift, placed for each person: a choice is a kind, a start and a pause.
Whoever is short is shown: a requirement that cannot be met within the limits is no error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from quinze.science.rosters.problem import MOST_NEEDED, Period, Shift, Unusable

DEARER = 1000
MOST_SLOTS = 7 * 96 * 5
MINUTES_OF_DAY = 24 * 60
PAUSES_EVERY = 30  # minutes between two instants at which a pause may begin
SECONDS, GAP = 20.0, 1e-6


@dataclass(frozen=True, slots=True)
class Kind:
    """A length of shift and the local minutes of the day at which it may start. `pause`: minutes, paid, in which the
    person holds no post; `cost`: of a minute, against the other kinds.
    """

    name: str
    minutes: int
    starts: tuple[int, ...]
    pause: int = 0
    cost: float = 1.0

    def __post_init__(self) -> None:
        if not 15 <= self.minutes <= MINUTES_OF_DAY or not self.starts:
            raise Unusable(
                f"Garde « {self.name} » : {self.minutes} minutes. Accepté : de 15 min à 24 h, un début au moins."
            )
        if any(not 0 <= start < MINUTES_OF_DAY for start in self.starts):
            raise Unusable(f"Garde « {self.name} » : un début hors de la journée. Accepté : de 0 à 1439 minutes.")
        if not 0 <= self.pause <= self.minutes / 3:
            raise Unusable(f"Garde « {self.name} » : pause de {self.pause} minutes. Accepté : un tiers de la garde.")
        if not 0.1 <= self.cost <= 10:
            raise Unusable(f"Garde « {self.name} » : coût {self.cost}. Accepté : de 0,1 à 10 fois celui d’une autre.")


@dataclass(frozen=True, slots=True)
class Planned:
    """`count` people start `kind` at that slot. `pauses`: after how many minutes each has theirs; empty without."""

    kind: Kind
    slot: int
    count: int
    pauses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Cover:
    """`covered` and `short`: people by slot. `optimal`: proven; otherwise the best found in the time given."""

    planned: tuple[Planned, ...]
    covered: tuple[int, ...]
    short: tuple[int, ...]
    paid_minutes: int
    optimal: bool


def cover(required: Sequence[int], kinds: Sequence[Kind], *, step: int = 30, most_people: int | None = None) -> Cover:
    """`required`: people by slot of `step` minutes from a local midnight, a whole number of days. A shift that would
    end after the last slot goes on at the first: a week is taken as followed by the same week. `most_people` begin
    in one day at most.
    """
    _check(required, kinds, step)
    choices = [
        Choice(kind, slot, pause)
        for kind in kinds
        for slot in range(len(required))
        if (slot * step) % MINUTES_OF_DAY in kind.starts
        for pause in _pauses(kind, step)
    ]
    covers = _matrix(choices, len(required), step)
    solution = _solved(np.array(required, dtype=float), choices, covers, step, most_people)
    counts = np.rint(solution.x[: len(choices)]).astype(int)
    covered = (covers @ counts).astype(int)
    short = np.maximum(0, np.array(required) - covered)
    planned = _planned(choices, counts.tolist(), step)
    paid = int(sum(each.kind.minutes * each.count for each in planned))
    return Cover(planned, tuple(covered.tolist()), tuple(short.tolist()), paid, bool(solution.status == 0))


@dataclass(frozen=True, slots=True)
class Choice:
    """`pause`: slots after the start; None without."""

    kind: Kind
    slot: int
    pause: int | None

    def slots(self, step: int) -> list[int]:
        """Those that it covers, from its start."""
        hole = range(0) if self.pause is None else range(self.pause, self.pause + -(-self.kind.pause // step))
        return [offset for offset in range(self.kind.minutes // step) if offset not in hole]


def _pauses(kind: Kind, step: int) -> list[int | None]:
    """A pause lasts whole slots, in the middle third."""
    if not kind.pause:
        return [None]
    third, length = kind.minutes // step // 3, -(-kind.pause // step)
    return list(range(third, max(third, 2 * third - length) + 1, max(1, PAUSES_EVERY // step)))


def _planned(choices: Sequence[Choice], counts: Sequence[int], step: int) -> tuple[Planned, ...]:
    """Those who start the same shift together, whatever their pause."""
    found: dict[tuple[Kind, int], list[int | None]] = {}
    for choice, count in zip(choices, counts, strict=True):
        if count:
            found.setdefault((choice.kind, choice.slot), []).extend([choice.pause] * count)
    return tuple(
        Planned(kind, slot, len(pauses), tuple(pause * step for pause in pauses if pause is not None))
        for (kind, slot), pauses in found.items()
    )


def _check(required: Sequence[int], kinds: Sequence[Kind], step: int) -> None:
    if step not in {15, 30, 60}:
        raise Unusable(f"Pas de {step} minutes. Accepté : 15, 30 ou 60.")
    if not required or len(required) * step % MINUTES_OF_DAY or len(required) > MOST_SLOTS:
        raise Unusable(
            f"{len(required)} créneaux de {step} minutes. Accepté : des jours entiers, cinq semaines au plus."
        )
    if not kinds:
        raise Unusable("Aucune sorte de garde. Accepté : une au moins.")
    for slot, count in enumerate(required):
        if not 0 <= count <= MOST_NEEDED or count != int(count):
            raise Unusable(f"Créneau {slot + 1} : {count} personnes. Accepté : un nombre entier de 0 à {MOST_NEEDED}.")
    for kind in kinds:
        if kind.minutes % step or any(start % step for start in kind.starts):
            raise Unusable(
                f"Garde « {kind.name} » : durée et débuts doivent tomber sur des créneaux de {step} minutes."
            )
        if kind.minutes > len(required) * step:
            raise Unusable(f"Garde « {kind.name} » : plus longue que la période.")


def _matrix(choices: Sequence[Choice], slots: int, step: int) -> Any:
    from scipy import sparse  # noqa: PLC0415  (page processes never cover)

    there = [
        (column, (each.slot + offset) % slots) for column, each in enumerate(choices) for offset in each.slots(step)
    ]
    columns, rows = zip(*there, strict=True)
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(slots, len(choices)))


def _solved(
    required: np.ndarray[tuple[int, ...], np.dtype[np.float64]], choices: Sequence[Choice],
    covers: Any, step: int, most_people: int | None,
) -> Any:  # fmt: skip
    from scipy import sparse  # noqa: PLC0415
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415

    slots = len(required)
    cost = np.concatenate(
        [[each.kind.minutes * each.kind.cost for each in choices], np.full(slots, float(DEARER * step))]
    )
    enough = sparse.hstack([covers, sparse.eye_array(slots)])
    limits = [LinearConstraint(enough, required, np.inf)]
    if most_people is not None:
        limits.append(_daily(choices, slots, step, most_people))
    high = np.concatenate([np.full(len(choices), float(MOST_NEEDED)), required])
    return milp(cost, constraints=limits, integrality=np.ones(len(cost)), bounds=Bounds(0, high),
                options={"time_limit": SECONDS, "mip_rel_gap": GAP})  # fmt: skip


def _daily(choices: Sequence[Choice], slots: int, step: int, most: int) -> Any:
    from scipy import sparse  # noqa: PLC0415
    from scipy.optimize import LinearConstraint  # noqa: PLC0415

    days = [slot * step // MINUTES_OF_DAY for slot in (each.slot for each in choices)]
    shape = (slots * step // MINUTES_OF_DAY, len(choices) + slots)
    return LinearConstraint(sparse.csr_array((np.ones(len(days)), (days, range(len(days)))), shape=shape), 0, most)


def as_shifts(found: Cover, *, post: str, first: date, zone: ZoneInfo, step: int = 30) -> list[Shift]:
    """The shifts of a cover on real days, for named rosters. A shift keeps its local start and end: it lasts an hour
    less or more when clocks move.
    """
    shifts = []
    for each in found.planned:
        start, end = (_wall(first, each.slot * step + minutes, zone) for minutes in (0, each.kind.minutes))
        key = f"{post} {start.astimezone(zone):%Y-%m-%d %H:%M} {each.kind.name}"
        shifts.append(Shift(key, post, Period(start, end), each.count))
    return shifts


def _wall(first: date, minutes: int, zone: ZoneInfo) -> datetime:
    days, minute = divmod(minutes, MINUTES_OF_DAY)
    wall = datetime.combine(first + timedelta(days=days), time(minute // 60, minute % 60), zone)
    return wall.astimezone(UTC)
