"""Whose outside calendar could not be read lately: their seats are ranked after the others of their level."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from quinze.directory.parameters import declared
from quinze.orientation.queries.statements import rows
from quinze.science.ranking import Candidate

Stale = frozenset[tuple[str, int | None]]  # doctor as the ranking names them, and the place; None: every place

# One read, by an index that holds the oldest success of each live feed.
READ = """
SELECT 'p' || feed.professional_id, feed.place_id
FROM availability_calendarfeed feed
WHERE feed.ended_at IS NULL
    AND coalesce(feed.succeeded_at, feed.created_at) < %(at)s::timestamptz - interval '1 minute' * coalesce((
        SELECT value::text::int FROM directory_sasparameter
        WHERE sas_id = %(sas)s AND name = 'feed_stale_minutes' AND during @> %(at)s::timestamptz), %(usual)s)
    AND EXISTS (SELECT FROM directory_participation part WHERE part.professional_id = feed.professional_id
        AND part.sas_id = %(sas)s AND part.during @> %(at)s::timestamptz)
"""


def stale_feeds(sas_id: int, *, at: datetime) -> Stale:
    usual = declared("feed_stale_minutes").default
    return frozenset(rows(READ, {"sas": sas_id, "at": at, "usual": usual}))


def candidates_with_stale(candidates: Iterable[Candidate], stale: Stale) -> tuple[Candidate, ...]:
    if not stale:
        return tuple(candidates)
    return tuple(
        replace(each, stale_feed=True) if _is_stale(each.person, int(each.place), stale) else each
        for each in candidates
    )


def _is_stale(person: str, place: int, stale: Stale) -> bool:
    return (person, None) in stale or (person, place) in stale
