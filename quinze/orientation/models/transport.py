from django.db import models
from django.db.models import Q

from quinze.accounts.models import Sas, User
from quinze.base.triggers import append_only
from quinze.orientation.models.booking import Booking

TO_SETTLE = ("to_ask", "asked", "refused", "review")  # somebody of the SAS still has a call to make
LIVE_TRANSPORTS = (*TO_SETTLE, "confirmed")


class Transport(models.Model):
    """How a person who cannot come by themselves goes to an appointment, and home (ORI-11).

    Its state is the last row of TransportStep, kept here by the same operation.
    """

    class Kind(models.TextChoices):
        AMBULANCE = "ambulance", "ambulance"
        VSL = "vsl", "VSL"
        TAXI = "taxi", "taxi conventionné"

    class State(models.TextChoices):
        TO_ASK = "to_ask", "à demander"
        ASKED = "asked", "demandé"
        CONFIRMED = "confirmed", "confirmé"
        REFUSED = "refused", "refusé"
        REVIEW = "review", "à revoir"
        CANCELLED = "cancelled", "annulé"
        DONE = "done", "fait"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+", db_index=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="transports")
    kind = models.CharField(max_length=9, choices=Kind)
    there = models.BooleanField()
    back = models.BooleanField()
    prescriber = models.CharField(max_length=120)  # a transport is prescribed by a doctor
    prescribed_at = models.DateTimeField()
    company = models.CharField(max_length=120, blank=True)  # who was asked last
    phone = models.CharField(max_length=20, blank=True)
    pick_up_at = models.DateTimeField(null=True)
    return_at = models.DateTimeField(null=True)  # none: when the practice calls
    state = models.CharField(max_length=9, choices=State, default=State.TO_ASK)
    state_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(there=True) | Q(back=True), name="transport_goes_somewhere"),
            models.CheckConstraint(condition=~Q(prescriber=""), name="transport_has_its_prescriber"),
            models.CheckConstraint(
                condition=Q(state__in=["to_ask", "cancelled"]) | ~Q(company=""), name="transport_asked_of_somebody"
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(there=False) | Q(pick_up_at__isnull=False),
                name="confirmed_transport_has_its_hour",
            ),
            models.UniqueConstraint(
                fields=["booking"],
                name="one_transport_there",
                condition=Q(there=True, state__in=LIVE_TRANSPORTS),
            ),
            models.UniqueConstraint(
                fields=["booking"],
                name="one_transport_back",
                condition=Q(back=True, state__in=LIVE_TRANSPORTS),
            ),
        ]
        indexes = [models.Index(fields=["sas"], name="transport_to_settle", condition=Q(state__in=TO_SETTLE))]

    @property
    def words(self) -> str:
        """« ambulance, aller et retour »."""
        way = "aller et retour" if self.there and self.back else "aller" if self.there else "retour"
        return f"{self.get_kind_display()}, {way}"


class TransportStep(models.Model):
    """One change of a transport: what was agreed, with whom, for which appointment. Appended, never changed."""

    transport = models.ForeignKey(Transport, on_delete=models.PROTECT, related_name="steps", db_index=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=9, choices=Transport.State)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    company = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    pick_up_at = models.DateTimeField(null=True)
    return_at = models.DateTimeField(null=True)

    class Meta:
        triggers = append_only()
        indexes = [models.Index(fields=["transport", "at"], name="transport_step_order")]
