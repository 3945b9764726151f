"""One feed, read now: fetched, parsed apart, written down. A failure is an answer too, never an exception."""

import hashlib
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from quinze.availability.models import CalendarFeed
from quinze.availability.operations.feeds import Found, record_failure, record_reading, record_unchanged
from quinze.availability.queries.feeds import feed_to_pull, zone_of_feed
from quinze.base.periods import local_instant
from quinze.interop.calendars.fetching import Known, fetch
from quinze.interop.calendars.reader import Window, read_apart
from quinze.interop.calendars.sealing import unseal
from quinze.interop.calendars.text import Unreadable

AHEAD_DAYS = 35
READ_AGAIN = timedelta(days=28)  # a series goes on: known only up to there, the whole calendar is asked for again


def pull(feed_id: int, *, at: datetime) -> None:
    """Outside any transaction: the network is slow. Nothing happens before the feed's own next hour."""
    feed = feed_to_pull(feed_id)
    if feed is None or feed.next_pull_at > at:
        return
    try:
        found = _read(feed, at=at)
    except Unreadable as refused:
        record_failure(feed.pk, code=refused.code, message=refused.message, at=at)
    else:
        record_reading(feed.pk, found, at=at) if found else record_unchanged(feed.pk, at=at)


def window(kind: str, zone: str, *, at: datetime) -> Window:
    """From this morning's midnight, so that the same calendar gives the same periods all day."""
    today = at.astimezone(ZoneInfo(zone)).date()
    start, end = (local_instant(today + timedelta(days=n), time.min, zone) for n in (0, AHEAD_DAYS))
    return Window(kind, zone, start, end)


def _read(feed: CalendarFeed, *, at: datetime) -> Found | None:
    """None: as it was."""
    asked = window(feed.kind, zone_of_feed(feed), at=at)
    recent = feed.covers_until is not None and feed.covers_until >= at + READ_AGAIN
    known = Known(feed.etag, feed.last_modified) if recent else Known()
    fetched = fetch(unseal(feed.sealed), asked, known=known)
    if fetched.content is None:
        return None
    digest = hashlib.sha256(fetched.content).hexdigest()
    if recent and digest == feed.digest:
        return None
    reading = read_apart(fetched.content, asked)
    return Found(
        busy=frozenset((busy.start, busy.end, busy.of_sas) for busy in reading.periods),
        events=reading.events,
        unreadable=reading.unreadable,
        octets=len(fetched.content),
        digest=digest,
        covers_until=asked.end,
        etag=fetched.known.etag,
        last_modified=fetched.known.last_modified,
    )
