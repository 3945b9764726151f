"""The room: real rows counted, the alerts that need somebody, the wall."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.regulation import operations as ops
from quinze.regulation.queries.day import room_now
from tests.factories import regulation as make
from tests.factories.accounts import login, make_actor, make_sas

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def supervisor(at: datetime) -> Actor:
    return make.supervisor(at=at)


@pytest.fixture
def room(client: Client, supervisor: Actor) -> Client:
    return login(client, supervisor)


def url(name: str) -> str:
    return reverse(f"regulation:{name}")


def test_an_empty_room_says_that_nothing_waits(room: Client) -> None:
    page = room.get(url("room")).content.decode()
    assert "Rien à signaler." in page


def test_queues_count_who_waits_and_who_is_taken(supervisor: Actor, at: datetime) -> None:
    make.waiting_case("SNP", "P2", at=at - timedelta(minutes=27))
    make.waiting_case("SNP", "P3", at=at - timedelta(minutes=40))
    ops.claim(make.waiting_case("SNP", at=at), by=make.doctor(at=at), at=at)
    snp = next(queue for queue in room_now(by=supervisor, at=at).queues if queue.count.step == "snp")
    assert (snp.count.waiting, snp.count.claimed, snp.count.overdue) == (2, 1, 1)
    assert snp.worst is not None
    assert snp.worst.priority == "P2"  # twelve minutes late, before the older one that is not


def test_a_p0_that_nobody_took_in_a_minute_is_an_alert(supervisor: Actor, at: datetime) -> None:
    case = make.waiting_case("AMU", at=at - timedelta(minutes=5))
    ops.red_flag(case, by=make.arm(at=at), at=at)
    assert not room_now(by=supervisor, at=at + timedelta(seconds=60)).p0
    assert [file.number for file in room_now(by=supervisor, at=at + timedelta(seconds=61)).p0] == [case.number]
    ops.claim(case, by=make.doctor("AMU", at=at), at=at)
    assert not room_now(by=supervisor, at=at + timedelta(seconds=61)).p0


def test_alerts_are_shown_with_their_file(room: Client, at: datetime) -> None:
    case = make.waiting_case("SNP", "P2", at=at - timedelta(minutes=27))
    page = room.get(url("room")).content.decode()
    assert "1 dossier hors délai" in page
    assert reverse("regulation:case", args=[case.number]) in page


def test_people_at_their_posts_and_what_they_hold(supervisor: Actor, room: Client, at: datetime) -> None:
    doctor = make.doctor(at=at)
    case = ops.claim(make.waiting_case(at=at), by=doctor, at=at)
    posts = dict(room_now(by=supervisor, at=at).posts)
    assert [(person.user, person.held) for person in posts["Médecin régulateur SNP"]] == [(doctor.user, [case.number])]
    assert str(doctor.user) in room.get(url("room")).content.decode()


def test_the_figures_of_the_day_are_counted(supervisor: Actor, at: datetime) -> None:
    doctor = make.doctor(at=at)
    make.case(at=at - timedelta(days=2))
    case = ops.claim(make.waiting_case(at=at), by=doctor, at=at)
    ops.decide(case, by=doctor, at=at, details=make.CITY)
    closed = ops.claim(make.waiting_case(at=at), by=doctor, at=at)
    ops.decide(closed, by=doctor, at=at, details=make.ADVICE)
    ops.close(closed, by=doctor, at=at)
    figures = dict(room_now(by=supervisor, at=at).figures)
    assert figures == {
        "Dossiers ouverts": 2,
        "Dossiers clos": 1,
        "Orientations demandées": 1,
        "Rendez-vous trouvés": 0,
        "Patients vus": 0,
        "Patients non venus": 0,
    }


def test_an_administrator_sees_the_room_without_links_to_files(client: Client, at: datetime) -> None:
    case = make.waiting_case("SNP", "P2", at=at - timedelta(minutes=27))
    page = login(client, make_actor(Role.ADMINISTRATOR)).get(url("room")).content.decode()
    assert "1 dossier hors délai" in page
    assert reverse("regulation:case", args=[case.number]) not in page


def test_the_room_of_another_sas_is_not_counted(supervisor: Actor, at: datetime) -> None:
    make.waiting_case(at=at, sas=make_sas("79"))
    assert all(queue.count.waiting == 0 for queue in room_now(by=supervisor, at=at).queues)


def test_the_wall_is_read_from_afar_and_without_names(room: Client, at: datetime) -> None:
    make.waiting_case("SNP", "P2", at=at - timedelta(minutes=27))
    page = room.get(url("wall")).content.decode()
    assert "Médecin SNP : 1 hors délai." in page
    assert "PINSON" not in page


@pytest.mark.parametrize(("name", "live"), [("room", "room_live"), ("wall", "wall_live")])
def test_a_fragment_is_what_the_page_shows(room: Client, at: datetime, name: str, live: str) -> None:
    make.waiting_case(at=at)
    page, alone = room.get(url(name)).content.decode(), room.get(url(live)).content.decode()
    table = alone.split("<tbody>")[1].split("</tbody>")[0]
    assert _without_clocks(table) == _without_clocks(page.split("<tbody>")[1].split("</tbody>")[0])


def _without_clocks(table: str) -> str:
    return " ".join(part.split("</svg>")[-1].split("<small>")[-1] for part in table.split("<svg"))


def test_only_those_who_watch_the_room(client: Client, at: datetime) -> None:
    for actor in (make.arm(at=at), make.doctor(at=at)):
        login(client, actor)
        assert [client.get(url(name)).status_code for name in ("room", "wall", "room_live")] == [403] * 3


def test_it_is_only_read(room: Client) -> None:
    assert [room.post(url(name)).status_code for name in ("room", "room_live", "wall", "wall_live")] == [405] * 4


def test_it_costs_the_same_with_one_file_and_with_three(room: Client, at: datetime) -> None:
    make.waiting_case(at=at)

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            room.get(url("room"))
        return len(seen)

    one = cost()
    for _ in range(2):
        make.waiting_case(at=at)
    assert cost() == one == 13
