from quinze.staffing.models.national import NationalSamu
from quinze.staffing.models.rosters import (
    DutyPass,
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
    "RosterAssignment",
    "RosterEvent",
    "RosterPublication",
    "RosterShift",
    "RosterSwap",
    "StaffMember",
]
