"""The work page of one request, put together: need, referring doctor, proposals, map, and the one act in progress."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from quinze.accounts.actor import Actor
from quinze.availability.queries.covers import Hour, receivers_at
from quinze.availability.queries.sources import Kept, kept_elsewhere, silent_sources, sources_in_force
from quinze.availability.receiving import Receiver, of
from quinze.base.errors import Refusal
from quinze.directory.models import Professional
from quinze.directory.queries import parameter, places_of
from quinze.directory.queries.replacements import replaced_at
from quinze.orientation import operations, queries
from quinze.orientation.forms import osnp as forms
from quinze.orientation.links import with_origin
from quinze.orientation.models import Booking, OrientationRequest, OverbookingAsk
from quinze.orientation.queries import Gone, ProposalView, SearchView, SlotView
from quinze.orientation.queries.asks import ask_of_request
from quinze.orientation.queries.assisting import assistance_of
from quinze.orientation.queries.duplicates import already_given
from quinze.orientation.queries.requests import OPEN
from quinze.orientation.referring import referring_for
from quinze.orientation.rules import may_orient
from quinze.orientation.views.osnp_words import (
    chips,
    every_slot,
    need_words,
    note_words,
    reason_words,
    received_words,
    seat_label,
    spoken,
    when,
)
from quinze.patients.queries import age_words, display_name
from quinze.science.ranking import NURSE

BOOKED = OrientationRequest.Status.BOOKED
SHOWN = 3
LONGEST_REASON = 280
PINS = 15  # the map of a dense town shows the first ones
TOLD = timedelta(minutes=3)  # a hold that ran out is told for that long
NO = (OverbookingAsk.State.REFUSED, OverbookingAsk.State.EXPIRED)
WHY = {"no_reorientation": "N’accepte plus les réorientations"}
ASKED = ("accord", "adresser", "ouvrir", "rendre", "clore", "traitant")


@dataclass(frozen=True, slots=True)
class Seat:
    """One hour of the table: free, kept for this person, or lost since the list was drawn."""

    choice: str  # candidate|slot|modality
    label: str
    gone: str = ""
    is_held: bool = False
    kept_by: str = ""  # the editor where it is booked


@dataclass(frozen=True, slots=True)
class Row:
    proposal: ProposalView
    reasons: str
    seats: list[Seat]
    more: list[Seat]
    is_current: bool = False
    others: list[tuple[str, list[Seat]]] = field(default_factory=list)
    received: list[str] = field(default_factory=list)  # by somebody else than who is proposed, and when


@dataclass(frozen=True, slots=True)
class Desk:
    """Who looks at which request, when: what every part of the page needs."""

    request: OrientationRequest
    by: Actor
    at: datetime

    @property
    def is_mine(self) -> bool:
        return self.request.status == OrientationRequest.Status.TAKEN and self.request.taken_by_id == self.by.user.pk

    @property
    def is_nurse(self) -> bool:
        """An IOA, who has neither the list of the SAS nor its follow-up."""
        return not may_orient(self.by)

    @property
    def home(self) -> str:
        return reverse(home_of(self.by))


def home_of(by: Actor) -> str:
    """The list that this person comes from."""
    return "orientation:desk" if may_orient(by) else "orientation:reorientations"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What every seat of the table is drawn against: those lost, the one held, those that an editor keeps, those at
    which somebody else receives.
    """

    desk: Desk
    gone: dict[int, Gone]
    holding: Booking | None
    kept: dict[int, Kept]
    receivers: dict[Hour, Receiver]
    replaced: dict[int, Professional]  # by place


