"""Journey (e): a range declared on a Tuesday, an absence on it, and what the OSNP may offer."""

import pytest

from tests.journeys.company import Company
from tests.journeys.people import TheCityDoctor, TheOsnp

pytestmark = pytest.mark.journey


@pytest.fixture
def the_city_doctor(company: Company) -> TheCityDoctor:
    return company(TheCityDoctor, "medecin2")


def test_a_range_is_offered_as_soon_as_declared_and_no_longer_once_the_doctor_is_away(
    the_osnp: TheOsnp, the_city_doctor: TheCityDoctor
) -> None:
    # Given a patient of Montmorillon for whom nobody is free
    the_osnp.takes_the_request_of("PIC Armand")
    the_osnp.is_not_offered("Dr Paul Charme")

    # When the doctor of the town opens Tuesday from four to five
    the_city_doctor.declares_a_range("mar.", starts="16h", ends="17h")
    the_city_doctor.sees_that_the_sas_sees("16:00")

    # Then the OSNP may offer him
    the_osnp.reviews_the_order()
    the_osnp.is_offered("Dr Paul Charme")

    # When he must leave that afternoon
    the_city_doctor.declares_an_absence_today(starts="15h30", ends="18h")

    # Then he sees his seats leave what the SAS sees, the OSNP is told, and is no longer offered them
    the_city_doctor.sees_that_the_sas_no_longer_sees("16:00")
    the_osnp.sees_that_the_offer_changed()
    the_osnp.reviews_the_order()
    the_osnp.is_not_offered("Dr Paul Charme")
