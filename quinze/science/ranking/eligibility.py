"""Step 1 and 2: each candidate is refused for one reason, or stands in one level."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from quinze.science.charter import Offer

from .inputs import TELECONSULTATION, Candidate, Need, RankingInputs, Seat
from .levels import LevelRule, is_referring
from .outcome import Detail, Reason, Standing

Verdict = Standing | tuple[Reason, Detail]
STALE_COMES_LAST = 2
"""From this algorithm on, seats of a stale agenda come after the others of their level; before, they were withheld."""


@dataclass(slots=True)
class Means:
    """What a candidate can offer at a stage of the test; each test takes some away."""

    seats: list[Seat]
    overbooking: bool
    telephone: bool
    kinds: Collection[Offer]

    @classmethod
    def of(cls, seats: list[Seat], *, overbooking: bool, telephone: bool) -> "Means":
        return cls(seats, overbooking, telephone, {seat.offer for seat in seats})

    def serve(self, rule: LevelRule) -> bool:
        if (rule.overbooking and self.overbooking) or (rule.contact and self.telephone):
            return True
        if rule.remote_only:
            return any(True for _ in seats_for(rule, self.seats))
        return not rule.level.offer.isdisjoint(self.kinds)


def seats_for(rule: LevelRule, seats: Iterable[Seat]) -> Iterable[Seat]:
    offers = rule.level.offer
    if rule.remote_only:
        return (seat for seat in seats if seat.offer in offers and TELECONSULTATION in seat.modalities)
    return (seat for seat in seats if seat.offer in offers)


def assess(
    candidate: Candidate, *, inputs: RankingInputs, rules: tuple[LevelRule, ...], designated: list[LevelRule]
) -> Verdict:
    need = inputs.need
    soonest = inputs.at + timedelta(minutes=candidate.notice_minutes)
    seats = usable_seats(candidate, need, soonest=soonest)
    means = Means.of(seats, overbooking=candidate.accepts_overbooking, telephone=candidate.by_telephone)
    served = [rule for rule in designated if rule.needs_hold and means.serve(rule)]
    refusal = (
        _profession(candidate, need) or _modality(candidate, need, served=bool(served)) or _doctor(candidate, need)
    )
    if refusal:
        return refusal
    if not served and not seats and _only_notice_forbids(candidate, inputs):
        return Reason.DOCTOR_RESTRICTION, Detail.NOTICE
    refusal = _request(candidate, need)
    if refusal:
        return refusal
    if not served and not seats:
        return Reason.NO_SEAT, Detail.NONE
    if not any(rule.reaches(candidate) for rule in served or rules):
        return Reason.TOO_FAR, Detail.NONE
    near = [rule for rule in served if rule.reaches(candidate)]
    silenced = candidate.stale_feed and inputs.algorithm < STALE_COMES_LAST
    return _place(candidate, inputs.at, soonest=soonest, means=means, rules=near, silenced=silenced)


def _profession(candidate: Candidate, need: Need) -> tuple[Reason, Detail] | None:
    """What is not known of a structure, or of a profession without specialties, does not exclude it."""
    profession, specialty = candidate.profession, candidate.specialty
    if profession and need.professions and profession not in need.professions:
        return Reason.PROFESSION, Detail.NONE
    if specialty and need.specialties and specialty not in need.specialties:
        return Reason.PROFESSION, Detail.NONE
    return None


def _modality(candidate: Candidate, need: Need, *, served: bool) -> tuple[Reason, Detail] | None:
    """Modalities that are not stated are read from the seats, but never against someone whom a call can reach:
    losing a seat would otherwise make a doctor reachable.
    """
    wanted, stated = need.modalities, candidate.modalities
    if not wanted or not wanted.isdisjoint(stated):
        return None
    by_seat = [seat.modalities for seat in candidate.seats]
    if any(not wanted.isdisjoint(modalities) for modalities in by_seat):
        return None
    only_others = not served and bool(by_seat) and all(by_seat)
    return (Reason.MODALITY, Detail.NONE) if stated or only_others else None


def _doctor(candidate: Candidate, need: Need) -> tuple[Reason, Detail] | None:
    age, low, high = need.age_months, candidate.min_age_months, candidate.max_age_months
    if age is not None and ((low is not None and age < low) or (high is not None and age >= high)):
        return Reason.DOCTOR_RESTRICTION, Detail.AGE
    if not candidate.takes_new_patients and not (has_seen(candidate, need) or is_referring(candidate, need)):
        return Reason.DOCTOR_RESTRICTION, Detail.NEW_PATIENTS
    return None


def has_seen(candidate: Candidate, need: Need) -> bool:
    """Only counts for a patient whose identity is known; otherwise it may be someone else's history."""
    return need.patient_known and candidate.seen_within_12_months


