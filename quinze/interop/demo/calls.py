"""What calls to expect in the demonstration: forecast by the operation of the page, from counts that are drawn."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role
from quinze.interop.demo import staff
from quinze.science.forecast.synthetic import samu_like
from quinze.staffing import operations as do
from quinze.staffing.queries.planning import latest_forecast

CALLS_AN_HOUR = 200_000 / 8_766  # the year that the capacity study starts from
COUNTED = 120  # days
AHEAD = 7  # days still to come: with fewer, forecast again


def keep_forecast(*, at: datetime) -> bool:
    """True when it was made again. A forecast that a visitor made is left until its days are over."""
    sas = Sas.objects.filter(code="86").first()
    supervisor = User.objects.filter(email=f"superviseur@{staff.DOMAIN}").first()
    if sas is None or supervisor is None or _is_ahead(sas, at):
        return False
    by = Actor(user=supervisor, role=Role.SUPERVISOR, sas=sas)
    do.forecast_counts(counts(sas, until=at), by=by, at=at)
    return True


def _is_ahead(sas: Sas, at: datetime) -> bool:
    found = latest_forecast(sas)
    return found is not None and found.first + timedelta(days=found.days) > (at + timedelta(days=AHEAD)).date()


def counts(sas: Sas, *, until: datetime) -> bytes:
    """Hours of the days before that of `until`, as a switch would export them: the hour that clocks skip is absent."""
    zone = ZoneInfo(sas.zone)
    first = until.astimezone(zone).date() - timedelta(days=COUNTED)
    drawn = samu_like(seed=86, days=COUNTED, mean=CALLS_AN_HOUR, departement=sas.code, first=first).series.counts
    midnight = datetime.combine(first, datetime.min.time(), zone)
    lines = ["debut;appels"]
    for (day, hour), calls in np.ndenumerate(drawn):
        start = midnight + timedelta(days=day, hours=hour)  # by the clock on the wall
        if start.astimezone(ZoneInfo("UTC")).astimezone(zone).hour == hour:
            lines.append(f"{start.isoformat()};{calls:.0f}")
    return "\n".join(lines).encode()
