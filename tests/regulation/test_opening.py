from datetime import UTC, date, datetime

import pytest

from quinze.base.errors import Refusal
from quinze.base.models import LiveEvent
from quinze.patients.models import Patient
from quinze.regulation import numbering, queries
from quinze.regulation import operations as ops
from quinze.regulation.models import Step
from tests.factories import regulation as make
from tests.factories.accounts import make_sas
from tests.factories.regulation import AT

pytestmark = pytest.mark.django_db


def test_one_keystroke_opens_a_file_with_its_number_its_call_and_an_unknown_person() -> None:
    arm = make.arm()
    case = ops.open_case(by=arm, at=AT, caller_number="06 39 98 41 27")

    assert case.number == "DRFR158602632100001"
    assert (case.step, case.state, case.attribution, case.claimed_by) == (Step.ARM, "ACTIF", "DR.DREG", arm.user)
    assert (case.caller_number, case.callback_phone) == ("+33639984127", "+33639984127")
    assert case.patient.identity == Patient.Identity.PROVISIONAL
    assert [contact.number for contact in queries.contacts(case)] == ["+33639984127"]
    assert [event.text for event in queries.chronology(case, by=arm)] == ["Appel du 06 39 98 41 27. Dossier ouvert."]
    topics = {"worklist", f"case:{case.number}", "list:arm", f"desk:{case.opened_by_id}"}
    assert [set(event.topics) for event in LiveEvent.objects.all()] == [topics]


def test_a_number_that_is_none_is_kept_as_the_network_shows_it() -> None:
    case = ops.open_case(by=make.arm(), at=AT, caller_number="Anonyme")
    assert (case.caller_number, case.callback_phone) == ("Anonyme", "")


def test_a_masked_number_opens_a_file_too() -> None:
    arm = make.arm()
    case = ops.open_case(by=arm, at=AT)
    assert queries.chronology(case, by=arm)[0].text == "Appel, numéro masqué. Dossier ouvert."


def test_numbers_follow_each_other_and_begin_again_with_the_day_of_the_sas() -> None:
    reunion = make_sas("974", zone="Indian/Reunion", samu_letter="0")
    arm = make.arm(reunion)
    numbers = [
        ops.open_case(by=arm, at=datetime(2026, 11, 17, 19, 59, tzinfo=UTC)).number,
        ops.open_case(by=arm, at=datetime(2026, 11, 17, 19, 59, 30, tzinfo=UTC)).number,
        ops.open_case(by=arm, at=datetime(2026, 11, 17, 20, 0, tzinfo=UTC)).number,  # midnight in Saint-Denis
    ]
    assert numbers == ["DRFR1597402632100001", "DRFR1597402632100002", "DRFR1597402632200001"]


def test_the_last_day_of_a_leap_year_is_366() -> None:
    number = numbering.national(sas_code="21-58", samu_letter="B", day=date(2028, 12, 31), order=42)
    assert number == "DRFR1521B2836600042"


@pytest.mark.parametrize("role", ["osnp", "supervisor"])
def test_those_who_take_no_call_open_no_file(role: str) -> None:
    actor = getattr(make, role)()
    with pytest.raises(Refusal, match="Seuls un ARM ou un médecin"):
        ops.open_case(by=actor, at=AT)
