from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User
from quinze.availability.models import Modality, Slot
from quinze.base.triggers import append_only
from quinze.orientation.models.booking import Booking
from quinze.orientation.models.request import OrientationRequest

LIVE_OFFERS = ("proposed", "calling")


class FreedSeat(models.Model):
    """A seat that was someone's, or that a doctor gave back: free again, and worth offering before it is lost."""

    class Cause(models.TextChoices):
        CANCELLED = "cancelled", "rendez-vous annulé"
        MOVED = "moved", "rendez-vous déplacé"
        NO_ANSWER = "no_answer", "retenue sans réponse"
        RETURNED = "returned", "absence levée"

    class State(models.TextChoices):
        OPEN = "open", "à proposer"
        REFILLED = "refilled", "redonnée"
        TAKEN = "taken", "prise autrement"
        GONE = "gone", "retirée par le médecin"
        PAST = "past", "perdue"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="freed_seats")
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="freed_seats")
    minutes = models.PositiveSmallIntegerField()  # what is lost if nobody takes it
    cause = models.CharField(max_length=9, choices=Cause)
    from_booking = models.ForeignKey(Booking, on_delete=models.PROTECT, null=True, related_name="freed")
    freed_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    closed_at = models.DateTimeField(null=True)
    look_again_at = models.DateTimeField()  # nobody fitted at the last look: not every fifteen seconds

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["from_booking"], name="a_booking_frees_its_seat_once"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="freed_seat_closed_with_its_instant",
            ),
        ]
        indexes = [
            models.Index(fields=["sas", "freed_at"], name="freed_seat_figures"),
            models.Index(fields=["slot"], name="freed_seat_open", condition=Q(state="open")),
        ]


class RescueOffer(models.Model):
    """A freed seat offered to one person. Its state is the last row of RescueStep, kept here by the same operation."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "à appeler"
        CALLING = "calling", "appel en cours"
        ACCEPTED = "accepted", "accepté"
        REFUSED = "refused", "refusé"
        UNREACHABLE = "unreachable", "injoignable"
        LAPSED = "lapsed", "sans suite"

    seat = models.ForeignKey(FreedSeat, on_delete=models.PROTECT, related_name="offers")
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(OrientationRequest, on_delete=models.PROTECT, related_name="rescue_offers")
    instead_of = models.ForeignKey(Booking, on_delete=models.PROTECT, null=True, related_name="+")  # asked for earlier
    candidate = models.CharField(max_length=80)  # of the request's own ranking
    level = models.PositiveSmallIntegerField()  # of the charter
    level_name = models.CharField(max_length=200)
    modality = models.CharField(max_length=3, choices=Modality)
    km = models.FloatField(null=True)
    starts_at = models.DateTimeField()
    deadline = models.DateTimeField()  # of the request, when it was offered
    state = models.CharField(max_length=11, choices=State, default=State.PROPOSED)
    proposed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    called_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, null=True, related_name="+")  # what came of it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["slot"], name="one_rescue_of_a_seat_at_a_time", condition=Q(state__in=LIVE_OFFERS)
            ),
            models.UniqueConstraint(
                fields=["request"], name="one_rescue_of_a_person_at_a_time", condition=Q(state__in=LIVE_OFFERS)
            ),
            models.CheckConstraint(condition=Q(starts_at__lte=F("deadline")), name="rescue_before_the_deadline"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("proposed_at")), name="rescue_always_expires"),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(booking__isnull=False), name="accepted_rescue_has_its_booking"
            ),
        ]
        indexes = [models.Index(fields=["seat"], name="rescue_of_seat")]


class RescueStep(models.Model):
    """What was done with an offer: proposed, called, accepted, refused, unreachable, lapsed. Appended only."""

    offer = models.ForeignKey(RescueOffer, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=11, choices=RescueOffer.State)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        triggers = append_only()
        indexes = [models.Index(fields=["offer", "at"], name="rescue_step_order")]


class EarlierWish(models.Model):
    """« Prévenez-moi si plus tôt »: a person who has an appointment would take an earlier one."""

    request = models.ForeignKey(OrientationRequest, on_delete=models.PROTECT, related_name="earlier_wishes")
    asked_at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # none: the patient, by link
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"], name="one_wish_of_earlier_at_a_time", condition=Q(ended_at__isnull=True)
            )
        ]
