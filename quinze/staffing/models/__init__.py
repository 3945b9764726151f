from quinze.staffing.models.facts import StaffFact
from quinze.staffing.models.forecast import CallForecast, SchoolCalendar
from quinze.staffing.models.national import NationalSamu
from quinze.staffing.models.rosters import (
    DutyPass,
    RosterAbsence,
    RosterAssignment,
    RosterEvent,
    RosterPublication,
    RosterShift,
    RosterSwap,
    StaffMember,
)
from quinze.staffing.models.rules import RosterRules, RosterWish, ShiftKind

__all__ = [
    "CallForecast",
    "DutyPass",
    "NationalSamu",
    "RosterAbsence",
    "RosterAssignment",
    "RosterEvent",
    "RosterPublication",
    "RosterRules",
    "RosterShift",
    "RosterSwap",
    "RosterWish",
    "SchoolCalendar",
    "ShiftKind",
    "StaffFact",
    "StaffMember",
]
