"""From a file of counts to forecasts and what they are worth; one bad SAS does not cost the others theirs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from quinze.science.forecast.backtest import Backtest, backtest
from quinze.science.forecast.calendars import Place
from quinze.science.forecast.design import Regressors
from quinze.science.forecast.errors import TooFew, Unusable
from quinze.science.forecast.files import ALL, Counted, forecast_csv, read_counts
from quinze.science.forecast.model import Forecast, Model, fit, split
from quinze.science.forecast.oddities import Oddity
from quinze.science.forecast.series import Series, from_levels

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """`first` None: the day after the last one counted. `departement`: for lines that do not say theirs."""

    departement: str = ""
    first: date | None = None
    days: int = 14
    step: int = 15
    regressors: Regressors = field(default_factory=dict)
    school: tuple[tuple[date, date], ...] = ()
    """School holidays brought (school.py); empty: those of the zone."""
    back_test: bool = True


@dataclass(frozen=True, slots=True)
class Studied:
    """Either `refused` or the rest. `forecasts` by level; "" is all levels together. `error` None: too few days."""

    sas: str
    refused: str = ""
    model: Model | None = None
    forecasts: Mapping[str, Forecast] = field(default_factory=dict)
    error: Backtest | None = None


def study(content: bytes, asked: Asked) -> list[Studied]:
    """Raises Unusable for a file that cannot be read; what is wrong with one SAS is in its `refused`."""
    return [_one(sas, counted, asked) for sas, counted in read_counts(content).items()]


def _one(sas: str, counted: Counted, asked: Asked) -> Studied:
    try:
        whole, levels = from_levels(counted.levels, place=_place(counted, asked))
        model = fit(whole, regressors=asked.regressors)
        forecast = model.predict(asked.first or whole.after, asked.days, step=asked.step, regressors=asked.regressors)
        parts = {} if set(levels) == {ALL} else split(forecast, model, levels)
    except Unusable as wrong:
        return Studied(sas, refused=str(wrong))
    return Studied(sas, "", model, {ALL: forecast, **parts}, _error(whole, asked))


def _place(counted: Counted, asked: Asked) -> Place:
    departement = counted.departement or asked.departement
    if not departement:
        raise Unusable("Département inconnu. Accepté : une colonne departement, ou l’option --departement.")
    return Place(departement.upper().zfill(2), school=asked.school)


def _error(series: Series, asked: Asked) -> Backtest | None:
    if not asked.back_test:
        return None
    try:
        return backtest(series, regressors=asked.regressors)
    except TooFew:
        return None


def as_csv(studies: list[Studied]) -> str:
    return forecast_csv(
        (each.sas, level, forecast, each.model.series.place.zone)
        for each in studies
        if each.model
        for level, forecast in each.forecasts.items()
    )


def as_text(studies: list[Studied]) -> str:
    """What a person must know of it, in French."""
    return "\n".join(line for each in studies for line in _lines(each)) + "\n"


def _lines(each: Studied) -> Iterator[str]:
    name = each.sas or "Prévision"
    if each.model is None:
        yield f"{name} : pas de prévision. {each.refused}"
        return
    series, whole = each.model.series, each.forecasts[ALL]
    last = series.after - timedelta(days=1)
    period = f"du {series.first:%d/%m/%Y} au {last:%d/%m/%Y}"
    yield f"{name} : appris {period} ({series.days} jours, pas de {series.step} minutes)."
    yield f"  {whole.mean.sum():.0f} appels prévus, {len(whole.starts)} créneaux de {whole.step} minutes."
    yield from (f"  {line}" for line in _worth(each.error))
    yield from (f"  Attention : {note}" for note in each.model.notes)
    yield from (f"  {_odd(odd)}" for odd in each.model.odd[:SHOWN])
    if len(each.model.odd) > SHOWN:
        yield f"  … et {len(each.model.odd) - SHOWN} autres périodes anormales."


def _worth(error: Backtest | None) -> Iterator[str]:
    if error is None:
        yield "Erreur non mesurée."
        return
    yield (
        f"Erreur mesurée sur {len(error.windows)} périodes passées : {_part(error.wape)} des appels par heure "
        f"(même heure de la semaine d’avant : {_part(error.naive_wape)} ; moyenne de huit semaines : "
        f"{_part(error.mean_wape)})."
    )
    yield (
        f"Biais {_part(error.bias, '+.1f')} ; l’intervalle à 80 % contenait {_part(error.coverage_80, '.0f')} des "
        f"heures, celui à 95 % {_part(error.coverage_95, '.0f')}."
    )
    if error.wape > error.naive_wape:
        yield "Sur ces données, la prévision est moins bonne que la semaine d’avant : ne vous y fiez pas."
    elif error.wape > error.mean_wape:
        yield "Sur ces données, la moyenne de huit semaines fait aussi bien : le calendrier n’y explique guère plus."


def _part(share: float, form: str = ".1f") -> str:
    """« 20,9 % »."""
    return f"{format(100 * share, form)} %".replace(".", ",").replace("-", "−")


def _odd(odd: Oddity) -> str:
    what = "coupure probable" if odd.outage else "pic hors norme"
    found = f"{odd.counted:.0f} appels comptés pour {odd.expected:.0f} attendus"
    return f"{odd.start:%d/%m/%Y %H:%M}, {odd.hours} h : {what}, {found}."
