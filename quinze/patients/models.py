import pghistory
from django.db import models
from django.db.models import Q

from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role
from quinze.base.triggers import append_only
from quinze.directory.models import Professional


@pghistory.track()
class Patient(models.Model):
    """Who is cared for. A provisional identity is normal; no national number is ever a key."""

    class Identity(models.TextChoices):
        PROVISIONAL = "PROV", "Identité provisoire"
        RETRIEVED = "RECUP", "Identité récupérée"
        VALIDATED = "VALI", "Identité validée"
        QUALIFIED = "QUAL", "Identité qualifiée"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="patients")
    family_name = models.CharField(max_length=100, blank=True)  # nom de naissance (INS strict trait)
    used_name = models.CharField(max_length=100, blank=True)
    given_names = models.CharField(max_length=160, blank=True)  # INS strict trait
    given_name = models.CharField(max_length=80, blank=True)  # first or used given name
    search_name = models.CharField(max_length=200, blank=True)  # folded "family given"
    birth_date = models.DateField(null=True)
    age_months = models.PositiveSmallIntegerField(null=True)  # declared, when the birth date is unknown…
    age_declared_on = models.DateField(null=True)  # …and when it was said
    sex = models.CharField(max_length=2, default="UN")  # HubSante.sexe
    birth_insee = models.CharField(max_length=5, blank=True)  # INS strict trait
    ins = models.CharField(max_length=15, blank=True)  # matricule INS: shown, exchanged, never a key
    ins_oid = models.CharField(max_length=30, blank=True)
    identity = models.CharField(max_length=5, choices=Identity, default=Identity.PROVISIONAL)
    phone = models.CharField(max_length=20, blank=True)  # E.164
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=3, blank=True)  # when not French
    referring_doctor = models.ForeignKey(Professional, on_delete=models.SET_NULL, null=True, related_name="+")
    referring_doctor_text = models.CharField(max_length=160, blank=True)  # as said, when not in the directory
    referring_nurse = models.ForeignKey(Professional, on_delete=models.SET_NULL, null=True, related_name="+")
    referring_nurse_text = models.CharField(max_length=160, blank=True, default="", db_default="")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(identity="PROV") | (Q(birth_date__isnull=False) & ~Q(family_name="")),
                name="identity_above_provisional_has_traits",
            ),
            models.CheckConstraint(
                condition=~Q(identity__in=["RECUP", "QUAL"]) | ~Q(ins=""), name="qualified_identity_has_its_ins"
            ),
        ]
        indexes = [
            models.Index(fields=["sas", "search_name"], name="patient_search"),
            models.Index(fields=["sas", "phone"], name="patient_phone"),
        ]


class AccessRecord(models.Model):
    """Somebody opened a person's file: who, in which role, when, what, why. Nobody can alter it."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)  # case_file, orientation, patient, letter
    reference = models.CharField(max_length=40)  # file number or identifier
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="accesses")
    why = models.CharField(max_length=60)  # what was done: opened, searched, printed, exported

    class Meta:
        triggers = append_only()
        indexes = [
            models.Index(fields=["sas", "kind", "reference", "at"], name="access_by_reference"),
            models.Index(fields=["patient", "at"], name="access_by_patient"),
        ]
