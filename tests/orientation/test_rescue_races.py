"""Two workers, two OSNP, one freed seat: it is offered once and given once."""

from datetime import timedelta

import pytest

from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.orientation.models import RescueOffer
from quinze.orientation.operations import rescue
from tests.factories import orientation as make
from tests.factories.accounts import make_actor
from tests.factories.orientation import AT

from .test_races import race, winners
from .test_rescue import LATER, freed, offered

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_workers_offer_a_seat_once_and_a_person_one_seat() -> None:
    land = make.territory()
    freed(land)
    freed(land, hours=4)
    make.request(land, hours=6)
    race(*[lambda: rescue.rescue_seats(at=LATER)] * 4)
    assert RescueOffer.objects.count() == 1
    rescue.rescue_seats(at=LATER + timedelta(minutes=5))
    assert RescueOffer.objects.filter(state="proposed").count() == 1


def test_two_osnp_accept_one_offer_and_one_of_them_is_told() -> None:
    land = make.territory()
    slot = freed(land)
    make.request(land, hours=6)
    offer = offered(land)
    colleague = make_actor(Role.OSNP, land.sas, at=AT)
    answers = race(*(lambda by=by: rescue.accept(offer=offer, by=by, at=LATER) for by in (land.osnp, colleague)))
    assert len(winners(answers)) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"over"}
    slot.refresh_from_db()
    assert slot.taken == 1


def test_a_desk_that_takes_the_seat_and_an_osnp_who_accepts_it_give_it_once() -> None:
    land = make.territory()
    slot = freed(land)
    make.request(land, hours=6)
    offer = offered(land)
    quick = make.request(land, hours=12)
    answers = race(
        lambda: rescue.accept(offer=offer, by=land.osnp, at=LATER),
        lambda: make.held(quick, slot.place, slot, land, at=LATER),
    )
    assert len(winners(answers)) == 1
    slot.refresh_from_db()
    assert slot.taken == 1