def page(request: HttpRequest, desk: Desk, *, bar: dict[str, Any] | None = None, **extra: Any) -> HttpResponse:
    """The whole page. `bar` is the act that was refused, with what was typed."""
    found, last = desk.request, queries.last_booking(desk.request)
    view = _view(desk) if desk.is_mine else None
    holding = last if last and last.status == Booking.Status.HELD and not _run_out(last, desk.at) else None
    context = {
        "desk": desk,
        "found": found,
        "version_said": str(found.version),
        "live_topic": f"request:{found.pk}",
        "name": display_name(found.patient),
        "given": found.patient.given_name or "le patient",
        "age": age_words(found.patient, on=local_today(desk)),
        "left": (found.deadline - desk.at).total_seconds(),
        "need": need_words(found),
        "assistance": assistance_of(found) if found.profession == NURSE else None,
        "referring": queries.referring_status(request=found, at=desk.at),
        "booking": last if last and found.status == OrientationRequest.Status.BOOKED else None,
        "person": forms.person_form(found, today=local_today(desk)),
        "why": forms.WhyForm(),
        "hold": holding,
        "asked": ask_of_request(found, at=desk.at) if found.status in OPEN else None,
        "already": already_given(found, at=desk.at) if desk.is_mine or found.status == BOOKED else [],
        "status": extra.pop("status", 200),
    }
    if view:
        context["following"] = _following(view, context["asked"])
        context |= proposals_context(desk, view, holding) | {"filters": forms.filter_form(found, view.options)}
        context["map"] = map_of(view, holding, found)
        context["bar"] = bar or _bar(request, desk, view, last, holding)
    if context["booking"]:
        context["sent"] = list(last.messages.order_by("pk")) if last else []
        context["transports"] = list(last.transports.order_by("pk")) if last else []
    return render(request, "orientation/osnp_request.html", context | extra, status=context["status"])


def _following(view: SearchView, asked: OverbookingAsk | None) -> ProposalView | None:
    """After a doctor's no, the first proposal of the charter that is not that doctor."""
    if asked is None or asked.state not in NO:
        return None
    found = (p for level in view.levels if level.is_open for p in level.proposals)
    return next((p for p in found if p.professional_id != asked.professional_id), None)


def local_today(desk: Desk) -> Any:
    return desk.at.astimezone(ZoneInfo(desk.by.sas.zone)).date()


def _view(desk: Desk) -> SearchView:
    """The order that was shown stays; a request opened for the first time is searched once."""
    log = queries.latest_ranking(desk.request)
    return queries.view_of(log) if log else operations.search_or_widen(request=desk.request, by=desk.by, at=desk.at)


def _run_out(booking: Booking, at: datetime) -> bool:
    return booking.hold_expires_at is not None and booking.hold_expires_at <= at


# ---- the table


def proposals_context(desk: Desk, view: SearchView, holding: Booking | None) -> dict[str, Any]:
    gone = queries.gone_seats(view, request=desk.request, at=desk.at)
    sources = sources_in_force()
    kept = kept_elsewhere(_slots_of(view)) if sources else {}
    shown = [proposal for level in view.levels for proposal in level.proposals]
    drawn = Drawn(desk, gone, holding, kept, _receivers(shown), replaced_at(p.place_id for p in shown))
    levels = [(level, [_row(p, level.name, drawn) for p in level.proposals]) for level in view.levels]
    return {
        "view": view,
        "silent": silent_sources(sources, sas=desk.by.sas, at=desk.at),
        "levels": [(level, rows, note_words(level.note)) for level, rows in levels if level.is_open],
        "closed": [(level, note_words(level.note, closed=True)) for level, _ in levels if not level.is_open],
        "count": sum(len(rows) + level.more for level, rows in levels if level.is_open),
        "chips": chips(view.options, desk.request, desk.by.sas.zone),
        "wider": queries.next_radius(view),
        "changes": len(gone),
    }


def _slots_of(view: SearchView) -> list[int]:
    return [slot.id for level in view.levels for proposal in level.proposals for slot in every_slot(proposal)]


def _receivers(proposals: list[ProposalView]) -> dict[Hour, Receiver]:
    """Who receives at the hours shown. Asked by the page: a search has no exchange more, and each page is of now."""
    return receivers_at((p.professional_id, slot.starts_at) for p in proposals for slot in every_slot(p))


def _row(proposal: ProposalView, level: str, drawn: Drawn) -> Row:
    seats = [_seat(proposal.candidate, slot, drawn) for slot in proposal.slots]
    seats.sort(key=lambda seat: not seat.is_held)
    others = [(o.label, [_seat(o.candidate, s, drawn) for s in o.slots]) for o in proposal.others]
    current = drawn.holding is not None and drawn.holding.place_id == proposal.place_id
    received = received_words(proposal, drawn.receivers, at=drawn.desk.at, zone=drawn.desk.by.sas.zone)
    if doctor := drawn.replaced.get(proposal.place_id):
        received.insert(0, f"Remplaçant {of(str(doctor))}")
    reasons = reason_words(proposal.reasons, level)
    return Row(proposal, reasons, seats[:SHOWN], seats[SHOWN:], current, others, received)


