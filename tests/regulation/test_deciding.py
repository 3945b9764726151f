from datetime import timedelta
from hashlib import sha256

import pytest
from django.test import override_settings

from quinze.base.errors import Conflict, NotFound, Refusal
from quinze.orientation.models import OrientationRequest
from quinze.orientation.operations import requests as osnp_desk
from quinze.regulation import decisions, queries
from quinze.regulation import operations as ops
from quinze.regulation.models import Step
from quinze.regulation.operations import letters
from tests.factories import directory as places
from tests.factories import regulation as make
from tests.factories.accounts import make_sas
from tests.factories.regulation import ADVICE, AT, CITY, PRESCRIPTION

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=10)
NURSE_VISIT = {
    "destination": "CABINET",
    "profession": "60",
    "specialty": "",
    "modalities": ["HH"],
    "care": " Perfusion ",
}


def test_a_decision_is_kept_told_and_makes_the_file_a_medical_one() -> None:
    case, doctor = make.waiting_case(), make.doctor()
    decision = ops.decide(case, by=doctor, at=LATER, details=ADVICE, care_level="R4")
    case.refresh_from_db()
    assert (decision.nature, decision.by, decision.patient) == ("CONSEIL", doctor.user, case.patient)
    assert (case.attribution, case.care_level, case.claimed_by) == ("DRM.MRL.MG", "R4", doctor.user)
    assert queries.chronology(case, by=doctor)[-1].text == (
        "Conseil médical : Faire boire, paracétamol selon le poids. Signes de rappel du 15 dits. Niveau R4."
    )


def test_several_decisions_stay_side_by_side() -> None:
    case, doctor = make.waiting_case(), make.doctor()
    for details in (ADVICE, PRESCRIPTION):
        ops.decide(case, by=doctor, at=LATER, details=details)
    assert [decision.nature for decision in queries.decisions(case)] == ["CONSEIL", "PMT"]


@pytest.mark.parametrize(("role", "stream"), [("SNP", "SNP"), ("AMU", "AMU")])
def test_an_osnp_is_asked_directly_from_either_stream(role: str, stream: str) -> None:
    lusignan = places.commune("Lusignan", lat=46.43, lon=0.12)
    arm, doctor = make.arm(), make.doctor(role)
    case = make.waiting_case(stream, "P1", by=arm)
    make.save(case, "place", by=arm, commune=lusignan.pk, transport="Fauteuil roulant, VSL")
    decision = ops.decide(case, by=doctor, at=LATER, details=CITY, care_level="R3")

    request = OrientationRequest.objects.get()
    assert decision.orientation_request == request
    assert (request.case_number, request.priority, request.requested_by) == (case.number, "P1", doctor.user)
    assert (request.deadline, request.limit_at) == (LATER + timedelta(hours=12), AT + timedelta(hours=48))
    assert (request.commune, request.lat, request.needs_wheelchair) == (lusignan, 46.43, True)
    case.refresh_from_db()
    assert (case.step, case.waiting_since, case.claimed_by) == (Step.OSNP, LATER, None)


def test_the_care_prescribed_to_a_nurse_goes_with_the_request_and_its_doctor() -> None:
    case, doctor = make.waiting_case(), make.doctor()
    details = decisions.from_values("ORIENT", NURSE_VISIT)
    ops.decide(case, by=doctor, at=LATER, details=details)
    request = OrientationRequest.objects.get()
    assert (request.profession, request.care) == ("60", "Perfusion")
    assert (request.requested_by, request.requested_at) == (doctor.user, LATER)


def test_one_need_is_asked_once() -> None:
    case, doctor = make.waiting_case(), make.doctor()
    ops.decide(case, by=doctor, at=LATER, details=CITY)
    with pytest.raises(Refusal, match="L’OSNP a déjà cette demande"):
        ops.decide(case, by=doctor, at=LATER, details=CITY)


def test_nobody_decides_on_a_file_that_a_colleague_holds() -> None:
    case = ops.claim(make.waiting_case(), by=make.doctor(), at=AT)
    with pytest.raises(Conflict):
        ops.decide(case, by=make.doctor(), at=LATER, details=ADVICE)


