"""What people type about professionals, places, the territory and who acts for whom."""

from quinze.directory.forms.delegation import AskForm, InviteForm, ScopeForm
from quinze.directory.forms.membership import (
    ManagerForm,
    PersonForm,
    StructurePlaceForm,
    StructureTermsForm,
    StructureToJoinForm,
)
from quinze.directory.forms.offer import (
    CommuneForm,
    DepartementForm,
    EntryNumberForm,
    ExceptionForm,
    HoursForm,
    IdentityForm,
    MembershipForm,
    NeighbourForm,
    ParameterForm,
    ParticipationForm,
    PlaceForm,
    SasForm,
    StructureForm,
    shown,
)

__all__ = [
    "AskForm",
    "CommuneForm",
    "DepartementForm",
    "EntryNumberForm",
    "ExceptionForm",
    "HoursForm",
    "IdentityForm",
    "InviteForm",
    "ManagerForm",
    "MembershipForm",
    "NeighbourForm",
    "ParameterForm",
    "ParticipationForm",
    "PersonForm",
    "PlaceForm",
    "SasForm",
    "ScopeForm",
    "StructureForm",
    "StructurePlaceForm",
    "StructureTermsForm",
    "StructureToJoinForm",
    "shown",
]
