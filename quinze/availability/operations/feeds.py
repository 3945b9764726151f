"""A doctor links an outside calendar; what each reading found closes slots, and never a booking."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import QuerySet

from quinze.accounts.actor import Actor
from quinze.availability.models import BusyTime, CalendarFeed, CalendarLink, FeedReading
from quinze.availability.operations.generation import Generation, lock_places, regenerate, remake
from quinze.availability.rules import may_manage_absences
from quinze.base import events, live
from quinze.base.constraints import refuse_violations
from quinze.base.errors import NotFound, Refusal
from quinze.base.periods import period
from quinze.directory.models import Participation, Place, Power, Professional
from quinze.directory.operations.delegation import on_behalf

PULL_EVERY = timedelta(minutes=15)
SLOWEST_RETRY = timedelta(hours=6)
MOST_FEEDS = 10
Periods = set[tuple[DateTimeTZRange, bool]]  # and whether it is a note of the SAS


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """What a person linked, sealed by the folder that will read it."""

    name: str
    kind: str
    host: str
    sealed: str
    fingerprint: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What one reading taught. `busy`: the period, and whether it is the doctor's note of a SAS appointment."""

    busy: frozenset[tuple[datetime, datetime, bool]]
    events: int
    unreadable: int
    octets: int
    digest: str
    covers_until: datetime
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class BusyFound:
    """Domain event: the doctor is now taken elsewhere at these times; people given an appointment then collide."""

    feed_id: int
    professional_id: int
    place_id: int | None
    periods: tuple[DateTimeTZRange, ...]
    at: datetime


@transaction.atomic
def add_feed(professional: Professional, spec: FeedSpec, *, by: Actor, at: datetime) -> CalendarFeed:
    """Read at the next passage of the job. Refuses one more than MOST_FEEDS, and the same address twice."""
    own_places = _own(professional, by=by)
    if spec.place is not None and spec.place.pk not in {place.pk for place in own_places}:
        raise NotFound("Ce lieu n’est pas l’un des vôtres : choisissez un de vos lieux d’exercice.", field="place")
    if CalendarFeed.objects.filter(professional=professional, ended_at__isnull=True).count() >= MOST_FEEDS:
        raise Refusal(f"Dix agendas au plus : détachez-en un des {MOST_FEEDS} avant d’en relier un autre.")
    where = spec.place.pk if spec.place else None
    on_behalf(by, Power.RULES, f"a relié l’agenda « {spec.name} »", at=at, place_ids=[where])
    with refuse_violations():
        return CalendarFeed.objects.create(
            professional=professional,
            place=spec.place,
            name=spec.name,
            kind=spec.kind,
            host=spec.host,
            sealed=spec.sealed,
            fingerprint=spec.fingerprint,
            created_by=by.user,
            created_at=at,
            next_pull_at=at,
        )


@transaction.atomic
def end_feed(feed: CalendarFeed, *, by: Actor, at: datetime) -> Generation:
    """Its busy times go, the slots they closed come back; its secret is forgotten at once."""
    places = _own(feed.professional, by=by)
    if not CalendarFeed.objects.filter(pk=feed.pk, ended_at__isnull=True).update(ended_at=at, sealed=""):
        raise Refusal("Cet agenda a déjà été détaché : rechargez la page.", code="stale")
    on_behalf(by, Power.RULES, f"a détaché l’agenda « {feed.name} »", at=at, place_ids=[feed.place_id])
    BusyTime.objects.filter(feed=feed).delete()
    return remake([place.pk for place in places], by=by, at=at)


@transaction.atomic
def ask_again(feed: CalendarFeed, *, by: Actor, at: datetime) -> None:
    """Read as soon as the job passes, everything anew."""
    _own(feed.professional, by=by)
    CalendarFeed.objects.filter(pk=feed.pk, ended_at__isnull=True).update(next_pull_at=at, covers_until=None)


# ---- what the job found


@transaction.atomic
def record_unchanged(feed_id: int, *, at: datetime) -> None:
    """The calendar is as it was, and that is fresh news."""
    if feed := _live(feed_id):
        _recovered(feed, at=at)
        _succeeded(feed, at=at)


@transaction.atomic
def record_reading(feed_id: int, found: Found, *, at: datetime) -> Generation:
    """Busy times replace those known. Bookings inside stay, and those who orient hear of the new collisions."""
    feed = _live(feed_id)
    if feed is None:
        return Generation()
    before = set(BusyTime.objects.filter(feed=feed).values_list("during", "of_sas"))
    now = _once_each((period(start, end), of_sas) for start, end, of_sas in found.busy)
    if before != now or feed.failures or feed.succeeded_at is None or feed.unreadable != found.unreadable:
        _append(feed, found, at=at)
    feed.events, feed.unreadable, feed.digest = found.events, found.unreadable, found.digest
    feed.etag, feed.last_modified, feed.covers_until = found.etag, found.last_modified, found.covers_until
    _succeeded(feed, at=at)
    return _replace(feed, before, now, at=at) if before != now else Generation()


