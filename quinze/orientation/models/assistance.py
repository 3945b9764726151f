from django.db import models
from django.db.models import Q

from quinze.accounts.models import User
from quinze.base.triggers import append_only
from quinze.orientation.models.request import OrientationRequest


class Assistance(models.Model):
    """A doctor assists by video the nurse who is with the person (téléassistance médicale, CSP R. 6316-1, 4°).

    `join` is what the SAS says: a link of its own service, a number. Quinze carries no video.
    """

    request = models.OneToOneField(
        OrientationRequest, on_delete=models.PROTECT, primary_key=True, related_name="assistance"
    )
    doctor = models.CharField(max_length=120)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # who decided so, in person
    join = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(doctor="") & ~Q(join=""), name="assistance_says_who_and_how")
        ]
        triggers = append_only()
