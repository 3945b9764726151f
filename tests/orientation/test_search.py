import pytest

from tests.factories import orientation as make

AT = make.AT
pytestmark = pytest.mark.django_db


def test_a_free_seat_nearby_is_proposed_with_its_reasons():
    land = make.territory()
    place = make.doctor(land, "Cormier", km=4.2, via="cpts", member_of=[land.cpts])
    seat = make.slot(place, 4)
    view = make.searched(make.request(land), land)
    first = view.first
    assert first is not None
    assert (first.label, first.level, first.km) == ("Dr Hélène Cormier", 3, 4.2)
    assert [slot.id for slot in first.slots] == [seat.pk]
    assert first.reasons[:3] == ("niveau 3", "CPTS Sud Vienne", "4,2 km (10 min)")
    assert "libre à 14 h" in first.reasons
