from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from quinze.base.errors import Conflict, Refusal
from quinze.patients.models import AccessRecord
from quinze.regulation import operations as ops
from quinze.regulation.models import CaseEvent, CaseFile, Presence
from quinze.regulation.operations.record import locked
from tests.factories import regulation as make
from tests.factories.accounts import make_sas
from tests.factories.regulation import AT

LATER = AT + timedelta(minutes=4)


def at_once(*acts: Any) -> list[Any]:
    """Each act on its own connection, all let go at the same instant; a refusal is an answer."""
    start = Barrier(len(acts))

    def run(act: Any) -> Any:
        try:
            start.wait(timeout=10)
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db
def test_the_next_file_is_the_most_urgent_then_the_one_that_waits_most() -> None:
    arm, doctor = make.arm(), make.doctor()
    late = make.waiting_case("SNP", "P2", at=AT + timedelta(minutes=2), by=arm)
    early = make.waiting_case("SNP", "P2", at=AT, by=arm)
    urgent = make.waiting_case("SNP", "P1", at=AT + timedelta(minutes=3), by=arm)
    make.waiting_case("AMU", "P1", at=AT, by=arm)
    taken = [ops.claim_next(by=doctor, at=LATER) for _ in range(4)]
    assert taken == [urgent, early, late, None]


@pytest.mark.django_db
def test_a_file_to_be_called_back_later_is_not_next_yet() -> None:
    case, doctor = make.waiting_case(), make.doctor()
    ops.schedule_callback(case, by=doctor, at=AT, due_at=AT + timedelta(hours=1), reason="après le repas")
    assert ops.claim_next(by=doctor, at=LATER) is None
    assert ops.claim_next(by=doctor, at=AT + timedelta(hours=1)) == case


@pytest.mark.django_db
def test_the_next_file_is_never_that_of_another_sas() -> None:
    make.waiting_case("SNP", sas=make_sas("79"))
    assert ops.claim_next(by=make.doctor(sas=make_sas("86")), at=LATER) is None


@pytest.mark.django_db
def test_a_file_held_by_a_colleague_says_by_whom_and_since_when() -> None:
    case, first = make.waiting_case(), make.doctor()
    ops.claim(case, by=first, at=LATER)
    with pytest.raises(Conflict) as refused:
        ops.claim(case, by=make.doctor(), at=LATER)
    assert refused.value.message == f"{first.user} a déjà pris ce dossier."
    assert (refused.value.data["holder"], refused.value.data["since"]) == (str(first.user), LATER)


@pytest.mark.django_db
def test_a_released_file_goes_back_to_its_place() -> None:
    case, doctor = make.waiting_case(), make.doctor()
    ops.claim(case, by=doctor, at=LATER)
    case = ops.release(case, by=doctor, at=LATER)
    assert (case.claimed_by, case.claimed_at, case.waiting_since) == (None, None, AT)


@pytest.mark.django_db
def test_only_the_holder_or_the_supervisor_gives_a_file_back() -> None:
    case = ops.claim(make.waiting_case(), by=make.doctor(), at=LATER)
    with pytest.raises(Conflict):
        ops.release(case, by=make.doctor(), at=LATER)
    assert ops.release(case, by=make.supervisor(), at=LATER).claimed_by is None


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["osnp", "supervisor", "arm"])
def test_who_does_not_regulate_takes_no_doctor_s_file(role: str) -> None:
    with pytest.raises(Refusal, match="pas à prendre depuis votre poste"):
        ops.claim(make.waiting_case(), by=getattr(make, role)(), at=LATER)


@pytest.mark.django_db
def test_a_claim_always_says_who_and_when() -> None:
    case = make.waiting_case()
    with pytest.raises(IntegrityError, match="claim_has_who_and_when"), transaction.atomic():
        CaseFile.objects.filter(pk=case.pk).update(claimed_at=AT)


