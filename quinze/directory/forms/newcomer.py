from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms

from quinze.base.periods import local_instant
from quinze.directory.forms.offer import IdentityForm, PlaceForm
from quinze.directory.models import Professional
from quinze.directory.operations import Identity
from quinze.directory.operations.newcomer import Stay

FIRST_YEAR, LAST_YEAR = 2000, 2999


class NewcomerForm(PlaceForm):
    """Who, where, from when to when, in place of whom."""

    civility = IdentityForm.base_fields["civility"]
    family_name = IdentityForm.base_fields["family_name"]
    given_name = IdentityForm.base_fields["given_name"]
    profession = forms.ChoiceField(label="Profession", initial="10", error_messages={"required": "Choisissez."})
    specialty = forms.ChoiceField(label="Spécialité", required=False, initial="SM54")
    rpps = forms.CharField(
        label="RPPS", max_length=20, help_text="11 chiffres. Les remplaçants en ont un.",
        error_messages={"required": "Donnez le RPPS."},
    )  # fmt: skip
    account = forms.EmailField(
        label="Son adresse e-mail", help_text="L’invitation y est envoyée.",
        error_messages={"required": "Donnez une adresse.", "invalid": "Cette adresse est incomplète."},
    )  # fmt: skip
    replaced = forms.CharField(label="Remplace", required=False, max_length=80, help_text="Vide pour une installation.")
    professional = forms.IntegerField(required=False, widget=forms.HiddenInput)
    licence = forms.CharField(
        label="Licence de remplacement", required=False, max_length=60, help_text="Numéro et Ordre."
    )
    start = forms.DateField(
        label="Du", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Vide : tout de suite.", error_messages={"invalid": "Donnez une date."},
    )  # fmt: skip
    end = forms.DateField(
        label="Au", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Jour compris. Nécessaire pour un remplacement.", error_messages={"invalid": "Donnez une date."},
    )  # fmt: skip
    takes_part = forms.BooleanField(label="Participe au SAS", required=False, initial=True)

    def __init__(self, *args: Any, zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone = zone
        codes = IdentityForm()
        for name in ("profession", "specialty"):
            self.fields[name].choices = codes.fields[name].choices  # type: ignore[attr-defined]
        for name in ("wheelchair", "languages", "information", "email"):
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        for name in ("start", "end"):
            if (day := said.get(name)) and not FIRST_YEAR <= day.year <= LAST_YEAR:
                self.add_error(name, "Vérifiez l’année.")
        if said.get("replaced") and not said.get("professional"):
            self.add_error("replaced", "Choisissez la personne remplacée dans la liste.")
        return said

    def identity(self) -> Identity:
        names = ("civility", "family_name", "given_name", "profession", "specialty", "rpps")
        return Identity(**{name: self.cleaned_data[name] for name in names})

    def stay(self, at: datetime, *, replaces: Professional | None) -> Stay:
        said = self.cleaned_data
        start: date | None = said["start"]
        end: date | None = said["end"]
        return Stay(
            address=self.place(),
            start=max(at, local_instant(start, time.min, self.zone)) if start else at,
            end=local_instant(end + timedelta(days=1), time.min, self.zone) if end else None,
            replaces=replaces if said["replaced"] else None,
            licence=said["licence"],
            takes_part=said["takes_part"],
        )