def _seat(candidate: str, slot: SlotView, drawn: Drawn) -> Seat:
    desk, lost, kept = drawn.desk, drawn.gone.get(slot.id), drawn.kept.get(slot.id)
    modality = next((m for m in desk.request.modalities if m in slot.modalities), slot.modalities[0])
    return Seat(
        choice=f"{candidate}|{slot.id}|{modality}",
        label=seat_label(slot, at=desk.at, zone=desk.by.sas.zone, modality=modality, asked=desk.request.modalities),
        gone=lost.words if lost else "",
        is_held=drawn.holding is not None and drawn.holding.slot_id == slot.id,
        kept_by=kept.name if kept else "",
    )


# ---- the map


def map_of(view: SearchView, holding: Booking | None, request: OrientationRequest) -> dict[str, Any]:
    features = [
        _point(p.lat, p.lon, **_pin(view, p, holding, request)) for p in view.points if p.rank and p.rank <= PINS
    ]
    if view.origin:
        home = _point(*view.origin, kind="home")
        features = [_point(*view.origin, kind="zone", radius_km=view.radius_km), *features, home]
    return {"type": "FeatureCollection", "features": features}


def _pin(view: SearchView, point: Any, holding: Booking | None, request: OrientationRequest) -> dict[str, Any]:
    proposal = view.proposal(point.candidate)
    held = bool(holding and proposal and holding.place_id == proposal.place_id)
    doctor = referring_for(request.profession).id_of(request.patient)
    kind = "referring" if doctor and proposal and proposal.professional_id == doctor else "doctor"
    return {"kind": kind, "rank": point.rank, "held": held}


def _point(lat: float, lon: float, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": properties,
    }


# ---- the bar: one act at a time


def _bar(
    request: HttpRequest, desk: Desk, view: SearchView, last: Booking | None, holding: Booking | None
) -> dict[str, Any] | None:
    asked = next((name for name in ASKED if name in request.GET), "")
    if asked:
        return asked_bar(desk, view, asked, request.GET[asked])
    return hold_bar(desk, holding) if holding else _expired_bar(last, desk.at)


def hold_bar(desk: Desk, booking: Booking) -> dict[str, Any]:
    sas = desk.by.sas
    kept = kept_elsewhere([booking.slot_id]).get(booking.slot_id) if booking.slot_id else None
    return {
        "kind": "hold",
        "booking": booking,
        "seconds": parameter(sas, "hold_seconds", desk.at),
        "may_extend": not booking.hold_extended and bool(parameter(sas, "hold_extensions", desk.at)),
        "spoken": spoken(booking, desk.request),
        "elsewhere": kept,
        "go_there": go_there(kept),
    }


def go_there(kept: Kept | None) -> str:
    """Where the OSNP books this seat; empty when the editor gave no address."""
    return with_origin(kept.url) if kept and kept.url else ""


