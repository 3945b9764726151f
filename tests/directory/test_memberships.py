"""A structure and its members agree on who belongs to it; its managers are named by the SAS."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Conflict, NotFound, Refusal
from quinze.base.periods import period
from quinze.directory.models import Membership, MembershipRequest, Structure, StructureManager
from quinze.directory.operations.membership import answer_membership, ask_membership, end_membership, name_manager
from quinze.directory.operations.structure import say_of_place, take_part
from tests.factories import availability as offer
from tests.factories import directory as make
from tests.factories.accounts import login, make_actor, make_sas, make_user
from tests.factories.availability import Effecteur

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@dataclass
class House:
    structure: Structure
    manager: Actor
    doctor: Effecteur
    at: datetime


@pytest.fixture
def house() -> House:
    return make_house()


def make_house(name: str = "Cormier") -> House:
    doctor = offer.effecteur(name)
    make_actor(Role.EFFECTEUR, doctor.sas, user=doctor.actor.user)
    structure = make.structure("MSP", "MSP des Tilleuls", sas=doctor.sas)
    manager = make_actor(Role.STRUCTURE_MANAGER, doctor.sas)
    StructureManager.objects.create(structure=structure, user=manager.user, during=period(make.SINCE))
    return House(structure, manager, doctor, clock.now())


def members(house: House, at: datetime | None = None) -> list[object]:
    found = Membership.objects.filter(structure=house.structure, during__contains=at or house.at + MINUTE)
    return [row.professional for row in found]


def test_a_doctor_asks_and_belongs_once_the_structure_accepts(house: House) -> None:
    asked = ask_membership(house.structure, house.doctor.professional, by=house.doctor.actor, at=house.at)
    assert members(house) == []
    answer_membership(asked, accepted=True, by=house.manager, at=house.at)
    assert members(house) == [house.doctor.professional]


def test_a_structure_proposes_and_the_doctor_accepts(house: House) -> None:
    asked = ask_membership(house.structure, house.doctor.professional, by=house.manager, at=house.at)
    with pytest.raises(Refusal) as refused:
        answer_membership(asked, accepted=True, by=house.manager, at=house.at)
    assert refused.value.code == "not_yours"
    answer_membership(asked, accepted=True, by=house.doctor.actor, at=house.at)
    assert members(house) == [house.doctor.professional]


def test_a_refused_request_makes_no_member_and_can_be_made_again(house: House) -> None:
    asked = ask_membership(house.structure, house.doctor.professional, by=house.doctor.actor, at=house.at)
    answer_membership(asked, accepted=False, by=house.manager, at=house.at)
    with pytest.raises(Conflict):
        answer_membership(asked, accepted=True, by=house.manager, at=house.at + MINUTE)
    ask_membership(house.structure, house.doctor.professional, by=house.doctor.actor, at=house.at + MINUTE)
    assert members(house) == []


def test_either_side_ends_it_and_the_past_stays(house: House) -> None:
    row = make.membership(house.doctor.professional, house.structure)
    end_membership(row, by=house.manager, at=house.at)
    assert (members(house), members(house, at=house.at - MINUTE)) == ([], [house.doctor.professional])


def test_a_stranger_can_do_nothing(house: House) -> None:
    other = make_house("Autre")
    foreign = make_actor(Role.STRUCTURE_MANAGER, make_sas("79"))
    StructureManager.objects.create(structure=house.structure, user=foreign.user, during=period(make.SINCE))
    for by in (other.manager, other.doctor.actor, foreign):
        with pytest.raises(NotFound):
            ask_membership(house.structure, house.doctor.professional, by=by, at=house.at)


def test_a_manager_whose_term_is_over_manages_no_more(house: House) -> None:
    StructureManager.objects.update(during=period(make.SINCE, house.at - MINUTE))
    with pytest.raises(NotFound):
        ask_membership(house.structure, house.doctor.professional, by=house.manager, at=house.at)
    assert login(Client(), house.manager).get(f"/structures/{house.structure.pk}/").status_code == 404


def test_a_member_is_not_asked_twice(house: House) -> None:
    make.membership(house.doctor.professional, house.structure)
    with pytest.raises(Refusal) as refused:
        ask_membership(house.structure, house.doctor.professional, by=house.manager, at=house.at)
    assert refused.value.code == "member"


def test_who_has_no_account_cannot_answer_and_is_not_asked(house: House) -> None:
    with pytest.raises(Refusal) as refused:
        ask_membership(house.structure, make.professional("Seul"), by=house.manager, at=house.at)
    assert refused.value.code == "no_account"


def test_the_manager_works_from_one_page(house: House) -> None:
    page, pk = login(Client(), house.manager), house.structure.pk
    assert page.get("/structures/").headers["Location"] == f"/structures/{pk}/"
    assert page.post(f"/structures/{pk}/", {"name": "Cor"}).status_code == 422
    chosen = {"name": "Cormier", "professional": house.doctor.professional.pk}
    assert page.post(f"/structures/{pk}/", chosen).status_code == 302

    doctor = login(Client(), house.doctor.actor)
    assert "vous propose d’être membre" in doctor.get("/mes-structures/").content.decode()
    doctor.post(f"/appartenances/demandes/{MembershipRequest.objects.get().pk}/accepter/")
    assert "Dr Hélène Cormier" in page.get(f"/structures/{pk}/").content.decode()


def test_a_doctor_finds_the_structure_and_asks(house: House) -> None:
    page = login(Client(), house.doctor.actor)
    assert "MSP des Tilleuls" in page.get("/mes-structures/annuaire/?q=tilleul").content.decode()
    page.post("/mes-structures/", {"name": "MSP", "structure": house.structure.pk})
    assert MembershipRequest.objects.get().side == "professional"


def test_a_structure_of_another_sas_is_not_joined(house: House) -> None:
    elsewhere = make.structure("CDS", "Centre d’ailleurs", sas=make_sas("79"))
    page = login(Client(), house.doctor.actor)
    assert "ailleurs" not in page.get("/mes-structures/annuaire/?q=ailleurs").content.decode().replace(
        "d’ailleurs dans", ""
    )
    assert page.post("/mes-structures/", {"name": "Centre", "structure": elsewhere.pk}).status_code == 422


def test_an_accounts_manager_names_who_runs_a_structure(house: House) -> None:
    accounts = make_actor(Role.ACCOUNTS_MANAGER, house.structure.sas)
    page, address = login(Client(), accounts), f"/annuaire/structures/{house.structure.pk}/"
    there = f"/structures/{house.structure.pk}/"
    chosen = make_actor(Role.STRUCTURE_MANAGER, house.structure.sas).user
    simple = make_user("simple@exemple.invalid")

    page.post(f"{there}gestionnaires/", {"email": chosen.email.upper()})
    page.post(f"{there}gestionnaires/", {"email": simple.email})
    assert {row.user for row in StructureManager.objects.all()} == {house.manager.user, chosen}
    assert str(chosen) in page.get(address).content.decode()

    row = StructureManager.objects.get(user=chosen)
    page.post(f"{there}gestionnaires/{row.pk}/retirer/")
    row.refresh_from_db()
    assert row.during.upper is not None


def test_the_manager_of_another_sas_is_not_named(house: House) -> None:
    by = make_actor(Role.ACCOUNTS_MANAGER, make_sas("79"))
    with pytest.raises(NotFound):
        name_manager(house.structure, house.manager.user, by=by, at=house.at)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_reads_as_much_whatever_the_members(house: House, count: int) -> None:
    for rank in range(count):
        make.membership(make.professional(f"Nom{rank}"), house.structure)
    page = login(Client(), house.manager)
    page.get(f"/structures/{house.structure.pk}/")
    with CaptureQueriesContext(connection) as asked:
        page.get(f"/structures/{house.structure.pk}/")
    assert len(asked) == 8


# ---- what the structure says of itself


def test_the_manager_says_how_to_reach_a_fixed_point(house: House) -> None:
    place = make.place(house.structure, house.doctor.place.commune, name="Point fixe nord")
    page, address = login(Client(), house.manager), f"/structures/{house.structure.pk}/lieux/{place.pk}/"
    typed = {"phones": "05 36 49 00 02", "information": "Sonner à gauche", "wheelchair": "true"}
    assert page.post(address, typed).status_code == 302
    place.refresh_from_db()
    assert (place.phones, place.information, place.wheelchair) == (["+33536490002"], "Sonner à gauche", True)
    assert place.address == "1 rue des Essences"
    assert "Sonner à gauche" in page.get(f"/structures/{house.structure.pk}/").content.decode()


@pytest.mark.parametrize("wrong", [{"phones": "zéro six"}, {"information": "x" * 1001}, {"phones": "1" * 300}])
def test_what_is_typed_wrong_of_a_place_is_explained(house: House, wrong: dict[str, str]) -> None:
    place = make.place(house.structure, house.doctor.place.commune)
    page = login(Client(), house.manager)
    answer = page.post(f"/structures/{house.structure.pk}/lieux/{place.pk}/", {"wheelchair": "unknown"} | wrong)
    assert answer.status_code == 422


def test_the_place_of_a_member_is_not_the_structure_s(house: House) -> None:
    theirs = house.doctor.place
    theirs.structure = house.structure
    theirs.save()
    page = login(Client(), house.manager)
    assert page.get(f"/structures/{house.structure.pk}/lieux/{theirs.pk}/").status_code == 404
    with pytest.raises(NotFound):
        say_of_place(theirs, phones=(), information="", wheelchair=None, by=house.manager, at=house.at)


def test_the_manager_decides_whether_the_structure_takes_part(house: House) -> None:
    page, address = login(Client(), house.manager), f"/structures/{house.structure.pk}/participation/"
    page.post(address, {"takes_part": "on", "accepts_visits": "on"})
    assert house.structure.participations.get().accepts_visits
    assert "Participe depuis" in page.get(f"/structures/{house.structure.pk}/").content.decode()

    page.post(address, {})
    assert house.structure.participations.get().during.upper is not None


def test_somebody_else_decides_nothing_for_the_structure(house: House) -> None:
    with pytest.raises(NotFound):
        take_part(
            house.structure,
            takes_part=True,
            accepts_visits=False,
            takes_reorientations=False,
            by=house.doctor.actor,
            at=house.at,
        )


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_leave_one(house: House) -> None:
    """The doctor and the manager ask each other at the same instant: one request, the other is told."""
    barrier = Barrier(2)

    def ask(by: Actor) -> str | None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=10)
            ask_membership(house.structure, house.doctor.professional, by=by, at=house.at)
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return None

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(ask, (house.doctor.actor, house.manager)))
    assert sorted(said, key=str) == [None, "one_membership_request_at_a_time"]
