import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower

from quinze.accounts.models import Sas, User
from quinze.base.rows import Quick
from quinze.directory.models.stamp import stamped
from quinze.directory.models.territory import Commune

_ACCENTED, _PLAIN = "àâäáãéèêëíîïóôöõúùûüçñÿ-’'.,/", "aaaaaeeeeiiioooouuuucny      "


class StructureKind(models.TextChoices):
    CABINET = "CABINET", "Cabinet"
    MSP = "MSP", "Maison de santé pluriprofessionnelle"
    CDS = "CDS", "Centre de santé"
    CPTS = "CPTS", "CPTS"
    SOS = "SOS", "SOS Médecins"
    CSNP = "CSNP", "Centre de soins non programmés"
    MMG = "MMG", "Maison médicale de garde"
    ED = "ED", "Service d’urgences"
    PHARMACY = "PHARMACY", "Pharmacie"


class Sector(models.TextChoices):
    """Conventionnement of a professional at a place, as the Annuaire Santé says it (`contracted`), OPTAM apart."""

    ONE = "1", "secteur 1"
    OPTAM = "OPTAM", "secteur 2, OPTAM"
    TWO = "2", "secteur 2"
    NONE = "NC", "non conventionné"


class Professional(Quick):
    """A health professional, keyed by one national identifier; several identifiers may be known of one person."""

    rpps = models.CharField(max_length=11, null=True, unique=True)
    adeli = models.CharField(max_length=9, null=True, unique=True)
    idnps = models.CharField(max_length=30, null=True, unique=True)  # with its prefix
    civility = models.CharField(max_length=10, blank=True)  # Dr, Pr
    gender = models.CharField(max_length=1, blank=True)  # M, F: French agreement of sentences
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    search_name = models.CharField(max_length=170, db_index=True)  # folded "family given"
    profession = models.CharField(max_length=4)  # TRE_G15: 10 médecin, 60 infirmier, 21 pharmacien…
    specialty = models.CharField(max_length=8, blank=True)  # TRE_R38: SM54 médecine générale…
    account = models.OneToOneField(User, on_delete=models.SET_NULL, null=True, related_name="professional")
    source = models.CharField(max_length=20, default="quinze")  # quinze, annuaire
    source_updated_at = models.DateTimeField(null=True)

    class Meta:
        triggers = stamped("professional")
        constraints = [
            models.CheckConstraint(
                condition=Q(rpps__isnull=False) | Q(adeli__isnull=False) | Q(idnps__isnull=False),
                name="professional_has_an_identifier",
            ),
        ]
        indexes = [models.Index(fields=["profession", "specialty"], name="professional_specialty")]

    def __str__(self) -> str:
        return " ".join(part for part in (self.civility, self.given_name, self.family_name) if part)


class Structure(Quick):
    kind = models.CharField(max_length=10, choices=StructureKind)
    name = models.CharField(max_length=160)
    search_name = models.GeneratedField(  # folded by PostgreSQL, so that every way of writing a row fills it
        expression=Func(Lower("name"), Value(_ACCENTED), Value(_PLAIN), function="TRANSLATE"),
        output_field=models.CharField(max_length=160),
        db_persist=True,
    )
    finess = models.CharField(max_length=9, null=True, unique=True)
    siret = models.CharField(max_length=14, null=True, unique=True)
    phone = models.CharField(max_length=20, blank=True)  # E.164
    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, null=True, related_name="structures")

    class Meta:
        triggers = stamped("structure")

    def __str__(self) -> str:
        return self.name


class StructureCommune(models.Model):
    """The zone of a CPTS."""

    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="zone_communes")
    commune = models.ForeignKey(Commune, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["structure", "commune"], name="structure_commune_once")]


