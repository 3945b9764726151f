"""Who works when: shifts that cover a need, named rosters that keep the working rules, swaps judged by the same."""

from quinze.science.rosters.checker import Breach, Gap, Rule, breaches, gaps
from quinze.science.rosters.covering import Cover, Kind, as_shifts, cover
from quinze.science.rosters.problem import (
    LABOUR_CODE,
    PUBLIC_HOSPITAL,
    Assignment,
    Bar,
    Period,
    Person,
    Problem,
    Rules,
    Shift,
    Unusable,
    Wish,
)
from quinze.science.rosters.solver import NotInstalled, Roster, solve
from quinze.science.rosters.swaps import Candidate, candidates, new_breaches, sites, swapped

__all__ = [
    "LABOUR_CODE",
    "PUBLIC_HOSPITAL",
    "Assignment",
    "Bar",
    "Breach",
    "Candidate",
    "Cover",
    "Gap",
    "Kind",
    "NotInstalled",
    "Period",
    "Person",
    "Problem",
    "Roster",
    "Rule",
    "Rules",
    "Shift",
    "Unusable",
    "Wish",
    "as_shifts",
    "breaches",
    "candidates",
    "cover",
    "gaps",
    "new_breaches",
    "sites",
    "solve",
    "swapped",
]
