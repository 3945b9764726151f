"""What a ranking leaves to choose, one line a proposal, in its order: found again without reading half a megabyte.

p12@34 1 snp            place 34 of professional 12, first, offer "snp"
s5@6 2 pro p7@8=cpts    with another place or offer of the same
"""

from dataclasses import dataclass
from typing import Any

OPEN_STATES = ("open", "opened_early")


@dataclass(frozen=True, slots=True)
class Proposed:
    rank: int
    offer: str
    first: bool
    next_candidates: tuple[str, ...]  # what to take instead: the first line, or the second after the first


def as_lines(output: dict[str, Any]) -> str:
    levels = (level for level in output["levels"] if level["state"] in OPEN_STATES)
    return "\n".join(_line(row) for level in levels for row in level.get("proposals", ()))


def _line(row: dict[str, Any]) -> str:
    others = "".join(f" {other['candidate']}={other['offer']}" for other in row.get("others", ()))
    return f"{row['candidate']} {row['rank']} {row['offer']}{others}"


def proposed(lines: str, candidate: str) -> Proposed | None:
    """None when nothing open proposes it."""
    found = _find(lines, candidate)
    if found is None:
        return None
    number, line = found
    own, rank, offer, *others = line.split(" ")
    if own != candidate:
        offer = dict(other.split("=") for other in others)[candidate]
    following = (each.split(" ", 1)[0] for each in lines.split("\n", 2)[:2] if each != line)
    return Proposed(int(rank), offer, number == 0 and own == candidate, tuple(following)[:1])


def _find(lines: str, candidate: str) -> tuple[int, str] | None:
    """Its place (0 or not) and its line, by the speed of one search in the text."""
    text = f"\n{lines}\n"
    at = text.find(f"\n{candidate} ")
    if at < 0:
        at = text.find(f" {candidate}=")
    if at < 0 or not candidate:
        return None
    start = text.rfind("\n", 0, at + 1)
    return start, text[start + 1 : text.index("\n", start + 1)]
