"""What changes when care can be had: rules, absences, and the slots made from them."""

from quinze.availability.opening import RuleSpec
from quinze.availability.operations.absences import (
    AbsenceConsidered,
    AbsencePosted,
    Expected,
    PostedAbsence,
    add_absence,
    expected_during,
    withdraw_absence,
)
from quinze.availability.operations.exceptions import (
    amend_rule,
    cancel_occurrence,
    change_following,
    change_occurrence,
    end_following,
    restore_occurrence,
)
from quinze.availability.operations.generation import Generation, generate_slots, regenerate
from quinze.availability.operations.rules import RuleChange, add_rule, change_rule, end_rule
from quinze.availability.operations.showing import show_slot

__all__ = [
    "AbsenceConsidered",
    "AbsencePosted",
    "Expected",
    "Generation",
    "PostedAbsence",
    "RuleChange",
    "RuleSpec",
    "add_absence",
    "add_rule",
    "amend_rule",
    "cancel_occurrence",
    "change_following",
    "change_occurrence",
    "change_rule",
    "end_following",
    "end_rule",
    "expected_during",
    "generate_slots",
    "regenerate",
    "restore_occurrence",
    "show_slot",
    "withdraw_absence",
]
