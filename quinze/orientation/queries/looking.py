"""One look at the offer for one need: the ranking of those who are shown, and what is kept of the others.

Two reads and little Python, whatever the size of the town. Where a charter or a race forbids it, everyone is ranked.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from quinze.orientation.models import CharterVersion, OrientationRequest
from quinze.orientation.options import SearchOptions
from quinze.orientation.queries.candidates import find
from quinze.orientation.queries.close import Close, Place, shown_of
from quinze.orientation.queries.facts import Facts, facts_of
from quinze.orientation.queries.field import Field, field_of
from quinze.orientation.queries.inputs import Gathered, Posed, pose
from quinze.orientation.queries.rota import Duty, through_duty
from quinze.orientation.queries.stale import candidates_with_stale, stale_feeds
from quinze.science.ranking import (
    Candidate,
    Crowd,
    DisagreementError,
    LevelRule,
    Ranking,
    Survey,
    can_survey,
    rank,
    rank_shown,
    survey,
)

SHOWN_PER_LEVEL = 15
GREYED_PER_LEVEL = 5  # of a level that is not open: it is folded on the page, and searched again when it opens


@dataclass(frozen=True, slots=True)
class Look:
    """`others`: everyone read and not shown, None when all were ranked as candidates."""

    ranking: Ranking
    gathered: Gathered
    others: Crowd | None = None
    near: tuple[Close, ...] = ()  # those who are shown, as they were read
    places: dict[int, Place] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)  # the question as the log keeps it
    rules: tuple[LevelRule, ...] = ()


def look(
    *, request: OrientationRequest, charter: CharterVersion, options: SearchOptions, at: datetime,
    facts: Facts | None = None,
) -> Look:  # fmt: skip
    """`facts`: of this request at this instant; read here if not given."""
    posed = pose(request=request, charter=charter, options=options, at=at, facts=facts)
    if can_survey(posed.inputs):
        try:
            return _surveyed(posed)
        except DisagreementError:
            pass  # a seat went between the two reads
    found = find(posed.question, origin=posed.origin)
    known = candidates_with_stale(found.candidates, stale_feeds(posed.question.sas_id, at=posed.question.at))
    inputs = replace(posed.inputs, candidates=through_duty(known, posed.duty))
    return Look(rank(inputs), posed.gathered(inputs, found.without_offer))


def look_wider(
    *, request: OrientationRequest, charter: CharterVersion, minutes: Sequence[int], at: datetime,
    facts: Facts | None = None,
) -> tuple[Look, SearchOptions] | None:  # fmt: skip
    """The first of these distances by road at which somebody can be proposed; None when there is nobody at any.

    The widest is read once: a narrower one finds those who are farther too far, and says so.
    """
    steps = [SearchOptions(max_minutes=each) for each in sorted(minutes)]
    known = facts or facts_of(request, at=at)
    poses = [pose(request=request, charter=charter, options=options, at=at, facts=known) for options in steps]
    if all(can_survey(posed.inputs) for posed in poses):
        with suppress(DisagreementError):
            first = _first_surveyed(poses)
            return None if first is None else (first[0], steps[first[1]])
    for options in steps:
        found = look(request=request, charter=charter, options=options, at=at, facts=known)
        if found.ranking.first:
            return found, options
    return None


def _first_surveyed(poses: Sequence[Posed]) -> tuple[Look, int] | None:
    everyone = _read(poses[-1])
    for index, posed in enumerate(poses):
        found = _survey(posed, everyone)
        if found.shown and (wider := _judged(posed, everyone, found)).ranking.first:
            return wider, index
    return None


def _surveyed(posed: Posed) -> Look:
    everyone = _read(posed)
    return _judged(posed, everyone, _survey(posed, everyone))


def _survey(posed: Posed, everyone: Field) -> Survey:
    return survey(posed.inputs, everyone.crowd, shown=SHOWN_PER_LEVEL, greyed=GREYED_PER_LEVEL, rules=posed.rules)


def _read(posed: Posed) -> Field:
    everyone = field_of(
        posed.question, origin=posed.origin, relevant=posed.relevant, meanwhile=lambda: (posed.written, posed.rules)
    )
    return replace(everyone, crowd=_through_duty(everyone.crowd, posed.duty)) if posed.duty.on_duty else everyone


def _judged(posed: Posed, everyone: Field, found: Survey) -> Look:
    close, places = shown_of(posed.question, found.shown, everyone)
    candidates = through_duty([each.candidate for each in close], posed.duty)
    inputs = replace(posed.inputs, candidates=candidates)
    others = everyone.crowd.except_rows(found.rows)
    near = close
    if posed.duty.on_duty:
        near = tuple([_as_ranked(each, candidate) for each, candidate in zip(close, candidates, strict=True)])
    gathered = posed.gathered(inputs, everyone.without_offer)
    return Look(rank_shown(inputs, found), gathered, others, near, places, posed.written, posed.rules)


def _as_ranked(close: Close, candidate: Candidate) -> Close:
    """A rota changes what someone belongs to: the log holds what the ranking read."""
    if candidate.via == close.via:
        return close._replace(cpts=tuple(sorted(candidate.cpts_ids)))
    return close._replace(cpts=tuple(sorted(candidate.cpts_ids)), via=candidate.via)


def _through_duty(crowd: Crowd, duty: Duty) -> Crowd:
    """As `through_duty` does for candidates."""
    belongs = crowd.belongs.copy()
    for cpts, doctors in duty.on_duty.items():
        if int(cpts) in crowd.relevant:
            bit = 1 << crowd.relevant.index(int(cpts))
            mine = crowd.is_professional & np.isin(crowd.owner, [int(doctor[1:]) for doctor in doctors])
            belongs = np.where(mine, belongs | bit, belongs & ~bit)
    return replace(crowd, belongs=belongs)
