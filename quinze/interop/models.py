"""Tables of the exchanges with other machines."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from quinze.accounts.models import Sas
from quinze.interop.editors.models import (
    Editor,
    EditorAccount,
    EditorCall,
    EditorDrop,
    EditorEvent,
    EditorKind,
    PlatformRegulator,
)
from quinze.interop.fhir.models import DeclaredBooking, EditorAppointment, EditorAppointmentWord, RefusedDeclaration
from quinze.interop.lrm.models import (
    HubIdentity,
    HubMessage,
    LrmOpening,
    LrmPartner,
    PlatformRdv,
    PlatformRdvWord,
    ToldRdv,
)

__all__ = [
    "DeclaredBooking",
    "Editor",
    "EditorAccount",
    "EditorAppointment",
    "EditorAppointmentWord",
    "EditorCall",
    "EditorDrop",
    "EditorEvent",
    "EditorKind",
    "FhirClient",
    "FhirPace",
    "Flow",
    "HubIdentity",
    "HubMessage",
    "LrmOpening",
    "LrmPartner",
    "PlatformRdv",
    "PlatformRdvWord",
    "PlatformRegulator",
    "RefusedDeclaration",
    "ToldRdv",
]

DEFAULT_PER_MINUTE = 600


class Flow(models.TextChoices):
    """Of the national specification: what a client came for."""

    SLOTS = "INT_R01", "créneaux des professionnels"
    ACCOUNTS = "INT_R02", "comptes des régulateurs"
    APPOINTMENTS = "INT_R03", "rendez-vous"
    CPTS = "INT_R04", "créneaux des CPTS"
    SOS = "SOS", "créneaux de SOS Médecins"


class FhirClient(models.Model):
    """A machine that may ask, by the common name and the unit of its certificate. Ended, never deleted."""

    name = models.CharField(max_length=80)
    common_name = models.CharField(max_length=200)
    unit = models.CharField(max_length=200, blank=True)
    flows = ArrayField(models.CharField(max_length=7, choices=Flow))
    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, null=True, related_name="+")  # null: all of the installation
    per_minute = models.PositiveIntegerField(default=DEFAULT_PER_MINUTE)  # of all processes together
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["common_name", "unit"], name="fhir_client_once", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(condition=~Q(common_name=""), name="fhir_client_has_a_name"),
            models.CheckConstraint(condition=Q(flows__len__gt=0), name="fhir_client_has_a_flow"),
            models.CheckConstraint(condition=Q(per_minute__gte=1, per_minute__lte=60_000), name="fhir_client_pace"),
        ]

    def __str__(self) -> str:
        return self.name

    def may(self, flow: str) -> bool:
        return flow in self.flows


class FhirPace(models.Model):
    """What is left of a client's minute. Not logged by PostgreSQL: lost in a crash, and no disk is waited for."""

    client = models.OneToOneField(FhirClient, on_delete=models.CASCADE, primary_key=True, related_name="+")
    seats = models.FloatField()
    at = models.DateTimeField()
    passed = models.BooleanField()  # whether the last request did

    def __str__(self) -> str:
        return f"{self.pk}: {self.seats:.0f}"
