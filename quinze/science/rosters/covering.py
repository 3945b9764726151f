"""How many shifts of each kind, starting when, so that enough people are there at every slot: integer programming by
HiGHS.

minimise   paid minutes + DEARER × minutes short
subject to shifts covering slot t + short[t] ≥ required[t], for every t

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
SECONDS, GAP = 20.0, 1e-6


@dataclass(frozen=True, slots=True)
class Kind:
    """A length of shift and the local minutes of the day at which it may start."""

    name: str
    minutes: int
    starts: tuple[int, ...]

    def __post_init__(self) -> None:
        if not 15 <= self.minutes <= MINUTES_OF_DAY or not self.starts:
            raise Unusable(
                f"Garde « {self.name} » : {self.minutes} minutes. Accepté : de 15 min à 24 h, un début au moins."
            )
        if any(not 0 <= start < MINUTES_OF_DAY for start in self.starts):
            raise Unusable(f"Garde « {self.name} » : un début hors de la journée. Accepté : de 0 à 1439 minutes.")


@dataclass(frozen=True, slots=True)
class Planned:
    """`count` people start `kind` at that slot."""

    kind: Kind
    slot: int
    count: int


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
        (kind, slot) for kind in kinds for slot in range(len(required)) if (slot * step) % MINUTES_OF_DAY in kind.starts
    ]
    covers = _matrix(choices, len(required), step)
    solution = _solved(np.array(required, dtype=float), choices, covers, step, most_people)
    counts = np.rint(solution.x[: len(choices)]).astype(int)
    covered = (covers @ counts).astype(int)
    short = np.maximum(0, np.array(required) - covered)
    planned = tuple(Planned(*choice, int(count)) for choice, count in zip(choices, counts, strict=True) if count)
    paid = int(sum(each.kind.minutes * each.count for each in planned))
    return Cover(planned, tuple(covered.tolist()), tuple(short.tolist()), paid, bool(solution.status == 0))


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


def _matrix(choices: Sequence[tuple[Kind, int]], slots: int, step: int) -> Any:
    from scipy import sparse  # noqa: PLC0415  (page processes never cover)

    rows = [(slot + offset) % slots for kind, slot in choices for offset in range(kind.minutes // step)]
    columns = [column for column, (kind, _) in enumerate(choices) for _ in range(kind.minutes // step)]
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(slots, len(choices)))


def _solved(
    required: np.ndarray[tuple[int, ...], np.dtype[np.float64]], choices: Sequence[tuple[Kind, int]],
    covers: Any, step: int, most_people: int | None,
) -> Any:  # fmt: skip
    from scipy import sparse  # noqa: PLC0415
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415

    slots = len(required)
    cost = np.concatenate([[kind.minutes for kind, _ in choices], np.full(slots, float(DEARER * step))])
    enough = sparse.hstack([covers, sparse.eye_array(slots)])
    limits = [LinearConstraint(enough, required, np.inf)]
    if most_people is not None:
        limits.append(_daily(choices, slots, step, most_people))
    high = np.concatenate([np.full(len(choices), float(MOST_NEEDED)), required])
    return milp(cost, constraints=limits, integrality=np.ones(len(cost)), bounds=Bounds(0, high),
                options={"time_limit": SECONDS, "mip_rel_gap": GAP})  # fmt: skip


def _daily(choices: Sequence[tuple[Kind, int]], slots: int, step: int, most: int) -> Any:
    from scipy import sparse  # noqa: PLC0415
    from scipy.optimize import LinearConstraint  # noqa: PLC0415

    days = [slot * step // MINUTES_OF_DAY for _, slot in choices]
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
