"""What follows the typing: the file with drafts on top, never saved; places already called from; known people."""

from datetime import date, timedelta

import pytest

from quinze.regulation import operations as ops
from quinze.regulation import queries
from quinze.regulation.models import CaseFile
from quinze.regulation.queries.typed import as_typed, known_addresses
from tests.factories import regulation as make
from tests.factories.accounts import make_sas
from tests.factories.regulation import AT

pytestmark = pytest.mark.django_db


def typed_over(case: CaseFile, **sections: dict[str, str]) -> CaseFile:
    arm = make.arm()
    for section, values in sections.items():
        ops.keep_draft(case, by=arm, at=AT, section=section, values=values, base_version=1)
    return as_typed(case, drafts=queries.drafts(case, by=arm).values(), at=AT)


def test_drafts_are_on_top_of_a_copy() -> None:
    case = make.qualified_case()
    typed = typed_over(case, patient={"family_name": "Loriot", "birth": "4 ans"}, place={"lat": "46,5", "lon": "x"})
    assert (typed.patient.search_name, typed.patient.age_months) == ("loriot noe", 48)
    assert (typed.lat, typed.lon) == (46.5, None)
    assert (case.patient.family_name, case.patient.birth_date, case.lat) == ("Pinson", date(2022, 3, 8), None)


def test_what_is_not_understood_yet_changes_nothing() -> None:
    typed = typed_over(make.qualified_case(), patient={"birth": "08/0"}, caller={"callback_phone": "06 3"})
    assert typed.patient.birth_date == date(2022, 3, 8)
    assert typed.callback_phone == ""


def test_what_is_missing_counts_what_is_typed() -> None:
    case = make.case()
    assert set(queries.missing(case)) == {"commune", "reason_label"}
    typed = typed_over(case, place={"commune_text": "Lusignan"}, reason={"reason_label": "Fièvre"})
    assert queries.missing(typed) == {}


def test_each_place_is_proposed_once_the_latest_first() -> None:
    for _ in range(2):
        make.qualified_case()
    last = make.qualified_case(at=AT + timedelta(minutes=5))
    assert [case.number for case in known_addresses("chemin JARS", by=make.arm())] == [last.number]
    assert known_addresses(" ", by=make.arm()) == []
    assert known_addresses("jars", by=make.arm(make_sas("79"))) == []


def test_known_people_are_of_this_sas_each_once_best_known_first() -> None:
    old = [make.qualified_case(at=AT - timedelta(days=days)) for days in (30, 10)]
    ops.link_patient(old[1], by=make.arm(), at=AT, patient=old[0].patient)
    make.qualified_case(at=AT - timedelta(days=5), sas=make_sas("79"))
    same_number = make.case(at=AT - timedelta(days=3))
    case = make.qualified_case()
    known = queries.known_people(case, by=make.arm(), at=AT)
    assert [like.case.number for like in known] == [old[1].number, same_number.number]
    assert known[0].why == ["même nom", "même naissance", "même numéro"]
    assert known[1].why == ["même numéro"]


def test_a_person_dismissed_or_linked_is_proposed_no_more() -> None:
    arm = make.arm()
    old, other = make.qualified_case(at=AT - timedelta(days=9)), make.case(at=AT - timedelta(days=3))
    case = make.qualified_case(by=arm)
    ops.dismiss_lookalike(case, by=arm, at=AT, other=other)
    ops.link_patient(case, by=arm, at=AT, patient=old.patient)
    assert queries.known_people(queries.case(case.number, by=arm), by=arm, at=AT) == []
