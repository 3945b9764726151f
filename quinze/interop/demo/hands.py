"""The hands of the room: they do what people do, through the same operations, one act at a time.

A life is a generator. It yields how many seconds pass before its next act and is sent the instant of that act, so that
one engine plays yesterday in a few seconds and today at the pace of the clock.
"""

from collections.abc import Generator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from quinze.accounts.actor import Actor
from quinze.base.errors import Refusal
from quinze.interop.demo.persona import Persona
from quinze.interop.demo.stories import GP
from quinze.orientation import operations as orientation
from quinze.orientation import queries as offers
from quinze.orientation.models import Booking, NoShowCause, OrientationRequest
from quinze.orientation.queries import ProposalView, SearchView
from quinze.regulation import decisions
from quinze.regulation import operations as regulation
from quinze.regulation import queries as cases
from quinze.regulation.models import CaseFile, Decision

Life = Generator[float, datetime, None]
MINUTE = 60.0
LONGEST_CALL = 150.0  # a seat is kept three minutes while the patient makes up their mind
CAUSES = (NoShowCause.PATIENT, NoShowCause.LATE, NoShowCause.UNKNOWN, NoShowCause.DOCTOR)


class Hands:
    """Who works in the simulated room, and how fast."""

    def __init__(
        self, *, arm: Actor, amu: Actor, snp: Actor, osnp: Actor, random: Random, relief: Sequence[Actor] = ()
    ) -> None:
        self.arm, self.amu, self.snp, self.osnp, self.random = arm, amu, snp, osnp, random
        self.turns = (snp, *relief)
        self.load = 1.0  # above 1, files wait longer for a doctor or an OSNP

    def snp_at(self, at: datetime) -> Actor:
        """Who regulates SNP at that hour: they relieve one another every four hours."""
        return self.turns[at.hour // 4 % len(self.turns)]

    def pause(self, median: float) -> float:
        """A human delay around that median, in seconds: lognormal, never negative."""
        return median * self.random.lognormvariate(0, 0.6)

    def queue(self, median: float) -> float:
        return self.pause(median) * self.load

    def before_orienting(self, request: OrientationRequest) -> float:
        """An OSNP takes the gravest at once, whoever waits."""
        return self.pause(60) if request.priority == "P1" else self.queue(240)


def request_for_care(hands: Hands, persona: Persona) -> Life:
    """From the ring to the outcome."""
    at = yield 0
    case = regulation.open_case(by=hands.arm, at=at, caller_number=persona.phone)
    if hands.random.random() < 0.04:
        at = yield hands.pause(15)
        regulation.caller_hung_up(case, by=hands.arm, at=at)
        at = yield hands.pause(90)
        regulation.close(case, by=hands.arm, at=at, attribution="D.D-MALV.NRP")
        return
    case = yield from _qualification(hands, persona, case)
    doctor = hands.amu if case.stream == "AMU" else hands.snp_at(case.opened_at)
    at = yield hands.queue({"P0": 8, "P1": 120, "P2": 420, "P3": 1200}[case.priority])
    case = regulation.claim(case, by=doctor, at=at)
    yield from _regulation(hands, persona, case, doctor)


def _qualification(hands: Hands, persona: Persona, case: CaseFile) -> Generator[float, datetime, CaseFile]:
    story, arm = persona.story, hands.arm
    at = yield hands.pause(20)
    place = {
        "address": persona.address,
        "commune": persona.commune.insee,
        "lat": persona.commune.lat,
        "lon": persona.commune.lon,
    }
    case = _save(case, arm, at, "place", place)
    if story.priority == "P0":
        at = yield hands.pause(8)
        return regulation.red_flag(case, by=arm, at=at, reason=story.label)
    at = yield hands.pause(25)
    case = _save(
        case,
        arm,
        at,
        "caller",
        {"caller_type": persona.caller_type, "caller_name": persona.caller_name, "callback_phone": persona.phone},
    )
    case = _save(case, arm, at, "patient", persona.patient_values)
    at = yield hands.pause(30)
    values = {
        "reason_code": story.code,
        "reason_label": story.label,
        "summary": persona.summary,
        "vulnerabilities": list(persona.vulnerabilities),
    }
    case = _save(case, arm, at, "reason", values)
    at = yield hands.pause(10)
    return regulation.hand_over(case, by=arm, at=at, stream=story.stream, priority=story.priority)


def _save(case: CaseFile, by: Actor, at: datetime, section: str, values: Mapping[str, object]) -> CaseFile:
    return regulation.save_section(
        case, by=by, at=at, section=section, values=values, base_version=getattr(case, f"{section}_version")
    )


def _regulation(hands: Hands, persona: Persona, case: CaseFile, doctor: Actor) -> Life:
    story = persona.story
    at = yield hands.pause(60)
    if story.priority == "P0":  # the doctor completes what the ARM had no time to write
        case = _save(case, doctor, at, "patient", persona.patient_values)
        case = _save(
            case,
            doctor,
            at,
            "reason",
            {"reason_code": story.code, "reason_label": story.label, "summary": persona.summary},
        )
    case = _save(case, doctor, at, "medical", {"assessment": story.advice or story.instruction or persona.summary})
    at = yield hands.pause(90)
    decision = regulation.decide(case, by=doctor, at=at, details=_details(persona), care_level=story.care_level)
    if decision.orientation_request is not None:
        yield from _orientation(hands, decision.orientation_request)
        return
    if decision.nature == Decision.Nature.PRESCRIPTION:
        regulation.make_letter(decision, by=doctor, at=at)
    at = yield hands.pause({"INTER": 25 * MINUTE}.get(story.decision, 40))
    regulation.close(case, by=doctor, at=at)


def _details(persona: Persona) -> decisions.Details:
    story = persona.story
    if story.decision == "CONSEIL":
        return decisions.Advice(text=story.advice, recall_signs_told=True)
    if story.decision == "PMT":
        drugs = [dict(zip(("name", "dosage", "duration"), line.split(", "), strict=True)) for line in story.drugs]
        return decisions.from_values("PMT", {"drugs": drugs, "recall_signs_told": True})
    if story.decision == "INTER":
        medical = story.vehicle.startswith("SMUR")
        return decisions.Intervention(
            vehicle=story.vehicle, care="MED" if medical else "SECOURS", destination="URGENCES"
        )
    return decisions.Orientation(
        destination="CABINET",
        profession=story.profession,
        specialty="SM54" if story.profession == GP else "",
        modalities=story.modalities,
        within_hours=story.hours,
        instruction=story.instruction,
        care=story.care,
    )


# --- the OSNP -----------------------------------------------------------------------------------------------------


def _orientation(hands: Hands, request: OrientationRequest) -> Life:
    at = yield hands.before_orienting(request)
    request = orientation.claim(request=request, by=hands.osnp, at=at)
    at = yield hands.pause(15)
    view = orientation.search(request=request, by=hands.osnp, at=at)
    yield from _try_referring(hands, request, view, at)
    booking = yield from give(hands, request, view)
    if booking is None:
        at = yield hands.pause(60)
        orientation.give_back(request=request, reason="Aucun créneau avant la limite demandée.", by=hands.osnp, at=at)
        yield from _second_answer(hands, request)
        return
    yield from outcome(hands, booking)


def _try_referring(hands: Hands, request: OrientationRequest, view: SearchView, at: datetime) -> Life:
    """Called before anybody else is proposed; who has free seats is not."""
    status = offers.referring_status(request=request, at=at)
    first = next((p for level in view.levels if level.is_open for p in level.proposals), None)
    if status.professional is None or not status.to_log:
        return
    if first is not None and first.slots and first.professional_id == status.professional.pk:
        return
    at = yield hands.pause(40)
    result = hands.random.choices(("full", "no_answer"), (6, 4))[0]
    orientation.log_referring_attempt(request=request, result=result, by=hands.osnp, at=at)


def _second_answer(hands: Hands, request: OrientationRequest) -> Life:
    """Nobody could see the person in time: the doctor decides again, and sends to the emergency department."""
    at = yield hands.queue(300)
    doctor = hands.snp_at(at)
    case = regulation.claim(cases.case(request.case_number, by=doctor), by=doctor, at=at)
    at = yield hands.pause(120)
    details = decisions.Orientation(destination="URGENCES", transport="AUTREVEC.PERSO")
    regulation.decide(case, by=doctor, at=at, details=details, care_level="R3")
    at = yield hands.pause(30)
    regulation.close(case, by=doctor, at=at)


def give(hands: Hands, request: OrientationRequest, view: SearchView) -> Generator[float, datetime, Booking | None]:
    """Down the list, in the charter's order: a seat, a doctor who accepts one more, or a structure that answers."""
    for proposal in (p for level in view.levels if level.is_open for p in level.proposals):
        at = yield hands.pause(40)
        reason = "" if proposal.is_first else "Le précédent n’a pas pu recevoir."
        if proposal.slots:
            booking = yield from _seat(hands, request, view, proposal, reason)
            if booking is not None:
                return booking
        if proposal.offer == "contact":
            return orientation.record_contact(
                request=request,
                ranking=view.ranking_id,
                candidate=proposal.candidate,
                by=hands.osnp,
                at=at,
                reason=reason,
                consent="Accueil prévenu par téléphone",
                told=True,
            )
    return None


def _seat(
    hands: Hands, request: OrientationRequest, view: SearchView, proposal: ProposalView, reason: str
) -> Generator[float, datetime, Booking | None]:
    """None: a colleague took that seat first, or its hour came while the telephone rang."""
    slot = proposal.slots[0]
    modality = next(m for m in request.modalities if m in slot.modalities)
    at = yield 1
    try:
        held = orientation.hold(
            request=request,
            ranking=view.ranking_id,
            candidate=proposal.candidate,
            slot=slot.id,
            modality=modality,
            by=hands.osnp,
            at=at,
            reason=reason,
        )
    except Refusal:
        return None
    at = yield min(hands.pause(45), LONGEST_CALL)
    booking = orientation.confirm(booking=held, by=hands.osnp, at=at)
    return orientation.confirm_to_patient(booking=booking, by=hands.osnp, at=at)


def outcome(hands: Hands, booking: Booking) -> Life:
    """What becomes of an appointment: some cancel, a few do not come, most are seen."""
    at = yield hands.pause(20 * MINUTE)
    if at < booking.starts_at and hands.random.random() < 0.09:
        orientation.cancel(booking=booking, by_kind="patient", reason="Va mieux", at=at, by=None)
        yield from _called_again(hands, booking, "Rappelé : va mieux.")
        return
    while at < booking.starts_at + timedelta(minutes=10):
        at = yield max(60.0, (booking.starts_at + timedelta(minutes=12) - at).total_seconds())
    if hands.random.random() < 0.3:  # the doctor said nothing: the OSNP asks later
        at = yield hands.pause(4 * 60 * MINUTE)
    seen = hands.random.random() > 0.09
    cause = "" if seen else hands.random.choices(CAUSES, (6, 2, 2, 1))[0]
    orientation.record_outcome(
        booking=booking,
        outcome="fulfilled" if seen else "no_show",
        by=hands.osnp,
        at=at,
        by_kind="doctor" if seen else "staff",
        cause=cause,
    )
    if cause == NoShowCause.DOCTOR:
        yield from _called_again(hands, booking, "Rappelé : a vu son médecin traitant.")


def _called_again(hands: Hands, booking: Booking, words: str) -> Life:
    """Who lost their appointment is in the list again, and nobody leaves them there."""
    at = yield hands.queue(6 * MINUTE)
    request = booking.request
    request.refresh_from_db()
    if request.status == OrientationRequest.Status.WAITING:
        request = orientation.claim(request=request, by=hands.osnp, at=at)
        orientation.close_without_booking(request=request, reason=words, by=hands.osnp, at=at)
