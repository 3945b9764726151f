from datetime import UTC, datetime, timedelta

import pytest

from quinze.accounts.roles import Role
from quinze.accounts.shifts import Worked, excluded_by

NOON = datetime(2026, 11, 17, 12, tzinfo=UTC)


def worked(role, start, end):
    at = lambda hours: None if hours is None else NOON + timedelta(hours=hours)  # noqa: E731
    return Worked(role=role, start=at(start), end=at(end))


@pytest.mark.parametrize(
    ("wanted", "before", "refused_by"),
    [
        (Role.OSNP, [], None),
        (Role.OSNP, [(Role.ARM, -4, -1)], Role.ARM),
        (Role.ARM, [(Role.OSNP, -4, -1)], Role.OSNP),
        (Role.OSNP, [(Role.ARM, -4, None)], Role.ARM),
        (Role.OSNP, [(Role.ARM, -20, -10.99)], Role.ARM),
        (Role.OSNP, [(Role.ARM, -20, -11)], None),
        # one shift, through a third role held in between
        (Role.OSNP, [(Role.ARM, -16, -12), (Role.SUPERVISOR, -8, -1)], Role.ARM),
        (Role.OSNP, [(Role.ARM, -24, -19.5), (Role.SUPERVISOR, -8, -1)], None),
        # a post that nobody left ended fourteen hours after it began
        (Role.OSNP, [(Role.ARM, -26, None)], None),
        (Role.OSNP, [(Role.ARM, -24, None)], Role.ARM),
        # a rule for ARM and OSNP only
        (Role.SUPERVISOR, [(Role.ARM, -4, -1), (Role.OSNP, -20, -15)], None),
        (Role.ARM, [(Role.ARM, -4, -1)], None),
        (Role.REGULATEUR_SNP, [(Role.REGULATEUR_AMU, -4, -1)], None),
    ],
)
def test_who_is_refused_what(wanted, before, refused_by):
    assert excluded_by(wanted, [worked(*each) for each in before], at=NOON) == refused_by
