"""Writes of the directory: one transaction each. Who (`by`) and when (`at`) are arguments."""

from quinze.directory.operations.extraction import ImportReport, import_directory
from quinze.directory.operations.geography import GeographyReport, load_geography
from quinze.directory.operations.parameters import set_parameter
from quinze.directory.operations.participation import Terms, end_participation, set_participation
from quinze.directory.operations.people import (
    Address,
    Identity,
    add_place,
    change_place,
    change_professional,
    change_structure,
    close_place,
    create_professional,
    create_structure,
    join_structure,
    leave_structure,
)
from quinze.directory.operations.territory import (
    add_entry_number,
    add_neighbour,
    change_sas,
    clear_line_day,
    cover_commune,
    cover_departement,
    create_sas,
    remove_entry_number,
    remove_neighbour,
    set_hours,
    set_line_day,
    uncover_commune,
)

__all__ = [
    "Address",
    "GeographyReport",
    "Identity",
    "ImportReport",
    "Terms",
    "add_entry_number",
    "add_neighbour",
    "add_place",
    "change_place",
    "change_professional",
    "change_sas",
    "change_structure",
    "clear_line_day",
    "close_place",
    "cover_commune",
    "cover_departement",
    "create_professional",
    "create_sas",
    "create_structure",
    "end_participation",
    "import_directory",
    "join_structure",
    "leave_structure",
    "load_geography",
    "remove_entry_number",
    "remove_neighbour",
    "set_hours",
    "set_line_day",
    "set_parameter",
    "set_participation",
    "uncover_commune",
]
