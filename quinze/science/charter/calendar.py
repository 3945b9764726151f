"""When a level of the charter is open: windows in local time, no clock and no calendar of its own."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
EVERY_DAY = frozenset(range(7))


class Holidays(StrEnum):
    ANY = "any"
    ONLY = "only"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class LocalMoment:
    """The instant of a ranking as a wall calendar shows it at the place of the request."""

    weekday: int
    minute: int
    is_holiday: bool = False
    is_pdsa: bool = False


def local_moment(at: datetime, *, zone: str, is_holiday: bool, is_pdsa: bool) -> LocalMoment:
    local = at.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    return LocalMoment(local.weekday(), minute, is_holiday, is_pdsa)


@dataclass(frozen=True, slots=True)
class Window:
    days: frozenset[int] = EVERY_DAY
    start: int = 0
    end: int = DAY_MINUTES
    holidays: Holidays = Holidays.ANY
    pdsa: bool | None = None

    def accepts_day(self, weekday: int, *, is_holiday: bool) -> bool:
        if self.holidays is Holidays.ONLY:
            return is_holiday and weekday in self.days
        if self.holidays is Holidays.NEVER and is_holiday:
            return False
        return weekday in self.days

    def holds(self, moment: LocalMoment) -> bool:
        return (
            self.accepts_day(moment.weekday, is_holiday=moment.is_holiday)
            and self.start <= moment.minute < self.end
            and self.pdsa in (None, moment.is_pdsa)
        )

    def next_start(self, after: datetime, *, zone: ZoneInfo, holidays: Collection[date]) -> datetime | None:
        """None when it depends on the PDSA, whose future hours are not an input."""
        if self.pdsa is not None:
            return None
        today = after.astimezone(zone).date()
        for offset in range(9):
            day = today + timedelta(days=offset)
            opens = _instant(day, self.start, zone)
            if opens > after and self.accepts_day(day.weekday(), is_holiday=day in holidays):
                return opens.astimezone(after.tzinfo)
        return None


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)


def is_open(windows: tuple[Window, ...], moment: LocalMoment) -> bool:
    return not windows or any(window.holds(moment) for window in windows)


def next_opening(
    windows: tuple[Window, ...], *, after: datetime, zone: str, holidays: Collection[date]
) -> datetime | None:
    place = ZoneInfo(zone)
    starts = [window.next_start(after, zone=place, holidays=holidays) for window in windows]
    return min((start for start in starts if start is not None), default=None)
