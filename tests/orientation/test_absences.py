from datetime import timedelta

import pytest

from quinze.accounts.roles import Role
from quinze.availability.operations import add_absence, withdraw_absence
from quinze.orientation import operations
from quinze.orientation.models import RequestEvent
from quinze.orientation.queries.replacements import to_replace
from tests.factories import orientation as make
from tests.factories.accounts import make_actor, make_user
from tests.factories.orientation import AT

pytestmark = pytest.mark.django_db


def test_people_expected_during_an_absence_are_on_the_list_until_somebody_acts() -> None:
    land = make.territory()
    place = make.doctor(land, "Cormier")
    inside = make.booked(make.request(land), place, make.slot(place, 3), land)
    make.booked(make.request(land), place, make.slot(place, 8), land)
    place.professional.account = make_user()
    place.professional.save()
    doctor = make_actor(Role.EFFECTEUR, land.sas, user=place.professional.account, at=AT)

    posted = add_absence(
        place.professional, start=AT + timedelta(hours=2), end=AT + timedelta(hours=5), by=doctor, at=AT
    )

    assert list(to_replace(sas=land.sas, at=AT)) == [inside]
    event = RequestEvent.objects.get(kind="doctor_away")
    assert (event.request_id, event.data["booking_id"], event.by) == (inside.request_id, inside.pk, doctor.user)

    withdraw_absence(posted.absence, by=doctor, at=AT)
    assert not to_replace(sas=land.sas, at=AT)

    add_absence(place.professional, start=AT + timedelta(hours=2), by=doctor, at=AT)
    operations.cancel(booking=inside, by_kind="staff", reason="médecin absent", by=land.osnp, at=AT)
    assert inside not in to_replace(sas=land.sas, at=AT)
