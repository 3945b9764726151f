"""What each participant gave and was asked, counted day by day from the logs; and what they dispute of it."""

from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User
from quinze.base.triggers import append_only
from quinze.directory.models import Professional


class OfferedDay(models.Model):
    """Time and seats that the SAS could see of one participant on one local day that is over, or nearly."""

    sas = models.ForeignKey(Sas, on_delete=models.CASCADE, related_name="+")
    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    minutes = models.PositiveIntegerField()
    seats = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sas", "day", "professional"], name="offered_day_once")]
        indexes = [models.Index(fields=["professional", "day"], name="offered_day_of_one")]


class SearchedDay(models.Model):
    """How often the searches of one local day met one professional with one outcome; a search counts once for each.

    `outcome` is one of those of `operations.tallying.met`, or the code of a refusal. `level` is the level where
    they stood, `chosen_level` the level of who was chosen instead; 0 when there is none.
    """

    sas = models.ForeignKey(Sas, on_delete=models.CASCADE, related_name="+")
    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    outcome = models.CharField(max_length=20)
    level = models.PositiveSmallIntegerField(default=0)
    chosen_level = models.PositiveSmallIntegerField(default=0)
    times = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sas", "day", "professional", "outcome", "level", "chosen_level"], name="searched_day_once"
            )
        ]
        indexes = [models.Index(fields=["professional", "day"], name="searched_day_of_one")]


class Tallied(models.Model):
    """Up to which ranking the searches of a SAS are counted in SearchedDay."""

    sas = models.OneToOneField(Sas, on_delete=models.CASCADE, related_name="+")
    log = models.BigIntegerField()
    at = models.DateTimeField()


class Dispute(models.Model):
    """A doctor says that a figure of theirs is wrong: which one, of which period, what was shown, and why."""

    class Figure(models.TextChoices):
        HOURS = "hours", "Heures ouvertes au SAS"
        SHOWN = "shown", "Fois proposé dans une recherche"
        CHOSEN = "chosen", "Fois choisi"
        BOOKED = "booked", "Rendez-vous donnés"
        SEEN = "seen", "Patients vus"
        NO_SHOW = "no_show", "Patients non venus"
        SNP = "snp", "Actes SNP de la semaine"
        ANNUAL = "annual", "Conditions de la somme annuelle"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="disputes")
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="disputes")
    figure = models.CharField(max_length=10, choices=Figure)
    starts_on = models.DateField()
    ends_on = models.DateField()  # last day included
    shown = models.CharField(max_length=120)  # what the page said that day
    text = models.CharField(max_length=1000)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="dispute_says_why"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="dispute_period_in_order"),
        ]
        triggers = append_only()
        indexes = [models.Index(fields=["sas", "-at"], name="dispute_of_sas")]


class DisputeAnswer(models.Model):
    """What an accounts manager or the referent answered. A second answer is one more row."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="answers")
    accepted = models.BooleanField()  # the figure was wrong
    text = models.CharField(max_length=1000)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="answer_says_why")]
        triggers = append_only()
