"""What each SAMU declares to the national survey (SAE), year by year. Published data about establishments."""

from django.db import models


class NationalSamu(models.Model):
    """A row of a SMURSAMU file, and the workload computed from it. Hours are weekly; null is "not declared"."""

    year = models.PositiveSmallIntegerField()
    finess = models.CharField(max_length=9)
    departement = models.CharField(max_length=3, db_index=True)
    name = models.CharField(max_length=120)
    presented = models.PositiveIntegerField(null=True)
    hung_up_early = models.PositiveIntegerField(null=True)
    answered = models.PositiveIntegerField(null=True)
    answered_in_a_minute = models.PositiveIntegerField(null=True)
    files = models.PositiveIntegerField(null=True)
    medical_files = models.PositiveIntegerField(null=True)
    liberal_files = models.PositiveIntegerField(null=True)
    regulator_hours = models.PositiveIntegerField(null=True)
    amu_hours = models.PositiveIntegerField(null=True)
    liberal_hours = models.PositiveIntegerField(null=True)
    arm_hours = models.PositiveIntegerField(null=True)
    effective_handling_s = models.FloatField(null=True)
    effective_patience_s = models.FloatField(null=True)
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year", "finess"], name="national_samu_once")]
