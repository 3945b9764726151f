"""A past month under another charter: who would have been called, one request after the other.

Each request is ranked again on what was logged then, corrected by what the replay itself changed since: a seat that it
gave to someone earlier is no longer free, one that it left is free again, and solicitations follow. What the log did
not read cannot come back: a doctor who was full then, or out of the zone of search, stays so. Cancellations are not
played.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from quinze.science.charter import Charter
from quinze.science.ranking import Candidate, LevelOutcome, Proposal, RankingInputs, Seat, rank, seed_for

FAIRNESS = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Case:
    """One request: what its ranking read, and what really came of it (empty when nobody was called)."""

    request: str
    inputs: RankingInputs
    called: str = ""  # candidate
    called_slot: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """Who is called first. Minutes of travel and of waiting are None when they are not known."""

    candidate: str
    person: str
    label: str
    level: int
    level_name: str
    slot: str
    travel: int | None
    delay: float | None


def actual(case: Case) -> Call | None:
    """What really happened, in the words of the replay. None when nobody was called, or someone the log never read."""
    found = next((one for one in case.inputs.candidates if one.id == case.called), None)
    if found is None:
        return None
    seat = next((seat for seat in found.seats if seat.slot == case.called_slot), None)
    start = seat.start if seat else None
    return Call(found.id, found.person, found.label, 0, "", case.called_slot, found.minutes, _delay(case, start))


def replayed(cases: Iterable[Case], *, charter: Charter | None = None) -> Iterator[Call | None]:
    """For each request in turn, the first open proposal; None when no level could serve. Without `charter`, each with
    its own. Cases must come in the order of their instants; the same cases give the same calls, always.
    """
    ledger = Ledger()
    for case in cases:
        call = _first(case, ledger, charter)
        ledger.note(case, call)
        yield call


def _first(case: Case, ledger: "Ledger", charter: Charter | None) -> Call | None:
    inputs = ledger.corrected(case.inputs)
    text = charter or inputs.charter
    ranking = rank(replace(inputs, charter=text, seed=seed_for(case.request, text.version), opened_levels=frozenset()))
    placed = next(((level, one) for level, one in ranking.placed() if level.state.is_open), None)
    return None if placed is None else _call(case, *placed, people={one.id: one for one in inputs.candidates})


def _call(case: Case, level: LevelOutcome, proposal: Proposal, *, people: dict[str, Candidate]) -> Call:
    candidate = people[proposal.candidate]
    return Call(
        candidate=candidate.id,
        person=candidate.person,
        label=candidate.label,
        level=level.number,
        level_name=level.name,
        slot=proposal.slots[0] if proposal.slots else "",
        travel=candidate.minutes,
        delay=_delay(case, proposal.start),
    )


def _delay(case: Case, start: datetime | None) -> float | None:
    return None if start is None else max(0.0, (start - case.inputs.at).total_seconds() / 60)


@dataclass(slots=True)
class Ledger:
    """What differs from history so far: seats given or left, solicitations more or less."""

    seats: Counter[str] = field(default_factory=Counter)  # slot → free seats more (less when negative)
    left: dict[str, dict[str, Seat]] = field(default_factory=lambda: defaultdict(dict))  # candidate → slot → as it was
    asked: dict[str, list[tuple[datetime, int]]] = field(default_factory=lambda: defaultdict(list))

    def note(self, case: Case, call: Call | None) -> None:
        given = call.slot if call else ""
        if given != case.called_slot:
            self._seat(case, given, -1)
            self._seat(case, case.called_slot, +1)
        people = {one.id: one.person for one in case.inputs.candidates}
        then, now = people.get(case.called, ""), call.person if call else ""
        if then != now:
            self._solicitation(now, case.inputs.at, +1)
            self._solicitation(then, case.inputs.at, -1)

    def _seat(self, case: Case, slot: str, more: int) -> None:
        if not slot:
            return
        self.seats[slot] += more
        for candidate in case.inputs.candidates:
            seat = next((seat for seat in candidate.seats if seat.slot == slot), None)
            if seat is not None:
                self.left[candidate.id][slot] = seat

    def _solicitation(self, person: str, at: datetime, more: int) -> None:
        if person:
            self.asked[person].append((at, more))

    def corrected(self, inputs: RankingInputs) -> RankingInputs:
        candidates = tuple(self._candidate(one, inputs.at) for one in inputs.candidates)
        return replace(inputs, candidates=candidates)

    def _candidate(self, candidate: Candidate, at: datetime) -> Candidate:
        more = sum(times for when, times in self.asked.get(candidate.person, ()) if when > at - FAIRNESS)
        changed = self.left.get(candidate.id)
        if not more and not changed:
            return candidate
        seats = tuple(self._seats(candidate, changed, at)) if changed else candidate.seats
        return replace(candidate, seats=seats, solicitations_28d=max(0, candidate.solicitations_28d + more))

    def _seats(self, candidate: Candidate, changed: dict[str, Seat], at: datetime) -> Iterator[Seat]:
        shown = {seat.slot for seat in candidate.seats}
        for seat in candidate.seats:
            free = seat.free + self.seats[seat.slot]
            if free > 0:
                yield seat if free == seat.free else replace(seat, free=free)
        for slot, seat in sorted(changed.items()):
            if slot not in shown and self.seats[slot] > 0 and seat.start >= at:
                yield replace(seat, free=self.seats[slot])
