from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from quinze.base.periods import local_instant
from quinze.directory.models import Delegation, Place, Power, Professional
from quinze.directory.operations.delegation import Scope

LAST_YEAR = 2999


class ScopeForm(forms.Form):
    """What is handed over: powers, places, until when."""

    powers = forms.MultipleChoiceField(
        label="Ce qui est délégué",
        choices=Power.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins une chose à déléguer."},
    )
    places = forms.TypedMultipleChoiceField(
        label="Lieux", coerce=int, required=False, widget=forms.CheckboxSelectMultiple, help_text="Aucun coché : tous."
    )
    end = forms.DateField(
        label="Jusqu’au", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Jour compris. Vide : sans fin.", error_messages={"invalid": "Donnez une date."},
    )  # fmt: skip

    def __init__(self, *args: Any, places: Sequence[Place] = (), zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone, self.known = zone, {place.pk: place for place in places}
        field = self.fields["places"]
        assert isinstance(field, forms.TypedMultipleChoiceField)  # noqa: S101 — declared above
        field.choices = [(place.pk, place.name or place.address) for place in places]
        if len(places) < 2:
            del self.fields["places"]

    def clean_end(self) -> date | None:
        day: date | None = self.cleaned_data["end"]
        if day is not None and day.year > LAST_YEAR:
            raise forms.ValidationError("Donnez une date plus proche, ou aucune.")
        return day

    @classmethod
    def values_of(cls, delegation: Delegation, zone: str) -> dict[str, Any]:
        upper: datetime | None = delegation.during.upper
        last = (upper - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() if upper else None
        places = [place.pk for place in delegation.places.all()]
        return {"powers": delegation.powers, "places": places, "end": last}

    def scope(self) -> Scope:
        said = self.cleaned_data
        day: date | None = said["end"]
        ends = local_instant(day + timedelta(days=1), time.min, self.zone) if day else None
        chosen = tuple(self.known[pk] for pk in said.get("places", ()))
        return Scope(powers=said["powers"], places=chosen, ends=ends)


class InviteForm(ScopeForm):
    email = forms.EmailField(
        label="Son adresse e-mail",
        error_messages={"required": "Donnez son adresse e-mail.", "invalid": "Cette adresse e-mail est incomplète."},
    )
    given_name = forms.CharField(label="Prénom", max_length=80, error_messages={"required": "Donnez le prénom."})
    family_name = forms.CharField(label="Nom", max_length=80, error_messages={"required": "Donnez le nom."})
    field_order = ("email", "given_name", "family_name", "powers", "places", "end")

    def person(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("email", "given_name", "family_name")}


class AskForm(ScopeForm):
    name = forms.CharField(
        label="Médecin", max_length=80, help_text="Les deux premières lettres suffisent.",
        error_messages={"required": "Donnez le nom du médecin."},
    )  # fmt: skip
    professional = forms.IntegerField(required=False, widget=forms.HiddenInput)
    field_order = ("name", "professional", "powers", "end")

    def chosen(self, found: Professional | None) -> Professional | None:
        """Says so beside the name when nobody of the list was picked."""
        if found is None:
            self.add_error("name", "Choisissez le médecin dans la liste : seuls y sont ceux qui ont un compte.")
        return found
