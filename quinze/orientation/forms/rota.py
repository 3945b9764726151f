import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms

from quinze.availability.forms import DayField, HourField, RefusableForm
from quinze.base.codes import fold
from quinze.base.periods import local_instant
from quinze.directory.models import Commune, Professional
from quinze.orientation.operations.rota import Turn

FIRST_YEAR, LAST_YEAR = 2000, 2999


class TurnForm(RefusableForm):
    professional = forms.TypedChoiceField(
        label="Médecin", coerce=int, error_messages={"required": "Choisissez le médecin."}
    )
    start_day = DayField(label="Du", error_messages={"required": "Donnez le premier jour."})
    start_time = HourField(label="à partir de", initial=time(8))
    end_day = DayField(label="Au", error_messages={"required": "Donnez le dernier jour."})
    end_time = HourField(label="jusqu’à", initial=time(20))
    per_day = forms.IntegerField(
        label="Patients par jour, au plus", required=False, min_value=1, max_value=200, help_text="Vide : tous.",
        error_messages={"invalid": "Donnez un nombre.", "min_value": "De 1 à 200.", "max_value": "De 1 à 200."},
    )  # fmt: skip
    communes = forms.CharField(
        label="Communes", required=False, max_length=2000, help_text="Séparées par une virgule. Vide : toute la CPTS."
    )

    def __init__(
        self, *args: Any, members: Sequence[Professional], zone: str, known: Sequence[Commune], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.members, self.zone = {person.pk: person for person in members}, zone
        self.known = {fold(commune.name): commune for commune in known}
        field = self.fields["professional"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 — declared above
        field.choices = [("", "—"), *((person.pk, str(person)) for person in members)]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for name in ("start_day", "end_day"):
            if (day := said.get(name)) and not FIRST_YEAR <= day.year <= LAST_YEAR:
                self.add_error(name, "Vérifiez l’année.")
        return said

    def clean_communes(self) -> list[Commune]:
        typed = [part.strip() for part in re.split(r"[,;\n]", self.cleaned_data["communes"]) if part.strip()]
        if unknown := [name for name in typed if fold(name) not in self.known]:
            raise forms.ValidationError(f"Pas dans la zone de la CPTS : {', '.join(unknown)[:200]}.")
        return [self.known[fold(name)] for name in typed]

    def turn(self) -> Turn:
        said = self.cleaned_data
        return Turn(
            professional=self.members[said["professional"]],
            start=self._instant(said["start_day"], said["start_time"]),
            end=self._instant(said["end_day"], said["end_time"]),
            communes=said["communes"],
            per_day=said["per_day"],
        )

    def _instant(self, day: date, hour: time) -> datetime:
        return local_instant(day, hour, self.zone)
