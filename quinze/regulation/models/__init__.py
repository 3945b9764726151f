"""The case file: one request, from the ring to the outcome."""

from quinze.regulation.models.afterwards import FollowUpAnswer
from quinze.regulation.models.case import CallContact, CaseFile, CaseSequence, Draft, Presence, Step
from quinze.regulation.models.history import CaseEvent, Decision, Letter

__all__ = [
    "CallContact",
    "CaseEvent",
    "CaseFile",
    "CaseSequence",
    "Decision",
    "Draft",
    "FollowUpAnswer",
    "Letter",
    "Presence",
    "Step",
]
