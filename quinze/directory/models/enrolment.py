"""What a professional asks when the directory does not know them, or not where they practise."""

from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User
from quinze.directory.models.territory import Commune


class EnrolmentRequest(models.Model):
    """Asked once the person's national identity was proven; answered by an accounts manager of that SAS."""

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", "acceptée"
        REFUSED = "refused", "refusée"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=40)  # SubjectNameID, with its prefix
    family_name = models.CharField(max_length=80)
    given_name = models.CharField(max_length=80)
    title = models.CharField(max_length=10, blank=True)
    said = models.JSONField(default=dict)  # practices and activities, in the words of Pro Santé Connect
    email = models.EmailField()
    commune = models.ForeignKey(Commune, on_delete=models.PROTECT, null=True, related_name="+")
    message = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sas", "subject"], condition=Q(answered_at__isnull=True), name="one_open_enrolment_request"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | Q(~Q(answer=""), answered_at__gte=F("asked_at"), answered_by__isnull=False),
                name="enrolment_answer_is_signed_and_dated",
            ),
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.title, self.given_name, self.family_name) if part)
