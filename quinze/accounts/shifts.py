"""What one shift is, and who may not do what in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from quinze.accounts.roles import EXCLUSIVE_IN_ONE_SHIFT, Role

REST = timedelta(hours=11)  # the daily rest between two days of work: less than that apart is one shift
LONGEST_DUTY = timedelta(hours=14)  # a post nobody left is taken as left after that


@dataclass(frozen=True, slots=True)
class Worked:
    role: Role
    start: datetime
    end: datetime | None

    def ended_by(self, at: datetime) -> datetime:
        """When it ended, or ends if nothing is said."""
        return self.end or min(at, self.start + LONGEST_DUTY)


def in_the_same_shift(worked: Iterable[Worked], *, at: datetime) -> list[Worked]:
    """The posts held before `at`, going back until a rest of eleven hours."""
    shift: list[Worked] = []
    edge = at
    for duty in sorted(worked, key=lambda duty: duty.start, reverse=True):
        if duty.start > at:
            continue
        if edge - duty.ended_by(at) >= REST:
            break
        shift.append(duty)
        edge = duty.start
    return shift


def excluded_by(role: Role, worked: Iterable[Worked], *, at: datetime) -> Role | None:
    """The role already held in this shift that forbids this one."""
    if role not in EXCLUSIVE_IN_ONE_SHIFT:
        return None
    others = set(EXCLUSIVE_IN_ONE_SHIFT) - {role}
    return next((duty.role for duty in in_the_same_shift(worked, at=at) if duty.role in others), None)
