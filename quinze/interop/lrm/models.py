"""The regulation software of a SAS, when it is not Quinze: whose calls are let in, and what came of them."""

from django.db import models
from django.db.models import Q

from quinze.accounts.models import Sas, User
from quinze.orientation.models import OrientationRequest


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
