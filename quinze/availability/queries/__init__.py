"""When care can be had, and what each person may see of it."""

from quinze.availability.queries.offer import (
    absent_between,
    free_slots,
    last_generation,
    participation_of,
    professional_of,
    seen_audiences,
    shown_to_sas,
)
from quinze.availability.queries.seen import SeenBySas, what_sas_sees
from quinze.availability.queries.stated import (
    RuleGroup,
    absences_of,
    next_opening,
    own_rule_group,
    places_of,
    rules_of,
)
from quinze.availability.queries.week import Block, Week, grid, open_hours, week

__all__ = [
    "Block",
    "RuleGroup",
    "SeenBySas",
    "Week",
    "absences_of",
    "absent_between",
    "free_slots",
    "grid",
    "last_generation",
    "next_opening",
    "open_hours",
    "own_rule_group",
    "participation_of",
    "places_of",
    "professional_of",
    "rules_of",
    "seen_audiences",
    "shown_to_sas",
    "week",
    "what_sas_sees",
]
