# ruff: noqa: DTZ001  (local times, as reports show them)
"""What the forecast is worth, on series whose true rate is known, and what it says when it knows too little."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from quinze.science.forecast import Model, Place, TooFew, Unusable, backtest, fit, split
from quinze.science.forecast.calendars import SCHOOL_ZONES, days_of, is_school_holiday
from quinze.science.forecast.design import design
from quinze.science.forecast.negative_binomial import cumulative, quantile
from quinze.science.forecast.series import Series
from quinze.science.forecast.synthetic import Synthetic, samu_like


@pytest.fixture(scope="module")
def two_years() -> Synthetic:
    return samu_like(seed=4)


@pytest.fixture(scope="module")
def model(two_years: Synthetic) -> Model:
    return fit(two_years.series)


def _rates(model: Model) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    series = model.series
    return np.exp(model.fit.log_rate(design(series.place, series.first, series.days, scaling=model.scaling)))


def test_it_finds_the_true_rate_better_than_the_counts_show_it(two_years: Synthetic, model: Model) -> None:
    wrong = np.abs(_rates(model) - two_years.rate).sum() / two_years.rate.sum()
    assert wrong < 0.025  # each hour varies by 17 %
    assert 45 < 1 / model.dispersions[60] < 80  # drawn with 60
    assert 0.03 < model.shock.sd < 0.05  # drawn with 0.04
    assert 0.4 < model.shock.memory < 0.8  # drawn with 0.6


def test_it_beats_the_week_before_by_a_quarter_and_says_its_error(two_years: Synthetic) -> None:
    found = backtest(two_years.series, windows=6)
    assert found.gain_over_naive >= 0.25
    assert found.wape < found.mean_wape < found.naive_wape
    assert abs(found.bias) < 0.05


def test_intervals_hold_what_they_promise() -> None:
    tests = [
        backtest(samu_like(seed=seed, days=500, mean=mean).series, windows=6)
        for seed, mean in ((1, 15), (2, 60), (3, 130))
    ]
    hours = sum(window.hours for each in tests for window in each.windows)
    inside = [
        sum(getattr(w, name) for each in tests for w in each.windows) / hours for name in ("inside_80", "inside_95")
    ]
    assert 0.78 < inside[0] < 0.85  # whole calls: a little above what was asked
    assert 0.935 < inside[1] < 0.97


def test_a_public_holiday_and_school_holidays_are_not_ordinary_days(model: Model) -> None:
    calm = model.predict(date(2025, 1, 6), 1, step=60)
    ascension = model.predict(date(2025, 5, 29), 1, step=60)
    thursday = model.predict(date(2025, 5, 22), 1, step=60)
    assert ascension.mean.sum() > 1.1 * thursday.mean.sum()
    assert len(calm.starts) == 24


def test_days_when_clocks_move_have_their_hours(model: Model) -> None:
    spring, autumn = (model.predict(day, 1, step=15) for day in (date(2025, 3, 30), date(2025, 10, 26)))
    assert (len(spring.starts), len(autumn.starts)) == (92, 100)
    assert len(set(autumn.starts)) == 100
    assert {later - sooner for sooner, later in zip(autumn.starts, autumn.starts[1:], strict=False)} == {
        timedelta(minutes=15)
    }


def test_quarters_add_up_to_their_hours(model: Model) -> None:
    day = date(2025, 1, 6)
    quarters, halves, hours = (model.predict(day, 2, step=step).mean for step in (15, 30, 60))
    assert np.allclose(quarters.reshape(-1, 4).sum(axis=1), hours)
    assert np.allclose(halves.reshape(-1, 2).sum(axis=1), hours)


def test_quarters_that_were_counted_are_learnt() -> None:
    series = samu_like(seed=1, days=60, step=15).series
    first_quarter = np.tile([2.0, 1.0, 0.5, 0.5], 24)
    series = replace(series, counts=np.round(series.counts * first_quarter))
    found = fit(series).predict(series.after, 1, step=15).mean.reshape(24, 4)
    assert (found[6:22, 0] > 1.7 * found[6:22, 1]).all()


def test_levels_add_up_to_the_whole_and_follow_their_hours() -> None:
    whole = samu_like(seed=2, days=100).series
    night = np.r_[np.full(8, 0.7), np.full(16, 0.3)]
    amu = replace(whole, counts=np.round(whole.counts * night))
    snp = replace(whole, counts=whole.counts - amu.counts)
    model = fit(whole)
    forecast = model.predict(whole.after, 1, step=60)
    parts = split(forecast, model, {"AMU": amu, "SNP": snp})
    assert np.allclose(parts["AMU"].mean + parts["SNP"].mean, forecast.mean)
    assert np.allclose(parts["AMU"].mean[2:7] / forecast.mean[2:7], 0.7, atol=0.05)
    assert np.allclose(parts["AMU"].mean[10:20] / forecast.mean[10:20], 0.3, atol=0.05)
    with pytest.raises(Unusable, match="ne couvre pas les mêmes jours"):
        split(forecast, model, {"AMU": amu.between(amu.first, amu.after - timedelta(days=1))})


def test_the_first_weeks_give_a_wide_forecast_that_says_so() -> None:
    series = samu_like(seed=3, days=730).series
    short, long = fit(series.between(series.after - timedelta(days=16), series.after)), fit(series)
    assert "16 jours comptés" in short.notes[0]
    assert "ni la saison" in short.notes[1]
    assert not any("jours comptés" in note for note in long.notes)
    some, same = (each.predict(series.after, 7, step=60) for each in (short, long))
    assert some.variation.mean() > 1.3 * same.variation.mean()
    assert np.abs(some.mean - same.mean).sum() / same.mean.sum() < 0.15


@pytest.mark.parametrize("days", [1, 7, 13])
def test_under_two_weeks_it_declines(days: int) -> None:
    with pytest.raises(TooFew, match=f"{days}.0 jours comptés : trop peu pour prévoir. Accepté : au moins 14 jours"):
        fit(samu_like(seed=1, days=days).series)
    with pytest.raises(TooFew, match="28 jours"):
        backtest(samu_like(seed=1, days=20).series)


def test_nobody_calling_and_one_call_are_answered_with_numbers() -> None:
    series = samu_like(seed=1, days=30).series
    nothing = replace(series, counts=np.zeros_like(series.counts))
    one = replace(series, counts=np.where(np.arange(24) == 3, np.eye(30, 24), 0.0))
    for each in (nothing, one):
        forecast = fit(each).predict(each.after, 7)
        assert np.isfinite(forecast.mean).all()
        assert forecast.mean.sum() < 3
        assert forecast.bounds.max() <= 1


def test_an_outage_and_a_storm_are_shown_and_not_learnt(two_years: Synthetic, model: Model) -> None:
    counts, exposure = two_years.series.counts.copy(), two_years.series.exposure.copy()
    counts[700, 10:14] = 0
    counts[650, 15] *= 4
    exposure[500:510], counts[500:510] = 0, 0
    hurt = fit(replace(two_years.series, counts=counts, exposure=exposure))
    assert [(odd.start, odd.hours, odd.outage) for odd in hurt.odd] == [
        (datetime(2024, 10, 13, 15), 1, False),
        (datetime(2024, 12, 2, 10), 4, True),
    ]
    assert any("5 heures anormales" in note for note in hurt.notes)
    assert np.abs(_rates(hurt) / _rates(model) - 1).max() < 0.03


def test_a_silent_night_hour_of_a_small_centre_is_no_outage() -> None:
    assert fit(samu_like(seed=5, days=120, mean=4).series).odd == ()


def test_a_regressor_explains_a_wave_and_must_be_whole() -> None:
    series = samu_like(seed=6, days=300).series
    wave = {series.first + timedelta(days=index): float(np.exp(-(((index - 250) / 20) ** 2))) for index in range(330)}
    lift = np.array([1 + 0.5 * wave[series.first + timedelta(days=index)] for index in range(300)])
    series = replace(series, counts=np.round(series.counts * lift[:, None]))
    model = fit(series, regressors={"grippe": wave})
    assert 0.2 < model.fit.daily[-1] * (1 - model.scaling.regressors[0][1]) / model.scaling.regressors[0][2] < 0.55
    assert model.predict(series.after, 14, regressors={"grippe": wave}).mean.sum() > 0
    with pytest.raises(Unusable, match="« grippe » n’a pas de valeur pour le 28/11/2023"):
        model.predict(series.after, 60, regressors={"grippe": wave})
    with pytest.raises(Unusable, match="« grippe » n’a pas de valeur"):
        fit(series, regressors={"grippe": {}})


@pytest.mark.parametrize(
    ("first", "days", "step", "said"),
    [
        (date(2024, 12, 30), 1, 15, "à partir du 31/12/2024"),
        (date(2025, 1, 1), 0, 15, "de 1 à 400 jours"),
        (date(2025, 1, 1), 4000, 15, "de 1 à 400 jours"),
        (date(2025, 1, 1), 1, 20, "Accepté : 15, 30 ou 60"),
    ],
)
def test_what_cannot_be_forecast_is_refused(model: Model, first: date, days: int, step: int, said: str) -> None:
    with pytest.raises(Unusable) as refused:
        model.predict(first, days, step=step)
    assert said in str(refused.value)


def test_the_day_that_has_begun_can_be_forecast_again(model: Model) -> None:
    assert len(model.predict(date(2024, 12, 31), 1, step=60).starts) == 24


def test_a_busy_week_raises_tomorrow_more_than_next_month(two_years: Synthetic, model: Model) -> None:
    busy = two_years.series.counts.copy()
    busy[-4:] = np.round(busy[-4:] * 1.15)
    lifted = fit(replace(two_years.series, counts=busy))
    soon, later = (
        lifted.predict(day, 1, step=60).mean.sum() / model.predict(day, 1, step=60).mean.sum()
        for day in (date(2025, 1, 1), date(2025, 2, 1))
    )
    assert soon > 1.03
    assert abs(later - 1) < 0.01


def test_quantiles_are_the_smallest_counts_that_reach_their_part() -> None:
    mean, variation = np.array([0.0, 0.2, 3.0, 80.0, 5000.0]), np.array([0.1, 1e-9, 0.5, 0.02, 0.3])
    for part in (0.025, 0.1, 0.5, 0.9, 0.975):
        found = quantile(part, mean, variation).astype(float)
        assert (cumulative(found, mean, variation) >= part).all()
        assert (cumulative(found - 1, mean, variation) < part).all()


def test_school_holidays_follow_their_zone() -> None:
    day = date(2026, 2, 9)  # winter holidays of zone A only
    assert {code: is_school_holiday(Place(code), day) for code in ("86", "44", "75")} == {
        "86": True,
        "44": False,
        "75": False,
    }
    assert (SCHOOL_ZONES["44"], SCHOOL_ZONES["86"], SCHOOL_ZONES["75"]) == ("B", "A", "C")
    assert len(SCHOOL_ZONES) == 94
    reunion = days_of(Place("974"), date(2026, 12, 20), 1)
    assert bool(reunion.public[0])
    assert not reunion.school_known[0]
    assert "Vacances scolaires inconnues" in fit(replace_place(samu_like(seed=1, days=20).series, "974")).notes[-1]


def replace_place(series: Series, departement: str) -> Series:
    return replace(series, place=Place(departement))
