from datetime import date

import pytest
from django.db import IntegrityError, transaction

from quinze.base.errors import NotFound, Refusal
from quinze.patients import identity, operations, queries
from quinze.patients.models import Patient
from tests.factories import patients as make
from tests.factories import regulation as people
from tests.factories.accounts import make_sas

pytestmark = pytest.mark.django_db


def test_people_are_found_by_name_telephone_or_birth_in_their_own_sas_only() -> None:
    arm = people.arm()
    noe = make.patient(arm.sas, phone="+33639984127")
    make.patient(make_sas("79"), phone="+33639984127")
    merged = make.patient(arm.sas)
    operations.chain(merged, into=noe)
    assert queries.find_people(by=arm, text="pinson NOE") == [noe]
    assert queries.find_people(by=arm, phone="+33639984127") == [noe]
    assert queries.find_people(by=arm, birth=date(2022, 3, 8)) == [noe]
    assert queries.find_people(by=arm, text="pinson", birth=date(2022, 3, 9)) == []
    assert queries.find_people(by=arm) == []


def test_every_chained_identity_is_the_same_person_from_any_of_them() -> None:
    sas = make_sas()
    first, second, third, alone = (make.patient(sas) for _ in range(4))
    operations.chain(first, into=second)
    operations.chain(second, into=third)
    expected = sorted([first.pk, second.pk, third.pk])
    assert [queries.same_person_ids(person.pk) for person in (first, second, third)] == [expected] * 3
    assert queries.same_person_ids(alone.pk) == [alone.pk]


def test_chaining_completes_what_was_unknown_and_replaces_nothing() -> None:
    sas = make_sas()
    known = make.validated(sas, phone="+33639980001", sex="UN")
    said = make.patient(sas, phone="+33639980002", email="famille@exemple.invalid", sex="M")
    person = operations.chain(said, into=known)
    assert (person.phone, person.email, person.sex) == ("+33639980001", "famille@exemple.invalid", "M")


def test_a_girl_and_a_boy_are_two_people() -> None:
    sas = make_sas()
    with pytest.raises(Refusal, match="Les sexes diffèrent"):
        operations.chain(make.patient(sas, sex="F"), into=make.patient(sas, sex="M"))


def test_nobody_is_chained_across_sas() -> None:
    with pytest.raises(NotFound):
        operations.chain(make.patient(make_sas("86")), into=make.patient(make_sas("79")))


def test_the_former_identity_is_kept_by_the_history() -> None:
    person = make.patient()
    operations.change_identity(person, {"family_name": "Pinçon"})
    history = Patient.pgh_event_model.objects.filter(pgh_obj=person).order_by("pgh_id")
    assert [event.family_name for event in history] == ["Pinson", "Pinçon"]


def test_postgresql_refuses_a_verified_identity_without_traits() -> None:
    person = make.patient()
    with pytest.raises(IntegrityError, match="identity_above_provisional_has_traits"), transaction.atomic():
        Patient.objects.filter(pk=person.pk).update(identity="VALI", birth_date=None)
    with pytest.raises(Refusal, match="a son matricule INS"):
        operations.change_identity(person, {"identity": "QUAL"})


@pytest.mark.parametrize("body", ["2550814168025", "185052A126001", "185052B126001"])
def test_a_matricule_is_accepted_with_its_key_only(body: str) -> None:
    key = 97 - int(body.replace("2A", "19").replace("2B", "18")) % 97
    assert identity.clean_ins(f" {body} {key:02d} ") == f"{body}{key:02d}"
    with pytest.raises(Refusal, match="La clé du matricule INS"):
        identity.clean_ins(f"{body}{(key + 1) % 97:02d}")


def test_unknown_people_have_a_name_to_show() -> None:
    sas = make_sas()
    assert queries.display_name(make.patient(sas, family_name="", given_name="")) == "Identité inconnue"
    assert queries.display_name(make.patient(sas)) == "PINSON Noé"
