"""What a person is shown when a machine cannot say to whom something belongs: candidates, each with its reasons.

Shared by every screen that matches (`interop/_candidates.html` draws them): the choice is a radio button, the best
reasons come first, and nothing is chosen beforehand.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from quinze.patients.models import Patient


@dataclass(frozen=True, slots=True)
class Candidate:
    """`why`: what speaks for it, in words; the more, the higher in the list. `against`: what does not fit."""

    key: str
    title: str
    facts: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    order: tuple[float, ...] = field(default=(), compare=False)
    person: Patient | None = field(default=None, compare=False)  # whose name is shown: the page records its reading


def ranked(found: Iterable[Candidate]) -> list[Candidate]:
    """Most reasons first, then fewest objections, then `order`."""
    return sorted(found, key=lambda one: (-len(one.why), len(one.against), one.order))