class Membership(models.Model):
    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="memberships")
    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="memberships")
    during = DateTimeRangeField()

    class Meta:
        triggers = stamped("membership")
        constraints = [
            ExclusionConstraint(
                name="one_membership_at_a_time",
                expressions=[
                    (F("professional"), RangeOperators.EQUAL),
                    (F("structure"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
            )
        ]


class Place(Quick):
    """Where someone practises: one professional at one address (lieu d'exercice), or a structure's own address."""

    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, null=True, related_name="places")
    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, null=True, related_name="places")
    activity_id = models.CharField(max_length=40, null=True, unique=True)  # rpps_rang, or the directory's own
    name = models.CharField(max_length=160, blank=True)
    address = models.CharField(max_length=200)
    commune = models.ForeignKey(Commune, on_delete=models.PROTECT, related_name="+")
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    zone = models.CharField(max_length=40)
    phones = ArrayField(models.CharField(max_length=20), default=list)  # E.164
    email = models.EmailField(blank=True)
    sector = models.CharField(max_length=5, choices=Sector, blank=True, default="", db_default="")  # empty: not known
    wheelchair = models.BooleanField(null=True)
    languages = ArrayField(models.CharField(max_length=3), default=list)  # ISO 639-1 beyond French
    information = models.CharField(max_length=1000, blank=True)  # told to the OSNP
    is_active = models.BooleanField(default=True)
    source = models.CharField(max_length=20, default="quinze")
    # A replacement or a newcomer works where an accounts manager said, between two instants; others have no dates.
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    replaces = models.ForeignKey(Professional, on_delete=models.PROTECT, null=True, related_name="replacements")

    class Meta:
        triggers = stamped("place")
        constraints = [
            models.CheckConstraint(
                condition=Q(professional__isnull=False) | Q(structure__isnull=False), name="place_has_an_owner"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_from__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="place_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | (Q(valid_until__isnull=False) & ~Q(professional=F("replaces"))),
                name="replacement_has_an_end",
            ),
        ]
        indexes = [models.Index(fields=["lat", "lon"], name="place_box", condition=Q(is_active=True))]


@pghistory.track()
class Participation(models.Model):
    """A professional or a structure takes part in a SAS, dated. No participation, no dedicated slot."""

    class Via(models.TextChoices):
        INDIVIDUAL = "individual", "à titre individuel"
        CPTS = "cpts", "via sa CPTS"
        MSP = "msp", "via sa MSP"
        SOS = "sos", "via SOS Médecins"
        STRUCTURE = "structure", "en tant que structure"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="participations")
    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, null=True, related_name="participations")
    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, null=True, related_name="participations")
    via = models.CharField(max_length=10, choices=Via, default=Via.INDIVIDUAL)
    via_structure = models.ForeignKey(Structure, on_delete=models.PROTECT, null=True, related_name="+")
    during = DateTimeRangeField()
    accepts_overbooking = models.BooleanField(default=False)
    overbooking_per_day = models.PositiveSmallIntegerField(default=0)
    accepts_visits = models.BooleanField(default=False)
    accepts_teleconsultation = models.BooleanField(default=False)
    shows_public_slots = models.BooleanField(default=False)  # opt-in (complaint 2)
    shows_pro_slots = models.BooleanField(default=False)
    takes_reorientations = models.BooleanField(default=False, db_default=False)  # of emergency departments

    class Meta:
        triggers = stamped("participation")
        constraints = [
            models.CheckConstraint(
                condition=Q(professional__isnull=False, structure__isnull=True)
                | Q(professional__isnull=True, structure__isnull=False),
                name="participation_of_one",
            ),
            models.CheckConstraint(
                condition=Q(accepts_overbooking=False) | Q(overbooking_per_day__gt=0), name="overbooking_has_a_quota"
            ),
            ExclusionConstraint(
                name="one_participation_of_a_professional_at_a_time",
                expressions=[
                    (F("sas"), RangeOperators.EQUAL),
                    (F("professional"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
                condition=Q(professional__isnull=False),
            ),
            ExclusionConstraint(
                name="one_participation_of_a_structure_at_a_time",
                expressions=[
                    (F("sas"), RangeOperators.EQUAL),
                    (F("structure"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
                condition=Q(structure__isnull=False),
            ),
        ]
