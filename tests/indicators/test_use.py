import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.indicators.queries.use import use_of_orientation
from quinze.indicators.spans import span
from quinze.orientation import operations as orientation
from quinze.regulation import operations as ops
from quinze.regulation.decisions import Intervention, Orientation
from tests.factories import orientation as make
from tests.factories import regulation as cases
from tests.factories.accounts import login, make_actor
from tests.factories.availability import slot as make_slot

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
EMERGENCY = Orientation("URGENCES")


@pytest.fixture
def now():
    return clock.now()


@pytest.fixture
def land(now) -> make.Territory:
    made = make.territory(at=now - timedelta(days=2))
    return replace(made, osnp=make_actor(Role.OSNP, made.sas))


def decided(land: make.Territory, by: Actor, *details, at, stream: str = "SNP"):
    """One file on which this doctor took these decisions; the request of the last one, if any."""
    arm = cases.arm(land.sas, at=at)
    case = cases.waiting_case(stream, at=at, by=arm)
    cases.save(case, "place", by=arm, at=at, commune=land.commune.pk)
    taken = [ops.decide(case, by=by, at=at, details=each) for each in details]
    return taken[-1].orientation_request


def seen(land: make.Territory, request, *, at, outcome: str = "fulfilled"):
    place = make.doctor(land)
    seat = make_slot(place, at + HOUR, at + HOUR + timedelta(minutes=20))
    booking = make.booked(request, place, seat, land, at=at)
    if outcome:
        orientation.record_outcome(booking=booking, outcome=outcome, by=land.osnp, at=at + 2 * HOUR)


def test_a_file_is_counted_once_at_the_most_that_was_decided_with_what_came_of_it(land, now):
    at, doctor = now - 5 * HOUR, make_actor(Role.REGULATEUR_SNP, land.sas)
    seen(land, decided(land, doctor, cases.ADVICE, cases.CITY, at=at), at=at)
    seen(land, decided(land, doctor, cases.CITY, at=at), at=at, outcome="no_show")
    seen(land, decided(land, doctor, cases.CITY, at=at), at=at, outcome="")
    decided(land, doctor, cases.CITY, at=at)
    decided(land, doctor, EMERGENCY, at=at)
    decided(land, doctor, Intervention("SIS.VSAV"), at=at)
    decided(land, doctor, cases.ADVICE, cases.PRESCRIPTION, at=at)

    use = use_of_orientation(span(sas=land.sas, at=now)).use
    assert (use.decided, use.asked, use.elsewhere, use.sent, use.advised, use.nothing_more) == (7, 4, 1, 1, 1, 0)
    assert (use.given, use.seen, use.missed, use.unknown, use.without) == (3, 1, 1, 1, 1)


def test_only_unscheduled_care_of_the_sas_counts(land, now):
    other = make.territory("16", at=now - timedelta(days=2))
    amu = make_actor(Role.REGULATEUR_AMU, land.sas)
    decided(land, amu, cases.ADVICE, at=now - HOUR, stream="AMU")
    decided(other, make_actor(Role.REGULATEUR_SNP, other.sas), cases.CITY, at=now - HOUR)
    assert use_of_orientation(span(sas=land.sas, at=now)).use.decided == 0
    decided(land, amu, cases.ADVICE, at=now - HOUR, stream="SNP")
    assert use_of_orientation(span(sas=land.sas, at=now)).use.decided == 1


def test_periods_are_whole_local_weeks_or_months(land, now):
    at = now.replace(year=2026, month=11, day=18, hour=10)
    assert span(sas=land.sas, at=at, asked="semaine-4").starts[-2:] == (date(2026, 11, 9), date(2026, 11, 16))
    assert span(sas=land.sas, at=at, asked="mois-12").starts[:2] == (date(2025, 12, 1), date(2026, 1, 1))
    assert span(sas=land.sas, at=at, asked="\x00' OR 1").asked == "semaine-12"


def test_the_manager_reads_each_doctor_in_alphabetical_order_and_a_small_figure_has_no_share(land, now):
    first, second = (make_actor(Role.REGULATEUR_SNP, land.sas) for _ in range(2))
    for _ in range(10):
        decided(land, second, cases.CITY, at=now - HOUR)
    decided(land, first, cases.CITY, at=now - HOUR)
    page = login(Client(), make_actor(Role.SUPERVISOR, land.sas)).get("/indicateurs/?lire=mois-3")
    people = page.context["found"].doctors
    assert [person.name for person in people] == sorted([str(first.user), str(second.user)])
    assert [person.use.share is None for person in people if person.name == str(first.user)] == [True]
    assert "100\u00a0%" in page.content.decode()
    assert "style=" not in page.content.decode()


@pytest.mark.parametrize("role", [Role.REFERENT, Role.INDICATOR_READER])
def test_other_readers_see_no_name_and_no_total_of_one_or_two_people(land, now, role):
    doctor = make_actor(Role.REGULATEUR_SNP, land.sas)
    decided(land, doctor, cases.CITY, at=now - HOUR)
    client = login(Client(), make_actor(role, land.sas))
    page, sheet = client.get("/indicateurs/"), client.get("/indicateurs/recours.csv").content.decode()
    assert doctor.user.family_name not in page.content.decode() + sheet
    assert page.context["use"].decided == 0
    assert "pas montré" in page.content.decode()
    for _ in range(2):
        decided(land, make_actor(Role.REGULATEUR_SNP, land.sas), cases.CITY, at=now - HOUR)
    assert client.get("/indicateurs/").context["use"].decided == 3


def test_each_doctor_and_each_osnp_reads_their_own_and_nobody_else_s(land, now):
    mine, other = (make_actor(Role.REGULATEUR_SNP, land.sas) for _ in range(2))
    at = now - 5 * HOUR
    seen(land, decided(land, mine, cases.CITY, at=at), at=at)
    decided(land, other, cases.ADVICE, at=at)
    page = login(Client(), mine).get("/indicateurs/moi/")
    assert (page.context["use"].decided, page.context["use"].seen) == (1, 1)
    assert other.user.family_name not in page.content.decode()
    assert login(Client(), land.osnp).get("/indicateurs/moi/").context["gave"].seen == 1
    assert login(Client(), make_actor(Role.OSNP, land.sas)).get("/indicateurs/moi/").context["gave"].given == 0
    rows = list(
        csv.reader(
            io.StringIO(login(Client(), land.osnp).get("/indicateurs/moi.csv").content.decode("utf-8-sig")),
            delimiter=";",
        )
    )
    assert len(rows) == 2
    assert dict(zip(*rows, strict=True))["Patients vus"] == "1"


@pytest.mark.parametrize("people", [1, 3])
def test_the_page_reads_as_often_for_one_doctor_as_for_three(land, now, people, django_assert_num_queries):
    for _ in range(people):
        decided(land, make_actor(Role.REGULATEUR_SNP, land.sas), cases.CITY, at=now - HOUR)
    client = login(Client(), make_actor(Role.SUPERVISOR, land.sas))
    with django_assert_num_queries(5):
        client.get("/indicateurs/")
