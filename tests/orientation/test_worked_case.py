"""The worked case of the charter, from tables to screen: the order shown is B, D, C, E, then the greyed levels."""

from datetime import time, timedelta

import pytest

from quinze.base.periods import local_instant
from quinze.directory.models import Place
from quinze.orientation import operations, queries
from quinze.orientation.models import OfferedSeats, OrientationRequest
from quinze.orientation.queries import SearchView
from tests.factories import directory
from tests.factories import orientation as make

AT = make.AT  # Tuesday 10:00
pytestmark = pytest.mark.django_db


def offered(place: Place, land: make.Territory, *, seats: int, solicitations: int) -> None:
    OfferedSeats.objects.create(sas=land.sas, professional=place.professional, seats=seats, counted_at=AT)
    for _ in range(solicitations):
        request = make.request(land, patient=make.patient(land))
        operations.ask_overbooking(
            request=request, professional=place.professional, answer="complet", by=land.osnp, at=AT - timedelta(days=3)
        )


def at_hour(hour: int, minute: int) -> float:
    return (local_instant(AT.date(), time(hour, minute), "Europe/Paris") - AT) / timedelta(hours=1)


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


@pytest.fixture
def doctors(land: make.Territory) -> dict[str, Place]:
    msp = directory.structure("MSP", "MSP des Tilleuls")
    a = make.doctor(land, "A", km=3, member_of=[msp])
    b = make.doctor(land, "B", km=5, member_of=[msp])
    c = make.doctor(land, "C", km=8, member_of=[land.cpts])
    d = make.doctor(land, "D", km=10, member_of=[land.cpts])
    e = make.doctor(land, "E", km=16)
    f = make.doctor(land, "F", km=40)
    g = make.doctor(land, "G", km=4, accepts_overbooking=True, overbooking_per_day=2)
    h = make.doctor(land, "H", km=4, accepts_overbooking=True, overbooking_per_day=2)
    make.slot(a, 72)
    for place, (hour, minute) in ((b, (16, 20)), (c, (11, 0)), (d, (14, 30)), (e, (10, 40)), (f, (12, 0))):
        make.slot(place, at_hour(hour, minute))
    offered(c, land, seats=40, solicitations=6)
    offered(d, land, seats=30, solicitations=1)
    for _ in range(2):
        operations.record_overbooking(
            request=make.request(land),
            professional=g.professional,
            place=g,
            starts_at=AT + timedelta(hours=8),
            consent="Dr G, par téléphone",
            by=land.osnp,
            at=AT - timedelta(hours=1),
            minutes=5,
        )
    make.structure(land, "SOS", "SOS Médecins 86")
    make.structure(land, "ED", "Urgences de Poitiers")
    return {"A": a, "B": b, "C": c, "D": d, "E": e, "F": f, "G": g, "H": h}


@pytest.fixture
def request_r(land: make.Territory, doctors: dict[str, Place]) -> OrientationRequest:
    return make.request(land, patient=make.patient(land, referring_doctor=doctors["A"].professional))


def names(view: SearchView, *, open_levels: bool) -> list[str]:
    return [
        proposal.label.removeprefix("Dr Hélène ")
        for level in view.levels
        if level.is_open is open_levels
        for proposal in level.proposals
    ]


def test_the_order_shown(land: make.Territory, request_r: OrientationRequest):
    view = make.searched(request_r, land)
    assert names(view, open_levels=True) == ["B", "D", "C", "E"]
    assert names(view, open_levels=False) == ["H", "SOS Médecins 86", "Urgences de Poitiers"]
    assert "ouvre à 10 h 15" in view.levels[4].note
    assert "ouvre à 19 h" in view.levels[5].note


def test_why_not_for_everyone_not_proposed(
    land: make.Territory, request_r: OrientationRequest, doctors: dict[str, Place]
):
    make.searched(request_r, land)
    log = queries.latest_ranking(request_r)
    assert log is not None

    def why(letter: str) -> tuple[str, str]:
        found = queries.why_not(log=log, professional=doctors[letter].professional)
        return found.reason, found.sentence

    limit = "(jeudi 19 novembre à 10 h)"
    assert why("A") == (
        "no_seat",
        f"écarté : aucune place libre avant l'échéance {limit} ; médecin traitant : tentative à tracer",
    )
    assert why("F") == ("too_far", "écarté : au-delà de la zone de recherche : 40,0 km du patient")
    assert why("G") == ("quota", "écarté : quota de surnuméraires atteint")
    assert queries.why_not(log=log, professional=doctors["C"].professional).rank == 3


def test_when_b_is_held_its_next_seat_is_used_then_d_comes_first(
    land: make.Territory, request_r: OrientationRequest, doctors: dict[str, Place]
):
    other = make.request(land)
    only = doctors["B"].slots.get()
    make.held(other, doctors["B"], only, land)
    assert make.searched(request_r, land).first.label == "Dr Hélène D"
    later = make.slot(doctors["B"], 8)
    first = make.searched(request_r, land).first
    assert (first.label, first.slots[0].id) == ("Dr Hélène B", later.pk)
