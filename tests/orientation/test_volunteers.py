import io
from datetime import timedelta

import openpyxl
import pytest
from django.test import Client

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.periods import period
from quinze.directory.models import StructureManager
from quinze.orientation import operations
from quinze.orientation.queries.volunteers import OUTSIDE, Sought, sector_of, volunteers
from tests.factories import directory
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor
from tests.factories.availability import slot as make_slot

pytestmark = pytest.mark.django_db
AT = make.AT  # a Tuesday, 10:00 in Poitiers
AGO = timedelta(days=6)


@pytest.fixture
def land() -> make.Territory:
    return make.territory(at=AT - timedelta(days=60))


def in_vain(land: make.Territory, *, at=AT - AGO, **fields):
    """Searched, nobody found, closed."""
    asked = make.request(land, at=at, **fields)
    make.searched(asked, land, at=at)
    return operations.close_without_booking(request=asked, reason="personne", by=land.osnp, at=at)


def of_the_cpts(land: make.Territory, **options):
    return sector_of(volunteers(sas=land.sas, at=AT, **options), land.cpts.pk)


def test_a_sector_says_what_was_asked_what_came_of_it_and_what_was_offered(land):
    place = make.doctor(land, "Donne")
    seat = make_slot(place, AT - AGO + timedelta(hours=2), AT - AGO + timedelta(hours=2, minutes=30))
    make.booked(make.request(land, at=AT - AGO), place, seat, land, at=AT - AGO)
    found = of_the_cpts(land)
    figures = found.figures
    assert (figures.asked, figures.given, figures.far, figures.nobody) == (1, 1, 0, 0)
    assert (figures.minutes, figures.seats, figures.taken) == (30, 1, 1)
    assert (found.population, found.offering, found.pool) == (5000, 1, 0)
    assert [(one.name, one.hours, one.seats, one.taken) for one in found.volunteers] == [("DONNE Hélène", 0.5, 1, 1)]
    assert found.need.volunteers.seen == 0
    (half,) = [half for half in found.halves if half.figures.asked]
    assert half.words == "mercredi matin"


def test_only_what_found_nobody_asks_for_more(land):
    """Searched in vain: counted. Closed although somebody was proposed, withdrawn, still running: not."""
    for _ in range(3):
        in_vain(land)
    withdrawn = make.request(land, at=AT - AGO)
    make.searched(withdrawn, land, at=AT - AGO)
    operations.withdraw(request=withdrawn, reason="erreur", by=land.doctor, at=AT - AGO)
    running = make.request(land, at=AT - timedelta(hours=1))
    make.searched(running, land, at=AT - timedelta(hours=1))
    place = make.doctor(land)
    make_slot(place, AT - AGO + timedelta(hours=2), AT - AGO + timedelta(hours=2, minutes=20))
    refused = make.request(land, at=AT - AGO)
    make.searched(refused, land, at=AT - AGO)
    operations.close_without_booking(request=refused, reason="ne veut plus", by=land.osnp, at=AT - AGO)
    found = of_the_cpts(land)
    assert (found.figures.asked, found.figures.nobody, found.figures.unmet, found.figures.pending) == (5, 3, 3, 2)
    assert found.worst[0].figures.unmet == 3
    assert found.need.volunteers.seen == 1  # 3 in a week: 5 seats of 20 min, 1 h 40
    assert found.need.volunteers.high >= 2


def test_found_only_further_than_the_charter_goes_asks_for_more_too(land):
    asked = make.request(land, at=AT - AGO)
    operations.journal.record(request=asked, kind="widened_minutes", text="élargie à 60 min", by=land.osnp, at=AT - AGO)
    place = make.doctor(land)
    seat = make_slot(place, AT - AGO + timedelta(hours=2), AT - AGO + timedelta(hours=2, minutes=20))
    make.booked(asked, place, seat, land, at=AT - AGO)
    figures = of_the_cpts(land).figures
    assert (figures.given, figures.far, figures.nobody, figures.unmet) == (1, 1, 0, 1)


def test_a_commune_of_two_cpts_counts_in_each_and_once_in_the_whole_and_the_rest_is_outside(land):
    other = directory.structure("CPTS", "CPTS Nord Vienne", sas=land.sas)
    other.zone_communes.create(commune=land.commune)
    elsewhere = directory.commune("Lusignan", population=2000)
    directory.sas("86", communes=(elsewhere,))
    make.request(land, at=AT - AGO)
    make.request(land, at=AT - AGO, commune=elsewhere)
    found = volunteers(sas=land.sas, at=AT)
    asked = {one.name: one.figures.asked for one in found.sectors}
    assert asked == {"CPTS Sud Vienne": 1, "CPTS Nord Vienne": 1, "Hors CPTS": 1}
    assert found.whole.figures.asked == 2
    assert (found.whole.population, sector_of(found, OUTSIDE).population) == (7000, 2000)


