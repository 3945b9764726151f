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

__all__ = [
    "DutyPass",
    "NationalSamu",
    "RosterAbsence",
    "RosterAssignment",
    "RosterEvent",
    "RosterPublication",
    "RosterShift",
    "RosterSwap",
    "StaffMember",
]
