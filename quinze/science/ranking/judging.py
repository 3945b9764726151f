"""The tests of `eligibility` on everyone at once: the same first reason, the same level, as arrays.

What a crowd cannot say is never refused here for it: its people have no notice, no limit of age, and take new patients.
Tests compare every verdict with those of `eligibility`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

import numpy as np

from quinze.science.charter import Offer, Selector

from .crowd import KINDS, NO_SEAT, UNKNOWN, WAYS, Booleans, Crowd, Integers
from .inputs import EMERGENCY, REACHED_BY_TELEPHONE, Need, RankingInputs
from .levels import LevelRule
from .outcome import Reason
from .sketches import OFFERS, stated_modalities

REASONS = tuple(Reason)


@dataclass(frozen=True, eq=False)
class Verdicts:
    """`level` 0: refused, for REASONS[reason]. `designated`: one row for each rule."""

    level: Integers
    reason: Integers
    designated: Booleans


@dataclass(frozen=True, eq=False)
class _Means:
    """What each can offer at a stage of the test."""

    kinds: Booleans  # one column for each of OFFERS
    overbooking: Booleans
    telephone: Booleans

    def serve(self, rules: tuple[LevelRule, ...]) -> Booleans:
        """One row for each rule."""
        offers, overbooking, contact = _taken(tuple([(r.level.offer, r.overbooking, r.contact) for r in rules]))
        found: Booleans = (offers @ self.kinds.T) | (overbooking & self.overbooking) | (contact & self.telephone)
        return found


@lru_cache(maxsize=256)
def _taken(rules: tuple[tuple[frozenset[Offer], bool, bool], ...]) -> tuple[Booleans, Booleans, Booleans]:
    """What each level takes: of OFFERS, of overbooking, of the telephone. The same charter is asked all day."""
    offers = np.array([[offer in taken for offer in OFFERS] for taken, _, __ in rules], np.bool_)
    others = (np.array([[rule[which]] for rule in rules], np.bool_).reshape(len(rules), 1) for which in (1, 2))
    overbooking, contact = others
    return offers.reshape(len(rules), len(OFFERS)), overbooking, contact


def judge(inputs: RankingInputs, rules: tuple[LevelRule, ...], crowd: Crowd) -> Verdicts:
    need, means, shape = inputs.need, _means(crowd), (len(rules), len(crowd))
    designated = np.array([_designated(rule, need, crowd) for rule in rules], np.bool_).reshape(shape)
    seats = means.kinds.any(axis=1)
    holds = np.array([[rule.needs_hold] for rule in rules], np.bool_).reshape(len(rules), 1)
    served = designated & holds & means.serve(rules)
    by_limits = {limits: _reaches(*limits, crowd=crowd) for limits in {(r.max_minutes, r.max_km) for r in rules}}
    reaches = np.array([by_limits[rule.max_minutes, rule.max_km] for rule in rules], np.bool_).reshape(shape)
    near = served & reaches
    some = _any(served)
    close = np.where(some, _any(near), _any(reaches))
    level, late = _placed(inputs, rules, crowd, near, means)
    refused: list[tuple[Reason, Booleans]] = [
        (Reason.PROFESSION, _profession(crowd, need)),
        (Reason.MODALITY, _modality(crowd, need) & ~seats),
        (Reason.REQUEST_RESTRICTION, _request(crowd, need)),
        (Reason.NO_SEAT, ~(some | seats)),
        (Reason.TOO_FAR, ~close),
        *late,
        (Reason.NO_LEVEL, level == 0),
    ]
    reason = np.full(len(crowd), -1, np.int64)
    for why, who in refused:
        reason[who & (reason < 0)] = REASONS.index(why)
    return Verdicts(np.where(reason < 0, level, 0), reason, designated)


def _any(by_rule: Booleans) -> Booleans:
    found: Booleans = by_rule.any(axis=0)  # type: ignore[assignment]  # numpy's types: perhaps one value
    return found


def _means(crowd: Crowd) -> _Means:
    kinds = (crowd.starts != NO_SEAT) | (crowd.after != NO_SEAT)
    return _Means(kinds, crowd.overbooking, _named(KINDS, REACHED_BY_TELEPHONE)[crowd.kind])


def _placed(
    inputs: RankingInputs, rules: tuple[LevelRule, ...], crowd: Crowd, near: Booleans, means: _Means
) -> tuple[Integers, list[tuple[Reason, Booleans]]]:
    """The level, and who lost theirs to an absence or to a spent quota."""
    absent = (crowd.away != UNKNOWN) & (crowd.away > int(inputs.at.timestamp()))
    spent = ~absent & crowd.overbooking & (crowd.left <= 0)
    if not (absent.any() or spent.any()):
        return _levels(rules, near), []
    after = _Means((crowd.after != NO_SEAT) & absent[:, None], absent & False, absent & False)
    within = _Means(means.kinds, means.overbooking & ~spent, means.telephone)
    before = _any(near & ~absent)
    kept = near & np.where(absent, after.serve(rules), ~spent | within.serve(rules))
    some = _any(kept)
    late = [(Reason.ABSENT, absent & ~some), (Reason.QUOTA, spent & before & ~some)]
    return _levels(rules, kept), late


def _levels(rules: tuple[LevelRule, ...], kept: Booleans) -> Integers:
    """The first in the calendar, else the first."""
    level = np.zeros(kept.shape[1], np.int64)
    for rule in sorted(rules, key=lambda rule: (rule.in_calendar, -rule.number)):
        level[kept[rule.number - 1]] = rule.number
    return level


def _reaches(max_minutes: int | None, max_km: float | None, *, crowd: Crowd) -> Booleans:
    """A distance that is not known is beyond any limit."""
    found: Booleans = (crowd.minutes != UNKNOWN) | (max_minutes is None and max_km is None)
    if max_minutes is not None:
        found = found & (crowd.minutes <= max_minutes)
    if max_km is not None:
        found = found & (crowd.km <= max_km)
    return found


def _profession(crowd: Crowd, need: Need) -> Booleans:
    return _not_among(crowd.profession, need.professions) | _not_among(crowd.specialty, need.specialties)


def _not_among(values: Sequence[str], wanted: frozenset[str]) -> Booleans:
    """What is not known excludes nobody."""
    if not wanted or set(values) <= {"", *wanted}:
        return np.zeros(len(values), np.bool_)
    return np.array([bool(value and wanted and value not in wanted) for value in values], np.bool_)


def _modality(crowd: Crowd, need: Need) -> Booleans:
    """Of those who say what they do: a structure is read from its seats."""
    wanted = need.modalities
    if not wanted:
        return np.zeros(len(crowd), np.bool_)
    found: Booleans = crowd.is_professional & _unfit(wanted)[2 * crowd.visits + crowd.video]
    return found


@lru_cache(maxsize=64)
def _unfit(wanted: frozenset[str]) -> Booleans:
    """By what is stated: neither visits nor video, video, visits, both."""
    stated = (stated_modalities(visits=visits, video=video) for visits in (False, True) for video in (False, True))
    return np.array([wanted.isdisjoint(each) for each in stated])


def _request(crowd: Crowd, need: Need) -> Booleans:
    refused = ~crowd.wheelchair if need.wheelchair else np.zeros(len(crowd), np.bool_)
    if need.languages:
        refused = refused | np.array([need.languages.isdisjoint(each.split()) for each in crowd.languages], np.bool_)
    return refused


# ---- whom a level designates


def _designated(rule: LevelRule, need: Need, crowd: Crowd) -> Booleans:
    who = rule.level.who
    found: Booleans = DESIGNATORS[who.selector](crowd, need, frozenset(who.values))
    return found


def _referring(crowd: Crowd, need: Need, _: frozenset[str]) -> Booleans:
    return crowd.is_professional & _one_of(crowd.owner, referring_owners(need))


def _one_of(values: Integers, few: list[int]) -> Booleans:
    return reduce(np.logical_or, (values == one for one in few), np.zeros(len(values), np.bool_))


def referring_owners(need: Need) -> list[int]:
    return [int(name[1:]) for name in need.referring_ids if name[:1] == "p" and name[1:].isdigit()]


def _same_structure(crowd: Crowd, need: Need, _: frozenset[str]) -> Booleans:
    theirs = need.referring_structure_ids
    itself = ~crowd.is_professional & _one_of(crowd.owner, [int(one) for one in theirs])
    found: Booleans = itself | _belongs(crowd, theirs)
    return found


def _belongs(crowd: Crowd, wanted: frozenset[str]) -> Booleans:
    mask = sum(1 << index for index, one in enumerate(crowd.relevant) if str(one) in wanted)
    found: Booleans = crowd.is_professional & ((crowd.belongs & mask) != 0)
    return found


def _participants(crowd: Crowd, _: Need, values: frozenset[str]) -> Booleans:
    found: Booleans = _named(WAYS, values or frozenset({WAYS[1]}))[crowd.way]
    return found


def _kinds(crowd: Crowd, _: Need, values: frozenset[str]) -> Booleans:
    found: Booleans = _named(KINDS, values)[crowd.kind]
    return found


@lru_cache(maxsize=1024)
def _named(all_of_them: tuple[str, ...], values: frozenset[str]) -> Booleans:
    return np.array([bool(one) and one in values for one in all_of_them])


def _practising(crowd: Crowd, _: Need, values: frozenset[str]) -> Booleans:
    return np.array([profession in values for profession in crowd.profession], np.bool_)


def _nobody(crowd: Crowd, _: Need, __: frozenset[str]) -> Booleans:
    return np.zeros(len(crowd), np.bool_)


Designator = Callable[[Crowd, Need, frozenset[str]], Any]
DESIGNATORS: dict[Selector, Designator] = {
    Selector.REFERRING_DOCTOR: _referring,
    Selector.REFERRING_DOCTOR_STRUCTURE: _same_structure,
    Selector.CPTS_OF_PATIENT: lambda crowd, need, _: _belongs(crowd, need.patient_cpts_ids),
    Selector.CPTS_OF_PLACE: lambda crowd, need, _: _belongs(crowd, need.place_cpts_ids),
    Selector.PARTICIPANTS: _participants,
    Selector.STRUCTURE_KIND: _kinds,
    Selector.PROFESSION: _practising,
    Selector.FILIERE: _nobody,
    Selector.NOT_PARTICIPATING: lambda crowd, _, __: crowd.way == 0,
    Selector.EMERGENCY_DEPARTMENT: lambda crowd, need, _: _kinds(crowd, need, frozenset({EMERGENCY})),
}
"""Without a level by teleconsultation, which looks at the modalities of each seat: see `can_survey`."""

OFFER_COLUMNS: dict[Offer, int] = {offer: index for index, offer in enumerate(OFFERS)}
