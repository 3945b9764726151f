from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime

from quinze.accounts.models import Sas
from quinze.science.rosters import Bar, Period
from quinze.staffing.eligibility import Limit, limits
from quinze.staffing.models import StaffFact
from quinze.staffing.rostering import days_bounds


def facts_of(sas: Sas, users: Collection[int]) -> dict[int, list[StaffFact]]:
    """In the order in which they were written."""
    found = defaultdict[int, list[StaffFact]](list)
    for each in StaffFact.objects.filter(sas=sas, user__in=users).select_related("by").order_by("pk"):
        found[each.user_id].append(each)
    return found


def bars_of(facts: Sequence[StaffFact], *, end: datetime, zone: str) -> tuple[Bar, ...]:
    """Limits passed before `end`, for the rules of rosters."""
    found = ((each, days_bounds(each.day, each.day, zone)[0]) for each in limits(facts))
    return tuple(Bar(each.posts, Period(start, end), each.said) for each, start in found if start < end)


def limit_today(user: int, *, sas: Sas, role: str, day: date) -> Limit | None:
    """What bars them from this role on this day."""
    found = limits(facts_of(sas, [user])[user])
    return next((each for each in found if role in each.posts and each.day <= day), None)
