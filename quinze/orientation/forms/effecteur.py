"""What a doctor says of an appointment."""

from django import forms

from quinze.availability.forms import RefusableForm
from quinze.orientation.models import NoShowCause
from quinze.orientation.operations.lateness import MINUTES

OUTCOMES = [("fulfilled", "Vu"), ("no_show", "Pas venu")]
NO_REASON = {"required": "Dites pourquoi, en quelques mots."}


class OutcomeForm(RefusableForm):
    outcome = forms.ChoiceField(choices=OUTCOMES)
    warned = forms.TypedChoiceField(
        choices=[("", ""), ("oui", "oui"), ("non", "non")], required=False, coerce="oui".__eq__, empty_value=None
    )
    cause = forms.ChoiceField(choices=[("", ""), *NoShowCause.choices], required=False)


class LateForm(RefusableForm):
    minutes = forms.TypedChoiceField(
        choices=[(n, f"{n} min") for n in MINUTES],
        coerce=int,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choisissez l’un des retards proposés."),
    )


class CancelForm(RefusableForm):
    reason = forms.CharField(label="Pourquoi", max_length=200, error_messages=NO_REASON)


class CorrectForm(RefusableForm):
    outcome = forms.ChoiceField(choices=OUTCOMES)
    reason = forms.CharField(label="Pourquoi cette correction", max_length=200, error_messages=NO_REASON)
