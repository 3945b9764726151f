"""To which orientation an editor's appointment belongs: by who made it, with whom and when. One answer, or people say.

The exchange carries no patient and no number of ours. A request is *sure* when this regulator holds it, or kept a seat
for it with that professional, when the appointment lies between the request and its deadline, and when that
professional was held or proposed for it. What misses one of these is only *possible*, and shown to an OSNP.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from quinze.accounts.models import Sas
from quinze.directory.models import Place
from quinze.directory.models.offer import StructureKind
from quinze.interop.fhir.appointment import SOS, Rdv
from quinze.interop.fhir.receiving import rdv_of
from quinze.interop.models import EditorAppointment
from quinze.orientation.models import Booking, OrientationRequest, RankingLog
from quinze.orientation.models.booking import OURS
from quinze.orientation.queries.bookings import GIVEN
from quinze.orientation.queries.requests import OPEN

MOST = 30
EARLY = timedelta(minutes=5)  # two clocks never agree
LOOKED_BACK = timedelta(hours=72)
KEPT = (Booking.Status.HELD, Booking.Status.EXPIRED, *GIVEN)
BOOKED = OrientationRequest.Status.BOOKED


@dataclass(frozen=True, slots=True)
class Match:
    """Nothing is to be asked when `sure` has one."""

    sure: list[OrientationRequest]
    possible: list[OrientationRequest]

    @property
    def only(self) -> OrientationRequest | None:
        return self.sure[0] if len(self.sure) == 1 else None


def match(appointment: EditorAppointment) -> Match:
    """Nobody whom we know made it: nothing matches."""
    if appointment.user_id is None:
        return Match([], [])
    rdv = rdv_of(appointment)
    found = list(_of_regulator(appointment, rdv)[:MOST])
    proposed = _proposed(found, appointment)
    sure = [one for one in found if one.pk in proposed and in_time(one, rdv)]
    if len(sure) > 1:
        kept = _kept_for(sure, appointment, rdv)
        sure = [one for one in sure if one.pk in kept] if len(kept) == 1 else sure
    return Match(sure, [one for one in found if one not in sure])


def in_time(request: OrientationRequest, rdv: Rdv) -> bool:
    return request.requested_at - EARLY <= rdv.start <= max(request.deadline, request.limit_at)


def _of_regulator(appointment: EditorAppointment, rdv: Rdv) -> QuerySet[OrientationRequest]:
    """Those that wait with this regulator, those for which they kept such a seat, and what they typed already."""
    when = _made_at(appointment, rdv)
    mine = Booking.objects.filter(_whose(appointment), request=OuterRef("pk"), held_by=appointment.user)
    waiting = Q(status__in=OPEN) & (Q(taken_by=appointment.user) | Exists(mine))
    typed = Q(status=BOOKED) & Exists(mine.filter(status__in=GIVEN, starts_at=rdv.start))
    taken = EditorAppointment.objects.filter(booking__request=OuterRef("pk"), booking__status__in=GIVEN)
    found = OrientationRequest.objects.filter(waiting | typed).exclude(Exists(taken))
    found = found.filter(requested_at__gte=when - LOOKED_BACK, requested_at__lte=when + EARLY)
    return _of_sas(found, appointment).order_by("requested_at", "pk")


def _made_at(appointment: EditorAppointment, rdv: Rdv) -> datetime:
    """As the editor says, unless that is after we heard of it, or long before."""
    heard = appointment.received_at
    return rdv.created if rdv.created and heard - LOOKED_BACK < rdv.created <= heard + EARLY else heard


def _whose(appointment: EditorAppointment) -> Q:
    """With that professional; of an association, whoever it sends. Nobody, when the directory does not know them."""
    if is_sos(appointment):
        return Q(structure__kind=StructureKind.SOS)
    return Q(professional=appointment.professional) if appointment.professional_id else Q(pk__in=[])


def is_sos(appointment: EditorAppointment) -> bool:
    return bool(appointment.content["profile"] == SOS)


def _of_sas(found: QuerySet[OrientationRequest], appointment: EditorAppointment) -> QuerySet[OrientationRequest]:
    if appointment.sas_id is not None:
        found = found.filter(sas_id=appointment.sas_id)
    return found.select_related("patient", "sas", "commune", "taken_by")


def _proposed(requests: Iterable[OrientationRequest], appointment: EditorAppointment) -> set[int]:
    """Those for which this professional, or an association, was held or proposed in the last ranking."""
    keys = [request.pk for request in requests]
    held = Booking.objects.filter(_whose(appointment), request__in=keys).values_list("request", flat=True)
    logs = RankingLog.objects.filter(request__in=keys).order_by("request", "-at", "-pk").distinct("request")
    owners = _keys(appointment)
    lines = logs.values_list("request", "proposals")
    return set(held) | {key for key, text in lines if any(owner in f"\n{text}" for owner in owners)}


def _kept_for(requests: Iterable[OrientationRequest], appointment: EditorAppointment, rdv: Rdv) -> set[int]:
    """Those for which this regulator kept that very hour, and did not let it go. A hold that ran out meanwhile counts:
    booking on the pages of an editor takes longer than a hold lasts.
    """
    mine = Booking.objects.filter(_whose(appointment), held_by=appointment.user, starts_at=rdv.start)
    kept = mine.filter(request__in=[one.pk for one in requests], status__in=KEPT)
    return set(kept.values_list("request", flat=True))


def _keys(appointment: EditorAppointment) -> list[str]:
    """How rankings name them: after a line break, or after a space for another place of the same."""
    names = [f"p{appointment.professional_id}@"] if appointment.professional_id else []
    if is_sos(appointment):
        names = [f"s{pk}@" for pk in _where(appointment).values_list("structure", flat=True)]
    return [before + name for name in names for before in ("\n", " ")]


def places(appointment: EditorAppointment, request: OrientationRequest) -> list[Place]:
    """Where it can be. One: held there, published there at that hour, or the only place there is; else, to be asked."""
    found = _where(appointment)
    active = list(found.select_related("commune", "structure").order_by("pk"))
    if len(active) <= 1:
        return active
    published = found.filter(slots__starts_at=appointment.starts_at, slots__status="open").exclude(slots__source=OURS)
    for narrower in (found.filter(bookings__request=request), published):
        keys = set(narrower.values_list("pk", flat=True))
        if len(keys) == 1:
            return [place for place in active if place.pk in keys]
    return active


def _where(appointment: EditorAppointment) -> QuerySet[Place]:
    active = Place.objects.filter(is_active=True)
    if not is_sos(appointment):
        return active.filter(professional=appointment.professional_id or 0)
    sos = active.filter(structure__kind=StructureKind.SOS, professional__isnull=True)
    return sos.filter(structure__sas=appointment.sas_id) if appointment.sas_id else sos


def wider(sas: Sas, *, at: datetime) -> list[OrientationRequest]:
    """For a person who looks: everything of their SAS that waits, the latest first."""
    found = OrientationRequest.objects.filter(sas=sas, status__in=OPEN, requested_at__gte=at - LOOKED_BACK)
    related = found.select_related("patient", "sas", "commune", "taken_by")
    return list(related.order_by("-requested_at", "-pk")[:MOST])
