"""What people would like, as periods that the solver hears. No database here.

A wish about nights counts for their heart, 23 h to 5 h; about days, for 8 h to 20 h: a shift that only touches the
evening is neither.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from quinze.science.rosters import Period, Wish

ONE_DAY = timedelta(days=1)
MOST_WISHES = 20
STRENGTHS = ((6, "Je le demande"), (3, "J’aime bien"), (-3, "Plutôt pas"), (-8, "Surtout pas"))
WEEKDAYS = ("lundis", "mardis", "mercredis", "jeudis", "vendredis", "samedis", "dimanches")
PARTS = {
    None: (time(0), timedelta(days=1)),
    False: (time(8), timedelta(hours=12)),
    True: (time(23), timedelta(hours=6)),
}


class Told(Protocol):
    @property
    def weekday(self) -> int | None: ...
    @property
    def night(self) -> bool | None: ...
    @property
    def first(self) -> date | None: ...
    @property
    def last(self) -> date | None: ...
    @property
    def weight(self) -> int: ...


def wishes_between(told: Iterable[Told], first: date, last: date, *, zone: ZoneInfo) -> tuple[Wish, ...]:
    """One wish for each local day concerned, from the eve of `first` to `last`."""
    days = [first + index * ONE_DAY for index in range(-1, (last - first).days + 1)]
    return tuple(Wish(_period(day, zone, night=each.night), each.weight) for each in told for day in _days(each, days))


def _days(each: Told, days: Iterable[date]) -> Iterator[date]:
    for day in days:
        on = each.weekday is None or day.weekday() == each.weekday
        if on and (each.first is None or each.last is None or each.first <= day <= each.last):
            yield day


def _period(day: date, zone: ZoneInfo, *, night: bool | None) -> Period:
    start, length = PARTS[night]
    wall = datetime.combine(day, start)
    return Period(wall.replace(tzinfo=zone), (wall + length).replace(tzinfo=zone))


def sentence(each: Told) -> str:
    """« Plutôt pas : les mercredis, de nuit, du 01/12/2026 au 15/12/2026 »."""
    strength = next((label for weight, label in STRENGTHS if weight == each.weight), f"Poids {each.weight}")
    parts = [f"les {WEEKDAYS[each.weekday]}"] if each.weekday is not None else []
    parts += [] if each.night is None else ["de nuit" if each.night else "de jour"]
    if each.first and each.last:
        same = each.first == each.last
        parts.append(f"le {each.first:%d/%m/%Y}" if same else f"du {each.first:%d/%m/%Y} au {each.last:%d/%m/%Y}")
    return f"{strength} : {', '.join(parts)}"
