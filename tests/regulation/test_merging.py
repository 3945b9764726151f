from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from quinze.base.errors import NotFound, Refusal
from quinze.base.models import LiveEvent
from quinze.regulation import operations as ops
from quinze.regulation import queries
from quinze.regulation.models import CaseFile, Step
from tests.factories import patients as people
from tests.factories import regulation as make
from tests.factories.accounts import make_sas
from tests.factories.regulation import AT

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=2)


def test_a_joined_file_leaves_the_lists_and_gives_all_it_knew() -> None:
    arm = make.arm()
    first, second = make.qualified_case(by=arm), make.case(by=arm, number="")
    ops.record_contact(first, by=arm, at=AT, direction="in", outcome="hung_up")
    ops.keep_draft(first, by=arm, at=AT, section="medical", values={"weight": "16"}, base_version=1)
    kept = ops.merge(first, by=arm, at=LATER, into=second, reason="même appel")

    first.refresh_from_db()
    assert (first.step, first.merged_into, first.attribution) == (Step.MERGED, second, "D.D-MALV.ITERATIF")
    assert (kept.callback_phone, kept.commune_text, kept.reason_code) == (make.CALLER_E164, "Lusignan", "M19.05.00")
    assert len(queries.contacts(kept)) == 3
    assert queries.drafts(first, by=arm)["medical"].values == {"weight": "16"}
    assert [row.number for row in queries.worklist(by=arm, at=LATER)] == [second.number]
    texts = [event.text for event in queries.chronology(kept, by=arm)]
    assert f"Dossier {first.number} joint à celui-ci : même appel" in texts
    assert any(text.startswith("Adresse 4 chemin des Jars") for text in texts)


def test_nothing_known_is_replaced_by_a_merge() -> None:
    arm = make.arm()
    first, second = make.qualified_case(by=arm), make.qualified_case(by=arm, reason_code="M17.03.00")
    assert ops.merge(first, by=arm, at=LATER, into=second, reason="x").reason_code == "M17.03.00"


def test_a_p0_survives_the_merge() -> None:
    arm = make.arm()
    first, second = ops.red_flag(make.case(by=arm), by=arm, at=AT), make.case(by=arm)
    kept = ops.merge(first, by=arm, at=LATER, into=second, reason="x")
    assert (kept.priority, kept.step, kept.stream) == ("P0", Step.AMU, "AMU")


def test_the_red_button_on_a_joined_file_reaches_the_one_that_lives() -> None:
    arm = make.arm()
    first, second = make.case(by=arm), make.case(by=arm)
    ops.merge(first, by=arm, at=LATER, into=second, reason="x")
    assert ops.red_flag(first, by=arm, at=LATER) == second


def test_a_file_is_joined_once_and_never_to_itself_nor_to_another_sas() -> None:
    arm = make.arm()
    first, second, third = (make.case(by=arm) for _ in range(3))
    with pytest.raises(Refusal, match="à lui-même"):
        ops.merge(first, by=arm, at=LATER, into=first, reason="x")
    with pytest.raises(NotFound):
        ops.merge(first, by=arm, at=LATER, into=make.case(sas=make_sas("79")), reason="x")
    with pytest.raises(Refusal, match="Dites pourquoi"):
        ops.merge(first, by=arm, at=LATER, into=second, reason="")
    ops.merge(first, by=arm, at=LATER, into=second, reason="x")
    with pytest.raises(Refusal, match="a été joint au dossier"):
        ops.merge(first, by=arm, at=LATER, into=third, reason="x")
    with pytest.raises(IntegrityError, match="not_merged_into_itself"), transaction.atomic():
        CaseFile.objects.filter(pk=third.pk).update(merged_into=third)


def test_two_provisional_identities_of_one_request_are_chained_unless_they_differ() -> None:
    arm = make.arm()
    first, second, third = make.case(by=arm), make.qualified_case(by=arm), make.case(by=arm)
    make.save(third, "patient", by=arm, birth="01/01/1950")
    ops.merge(first, by=arm, at=LATER, into=second, reason="x")
    ops.merge(third, by=arm, at=LATER, into=second, reason="x")
    first.patient.refresh_from_db()
    third.patient.refresh_from_db()
    assert (first.patient.merged_into, third.patient.merged_into) == (second.patient, None)


def test_a_file_finds_its_person_and_the_provisional_identity_stays() -> None:
    arm = make.arm()
    known = people.validated(arm.sas)
    case = make.save(make.case(by=arm), "patient", by=arm, given_name="Noé", phone="06 39 98 00 01")
    provisional = case.patient
    case = ops.link_patient(case, by=arm, at=LATER, patient=known)
    provisional.refresh_from_db()
    assert (case.patient, provisional.merged_into, case.patient.phone) == (known, known, "+33639980001")
    assert queries.chronology(case, by=arm)[-1].text == "Relié à PINSON Noé, déjà connu du SAS."


def test_two_births_are_two_people() -> None:
    arm = make.arm()
    case = make.save(make.case(by=arm), "patient", by=arm, birth="09/03/2022")
    with pytest.raises(Refusal) as refused:
        ops.link_patient(case, by=arm, at=LATER, patient=people.patient(arm.sas))
    assert refused.value.message == (
        "Les naissances diffèrent : 09/03/2022 et 08/03/2022. Vérifiez l’identité avant de relier."
    )


def test_a_person_of_another_sas_is_unknown_here() -> None:
    case = make.case()
    with pytest.raises(NotFound):
        ops.link_patient(case, by=make.arm(), at=LATER, patient=people.patient(make_sas("79")))


def test_the_list_that_a_joined_file_leaves_hears_of_it() -> None:
    arm = make.arm()
    into, other = make.waiting_case(by=arm), make.waiting_case(by=arm)
    ops.merge(other, by=arm, at=LATER, into=into, reason="Même demande")
    events = LiveEvent.objects.filter(at=LATER, topics__contains=[f"case:{other.number}"])
    assert "list:snp" in {topic for event in events for topic in event.topics}
