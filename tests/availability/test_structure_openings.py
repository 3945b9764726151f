"""A health centre or a fixed point opens time in its own name: its manager states it, nobody else."""

from dataclasses import dataclass

import pytest
from django.test import Client

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.availability.models import OpeningRule, Slot
from quinze.availability.operations import add_rule
from quinze.base import clock
from quinze.base.errors import NotFound
from quinze.base.periods import period
from quinze.directory.models import Place, Structure, StructureManager
from tests.factories import availability as make
from tests.factories import directory
from tests.factories.accounts import login, make_actor

pytestmark = pytest.mark.django_db


@dataclass
class Centre:
    structure: Structure
    place: Place
    manager: Actor
    page: Client

    @property
    def address(self) -> str:
        return f"/structures/{self.structure.pk}/ouvertures/"


@pytest.fixture
def centre() -> Centre:
    commune = directory.commune("Poitiers")
    structure = directory.structure("CDS", "Centre des Tilleuls", sas=directory.sas(communes=(commune,)))
    manager = make_actor(Role.STRUCTURE_MANAGER, structure.sas)
    StructureManager.objects.create(structure=structure, user=manager.user, during=period(directory.SINCE))
    return Centre(structure, directory.place(structure, commune), manager, login(Client(), manager))


def typed(centre: Centre, **fields: object) -> dict[str, object]:
    return {
        "place": centre.place.pk, "weekdays": [str(n) for n in range(7)], "starts": "9h", "ends": "11h",
        "slot_minutes": "20", "kind": "slots", "capacity": "2", "audience": "SNP", "modalities": ["AMB"],
        "every_weeks": "1", "valid_from": clock.now().date(),
    } | fields  # fmt: skip


def test_the_manager_opens_time_in_the_name_of_the_structure_and_closes_it(centre: Centre) -> None:
    assert centre.page.post(centre.address, typed(centre)).status_code == 302
    made = Slot.objects.filter(place=centre.place, status="open")
    assert made.count() > 70
    assert {(slot.professional, slot.structure) for slot in made} == {(None, centre.structure)}
    html = centre.page.get(centre.address).content.decode()
    assert "ne participe pas au SAS" in html

    centre.page.post(f"{centre.address}{OpeningRule.objects.order_by('pk')[0].pk}/fin/")
    assert not made.all().exists()


@pytest.mark.parametrize(
    "wrong", [{"starts": "25h"}, {"ends": "8h"}, {"place": "0"}, {"capacity": "-1"}, {"valid_from": ""}]
)
def test_what_is_typed_wrong_is_kept_and_explained(centre: Centre, wrong: dict[str, object]) -> None:
    assert centre.page.post(centre.address, typed(centre, **wrong)).status_code == 422
    assert not OpeningRule.objects.exists()


def test_a_manager_states_nothing_for_a_member_nor_for_another_structure(centre: Centre) -> None:
    doctor = make.effecteur()
    other = directory.place(directory.structure("CDS", "Autre", sas=centre.structure.sas), centre.place.commune)
    for place in (doctor.place, other):
        with pytest.raises(NotFound):
            add_rule(make.spec(place), by=centre.manager, at=make.NOW)


def test_a_manager_who_was_removed_states_nothing_more(centre: Centre) -> None:
    StructureManager.objects.update(during=period(directory.SINCE, clock.now()))
    with pytest.raises(NotFound):
        add_rule(make.spec(centre.place), by=centre.manager, at=make.NOW)
    assert centre.page.get(centre.address).status_code == 404


def test_a_doctor_does_not_open_the_place_of_a_structure(centre: Centre) -> None:
    with pytest.raises(NotFound):
        add_rule(make.spec(centre.place), by=make.effecteur().actor, at=make.NOW)
