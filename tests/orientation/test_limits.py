"""What a doctor states of whom they receive is obeyed by the search, by the hold, and said when somebody asks why."""

from datetime import timedelta
from typing import Any

import pytest

from quinze.base.errors import Refusal
from quinze.orientation import operations, queries
from quinze.orientation.models import OrientationRequest
from quinze.orientation.queries.doctors import next_seats
from quinze.orientation.queries.logs import ranking_from
from quinze.orientation.views.osnp_words import seat_label
from tests.factories import orientation as make
from tests.factories.orientation import AT

pytestmark = pytest.mark.django_db


def offered(request: OrientationRequest, land: make.Territory) -> list[int]:
    first = make.searched(request, land).first
    return [slot.id for slot in first.slots] if first else []


@pytest.mark.parametrize(
    ("limits", "age", "said"),
    [
        ({"min_age_months": 16 * 12}, 15 * 12, "âge du patient hors de ses limites (à partir de 16 ans)"),
        ({"max_age_months": 3}, 3, "âge du patient hors de ses limites (moins de 3 mois)"),
        ({"new_patients": False}, 400, "ne prend pas de nouveaux patients"),
        ({"notice_minutes": 121}, 400, "délai de prévenance trop court (prévenir 2 h 01 avant)"),
        ({"specialties": ["SM40"]}, 400, "réservé à d’autres spécialités (demandes de pédiatrie)"),
        ({"sas_sees": False}, 400, "le médecin ne le montre plus au SAS"),
    ],
)
def test_why_is_this_doctor_not_proposed_although_slots_exist(limits: dict[str, Any], age: int, said: str) -> None:
    """Complaint 15: « créneaux indisponibles » though slots exist."""
    land = make.territory()
    place = make.doctor(land)
    make.slot(place, 2, **limits)
    request = make.request(land, patient=make.patient(land, age_months=age, birth_date=None))

    view = make.searched(request, land)

    assert view.first is None
    log = queries.latest_ranking(request)
    assert place.professional
    assert log
    why = queries.why_not(log=log, professional=place.professional)
    assert why.reason == "doctor_restriction"
    assert said in why.sentence
    assert next_seats(slot=make.slot(place, 3), request=request, at=AT) == ()


@pytest.mark.parametrize(
    ("limits", "age"),
    [
        ({"min_age_months": 16 * 12}, 16 * 12),
        ({"max_age_months": 16 * 12}, 16 * 12 - 1),
        ({"min_age_months": 216}, None),
        ({"notice_minutes": 120}, 400),
        ({"specialties": ["SM40", "SM54"]}, 400),
        ({"audience": "OWN", "sas_sees": True}, 400),
        ({"audience": "PRO", "sas_sees": True}, 400),
    ],
)
def test_a_limit_that_the_person_meets_changes_nothing(limits: dict[str, Any], age: int | None) -> None:
    land = make.territory()
    slot = make.slot(make.doctor(land), 2, **limits)
    request = make.request(land, patient=make.patient(land, age_months=age, birth_date=None))
    assert offered(request, land) == [slot.pk]


def test_slots_for_those_already_seen_are_proposed_to_them_only() -> None:
    land = make.territory()
    place = make.doctor(land)
    slot = make.slot(place, 2, new_patients=False)
    known = make.patient(land, identity="VALI", referring_doctor=place.professional)

    assert make.searched(make.request(land), land).first is None
    assert offered(make.request(land, patient=known), land) == [slot.pk]


def test_a_seat_hidden_between_the_search_and_the_choice_is_refused_with_the_reason() -> None:
    """Complaint 2: what a doctor takes back from the SAS is taken back at once, even from an open desk."""
    land = make.territory()
    place = make.doctor(land)
    slot = make.slot(place, 2)
    request = make.request(land)
    seen = make.searched(request, land)
    slot.sas_sees = False
    slot.save()

    with pytest.raises(Refusal, match="ne le montre plus au SAS"):
        operations.hold(
            request=request, ranking=seen.ranking_id, candidate=f"p{place.professional_id}@{place.pk}", slot=slot.pk,
            modality="AMB", by=land.osnp, at=AT,
        )  # fmt: skip


def test_what_a_slot_is_kept_for_is_written_on_it_and_in_the_log() -> None:
    land = make.territory()
    make.slot(make.doctor(land), 2, reasons="suture, plâtre")
    request = make.request(land)
    first = make.searched(request, land).first
    assert first is not None
    label = seat_label(first.slots[0], at=AT, zone="Europe/Paris", modality="AMB", asked=["AMB"])
    assert label == "12:00, suture, plâtre"
    log = queries.latest_ranking(request)
    assert log is not None
    assert ranking_from(log).inputs.candidates[0].seats[0].note == "suture, plâtre"


def test_a_running_plage_can_be_joined_until_its_notice() -> None:
    land = make.territory()
    place = make.doctor(land)
    plage = make.slot(place, -1, minutes=180, kind="plage", capacity=4, notice_minutes=60)  # ends at AT + 2 h
    request = make.request(land)

    assert offered(request, land) == [plage.pk]
    assert make.searched(request, land, at=AT + timedelta(minutes=60)).first is None
