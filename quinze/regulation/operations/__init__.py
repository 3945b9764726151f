"""Writes on a case file. Each is one transaction, appends its line, and tells the open desks."""

from quinze.regulation.operations.claims import claim, claim_next, release
from quinze.regulation.operations.closing import close, reopen, send_ageing_states
from quinze.regulation.operations.contacts import add_note, caller_hung_up, record_contact, schedule_callback
from quinze.regulation.operations.deciding import decide
from quinze.regulation.operations.evaluations import read_evaluation
from quinze.regulation.operations.letters import make_letter
from quinze.regulation.operations.merging import dismiss_lookalike, link_patient, merge
from quinze.regulation.operations.opening import open_case
from quinze.regulation.operations.presence import (
    enter_case,
    follow_reading,
    heartbeat,
    leave,
    open_for_letter,
    open_for_reading,
)
from quinze.regulation.operations.routing import (
    ask_reevaluation,
    hand_over,
    hand_over_to,
    red_flag,
    redirect,
    withdraw_red_flag,
)
from quinze.regulation.operations.saving import (
    FieldConflict,
    Sending,
    Typed,
    discard_draft,
    keep_draft,
    save_section,
    save_together,
)

__all__ = [
    "FieldConflict",
    "Sending",
    "Typed",
    "add_note",
    "ask_reevaluation",
    "caller_hung_up",
    "claim",
    "claim_next",
    "close",
    "decide",
    "discard_draft",
    "dismiss_lookalike",
    "enter_case",
    "follow_reading",
    "hand_over",
    "hand_over_to",
    "heartbeat",
    "keep_draft",
    "leave",
    "link_patient",
    "make_letter",
    "merge",
    "open_case",
    "open_for_letter",
    "open_for_reading",
    "read_evaluation",
    "record_contact",
    "red_flag",
    "redirect",
    "release",
    "reopen",
    "save_section",
    "save_together",
    "schedule_callback",
    "send_ageing_states",
    "withdraw_red_flag",
]
