"""Who offers care, where, and for which territory."""

from quinze.directory.models.delegation import Delegation, DelegationEvent, Power
from quinze.directory.models.enrolment import EnrolmentRequest
from quinze.directory.models.journal import DirectoryChange
from quinze.directory.models.membership import EmergencyNurse, MembershipRequest, StructureManager
from quinze.directory.models.offer import Membership, Participation, Place, Professional, Structure, StructureCommune
from quinze.directory.models.recruiting import Campaign, CampaignExport, ConsentEvent, Contact, FormPace
from quinze.directory.models.secure import SecureAddress
from quinze.directory.models.stamp import PracticeStamp
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
    "Campaign",
    "CampaignExport",
    "Commune",
    "ConsentEvent",
    "Contact",
    "Delegation",
    "DelegationEvent",
    "Departement",
    "DirectoryChange",
    "EmergencyNurse",
    "EnrolmentRequest",
    "EntryNumber",
    "FormPace",
    "LineClosure",
    "Membership",
    "MembershipRequest",
    "Neighbour",
    "OpeningLine",
    "Participation",
    "Place",
    "Power",
    "PracticeStamp",
    "Professional",
    "SasCommune",
    "SasParameter",
    "SecureAddress",
    "Structure",
    "StructureCommune",
    "StructureManager",
]
