from django.db import models

from quinze.accounts.models import Sas, User
from quinze.base.triggers import append_only


class DirectoryChange(models.Model):
    """Who changed what of the directory or of the territory, and when. Written by every operation."""

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    subject = models.CharField(max_length=60)  # "professional:12", "sas:3"
    action = models.CharField(max_length=120)  # in French, as it is shown
    details = models.JSONField(default=dict)

    class Meta:
        triggers = append_only()
        indexes = [models.Index(fields=["subject", "-at"], name="directory_change_subject")]
