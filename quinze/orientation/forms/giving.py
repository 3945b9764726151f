"""What a doctor contests of their figures, and what they are answered."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from quinze.availability.forms import RefusableForm
from quinze.orientation.models import Dispute

NO_WORDS = {"required": "Dites en quelques mots ce qui est faux.", "max_length": "1 000 signes au plus."}
NO_ANSWER = {"required": "Écrivez la réponse : le médecin la lira.", "max_length": "1 000 signes au plus."}


class DisputeForm(RefusableForm):
    figure = forms.ChoiceField(
        label="Chiffre contesté",
        choices=Dispute.Figure.choices,
        error_messages={"required": "Choisissez le chiffre.", "invalid_choice": "Choisissez un chiffre de la liste."},
    )
    week = forms.TypedChoiceField(
        label="Période",
        required=False,
        coerce=date.fromisoformat,
        empty_value=None,
        error_messages={"invalid_choice": "Choisissez une semaine de ce mois."},
    )
    text = forms.CharField(
        label="Ce qui est faux",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
        error_messages=NO_WORDS,
    )

    def __init__(self, data: Any = None, *, mondays: Sequence[date], **options: Any) -> None:
        super().__init__(data, **options)
        weeks = [(monday.isoformat(), f"semaine du {monday:%d/%m/%Y}") for monday in mondays]
        self.fields["week"].choices = [("", "tout le mois"), *weeks]  # type: ignore[attr-defined]


class AnswerForm(RefusableForm):
    accepted = forms.TypedChoiceField(
        label="Le chiffre était",
        choices=[("non", "juste"), ("oui", "faux")],
        coerce="oui".__eq__,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si le chiffre était juste.", "invalid_choice": "Juste, ou faux."},
    )
    text = forms.CharField(
        label="Réponse au médecin",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 1000}),
        error_messages=NO_ANSWER,
    )
