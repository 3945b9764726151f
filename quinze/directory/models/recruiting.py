"""Professionals who agreed to be written to about the SAS: whom, until when, by what proof, and what was done of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User
from quinze.base.triggers import append_only
from quinze.directory.models.offer import Structure

IDENTITY = ("family_name", "given_name", "rpps", "email", "phone", "postal_code", "note")


class Contact(models.Model):
    """Ended, by the person or by time, it holds nothing of anybody: the fingerprint of an address and a history."""

    class Means(models.TextChoices):
        PUBLIC = "public", "page publique, adresse vérifiée par un lien"
        PAPER = "paper", "bulletin signé, gardé par le SAS"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    family_name = models.CharField(max_length=80, blank=True)
    given_name = models.CharField(max_length=80, blank=True)
    profession = models.CharField(max_length=4)  # TRE_G15
    rpps = models.CharField(max_length=11, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)  # E.164
    postal_code = models.CharField(max_length=5, blank=True)
    fingerprint = models.CharField(max_length=64)  # of the address, keyed
    means = models.CharField(max_length=6, choices=Means)
    note = models.CharField(max_length=200, blank=True)  # where the signed paper is
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sas", "fingerprint"], condition=Q(ended_at__isnull=True), name="contact_once_while_it_lasts"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("asked_at")), name="consent_has_an_end"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, email__gt="", family_name__gt="")
                | Q(ended_at__isnull=False, **dict.fromkeys(IDENTITY, "")),
                name="ended_contact_is_erased",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], name="contact_to_end", condition=Q(ended_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.family_name.upper()} {self.given_name}".strip() or "contact effacé"


class ConsentEvent(models.Model):
    """The proof: what was agreed to or taken back, when, by what means, under which words."""

    class Kind(models.TextChoices):
        ASKED = "asked", "demande reçue"
        CONFIRMED = "confirmed", "consentement donné"
        RENEWED = "renewed", "consentement renouvelé"
        WITHDRAWN = "withdrawn", "consentement retiré"
        EXPIRED = "expired", "fin du consentement"

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=9, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # null: the person, or time
    means = models.CharField(max_length=120)
    version = models.CharField(max_length=20, blank=True)
    words = models.TextField(blank=True)

    class Meta:
        triggers = append_only()


class Campaign(models.Model):
    """A text and whom it is for. Never edited: another one is written."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    text = models.TextField()
    profession = models.CharField(max_length=4)
    cpts = models.ForeignKey(Structure, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(title__gt="", text__gt=""), name="campaign_says_something")]
        triggers = append_only()
        indexes = [models.Index(fields=["sas", "-at"], name="campaign_of_sas")]


class CampaignExport(models.Model):
    """A list that left: who took it, when, what for, and of whom it was."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="exports")
    purpose = models.CharField(max_length=300)
    kind = models.CharField(max_length=4)
    contacts = ArrayField(models.BigIntegerField())
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(purpose__gt="") & Q(contacts__len__gt=0), name="export_says_what_for")
        ]
        triggers = append_only()

    @property
    def count(self) -> int:
        return len(self.contacts)


class FormPace(models.Model):
    """What is left of the hour of one address or one SAS on a page open to everybody. `key` is keyed, and forgotten."""

    key = models.CharField(max_length=80, primary_key=True)
    seats = models.FloatField()
    at = models.DateTimeField()
    passed = models.BooleanField()  # whether the last one did
