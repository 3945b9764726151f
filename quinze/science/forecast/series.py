"""Counts of calls by local day and slot, with how long each cell was really observed.

A cell is a local hour, half-hour or quarter-hour of a local day. Its exposure is the number of times it was observed:
1 as a rule, 0 in a gap and in the hour that does not exist in spring, 2 in the hour that happens twice in autumn. Zero
calls in an observed cell is a fact; a cell that was not observed says nothing, and is never taken as zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from quinze.science.forecast.calendars import Place
from quinze.science.forecast.errors import Unusable

Floats = npt.NDArray[np.float64]
STEPS = (15, 30, 60)
MOST_CALLS = 100_000  # in one slot: fifty times the busiest hour ever published
MOST_DAYS = 366 * 15
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
ONE_DAY = timedelta(days=1)  # of calendar dates
SHOWN = 3
NO_LINE = "Aucune ligne. Accepté : au moins une date et un nombre d’appels."


@dataclass(frozen=True, slots=True)
class Series:
    """`counts` and `exposure` have one row a local day and 24 × 60 / step columns. `missing`: slots inside the period
    that nobody counted.
    """

    place: Place
    first: date
    step: int
    counts: Floats
    exposure: Floats
    missing: int = 0

    @property
    def days(self) -> int:
        return int(self.counts.shape[0])

    @property
    def after(self) -> date:
        """The day after the last one."""
        return self.first + timedelta(days=self.days)

    def between(self, first: date, after: date) -> "Series":
        low, high = (min(self.days, max(0, (day - self.first).days)) for day in (first, after))
        return replace(self, first=max(first, self.first), counts=self.counts[low:high],
                       exposure=self.exposure[low:high], missing=0)  # fmt: skip

    def hourly(self) -> tuple[Floats, Floats]:
        """Counts and exposure by local hour, (days, 24): exposure 0.75 when one quarter of the hour is missing."""
        slots = 60 // self.step
        shape = (self.days, 24, slots)
        return self.counts.reshape(shape).sum(axis=2), self.exposure.reshape(shape).sum(axis=2) / slots


def from_counts(rows: Iterable[tuple[datetime, float]], *, place: Place, step: int | None = None) -> Series:
    """From (start of the slot, calls). A start without offset is local time of `place`; the hour that happens twice in
    autumn is read in order. The step is found from the data unless given. Raises Unusable.
    """
    read = _read(rows, place.zone)
    if not read.calls:
        raise Unusable(NO_LINE)
    return _gridded(read, place, step or _step(read.calls))


def from_levels(
    levels: Mapping[str, Iterable[tuple[datetime, float]]], *, place: Place, step: int | None = None
) -> tuple[Series, dict[str, Series]]:
    """(all levels together, each level), on the same days. In a slot where one level has a line, a level without a
    line had no call: exports by level leave zeros out. Raises Unusable.
    """
    reads = {name: _read(rows, place.zone) for name, rows in levels.items()}
    whole = _Reader(place.zone)
    for read in reads.values():
        whole.local |= read.local
        for instant, calls in read.calls.items():
            whole.calls[instant] = whole.calls.get(instant, 0.0) + calls
    if not whole.calls:
        raise Unusable(NO_LINE)
    step = step or _step(whole.calls)
    for read in reads.values():
        read.calls = {instant: read.calls.get(instant, 0.0) for instant in whole.calls}
        read.local = whole.local
    return _gridded(whole, place, step), {name: _gridded(read, place, step) for name, read in reads.items()}


def _read(rows: Iterable[tuple[datetime, float]], zone: ZoneInfo) -> "_Reader":
    read = _Reader(zone)
    for start, calls in rows:
        read.add(start, calls)
    return read


class _Reader:
    """Instants (UTC epoch seconds) → (local start, calls)."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone, self.calls = zone, dict[int, float]()
        self.local = dict[int, datetime]()
        self._plain = dict[date, timedelta | None]()  # days whose clocks do not move → their offset

    def add(self, start: datetime, calls: float) -> None:
        _check_count(start, calls)
        _check_date(start)
        instant, local = self._read(start) if start.tzinfo is None else self._told(start)
        if instant in self.calls:
            raise Unusable(
                f"{local:%d/%m/%Y %H:%M} apparaît deux fois. Accepté : une ligne par créneau (l’heure répétée du "
                "passage à l’heure d’hiver mise à part)."
            )
        self.calls[instant], self.local[instant] = calls, local

    def _told(self, start: datetime) -> tuple[int, datetime]:
        return int(start.timestamp()), start.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def _read(self, start: datetime) -> tuple[int, datetime]:
        offset = self._offset(start.date())
        if offset is not None:
            return int((start - offset).replace(tzinfo=UTC).timestamp()), start
        first = start.replace(tzinfo=self.zone, fold=0)
        instant = first.astimezone(UTC)
        if instant.astimezone(self.zone).replace(tzinfo=None) != start:
            raise Unusable(
                f"{start:%d/%m/%Y %H:%M} n’existe pas : ce jour-là, on passe à l’heure d’été. Accepté : l’heure locale "
                "telle qu’elle a été, ou des heures avec leur décalage (2026-03-29T03:00+02:00)."
            )
        if int(instant.timestamp()) in self.calls:
            instant = start.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        return int(instant.timestamp()), start

    def _offset(self, day: date) -> timedelta | None:
        if day not in self._plain:
            night, next_night = (datetime.combine(some, time(), self.zone).utcoffset() for some in (day, day + ONE_DAY))
            self._plain[day] = night if night == next_night else None
        return self._plain[day]


