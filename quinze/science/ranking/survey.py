"""The ranking of a thousand people of whom the first of each level are shown: the same answer, far less work.

Candidates that the rules cannot tell apart share one verdict, given by the ranking's own tests on one of them; keys of
the order are read from the sketches; only those who are shown become candidates with their seats, and the algorithm
itself ranks these. `head_of(rank(everyone))` is the same ranking: tests compare them, and so does every replay.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from quinze.science.charter import OrderKey, Participation, Selector

from .algorithm_1 import proposals_of, tally
from .eligibility import assess, stand_at
from .inputs import Candidate, RankingInputs
from .levels import LevelRule, Opening, Openings, rules_of
from .ordering import AFTER_ALL_KNOWN, Key, Ranked, draw, one_per_person, ranked
from .outcome import Detail, LevelOutcome, Ranking, Reason, Standing
from .sketches import OFFERS, Sketch, Starts, candidate_of, start_of, stated_modalities

BY_WAY = frozenset({Selector.PARTICIPANTS, Selector.NOT_PARTICIPATING})


class DisagreementError(RuntimeError):
    """Those who are shown do not rank as the survey said: their seats changed between the two reads."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of all the sketches that share a signature. `level` 0: refused."""

    level: int
    in_calendar: bool
    columns: tuple[int, ...]  # of `Sketch.starts`, the offers of the level
    designated: tuple[int, ...]
    reason: Reason | None = None
    detail: Detail = Detail.NONE


@dataclass(slots=True)
class Entry:
    """A sketch inside a level, with the values of the keys of its order."""

    sketch: Sketch
    verdict: Verdict
    start: int | None
    keys: tuple[Key, ...]

    @property
    def known_keys(self) -> tuple[int, ...]:
        late = self.sketch.stale and self.start is not None
        return (late, *(AFTER_ALL_KNOWN if key is None else key for key in self.keys))


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
    order: dict[int, list[str]]  # level → candidates shown, best first
    found_at: dict[str, tuple[int, int | None]]  # level and first start of each candidate shown, other places included
    levels: dict[int, LevelCount]
    openings: dict[int, Opening]
    refused: Counter[Reason]


def can_survey(inputs: RankingInputs) -> bool:
    """A level by teleconsultation looks at the modalities of each seat, which a sketch does not hold."""
    return all(level.who.selector is not Selector.TELECONSULTATION for level in inputs.charter.levels)


def survey(inputs: RankingInputs, sketches: Iterable[Sketch], *, shown: int, greyed: int) -> Survey:
    """`inputs` without its candidates, who are all in `sketches`. `shown` of an open level, `greyed` of another."""
    surveyor = _Surveyor(inputs, shown, greyed)
    for sketch in sketches:
        surveyor.meet(sketch)
    return surveyor.result()


