from django.contrib.postgres.fields import ArrayField
from django.db import models


class LiveEvent(models.Model):
    """One committed change that open desks must hear of. Kept a day, so that a desk that lost its link catches up.

    It carries subjects and identifiers only: what changed is read again, with the reader's own rights.
    """

    sas_id = models.BigIntegerField()
    topics = ArrayField(models.CharField(max_length=60))
    subject = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="live_event_at")]
