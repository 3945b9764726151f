"""The regulation software of a SAS: its calls, when it is not Quinze, and the appointments told either way."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from quinze.accounts.models import Sas, User
from quinze.base.triggers import append_only
from quinze.directory.models import Professional
from quinze.orientation.models import Booking, OrientationRequest
from quinze.regulation.models import CaseFile


class LrmPartner(models.Model):
    """An installation of the regulation software of a SAS, when it is not Quinze. Ended, never deleted."""

    name = models.CharField(max_length=80)
    origin = models.CharField(max_length=40)  # how it names itself in the address that opens Quinze
    hub_id = models.CharField(max_length=80, blank=True)  # its client of the Hub Santé; empty: it hears nothing
    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["origin"], name="lrm_origin_once", condition=Q(ended_at__isnull=True)),
            models.UniqueConstraint(
                fields=["hub_id"], name="lrm_hub_id_once", condition=Q(ended_at__isnull=True) & ~Q(hub_id="")
            ),
            models.CheckConstraint(
                condition=Q(origin__regex=r"^[A-Za-z0-9._-]+$") & ~Q(origin__istartswith="sas"), name="lrm_origin_form"
            ),
            models.CheckConstraint(
                condition=Q(hub_id="") | Q(hub_id__regex=r"^fr\.health\.[a-z0-9._-]+$"), name="lrm_hub_id_form"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LrmOpening(models.Model):
    """A call that became a request, once: its key is refused the second time. What the call said is not kept here."""

    key = models.CharField(max_length=30, unique=True)
    partner = models.ForeignKey(LrmPartner, on_delete=models.PROTECT, related_name="+")
    request = models.OneToOneField(OrientationRequest, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class HubIdentity(models.Model):
    """By which client of the Hub Santé messages for this SAS come, when Quinze is its regulation software."""

    sas = models.OneToOneField(Sas, on_delete=models.PROTECT, related_name="+")
    hub_id = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hub_id__regex=r"^fr\.health\.[a-z0-9._-]+$"), name="hub_identity_form")
        ]


class HubMessage(models.Model):
    """One envelope received or to be sent, whole. Received ones are stored before they are acknowledged."""

    class Way(models.TextChoices):
        IN = "in", "reçu"
        OUT = "out", "envoyé"

    class State(models.TextChoices):
        RECEIVED = "received", "reçu"
        DONE = "done", "traité"
        REFUSED = "refused", "refusé"
        WAITING = "waiting", "à envoyer"
        SENT = "sent", "envoyé"
        ACKED = "acked", "acquitté"

    way = models.CharField(max_length=3, choices=Way)
    number = models.CharField(max_length=120)  # distributionID
    kind = models.CharField(max_length=6)
    sender = models.CharField(max_length=80)
    recipient = models.CharField(max_length=80)
    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, null=True, related_name="+")
    content = models.JSONField()
    state = models.CharField(max_length=8, choices=State)
    problem = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["way", "number"], name="hub_message_once")]
        indexes = [models.Index(fields=["at"], name="hub_message_waiting", condition=Q(state="waiting"))]


class PlatformRdv(models.Model):
    """An appointment that the SAS platform tells of (RS-SAS-RDV). It names no patient: people say whose it is."""

    class State(models.TextChoices):
        TO_MATCH = "to_match", "à rapprocher"
        LINKED = "linked", "rattaché"
        ALONE = "alone", "sans dossier"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=300)  # appointmentId
    content = models.JSONField()  # the last word
    revision = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=9)
    starts_at = models.DateTimeField()
    said_at = models.DateTimeField()  # by the platform's clock: words may arrive in another order
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # the regulator, if known
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.TO_MATCH)
    case = models.ForeignKey(CaseFile, on_delete=models.PROTECT, null=True, related_name="+")
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, null=True, related_name="+")
    problem = models.CharField(max_length=300, blank=True)
    matched_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sas", "number"], name="platform_rdv_once"),
            models.CheckConstraint(
                condition=~Q(state="linked") | Q(case__isnull=False, matched_by__isnull=False),
                name="linked_rdv_has_its_case",
            ),
        ]
        indexes = [models.Index(fields=["sas", "state", "starts_at"], name="platform_rdv_list")]


class PlatformRdvWord(models.Model):
    """One thing that the platform said of an appointment, in the order it came."""

    rdv = models.ForeignKey(PlatformRdv, on_delete=models.PROTECT, related_name="words", db_index=False)
    revision = models.PositiveIntegerField()
    at = models.DateTimeField()
    message = models.ForeignKey(HubMessage, on_delete=models.PROTECT, related_name="+", db_index=False)
    content = models.JSONField()

    class Meta:
        triggers = append_only()
        constraints = [models.UniqueConstraint(fields=["rdv", "revision"], name="platform_rdv_word_once")]


class ToldRdv(models.Model):
    """One of our appointments that a regulation software hears of, under one identifier whatever becomes of it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    partner = models.ForeignKey(LrmPartner, on_delete=models.PROTECT, related_name="+")
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="+")  # the one that counts now
    created_at = models.DateTimeField()
