"""The ranking of a thousand people of whom the first of each level are shown: the same answer, far less work.

Everyone is judged and ordered as columns (`crowd`, `judging`); only those who are shown become candidates with their
seats, and the algorithm itself ranks these. `head_of(rank(everyone))` is the same ranking: tests compare them, and so
does every replay.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import numpy as np

from quinze.science.charter import OrderKey, Selector

from .algorithm_1 import proposals_of, tally
from .crowd import MANY_STRUCTURES, NO_SEAT, NONE, UNKNOWN, Booleans, Crowd, Integers
from .eligibility import STALE_COMES_LAST, stand_at
from .inputs import Candidate, RankingInputs
from .judging import REASONS, Verdicts, judge
from .levels import LevelRule, Opening, Openings, rules_of
from .ordering import AFTER_ALL_KNOWN, Ranked, draw, one_per_person, ranked
from .outcome import LevelOutcome, Ranking, Reason, Standing
from .sketches import EPOCH, OFFERS, SLOT_BITS, Sketch


class DisagreementError(RuntimeError):
    """Those who are shown do not rank as the survey said: their seats changed between the two reads."""


@dataclass(slots=True)
class LevelCount:
    """What is kept of those who are not shown."""

    people: int = 0
    first_start: int | None = None
    some_without_start: bool = False
    designated: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)


@dataclass(slots=True)
class Survey:
    shown: tuple[Sketch, ...]  # the first of each level, and the other places of these people
    rows: tuple[int, ...]  # theirs, in the crowd
    order: dict[int, list[str]]  # level → candidates shown, best first
    found_at: dict[str, tuple[int, int | None]]  # level and first start of each candidate shown, other places included
    levels: dict[int, LevelCount]
    openings: dict[int, Opening]
    refused: Counter[Reason]
    rules: tuple[LevelRule, ...]


def can_survey(inputs: RankingInputs) -> bool:
    """A level by teleconsultation looks at the modalities of each seat, which a crowd does not hold; nor does it know
    more structures than a mask has bits, nor what older algorithms did.
    """
    need = inputs.need
    named = need.patient_cpts_ids | need.place_cpts_ids | need.referring_structure_ids
    remote = any(level.who.selector is Selector.TELECONSULTATION for level in inputs.charter.levels)
    return not remote and len(named) <= MANY_STRUCTURES and inputs.algorithm >= STALE_COMES_LAST


def survey(
    inputs: RankingInputs, crowd: Crowd, *, shown: int, greyed: int, rules: tuple[LevelRule, ...] | None = None
) -> Survey:
    """`inputs` without its candidates, who are all in `crowd`. `shown` of an open level, `greyed` of another. `rules`:
    of these inputs, when they were made already.
    """
    return _Surveyor(inputs, crowd, rules or rules_of(inputs)).result(shown=shown, greyed=greyed)


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """Rows of the crowd, with the start and the keys of each; `keys`: one column for each row."""

    rows: Integers
    starts: Integers  # NO_SEAT: none
    keys: Integers

    def among(self, staying: Booleans) -> "_Level":
        kept = staying[self.rows]
        return _Level(self.rows[kept], self.starts[kept], self.keys[:, kept])


class _Surveyor:
    def __init__(self, inputs: RankingInputs, crowd: Crowd, rules: tuple[LevelRule, ...]) -> None:
        self.inputs, self.crowd, self.rules = inputs, crowd, rules
        self.verdicts: Verdicts = judge(inputs, self.rules, crowd)
        self.levels = self._levels()

    def _levels(self) -> dict[int, _Level]:
        """All rows at once: a level has few, and eight levels cost eight times the same operations."""
        crowd, level = self.crowd, self.verdicts.level
        rows = np.argsort(level, kind="stable")
        ends = np.searchsorted(level[rows], np.arange(len(self.rules) + 2)).tolist()
        rows, ends = rows[ends[1] :], [end - ends[1] for end in ends[1:]]
        numbers = level[rows]
        codes = np.where((crowd.away[rows] == UNKNOWN)[:, None], crowd.starts[rows], crowd.after[rows])
        first = np.where(self._offers()[numbers], codes, NO_SEAT).min(axis=1)
        starts = np.where(first == NO_SEAT, NO_SEAT, (first >> SLOT_BITS) + EPOCH)
        late = (crowd.stale[rows] & (starts != NO_SEAT)).astype(np.int64)
        keys = {key: KEYS[key](self.inputs, crowd, rows, starts) for rule in self.rules for key in rule.order}
        found = {}
        for rule, start, end in zip(self.rules, ends, ends[1:], strict=False):
            here = slice(start, end)
            columns = np.array([late[here], *(keys[key][here] for key in rule.order)])
            found[rule.number] = _Level(rows[here], starts[here], columns)
        return found

    def _offers(self) -> Booleans:
        """Which of OFFERS each level takes; nothing at 0."""
        taken = [[offer in rule.level.offer for offer in OFFERS] for rule in self.rules]
        return np.array([[False] * len(OFFERS), *taken])

    def result(self, *, shown: int, greyed: int) -> Survey:
        others = self._one_per_person()
        counts, refused = self._counts()
        openings = _openings(self.inputs, self.rules, counts)
        found = Survey((), (), {}, {}, counts, openings, refused, self.rules)
        kept: list[int] = []
        for number, level in self.levels.items():
            first = self._first(level, shown if openings[number].state.is_open else greyed)
            if not first:
                continue
            found.order[number] = [candidate for _, candidate, _ in first]
            for row, candidate, start in first:
                kept.append(row)
                found.found_at[candidate] = (number, start)
                for other in others.get(row, ()):
                    kept.append(other.row)
                    found.found_at[other.id] = (other.level, other.start)
        found.rows, found.shown = tuple(kept), tuple(self.crowd.sketches(np.array(kept, np.int64)))
        return found

    def _counts(self) -> tuple[dict[int, LevelCount], Counter[Reason]]:
        """Of each level, and the reasons of all who are refused, from one count of (level, reason)."""
        designated, reason = self.verdicts.designated, self.verdicts.reason
        refused = np.flatnonzero(reason >= 0)
        at, who = designated[:, refused].nonzero()
        kinds, levels = len(REASONS), len(self.rules)
        told = np.bincount(at * kinds + reason[refused][who], minlength=levels * kinds).reshape(levels, kinds).tolist()
        concerned = np.count_nonzero(designated, axis=1).tolist()
        counts = {}
        for rule, reasons, people in zip(self.rules, told, concerned, strict=True):
            level = self.levels[rule.number]
            known = level.starts[level.starts != NO_SEAT]
            first = int(known.min()) if len(known) else None
            more = len(known) < len(level.rows)
            counts[rule.number] = LevelCount(len(level.rows), first, more, people, _tallied(reasons))
        return counts, _tallied(np.bincount(reason[refused], minlength=kinds).tolist())

    def _one_per_person(self) -> "dict[int, list[_Place]]":
        """Leaves each doctor at the best place, as the algorithm does; returns the other places, by the row of it."""
        kept = np.flatnonzero((self.verdicts.level > 0) & self.crowd.is_professional)
        if not len(kept):
            return {}
        kept = kept[np.argsort(self.crowd.owner[kept], kind="stable")]
        owners = self.crowd.owner[kept]
        again = owners[1:] == owners[:-1]
        several = kept[np.append(again, False) | np.append(False, again)]
        groups: dict[int, list[_Place]] = defaultdict(list)
        for place in self._places(set(several.tolist())):
            groups[place.owner].append(place)
        others: dict[int, list[_Place]] = {}
        for group in groups.values():
            best, *rest = sorted(group, key=attrgetter("worth"))
            others[best.row] = rest
        if gone := [place.row for rest in others.values() for place in rest]:
            staying = np.ones(len(self.crowd), np.bool_)
            staying[gone] = False
            self.levels = {number: level.among(staying) for number, level in self.levels.items()}
        return others

    def _places(self, wanted: set[int]) -> "Iterator[_Place]":
        for rule in self.rules if wanted else ():
            level = self.levels[rule.number]
            for index, row in enumerate(level.rows.tolist()):
                if row in wanted:
                    start, ((here, _),) = int(level.starts[index]), self.crowd.ids(level.rows[index : index + 1])
                    worth = (not rule.in_calendar, rule.number, tuple(level.keys[:, index].tolist()), here)
                    owner = int(self.crowd.owner[row])
                    yield _Place(row, owner, here, rule.number, None if start == NONE else start, worth)

    def _first(self, level: _Level, shown: int) -> list[tuple[int, str, int | None]]:
        """Row, candidate and start, by keys, then by the draw, which is computed for those only whom it may decide."""
        if not len(level.rows):
            return []
        order = np.lexsort(level.keys[::-1])
        if len(order) > shown:
            last, sorted_keys = level.keys[:, order[shown - 1]], level.keys[:, order]
            order = order[: shown + int((sorted_keys[:, shown:] == last[:, None]).all(axis=0).sum())]
        rows, starts, keys = level.rows[order], level.starts[order].tolist(), level.keys[:, order].T.tolist()
        seed = self.inputs.seed
        drawn = [
            (key, draw(seed, person), here, row, start)
            for key, (here, person), row, start in zip(keys, self.crowd.ids(rows), rows.tolist(), starts, strict=True)
        ]
        drawn.sort()
        return [(row, here, None if start == NONE else start) for _, _, here, row, start in drawn[:shown]]


def _tallied(counts: list[int]) -> Counter[Reason]:
    """Of REASONS, in their order."""
    return Counter({reason: times for reason, times in zip(REASONS, counts, strict=True) if times})


@dataclass(frozen=True, slots=True)
class _Place:
    """One of the places of a doctor who stands at several."""

    row: int
    owner: int
    id: str
    level: int
    start: int | None
    worth: tuple[Any, ...]


KeysOf = Callable[[RankingInputs, Crowd, Integers, Integers], Any]


def _earliest(inputs: RankingInputs, _: Crowd, __: Integers, starts: Integers) -> Any:
    return np.where(starts == NO_SEAT, AFTER_ALL_KNOWN, starts // (60 * inputs.charter.steps.earliest_minutes))


def _nearest(inputs: RankingInputs, crowd: Crowd, rows: Integers, _: Integers) -> Any:
    minutes = crowd.minutes[rows]
    return np.where(minutes == UNKNOWN, AFTER_ALL_KNOWN, minutes // inputs.charter.steps.nearest_minutes)


def _fairest(inputs: RankingInputs, crowd: Crowd, rows: Integers, _: Integers) -> Any:
    step, offered = inputs.charter.steps.fairest_hundredths, np.maximum(1, crowd.offered[rows])
    return (200 * crowd.asked[rows] + offered * step) // (2 * offered * step)


def _continuity(inputs: RankingInputs, crowd: Crowd, rows: Integers, _: Integers) -> Any:
    return np.where(crowd.seen[rows] & inputs.need.patient_known, 0, 1)


KEYS: dict[OrderKey, KeysOf] = {
    OrderKey.EARLIEST: _earliest,
    OrderKey.NEAREST: _nearest,
    OrderKey.FAIREST: _fairest,
    OrderKey.CONTINUITY: _continuity,
}


# ---- those who are shown, ranked by the algorithm itself


def rank_shown(inputs: RankingInputs, found: Survey) -> Ranking:
    """`inputs` holds the candidates of `found.shown`, with their seats. Raises DisagreementError when they changed."""
    rules = found.rules
    by_level: dict[int, list[Ranked]] = {rule.number: [] for rule in rules}
    people = one_per_person(_stand(each, inputs, rules, *found.found_at[each.id]) for each in inputs.candidates)
    for person in sorted(people, key=attrgetter("sort_key")):
        by_level[person.standing.level].append(person)
    for number, inside in by_level.items():
        if [person.candidate.id for person in inside] != found.order.get(number, []):
            raise DisagreementError(f"niveau {number}")
    return Ranking(
        algorithm=inputs.algorithm,
        charter_version=inputs.charter.version,
        at=inputs.at,
        seed=inputs.seed,
        levels=tuple(_outcomes(rules, by_level, found)),
        refusals=(),
        inputs=inputs,
        refused=tally(found.refused),
    )


def _stand(
    candidate: Candidate, inputs: RankingInputs, rules: tuple[LevelRule, ...], level: int, start: int | None
) -> Ranked:
    """At the level that the survey gave, with the seats that were read since, of which the first must be the same."""
    rule = rules[level - 1]
    standing = stand_at(rule, candidate, inputs)
    if start != (None if standing.start is None else int(standing.start.timestamp())):
        raise DisagreementError(candidate.id)
    return ranked(candidate, standing, inputs, rule.order)


def _outcomes(rules: tuple[LevelRule, ...], by_level: dict[int, list[Ranked]], found: Survey) -> Iterator[LevelOutcome]:
    given = 0
    for rule in rules:
        inside, count, opening = by_level[rule.number], found.levels[rule.number], found.openings[rule.number]
        yield LevelOutcome(
            number=rule.number,
            name=rule.level.name,
            state=opening.state,
            opens_at=opening.at,
            served_by=opening.served_by,
            proposals=proposals_of(inside, after=given if rule.in_calendar else None),
            concerned=count.designated,
            refused=tally(count.refused),
            more=count.people - len(inside),
        )
        given += count.people if rule.in_calendar else 0


def _openings(inputs: RankingInputs, rules: tuple[LevelRule, ...], levels: dict[int, LevelCount]) -> dict[int, Opening]:
    openings = Openings(inputs, {})
    return {rule.number: openings.open(rule, _serving(levels[rule.number])) for rule in rules}


def _serving(count: LevelCount) -> Sequence[Standing]:
    """When a level serves depends on its first seat, and on whether somebody serves without one."""
    starts = [] if count.first_start is None else [datetime.fromtimestamp(count.first_start, UTC)]
    some = [*starts, None] if count.some_without_start else starts
    return [Standing(0, True, OFFERS[0], (), start) for start in some]  # noqa: FBT003


def head_of(ranking: Ranking, *, shown: int, greyed: int) -> Ranking:
    """What `rank_shown` answers, from the ranking of everyone."""
    refused = Counter(refusal.reason for refusal in ranking.refusals)
    levels = tuple(_head(level, shown if level.state.is_open else greyed) for level in ranking.levels)
    return replace(ranking, levels=levels, refusals=(), refused=tally(refused))


def _head(level: LevelOutcome, shown: int) -> LevelOutcome:
    return replace(level, proposals=level.proposals[:shown], more=max(0, len(level.proposals) - shown))
