from datetime import datetime, timedelta

from quinze.accounts.models import Sas
from quinze.directory.models import LineClosure, OpeningLine
from quinze.directory.opening import HORIZON_DAYS, Calendar, Hours, LocalMoment
from quinze.directory.queries.parameters import parameters


def calendar(sas: Sas, at: datetime) -> Calendar:
    """The opening rules in force around that instant: three queries, then every answer is computed in memory."""
    chosen = parameters(sas, at)
    near = (at.date() - timedelta(days=2), at.date() + timedelta(days=HORIZON_DAYS + 1))
    closures = LineClosure.objects.filter(sas=sas, day__range=near)
    return Calendar(
        zone=sas.zone,
        hours=tuple(_hours(row) for row in OpeningLine.objects.filter(sas=sas).order_by("weekday", "starts")),
        exceptions={(row.line, row.day): row.is_open for row in closures},
        bridges_are_pdsa=chosen["bridges_are_pdsa"],
        alsace_moselle=chosen["alsace_moselle"],
    )


def is_line_open(sas: Sas, line: str, at: datetime) -> bool:
    """Line "SNP", "AMU" or "PDSA"."""
    return calendar(sas, at).is_open(line, at)


def next_opening(sas: Sas, line: str, at: datetime) -> datetime | None:
    return calendar(sas, at).next_opening(line, at)


def local_moment(sas: Sas, at: datetime) -> LocalMoment:
    """Weekday, local time, holiday, bridge, PDSA: what the charter asks of an instant."""
    return calendar(sas, at).local_moment(at)


def _hours(row: OpeningLine) -> Hours:
    return Hours(row.line, row.weekday, row.starts, row.ends, row.valid_from, row.valid_until, row.on_holidays)
