"""One search, as the OSNP asks for it: the same answer as the ranking of everyone, whatever is in the way."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quinze.availability.models import Slot
from quinze.orientation import queries
from quinze.orientation.models import OrientationRequest, RankingLog
from quinze.orientation.options import SearchOptions
from quinze.orientation.queries import logs, looking
from quinze.orientation.queries.close import close_from_json, shown_of
from quinze.orientation.queries.field import field_of
from quinze.orientation.queries.inputs import gather, pose
from quinze.orientation.queries.logs import NEAR, OTHERS, ranking_from, replays
from quinze.science.ranking import DisagreementError, head_of, rank, ranking_to_json, survey
from tests.factories import orientation as make

AT = make.AT
pytestmark = pytest.mark.django_db


def test_a_free_seat_nearby_is_proposed_with_its_reasons():
    land = make.territory()
    place = make.doctor(land, "Cormier", km=4.2, via="cpts", member_of=[land.cpts])
    seat = make.slot(place, 4)
    view = make.searched(make.request(land), land)
    first = view.first
    assert first is not None
    assert (first.label, first.level, first.km) == ("Dr Hélène Cormier", 3, 4.2)
    assert [slot.id for slot in first.slots] == [seat.pk]
    assert first.reasons[:3] == ("niveau 3", "CPTS Sud Vienne", "4,2 km (10 min)")
    assert "libre à 14 h" in first.reasons


def a_doctor(land: make.Territory, chance: Random) -> None:
    quota = chance.choice([0, 0, 1, 2])
    shows = {"shows_pro_slots": chance.random() < 0.5, "shows_public_slots": chance.random() < 0.5}
    cpts = chance.random() < 0.4
    more = {"member_of": [land.cpts], "via": "cpts"} if cpts else {}
    place = make.doctor(
        land, km=chance.choice([1, 5, 12, 22, 60]), wheelchair=chance.random() < 0.5, accepts_overbooking=quota > 0,
        overbooking_per_day=quota, **shows, **more,
    )  # fmt: skip
    if chance.random() < 0.2:
        make.absence(place.professional, days=chance.choice([1.2, 2, 9]))
    for hours in chance.sample([-1.5, 1, 2, 7, 8, 30, 31, 47, 50], chance.randrange(5)):
        audience = chance.choice(["SNP", "SNP", "CPTS" if cpts else "SNP", "PRO", "PUBLIC", "OWN"])
        make.slot(
            place, hours, minutes=100 if hours < 0 else 20, audience=audience,
            cpts=land.cpts if audience == "CPTS" else None, kind="plage" if hours < 0 else "slots",
            taken=chance.choice([0, 0, 0, 1]), modalities=chance.choice([["AMB"], ["AMB", "VR"], ["VR"]]),
            sas_sees=chance.choice([None, None, None, True, False]),
        )  # fmt: skip


def a_busy_territory(seed: int) -> tuple[make.Territory, OrientationRequest]:
    chance = Random(seed)
    land = make.territory()
    held = make.doctor(land, "Tenu")
    make.held(make.request(land), held, make.slot(held, 6), land, at=AT - timedelta(minutes=10))
    for _ in range(14):
        a_doctor(land, chance)
    for kind in ("SOS", "CDS", "ED"):
        make.slot(make.structure(land, kind, f"{kind} de Poitiers", km=chance.choice([3, 30])), 5, capacity=3)
    referring = chance.choice([None, held.professional])
    wheelchair = chance.random() < 0.3
    return land, make.request(land, patient=make.patient(land, referring_doctor=referring), needs_wheelchair=wheelchair)


def logged(request: OrientationRequest) -> RankingLog:
    found = queries.latest_ranking(request)
    assert found is not None
    return found


@pytest.mark.parametrize("shown", [2, 25])
@pytest.mark.parametrize("seed", range(5))
def test_the_search_answers_as_the_ranking_of_everyone(seed: int, shown: int, monkeypatch: pytest.MonkeyPatch):
    for module in (looking, logs):
        monkeypatch.setattr(module, "SHOWN_PER_LEVEL", shown)
    land, request = a_busy_territory(seed)
    make.searched(request, land)
    log = logged(request)
    everyone = rank(gather(request=request, charter=land.charter, options=SearchOptions(), at=AT).inputs)
    assert log.output == ranking_to_json(head_of(everyone, shown=shown, greyed=looking.GREYED_PER_LEVEL))
    assert OTHERS in log.inputs
    assert replays(log, ranking_from(log))


def test_a_seat_taken_between_the_two_readings_is_noticed() -> None:
    """Of one that has more to say than its hour; then everyone is ranked, with the seats of a single reading."""
    land = make.territory()
    seats = [make.slot(make.doctor(land, km=km), 2, reasons="Suture") for km in (2, 3)]
    request = make.request(land)
    posed = pose(request=request, charter=land.charter, options=SearchOptions(), at=AT)
    everyone = field_of(posed.question, origin=posed.origin, relevant=posed.relevant)
    found = survey(posed.inputs, everyone.crowd, shown=15, greyed=5)
    assert [len(each.seats or ()) for each in shown_of(posed.question, found.shown, everyone)[0]] == [1, 1]
    Slot.objects.filter(pk=seats[0].pk).update(taken=1)
    with pytest.raises(DisagreementError, match=str(seats[0].pk)):
        shown_of(posed.question, found.shown, everyone)
    assert [slot.id for p in make.searched(request, land).levels[3].proposals for slot in p.slots] == [seats[1].pk]


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"capacity": 3, "taken": 1}, {"minutes": 45}, {"reasons": "Suture"}, {"modalities": ["AMB", "VR"]},
        {"kind": "plage", "minutes": 240, "capacity": 8, "taken": 2}, {"audience": "PUBLIC", "sas_sees": True},
        {"audience": "OWN", "sas_sees": True, "reasons": "Enfants"},
    ],
)  # fmt: skip
def test_all_that_is_said_of_a_seat_is_what_reading_it_alone_says(fields: dict[str, Any]) -> None:
    """Whether it is just what was asked for, or has more to say."""
    land = make.territory()
    place = make.doctor(land)
    for hours in (2, 8, 13, 18):
        make.slot(place, hours, **fields)
    request = make.request(land)
    make.searched(request, land)
    (close,) = map(close_from_json, logged(request).inputs[NEAR])
    (alone,) = gather(request=request, charter=land.charter, options=SearchOptions(), at=AT).inputs.candidates
    assert (close.candidate.seats, len(alone.seats)) == (alone.seats, 3)


def _waits() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return str(cursor.fetchone()[0])


@pytest.fixture
def on_a_disk() -> Iterator[None]:
    """The server of the tests waits for no disk: this connection does."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")


