"""Journey (c): a feverish child whose doctor is away: charter, slot, booking, cancellation, booking again, seen."""

from collections.abc import Iterator

import pytest

from tests.journeys.company import PHONE, Company
from tests.journeys.conftest import TUESDAY_MORNING
from tests.journeys.people import TheArm, TheCityDoctor, TheDoctor, TheOsnp, ThePatient
from tests.journeys.service import Service, living_at

pytestmark = pytest.mark.journey
TUESDAY_AFTERNOON = "2026-11-17T14:30+01:00"


@pytest.fixture
def service(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A day of its own: it ends in the afternoon."""
    with living_at(TUESDAY_MORNING, folder=tmp_path_factory.mktemp("fever")) as service:
        yield service


def test_a_feverish_child_is_seen_four_kilometres_away_after_a_change_of_mind(
    the_arm: TheArm,
    the_general_practitioner: TheDoctor,
    the_osnp: TheOsnp,
    company: Company,
    service: Service,
) -> None:
    # Given a child with fever at Lusignan, whose doctor is away until Thursday
    the_arm.answers("06 39 98 41 27")
    the_arm.says_where("Lusignan")
    the_arm.says_who(family="Pinson", given="Noé", birth="08/03/2022", sex="M")
    the_arm.names_the_referring_doctor("aub", "Rémi Aubépine")
    the_arm.chooses_the_reason("fièvre", "Fièvre")
    the_arm.types_the_summary("39,4 depuis hier soir, boit un peu, joue entre deux accès.")
    the_arm.hands_over(stream="SNP", priority="P2")
    the_general_practitioner.takes_the_next()
    the_general_practitioner.entrusts_to_the_osnp(within="12", instruction="Pas de téléconsultation.")

    # When the OSNP takes the request, the charter goes past the absent doctor to the next level
    the_osnp.takes_the_next_request()
    the_osnp.reads_in_the_request("Aubépine")
    the_osnp.reads_in_the_request("absence déclarée")
    the_osnp.sees_first("Dr Hélène Cormier", r"4,\d\skm", "14:00")

    # And books the first seat
    the_osnp.reaches_the_first_seat_of("Dr Hélène Cormier")
    the_osnp.holds_the_seat()
    the_osnp.sees_the_seat_held("14:00")
    the_osnp.confirms_to_the_patient()

    # When the family gives the seat back by the link of the text message
    the_family = company(ThePatient, viewport=PHONE)
    the_family.opens_the_link(the_osnp.reads_the_link_sent_to("06 39 98 41 27"))
    the_family.reads_the_appointment("14 h", "Dr Hélène Cormier", "Coulombiers")
    the_family.cancels()

    # Then the seat is free again, and the same OSNP books it again
    the_osnp.takes_the_request_of("PINSON Noé")
    the_osnp.sees_first("Dr Hélène Cormier", "14:00")
    the_osnp.reaches_the_first_seat_of("Dr Hélène Cormier")
    the_osnp.holds_the_seat()
    the_osnp.sees_the_seat_held("14:00")
    the_osnp.confirms_to_the_patient()

    # When the afternoon comes and the doctor has seen the child
    with service.later(TUESDAY_AFTERNOON) as afternoon:
        the_city_doctor = company(TheCityDoctor, "medecin", viewport=PHONE, at=afternoon)
        the_city_doctor.records_that_the_patient_was_seen("Pinson")

        # Then the file tells the whole story
        the_regulator = company(TheDoctor, "snp", at=afternoon)
        the_regulator.reads_the_chronology_of("Pinson")
        the_regulator.sees_in_the_chronology("Rendez-vous pris", "annulé", "Patient venu")
        the_city_doctor.leaves()
        the_regulator.leaves()
