"""Named rosters by constraint programming (OR-Tools CP-SAT, the extra `rosters`).

Working rules are never broken; what cannot be filled is a gap, so that there is always an answer. First as few empty
minutes and missed quotas as possible; then, among those rosters, hours, nights and week-ends shared evenly, and
wishes. Same problem, same answer: one worker, a seed, and a limit counted in work, not in seconds.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from quinze.science.rosters.checker import Gap, gaps
from quinze.science.rosters.evenness import targets
from quinze.science.rosters.personal import Worker
from quinze.science.rosters.problem import Assignment, Person, Problem, Shift, Unusable
from quinze.science.rosters.swaps import sites

EFFORT = 20.0  # CP-SAT's deterministic time for each of the two steps: about as many seconds
A_QUOTA_SHIFT = 60  # as bad as an hour without anybody
UNEVEN_WEIGHTS = {"minutes": 1, "nights": 30, "weekends": 30}  # the last two counted in tenths
A_WISH = 60
SEED = 15


class NotInstalled(Unusable):
    def __init__(self) -> None:
        super().__init__("Les plannings nominatifs demandent OR-Tools : installez quinze[rosters].")


@dataclass(frozen=True, slots=True)
class Roster:
    """`inevitable`: it is proven that no roster has fewer gaps. `evenest`: nor shares the work better."""

    assignments: tuple[Assignment, ...]
    gaps: tuple[Gap, ...]
    inevitable: bool
    evenest: bool


def solve(problem: Problem, *, effort: float = EFFORT) -> Roster:
    """Raises NotInstalled without OR-Tools."""
    model = _Model(problem)
    model.fill()
    inevitable = model.fewest_gaps(effort)
    evenest = model.most_even(effort)
    assignments = tuple(sites(problem, model.chosen))
    return Roster(assignments, tuple(gaps(problem, assignments)), inevitable, evenest)


def _cp_model() -> Any:
    try:
        from ortools.sat.python import cp_model  # noqa: PLC0415  (an extra: everything else works without it)
    except ImportError as missing:
        raise NotInstalled from missing
    return cp_model


class _Model:
    """`takes[person][shift]` are the choices; fixed assignments are not choices."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.cp = problem, _cp_model()
        self.model = self.cp.CpModel()
        self.takes: dict[str, dict[str, Any]] = {}
        self.empty: list[tuple[Any, int]] = []
        self.missed: list[Any] = []
        self.chosen: list[Assignment] = list(problem.fixed)
        self.values: dict[int, int] = {}

    def fill(self) -> None:
        fixed = defaultdict[str, list[str]](list)
        for each in self.problem.fixed:
            fixed[each.person].append(each.shift)
        for person in self.problem.people:
            worker = Worker(self.model, self.problem, person, fixed[person.key])
            worker.keep_rules()
            self.takes[person.key] = worker.takes
            self._quota(person, len(fixed[person.key]))
        for shift in self.problem.shifts:
            self._cover(shift)

    def _quota(self, person: Person, done: int) -> None:
        if person.quota > done:
            missed = self.model.new_int_var(0, person.quota - done, "")
            self.model.add(sum(self.takes[person.key].values()) + missed >= person.quota - done)
            self.missed.append(missed)

    def _cover(self, shift: Shift) -> None:
        """As many as needed and no more; one trainee at most beside each of those who are not."""
        there = [self.problem.person[each.person] for each in self.problem.fixed if each.shift == shift.key]
        learning = sum(person.trainee for person in there)
        others, trainees = self._candidates(shift)
        room = max(0, shift.needed - (len(there) - learning))
        lacking = self.model.new_int_var(0, room, "")
        self.model.add(sum(others) + lacking == room)
        self.empty.append((lacking, round(shift.period.length / timedelta(minutes=1))))
        for each in trainees:
            beside = sum(others) + len(there) - learning
            self.model.add(sum(trainees) + learning <= beside).only_enforce_if(each)

    def _candidates(self, shift: Shift) -> tuple[list[Any], list[Any]]:
        others: list[Any] = []
        trainees: list[Any] = []
        for key, takes in self.takes.items():
            if shift.key in takes:
                (trainees if self.problem.person[key].trainee else others).append(takes[shift.key])
        return others, trainees

    def fewest_gaps(self, effort: float) -> bool:
        """Solves, then forbids more gaps than found. True when fewer is proven impossible."""
        cost = sum(minutes * lacking for lacking, minutes in self.empty) + A_QUOTA_SHIFT * sum(self.missed)
        self.model.minimize(cost)
        solver, proven = self._solve(effort)
        if solver is not None:
            self.model.add(cost <= round(solver.objective_value))
        return proven

    def most_even(self, effort: float) -> bool:
        self.model.clear_objective()
        self.model.minimize(self._unevenness() - self._wishes())
        self._hint()
        return self._solve(effort)[1]

    def _solve(self, effort: float) -> tuple[Any, bool]:
        """(the solver when it found something, whether nothing better exists). Otherwise the former choice is kept."""
        solver = self.cp.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = SEED
        solver.parameters.max_deterministic_time = effort
        status = solver.solve(self.model)
        if status not in {self.cp.OPTIMAL, self.cp.FEASIBLE}:
            return None, False
        self.chosen = [*self.problem.fixed]
        for person, takes in self.takes.items():
            self.chosen += [Assignment(person, shift) for shift, take in takes.items() if solver.value(take)]
        return solver, bool(status == self.cp.OPTIMAL)

    def _hint(self) -> None:
        held = {(each.person, each.shift) for each in self.chosen}
        for person, takes in self.takes.items():
            for shift, take in takes.items():
                self.model.add_hint(take, int((person, shift) in held))

    def _unevenness(self) -> Any:
        """For each kind of burden, the sum of distances to the fair part, and the largest of them once per person
        again.
        """
        total: Any = 0
        for burden, weight in UNEVEN_WEIGHTS.items():
            fair = targets(self.problem, burden)
            distances = [self._distance(key, fair, aim) for key, aim in fair.aims.items() if self.takes[key]]
            if distances:
                worst = self.model.new_int_var(0, fair.most, "")
                self.model.add_max_equality(worst, distances)
                total = total + weight * (sum(distances) + len(distances) * worst)
        return total

    def _distance(self, person: str, fair: Any, aim: int) -> Any:
        has = sum(fair.sizes[shift] * take for shift, take in self.takes[person].items() if fair.sizes[shift])
        distance = self.model.new_int_var(0, fair.most, "")
        self.model.add_abs_equality(distance, has + fair.had[person] - aim)
        return distance

    def _wishes(self) -> Any:
        total: Any = 0
        for person in self.problem.people:
            for shift, take in self.takes[person.key].items():
                weight = _wished(person, self.problem.shift[shift])
                total = total + A_WISH * weight * take
        return total


def _wished(person: Person, shift: Shift) -> int:
    return sum(wish.weight for wish in person.wishes if wish.period.meets(shift.period))
