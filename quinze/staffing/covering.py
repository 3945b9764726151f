"""From a need by quarter-hour to shifts: the calls of a week, the posts they ask, the shifts that hold them. No
database here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.science.queueing.capacity import NIGHT, Study
from quinze.science.queueing.staffing import Shrinkage
from quinze.science.queueing.week import SAME_DAYS, needs_of_week, rates_of_week
from quinze.science.rosters import Cover, Unusable, cover
from quinze.staffing.shift_kinds import COVERED, DEFAULT, ROLE_OF_LINE, STEP, RoleKind

QUARTERS_OF_DAY = 96
WEEKS_OF_YEAR = 365.25 / 7


@dataclass(frozen=True, slots=True)
class Asked:
    """`rates`: calls per hour of each quarter-hour of a week, from a forecast; empty: those of the study, by weekday
    proportions. `source`: where the calls come from, in French.
    """

    study: Study
    kinds: tuple[RoleKind, ...] = DEFAULT
    by_day: tuple[float, ...] = SAME_DAYS
    busy: bool = False
    rates: tuple[float, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A role over the week: people needed by quarter-hour, line by line together, and the shifts that hold it."""

    role: Role
    needed: tuple[int, ...]
    cover: Cover

    @property
    def needed_hours(self) -> float:
        return sum(self.needed) / 4

    @property
    def paid_hours(self) -> float:
        return self.cover.paid_minutes / 60

    @property
    def night_hours(self) -> float:
        """Of those paid, between 21 h and 6 h."""
        quarters = sum(
            each.count
            for each in self.cover.planned
            for offset in range(each.kind.minutes // STEP)
            if (each.slot + offset) % QUARTERS_OF_DAY // 4 in NIGHT
        )
        return quarters / 4

    @property
    def short_hours(self) -> float:
        return sum(self.cover.short) / 4

    def fte(self, study: Study) -> float:
        """Pauses are in the shifts already: only absence, leave and training are added."""
        away = study.shrinkage
        there = 1 - Shrinkage(away.absence, away.leave, away.training, 0).whole
        day = (self.paid_hours - self.night_hours) / study.day_hours
        return WEEKS_OF_YEAR * (day + self.night_hours / study.night_hours) / there


@lru_cache(maxsize=16)
def covered(asked: Asked) -> tuple[Post, ...]:
    """One answer for each role that has calls. Kept: the drawing and the file of a page ask it again."""
    needs = needs_of_week(asked.study, asked.rates or rates_of_week(asked.study, by_day=asked.by_day, busy=asked.busy))
    found = []
    for role in COVERED:
        lines = [need.posts for need in needs if ROLE_OF_LINE[need.line.key] == role]
        needed = tuple(map(sum, zip(*lines, strict=True)))
        if any(needed):
            found.append(Post(role, needed, _cover(role, needed, asked.kinds)))
    return tuple(found)


def _cover(role: Role, needed: Sequence[int], kinds: Sequence[RoleKind]) -> Cover:
    mine = [each.kind for each in kinds if each.role == role]
    if not mine:
        raise Refusal(f"Aucune sorte de garde pour {role.label} : ajoutez-en une.", code="no_kind")
    try:
        return cover(needed, mine, step=STEP)
    except Unusable as wrong:
        raise Refusal(f"{role.label} : {wrong}", code="cover") from wrong