@transaction.atomic
def record_failure(feed_id: int, *, code: str, message: str, at: datetime) -> None:
    """What was known before stays in force. Asked again less and less often, four times a day at least."""
    feed = _live(feed_id)
    if feed is None:
        return
    if feed.error != message:
        FeedReading.objects.create(
            feed=feed, at=at, outcome=FeedReading.Outcome.FAILED, code=code, error=message, events=feed.events
        )
    feed.failures += 1
    feed.error, feed.pulled_at = message, at
    feed.next_pull_at = at + min(PULL_EVERY * 2 ** min(feed.failures - 1, 10), SLOWEST_RETRY)
    feed.save(update_fields=["failures", "error", "pulled_at", "next_pull_at"])


def _live(feed_id: int) -> CalendarFeed | None:
    """Under the locks that every change of a doctor's offer takes, places first."""
    known = CalendarFeed.objects.filter(pk=feed_id, ended_at__isnull=True)
    if (doctor := known.values_list("professional_id", flat=True).first()) is None:
        return None
    lock_places(Place.objects.filter(professional=doctor).values_list("pk", flat=True))
    return known.select_for_update().first()


def _succeeded(feed: CalendarFeed, *, at: datetime) -> None:
    feed.pulled_at = feed.succeeded_at = at
    feed.failures, feed.error, feed.next_pull_at = 0, "", at + PULL_EVERY
    feed.save()


def _recovered(feed: CalendarFeed, *, at: datetime) -> None:
    if feed.failures:
        FeedReading.objects.create(
            feed=feed, at=at, outcome=FeedReading.Outcome.READ, events=feed.events, unreadable=feed.unreadable
        )


def _append(feed: CalendarFeed, found: Found, *, at: datetime) -> None:
    FeedReading.objects.create(
        feed=feed,
        at=at,
        outcome=FeedReading.Outcome.READ,
        events=found.events,
        busy=len(found.busy),
        unreadable=found.unreadable,
        octets=found.octets,
    )


def _replace(feed: CalendarFeed, before: Periods, now: Periods, *, at: datetime) -> Generation:
    BusyTime.objects.filter(feed=feed).delete()
    BusyTime.objects.bulk_create(
        [BusyTime(feed=feed, during=during, of_sas=of_sas) for during, of_sas in now], batch_size=2000
    )
    made = regenerate(_places_of(feed), at=at)
    _tell_desks(feed, at=at)
    known = {during for during, _ in before}
    new = sorted(during for during, of_sas in now if not of_sas and during not in known and during.upper > at)
    if new:
        events.emit(BusyFound(feed.pk, feed.professional_id, feed.place_id, tuple(new), at))
    return made


def _once_each(periods: Iterable[tuple[DateTimeTZRange, bool]]) -> Periods:
    """A time noted twice is the doctor's note of a SAS appointment only if both notes are."""
    kept: dict[DateTimeTZRange, bool] = {}
    for during, of_sas in periods:
        kept[during] = kept.get(during, True) and of_sas
    return set(kept.items())


def _places_of(feed: CalendarFeed) -> list[int]:
    mine = Place.objects.filter(professional=feed.professional_id)
    chosen = mine.filter(pk=feed.place_id) if feed.place_id else mine
    return list(chosen.values_list("pk", flat=True))


def _tell_desks(feed: CalendarFeed, *, at: datetime) -> None:
    shown_to = Participation.objects.filter(professional=feed.professional_id, during__contains=at)
    for sas_id in shown_to.values_list("sas_id", flat=True).distinct():
        live.publish(sas_id=sas_id, topics=["slots", f"effecteur:{feed.professional_id}"], at=at)


# ---- the address given back


@transaction.atomic
def renew_link(
    professional: Professional, *, with_initials: bool, with_slots: bool, by: Actor, at: datetime
) -> CalendarLink:
    """A new private address; the former one opens nothing from this instant."""
    _own_alone(professional, by=by)
    _live_links(professional).update(ended_at=at)
    with refuse_violations():
        return CalendarLink.objects.create(
            professional=professional,
            with_initials=with_initials,
            with_slots=with_slots,
            created_by=by.user,
            created_at=at,
        )


@transaction.atomic
def set_link(professional: Professional, *, with_initials: bool, with_slots: bool, by: Actor) -> None:
    """The same address says more, or less."""
    _own_alone(professional, by=by)
    if not _live_links(professional).update(with_initials=with_initials, with_slots=with_slots):
        raise Refusal("Cette adresse a été révoquée : créez-en une autre.", code="stale")


@transaction.atomic
def end_link(professional: Professional, *, by: Actor, at: datetime) -> None:
    _own_alone(professional, by=by)
    if not _live_links(professional).update(ended_at=at):
        raise Refusal("Cette adresse a déjà été révoquée.", code="stale")


def _live_links(professional: Professional) -> QuerySet[CalendarLink]:
    return CalendarLink.objects.filter(professional=professional, ended_at__isnull=True)


def _own_alone(professional: Professional, *, by: Actor) -> None:
    """The address tells when patients come: nobody makes it for the doctor."""
    if by.mandate is not None:
        raise NotFound("Seul le médecin publie son agenda.")
    _own(professional, by=by)


def _own(professional: Professional, *, by: Actor) -> list[Place]:
    if not may_manage_absences(by, professional):
        raise NotFound("Cet agenda n’est pas l’un des vôtres.")
    return lock_places(professional.places.values_list("pk", flat=True))


def note_link_read(link_pk: int, *, at: datetime) -> None:
    """So that the doctor sees whether some calendar follows the address."""
    CalendarLink.objects.filter(pk=link_pk).update(last_read_at=at)
