"""Writes of the orientation: one transaction each; who and when are arguments. Callers write `operations.hold(...)`."""

from quinze.orientation.operations.book import (
    confirm,
    confirm_to_patient,
    mark_doctor_notified,
    move,
)
from quinze.orientation.operations.cancelling import cancel, cancel_by_link
from quinze.orientation.operations.charter import discard_draft, publish, save_draft, start_draft
from quinze.orientation.operations.completing import complete
from quinze.orientation.operations.direct import record_contact
from quinze.orientation.operations.fairness import count_offered_seats, count_offered_seats_everywhere
from quinze.orientation.operations.holding import extend_hold, hold, release_hold
from quinze.orientation.operations.lateness import announce_lateness
from quinze.orientation.operations.messages import deliver, due_messages, send_again
from quinze.orientation.operations.outcome import correct_outcome, record_outcome
from quinze.orientation.operations.overbooking import ask_overbooking, record_overbooking
from quinze.orientation.operations.referring import record_referring_appointment
from quinze.orientation.operations.reminders import mark_reminded, send_reminders, stop_reminders
from quinze.orientation.operations.reorienting import Reoriented, Wish, reorient
from quinze.orientation.operations.requests import (
    claim,
    claim_next,
    close_without_booking,
    create_request,
    give_back,
    log_referring_attempt,
    raise_priority,
    record_referring_absence,
    red_flag,
    release,
    update_contact,
    withdraw,
)
from quinze.orientation.operations.searching import search, search_or_widen
from quinze.orientation.operations.seats import sweep_expired
from quinze.orientation.operations.tallying import (
    count_offered_days,
    count_offered_days_everywhere,
    tally_searches,
    tally_searches_everywhere,
)
from quinze.orientation.options import SearchOptions

__all__ = [
    "Reoriented",
    "SearchOptions",
    "Wish",
    "announce_lateness",
    "ask_overbooking",
    "cancel",
    "cancel_by_link",
    "claim",
    "claim_next",
    "close_without_booking",
    "complete",
    "confirm",
    "confirm_to_patient",
    "correct_outcome",
    "count_offered_days",
    "count_offered_days_everywhere",
    "count_offered_seats",
    "count_offered_seats_everywhere",
    "create_request",
    "deliver",
    "discard_draft",
    "due_messages",
    "extend_hold",
    "give_back",
    "hold",
    "log_referring_attempt",
    "mark_doctor_notified",
    "mark_reminded",
    "move",
    "publish",
    "raise_priority",
    "record_contact",
    "record_outcome",
    "record_overbooking",
    "record_referring_absence",
    "record_referring_appointment",
    "red_flag",
    "release",
    "release_hold",
    "reorient",
    "save_draft",
    "search",
    "search_or_widen",
    "send_again",
    "send_reminders",
    "start_draft",
    "stop_reminders",
    "sweep_expired",
    "tally_searches",
    "tally_searches_everywhere",
    "update_contact",
    "withdraw",
]
