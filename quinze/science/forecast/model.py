"""A forecast of calls learnt from one series: fit, then predict. No clock, no randomness: same data, same answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from quinze.science.forecast import negative_binomial, regression
from quinze.science.forecast.calendars import days_of, school_known_until
from quinze.science.forecast.design import Design, Regressors, Scaling, design, scaling
from quinze.science.forecast.errors import TooFew, Unusable
from quinze.science.forecast.oddities import Oddity, oddities
from quinze.science.forecast.series import STEPS, Floats, Series
from quinze.science.forecast.shares import kinds, level_shares, quarter_shares
from quinze.science.forecast.shocks import DayShock, day_shock, dispersion_within_days

LEAST_DAYS, FEW_DAYS, ONE_YEAR, TWO_YEARS = 14.0, 56.0, 365.0, 730.0
MOST_DAYS_AHEAD = 400
BOUNDS = (0.025, 0.1, 0.9, 0.975)  # 95 % and 80 %
MANY_ODD = 0.05
MOST_LEVELS = 20


@dataclass(frozen=True, slots=True)
class Forecast:
    """One entry a slot, `starts` in UTC. `bounds` (slots, 4): 95 % low, 80 % low, 80 % high, 95 % high."""

    starts: Sequence[datetime]
    step: int
    mean: Floats
    variation: Floats  # squared, beyond Poisson

    @property
    def bounds(self) -> Floats:
        found = [negative_binomial.quantile(part, self.mean, self.variation) for part in BOUNDS]
        return np.column_stack(found).astype(float)


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt. `notes`: what the reader must know before trusting it, in French."""

    series: Series
    scaling: Scaling
    fit: regression.Fit
    dispersions: Mapping[int, float]  # by step
    shock: DayShock
    quarters: Floats
    odd: tuple[Oddity, ...]
    notes: tuple[str, ...]

    def predict(self, first: date, days: int, *, step: int = 15, regressors: Regressors | None = None) -> Forecast:
        """Every slot of these local days, from the last day learnt at the earliest. Raises Unusable."""
        ahead = (first - self.series.after).days + 1
        _check_wanted(first, days, ahead, step, last=self.series.after - timedelta(days=1))
        place = self.series.place
        columns = design(place, first, days, scaling=self.scaling, regressors=regressors)
        factor, day_variation = self.shock.ahead(ahead + np.arange(days, dtype=np.float64))
        hours = np.exp(self.fit.log_rate(columns)) * factor[:, None]
        shares = np.einsum("dk,khq->dhq", kinds(days_of(place, first, days)), self.quarters)
        slots = (hours[:, :, None] * shares).reshape(days, -1, step // 15).sum(axis=2)
        unknown = np.expm1(self.fit.log_variance(columns)).repeat(60 // step, axis=1)
        variation = (1 + self.dispersions[step]) * (1 + day_variation)[:, None] * (1 + unknown) - 1
        return _laid(self.series, first, step, slots, variation)


def fit(series: Series, *, regressors: Regressors | None = None) -> Model:
    """Raises TooFew under two observed weeks, Unusable for a regressor with holes."""
    counts, exposure = series.hourly()
    _check_enough(exposure)
    scale = scaling(series.first, series.days, regressors)
    columns = design(series.place, series.first, series.days, scaling=scale, regressors=regressors)
    rough = regression.fit(columns, counts, exposure)
    rate = np.exp(rough.log_rate(columns))
    odd = oddities(counts, rate * exposure, first=series.first)
    trusted = sum(each.hours for each in odd) <= MANY_ODD * exposure.sum()
    if trusted and odd:
        series = _without(series, odd)
        counts, exposure = series.hourly()
        rough = regression.fit(columns, counts, exposure, start=rough)
        rate = np.exp(rough.log_rate(columns))
    dispersion = dispersion_within_days(counts, rate * exposure, leverage=rough.leverage(columns, rate * exposure))
    best = regression.fit(columns, counts, exposure, dispersion=dispersion, start=rough)
    return _finished(series, scale, best, columns, odd=odd, trusted=trusted)


def _finished(
    series: Series, scale: Scaling, best: regression.Fit, columns: Design, *, odd: tuple[Oddity, ...], trusted: bool
) -> Model:
    counts, exposure = series.hourly()
    rate = np.exp(best.log_rate(columns))
    days = days_of(series.place, series.first, series.days)
    of_kinds = kinds(days)
    profile = (of_kinds.T @ rate) / np.maximum(of_kinds.sum(axis=0), 1.0)[:, None]
    profile = np.where(of_kinds.sum(axis=0)[:, None] > 0, profile, rate.mean(axis=0))
    quarters = quarter_shares(series, days, profile)
    quarter_rates = np.einsum("dk,khq->dhq", of_kinds, quarters) * rate[:, :, None]
    by_step = _dispersions(series, quarter_rates, best.leverage(columns, rate * exposure))
    shock = day_shock(counts, rate * exposure, usual=rate, dispersion=by_step[60])
    return Model(series, scale, best, by_step, shock, quarters, odd, _notes(series, odd, trusted=trusted))


def _dispersions(series: Series, quarter_rates: Floats, leverage: Floats) -> dict[int, float]:
    """By step; what is finer than the data is taken as the finest that was measured."""
    found: dict[int, float] = {}
    for step in sorted(STEPS, reverse=True):
        if step < series.step:
            found[step] = found[series.step]
            continue
        shape = (series.days, 24 * 60 // step, step // series.step)
        counts, exposure = (each.reshape(shape) for each in (series.counts, series.exposure))
        rates = quarter_rates.reshape(series.days, -1, step // 15).sum(axis=2)
        mean = rates * exposure.mean(axis=2)
        of_slot = (leverage * step / 60).repeat(60 // step, axis=1)
        found[step] = dispersion_within_days(counts.sum(axis=2), mean, leverage=of_slot)
    return found


def _without(series: Series, odd: Sequence[Oddity]) -> Series:
    exposure, counts = series.exposure.copy(), series.counts.copy()
    per_hour = 60 // series.step
    for each in odd:
        start = each.index * per_hour
        exposure.reshape(-1)[start : start + each.hours * per_hour] = 0.0
        counts.reshape(-1)[start : start + each.hours * per_hour] = 0.0
    return replace(series, counts=counts, exposure=exposure)


def _check_enough(exposure: Floats) -> None:
    observed = float(exposure.sum()) / 24
    if observed < LEAST_DAYS:
        raise TooFew(
            f"{observed:.1f} jours comptés : trop peu pour prévoir. Accepté : au moins {LEAST_DAYS:.0f} jours, "
            "pour voir deux fois chaque jour de la semaine."
        )


def _check_wanted(first: date, days: int, ahead: int, step: int, *, last: date) -> None:
    if step not in STEPS:
        raise Unusable(f"Pas de {step} minutes. Accepté : 15, 30 ou 60 minutes.")
    if ahead < 0:
        raise Unusable(
            f"Prévision à partir du {first:%d/%m/%Y}. Accepté : à partir du {last:%d/%m/%Y}, dernier jour connu."
        )
    if days < 1 or ahead + days > MOST_DAYS_AHEAD:
        raise Unusable(
            f"{days} jours de prévision. Accepté : de 1 à {MOST_DAYS_AHEAD} jours après le dernier jour connu."
        )


def _laid(series: Series, first: date, step: int, slots: Floats, variation: Floats) -> Forecast:
    """Local cells → instants: the hour that does not exist is left out, the one that happens twice is given twice."""
    zone = series.place.zone
    start, end = (
        datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, first + timedelta(days=len(slots)))
    )
    starts = [
        start + timedelta(minutes=step * index) for index in range(int((end - start).total_seconds()) // (60 * step))
    ]
    local = [instant.astimezone(zone) for instant in starts]
    rows = np.array([(each.date() - first).days for each in local])
    cells = np.array([(each.hour * 60 + each.minute) // step for each in local])
    return Forecast(starts, step, slots[rows, cells], variation[rows, cells])


def _notes(series: Series, odd: Sequence[Oddity], *, trusted: bool) -> tuple[str, ...]:
    observed = float(series.exposure.sum()) / (24 * 60 / series.step)
    notes = []
    if observed < FEW_DAYS:
        notes.append(
            f"{observed:.0f} jours comptés : intervalles larges ; à refaire chaque semaine jusqu’à huit semaines."
        )
    if series.days < ONE_YEAR:
        notes.append("Moins d’un an de données : ni la saison ni la plupart des jours fériés n’ont été vus.")
    elif series.days < TWO_YEARS:
        notes.append("Moins de deux ans de données : la saison et la tendance se distinguent mal.")
    if series.missing:
        notes.append(f"{series.missing} créneaux de {series.step} minutes manquent ; ils ne comptent pas pour zéro.")
    if odd:
        hours = sum(each.hours for each in odd)
        notes.append(
            f"{hours} heures anormales (coupures, pics) laissées hors de l’apprentissage."
            if trusted
            else f"{hours} heures s’écartent beaucoup du calendrier : trop pour être écartées, l’erreur est grande."
        )
    return (*notes, *_school_notes(series))


def _school_notes(series: Series) -> list[str]:
    until = school_known_until(series.place)
    if until is None:
        return ["Vacances scolaires inconnues pour ce territoire : la prévision s’en passe. Donnez son calendrier."]
    if series.after + timedelta(days=MOST_DAYS_AHEAD) <= until:
        return []
    return [f"Vacances scolaires connues jusqu’au {until - timedelta(days=1):%d/%m/%Y}."]


def split(forecast: Forecast, model: Model, levels: Mapping[str, Series]) -> dict[str, Forecast]:
    """The forecast of each level, from its part of all calls by hour and kind of day; their means add up to the whole.

    `levels`: series on the same days and step as the one learnt. Raises Unusable otherwise.
    """
    _check_levels(model.series, levels)
    whole = model.series
    shares = level_shares(levels, days_of(whole.place, whole.first, whole.days))
    zone = whole.place.zone
    local = [start.astimezone(zone) for start in forecast.starts]
    first = local[0].date()
    count = (local[-1].date() - first).days + 1
    kind = kinds(days_of(whole.place, first, count)).argmax(axis=1)
    rows = np.array([kind[(each.date() - first).days] for each in local])
    hours = np.array([each.hour for each in local])
    return {name: replace(forecast, mean=forecast.mean * shares[rank][rows, hours]) for rank, name in enumerate(levels)}


def _check_levels(whole: Series, levels: Mapping[str, Series]) -> None:
    if not 1 <= len(levels) <= MOST_LEVELS:
        raise Unusable(f"{len(levels)} niveaux. Accepté : de 1 à {MOST_LEVELS}.")
    for name, series in levels.items():
        if (series.first, series.days, series.step) != (whole.first, whole.days, whole.step):
            raise Unusable(f"Le niveau « {name} » ne couvre pas les mêmes jours que l’ensemble.")
