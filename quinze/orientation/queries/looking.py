"""One look at the offer for one need: the ranking of those who are shown, and what is kept of the others.

Two reads and little Python, whatever the size of the town. Where a charter or a race forbids it, everyone is ranked.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from django.db import connection

from quinze.orientation.models import CharterVersion, OrientationRequest
from quinze.orientation.options import SearchOptions
from quinze.orientation.queries.candidates import find
from quinze.orientation.queries.field import Close, Field, Place, field_of, shown_of
from quinze.orientation.queries.inputs import Gathered, Posed, pose
from quinze.orientation.queries.rota import Duty, through_duty
from quinze.orientation.queries.stale import candidates_with_stale, stale_feeds
from quinze.science.ranking import (
    Candidate,
    Crowd,
    DisagreementError,
    Ranking,
    Survey,
    can_survey,
    rank,
    rank_shown,
    survey,
)

SHOWN_PER_LEVEL = 15
GREYED_PER_LEVEL = 5  # of a level that is not open: it is folded on the page, and searched again when it opens
# Short walks in indexes that are in memory, planned once: with the defaults of a disk the planner reads every slot.
PLANNED_ONCE = "SET LOCAL random_page_cost = 1.1; SET LOCAL jit = off; SET LOCAL plan_cache_mode = force_generic_plan"
ONE_INSTANT = f"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; {PLANNED_ONCE}"


@dataclass(frozen=True, slots=True)
class Look:
    """`others`: everyone read and not shown, None when all were ranked as candidates."""

    ranking: Ranking
    gathered: Gathered
    others: Crowd | None = None
    near: tuple[Close, ...] = ()  # those who are shown, as they were read
    places: dict[int, Place] = field(default_factory=dict)


def look(*, request: OrientationRequest, charter: CharterVersion, options: SearchOptions, at: datetime) -> Look:
    posed = pose(request=request, charter=charter, options=options, at=at)
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
    *, request: OrientationRequest, charter: CharterVersion, minutes: Sequence[int], at: datetime
) -> tuple[Look, SearchOptions] | None:
    """The first of these distances by road at which somebody can be proposed; None when there is nobody at any.

    The widest is read once: a narrower one finds those who are farther too far, and says so.
    """
    steps = [SearchOptions(max_minutes=each) for each in sorted(minutes)]
    poses = [pose(request=request, charter=charter, options=options, at=at) for options in steps]
    if all(can_survey(posed.inputs) for posed in poses):
        with suppress(DisagreementError):
            found = _first_surveyed(poses)
            return None if found is None else (found[0], steps[found[1]])
    looks = ((look(request=request, charter=charter, options=options, at=at), options) for options in steps)
    return next((wider for wider in looks if wider[0].ranking.first), None)


def _first_surveyed(poses: Sequence[Posed]) -> tuple[Look, int] | None:
    with _one_instant():
        everyone = _read(poses[-1])
        for index, posed in enumerate(poses):
            found = survey(posed.inputs, everyone.crowd, shown=SHOWN_PER_LEVEL, greyed=GREYED_PER_LEVEL)
            if found.shown and (wider := _judged(posed, everyone, found)).ranking.first:
                return wider, index
    return None


def _surveyed(posed: Posed) -> Look:
    with _one_instant():
        everyone = _read(posed)
        found = survey(posed.inputs, everyone.crowd, shown=SHOWN_PER_LEVEL, greyed=GREYED_PER_LEVEL)
        return _judged(posed, everyone, found)


def _read(posed: Posed) -> Field:
    everyone = field_of(posed.question, origin=posed.origin, relevant=posed.relevant)
    return replace(everyone, crowd=_through_duty(everyone.crowd, posed.duty))


def _judged(posed: Posed, everyone: Field, found: Survey) -> Look:
    close, places = shown_of(posed.question, found.shown)
    candidates = through_duty([each.candidate for each in close], posed.duty)
    inputs = replace(posed.inputs, candidates=candidates)
    others = everyone.crowd.except_rows(found.rows)
    near = tuple([_as_ranked(each, candidate) for each, candidate in zip(close, candidates, strict=True)])
    return Look(rank_shown(inputs, found), posed.gathered(inputs, everyone.without_offer), others, near, places)


def _as_ranked(close: Close, candidate: Candidate) -> Close:
    """A rota changes what someone belongs to: the log holds what the ranking read."""
    if candidate.via == close.via:
        return close._replace(cpts=tuple(sorted(candidate.cpts_ids)))
    return close._replace(cpts=tuple(sorted(candidate.cpts_ids)), via=candidate.via)


@contextmanager
def _one_instant() -> Iterator[None]:
    """Both reads see the same seats. Inside a larger transaction the second read may see later ones, and says so."""
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(PLANNED_ONCE)
        yield
        return
    connection.ensure_connection()
    link = connection.connection
    link.execute(ONE_INSTANT)  # one exchange, where atomic() and its settings take two
    try:
        yield
    finally:
        link.execute("COMMIT")


def _through_duty(crowd: Crowd, duty: Duty) -> Crowd:
    """As `through_duty` does for candidates."""
    if not duty.on_duty:
        return crowd
    belongs = crowd.belongs.copy()
    for cpts, doctors in duty.on_duty.items():
        if int(cpts) in crowd.relevant:
            bit = 1 << crowd.relevant.index(int(cpts))
            mine = crowd.is_professional & np.isin(crowd.owner, [int(doctor[1:]) for doctor in doctors])
            belongs = np.where(mine, belongs | bit, belongs & ~bit)
    return replace(crowd, belongs=belongs)