@pytest.mark.django_db(transaction=True)
def test_two_doctors_who_press_together_never_get_the_same_file() -> None:
    case, doctors = make.waiting_case(), [make.doctor(), make.doctor()]
    answers = at_once(*[lambda d=d: ops.claim(case, by=d, at=LATER) for d in doctors])
    assert sorted(type(answer).__name__ for answer in answers) == ["CaseFile", "Conflict"]
    assert CaseEvent.objects.filter(case=case, kind="claimed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_desks_taking_the_next_get_twenty_different_files() -> None:
    arm, doctors = make.arm(), [make.doctor() for _ in range(20)]
    cases = [make.waiting_case("SNP", "P2", at=AT + timedelta(seconds=n), by=arm) for n in range(20)]
    taken = at_once(*[lambda d=d: ops.claim_next(by=d, at=LATER) for d in doctors])
    assert sorted(case.number for case in taken) == sorted(case.number for case in cases)


@pytest.mark.django_db(transaction=True)
def test_a_row_that_another_desk_is_taking_is_stepped_over() -> None:
    first, second = make.waiting_case(at=AT), make.waiting_case(at=AT + timedelta(minutes=1))
    one, two = make.doctor(), make.doctor()
    with transaction.atomic():
        assert ops.claim_next(by=one, at=LATER) == first
        (taken,) = at_once(lambda: ops.claim_next(by=two, at=LATER))
    assert taken == second


@pytest.mark.django_db(transaction=True)
def test_twenty_calls_at_once_have_twenty_numbers_in_a_row() -> None:
    arms = [make.arm() for _ in range(20)]
    cases = at_once(*[lambda a=a: ops.open_case(by=a, at=AT, caller_number=make.CALLER) for a in arms])
    assert sorted(int(case.number[-5:]) for case in cases) == list(range(1, 21))


@pytest.mark.django_db(transaction=True)
def test_two_people_saving_one_section_at_the_same_instant_both_stay() -> None:
    one, two = make.arm(), make.arm()
    case = make.case(by=one)

    def save(by: make.Actor, **values: str) -> Any:
        return lambda: ops.save_section(case, by=by, at=AT, section="medical", values=values, base_version=1)

    at_once(save(one, weight="16 kg"), save(two, allergies="aucune"))
    case.refresh_from_db()
    assert (case.weight, case.allergies, case.medical_version) == ("16 kg", "aucune", 3)

    answers = at_once(save(one, treatments="aucun"), save(two, treatments="insuline"))
    assert sorted(type(answer).__name__ for answer in answers) == ["CaseFile", "Conflict"]


@pytest.mark.django_db(transaction=True)
def test_two_pages_of_one_file_saved_at_the_same_instant_lose_nothing() -> None:
    one, two = make.arm(), make.arm()
    case = make.case(by=one)

    def save(by: make.Actor, **values: str) -> Any:
        typed = [ops.Typed("medical", values, 1), ops.Typed("patient", {}, 1)]
        return lambda: ops.save_together(case, by=by, at=AT, typed=typed)

    at_once(save(one, weight="16 kg"), save(two, allergies="aucune"))
    case.refresh_from_db()
    assert (case.weight, case.allergies, case.medical_version) == ("16 kg", "aucune", 3)

    answers = at_once(save(one, treatments="aucun"), save(two, treatments="insuline"))
    assert sorted(type(answer).__name__ for answer in answers) == ["CaseFile", "Conflict"]


@pytest.mark.django_db(transaction=True)
def test_two_people_handing_over_one_page_send_it_once() -> None:
    one, two = make.arm(), make.arm()
    case = make.qualified_case(by=one)

    def send(by: make.Actor, stream: str) -> Any:
        typed = [ops.Typed("place", {"access": by.user.given_name}, 1)]
        return lambda: ops.save_together(case, by=by, at=LATER, typed=typed, then=ops.Sending(stream, "P2"))

    answers = at_once(send(one, "SNP"), send(two, "AMU"))
    assert sorted(isinstance(answer, Refusal) for answer in answers) == [False, True]
    sent = next(answer for answer in answers if isinstance(answer, CaseFile))
    case.refresh_from_db()
    assert (case.stream, case.step) == (sent.stream, sent.step)
    assert CaseEvent.objects.filter(case=case, kind="handed_over").count() == 1


@pytest.mark.django_db(transaction=True)
def test_somebody_who_opens_a_file_twice_at_once_is_there_once() -> None:
    case, doctor = make.waiting_case(), make.doctor()
    at_once(*[lambda: ops.open_for_reading(case.number, by=doctor, at=LATER)] * 2)
    assert Presence.objects.filter(case=case).count() == 1
    assert AccessRecord.objects.filter(reference=case.number).count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_file_is_not_locked_outside_a_transaction() -> None:
    arm = make.arm()
    with pytest.raises(transaction.TransactionManagementError):
        locked(make.case(by=arm), by=arm)


@pytest.mark.django_db(transaction=True)
def test_two_files_joined_both_ways_at_once_make_one() -> None:
    arm, other = make.arm(), make.arm()
    a, b = make.case(by=arm), make.case(by=arm)
    answers = at_once(
        lambda: ops.merge(a, by=arm, at=LATER, into=b, reason="même appel"),
        lambda: ops.merge(b, by=other, at=LATER, into=a, reason="même appel"),
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["CaseFile", "Refusal"]
    assert CaseFile.objects.filter(merged_into=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_identity_of_one_person_saved_from_two_files_at_once_does_not_lock_up() -> None:
    arm, other = make.arm(), make.arm()
    known = make.case(by=arm).patient
    cases = [make.case(by=arm) for _ in range(2)]
    CaseFile.objects.filter(pk__in=[case.pk for case in cases]).update(patient=known)

    def save(case: CaseFile, by: make.Actor, **values: str) -> Any:
        return lambda: ops.save_section(case, by=by, at=AT, section="patient", values=values, base_version=1)

    answers = at_once(save(cases[0], arm, family_name="Pinson"), save(cases[1], other, given_name="Noé"))
    assert [type(answer) for answer in answers] == [CaseFile, CaseFile]
    known.refresh_from_db()
    assert (known.family_name, known.given_name, known.search_name) == ("Pinson", "Noé", "pinson noe")


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["regulation_caseevent", "regulation_decision", "patients_accessrecord"])
@pytest.mark.parametrize("act", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_is_written_in_history_is_never_rewritten(table: str, act: str) -> None:
    doctor = make.doctor()
    case, _decision = make.decided_case(by=doctor)
    ops.open_for_reading(case.number, by=doctor, at=LATER)
    connection.check_constraints()
    with pytest.raises(Exception, match="append"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act.format(table))
