"""A doctor contests a figure of their page; an accounts manager or the referent answers. Both are appended only."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from quinze.accounts.actor import Actor
from quinze.base import live
from quinze.base.constraints import refuse_violations
from quinze.base.errors import NotFound, Refusal
from quinze.directory.models import Professional
from quinze.orientation.models import Dispute, DisputeAnswer
from quinze.orientation.rules import may_answer_disputes, may_dispute

LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Contested:
    """Which figure, of which local days (last included), and what the page showed."""

    figure: str
    starts_on: date
    ends_on: date
    shown: str


def open_dispute(*, professional: Professional, contested: Contested, text: str, by: Actor, at: datetime) -> Dispute:
    """Raises Refusal for another than the doctor, no words, or the same figure still waiting for its answer."""
    if not may_dispute(by, professional):
        raise Refusal("Seul le médecin conteste ses propres chiffres.", code="forbidden")
    said = _said(text, missing="Dites en quelques mots ce qui est faux.")
    with refuse_violations():
        _one_at_a_time(professional)
        _require_answered(professional, contested, by)
        dispute = Dispute.objects.create(
            sas=by.sas,
            professional=professional,
            figure=contested.figure,
            starts_on=contested.starts_on,
            ends_on=contested.ends_on,
            shown=contested.shown[:120],
            text=said,
            at=at,
            by=by.user,
        )
        live.publish(sas_id=by.sas.pk, topics=["disputes"], subject=f"dispute:{dispute.pk}", at=at)
    return dispute


def _one_at_a_time(professional: Professional) -> None:
    """Two taps on the button are one dispute."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('dispute'), %s)", [professional.pk])


def _require_answered(professional: Professional, contested: Contested, by: Actor) -> None:
    same = Dispute.objects.filter(
        sas=by.sas,
        professional=professional,
        figure=contested.figure,
        starts_on=contested.starts_on,
        ends_on=contested.ends_on,
    )
    if same.filter(answers__isnull=True).exists():
        raise Refusal("Ce chiffre est déjà contesté : la réponse viendra ici.", code="already_disputed", field="figure")


def answer_dispute(*, pk: int, accepted: bool, text: str, by: Actor, at: datetime) -> DisputeAnswer:
    """`accepted`: the figure was wrong. Raises NotFound for another SAS, Refusal without words or without the right."""
    if not may_answer_disputes(by):
        raise Refusal("Le gestionnaire de comptes ou le référent territorial répond.", code="forbidden")
    said = _said(text, missing="Écrivez la réponse : le médecin la lira.")
    with transaction.atomic():
        dispute = Dispute.objects.filter(sas=by.sas, pk=pk).first()
        if dispute is None:
            raise NotFound("Cette contestation n’existe pas dans votre SAS.")
        answer = DisputeAnswer.objects.create(
            dispute=dispute, accepted=accepted, text=said, at=at, by=by.user, role=by.role
        )
        topics = ["disputes", f"effecteur:{dispute.professional_id}"]
        live.publish(sas_id=by.sas.pk, topics=topics, subject=f"dispute:{dispute.pk}", at=at)
    return answer


def _said(text: str, *, missing: str) -> str:
    said = text.strip()
    if not said:
        raise Refusal(missing, field="text")
    if len(said) > LONGEST:
        raise Refusal(f"{LONGEST} signes au plus : il y en a {len(said)}.", field="text")
    return said
