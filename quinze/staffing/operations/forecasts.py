"""Counts of calls become a kept forecast; the school calendar that a SAS brings."""

from datetime import date, datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base.errors import Refusal
from quinze.science.forecast import Forecast, Unusable
from quinze.science.forecast.files import ALL, read_regressor
from quinze.science.forecast.school import read_school_calendar
from quinze.science.forecast.study import Asked, Studied, as_text, study
from quinze.staffing.models import CallForecast, SchoolCalendar
from quinze.staffing.operations.rosters import may_edit
from quinze.staffing.queries.national import departement
from quinze.staffing.queries.planning import school_calendar

DAYS = 28
MOST_BYTES = 20 * 2**20  # sent by a page; the command reads larger files
LONGEST_SOURCE = 200


def forecast_counts(
    content: bytes, *, by: Actor, at: datetime, regressor: bytes = b"", days: int = DAYS
) -> CallForecast:
    """Learns from a file of counts of this SAS (science/forecast/files.py) and keeps what it expects for `days` days.

    `regressor`: one value a day, past and coming (an epidemic index). Refusal with the line and value that are wrong,
    with too few days, or when the file counts several SAS.
    """
    may_edit(by)
    if len(content) > MOST_BYTES:
        raise Refusal(f"Ce fichier dépasse {MOST_BYTES // 2**20} Mo.", field="file", code="large")
    own = school_calendar(by.sas)
    try:
        asked = Asked(
            departement=departement(by.sas.code), days=days,
            regressors={"indice": read_regressor(regressor)} if regressor else {},
            school=_periods(own) if own else (),
        )  # fmt: skip
        studies = study(content, asked)
    except Unusable as wrong:
        raise Refusal(str(wrong), field="file", code="unusable") from wrong
    return _kept(studies, by=by, at=at)


def _periods(own: SchoolCalendar) -> tuple[tuple[date, date], ...]:
    return tuple((date.fromisoformat(first), date.fromisoformat(after)) for first, after, _ in own.periods)


@transaction.atomic
def _kept(studies: list[Studied], *, by: Actor, at: datetime) -> CallForecast:
    if len(studies) != 1:
        raise Refusal("Ce fichier compte plusieurs SAS : gardez les lignes du vôtre.", field="file", code="several")
    made = studies[0]
    if made.model is None:
        raise Refusal(made.refused, field="file", code="refused")
    whole = made.forecasts[ALL]
    first = whole.starts[0].astimezone(made.model.series.place.zone).date()
    days = (whole.starts[-1].astimezone(made.model.series.place.zone).date() - first).days + 1
    return CallForecast.objects.create(
        sas=by.sas, first=first, days=days, content=_content(whole), report=as_text(studies), by=by.user, at=at
    )


def _content(whole: Forecast) -> dict[str, list[object]]:
    bounds = whole.bounds
    return {
        "starts": [start.isoformat() for start in whole.starts],
        "mean": [round(value, 3) for value in whole.mean.tolist()],
        "low": bounds[:, 1].tolist(),
        "high": bounds[:, 2].tolist(),
    }


@transaction.atomic
def bring_school_calendar(content: bytes, *, source: str, by: Actor, at: datetime) -> SchoolCalendar:
    """Replaces the one before for the forecasts to come. `source`: where it was found, and when."""
    may_edit(by)
    if not source.strip():
        raise Refusal("Dites d’où viennent ces dates.", field="source", code="source")
    try:
        found = read_school_calendar(content, departement=departement(by.sas.code))
    except Unusable as wrong:
        raise Refusal(str(wrong), field="file", code="unusable") from wrong
    periods = [[first.isoformat(), after.isoformat(), name] for first, after, name in found]
    return SchoolCalendar.objects.create(
        sas=by.sas, periods=periods, source=source.strip()[:LONGEST_SOURCE], by=by.user, at=at
    )