@pytest.mark.parametrize("role", ["arm", "osnp", "supervisor"])
def test_only_a_doctor_decides(role: str) -> None:
    with pytest.raises(Refusal, match="Seul un médecin régulateur décide"):
        ops.decide(make.waiting_case(), by=getattr(make, role)(), at=LATER, details=ADVICE)


def test_a_doctor_closes_what_is_decided_and_a_complete_file_is_validated() -> None:
    doctor = make.doctor()
    case = ops.claim(make.waiting_case(), by=doctor, at=AT)
    with pytest.raises(Refusal, match="décidez avant de clore"):
        ops.close(case, by=doctor, at=LATER)
    ops.decide(case, by=doctor, at=LATER, details=ADVICE)
    case = ops.close(case, by=doctor, at=LATER)
    assert (case.step, case.state, case.closed_at) == (Step.CLOSED, "VALIDE", LATER)


def test_an_incomplete_file_is_validated_when_it_is_completed() -> None:
    doctor = make.doctor()
    case = ops.red_flag(make.case(), by=make.arm(), at=AT)
    doctor = make.doctor("AMU")
    ops.decide(case, by=doctor, at=LATER, details=ADVICE)
    assert ops.close(case, by=doctor, at=LATER).state == "ACHEVE"
    make.save(case, "place", by=doctor, address="A10, aire des Cent Septiers")
    make.save(case, "reason", by=doctor, reason_code="M17.03.00")
    case = make.save(case, "patient", by=doctor, family_name="Héron", birth="72 ans", sex="M")
    assert case.state == "VALIDE"


def test_a_doctor_does_not_close_over_the_osnp_s_head() -> None:
    case, doctor = make.waiting_case(), make.doctor()
    ops.decide(case, by=doctor, at=LATER, details=CITY)
    with pytest.raises(Refusal, match="Une orientation est en cours"):
        ops.close(case, by=doctor, at=LATER)


def test_an_arm_closes_what_needs_no_doctor_and_says_why() -> None:
    arm = make.arm()
    case = make.case(by=arm)
    with pytest.raises(Refusal) as refused:
        ops.close(case, by=arm, at=LATER)
    assert refused.value.field == "attribution"
    case = ops.close(case, by=arm, at=LATER, attribution="DR.DREG.DRPHARMA")
    assert (case.step, case.state, case.priority) == (Step.CLOSED, "VALIDE", "NR")


def test_a_person_who_rings_again_reopens_the_file() -> None:
    doctor, arm = make.doctor(), make.arm()
    case, _ = make.decided_case(by=doctor)
    ops.close(case, by=doctor, at=LATER)
    ops.record_contact(case, by=arm, at=LATER, direction="in", outcome="answered")
    case.refresh_from_db()
    assert (case.step, case.state, case.waiting_since) == (Step.SNP, "ACTIF", LATER)


def test_a_file_ages_to_cloture_then_classe_and_comes_back_no_more() -> None:
    doctor = make.doctor()
    case, _ = make.decided_case(by=doctor)
    ops.close(case, by=doctor, at=AT)
    assert ops.send_ageing_states(at=AT + timedelta(hours=23)) == 0
    assert ops.send_ageing_states(at=AT + timedelta(hours=24)) == 1
    with pytest.raises(Refusal, match="ouvrez un nouveau dossier"):
        ops.reopen(case, by=doctor, at=AT + timedelta(hours=25), reason="a rappelé")
    assert ops.send_ageing_states(at=AT + timedelta(days=93)) == 1
    case.refresh_from_db()
    assert case.state == "CLASSE"


def test_the_osnp_gives_the_need_back_and_the_file_waits_for_a_doctor_again() -> None:
    case, doctor, osnp = make.waiting_case(), make.doctor(), make.osnp()
    request = ops.decide(case, by=doctor, at=LATER, details=CITY).orientation_request
    assert request
    osnp_desk.claim(request=request, by=osnp, at=LATER)
    osnp_desk.give_back(request=request, by=osnp, at=LATER, reason="personne avant ce soir")
    case.refresh_from_db()
    assert (case.step, case.state) == (Step.SNP, "ACTIF")
    texts = [event.text for event in queries.chronology(case, by=doctor)]
    assert "Demande rendue au médecin : personne avant ce soir" in texts


