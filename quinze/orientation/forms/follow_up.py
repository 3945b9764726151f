"""What the OSNP notes after the appointment was given."""

from typing import Any

from django import forms

from quinze.availability.forms import RefusableForm
from quinze.orientation.models import NoShowCause

SEEN = "fulfilled"
# answer, words, one key
CAUSES = (
    (SEEN, "venu", "V"),
    (NoShowCause.PATIENT, "absent", "A"),
    (NoShowCause.DOCTOR, "médecin absent", "M"),
    (NoShowCause.NOT_NOTIFIED, "non prévenu", "P"),
    (NoShowCause.LATE, "annulé tard", "T"),
    (NoShowCause.UNKNOWN, "inconnu", "I"),
)


class OutcomeForm(RefusableForm):
    use_required_attribute = False
    beside = {"reason": "note", "cause": "outcome"}
    outcome = forms.ChoiceField(
        label="Issue",
        choices=[(value, words.capitalize()) for value, words, _ in CAUSES],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une issue.", "invalid_choice": "Choisissez une issue de la liste."},
    )
    note = forms.CharField(label="Précision, ou motif d’une correction", required=False, max_length=250)

    def answer(self) -> dict[str, Any]:
        said = self.cleaned_data["outcome"]
        cause = "" if said == SEEN else said
        return {"outcome": "no_show" if cause else SEEN, "cause": cause, "note": self.cleaned_data["note"]}

    def words(self) -> str:
        return next(words for value, words, _ in CAUSES if value == self.cleaned_data["outcome"])


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
