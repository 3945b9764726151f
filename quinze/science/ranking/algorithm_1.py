"""Algorithm 1, as docs/explanation/ranking.md states it. A changed rule is a new algorithm in a new module."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter

from .eligibility import assess
from .inputs import Candidate, RankingInputs
from .levels import LevelRule, Openings, is_referring, rules_of
from .ordering import Ranked, one_per_person, ranked
from .outcome import LevelOutcome, OtherPlace, Proposal, Ranking, Reason, Refusal, Standing

ALGORITHM = 1


@dataclass(slots=True)
class Sorting:
    """Every candidate on one side or the other, with what each level designated."""

    kept: list[Ranked] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    designated: Counter[int] = field(default_factory=Counter)
    refused_by_level: dict[int, Counter[Reason]] = field(default_factory=dict)


def rank(inputs: RankingInputs) -> Ranking:
    rules = rules_of(inputs)
    sorting = Sorting()
    for candidate in inputs.candidates:
        _sort_out(candidate, inputs, rules, sorting)
    people = sorted(one_per_person(sorting.kept), key=attrgetter("sort_key"))
    return Ranking(
        algorithm=ALGORITHM,
        charter_version=inputs.charter.version,
        at=inputs.at,
        seed=inputs.seed,
        levels=_levels(people, inputs, rules, sorting),
        refusals=tuple(sorted(sorting.refused, key=attrgetter("candidate"))),
        inputs=inputs,
    )


def _sort_out(candidate: Candidate, inputs: RankingInputs, rules: tuple[LevelRule, ...], sorting: Sorting) -> None:
    designated = [rule for rule in rules if rule.designates(candidate)]
    verdict = assess(candidate, inputs=inputs, rules=rules, designated=designated)
    sorting.designated.update([rule.number for rule in designated])
    if isinstance(verdict, Standing):
        sorting.kept.append(ranked(candidate, verdict, inputs, rules[verdict.level - 1].order))
        return
    reason, detail = verdict
    sorting.refused.append(Refusal(candidate.id, reason, detail, referring=is_referring(candidate, inputs.need)))
    for rule in designated:
        sorting.refused_by_level.setdefault(rule.number, Counter())[reason] += 1


def _levels(
    people: list[Ranked], inputs: RankingInputs, rules: tuple[LevelRule, ...], sorting: Sorting
) -> tuple[LevelOutcome, ...]:
    by_level: dict[int, list[Ranked]] = {rule.number: [] for rule in rules}
    for person in people:
        by_level[person.standing.level].append(person)
    openings = Openings(inputs, {})
    outcomes: list[LevelOutcome] = []
    ranks_given = 0
    for rule in rules:
        inside = by_level[rule.number]
        opening = openings.open(rule, [person.standing for person in inside])
        outcomes.append(
            LevelOutcome(
                number=rule.number,
                name=rule.level.name,
                state=opening.state,
                opens_at=opening.at,
                served_by=opening.served_by,
                proposals=proposals_of(inside, after=ranks_given if rule.in_calendar else None),
                concerned=sorting.designated[rule.number],
                refused=tally(sorting.refused_by_level.get(rule.number)),
            )
        )
        ranks_given += len(inside) if rule.in_calendar else 0
    return tuple(outcomes)


def tally(counts: Counter[Reason] | None) -> tuple[tuple[Reason, int], ...]:
    return tuple((reason, counts[reason]) for reason in Reason if counts[reason]) if counts else ()


def proposals_of(inside: list[Ranked], *, after: int | None) -> tuple[Proposal, ...]:
    return tuple(_proposals(inside, after))


def _proposals(inside: list[Ranked], after: int | None) -> Iterable[Proposal]:
    for position, person in enumerate(inside, start=1):
        standing = person.standing
        yield Proposal(
            candidate=person.candidate.id,
            rank=None if after is None else after + position,
            offer=standing.offer,
            start=standing.start,
            slots=tuple([seat.slot for seat in standing.seats]),
            keys=person.keys,
            draw=person.draw,
            others=tuple(_other(other) for other in person.others),
        )


def _other(place: Ranked) -> OtherPlace:
    standing = place.standing
    slots = tuple(seat.slot for seat in standing.seats)
    return OtherPlace(place.candidate.id, standing.level, standing.offer, slots)
