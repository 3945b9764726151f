"""Whether a seat may be given to the person of a request: the limits that its doctor stated."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from quinze.availability.limits import Someone, Unfit, is_limited, unfit, words
from quinze.availability.models import Slot
from quinze.directory.models import StructureCommune
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.queries.calendar import zone_of
from quinze.orientation.queries.candidates import CONTINUITY
from quinze.orientation.queries.inputs import age_in_months
from quinze.orientation.referring import referring_for
from quinze.patients.models import Patient

REFUSED = {
    Unfit.AGE: "âge du patient hors de ses limites",
    Unfit.NEW_PATIENTS: "ne prend pas de nouveaux patients",
    Unfit.SPECIALTY: "réservé à d’autres spécialités",
    Unfit.NOTICE: "délai de prévenance trop court",
}


def fitting(slots: Iterable[Slot], *, request: OrientationRequest, at: datetime) -> list[Slot]:
    """Those that may be given. Three reads at most, and none when no slot has a limit."""
    offered = [slot for slot in slots if slot.sas_sees is not False]
    if any(slot.cpts_id for slot in offered):
        zones = _zones(request)
        offered = [slot for slot in offered if slot.cpts_id is None or slot.cpts_id in zones]
    if not any(is_limited(slot) for slot in offered):
        return offered
    person = someone_of(request, at=at)
    return [slot for slot in offered if unfit(slot, person, at=at) is None]


def misfit(slot: Slot, *, request: OrientationRequest, at: datetime) -> str:
    """Why this seat is not for that person, in words; empty when it is."""
    if slot.sas_sees is False:
        return "le médecin ne le montre plus au SAS"
    if slot.cpts_id is not None and slot.cpts_id not in _zones(request):
        return f"gardé pour le territoire de {slot.cpts}"
    if not is_limited(slot):
        return ""
    reason = unfit(slot, someone_of(request, at=at), at=at)
    return f"{REFUSED[reason]} ({', '.join(words(slot))})" if reason else ""


def _zones(request: OrientationRequest) -> set[int]:
    """The CPTS of the commune where this person is: a slot kept for another is for other people."""
    zones = StructureCommune.objects.filter(commune=request.commune_id, structure__kind="CPTS")
    return set(zones.values_list("structure", flat=True))


def someone_of(request: OrientationRequest, *, at: datetime) -> Someone:
    """Of a provisional identity nobody can say "already seen"."""
    patient, known = request.patient, set[int]()
    if patient.identity != Patient.Identity.PROVISIONAL:
        seen = Booking.objects.filter(
            patient=patient, status=Booking.Status.FULFILLED, starts_at__gt=at - CONTINUITY, professional__isnull=False
        )
        known.update(pk for pk in seen.values_list("professional", flat=True) if pk is not None)
    if (referring := referring_for(request.profession).id_of(patient)) is not None:
        known.add(referring)
    today = at.astimezone(ZoneInfo(zone_of(request))).date()
    return Someone(age_in_months(patient, today), request.specialty, frozenset(known))
