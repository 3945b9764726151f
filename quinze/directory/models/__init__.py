"""Who offers care, where, and for which territory."""

from quinze.directory.models.journal import DirectoryChange
from quinze.directory.models.offer import Membership, Participation, Place, Professional, Structure, StructureCommune
from quinze.directory.models.territory import (
    Commune,
    Departement,
    EntryNumber,
    LineClosure,
    Neighbour,
    OpeningLine,
    SasCommune,
    SasParameter,
)

__all__ = [
    "Commune",
    "Departement",
    "DirectoryChange",
    "EntryNumber",
    "LineClosure",
    "Membership",
    "Neighbour",
    "OpeningLine",
    "Participation",
    "Place",
    "Professional",
    "SasCommune",
    "SasParameter",
    "Structure",
    "StructureCommune",
]
