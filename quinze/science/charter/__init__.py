"""The charter document. Its meaning is written in docs/explanation/ranking.md."""

from .calendar import Holidays, LocalMoment, Window, is_open, local_moment, next_opening
from .document import (
    Charter,
    Km,
    Level,
    Minutes,
    Needs,
    Offer,
    Opens,
    OrderKey,
    Participation,
    Radius,
    Selector,
    Special,
    Steps,
    Who,
    radius_to_json,
)
from .errors import CharterError, Fault
from .reading import charter_from_json

__all__ = [
    "Charter",
    "CharterError",
    "Fault",
    "Holidays",
    "Km",
    "Level",
    "LocalMoment",
    "Minutes",
    "Needs",
    "Offer",
    "Opens",
    "OrderKey",
    "Participation",
    "Radius",
    "Selector",
    "Special",
    "Steps",
    "Who",
    "Window",
    "charter_from_json",
    "is_open",
    "local_moment",
    "next_opening",
    "radius_to_json",
]