class _Surveyor:
    def __init__(self, inputs: RankingInputs, shown: int, greyed: int) -> None:
        self.inputs, self.shown, self.greyed = inputs, shown, greyed
        self.rules = rules_of(inputs)
        self.verdicts: dict[tuple[Any, ...], Verdict] = {}
        self.met: Counter[int] = Counter()  # id of a verdict → sketches
        self.kept: dict[int, list[tuple[Sketch, Verdict]]] = defaultdict(list)
        self.minutes = sorted({rule.max_minutes for rule in self.rules if rule.max_minutes is not None})
        self.kilometres = sorted({rule.max_km for rule in self.rules if rule.max_km is not None})
        need = inputs.need
        self.by_language, self.by_access = bool(need.languages), need.wheelchair
        self.overbooks = any(rule.overbooking for rule in self.rules)
        self.asked_modalities = tuple(
            not need.modalities or not need.modalities.isdisjoint(stated_modalities(visits=visits, video=video))
            for visits, video in ((False, False), (False, True), (True, False), (True, True))
        )
        self.ways = {way: self._way(way) for way in ("", *(each.value for each in Participation))}
        self.seats = [self._serving(mask) for mask in range(16)]
        self.referring = {int(name[1:]) for name in need.referring_ids}
        self.referring_structures = set(map(int, need.referring_structure_ids))

    def _way(self, way: str) -> tuple[bool, ...]:
        """Ways of taking part that designate the same levels are one and the same."""
        someone = Candidate("", "", participation=Participation(way) if way else None)
        return tuple([rule.designates(someone) for rule in self.rules if rule.level.who.selector in BY_WAY])

    def _serving(self, mask: int) -> tuple[bool, ...]:
        """So are free seats that serve the same levels. Bits of `mask`: an offer of OFFERS has a seat."""
        having = {offer for index, offer in enumerate(OFFERS) if mask >> index & 1}
        return (bool(having), *(not rule.level.offer.isdisjoint(having) for rule in self.rules))

    # ---- one verdict for those whom the rules cannot tell apart

    def meet(self, sketch: Sketch) -> None:
        signature = self._signature(sketch)
        verdict = self.verdicts.get(signature)
        if verdict is None:
            verdict = self.verdicts[signature] = self._judge(sketch)
        self.met[id(verdict)] += 1
        if verdict.level:
            self.kept[verdict.level].append((sketch, verdict))

    def _signature(self, sketch: Sketch) -> tuple[Any, ...]:
        (owner, _, kind, _, profession, specialty, km, minutes, via, visits, video, overbooking, left, wheelchair,
         languages, belongs, away, _, _, _, (a, b, c, d), after, _) = sketch  # fmt: skip
        seats = (a is not None) | (b is not None) << 1 | (c is not None) << 2 | (d is not None) << 3
        return (
            kind, profession, specialty, self.ways[via], self.asked_modalities[2 * visits + video],
            (left > 0 if overbooking else None) if self.overbooks else None,
            wheelchair if self.by_access else None, languages if self.by_language else None, belongs,
            self.seats[seats], None if away is None else tuple([start is None for start in after]),
            -1 if minutes is None else bisect_left(self.minutes, minutes),
            -1 if km is None else bisect_left(self.kilometres, km),
            owner if owner in (self.referring_structures if kind else self.referring) else 0,
        )  # fmt: skip

    def _judge(self, sketch: Sketch) -> Verdict:
        inputs = self.inputs
        candidate = candidate_of(sketch, wanted=inputs.need.modalities)
        designated = [rule for rule in self.rules if rule.designates(candidate)]
        numbers = tuple(rule.number for rule in designated)
        verdict = assess(candidate, inputs=inputs, rules=self.rules, designated=designated)
        if not isinstance(verdict, Standing):
            return Verdict(0, in_calendar=False, columns=(), designated=numbers, reason=verdict[0], detail=verdict[1])
        offers = self.rules[verdict.level - 1].level.offer
        columns = tuple(index for index, offer in enumerate(OFFERS) if offer in offers)
        return Verdict(verdict.level, in_calendar=verdict.in_calendar, columns=columns, designated=numbers)

    # ---- the first of each level

    def result(self) -> Survey:
        levels = {rule.number: LevelCount() for rule in self.rules}
        refused: Counter[Reason] = Counter()
        for verdict in self.verdicts.values():
            self._count(verdict, levels, refused)
        entries = {number: self._entries(self.rules[number - 1], kept) for number, kept in self.kept.items()}
        others = self._one_per_person(entries)
        shown: list[Entry] = []
        order: dict[int, list[str]] = {}
        for number, people in entries.items():
            self._summarise(levels[number], people)
        openings = _openings(self.inputs, self.rules, levels)
        for number, people in entries.items():
            first = self._first(people, self.shown if openings[number].state.is_open else self.greyed)
            order[number] = [entry.sketch.id for entry in first]
            for entry in first:
                shown += [entry, *others.get(entry.sketch.person, ())]
        found_at = {entry.sketch.id: (entry.verdict.level, entry.start) for entry in shown}
        return Survey(tuple([entry.sketch for entry in shown]), order, found_at, levels, openings, refused)

    def _count(self, verdict: Verdict, levels: dict[int, LevelCount], refused: Counter[Reason]) -> None:
        times = self.met[id(verdict)]
        for number in verdict.designated:
            levels[number].designated += times
            if verdict.reason is not None:
                levels[number].refused[verdict.reason] += times
        if verdict.reason is not None:
            refused[verdict.reason] += times

    def _entries(self, rule: LevelRule, kept: list[tuple[Sketch, Verdict]]) -> list[Entry]:
        keys = [KEYS[key](self.inputs) for key in rule.order]
        found = []
        for sketch, verdict in kept:
            start = _first_start(sketch, verdict.columns)
            found.append(Entry(sketch, verdict, start, tuple([key(sketch, start) for key in keys])))
        return found

    def _one_per_person(self, entries: dict[int, list[Entry]]) -> dict[str, list[Entry]]:
        """Leaves each doctor at the best place, as the algorithm does; returns the other places."""
        owners = Counter(e.sketch.owner for found in entries.values() for e in found if not e.sketch.structure_kind)
        several = {owner for owner, times in owners.items() if times > 1}
        if not several:
            return {}
        groups: dict[int, list[Entry]] = defaultdict(list)
        for number, found in entries.items():
            for entry in found:
                if entry.sketch.owner in several and not entry.sketch.structure_kind:
                    groups[entry.sketch.owner].append(entry)
            entries[number] = [e for e in found if e.sketch.structure_kind or e.sketch.owner not in several]
        others = {}
        for group in groups.values():
            best, *rest = sorted(group, key=_best_place)
            entries[best.verdict.level].append(best)
            others[best.sketch.person] = rest
        return others

    def _first(self, people: list[Entry], shown: int) -> list[Entry]:
        """By keys, then by the draw, which is computed for those only whom it may decide."""
        people.sort(key=attrgetter("known_keys"))
        if len(people) > shown:
            last = people[shown - 1].known_keys
            people = [entry for entry in people if entry.known_keys <= last]
        seed = self.inputs.seed
        drawn = sorted((e.known_keys, draw(seed, e.sketch.person), e.sketch.id, i) for i, e in enumerate(people))
        return [people[index] for *_, index in drawn[:shown]]

    def _summarise(self, count: LevelCount, people: list[Entry]) -> None:
        starts = [entry.start for entry in people if entry.start is not None]
        count.people = len(people)
        count.first_start = min(starts, default=None)
        count.some_without_start = len(starts) < len(people)


