"""Whom an accounts manager names to an emergency department: an IOA of the SAS, once."""

import pytest

from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Conflict, NotFound, Refusal
from quinze.directory.models import EmergencyNurse
from quinze.directory.models.offer import StructureKind
from quinze.directory.operations.emergency import name_nurse, remove_nurse
from tests.factories import directory as make
from tests.factories.accounts import make_actor, make_sas, make_user
from tests.regulation.test_claims import at_once

pytestmark = pytest.mark.django_db


def parts():
    sas = make_sas("86")
    house = make.structure(StructureKind.ED, "Urgences du Clain", sas=sas)
    return house, make_actor(Role.IOA, sas).user, make_actor(Role.ACCOUNTS_MANAGER, sas)


def test_a_nurse_is_named_then_removed_once():
    house, user, by = parts()
    named = name_nurse(house, user, by=by, at=clock.now())
    remove_nurse(named, by=by, at=clock.now())
    assert EmergencyNurse.objects.get().during.upper is not None
    with pytest.raises(Conflict, match="déjà plus"):
        remove_nurse(named, by=by, at=clock.now())


def test_only_somebody_of_that_role_is_named_and_only_to_emergencies_of_the_sas():
    house, user, by = parts()
    with pytest.raises(Refusal, match="rôle IOA"):
        name_nurse(house, make_user(), by=by, at=clock.now())
    with pytest.raises(Refusal, match="ne nomme pas"):
        name_nurse(house, user, by=make_actor(Role.IOA, by.sas), at=clock.now())
    with pytest.raises(NotFound):
        name_nurse(house, user, by=make_actor(Role.ACCOUNTS_MANAGER, make_sas("79")), at=clock.now())
    with pytest.raises(NotFound):
        name_nurse(make.structure(StructureKind.MSP, "Maison", sas=by.sas), user, by=by, at=clock.now())
    assert not EmergencyNurse.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_managers_name_the_same_nurse_and_one_line_is_kept():
    house, user, by = parts()
    answers = at_once(*[lambda: name_nurse(house, user, by=by, at=clock.now())] * 2)
    assert sum(isinstance(each, Refusal) for each in answers) == 1
    assert EmergencyNurse.objects.count() == 1
