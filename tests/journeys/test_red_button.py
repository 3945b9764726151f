"""Journey (d): the OSNP hears something that worries, and hits the red button."""

import pytest

from tests.journeys.people import TheDoctor, TheOsnp

pytestmark = pytest.mark.journey


def test_the_red_button_of_the_osnp_sends_the_file_to_the_amu_doctor(
    the_osnp: TheOsnp, the_amu_doctor: TheDoctor
) -> None:
    # Given a request that an OSNP works on, and a doctor whose list is on the screen
    the_amu_doctor.waits_at_the_list()
    the_osnp.takes_the_request_of("MÉSANGE Rosalie")

    # When a sign worries
    the_osnp.hits_the_red_button()

    # Then the file is first in the doctor's list, live, and the doctor takes it
    the_amu_doctor.sees_the_emergency_arrive("P0, MÉSANGE Rosalie", within=10)
    the_amu_doctor.takes_the_next()
    the_amu_doctor.reads_in_the_file("MÉSANGE Rosalie")
    the_amu_doctor.reads_in_the_file("Bouton rouge de Nadia Vonne")