def _first_start(sketch: Sketch, columns: tuple[int, ...]) -> int | None:
    starts: Starts = sketch.starts if sketch.away_until is None else sketch.after_absence
    known = [code for column in columns if (code := starts[column]) is not None]
    return start_of(min(known)) if known else None


def _best_place(entry: Entry) -> tuple[Any, ...]:
    return (0 if entry.verdict.in_calendar else 1, entry.verdict.level, entry.known_keys, entry.sketch.id)


KeyOf = Callable[[Sketch, int | None], Key]


def _earliest(inputs: RankingInputs) -> KeyOf:
    step = 60 * inputs.charter.steps.earliest_minutes
    return lambda _, start: None if start is None else start // step


def _nearest(inputs: RankingInputs) -> KeyOf:
    step = inputs.charter.steps.nearest_minutes
    return lambda sketch, _: None if sketch.minutes is None else sketch.minutes // step


def _fairest(inputs: RankingInputs) -> KeyOf:
    step = inputs.charter.steps.fairest_hundredths

    def key(sketch: Sketch, _: int | None) -> int:
        offered = max(1, sketch.offered)
        return (200 * sketch.asked + offered * step) // (2 * offered * step)

    return key


def _continuity(inputs: RankingInputs) -> KeyOf:
    known = inputs.need.patient_known
    return lambda sketch, _: 0 if known and sketch.seen else 1


KEYS: dict[OrderKey, Callable[[RankingInputs], KeyOf]] = {
    OrderKey.EARLIEST: _earliest,
    OrderKey.NEAREST: _nearest,
    OrderKey.FAIREST: _fairest,
    OrderKey.CONTINUITY: _continuity,
}


# ---- those who are shown, ranked by the algorithm itself


def rank_shown(inputs: RankingInputs, found: Survey) -> Ranking:
    """`inputs` holds the candidates of `found.shown`, with their seats. Raises DisagreementError when they changed."""
    rules = rules_of(inputs)
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
