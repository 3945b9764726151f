"""Journey (a): chest pain, P0, AMU doctor within ten seconds."""

import pytest

from tests.journeys.hands import Stopwatch
from tests.journeys.people import TheArm, TheDoctor

pytestmark = pytest.mark.journey


def test_a_chest_pain_reaches_the_amu_doctor_within_ten_seconds(the_arm: TheArm, the_amu_doctor: TheDoctor) -> None:
    # Given a doctor whose list is quiet, and a call that has just been answered
    the_amu_doctor.waits_at_the_list()
    the_arm.answers("06 39 98 41 01")

    # When two words are enough for the ARM
    the_arm.types_the_summary("douleur thoracique")
    alert = Stopwatch()
    the_arm.hits_the_vital_emergency_key()

    # Then the doctor is told without touching anything, and takes the file with what the ARM typed
    the_amu_doctor.sees_the_emergency_arrive("attend un médecin", within=10)
    print(f"\nF9 → liste du médecin AMU : {alert.seconds:.2f} s")
    assert alert.seconds < 10
    the_arm.sees_that_the_emergency_was_sent()
    the_amu_doctor.takes_the_next()
    the_amu_doctor.reads_in_the_file("douleur thoracique")

    # And the ARM, who stays with the caller, sees who took it
    the_arm.sees_who_took_it("Dr Marc Anglin")