def bar_part(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Only the bar, asked when the countdown reaches zero."""
    last = queries.last_booking(desk.request)
    running = last and last.status == Booking.Status.HELD and not _run_out(last, desk.at)
    bar = hold_bar(desk, last) if last and running else _expired_bar(last, desk.at)
    return render(request, "orientation/osnp_bar.html", {"bar": bar, "found": desk.request, "desk": desk})


def typed_bar(desk: Desk, asked: str, value: str, form: Any) -> dict[str, Any] | None:
    """The act that was refused, with what was typed in it."""
    view = _view(desk) if desk.is_mine else None
    return asked_bar(desk, view, asked, value, form) if view else None


def _expired_bar(last: Booking | None, at: datetime) -> dict[str, Any] | None:
    """Until another seat is chosen, for a few minutes."""
    if last is None or last.hold_expires_at is None or last.hold_expires_at < at - TOLD:
        return None
    expired = last.status == Booking.Status.EXPIRED or (last.status == Booking.Status.HELD and _run_out(last, at))
    return {"kind": "expired", "booking": last} if expired else None


def asked_bar(desk: Desk, view: SearchView, asked: str, value: str, form: Any = None) -> dict[str, Any] | None:
    """The form of an act asked by a button, or the same one with what was refused in it."""
    today = local_today(desk)
    bar: dict[str, Any] = {"kind": asked, "value": value}
    if asked in ("accord", "adresser"):
        proposal = view.proposal(value)
        if proposal is None:
            return None
        made = forms.OverbookingForm(initial={"day": today}) if asked == "accord" else forms.DirectForm()
        return bar | {"proposal": proposal, "form": form or made}
    if asked == "ouvrir":
        level = next((level for level in view.levels if str(level.number) == value and not level.is_open), None)
        return (
            bar
            | {
                "level": level,
                "note": note_words(level.note, closed=True),
                "form": form or forms.OpeningForm(initial={"level": value}),
            }
            if level
            else None
        )
    if asked == "traitant":
        return _referring_bar(desk, view, bar, form)
    return bar | {"form": form or forms.ReasonForm()}


def _referring_bar(desk: Desk, view: SearchView, bar: dict[str, Any], form: Any) -> dict[str, Any] | None:
    doctor = referring_for(desk.request.profession).of(desk.request.patient)
    if doctor is None:
        return None
    mine = [p for level in view.levels if level.is_open for p in level.proposals if p.professional_id == doctor.pk]
    gone = queries.gone_seats(view, request=desk.request, at=desk.at)
    kept = kept_elsewhere(slot.id for p in mine for slot in p.slots)
    drawn = Drawn(desk, gone, None, kept, _receivers(mine), replaced_at(p.place_id for p in mine))
    rows = [_row(p, "", drawn) for p in mine]
    return bar | {
        "doctor": doctor,
        "rows": rows,
        "places": list(places_of(doctor)),
        "form": form or forms.agreement_form(local_today(desk)),
    }


def proposal_of(desk: Desk, candidate: str) -> ProposalView | None:
    return _view(desk).proposal(candidate) if desk.is_mine else None


def reason_bar(desk: Desk, choice: str, form: Any) -> dict[str, Any]:
    """The seat wanted is not of the first proposal: why, before it is kept."""
    candidate, slot, *_ = [*choice.split("|"), "", ""]
    view = _view(desk) if desk.is_mine else None
    proposal = view.proposal(candidate) if view else None
    seats = [s for s in proposal.slots if str(s.id) == slot] if proposal else []
    words = [when(seat.starts_at, at=desk.at, zone=desk.by.sas.zone) for seat in seats]
    received = list(receivers_at((proposal.professional_id, s.starts_at) for s in seats).values()) if proposal else []
    return {
        "kind": "reason", "choice": choice, "proposal": proposal, "moment": "".join(words), "form": form,
        "receiver": received[0] if received else None,
    }  # fmt: skip


def lost_bar(desk: Desk, refusal: Refusal, candidate: str, reason: str) -> dict[str, Any]:
    """A seat lost by a race: who has it, and the next one ready: of the same doctor, else of the next proposal."""
    seats = [Seat(*_choice(desk, candidate, slot)) for slot in refusal.data.get("next", ())]
    following = None if seats else proposal_of(desk, refusal.data.get("proposal", ""))
    if following:
        offered = [_choice(desk, following.candidate, slot) for slot in following.slots[:SHOWN]]
        seats = [Seat(choice, f"{following.label}, {words}") for choice, words in offered]
        taker = refusal.data.get("who")
        why = f"Créneau pris par {taker}" if taker else WHY.get(refusal.code, "Créneau retiré par le médecin")
        reason = reason or why[:LONGEST_REASON]
    return {"kind": "lost", "refusal": refusal, "seats": seats, "reason": reason}


def _choice(desk: Desk, candidate: str, slot: SlotView) -> tuple[str, str]:
    """What is posted to keep this seat, and how it is said."""
    request = desk.request
    modality = next((m for m in request.modalities if m in slot.modalities), slot.modalities[0])
    words = seat_label(slot, at=desk.at, zone=desk.by.sas.zone, modality=modality, asked=request.modalities)
    return f"{candidate}|{slot.id}|{modality}", words
