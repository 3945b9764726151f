"""Reads of the directory. Callers write `queries.search_communes(...)`."""

from quinze.directory.queries.calendar import calendar, is_line_open, local_moment, next_opening
from quinze.directory.queries.communes import commune, covered_communes, default_radius, search_communes
from quinze.directory.queries.parameters import parameter, parameter_history, parameters, target_seconds
from quinze.directory.queries.people import (
    cpts_of,
    journal_of,
    members_of,
    memberships_of,
    participating,
    participation,
    participations_of,
    place,
    places_of,
    professional,
    search_professionals,
    search_referring_doctor,
    search_structures,
    structure,
    structures_of,
    structures_to_join,
)
from quinze.directory.queries.territory import choices, other_sas, territory

__all__ = [
    "calendar",
    "choices",
    "commune",
    "covered_communes",
    "cpts_of",
    "default_radius",
    "is_line_open",
    "journal_of",
    "local_moment",
    "members_of",
    "memberships_of",
    "next_opening",
    "other_sas",
    "parameter",
    "parameter_history",
    "parameters",
    "participating",
    "participation",
    "participations_of",
    "place",
    "places_of",
    "professional",
    "search_communes",
    "search_professionals",
    "search_referring_doctor",
    "search_structures",
    "structure",
    "structures_of",
    "structures_to_join",
    "target_seconds",
    "territory",
]
