"""A doctor whose own calendar cannot be read any more: flagged to the OSNP, ranked after the others, never deleted."""

from datetime import timedelta
from typing import Any

import pytest

from quinze.availability.models import CalendarFeed
from quinze.directory.models import Place
from quinze.orientation.queries.stale import stale_feeds
from tests.factories import directory
from tests.factories import orientation as make

AT = make.AT
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def feed(place: Place, *, read: timedelta | None, where: Place | None = None, **fields: Any) -> CalendarFeed:
    """Read with success so long ago."""
    succeeded = None if read is None else AT - read
    defaults: dict[str, Any] = {"created_at": AT - 10 * HOUR, "next_pull_at": AT, "succeeded_at": succeeded}
    return CalendarFeed.objects.create(
        professional=place.professional, place=where, name="Agenda", kind="ics", host="exemple.fr", sealed="x",
        fingerprint=str(CalendarFeed.objects.count()), **defaults | fields,
    )  # fmt: skip


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


def labels(land: make.Territory) -> list[str]:
    view = make.searched(make.request(land), land)
    return [proposal.label for level in view.levels for proposal in level.proposals]


def test_seats_of_a_stale_calendar_come_after_the_others_and_stay_bookable(land: make.Territory) -> None:
    """Complaint 18: the doctor nearest and earliest is proposed last, with the reason, and can still be booked."""
    near, far = make.doctor(land, "Aulne", km=1), make.doctor(land, "Bouleau", km=6)
    seat = make.slot(near, 2)
    make.slot(far, 20)
    assert labels(land) == ["Dr Hélène Aulne", "Dr Hélène Bouleau"]

    feed(near, read=3 * HOUR)

    assert labels(land) == ["Dr Hélène Bouleau", "Dr Hélène Aulne"]
    view = make.searched(make.request(land), land)
    last = [proposal for level in view.levels for proposal in level.proposals][-1]
    assert "agenda non actualisé" in last.reasons
    assert make.booked(make.request(land), near, seat, land).slot == seat


def test_a_calendar_is_stale_when_its_sas_says_so(land: make.Territory) -> None:
    place = make.doctor(land, "Aulne")
    owner = f"p{place.professional_id}"
    feed(place, read=HOUR)
    assert stale_feeds(land.sas.pk, at=AT) == frozenset()
    assert stale_feeds(land.sas.pk, at=AT + HOUR + timedelta(minutes=1)) == {(owner, None)}

    directory.parameter(land.sas, "feed_stale_minutes", 30)
    assert stale_feeds(land.sas.pk, at=AT) == {(owner, None)}


def test_a_calendar_never_read_is_stale_from_its_making(land: make.Territory) -> None:
    place = make.doctor(land, "Aulne")
    feed(place, read=None, created_at=AT - HOUR)
    assert not stale_feeds(land.sas.pk, at=AT)
    assert stale_feeds(land.sas.pk, at=AT + 2 * HOUR)


def test_a_detached_calendar_and_those_of_another_sas_weigh_nothing(land: make.Territory) -> None:
    feed(make.doctor(land, "Aulne"), read=9 * HOUR, ended_at=AT)
    feed(make.doctor(land, "Bouleau", participates=False), read=9 * HOUR)
    assert not stale_feeds(land.sas.pk, at=AT)


def test_a_stale_calendar_of_one_place_leaves_the_other_place_first(land: make.Territory) -> None:
    near = make.doctor(land, "Aulne", km=1)
    annexe = directory.place(near.professional, land.commune, lat=near.lat, lon=near.lon, address="2 rue du Lac")
    make.slot(near, 2)
    kept = make.slot(annexe, 20)
    feed(near, read=3 * HOUR, where=near)
    view = make.searched(make.request(land), land)
    assert view.first is not None
    assert [slot.id for slot in view.first.slots] == [kept.pk]
