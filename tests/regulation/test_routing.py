from datetime import timedelta

import pytest

from quinze.base.errors import NotFound, Refusal
from quinze.base.models import LiveEvent
from quinze.regulation import operations as ops
from quinze.regulation import queries
from quinze.regulation.models import CaseFile, Step
from tests.factories import regulation as make
from tests.factories.accounts import make_sas
from tests.factories.regulation import AT

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=4)


def last(case: CaseFile, actor: make.Actor) -> str:
    return queries.chronology(case, by=actor)[-1].text


def test_a_file_that_lacks_everything_says_all_that_is_missing() -> None:
    arm = make.arm()
    case = make.case(by=arm, number="")
    with pytest.raises(Refusal) as refused:
        ops.hand_over(case, by=arm, at=AT, stream="SNP", priority="P2")
    assert refused.value.data["missing"] == ["numéro de rappel", "lieu", "motif"]
    assert sorted(refused.value.data["errors"]) == ["callback_phone", "commune", "reason_label"]
    case.refresh_from_db()
    assert case.step == Step.ARM


def test_a_qualified_file_waits_for_its_doctor() -> None:
    arm = make.arm()
    case = make.qualified_case(by=arm)
    case = ops.hand_over(case, by=arm, at=LATER, stream="SNP", priority="P2")
    assert (case.step, case.stream, case.priority) == (Step.SNP, "SNP", "P2")
    assert (case.waiting_since, case.claimed_by, case.snp_deadline) == (LATER, None, AT + timedelta(hours=48))
    assert last(case, arm) == "Passe la main au médecin SNP : P2, motif Fièvre (M19.05.00). « 39,4 depuis hier. »"


def test_a_file_is_handed_over_once() -> None:
    case = make.waiting_case("SNP")
    with pytest.raises(Refusal, match="a déjà été transmis"):
        ops.hand_over(case, by=make.arm(), at=LATER, stream="AMU", priority="P1")


@pytest.mark.parametrize(("before", "after"), [("SNP", "AMU"), ("AMU", "SNP")])
def test_a_file_changes_stream_either_way_and_keeps_its_turn(before: str, after: str) -> None:
    case = make.waiting_case(before)
    doctor = make.doctor(before)
    ops.claim(case, by=doctor, at=LATER)
    case = ops.redirect(case, by=doctor, at=LATER, stream=after, reason="douleur qui change")
    assert (case.stream, case.step, case.claimed_by, case.waiting_since) == (after, after.lower(), None, AT)
    assert last(case, doctor) == f"Redirigé de {before} vers {after} : douleur qui change"


def test_a_change_of_stream_has_its_reason() -> None:
    with pytest.raises(Refusal) as refused:
        ops.redirect(make.waiting_case(), by=make.doctor(), at=LATER, stream="AMU", reason="  ")
    assert refused.value.field == "reason"


def test_p0_sends_an_empty_file_to_the_amu_at_once() -> None:
    arm = make.arm()
    case = ops.red_flag(make.case(by=arm, number=""), by=arm, at=LATER)
    assert (case.priority, case.stream, case.step, case.claimed_by) == ("P0", "AMU", Step.AMU, None)
    assert (case.red_flag_at, case.red_flag_by, case.waiting_since) == (LATER, arm.user, LATER)
    assert last(case, arm) == "P0 : urgence vitale signalée (ARM)."
    lists = {"list:arm", "list:amu", f"desk:{case.opened_by_id}"}  # the one it leaves and the one it enters
    assert set(LiveEvent.objects.latest("pk").topics) == {"worklist", f"case:{case.number}", "p0"} | lists


@pytest.mark.parametrize("desk", ["arm", "osnp", "supervisor", "doctor"])
def test_every_desk_of_the_room_has_the_red_button(desk: str) -> None:
    case = make.waiting_case("SNP", "P3")
    assert ops.red_flag(case, by=getattr(make, desk)(), at=LATER, reason="confuse").priority == "P0"