@pytest.mark.django_db(transaction=True)
def test_only_the_log_of_a_search_is_committed_without_waiting_for_the_disk(on_a_disk: None) -> None:
    land = make.territory()
    request = make.request(land)
    make.searched(request, land)
    assert (_waits(), RankingLog.objects.filter(request=request).count()) == ("on", 1)


def test_a_search_inside_a_larger_transaction_leaves_it_its_way_of_committing(on_a_disk: None) -> None:
    land = make.territory()
    make.searched(make.request(land), land)
    assert (connection.in_atomic_block, _waits()) == (True, "on")


def test_complaint_15_whoever_is_not_shown_is_told_why_even_beyond_the_first_ones(monkeypatch: pytest.MonkeyPatch):
    """« Créneaux indisponibles » though slots exist: each doctor of the territory has a sentence."""
    for module in (looking, logs):
        monkeypatch.setattr(module, "SHOWN_PER_LEVEL", 1)
    land = make.territory()
    places = {name: make.doctor(land, name, km=km) for name, km in (("Tôt", 3), ("Tard", 4), ("Loin", 80), ("Vide", 2))}
    for name, hours in (("Tôt", 1), ("Tard", 9), ("Loin", 1)):
        make.slot(places[name], hours)
    request = make.request(land)
    view = make.searched(request, land)
    log = logged(request)
    assert (len(log.inputs[NEAR]), view.levels[3].more) == (1, 1)
    said = {name: queries.why_not(log=log, professional=place.professional) for name, place in places.items()}
    assert [said[name].reason for name in places] == ["ranked", "ranked", "too_far", "no_seat"]
    assert (said["Tard"].rank, said["Tard"].higher.startswith("après Dr Hélène Tôt")) == (2, True)


def test_complaint_19_a_search_costs_the_same_number_of_exchanges_for_one_doctor_and_for_three():
    """Slow availability, worse for teams: one more doctor is one more row, never one more question."""

    def asked(count: int) -> int:
        for _ in range(count):
            make.slot(make.doctor(land), 3)
        request = make.request(land)
        with CaptureQueriesContext(connection) as captured:
            make.searched(request, land)
        return len(captured)

    land = make.territory()
    asked(1)
    assert asked(1) == asked(3)


def test_complaint_19_two_hundred_doctors_are_one_answer():
    land = make.territory()
    for number in range(200):
        make.slot(make.doctor(land, km=1 + number / 20), 1 + number / 10)
    request = make.request(land)
    view = make.searched(request, land)
    assert (view.candidates, len(view.levels[3].proposals), view.levels[3].more) == (200, 15, 185)


def test_complaint_20_a_search_has_a_deadline_and_each_doctor_one_row():
    """Search without a date, one schedule per slot: here forty seats of a doctor are one row with the first ones."""
    land = make.territory()
    place = make.doctor(land)
    for quarter in range(40):
        make.slot(place, 1 + quarter / 3)
    make.slot(place, 60)
    (only,) = make.searched(make.request(land, hours=48), land).levels[3].proposals
    assert len(only.slots) == 3
    assert all(slot.starts_at <= AT + timedelta(hours=48) for slot in only.slots)


def test_complaint_21_a_doctor_who_joins_never_changes_the_order_of_the_others():
    """Fairness whose basis is unclear, a slot lost when a member is added: the order is the charter's, and is kept."""
    land = make.territory()
    for number in range(6):
        make.slot(make.doctor(land, km=2 + number), 2)
    request = make.request(land)
    before = [p.candidate for p in make.searched(request, land).levels[3].proposals]
    newcomer = make.doctor(land, "Nouveau", km=3)
    make.slot(newcomer, 2)
    after = [p.candidate for p in make.searched(request, land).levels[3].proposals]
    assert [key for key in after if key in before] == before
    assert len(after) == 7
