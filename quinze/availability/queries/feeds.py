"""Outside calendars of a doctor, and how well each is read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from quinze.accounts.models import Sas
from quinze.availability.models import BusyTime, CalendarFeed, CalendarLink, FeedReading
from quinze.base.errors import NotFound
from quinze.directory.models import Place, Professional
from quinze.directory.queries import parameter

MOST_PULLS = 200  # in one passage of the job


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """What the doctor is told of one calendar."""

    feed: CalendarFeed
    busy: int
    is_stale: bool
    readings: list[FeedReading]

    @property
    def state(self) -> str:
        """waiting: never read yet; failing: the last pull failed, and the one before is still recent enough."""
        if self.is_stale:
            return "stale"
        if self.feed.pulled_at is None:
            return "waiting"
        return "failing" if self.feed.failures else "fresh"


def stale_before(sas: Sas, *, at: datetime) -> datetime:
    """A calendar not read since then is stale for this SAS."""
    minutes: int = parameter(sas, "feed_stale_minutes", at)
    return at - timedelta(minutes=minutes)


def has_stale_feed(professional: Professional, *, sas: Sas, at: datetime) -> bool:
    old = Coalesce("succeeded_at", "created_at")
    return _live().alias(fresh=old).filter(professional=professional, fresh__lt=stale_before(sas, at=at)).exists()


def feeds_of(professional: Professional, *, sas: Sas, at: datetime) -> list[FeedHealth]:
    feeds = list(_live().filter(professional=professional).select_related("place").order_by("created_at", "pk"))
    busy = BusyTime.objects.filter(feed__in=feeds, during__endswith__gt=at).order_by()
    counts = dict(busy.values_list("feed").annotate(Count("pk")))
    limit = stale_before(sas, at=at)
    readings = _latest(feeds)
    return [
        FeedHealth(feed, counts.get(feed.pk, 0), (feed.succeeded_at or feed.created_at) < limit, readings[feed.pk])
        for feed in feeds
    ]


def _latest(feeds: list[CalendarFeed], *, each: int = 5) -> dict[int, list[FeedReading]]:
    found: dict[int, list[FeedReading]] = {feed.pk: [] for feed in feeds}
    recent = FeedReading.objects.filter(feed__in=feeds).order_by("-at", "-pk")[: each * 20]
    for reading in recent:
        if len(found[reading.feed_id]) < each:
            found[reading.feed_id].append(reading)
    return found


def own_feed(professional: Professional, *, pk: int) -> CalendarFeed:
    feed = _live().filter(professional=professional, pk=pk).select_related("professional").first()
    if feed is None:
        raise NotFound("Cet agenda n’existe plus, ou n’est pas l’un des vôtres.")
    return feed


def due_feeds(*, at: datetime) -> list[int]:
    """Those that wait for longest first."""
    due = _live().filter(next_pull_at__lte=at).order_by("next_pull_at", "pk")
    return list(due.values_list("pk", flat=True)[:MOST_PULLS])


def feed_to_pull(pk: int) -> CalendarFeed | None:
    return _live().filter(pk=pk).select_related("place", "professional").first()


def zone_of_feed(feed: CalendarFeed) -> str:
    """Where a whole day begins and ends: at its place, else at the doctor's first place."""
    if feed.place:
        return feed.place.zone
    first = Place.objects.filter(professional=feed.professional_id, is_active=True).order_by("pk").first()
    return first.zone if first else "Europe/Paris"


def link_of(professional: Professional) -> CalendarLink | None:
    return CalendarLink.objects.filter(professional=professional, ended_at__isnull=True).first()


def live_link(pk: int) -> CalendarLink | None:
    return CalendarLink.objects.filter(pk=pk, ended_at__isnull=True).select_related("professional").first()


def _live() -> QuerySet[CalendarFeed]:
    return CalendarFeed.objects.filter(ended_at__isnull=True)