def test_p0_brings_back_a_closed_file() -> None:
    doctor = make.doctor()
    case, _ = make.decided_case(by=doctor)
    case = ops.close(case, by=doctor, at=LATER)
    assert case.state == "VALIDE"
    case = ops.red_flag(case, by=make.osnp(), at=LATER)
    assert (case.step, case.state, case.closed_at) == (Step.AMU, "ACTIF", None)


def test_an_amu_doctor_who_flags_the_file_they_hold_keeps_it() -> None:
    case, doctor = make.waiting_case("AMU", "P1"), make.doctor("AMU")
    ops.claim(case, by=doctor, at=LATER)
    assert ops.red_flag(case, by=doctor, at=LATER).claimed_by == doctor.user


def test_pressing_p0_twice_writes_one_line() -> None:
    arm = make.arm()
    case = ops.red_flag(make.case(by=arm), by=arm, at=LATER)
    before = len(queries.chronology(case, by=arm))
    ops.red_flag(case, by=arm, at=LATER)
    assert len(queries.chronology(case, by=arm)) == before


def test_a_p0_is_withdrawn_with_a_reason_only() -> None:
    arm = make.arm()
    case = ops.red_flag(make.case(by=arm), by=arm, at=AT)
    with pytest.raises(Refusal, match="Dites pourquoi le P0 est retiré"):
        ops.withdraw_red_flag(case, by=arm, at=LATER, reason="")
    case = ops.withdraw_red_flag(case, by=arm, at=LATER, reason="touche par erreur", priority="P3")
    assert (case.priority, case.red_flag_at, last(case, arm)) == ("P3", None, "P0 retiré, P3 : touche par erreur")


def test_a_p0_does_not_slip_into_the_snp() -> None:
    case = make.waiting_case("AMU", "P0")
    with pytest.raises(Refusal, match="retirez d’abord le P0"):
        ops.redirect(case, by=make.doctor("AMU"), at=LATER, stream="SNP", reason="calme")


def test_a_file_goes_to_one_person_who_has_the_role() -> None:
    case, doctor = make.waiting_case("SNP"), make.doctor("SNP")
    case = ops.hand_over_to(case, by=make.arm(), at=LATER, user=doctor.user, role=doctor.role)
    assert case.claimed_by == doctor.user
    with pytest.raises(Refusal, match="n’a pas ce rôle"):
        ops.hand_over_to(case, by=make.arm(), at=LATER, user=make.osnp().user, role="regulateur_snp")


def test_reevaluation_puts_the_file_back_in_the_doctors_list() -> None:
    doctor = make.doctor()
    case, _ = make.decided_case(by=doctor)
    ops.close(case, by=doctor, at=LATER)
    case = ops.ask_reevaluation(case, by=make.osnp(), at=LATER, reason="plus de fièvre mais somnolent")
    assert (case.step, case.state, case.claimed_by, case.waiting_since) == (Step.SNP, "ACTIF", None, LATER)


def test_a_file_of_another_sas_is_as_good_as_absent_to_every_act() -> None:
    case = make.waiting_case()
    there = make_sas("79")
    arm, doctor = make.arm(there), make.doctor("AMU", there)
    acts = [
        lambda: ops.red_flag(case, by=arm, at=LATER),
        lambda: ops.redirect(case, by=arm, at=LATER, stream="AMU", reason="x"),
        lambda: ops.claim(case, by=doctor, at=LATER),
        lambda: ops.release(case, by=doctor, at=LATER),
        lambda: ops.close(case, by=doctor, at=LATER),
        lambda: ops.decide(case, by=doctor, at=LATER, details=make.ADVICE),
        lambda: ops.add_note(case, by=arm, at=LATER, text="x"),
        lambda: ops.record_contact(case, by=arm, at=LATER, direction="in"),
        lambda: ops.merge(case, by=arm, at=LATER, into=make.case(by=arm), reason="x"),
        lambda: ops.enter_case(case, by=arm, at=LATER),
        lambda: ops.open_for_reading(case.number, by=arm, at=LATER),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act()
