from django.db import models
from django.db.models import Q

from quinze.accounts.models import Sas
from quinze.directory.models import Professional, Structure


class OfferedSeats(models.Model):
    """Seats that one participant offered to a SAS over the last 28 days, counted ahead by a job.

    The denominator of "fairest" would otherwise read hundreds of thousands of slots at each search. A ranking logs the
    figure that it used, so a refresh never changes what a past ranking replays.
    """

    sas = models.ForeignKey(Sas, on_delete=models.CASCADE, related_name="offered_seats")
    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, null=True, related_name="+")
    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, null=True, related_name="+")
    seats = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(professional__isnull=False, structure__isnull=True)
                | Q(professional__isnull=True, structure__isnull=False),
                name="offered_seats_of_one",
            ),
            models.UniqueConstraint(fields=["sas", "professional"], name="offered_seats_of_professional_once"),
            models.UniqueConstraint(fields=["sas", "structure"], name="offered_seats_of_structure_once"),
        ]
