"""What the OSNP notes after the appointment was given."""

from typing import Any

from django import forms

from quinze.availability.forms import RefusableForm

ANSWERS = {
    "fulfilled": ("fulfilled", None),
    "no_show_warned": ("no_show", True),
    "no_show": ("no_show", False),
}


class OutcomeForm(RefusableForm):
    use_required_attribute = False
    beside = {"reason": "note"}
    outcome = forms.ChoiceField(
        label="Issue",
        choices=[("fulfilled", "Venu"), ("no_show_warned", "Pas venu, avait prévenu"), ("no_show", "Pas venu")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une issue.", "invalid_choice": "Choisissez une issue de la liste."},
    )
    note = forms.CharField(label="Cause, ou motif d’une correction", required=False, max_length=250)

    def answer(self) -> dict[str, Any]:
        outcome, warned = ANSWERS[self.cleaned_data["outcome"]]
        return {"outcome": outcome, "warned": warned, "note": self.cleaned_data["note"]}


class CancelForm(RefusableForm):
    use_required_attribute = False
    reason = forms.CharField(
        label="Pourquoi il est annulé",
        max_length=280,
        error_messages={"required": "Dites pourquoi le rendez-vous est annulé."},
    )
    by_patient = forms.BooleanField(label="Demandé par le patient", required=False)


class MoveForm(RefusableForm):
    use_required_attribute = False
    slot = forms.IntegerField(
        label="Créneau",
        widget=forms.HiddenInput,
        error_messages={"required": "Choisissez un créneau.", "invalid": "Choisissez un créneau de la liste."},
    )
    reason = forms.CharField(label="Pourquoi il est déplacé", required=False, max_length=280)
