import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.orientation import operations
from quinze.orientation.equity_chart import curve_chart, weeks_chart
from quinze.science.equity import lorenz
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor
from tests.factories.availability import slot as make_slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return clock.now()


@pytest.fixture
def land(now) -> make.Territory:
    return make.territory(at=now - timedelta(days=2))


@pytest.fixture
def referent(land: make.Territory) -> Client:
    return login(Client(), make_actor(Role.REFERENT, land.sas))


def given_and_asked(land: make.Territory, name: str, *, now, times: int = 0):
    """Two hours yesterday, and so many appointments that began an hour ago."""
    place = make.doctor(land, name)
    make_slot(place, now - timedelta(hours=26), now - timedelta(hours=24))
    for number in range(times):
        start = now - timedelta(hours=20, minutes=-20 * number)
        seat = make_slot(place, start, start + timedelta(minutes=20))
        make.booked(make.request(land, at=start - timedelta(hours=1)), place, seat, land, at=start - timedelta(hours=1))
    return place


def counted(land: make.Territory, now) -> None:
    operations.count_offered_days(sas=land.sas, at=now)
    operations.tally_searches(sas=land.sas, at=now)


def test_the_page_shows_who_is_asked_against_what_they_give_and_who_never_is(land, referent, now):
    given_and_asked(land, "Sollicité", now=now, times=2)
    given_and_asked(land, "Oublié", now=now)
    counted(land, now)
    html = referent.get("/equite/").content.decode()
    assert "2 inscrits" in html
    assert "SOLLICITÉ Hélène" in html
    assert "Inscrits, jamais appelés : 1" in html
    assert "<svg" in html
    assert "Répartition sur la période" in html
    assert "style=" not in html


@pytest.mark.parametrize("people", [1, 3])
def test_the_page_reads_as_often_for_one_doctor_as_for_three(land, referent, now, people, django_assert_num_queries):
    for number in range(people):
        given_and_asked(land, f"Numéro {number}", now=now, times=1)
    counted(land, now)
    with django_assert_num_queries(11):
        referent.get("/equite/")


def test_each_column_sorts_both_ways(land, referent, now):
    given_and_asked(land, "Beaucoup", now=now, times=3)
    given_and_asked(land, "Aucun", now=now)
    counted(land, now)

    def first(address: str) -> str:
        return referent.get(address).context["lines"][0].person.name

    assert first("/equite/") == "BEAUCOUP Hélène"
    assert first("/equite/?tri=taux") == "AUCUN Hélène"
    assert first("/equite/?tri=sollicitations&sens=desc") == "BEAUCOUP Hélène"
    assert first("/equite/?tri=nom") == "AUCUN Hélène"
    assert 'aria-sort="ascending"' in referent.get("/equite/?tri=nom").content.decode()


@pytest.mark.parametrize(
    "query", ["?semaines=abc&tri=<b>", "?cpts=%00&commune=" + "x" * 5000, "?sens=desc&semaines=-1"]
)
def test_any_address_is_answered(referent, query):
    response = referent.get(f"/equite/{query}")
    assert response.status_code == 200
    assert "Aucun inscrit ici" in response.content.decode()


def test_the_export_holds_every_line_with_its_reason_and_runs_nothing(land, referent, now):
    given_and_asked(land, "=CMD", now=now)
    counted(land, now)
    text = referent.get("/equite/export.csv").content.decode("utf-8-sig")
    head, line = csv.reader(io.StringIO(text), delimiter=";")
    row = dict(zip(head, line, strict=True))
    assert row["Professionnel"] == "'=CMD Hélène"
    assert row["Heures ouvertes"] == "2,00"
    assert row["Jamais appelé : pourquoi"] == "Aucune demande pour sa profession"


def test_another_sas_sees_nothing_of_it(land, now):
    given_and_asked(land, "Ailleurs", now=now)
    counted(land, now)
    other = make.territory("16", at=now - timedelta(days=2))
    page = login(Client(), make_actor(Role.REFERENT, other.sas)).get("/equite/")
    assert "AILLEURS" not in page.content.decode()


def test_a_week_without_figure_is_a_gap_in_the_drawing():
    chart = weeks_chart([(0.5, 0.4), (None, None), (0.25, None), (1.0, 0.2)])
    assert [run.count(",") for run in chart.seen] == [1, 2]
    assert len(chart.dots) == 3
    assert chart.dots[-1][1] < chart.dots[0][1]  # higher on the page


def test_the_curve_goes_from_corner_to_corner():
    chart = curve_chart(lorenz([(1, 3), (1, 1)]))
    (line,) = chart.seen
    (diagonal,) = chart.other
    assert line.split()[0] == diagonal.split()[0]
    assert line.split()[-1] == diagonal.split()[-1]
