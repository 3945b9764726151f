"""Who may be offered a freed seat: those whose own search would propose it, and nobody else."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from quinze.accounts.models import Sas
from quinze.availability.models import Absence, Slot
from quinze.base.errors import NotFound
from quinze.base.written import Written
from quinze.directory.models import Participation
from quinze.orientation.models import Booking, EarlierWish, FreedSeat, OrientationRequest, RescueOffer
from quinze.orientation.models.rescue import LIVE_OFFERS
from quinze.orientation.options import SearchOptions
from quinze.orientation.queries.bookings import GIVEN
from quinze.orientation.queries.charters import charter_in_force
from quinze.orientation.queries.inputs import origin_of
from quinze.orientation.queries.looking import SHOWN_PER_LEVEL, look
from quinze.orientation.queries.requests import OPEN, requests_of
from quinze.orientation.travel import journeys_from
from quinze.science.ranking import explain

STEP = timedelta(minutes=15)  # two deadlines within a quarter of an hour are equal: then the nearest goes first
WORTH_IT = timedelta(minutes=30)  # an appointment is not moved for less
TO_COME = timedelta(minutes=20)  # to be called, to leave, to arrive, at the very least
LOOK_BACK, LOOK_AHEAD = timedelta(days=1), timedelta(hours=48)
COUNTED = ("booked", "confirmed", "fulfilled", "no_show")
STATE = FreedSeat.State


@dataclass(frozen=True, slots=True)
class Waiting:
    """Someone who might take the seat, before their own search is asked."""

    request: OrientationRequest
    remaining: timedelta
    km: float | None  # by road, as every search counts them (ADR 0037): none over water
    minutes: int | None
    instead_of: Booking | None = None

    @property
    def order(self) -> tuple[int, float, float, int]:
        """Where no road goes, or nobody knows where, comes after every road."""
        far = math.inf
        minutes, km = far if self.minutes is None else self.minutes, far if self.km is None else self.km
        return (self.remaining // STEP, minutes, km, self.request.pk)


@dataclass(frozen=True, slots=True)
class Fit:
    """The seat as the request's own ranking proposes it: level of the charter and modality are those of the search."""

    candidate: str
    level: int
    level_name: str
    modality: str
    km: float | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Seats that came back over a period, and what became of them."""

    freed: int
    offered: int
    refilled: int
    minutes: int
    otherwise: int  # taken by an ordinary search before anybody called
    lost: int
    by_cause: tuple[tuple[str, int, int], ...]  # cause in words, freed, refilled


def waiting_for(seat: FreedSeat, *, at: datetime) -> list[Waiting]:
    """Those who wait, and those who asked for earlier; least time before their deadline first, then the shortest
    road, in minutes.
    """
    found = [_waiting(request, seat.slot, at) for request in _without_appointment(seat, at=at)]
    found += [_waiting(request, seat.slot, at, instead_of=booking) for request, booking in _asked_earlier(seat, at=at)]
    return sorted(found, key=lambda one: one.order)


def _candidates(seat: FreedSeat, *, at: datetime) -> QuerySet[OrientationRequest]:
    """In time, in a modality of the seat, not in another offer, and not those who gave this very seat back."""
    slot = seat.slot
    others = RescueOffer.objects.filter(request=OuterRef("pk"))
    answered = others.filter(seat=seat, state__in=("refused", "unreachable"))
    had_it = Booking.objects.filter(request=OuterRef("pk"), slot=slot).exclude(status__in=GIVEN)
    found = requests_of(sas=seat.sas).filter(
        deadline__gt=at, deadline__gte=slot.starts_at, modalities__overlap=slot.modalities
    )
    return found.exclude(Exists(answered) | Exists(others.filter(state__in=LIVE_OFFERS)) | Exists(had_it))


def _without_appointment(seat: FreedSeat, *, at: datetime) -> QuerySet[OrientationRequest]:
    live = Booking.objects.filter(request=OuterRef("pk")).filter(
        Q(status__in=GIVEN) | Q(status="held", hold_expires_at__gt=at)
    )
    return _candidates(seat, at=at).filter(status__in=OPEN).exclude(Exists(live)).order_by("deadline", "pk")


def _asked_earlier(seat: FreedSeat, *, at: datetime) -> list[tuple[OrientationRequest, Booking]]:
    """« Prévenez-moi si plus tôt »: their appointment is later than this seat, enough to be worth a call."""
    later = Booking.objects.filter(
        status__in=GIVEN, starts_at__gte=seat.slot.starts_at + WORTH_IT, request__in=_candidates(seat, at=at)
    ).filter(Exists(EarlierWish.objects.filter(request=OuterRef("request"), ended_at__isnull=True)))
    found = list(later.exclude(slot=seat.slot).order_by("starts_at", "pk"))
    requests = {r.pk: r for r in requests_of(sas=seat.sas).filter(pk__in=[b.request_id for b in found])}
    return [(requests[booking.request_id], booking) for booking in found]


def _waiting(request: OrientationRequest, slot: Slot, at: datetime, *, instead_of: Booking | None = None) -> Waiting:
    return Waiting(request, request.deadline - at, *road(request, slot), instead_of=instead_of)


def road(request: OrientationRequest, slot: Slot) -> tuple[float | None, int | None]:
    """Kilometres and minutes from the person to the place of the seat, round the water."""
    origin = origin_of(request)
    if origin is None:
        return None, None
    return journeys_from(origin.lat, origin.lon, origin.density).to(slot.place.lat, slot.place.lon)


def in_own_search(request: OrientationRequest, slot: Slot, *, at: datetime) -> Fit | None:
    """The whole ranking of this request at this instant: the seat is an open proposal of it, or is not for them."""
    charter = charter_in_force(sas=request.sas, at=at)
    if charter is None:
        return None
    ranking = look(request=request, charter=charter, options=SearchOptions(), at=at).ranking
    key = str(slot.pk)
    for level in ranking.levels:
        for proposal in level.proposals[:SHOWN_PER_LEVEL] if level.state.is_open else ():
            places = ((proposal.candidate, proposal.slots), *((o.candidate, o.slots) for o in proposal.others))
            candidate = next((name for name, slots in places if key in slots), "")
            if candidate:
                name = explain(ranking).level_name(level.number)
                return _fit(request, slot, candidate, level.number, name, at=at)
    return None


def _fit(request: OrientationRequest, slot: Slot, candidate: str, level: int, name: str, *, at: datetime) -> Fit | None:
    modality = next((m for m in request.modalities if m in slot.modalities), "")
    km, minutes = road(request, slot)
    minutes = minutes if modality == "AMB" else None
    needed = max(TO_COME, timedelta(minutes=minutes or 0))
    last = slot.ends_at if slot.kind == "plage" else slot.starts_at
    return Fit(candidate, level, name, modality, km, minutes) if modality and at + needed <= last else None


# ---- seats that a doctor gives back by coming back


def withdrawn_absences(*, at: datetime) -> QuerySet[Absence]:
    """Over the last day, so that a job which did not run misses nothing."""
    return Absence.objects.filter(withdrawn_at__gt=at - LOOK_BACK, withdrawn_at__lte=at).filter(
        Q(during__endswith__gt=at) | Q(during__endswith__isnull=True)
    )


def slots_back(absence: Absence, *, at: datetime) -> QuerySet[Slot]:
    """Open again, soon enough for those who wait, and not yet said to be free since."""
    said = FreedSeat.objects.filter(slot=OuterRef("pk"), freed_at__gte=absence.withdrawn_at)
    slots = Slot.objects.filter(
        professional=absence.professional_id, status=Slot.Status.OPEN, taken__lt=F("capacity"),
        starts_at__gt=at, starts_at__lt=at + LOOK_AHEAD, during__overlap=absence.during,
    )  # fmt: skip
    return (slots.filter(place=absence.place_id) if absence.place_id else slots).exclude(Exists(said))


def sas_of(professional_id: int, *, at: datetime) -> QuerySet[Participation, int]:
    taking_part = Participation.objects.filter(professional=professional_id, during__contains=at)
    return taking_part.order_by("sas").values_list("sas", flat=True)


# ---- what the desk reads


def offers(*, sas: Sas) -> QuerySet[RescueOffer]:
    return _offers(sas.pk)


def _offers(sas: int) -> QuerySet[RescueOffer]:
    return RescueOffer.objects.filter(seat__sas=sas).select_related(
        "seat", "slot__place__commune", "slot__place__replaces", "slot__professional", "slot__structure",
        "request__patient", "request__commune", "request__sas", "request__taken_by", "instead_of__professional",
        "instead_of__structure", "instead_of__place__commune", "called_by", "booking",
    )  # fmt: skip


LIVE = Written(
    lambda sas, at: _offers(sas).filter(state__in=LIVE_OFFERS, expires_at__gt=at).order_by("starts_at", "pk"),
    sas=int,
    at=datetime,
)


def live_offers(*, sas: Sas, at: datetime) -> list[RescueOffer]:
    """Whom to call about a seat that has just come back; the soonest seat first."""
    return LIVE(sas=sas.pk, at=at)


def offer_of(*, sas: Sas, pk: int) -> RescueOffer:
    found = offers(sas=sas).filter(pk=pk).first()
    if found is None:
        raise NotFound("Cette proposition n’existe pas dans votre SAS. Revenez au suivi.")
    return found


def wishes_earlier(request: OrientationRequest) -> bool:
    return EarlierWish.objects.filter(request=request, ended_at__isnull=True).exists()


def _by_cause(sas: int, since: datetime, until: datetime) -> QuerySet[FreedSeat, Any]:
    """Cause, then freed, offered, refilled, minutes, otherwise, lost, in the order of the figures."""
    seats = FreedSeat.objects.filter(sas_id=sas, freed_at__gte=since, freed_at__lt=until)
    refilled, offered = Q(state=STATE.REFILLED), Exists(RescueOffer.objects.filter(seat=OuterRef("pk")))
    counts = (
        Count("pk"),
        Count("pk", filter=offered),
        Count("pk", filter=refilled),
        Coalesce(Sum("minutes", filter=refilled), 0),
        Count("pk", filter=Q(state=STATE.TAKEN)),
        Count("pk", filter=Q(state=STATE.PAST)),
    )
    named = {f"count_{order}": count for order, count in enumerate(counts)}
    return seats.values("cause").annotate(**named).order_by("cause").values_list("cause", *named)


BY_CAUSE = Written(_by_cause, sas=int, since=datetime, until=datetime)


def saved_seats(*, sas: Sas, since: datetime, until: datetime) -> Figures:
    """One read, whatever the number of seats."""
    rows = BY_CAUSE(sas=sas.pk, since=since, until=until)
    freed, offered, refilled, minutes, otherwise, lost = (sum(row[place] for row in rows) for place in range(1, 7))
    said = tuple((str(FreedSeat.Cause(row[0]).label), row[1], row[3]) for row in rows)
    return Figures(freed, offered, refilled, minutes, otherwise, lost, said)


def given_seats(slots: Iterable[int]) -> dict[int, int]:
    """Really given, by slot: a hold is not yet, and may come back. One read."""
    given = Booking.objects.filter(slot__in=list(slots), status__in=COUNTED).values_list("slot")
    return {slot: seats for slot, seats in given.annotate(seats=Count("pk")) if slot is not None}


def open_seats(*, at: datetime) -> QuerySet[FreedSeat]:
    """Free, without a live offer, and due for a look; whoever holds the seat for a moment delays it."""
    offered = RescueOffer.objects.filter(slot=OuterRef("slot"), state__in=LIVE_OFFERS)
    found = FreedSeat.objects.filter(state=STATE.OPEN, look_again_at__lte=at, slot__taken__lt=F("slot__capacity"))
    return found.exclude(Exists(offered)).select_related("sas", "slot__place").order_by("slot__starts_at", "pk")
