"""What makes somebody eligible for a post of the room: dated facts, told once and never rewritten."""

from django.db import models
from django.db.models import F, Q

from quinze.accounts.models import Sas, User
from quinze.base.triggers import append_only


class StaffFact(models.Model):
    """The last one written of a family (status, contract, training…) counts; those before stay readable."""

    class Kind(models.TextChoices):
        LIBERAL = "liberal", "Médecin libéral"
        EMPLOYED = "employed", "Médecin salarié de centre de santé"
        HOSPITAL = "hospital", "Médecin hospitalier"
        RETIRED = "retired", "Médecin retraité (cumul emploi-retraite)"
        SUBSTITUTE = "substitute", "Médecin remplaçant"
        CONTRACT = "contract", "Contrat ou convention"
        TRAINED = "trained", "Formation à la régulation validée"
        REMOTE = "remote", "Compétences validées pour réguler à distance"
        ARM_CERTIFIED = "arm_certified", "Diplôme d’ARM"
        ARM_TRANSITION = "arm_transition", "Formation transitoire d’ARM"
        ARM_EVALUATED = "arm_evaluated", "Évaluation à douze mois de l’ARM"

    sas = models.ForeignKey(Sas, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=14, choices=Kind)
    since = models.DateField()
    until = models.DateField(null=True)  # the last day; None: no end, or that of the rule
    note = models.CharField(max_length=200, blank=True)  # sort of contract, who attested
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="staff_fact_in_order"),
        ]
        indexes = [models.Index(fields=["sas", "user", "-id"], name="staff_fact_of_person")]
        triggers = append_only()
