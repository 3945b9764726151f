"""One reason per refusal, and the first that applies."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from quinze.science.charter import Offer, charter_from_json
from quinze.science.ranking import Candidate, Detail, Ranking, Reason, rank

from .worked_case import AT, NEED, doctor, seat, worked_case

EN = {"need": replace(NEED, languages=frozenset({"en"}))}
HOME_VISIT = {"need": replace(NEED, modalities=frozenset({"HH"}))}
WHEELCHAIR = {"need": replace(NEED, wheelchair=True)}
REASONS: list[tuple[Reason, Detail, dict[str, Any], dict[str, Any]]] = [
    (Reason.PROFESSION, Detail.NONE, {"profession": "60"}, {}),
    (Reason.PROFESSION, Detail.NONE, {"specialty": "SM40"}, {}),
    (
        Reason.MODALITY,
        Detail.NONE,
        {"modalities": frozenset({"VR"})},
        HOME_VISIT,
    ),
    (Reason.DOCTOR_RESTRICTION, Detail.AGE, {"max_age_months": 216}, {}),
    (Reason.DOCTOR_RESTRICTION, Detail.AGE, {"min_age_months": 60 * 12}, {}),
    (Reason.DOCTOR_RESTRICTION, Detail.NEW_PATIENTS, {"takes_new_patients": False}, {}),
    (Reason.DOCTOR_RESTRICTION, Detail.NOTICE, {"notice_minutes": 90}, {}),
    (Reason.REQUEST_RESTRICTION, Detail.LANGUAGE, {"languages": frozenset({"fr"})}, EN),
    (Reason.REQUEST_RESTRICTION, Detail.ACCESS, {}, WHEELCHAIR),
    (Reason.NO_SEAT, Detail.NONE, {"seats": ()}, {}),
    (Reason.NO_SEAT, Detail.NONE, {"seats": (seat("late", 11, day=27),)}, {}),
    (Reason.NO_SEAT, Detail.NONE, {"seats": (replace(seat("taken", 11), free=0),)}, {}),
    (Reason.NO_SEAT, Detail.NONE, {"seats": (seat("past", 9, 45),)}, {}),
    (Reason.TOO_FAR, Detail.NONE, {"minutes": 41}, {}),
    (Reason.TOO_FAR, Detail.NONE, {"minutes": None}, {}),
    (Reason.ABSENT, Detail.NONE, {"absent_until": AT + timedelta(hours=3)}, {}),
    (Reason.STALE_FEED, Detail.NONE, {"stale_feed": True}, {}),
    (Reason.QUOTA, Detail.NONE, {"seats": (), "accepts_overbooking": True}, {}),
    (Reason.NO_LEVEL, Detail.NONE, {"participation": None}, {}),
    (Reason.NO_LEVEL, Detail.NONE, {"seats": (seat("public", 11, offer=Offer.PUBLIC),)}, {}),
]


def only(candidate: Candidate, **changes: Any) -> Ranking:
    return rank(worked_case(candidates=(candidate,), **changes))


def usual(**facts: Any) -> Candidate:
    return replace(doctor("X", seat("x", 11), minutes=10), **facts)


def test_without_any_fault_the_doctor_is_proposed() -> None:
    assert only(usual()).first is not None


@pytest.mark.parametrize(("reason", "detail", "facts", "question"), REASONS)
def test_each_reason(reason: Reason, detail: Detail, facts: dict[str, Any], question: dict[str, Any]) -> None:
    [refusal] = only(usual(**facts), **question).refusals
    assert (refusal.reason, refusal.detail) == (reason, detail)


def test_the_first_reason_that_applies_is_given() -> None:
    """All the faults that one candidate can have, taken away one after the other."""
    asked = replace(NEED, modalities=frozenset({"HH"}), languages=frozenset({"en"}))
    faults: dict[str, Any] = {
        "profession": "60",
        "modalities": frozenset({"AMB"}),
        "max_age_months": 12,
        "languages": frozenset({"fr"}),
        "seats": (),
        "minutes": 90,
        "absent_until": AT + timedelta(days=3),
        "stale_feed": True,
        "participation": None,
    }
    cures: list[dict[str, Any]] = [
        {"profession": "10"},
        {"modalities": frozenset({"HH"})},
        {"max_age_months": None},
        {"languages": frozenset({"en"})},
        {"seats": (replace(seat("x", 11), modalities=frozenset({"HH"})),)},
        {"minutes": 10},
        {"absent_until": None},
        {"stale_feed": False},
        {"participation": usual().participation},
    ]
    charter = replace(charter_from_json(worked_case().charter.to_json()))
    limited = replace(charter, levels=tuple(level for level in charter.levels if level.within is not None))
    seen = []
    for cure in [{}, *cures]:
        faults |= cure
        ranking = only(usual(**faults), need=asked, charter=limited)
        seen += [refusal.reason for refusal in ranking.refusals]
    assert seen == [reason for reason in Reason if reason is not Reason.QUOTA]
    assert only(usual(**faults), need=asked, charter=limited).first is not None


def test_what_is_not_known_of_a_structure_does_not_exclude_it() -> None:
    assert only(usual(profession="", specialty="")).first is not None


def test_a_known_patient_is_not_a_new_one() -> None:
    closed = usual(takes_new_patients=False, seen_within_12_months=True)
    assert only(closed).first is not None
    assert only(closed, need=replace(NEED, patient_known=False)).first is None
    assert only(usual(takes_new_patients=False), need=replace(NEED, referring_ids=frozenset({"X"}))).first is not None


def test_seats_after_the_return_of_an_absent_doctor_count() -> None:
    ranking = only(usual(seats=(seat("x", 11), seat("y", 17)), absent_until=AT + timedelta(hours=3)))
    assert ranking.first is not None
    assert ranking.first.slots == ("y",)


def test_a_stale_agenda_leaves_overbooking_by_telephone() -> None:
    first = only(usual(stale_feed=True, accepts_overbooking=True, overbooking_left=1)).first
    assert first is not None
    assert (first.offer, first.slots) == (Offer.OVERBOOKING, ())


def test_a_plage_under_way_stays_bookable_until_its_end() -> None:
    begun = replace(seat("x", 9), end=AT + timedelta(hours=1))
    assert only(usual(seats=(begun,))).first is None
    first = only(usual(seats=(replace(begun, plage=True),))).first
    assert first is not None
    assert first.start == AT


def test_the_attempt_on_the_referring_doctor_is_to_be_logged() -> None:
    [refusal] = only(usual(seats=()), need=replace(NEED, referring_ids=frozenset({"X"}))).refusals
    assert refusal.referring