def test_the_red_button_of_the_osnp_makes_a_p0() -> None:
    case, doctor, osnp = make.waiting_case(), make.doctor(), make.osnp()
    request = ops.decide(case, by=doctor, at=LATER, details=CITY).orientation_request
    assert request
    osnp_desk.red_flag(request=request, by=osnp, at=LATER, note="lèvres bleues")
    case.refresh_from_db()
    assert (case.priority, case.step, case.stream, case.red_flag_by) == ("P0", Step.AMU, "AMU", osnp.user)


def test_a_p0_from_elsewhere_takes_the_request_back_from_the_osnp() -> None:
    case, doctor = make.waiting_case(), make.doctor()
    ops.decide(case, by=doctor, at=LATER, details=CITY)
    case = ops.red_flag(case, by=make.arm(), at=LATER)
    assert case.step == Step.AMU
    assert OrientationRequest.objects.get().status == "withdrawn"


def test_a_request_closed_without_an_appointment_closes_the_file() -> None:
    case, doctor, osnp = make.waiting_case(), make.doctor(), make.osnp()
    request = ops.decide(case, by=doctor, at=LATER, details=CITY).orientation_request
    assert request
    osnp_desk.claim(request=request, by=osnp, at=LATER)
    osnp_desk.close_without_booking(request=request, by=osnp, at=LATER, reason="ira chez son médecin")
    case.refresh_from_db()
    assert (case.step, case.state) == (Step.CLOSED, "VALIDE")


@override_settings(QUINZE_DEMO=True)
def test_a_letter_is_a_pdf_with_its_fingerprint() -> None:
    case, doctor = make.waiting_case(), make.doctor()
    decision = ops.decide(case, by=doctor, at=LATER, details=PRESCRIPTION)
    letter = ops.make_letter(decision, by=doctor, at=LATER)
    assert (letter.kind, bytes(letter.pdf)[:5]) == ("prescription", b"%PDF-")
    assert letter.sha256 == sha256(bytes(letter.pdf)).hexdigest()
    assert [kept.sha256 for kept in queries.letters(case)] == [letter.sha256]
    assert queries.letter(letter.pk, by=doctor) == letter
    with pytest.raises(NotFound):
        queries.letter(letter.pk, by=make.doctor(sas=make_sas("79")))


def test_what_people_type_in_a_letter_is_never_markup() -> None:
    hostile = 'Boire #read("/etc/passwd") $x^2$ *gras* \\ "fin" // rien\n#import "x"\n<b>'
    data = letters.content(
        ops.decide(make.waiting_case(), by=make.doctor(), at=LATER, details=make.Advice(hostile)),
        kind="advice",
        at=LATER,
    )
    assert letters.render(data | {"doctor": hostile, "person": hostile, "sas": hostile})[:5] == b"%PDF-"


def test_an_orientation_makes_no_letter() -> None:
    doctor = make.doctor()
    decision = ops.decide(make.waiting_case(), by=doctor, at=LATER, details=CITY)
    with pytest.raises(Refusal, match="à partir d’un conseil ou d’une ordonnance"):
        ops.make_letter(decision, by=doctor, at=LATER)


def test_a_closed_file_is_reopened_before_anything_is_planned_on_it() -> None:
    doctor = make.doctor()
    case, _ = make.decided_case(by=doctor)
    case = ops.close(case, by=doctor, at=LATER)
    acts = [
        lambda: ops.schedule_callback(case, by=doctor, at=LATER, due_at=LATER + timedelta(hours=1), reason="x"),
        lambda: ops.redirect(case, by=doctor, at=LATER, stream="AMU", reason="x"),
        lambda: ops.hand_over_to(case, by=doctor, at=LATER, user=doctor.user, role=doctor.role),
    ]
    for act in acts:
        with pytest.raises(Refusal, match="rouvrez-le d’abord"):
            act()
    assert ops.reopen(case, by=doctor, at=LATER, reason="a rappelé").step == Step.SNP
