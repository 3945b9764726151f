"""Step 4: the order inside a level, and the one place by which a doctor with several is shown."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from quinze.science.charter import OrderKey, Steps

from .eligibility import STALE_COMES_LAST, has_seen
from .inputs import Candidate, RankingInputs
from .outcome import Standing

AFTER_ALL_KNOWN = 1 << 62
BLOCK = 64  # bytes, of SHA-256
Key = int | None


@dataclass(slots=True, unsafe_hash=True)
class Ranked:
    candidate: Candidate
    standing: Standing
    keys: tuple[Key, ...]
    draw: str
    others: tuple["Ranked", ...] = ()
    late: bool = False

    @property
    def in_level(self) -> tuple[int | str, ...]:
        """What is not known (no seat, no distance) sorts after everything known."""
        known = [AFTER_ALL_KNOWN if key is None else key for key in self.keys]
        return (self.late, *known, self.draw, self.candidate.id)

    @property
    def sort_key(self) -> tuple[int | str, ...]:
        return (self.standing.level, *self.in_level)

    @property
    def best_place_key(self) -> tuple[int | str, ...]:
        return (0 if self.standing.in_calendar else 1, *self.sort_key)


def ranked(candidate: Candidate, standing: Standing, inputs: RankingInputs, order: tuple[OrderKey, ...]) -> Ranked:
    keys = tuple([key_of(key, candidate, standing, inputs) for key in order])
    late = candidate.stale_feed and comes_last(candidate, has_seats=bool(standing.seats), inputs=inputs)
    return Ranked(candidate, standing, keys, draw(inputs.seed, candidate.person), late=late)


def comes_last(candidate: Candidate, *, has_seats: bool, inputs: RankingInputs) -> bool:
    """Seats of an agenda that nobody could read lately: perhaps taken since, perhaps not."""
    return candidate.stale_feed and has_seats and inputs.algorithm >= STALE_COMES_LAST


@lru_cache(maxsize=4096)
def draw(seed: str, person: str) -> str:
    """HMAC-SHA-256 of the person under the seed, from the two states that all those of one seed share."""
    inner, outer = (state.copy() for state in _keyed(seed))
    inner.update(person.encode())
    outer.update(inner.digest())
    drawn: str = outer.hexdigest()
    return drawn


@lru_cache(maxsize=64)
def _keyed(seed: str) -> tuple[Any, Any]:
    """As RFC 2104: a key longer than a block is its hash."""
    key = seed.encode()
    block = (sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, bytes(1))
    return sha256(bytes(byte ^ 0x36 for byte in block)), sha256(bytes(byte ^ 0x5C for byte in block))


def key_of(key: OrderKey, candidate: Candidate, standing: Standing, inputs: RankingInputs) -> Key:
    steps = inputs.charter.steps
    if key is OrderKey.EARLIEST:
        return earliest_step(standing.start, steps)
    if key is OrderKey.NEAREST:
        return None if candidate.minutes is None else candidate.minutes // steps.nearest_minutes
    if key is OrderKey.FAIREST:
        return fairest_step(candidate, steps)
    return 0 if has_seen(candidate, inputs.need) else 1


def earliest_step(start: datetime | None, steps: Steps) -> Key:
    return None if start is None else int(start.timestamp()) // (60 * steps.earliest_minutes)


def fairest_step(candidate: Candidate, steps: Steps) -> int:
    """Rounded half up in whole numbers, so that no float decides between two doctors."""
    offered, step = max(1, candidate.offered_28d), steps.fairest_hundredths
    return (200 * candidate.solicitations_28d + offered * step) // (2 * offered * step)


def one_per_person(entries: Iterable[Ranked]) -> list[Ranked]:
    places: dict[str, list[Ranked]] = {}
    for entry in entries:
        places.setdefault(entry.candidate.person, []).append(entry)
    return [group[0] if len(group) == 1 else _best_place(group) for group in places.values()]


def _best_place(group: list[Ranked]) -> Ranked:
    best, *others = sorted(group, key=lambda entry: entry.best_place_key)
    return replace(best, others=tuple(others))
