"""Where a doctor states openings, absences and terms. The week itself, with names, is a page of orientation."""

from quinze.availability.views.absences import absence, absence_now, absence_withdraw
from quinze.availability.views.desk import Desk, desk_of
from quinze.availability.views.rules import rule, rule_end, rule_form, rule_new, rule_preview, rule_restore
from quinze.availability.views.seen import seen, slot_show
from quinze.availability.views.terms import settings

__all__ = [
    "Desk",
    "absence",
    "absence_now",
    "absence_withdraw",
    "desk_of",
    "rule",
    "rule_end",
    "rule_form",
    "rule_new",
    "rule_preview",
    "rule_restore",
    "seen",
    "settings",
    "slot_show",
]
