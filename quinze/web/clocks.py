"""The clock badge: how late a file is, read by weight and never by hue."""

from dataclasses import dataclass
from enum import StrEnum

from quinze.web import french

NEAR = 2 / 3


class Lateness(StrEnum):
    PLAIN = "plain"
    NEAR = "near"
    OVER = "over"


# The waited part of the target, to the nearest quarter.
QUARTERS = ("M6 6Z", "M6 6V1a5 5 0 0 1 5 5Z", "M6 6V1a5 5 0 0 1 0 10Z", "M6 6V1a5 5 0 1 1-5 5Z", "M6 6Z")


@dataclass(frozen=True, slots=True)
class Clock:
    waited: float
    target: float | None

    @property
    def lateness(self) -> Lateness:
        if not self.target or self.waited < self.target * NEAR:
            return Lateness.PLAIN
        return Lateness.OVER if self.waited > self.target else Lateness.NEAR

    @property
    def disc(self) -> str:
        share = self.waited / self.target if self.target else 0
        return QUARTERS[min(round(share * 4), 4 if share > 1 else 3)]

    @property
    def words(self) -> str:
        """What a screen reader adds to the figures."""
        if self.lateness is Lateness.OVER:
            return f", cible dépassée de {french.elapsed(self.waited - (self.target or 0))}"
        return ", bientôt dépassé" if self.lateness is Lateness.NEAR else ""
