"""What a SAS plans with: its sorts of shifts, its rules, the calls it expects, its school calendar."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from quinze.accounts.models import Sas, User
from quinze.science import rosters as science
from quinze.staffing.models import CallForecast, RosterRules, RosterWish, SchoolCalendar, ShiftKind
from quinze.staffing.roster_rules import rules_of
from quinze.staffing.shift_kinds import DEFAULT, RoleKind

QUARTERS_OF_WEEK, QUARTERS_OF_DAY = 672, 96


def shift_kinds(sas: Sas) -> list[ShiftKind]:
    return list(ShiftKind.objects.filter(sas=sas).order_by("role", "starts", "minutes", "pk"))


def kinds_of(sas: Sas) -> tuple[RoleKind, ...]:
    """Its own; for roles where it has none, those to begin with."""
    own = [
        RoleKind(each.role, science.Kind(each.name, each.minutes, tuple(each.starts), each.pause, each.cost / 100))
        for each in shift_kinds(sas)
    ]
    has = {each.role for each in own}
    return (*own, *(each for each in DEFAULT if each.role not in has))


def rules(sas: Sas, day: date) -> science.Rules:
    """Those written last for that day; the Code du travail where a SAS wrote none."""
    return rules_of(rules_row(sas, day))


def rules_row(sas: Sas, day: date) -> RosterRules | None:
    return RosterRules.objects.filter(sas=sas, valid_from__lte=day).order_by("-valid_from", "-pk").first()


def rules_history(sas: Sas) -> list[RosterRules]:
    return list(RosterRules.objects.filter(sas=sas).select_related("by").order_by("-valid_from", "-pk")[:20])


def wishes_of(users: Sequence[int]) -> dict[int, list[RosterWish]]:
    found: dict[int, list[RosterWish]] = {pk: [] for pk in users}
    for each in RosterWish.objects.filter(user__in=users).order_by("pk"):
        found[each.user_id].append(each)
    return found


def own_wishes(user: User) -> list[RosterWish]:
    return list(RosterWish.objects.filter(user=user).order_by("pk"))


def latest_forecast(sas: Sas) -> CallForecast | None:
    return CallForecast.objects.filter(sas=sas).select_related("by").order_by("-at", "-pk").first()


def rates_of(forecast: CallForecast, zone: str, *, busy: bool) -> tuple[float, ...]:
    """Calls per hour of each quarter-hour of a week from Monday 0 h, from its first seven days; `busy`: the upper bound
    of the interval at 80 %. An hour that clocks skip takes the one before.
    """
    content, local = forecast.content, ZoneInfo(zone)
    values = content["high" if busy else "mean"]
    cells: dict[int, float] = {}
    after = forecast.first + timedelta(days=7)
    for text, value in zip(content["starts"], values, strict=True):
        start = datetime.fromisoformat(text).astimezone(local)
        if start.date() < after:
            cells.setdefault(start.weekday() * QUARTERS_OF_DAY + start.hour * 4 + start.minute // 15, 4 * value)
    found, last = [], 0.0
    for at in range(QUARTERS_OF_WEEK):
        last = cells.get(at, last)
        found.append(last)
    return tuple(found)


def school_calendar(sas: Sas) -> SchoolCalendar | None:
    return SchoolCalendar.objects.filter(sas=sas).select_related("by").order_by("-at", "-pk").first()
