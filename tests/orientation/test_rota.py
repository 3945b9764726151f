"""A CPTS says who is on duty: one doctor for all, or several with communes and a number of patients (P93)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.availability.models import Slot
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.base.periods import period
from quinze.directory.models import Place, StructureManager
from quinze.orientation import operations
from quinze.orientation.models import Booking, DutySeat, DutyTally, DutyTurn
from quinze.orientation.operations.rota import Turn, add_turn, end_turn
from tests.factories import directory
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor, make_sas

pytestmark = pytest.mark.django_db
AT, HOUR, DAY = make.AT, timedelta(hours=1), timedelta(days=1)
CPTS_LEVEL = 3


@dataclass
class Cpts:
    land: make.Territory
    manager: Actor
    near: Place
    far: Place

    def turn(self, place: Place, **fields: object) -> DutyTurn:
        defaults = {"professional": place.professional, "start": AT - HOUR, "end": AT + 8 * HOUR}
        return add_turn(self.land.cpts, Turn(**defaults | fields), by=self.manager, at=AT - 2 * HOUR)

    def first(self, **fields: object) -> list[str]:
        """Doctors of the level « CPTS du patient », in order."""
        if not Slot.objects.exists():
            make.slot(self.near, 2)
            make.slot(self.far, 3)
        view = make.searched(make.request(self.land, **fields), self.land)
        shown = [proposal for level in view.levels for proposal in level.proposals if proposal.level == CPTS_LEVEL]
        return [proposal.label.split()[-1] for proposal in shown]


@pytest.fixture
def cpts() -> Cpts:
    return make_cpts()


def make_cpts() -> Cpts:
    land = make.territory()
    manager = make_actor(Role.STRUCTURE_MANAGER, land.sas, at=AT)
    StructureManager.objects.create(structure=land.cpts, user=manager.user, during=period(directory.SINCE))
    near = make.doctor(land, "Proche", km=2, via="cpts", member_of=[land.cpts])
    far = make.doctor(land, "Lointain", km=6, via="cpts", member_of=[land.cpts])
    return Cpts(land, manager, near, far)


def held(cpts: Cpts, place: Place, hours: float) -> Booking:
    return make.held(make.request(cpts.land), place, make.slot(place, hours), cpts.land)


def tally() -> list[tuple[int, int]]:
    return list(DutyTally.objects.values_list("taken", "per_day"))


# ---- who is reached


def test_without_a_rota_every_member_is_reached(cpts: Cpts) -> None:
    assert sorted(cpts.first()) == ["Lointain", "Proche"]


def test_the_duty_doctor_takes_all_the_requests_of_the_cpts(cpts: Cpts) -> None:
    cpts.turn(cpts.far)
    assert cpts.first() == ["Lointain"]


def test_before_and_after_the_turn_every_member_is_reached_again(cpts: Cpts) -> None:
    cpts.turn(cpts.far, start=AT + HOUR)
    assert sorted(cpts.first()) == ["Lointain", "Proche"]


def test_several_on_call_share_the_territory_by_commune(cpts: Cpts) -> None:
    other = directory.commune("Ligugé", lat=make.HERE[0], lon=make.HERE[1])
    cpts.land.cpts.zone_communes.create(commune=other)
    cpts.turn(cpts.near, communes=[cpts.land.commune])
    cpts.turn(cpts.far, communes=[other])
    assert cpts.first() == ["Proche"]
    assert cpts.first(commune=other) == ["Lointain"]


def test_a_rota_of_one_commune_leaves_the_others_as_they_were(cpts: Cpts) -> None:
    other = directory.commune("Ligugé", lat=make.HERE[0], lon=make.HERE[1])
    cpts.land.cpts.zone_communes.create(commune=other)
    cpts.turn(cpts.far, communes=[other])
    assert sorted(cpts.first()) == ["Lointain", "Proche"]


def test_the_ranking_says_that_the_doctor_is_on_duty(cpts: Cpts) -> None:
    cpts.turn(cpts.far)
    make.slot(cpts.far, 3)
    view = make.searched(make.request(cpts.land), cpts.land)
    assert view.first is not None
    assert any("de garde" in reason for reason in view.first.reasons)


def test_a_full_doctor_on_duty_is_no_more_reached(cpts: Cpts) -> None:
    cpts.turn(cpts.near, per_day=1)
    cpts.turn(cpts.far, per_day=5)
    held(cpts, cpts.near, 4)
    make.slot(cpts.near, 5)
    make.slot(cpts.far, 3)
    assert cpts.first() == ["Lointain"]


# ---- the quota of the day


def test_the_quota_of_the_day_refuses_the_patient_too_many_and_says_so(cpts: Cpts) -> None:
    cpts.turn(cpts.near, per_day=1)
    held(cpts, cpts.near, 2)
    with pytest.raises(Refusal) as refused:
        held(cpts, cpts.near, 3)
    assert "de garde" in refused.value.message
    assert tally() == [(1, 1)]
    assert Booking.objects.count() == 1


def test_a_seat_given_back_no_longer_counts(cpts: Cpts) -> None:
    cpts.turn(cpts.near, per_day=1)
    booking = held(cpts, cpts.near, 2)
    operations.release_hold(booking=booking, by=cpts.land.osnp, at=AT)
    assert tally() == [(0, 1)]
    assert not DutySeat.objects.exists()
    held(cpts, cpts.near, 3)
    assert tally() == [(1, 1)]


def test_confirming_counts_once(cpts: Cpts) -> None:
    cpts.turn(cpts.near, per_day=2)
    operations.confirm(booking=held(cpts, cpts.near, 2), by=cpts.land.osnp, at=AT)
    assert tally() == [(1, 2)]


def test_patients_of_another_commune_do_not_count(cpts: Cpts) -> None:
    other = directory.commune("Ligugé", lat=make.HERE[0], lon=make.HERE[1])
    cpts.land.cpts.zone_communes.create(commune=other)
    cpts.turn(cpts.near, per_day=1, communes=[other])
    held(cpts, cpts.near, 2)
    assert tally() == []


@pytest.mark.django_db(transaction=True)
def test_two_desks_on_the_last_patient_of_the_day_one_is_told(cpts: Cpts) -> None:
    """Two seats are free, the quota has room for one patient: PostgreSQL lets one through."""
    cpts.turn(cpts.near, per_day=1)
    seats = [make.slot(cpts.near, hours) for hours in (2, 3)]
    asked = [make.request(cpts.land) for _ in seats]
    views = [make.searched(request, cpts.land) for request in asked]
    barrier = Barrier(2)

    def hold(rank: int) -> str | None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=10)
            operations.hold(
                request=asked[rank],
                ranking=views[rank].ranking_id,
                candidate=f"p{cpts.near.professional_id}@{cpts.near.pk}",
                slot=seats[rank].pk,
                modality="AMB",
                by=cpts.land.osnp,
                at=AT,
                reason="souhait du patient",
            )
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return None

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(hold, (0, 1)))
    assert sorted(said, key=str) == [None, "duty_quota_of_the_day"]
    assert tally() == [(1, 1)]


# ---- written by the manager


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"end": AT - 2 * HOUR}, "end_day"),
        ({"start": AT - 2 * DAY, "end": AT - DAY}, "end_day"),
        ({"end": AT + 400 * DAY}, "end_day"),
        ({"per_day": 0}, "per_day"),
    ],
)
def test_a_senseless_turn_is_refused_beside_its_field(cpts: Cpts, fields: dict[str, object], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        cpts.turn(cpts.near, **fields)
    assert refused.value.field == field


def test_only_a_member_takes_a_turn(cpts: Cpts) -> None:
    with pytest.raises(Refusal) as refused:
        cpts.turn(make.doctor(cpts.land, "Dehors"))
    assert refused.value.field == "professional"


def test_a_commune_outside_the_cpts_is_refused(cpts: Cpts) -> None:
    with pytest.raises(Refusal) as refused:
        cpts.turn(cpts.near, communes=[directory.commune("Ailleurs")])
    assert refused.value.field == "communes"


def test_a_doctor_has_one_turn_at_a_time(cpts: Cpts) -> None:
    cpts.turn(cpts.near)
    with pytest.raises(Refusal) as refused:
        cpts.turn(cpts.near, start=AT + HOUR)
    assert refused.value.code == "one_turn_of_a_doctor_at_a_time"


def test_the_manager_of_another_sas_writes_nothing(cpts: Cpts) -> None:
    foreign = make_actor(Role.STRUCTURE_MANAGER, make_sas("79"), at=AT)
    StructureManager.objects.create(structure=cpts.land.cpts, user=foreign.user, during=period(directory.SINCE))
    with pytest.raises(NotFound):
        add_turn(cpts.land.cpts, Turn(cpts.near.professional, AT, AT + HOUR), by=foreign, at=AT)


def test_a_turn_taken_away_stops_at_once_and_its_past_stays(cpts: Cpts) -> None:
    turn = cpts.turn(cpts.near)
    end_turn(turn, by=cpts.manager, at=AT)
    turn.refresh_from_db()
    assert (turn.during.lower, turn.during.upper) == (AT - HOUR, AT)
    assert sorted(cpts.first()) == ["Lointain", "Proche"]


# ---- pages


def typed(place: Place, **fields: object) -> dict[str, object]:
    today = clock.now().date()
    return {
        "professional": place.professional_id, "start_day": today, "start_time": "0h", "end_day": today + 2 * DAY,
        "end_time": "20h", "per_day": "3", "communes": "Poitiers",
    } | fields  # fmt: skip


@pytest.fixture
def page(cpts: Cpts) -> Client:
    return login(Client(), make_actor(Role.STRUCTURE_MANAGER, cpts.land.sas, user=_now(cpts)))


def _now(cpts: Cpts) -> object:
    cpts.manager.user.duties.all().delete()
    cpts.manager.user.grants.all().delete()
    return cpts.manager.user


def test_the_manager_writes_a_turn_and_reads_it_in_the_week(cpts: Cpts, page: Client) -> None:
    address = f"/structures/{cpts.land.cpts.pk}"
    assert page.post(f"{address}/garde/", typed(cpts.near)).status_code == 302
    assert DutyTurn.objects.get().per_day == 3
    assert "3 par jour au plus" in page.get(f"{address}/garde/").content.decode()
    assert "Proche" in page.get(f"{address}/semaine/").content.decode()
    page.post(f"{address}/garde/{DutyTurn.objects.get().pk}/terminer/")
    assert "s’adresse à tous les membres" in page.get(f"{address}/garde/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"start_day": "0001-01-01"}, {"end_day": "9999-12-31"}, {"per_day": "beaucoup"}, {"communes": "Nulle-Part"},
     {"professional": "0"}, {"start_time": "25h"}, {"communes": "x" * 3000}],
)  # fmt: skip
def test_what_is_typed_wrong_is_kept_and_explained(cpts: Cpts, page: Client, wrong: dict[str, object]) -> None:
    answer = page.post(f"/structures/{cpts.land.cpts.pk}/garde/", typed(cpts.near, **wrong))
    assert answer.status_code == 422
    assert not DutyTurn.objects.exists()


def test_a_structure_that_is_no_cpts_has_no_rota(cpts: Cpts, page: Client) -> None:
    house = directory.structure("MSP", "MSP", sas=cpts.land.sas)
    StructureManager.objects.create(structure=house, user=cpts.manager.user, during=period(directory.SINCE))
    assert page.get(f"/structures/{house.pk}/garde/").status_code == 404
    assert page.get(f"/structures/{house.pk}/semaine/").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_week_reads_as_much_whatever_the_members_and_the_turns(cpts: Cpts, page: Client, count: int) -> None:
    for rank in range(count):
        place = make.doctor(cpts.land, f"Nom{rank}", via="cpts", member_of=[cpts.land.cpts])
        slot = make.slot(place, 1, at=clock.now())
        add_turn(
            cpts.land.cpts,
            Turn(place.professional, clock.now(), clock.now() + HOUR),
            by=cpts.manager,
            at=clock.now(),
        )
    day = slot.starts_at.astimezone(ZoneInfo("Europe/Paris")).date()  # on a Sunday night it is next week's
    address = f"/structures/{cpts.land.cpts.pk}/semaine/?semaine={day}"
    page.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert page.get(address).content.decode().count("libre sur 1") == count
    assert len(asked) == 8