def _check_count(start: datetime, calls: float) -> None:
    if not 0 <= calls <= MOST_CALLS:  # also false for NaN
        raise Unusable(
            f"{start:%d/%m/%Y %H:%M} : {calls:g} appels. Accepté : de 0 à {MOST_CALLS} par créneau ; un créneau non "
            "compté s’omet, il ne vaut pas zéro."
        )


def _check_date(start: datetime) -> None:
    if not EARLIEST <= start.date() < LATEST:
        raise Unusable(f"{start:%d/%m/%Y} : vérifiez l’année. Accepté : de 2000 à 2099.")


def _step(instants: Iterable[int]) -> int:
    """In minutes: the smallest gap between two slots."""
    ordered = np.sort(np.fromiter(instants, dtype=np.int64))
    smallest = int(np.diff(ordered).min()) // 60 if len(ordered) > 1 else 60
    if smallest not in STEPS:
        raise Unusable(
            f"Le plus petit écart entre deux lignes est de {smallest} minutes. Accepté : 15, 30 ou 60 minutes."
        )
    return smallest


def _gridded(read: _Reader, place: Place, step: int) -> Series:
    _check_grid(read, step)
    first, last = (read.local[edge].date() for edge in (min(read.calls), max(read.calls)))
    days = (last - first).days + 1
    if days > MOST_DAYS:
        raise Unusable(f"Du {first:%d/%m/%Y} au {last:%d/%m/%Y} : {days} jours. Accepté : {MOST_DAYS} jours au plus.")
    counts, exposure = np.zeros((days, 24 * 60 // step)), np.zeros((days, 24 * 60 // step))
    locals_ = [read.local[instant] for instant in read.calls]
    rows = np.array([(local.date() - first).days for local in locals_])
    columns = np.array([(local.hour * 60 + local.minute) // step for local in locals_])
    np.add.at(counts, (rows, columns), np.fromiter(read.calls.values(), dtype=np.float64))
    np.add.at(exposure, (rows, columns), 1.0)
    expected = (max(read.calls) - min(read.calls)) // (60 * step) + 1
    return Series(place, first, step, counts, exposure, missing=expected - len(read.calls))


def _check_grid(read: _Reader, step: int) -> None:
    off = [local for local in read.local.values() if local.minute % step or local.second or local.microsecond]
    if off:
        shown = ", ".join(f"{local:%d/%m/%Y %H:%M:%S}" for local in off[:SHOWN])
        raise Unusable(
            f"{len(off)} ligne(s) ne tombent pas sur un créneau de {step} minutes : {shown}. Accepté : des débuts à "
            f"{', '.join(f'hh:{minute:02}' for minute in range(0, 60, step))}."
        )
