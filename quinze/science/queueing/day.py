"""A supposed day of calls, for who has no count by the hour: replaced as soon as a centre gives its own."""

from collections.abc import Sequence

from quinze.science.queueing.bounds import Unacceptable, check

HOURS = tuple(range(24))
_SHAPE = (60, 47, 40, 36, 35, 38, 48, 68, 95, 122, 136, 138, 124, 120, 118, 116, 118, 128, 142, 150, 148, 130, 104, 79)
TYPICAL = tuple(24 * part / sum(_SHAPE) for part in _SHAPE)
"""Calls of each local hour ÷ those of the mean hour. Two peaks (late morning, evening) and a trough at 4 h: our working
value, drawn after the shape that SAMU publish; no centre's own figures."""


def calls_by_hour(calls_per_year: float, *, shape: Sequence[float] = TYPICAL) -> tuple[float, ...]:
    """Calls per hour of a mean day. `shape`: 24 figures of any unit, whose proportions alone count."""
    if len(shape) != 24:
        raise Unacceptable("Nombre d’heures d’une journée type", len(shape), "24 valeurs, de 0 h à 23 h")
    for part in shape:
        check(calls_per_hour=part)
    if sum(shape) <= 0:
        raise Unacceptable("Journée type", 0, "au moins une heure avec des appels")
    mean = calls_per_year / 8760
    rates = tuple(mean * part * 24 / sum(shape) for part in shape)
    check(calls_per_hour=max(rates))
    return rates
