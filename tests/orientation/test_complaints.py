"""What users of other systems complain of, in the search. The whole list: docs/reference/complaints.md."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quinze.base.errors import Refusal
from quinze.orientation import queries
from tests.factories import orientation as make

AT = make.AT
pytestmark = pytest.mark.django_db


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


def reads(land: make.Territory) -> int:
    request = make.request(land)
    with CaptureQueriesContext(connection) as seen:
        make.searched(request, land)
    return len(seen)


def test_complaint_19_a_search_reads_as_often_for_thirty_doctors_as_for_one(land: make.Territory):
    """Availability takes 10 to 25 seconds, and more for a team: one read for each agenda."""
    make.slot(make.doctor(land), 2)
    reads(land)  # what a process reads once
    for_one = reads(land)
    for number in range(29):
        place = make.doctor(land, km=1 + number / 10, member_of=(land.cpts,))
        for hour in range(2, 6):
            make.slot(place, hour)
    assert reads(land) == for_one


def test_complaint_20_a_search_always_has_an_end_and_reads_a_few_seats_of_each_agenda(land: make.Territory):
    """Searches without a date, and one whole schedule sent for each slot."""
    place = make.doctor(land)
    for number in range(40):
        make.slot(place, 1 + number / 2)
    request = make.request(land, hours=6)
    view = make.searched(request, land)
    (proposal,) = [found for level in view.levels for found in level.proposals]
    assert 1 <= len(proposal.slots) <= 3
    assert all(slot.starts_at <= request.deadline for slot in proposal.slots)
    log = queries.latest_ranking(request)
    assert log is not None
    assert len(str(log.inputs)) < 20_000
    with pytest.raises(Refusal):
        make.request(land, deadline=AT - timedelta(hours=1))
