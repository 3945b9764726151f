"""Reads of the directory. Callers write `queries.search_communes(...)`."""

from quinze.directory.queries.calendar import calendar, is_line_open, local_moment, next_opening
from quinze.directory.queries.communes import commune, covered_communes, default_radius, search_communes
from quinze.directory.queries.parameters import parameter, parameter_history, parameters, target_seconds
from quinze.directory.queries.people import (
    cpts_of,
    members_of,
    memberships_of,
    participation,
    participations_of,
    places_of,
    professional,
    search_professionals,
    search_referring_doctor,
    search_structures,
    structures_of,
)

__all__ = [
    "calendar",
    "commune",
    "covered_communes",
    "cpts_of",
    "default_radius",
    "is_line_open",
    "local_moment",
    "members_of",
    "memberships_of",
    "next_opening",
    "parameter",
    "parameter_history",
    "parameters",
    "participation",
    "participations_of",
    "places_of",
    "professional",
    "search_communes",
    "search_professionals",
    "search_referring_doctor",
    "search_structures",
    "structures_of",
    "target_seconds",
]
