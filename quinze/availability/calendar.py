"""Public holidays, as they are observed in the département of a place."""

from collections.abc import Iterable
from datetime import date
from functools import cache

import holidays

# Local calendars of the `holidays` package; every other département keeps the national one.
_LOCAL = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    "975": "PM",
    "977": "BL",
    "978": "MF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}
_OVERSEAS = ("971", "972", "973", "974", "976")


@cache
def _of_year(subdivision: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FR", subdiv=subdivision, years=year))


def public_holidays(departement: str, years: Iterable[int]) -> frozenset[date]:
    subdivision = departement if departement in _OVERSEAS else _LOCAL.get(departement)
    return frozenset().union(*(_of_year(subdivision, year) for year in years))
