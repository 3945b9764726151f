"""Journey (b): an earache on a Saturday at eleven, a general practitioner, advice and nothing else."""

import pytest

from tests.journeys.people import TheArm, TheDoctor
from tests.journeys.service import Service

pytestmark = pytest.mark.journey


@pytest.fixture
def service(saturday: Service) -> Service:
    return saturday


def test_an_earache_on_a_saturday_ends_with_the_advice_of_a_general_practitioner(
    the_arm: TheArm, the_general_practitioner: TheDoctor
) -> None:
    # Given a grown-up whose ear hurts since the night, no sign of gravity
    the_arm.answers("06 39 98 41 02")
    the_arm.says_where("Lusignan")
    the_arm.says_who(family="Loriot", given="Basile", birth="34 ans", sex="M")
    the_arm.chooses_the_reason("oreille", "Douleurs ORL")
    the_arm.types_the_summary("Mal à l’oreille droite depuis cette nuit, pas de fièvre.")

    # When the ARM passes the file to the general practitioner, who is on duty until noon
    the_arm.hands_over(stream="SNP", priority="P3")
    the_general_practitioner.takes_the_next()
    the_general_practitioner.reads_in_the_file("Mal à l’oreille droite")

    # Then advice is enough, it is a letter, and the file closes
    the_general_practitioner.gives_advice_only("Paracétamol, un gramme si douleur. Consulter lundi.", level="R4")
    the_general_practitioner.prints_the_letter_of_advice()
    the_general_practitioner.closes_the_file()
    the_general_practitioner.reads_the_chronology_of("Loriot")
    the_general_practitioner.sees_in_the_chronology("Conseils en PDF", "Dossier clos")
