"""The instant of a search as the charter's calendars read it, in the local time of the SAS."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from quinze.directory.opening import Calendar
from quinze.directory.queries import calendar
from quinze.orientation.models import OrientationRequest
from quinze.science.charter import LocalMoment

AHEAD = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Days:
    moment: LocalMoment
    holidays_ahead: frozenset[date]


def zone_of(request: OrientationRequest) -> str:
    return request.sas.zone


def days_of(request: OrientationRequest, at: datetime) -> Days:
    return days_in(calendar(request.sas, at), at)


def days_in(wall: Calendar, at: datetime) -> Days:
    now = wall.local_moment(at)
    last = now.day + AHEAD
    known = {day for year in {now.day.year, last.year} for day in wall.holidays_of(year)}
    return Days(
        moment=LocalMoment(now.weekday, now.minute, now.is_holiday, now.is_pdsa),
        holidays_ahead=frozenset(day for day in known if now.day <= day <= last),
    )
