"""Reads of the directory. Callers write `queries.search_communes(...)`."""

from quinze.directory.queries.communes import commune, covered_communes, default_radius, search_communes
from quinze.directory.queries.parameters import parameter, parameter_history, parameters, target_seconds

__all__ = [
    "commune",
    "covered_communes",
    "default_radius",
    "parameter",
    "parameter_history",
    "parameters",
    "search_communes",
    "target_seconds",
]
