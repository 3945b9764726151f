"""Reads of case files. Every one starts from the actor's SAS."""

from quinze.regulation.qualification import missing
from quinze.regulation.queries.alike import Lookalike, known_people, lookalikes
from quinze.regulation.queries.cases import (
    GONE_AFTER,
    case,
    case_files,
    check_owner,
    chronology,
    closing_codes,
    contacts,
    decision_words,
    decisions,
    drafts,
    earlier_contacts,
    letter,
    letters,
    outcome,
    search_cases,
    who_has_read,
    who_is_here,
)
from quinze.regulation.queries.worklists import RoomSummary, Row, StepCount, room, target_seconds, worklist

__all__ = [
    "GONE_AFTER",
    "Lookalike",
    "RoomSummary",
    "Row",
    "StepCount",
    "case",
    "case_files",
    "check_owner",
    "chronology",
    "closing_codes",
    "contacts",
    "decision_words",
    "decisions",
    "drafts",
    "earlier_contacts",
    "known_people",
    "letter",
    "letters",
    "lookalikes",
    "missing",
    "outcome",
    "room",
    "search_cases",
    "target_seconds",
    "who_has_read",
    "who_is_here",
    "worklist",
]
