import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User


class CharterVersion(models.Model):
    """One version of the charte d'adressage. Published, its text never changes: a correction is a new version."""

    class Status(models.TextChoices):
        DRAFT = "draft", "brouillon"
        PUBLISHED = "published", "en vigueur"
        SUPERSEDED = "superseded", "remplacée"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="charters")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    authors = models.CharField(max_length=300)
    agreed_on = models.DateField(null=True)  # by the territorial committee
    document = models.JSONField()  # quinze.science.charter: levels, radius, orders, steps
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    in_force = DateTimeRangeField(null=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sas", "number"], name="charter_number_once"),
            models.UniqueConstraint(fields=["sas"], name="one_charter_draft", condition=Q(status="draft")),
            models.CheckConstraint(
                condition=Q(status="draft", in_force__isnull=True)
                | (~Q(status="draft") & Q(in_force__isnull=False, published_at__isnull=False, agreed_on__isnull=False)),
                name="charter_in_force_once_published",
            ),
            ExclusionConstraint(
                name="one_charter_in_force_at_a_time",
                expressions=[(F("sas"), RangeOperators.EQUAL), (F("in_force"), RangeOperators.OVERLAPS)],
                condition=~Q(status="draft"),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_charter_never_deleted",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__status__in=["published", "superseded"]),
            ),
            pgtrigger.Trigger(
                name="published_charter_never_edited",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.status <> 'draft'"),
                func="""
                    IF NEW.document IS DISTINCT FROM OLD.document OR NEW.title <> OLD.title OR NEW.number <> OLD.number
                        OR NEW.authors <> OLD.authors OR NEW.agreed_on IS DISTINCT FROM OLD.agreed_on
                        OR NEW.sas_id <> OLD.sas_id OR NEW.status = 'draft' THEN
                        RAISE EXCEPTION 'a published charter is never edited';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]