def test_volunteers_are_read_by_pdsa_sector_as_by_cpts(land):
    elsewhere = directory.commune("Lusignan", population=2000)
    directory.sas("86", communes=(elsewhere,))
    land.sas.covered.filter(commune=land.commune).update(pdsa_sector="Poitiers 1")
    place = make.doctor(land, "Donne")
    seat = make_slot(place, AT - AGO + timedelta(hours=2), AT - AGO + timedelta(hours=2, minutes=30))
    make.booked(make.request(land, at=AT - AGO), place, seat, land, at=AT - AGO)
    make.request(land, at=AT - AGO, commune=elsewhere)
    found = {one.name: one for one in volunteers(sas=land.sas, at=AT, division="pdsa").sectors}
    assert set(found) == {"Poitiers 1", "Sans secteur"}
    one, same = found["Poitiers 1"], of_the_cpts(land)
    assert (one.figures, one.population, one.halves, one.need) == (same.figures, 5000, same.halves, same.need)
    assert [(each.name, each.seats, each.is_member) for each in one.volunteers] == [("DONNE Hélène", 1, False)]
    assert (found["Sans secteur"].figures.asked, found["Sans secteur"].population) == (1, 2000)
    referent = login(Client(), make_actor(Role.REFERENT, land.sas))
    page = referent.get("/volontaires/?decoupage=pdsa").content.decode()
    assert "Poitiers 1" in page
    assert f"/volontaires/{one.pk}/?semaines=12&amp;profession=mg&amp;decoupage=pdsa" in page
    assert "Poitiers 1" in referent.get(f"/volontaires/{one.pk}/?decoupage=pdsa").content.decode()
    assert "Poitiers 1" in referent.get("/volontaires/export.csv?decoupage=pdsa").content.decode("utf-8-sig")
    assert "CPTS Sud Vienne" in referent.get("/volontaires/?decoupage=x").content.decode()


def test_who_could_still_be_asked_and_other_professions_apart(land):
    make.doctor(land, "Inscrit")
    make.doctor(land, "Pas Encore", participates=False)
    nurse = directory.professional("Soignante", profession="60", specialty="")
    directory.participation(nurse, land.sas)
    directory.place(nurse, land.commune)
    found = of_the_cpts(land)
    assert ([one.name for one in found.volunteers], found.pool) == (["INSCRIT Hélène"], 1)
    assert [one.name for one in of_the_cpts(land, sought=Sought("60", "")).volunteers] == ["SOIGNANTE Rose"]


def test_weeks_show_the_list_growing(land):
    place = make.doctor(land)
    place.professional.participations.update(during=period(AT - timedelta(days=8)))
    assert [week.registered for week in of_the_cpts(land, weeks=4).weeks] == [0, 0, 1, 1]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_reads_as_often_for_one_territory_as_for_three(count, django_assert_num_queries):
    now = clock.now()
    land = make.territory(at=now - timedelta(days=30))
    for number in range(count - 1):
        zone = directory.structure("CPTS", f"CPTS {number}", sas=land.sas)
        zone.zone_communes.create(commune=land.commune)
    for _ in range(count):
        make.doctor(land)
        in_vain(land, at=now - AGO)
    referent = login(Client(), make_actor(Role.REFERENT, land.sas))
    with django_assert_num_queries(14):
        html = referent.get("/volontaires/?semaines=4").content.decode()
    assert html.count('class="q-row"') == count + 1


@pytest.fixture
def manager(land) -> Actor:
    actor = make_actor(Role.STRUCTURE_MANAGER, land.sas)
    StructureManager.objects.create(structure=land.cpts, user=actor.user, during=period(AT))
    return actor


def test_a_cpts_reads_its_own_territory_names_its_members_and_counts_the_others(land, manager):
    mine = make.doctor(land, "Membre", member_of=(land.cpts,))
    make.doctor(land, "Voisin")
    client = login(Client(), manager)
    html = client.get(f"/structures/{land.cpts.pk}/volontaires/").content.decode()
    assert "MEMBRE Hélène" in html
    assert "VOISIN" not in html
    assert "et 1 autre" in html
    text = client.get(f"/structures/{land.cpts.pk}/volontaires/export.csv").content.decode("utf-8-sig")
    assert "MEMBRE" in text
    assert "VOISIN" not in text
    assert mine.professional is not None
    other = directory.structure("CPTS", "CPTS Nord Vienne", sas=land.sas)
    other.zone_communes.create(commune=land.commune)
    assert client.get(f"/structures/{other.pk}/volontaires/").status_code == 404
    assert client.get(f"/volontaires/{land.cpts.pk}/").status_code == 403


def test_the_workbook_holds_territories_people_and_half_days_and_no_formula(land):
    make.doctor(land, "=Cmd()")
    in_vain(land, at=clock.now() - timedelta(days=2))
    referent = login(Client(), make_actor(Role.REFERENT, land.sas))
    content = referent.get("/volontaires/export.xlsx").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Territoires", "Volontaires", "Demi-journées"]
    assert [row[0] for row in book["Territoires"].iter_rows(min_row=2, values_only=True)][-1] == land.sas.name
    assert "=CMD() Hélène" in [cell.value for cell in book["Volontaires"]["B"]]
    assert {cell.data_type for cell in book["Volontaires"]["B"]} == {"s"}
    lines = referent.get("/volontaires/export.csv").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Territoire;Communes;Habitants;Demandes")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/volontaires/?semaines=abc&profession=%00", 200),
        ("/volontaires/999999/", 404),
        ("/volontaires/export.exe", 404),
        ("/volontaires/0/?semaines=" + "9" * 4000, 200),
    ],
)
def test_a_strange_address_is_answered(land, address, status):
    assert login(Client(), make_actor(Role.REFERENT, land.sas)).get(address).status_code == status
