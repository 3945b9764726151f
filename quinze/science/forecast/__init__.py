"""Forecast of calls by slot and level, from the calendar: see docs/explanation/forecast.md for the equations."""

from quinze.science.forecast.backtest import Backtest, backtest
from quinze.science.forecast.calendars import Place
from quinze.science.forecast.errors import TooFew, Unusable
from quinze.science.forecast.model import Forecast, Model, fit, split
from quinze.science.forecast.series import Series, from_counts

__all__ = [
    "Backtest",
    "Forecast",
    "Model",
    "Place",
    "Series",
    "TooFew",
    "Unusable",
    "backtest",
    "fit",
    "from_counts",
    "split",
]
