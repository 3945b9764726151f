from django.db import models
from django.db.models import Q

from quinze.accounts.models import User
from quinze.base.triggers import append_only
from quinze.orientation.models.booking import Booking
from quinze.orientation.models.request import OrientationRequest

CONSTANTS = {
    "pulse": "Pouls",
    "pressure": "Tension",
    "saturation": "Saturation",
    "temperature": "Température",
    "breathing": "Fréquence respiratoire",
    "glucose": "Glycémie",
    "pain": "Douleur",
}


class Evaluation(models.Model):
    """What a regulating doctor wants a nurse to evaluate. Medical: apart from the request, which an OSNP reads."""

    request = models.OneToOneField(
        OrientationRequest, on_delete=models.PROTECT, primary_key=True, related_name="evaluation"
    )
    question = models.CharField(max_length=500)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(question=""), name="evaluation_says_what")]
        triggers = append_only()


class NurseReport(models.Model):
    """What the nurse saw, given back to the doctors. A later one completes it; none is ever edited."""

    class Conclusion(models.TextChoices):
        STAYS = "stays", "peut rester où elle est, sans autre soin pour l’instant"
        WATCH = "watch", "peut rester où elle est, à revoir ou à rappeler"
        DOCTOR = "doctor", "à examiner par un médecin"
        WORSE = "worse", "s’aggrave : me rappeler au plus vite"

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="reports", db_index=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    seen_at = models.DateTimeField()
    found = models.CharField(max_length=1500)
    pulse = models.CharField(max_length=20, blank=True)
    pressure = models.CharField(max_length=20, blank=True)
    saturation = models.CharField(max_length=20, blank=True)
    temperature = models.CharField(max_length=20, blank=True)
    breathing = models.CharField(max_length=20, blank=True)
    glucose = models.CharField(max_length=20, blank=True)
    pain = models.CharField(max_length=20, blank=True)
    conclusion = models.CharField(max_length=6, choices=Conclusion)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "number"], name="nurse_report_once"),
            models.CheckConstraint(condition=~Q(found=""), name="nurse_report_says_what_was_seen"),
            models.CheckConstraint(condition=Q(seen_at__lte=models.F("at")), name="nurse_report_after_the_visit"),
        ]
        triggers = append_only()

    @property
    def constants(self) -> str:
        """« Pouls 92, tension 14/8 », as the nurse wrote them: nothing is computed from them."""
        said = [f"{label.lower()} {value}" for name, label in CONSTANTS.items() if (value := getattr(self, name))]
        return ", ".join(said)

    @property
    def sentence(self) -> str:
        constants = self.constants[:1].upper() + self.constants[1:]
        parts = [self.found.rstrip("."), constants, f"Conclusion : {self.get_conclusion_display()}"]
        return ". ".join(part for part in parts if part) + "."


class ReportReading(models.Model):
    """A regulating doctor has taken note of a report, the first one who says so."""

    report = models.OneToOneField(NurseReport, on_delete=models.PROTECT, primary_key=True, related_name="reading")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        triggers = append_only()
