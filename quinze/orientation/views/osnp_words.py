"""Short French words of the OSNP's page: seats, filters, what to say aloud."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from quinze.availability.models import Modality
from quinze.availability.queries.covers import Hour
from quinze.availability.receiving import Receiver
from quinze.base.codes import label
from quinze.orientation.forms.osnp import LANGUAGES, PROFESSIONS, SECTORS
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.operations.messages import is_mobile
from quinze.orientation.options import SearchOptions
from quinze.orientation.queries import ProposalView, SlotView
from quinze.orientation.queries.asks import AskSaid
from quinze.orientation.sentences import DAYS, clock, day, kilometres

LEVEL_SAID = re.compile(r"^niveau \d+ (ouvert ; vide : )?")
SAID_BESIDE = re.compile(r"niveau |libre |[\d,]+ (k?m|min)\b")
NEVER_ASKED = re.compile(r"(pas sollicité en 28 jours) \([^)]*\)")
SHORT = {"AMB": "cabinet", "HH": "visite", "VR": "vidéo"}


def hour(instant: datetime, zone: str) -> str:
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local:%H:%M}"


def seat_label(slot: SlotView, *, at: datetime, zone: str, modality: str, asked: list[str]) -> str:
    """14:20; mer. 09:40; 14:00–17:00 (3 places); 18:00 vidéo when the doctor left the choice."""
    words = day_hour(slot.starts_at, at=at, zone=zone)
    if slot.plage:
        words += f"–{hour(slot.ends_at, zone)}"
    if len(asked) > 1 and modality != asked[0]:
        words += f" {SHORT[modality]}"
    return f"{words}, {slot.note}" if slot.note else words


def every_slot(proposal: ProposalView) -> list[SlotView]:
    """Of the proposal, and of the same person's other places."""
    return [*proposal.slots, *(slot for other in proposal.others for slot in other.slots)]


def received_words(proposal: ProposalView, receivers: Mapping[Hour, Receiver], *, at: datetime, zone: str) -> list[str]:
    """« Lou Sorbier, remplaçant du Dr Cormier, reçoit », with the hours where it is not all of them."""
    hours: dict[Receiver, list[str]] = {}
    slots = every_slot(proposal) if proposal.professional_id and receivers else []
    for slot in slots:
        if receiver := receivers.get((proposal.professional_id or 0, slot.starts_at)):
            hours.setdefault(receiver, []).append(day_hour(slot.starts_at, at=at, zone=zone))
    always = sum(map(len, hours.values())) == len(slots) and len(hours) == 1
    return [
        f"{receiver.in_place_of(proposal.label)}, reçoit" + ("" if always else f" : {', '.join(said)}")
        for receiver, said in hours.items()
    ]


def day_hour(instant: datetime, *, at: datetime, zone: str) -> str:
    """As on the button of a seat."""
    local, today = instant.astimezone(ZoneInfo(zone)), at.astimezone(ZoneInfo(zone)).date()
    words = hour(instant, zone)
    return words if local.date() == today else f"{DAYS[local.weekday()]} {words}"


def when(instant: datetime, *, at: datetime, zone: str) -> str:
    """« aujourd’hui 14:20 », « demain 09:40 », « jeu. 19 nov. 09:40 »."""
    ahead = (instant.astimezone(ZoneInfo(zone)).date() - at.astimezone(ZoneInfo(zone)).date()).days
    near = {0: "aujourd’hui", 1: "demain"}.get(ahead, day(instant, zone))
    return f"{near} {hour(instant, zone)}"


def said_words(asked: AskSaid, zone: str) -> str:
    """Of « un patient de plus ? », on the line of the list; nothing once it was accepted or taken back."""
    if asked.state == "pending":
        return f"{asked.doctor} répond avant {hour(asked.expires_at, zone)}"
    if asked.state not in ("refused", "expired") or asked.answered_at is None:
        return ""
    said = "a refusé" if asked.state == "refused" else "n’a pas répondu"
    return f"{asked.doctor} {said}, {hour(asked.answered_at, zone)}"


def note_words(note: str, *, closed: bool = False) -> str:
    """Without the number of the level, which stands before it; of a closed one, only when it opens."""
    words = LEVEL_SAID.sub("", note)
    return words.partition(" ; vide")[0] if closed else words


def reason_words(reasons: tuple[str, ...], level: str) -> str:
    """What the level, the distance and the hours beside do not say already."""
    kept = ", ".join(text for text in reasons if not SAID_BESIDE.match(text)).removeprefix(level).removeprefix(", ")
    return NEVER_ASKED.sub(r"\1", kept).replace(" par place offerte", " par place")


def need_words(request: OrientationRequest) -> str:
    return need_said(request.specialty, request.profession, *request.modalities)


@lru_cache(maxsize=256)
def need_said(specialty: str, profession: str, *modalities: str) -> str:
    who = label("specialties", specialty) if specialty else label("professions", profession)
    who = "Médecine générale" if specialty == "SM54" else who
    return f"{who}, {' ou '.join(str(Modality(m).label).lower() for m in modalities)}"


def chips(options: SearchOptions, request: OrientationRequest, zone: str) -> list[str]:
    """What narrows the search now, in the order of the filters."""
    found = [" ou ".join(SHORT[m] for m in ([options.modality] if options.modality else request.modalities))]
    found.append(f"sous {options.within_hours} h" if options.within_hours else f"avant {_before(request, zone)}")
    if options.max_km is not None:
        found.append(kilometres(options.max_km).replace(",0 ", " "))
    if options.max_minutes is not None:
        found.append(f"≈ {options.max_minutes} min de route")
    if options.profession:
        found.append(PROFESSIONS.get(options.profession, options.profession))
    if options.language or request.language:
        code = options.language or request.language
        found.append(LANGUAGES.get(code, code))
    if options.sector:
        found.append(SECTORS.get(options.sector, options.sector))
    if options.wheelchair or request.needs_wheelchair:
        found.append("fauteuil")
    if request.emergency_id is not None:
        found.append("réorientations")
    return [text[:1].upper() + text[1:] for text in found]


def _before(request: OrientationRequest, zone: str) -> str:
    return f"{day(request.deadline, zone)} {hour(request.deadline, zone)}"


def spoken(booking: Booking, request: OrientationRequest) -> dict[str, str]:
    """What to say aloud while the hold runs: who, when, where, what happens next."""
    place, zone = booking.place, booking.place.zone
    name = request.patient.given_name or request.patient.given_names or "le patient"
    return {
        "who": booking.who,
        "name": name,
        "moment": when(booking.starts_at, at=booking.status_at, zone=zone).rpartition(" ")[0]
        + f" à {clock(booking.starts_at, zone)}",
        "day": when(booking.starts_at, at=booking.status_at, zone=zone),
        "where": _where(booking),
        "sms": request.callback_phone if is_mobile(request.callback_phone) else "",
        "email": request.email,
        "town": place.commune.name,
    }


def _where(booking: Booking) -> str:
    if booking.modality == Modality.VIDEO:
        return "en téléconsultation"
    if booking.modality == Modality.HOME:
        return "à domicile"
    return booking.place.address
