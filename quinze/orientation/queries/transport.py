"""Transports of an appointment, those still to settle, and what the doctor reads of them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from quinze.accounts.models import Sas
from quinze.availability.queries.covers import receiver_told
from quinze.base.errors import NotFound
from quinze.orientation.models import Booking, Transport
from quinze.orientation.models.transport import LIVE_TRANSPORTS, TO_SETTLE

State = Transport.State
SHOWN_AFTER = timedelta(hours=6)  # the way back is still to be found after the appointment began
MOST = 100


def _transports() -> QuerySet[Transport]:
    return Transport.objects.select_related(
        "booking__request", "booking__patient", "booking__professional", "booking__structure",
        "booking__place__commune", "booking__place__replaces",
    )  # fmt: skip


def transport_of(*, sas: Sas, pk: int) -> Transport:
    found = _transports().filter(sas=sas, pk=pk).first()
    if found is None:
        raise NotFound("Ce transport n’existe pas. Revenez au suivi.")
    return found


def transports_of(booking: Booking) -> list[Transport]:
    """With their history, the latest change last. Two reads."""
    return list(Transport.objects.filter(booking=booking).prefetch_related("steps__by").order_by("pk"))


def to_settle(*, sas: Sas, at: datetime) -> list[Transport]:
    """Not confirmed by anybody yet, the nearest appointment first; a cancelled appointment whose company still has to
    be told counts.
    """
    told = receiver_told("booking__professional", "booking__starts_at")
    found = _transports().filter(sas=sas, state__in=TO_SETTLE, booking__starts_at__gt=at - SHOWN_AFTER)
    settled: list[Any] = list(found.annotate(received_by=told).order_by("booking__starts_at", "pk")[:MOST])
    for transport in settled:
        transport.booking.received_by = transport.received_by
    return settled


def arrivals(bookings: Iterable[Booking]) -> dict[int, str]:
    """By booking, how the person comes and goes, in one read. Nobody else's data: neither company nor prescriber."""
    said: dict[int, list[str]] = defaultdict(list)
    live = Transport.objects.filter(booking__in=[b.pk for b in bookings], state__in=[*LIVE_TRANSPORTS, State.DONE])
    for transport in live.order_by("-there", "pk"):
        said[transport.booking_id] += _ways(transport)
    return {pk: ", ".join(parts) for pk, parts in said.items()}


def _ways(transport: Transport) -> list[str]:
    sure = transport.state in (State.CONFIRMED, State.DONE)
    kind = transport.get_kind_display()
    there = [f"arrive en {kind}" if sure else f"{kind} pour venir, à confirmer"] if transport.there else []
    by = "" if transport.there else f" en {kind}"
    return there + ([f"retour{by} {'prévu' if sure else 'à confirmer'}"] if transport.back else [])
