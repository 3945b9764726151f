"""What people type about sorts of shifts, rules, wishes, counts of calls and school holidays."""

from typing import Any

from django import forms

from quinze.base.errors import Refusal
from quinze.staffing.operations.forecasts import LONGEST_SOURCE, MOST_BYTES
from quinze.staffing.roster_rules import NAMES, PRESETS, Figures
from quinze.staffing.shift_kinds import COVERED, minute_of, starts_of
from quinze.staffing.wishes import STRENGTHS, WEEKDAYS

REQUIRED = {"required": "À remplir."}
SCHOOL_BYTES = 10**6


def _date(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Donnez une date.", "invalid": "Une date s’écrit 2026-11-30."},
    )  # fmt: skip


class KindForm(forms.Form):
    role = forms.ChoiceField(label="Poste", choices=[(role.value, role.label) for role in COVERED])
    name = forms.CharField(label="Nom", max_length=40, error_messages=REQUIRED)
    starts = forms.CharField(
        label="Débuts", max_length=200, help_text="07:00, 19:00 ; sur les quarts d’heure", error_messages=REQUIRED
    )
    hours = forms.CharField(label="Durée", max_length=5, help_text="12:00 ou 7h30", error_messages=REQUIRED)
    pause = forms.IntegerField(label="Pause (minutes)", min_value=0, max_value=240, initial=0, required=False)
    cost = forms.IntegerField(
        label="Coût d’une heure", min_value=10, max_value=1000, initial=100, required=False,
        help_text="100 : ordinaire ; 150 : à n’employer que si c’est utile",
    )  # fmt: skip

    def clean_starts(self) -> tuple[int, ...]:
        starts: tuple[int, ...] = _read(starts_of, self.cleaned_data["starts"])
        return starts

    def clean_hours(self) -> int:
        minutes: int = _read(minute_of, self.cleaned_data["hours"])
        return minutes

    def asked(self) -> dict[str, Any]:
        values = self.cleaned_data
        pause, cost = values["pause"] or 0, values["cost"] or 100
        return {"role": values["role"], "name": values["name"], "starts": values["starts"], "minutes": values["hours"],
                "pause": pause, "cost": cost}  # fmt: skip


def _read(reader: Any, text: str) -> Any:
    try:
        return reader(text)
    except Refusal as refusal:
        raise forms.ValidationError(refusal.message) from refusal


_FIGURES = {
    "daily_rest": ("Repos entre deux gardes (h)", 1, 24),
    "weekly_rest": ("Repos d’affilée par semaine (h)", 12, 72),
    "longest_stretch": ("Amplitude la plus longue (h)", 4, 24),
    "weekly_hours": ("Heures par semaine au plus", 20, 80),
    "nights_in_a_row": ("Nuits de suite au plus", 1, 7),
    "weekends_in_four": ("Week-ends sur quatre au plus", 0, 4),
    "on_site_percent": ("Temps sur place de qui régule à distance (%)", 0, 100),
}


class RulesForm(forms.Form):
    preset = forms.ChoiceField(
        label="Modèle", choices=[(each.key, each.label) for each in PRESETS], widget=forms.HiddenInput
    )
    valid_from = _date("Dès la semaine du")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, least, most) in _FIGURES.items():
            self.fields[name] = forms.IntegerField(
                label=label, min_value=least, max_value=most, error_messages=REQUIRED
            )

    @property
    def figures(self) -> list[forms.BoundField]:
        return [self[name] for name in _FIGURES]

    def asked(self) -> dict[str, Any]:
        values = self.cleaned_data
        figures = Figures(**{name: values[name] for name in NAMES})
        return {"preset": values["preset"], "valid_from": values["valid_from"], "figures": figures}


class WishForm(forms.Form):
    weight = forms.TypedChoiceField(label="Je le voudrais", choices=STRENGTHS, coerce=int, error_messages=REQUIRED)
    weekday = forms.TypedChoiceField(
        label="Quel jour", required=False, coerce=int, empty_value=None,
        choices=[("", "n’importe lequel"), *((rank, f"les {name}") for rank, name in enumerate(WEEKDAYS))],
    )  # fmt: skip
    part = forms.ChoiceField(
        label="Jour ou nuit", required=False, choices=[("", "les deux"), ("day", "de jour"), ("night", "de nuit")]
    )
    first = _date("Du", required=False, help_text="vide : toujours")
    last = _date("Au, inclus", required=False)

    def asked(self) -> dict[str, Any]:
        values = self.cleaned_data
        night = {"day": False, "night": True}.get(values["part"])
        return {name: values[name] for name in ("weight", "weekday", "first", "last")} | {"night": night}


class _Files(forms.Form):
    def content(self, name: str) -> bytes:
        sent = self.cleaned_data.get(name)
        read: bytes = sent.read() if sent else b""
        return read

    def _checked(self, name: str, most: int) -> Any:
        sent = self.cleaned_data[name]
        if sent and sent.size > most:
            raise forms.ValidationError(f"Ce fichier dépasse {most // 10**6} Mo.")
        return sent


class CountsForm(_Files):
    file = forms.FileField(
        label="Comptes d’appels (CSV)", widget=forms.FileInput(attrs={"accept": ".csv"}),
        error_messages={"required": "Choisissez un fichier.", "empty": "Ce fichier est vide."},
    )  # fmt: skip
    regressor = forms.FileField(
        label="Indice épidémique, par jour (CSV)", required=False, widget=forms.FileInput(attrs={"accept": ".csv"}),
        help_text="facultatif : jour;valeur, pour les jours passés et les 28 à venir",
        error_messages={"empty": "Ce fichier est vide."},
    )  # fmt: skip

    def clean_file(self) -> Any:
        return self._checked("file", MOST_BYTES)

    def clean_regressor(self) -> Any:
        return self._checked("regressor", SCHOOL_BYTES)


class SchoolForm(_Files):
    file = forms.FileField(
        label="Calendrier (CSV ou iCalendar)", widget=forms.FileInput(attrs={"accept": ".csv,.ics"}),
        error_messages={"required": "Choisissez un fichier.", "empty": "Ce fichier est vide."},
    )  # fmt: skip
    source = forms.CharField(
        label="Source", max_length=LONGEST_SOURCE, error_messages=REQUIRED,
        help_text="par exemple : arrêté du recteur de Corse du 12/05/2025",
    )  # fmt: skip

    def clean_file(self) -> Any:
        return self._checked("file", SCHOOL_BYTES)
