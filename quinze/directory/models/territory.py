from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User
from quinze.base.rows import Quick


class Departement(models.Model):
    code = models.CharField(max_length=3, primary_key=True)
    name = models.CharField(max_length=60)
    region_code = models.CharField(max_length=3)
    region = models.CharField(max_length=60)
    zone = models.CharField(max_length=40)
    area_km2 = models.FloatField(null=True)
    gp_density_per_100k = models.FloatField(null=True)  # INSEE BPE 2020, ANCT
    default_radius_km = models.FloatField()  # ours, corrected: see docs/explanation/radius.md
    published_radius_km = models.FloatField(null=True)  # of the national platform, 2025


class Commune(Quick):
    """A French commune (COG). `lat`/`lon` may be the mean of its postal code or EPCI: `position` says which."""

    insee = models.CharField(max_length=5, primary_key=True)
    name = models.CharField(max_length=80)
    search_name = models.CharField(max_length=80, db_index=True)  # folded: base.codes.fold
    postal_codes = ArrayField(models.CharField(max_length=5), default=list)
    departement = models.ForeignKey(Departement, on_delete=models.PROTECT, related_name="communes")
    population = models.IntegerField(null=True)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    position = models.CharField(
        max_length=8,
        choices=[
            ("exact", "exacte"),
            ("name", "par le nom"),
            ("postal", "du code postal"),
            ("epci", "de l’EPCI"),
            ("none", "inconnue"),
        ],
    )
    zone = models.CharField(max_length=40)

    class Meta:
        indexes = [
            models.Index(fields=["search_name"], name="commune_search_prefix", opclasses=["varchar_pattern_ops"]),
            GinIndex(fields=["postal_codes"], name="commune_postal_codes"),
        ]

    def __str__(self) -> str:
        return self.name


class SasCommune(models.Model):
    """A commune covered by a SAS, wholly, or in part when `part` says which."""

    sas = models.ForeignKey(Sas, on_delete=models.CASCADE, related_name="covered")
    commune = models.ForeignKey(Commune, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=200, blank=True)
    pdsa_sector = models.CharField(max_length=80, blank=True, default="", db_default="")  # as the SAS names it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sas", "commune"], name="sas_commune_once")]


class Neighbour(models.Model):
    sas = models.ForeignKey(Sas, on_delete=models.CASCADE, related_name="neighbours")
    neighbour = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sas", "neighbour"], name="neighbour_once"),
            models.CheckConstraint(condition=~Q(sas=F("neighbour")), name="not_its_own_neighbour"),
        ]


class EntryNumber(models.Model):
    """A telephone number that reaches the SAS: the 15, a local number, the 116 117 (X2)."""

    sas = models.ForeignKey(Sas, on_delete=models.CASCADE, related_name="entry_numbers")
    number = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, choices=[("15", "15"), ("116117", "116 117"), ("local", "numéro local")])
    stream = models.CharField(max_length=8, blank=True, choices=[("AMU", "AMU"), ("SNP", "SNP")])
    legal_ground = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sas", "number"], name="entry_number_once")]


class OpeningLine(models.Model):
    """When a line answers, in the SAS's local time: one row for one range of one weekday (0 = Monday)."""

    sas = models.ForeignKey(Sas, on_delete=models.CASCADE, related_name="opening_lines")
    line = models.CharField(max_length=8, choices=[("AMU", "AMU"), ("SNP", "SNP"), ("PDSA", "PDSA")])
    weekday = models.PositiveSmallIntegerField()
    starts = models.TimeField()
    ends = models.TimeField()
    on_holidays = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="opening_line_ends_after_start"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="opening_line_weekday"),
        ]


class LineClosure(models.Model):
    """One dated exception: a bridge, a local holiday, or an exceptional opening."""

    sas = models.ForeignKey(Sas, on_delete=models.CASCADE, related_name="line_closures")
    line = models.CharField(max_length=8)
    day = models.DateField()
    is_open = models.BooleanField(default=False)
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sas", "line", "day"], name="line_closure_once")]


class SasParameter(models.Model):
    """A dated choice of the SAS. Names, types and defaults: directory/parameters.py."""

    sas = models.ForeignKey(Sas, on_delete=models.CASCADE, related_name="parameters")
    name = models.CharField(max_length=60)
    value = models.JSONField()
    during = DateTimeRangeField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_value_of_a_parameter_at_a_time",
                expressions=[
                    (F("sas"), RangeOperators.EQUAL),
                    (F("name"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
            )
        ]
