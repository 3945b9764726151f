from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User
from quinze.availability.models import Modality
from quinze.directory.models import Place, Professional
from quinze.orientation.models.booking import Booking
from quinze.orientation.models.request import OrientationRequest


class OverbookingAsk(models.Model):
    """« Un patient de plus ? », asked of a doctor on their own page: pending for a few minutes, it takes one place of
    the day's quota, and a person is asked of one doctor at a time (what is not answered must not be given twice).
    """

    class State(models.TextChoices):
        PENDING = "pending", "attend la réponse"
        ACCEPTED = "accepted", "accepté"
        REFUSED = "refused", "refusé"
        EXPIRED = "expired", "sans réponse"
        WITHDRAWN = "withdrawn", "retiré"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(OrientationRequest, on_delete=models.PROTECT, related_name="overbooking_asks")
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="overbooking_asks")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    modality = models.CharField(max_length=3, choices=Modality)
    ranking = models.PositiveBigIntegerField(null=True)  # the log in which the doctor was proposed
    reason = models.CharField(max_length=300, blank=True)  # not the first proposal: why
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"], name="one_doctor_asked_at_a_time", condition=Q(state="pending")
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("asked_at")), name="an_ask_always_expires"),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(booking__isnull=False), name="accepted_ask_has_its_booking"
            ),
            models.CheckConstraint(
                condition=Q(state="pending", answered_at__isnull=True)
                | (~Q(state="pending") & Q(answered_at__isnull=False)),
                name="answered_ask_has_its_instant",
            ),
        ]
        indexes = [models.Index(fields=["professional", "starts_at"], name="ask_pending", condition=Q(state="pending"))]