def _request(candidate: Candidate, need: Need) -> tuple[Reason, Detail] | None:
    if need.languages and need.languages.isdisjoint(candidate.languages):
        return Reason.REQUEST_RESTRICTION, Detail.LANGUAGE
    if need.wheelchair and not candidate.wheelchair:
        return Reason.REQUEST_RESTRICTION, Detail.ACCESS
    return None


def usable_seats(candidate: Candidate, need: Need, *, soonest: datetime) -> list[Seat]:
    """Free, in a modality asked for, starting between the notice and the deadline (both included)."""
    wanted, deadline = need.modalities, need.deadline
    found = []
    for seat in candidate.seats:
        start = seat.start
        if seat.free <= 0 or start > deadline:
            continue
        if start < soonest and not (seat.plage and soonest < seat.end and soonest <= deadline):
            continue
        modalities = seat.modalities or candidate.modalities
        if wanted and modalities and wanted.isdisjoint(modalities):
            continue
        found.append(seat)
    return found


def _only_notice_forbids(candidate: Candidate, inputs: RankingInputs) -> bool:
    return candidate.notice_minutes > 0 and bool(usable_seats(candidate, inputs.need, soonest=inputs.at))


def _place(
    candidate: Candidate, at: datetime, *, soonest: datetime, means: Means, rules: list[LevelRule], silenced: bool
) -> Verdict:
    """Absence, an agenda silenced because it is stale and a spent quota each take means away; they refuse when nothing
    else is left.
    """
    back = candidate.absent_until
    if back is not None and back > at:
        means = Means.of([s for s in means.seats if s.start >= back], overbooking=False, telephone=False)
        rules = [rule for rule in rules if means.serve(rule)]
        if not rules:
            return Reason.ABSENT, Detail.NONE
    if silenced:
        means = Means.of([], overbooking=means.overbooking, telephone=means.telephone)
        rules = [rule for rule in rules if means.serve(rule)]
        if not rules:
            return Reason.STALE_FEED, Detail.NONE
    if means.overbooking and candidate.overbooking_left <= 0:
        means = Means(means.seats, overbooking=False, telephone=means.telephone, kinds=means.kinds)
        before, rules = rules, [rule for rule in rules if means.serve(rule)]
        if before and not rules:
            return Reason.QUOTA, Detail.NONE
    if not rules:
        return Reason.NO_LEVEL, Detail.NONE
    rule = next((rule for rule in rules if rule.in_calendar), rules[0])
    return _standing(rule, means, soonest)


def stand_at(rule: LevelRule, candidate: Candidate, inputs: RankingInputs) -> Standing:
    """Of a candidate known to stand in that level: an absence takes away the seats before its end."""
    notice = candidate.notice_minutes
    soonest = inputs.at + timedelta(minutes=notice) if notice else inputs.at
    seats, back = usable_seats(candidate, inputs.need, soonest=soonest), candidate.absent_until
    if back is not None and back > inputs.at:
        seats = [seat for seat in seats if seat.start >= back]
    means = Means(seats, overbooking=candidate.accepts_overbooking, telephone=candidate.by_telephone, kinds=())
    return _standing(rule, means, soonest)


def _standing(rule: LevelRule, means: Means, soonest: datetime) -> Standing:
    seats = list(seats_for(rule, means.seats))
    if len(seats) > 1:
        seats.sort(key=attrgetter("start", "slot"))
    if seats and seats[0].start < soonest:
        seats.sort(key=lambda seat: (max(seat.start, soonest), seat.slot))
    if seats:
        return Standing(rule.number, rule.in_calendar, seats[0].offer, tuple(seats), max(seats[0].start, soonest))
    offer = Offer.OVERBOOKING if rule.overbooking and means.overbooking else Offer.CONTACT
    return Standing(rule.number, rule.in_calendar, offer, (), None)
