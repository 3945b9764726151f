"""Journey (f): two OSNP, one seat."""

import pytest

from tests.journeys.company import Company
from tests.journeys.people import TheOsnp

pytestmark = pytest.mark.journey
NAMES = {"osnp": "Nadia Vonne", "osnp2": "Hugo Envigne"}


def test_of_two_osnp_who_race_for_the_last_seat_exactly_one_gets_it(company: Company) -> None:
    """Complaint 6: two open screens book the same slot, and the capacity is not decremented."""
    # Given two patients of the same town, and one seat at 15:00
    nadia, hugo = company(TheOsnp, "osnp"), company(TheOsnp, "osnp2")
    nadia.takes_the_request_of("GRIVE Jules")
    hugo.takes_the_request_of("HUPPE Alma")
    for osnp in (nadia, hugo):
        osnp.sees_first("Dr Yann Tilleul", "15:00")
        osnp.reaches_the_first_seat_of("Dr Yann Tilleul")

    # When both press at the same moment
    nadia.holds_the_seat()
    hugo.holds_the_seat()

    # Then one has it
    assert [nadia.holds, hugo.holds].count(True) == 1
    winner, loser = (nadia, hugo) if nadia.holds else (hugo, nadia)
    winner.sees_the_seat_held("15:00")

    # And the other is told at once by whom, and takes the next with one key
    loser.is_told_the_seat_is_gone(by=NAMES[winner.login])
    loser.takes_the_seat_offered_next()
    loser.sees_the_seat_held("16:00")
    winner.confirms_to_the_patient()
    loser.confirms_to_the_patient()
