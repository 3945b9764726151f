"""What people type about rosters."""

from datetime import date
from typing import Any

from django import forms

from quinze.accounts.forms import ListForm
from quinze.accounts.models import User
from quinze.accounts.roles import Role
from quinze.staffing.models import StaffFact
from quinze.staffing.models.rosters import MOST_NEEDED
from quinze.staffing.queries.rosters import ROLES
from quinze.staffing.rostering import ONE_DAY, WEEK_DAYS

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
REQUIRED = {"required": "À remplir."}


def _hour(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={"required": "Donnez l’heure.", "invalid": "Une heure s’écrit 08:00."},
    )


def _reason(label: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=label, max_length=500, required=required, error_messages=REQUIRED)


class ShiftsForm(forms.Form):
    role = forms.ChoiceField(label="Poste", choices=[(role.value, role.label) for role in ROLES])
    start = _hour("De")
    end = _hour("À")
    needed = forms.IntegerField(label="Places", min_value=1, max_value=MOST_NEEDED, initial=1)
    days = forms.TypedMultipleChoiceField(
        label="Jours",
        choices=[(rank, name) for rank, name in enumerate(DAYS)],
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un jour."},
    )

    def asked(self, monday: date) -> dict[str, Any]:
        values = self.cleaned_data
        days = [monday + rank * ONE_DAY for rank in values["days"] if rank < WEEK_DAYS]
        return {key: values[key] for key in ("role", "start", "end", "needed")} | {"days": days}


class PersonForm(forms.Form):
    """Somebody of a list that the view gives."""

    def __init__(self, *args: Any, people: list[User], label: str = "Personne", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(user.pk): user for user in people}
        self.fields["user"] = forms.ChoiceField(
            label=label,
            choices=[("", "Choisir"), *((key, str(user)) for key, user in self.people.items())],
            error_messages={"required": "Choisissez une personne.", "invalid_choice": "Choisissez dans la liste."},
        )
        self.order_fields(["user"])

    @property
    def user(self) -> User:
        return self.people[self.cleaned_data["user"]]


class PassForm(PersonForm):
    role = forms.ChoiceField(label="Poste", choices=[(role.value, Role(role).label) for role in ROLES])
    hours = forms.IntegerField(label="Pour combien d’heures", min_value=1, max_value=14, initial=12)
    reason = _reason("Motif")


class MemberForm(forms.Form):
    weekly_hours = forms.IntegerField(
        label="Heures par semaine au contrat",
        required=False,
        min_value=1,
        max_value=48,
        help_text="Vide : la loi seule.",
    )
    nights = forms.BooleanField(label="Fait des nuits", required=False)
    trainee = forms.BooleanField(label="En formation (en plus, avec un titulaire)", required=False)
    quota = forms.IntegerField(
        label="En formation : gardes par semaine", required=False, min_value=0, max_value=7, help_text="0 : sans quota"
    )
    remote = forms.BooleanField(label="Régule à distance (une part du temps sur place)", required=False)
    posts = forms.MultipleChoiceField(
        label="Prévue seulement sur ces postes", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(role.value, role.label) for role in ROLES],
        help_text="Aucun coché : tous les rôles qui lui sont donnés. ARM et OSNP : jamais dans la même vacation.",
    )  # fmt: skip

    def clean_quota(self) -> int:
        return self.cleaned_data["quota"] or 0


class FactForm(forms.Form):
    """One more line of somebody's situation."""

    kind = forms.ChoiceField(
        label="Quoi", choices=[("", "Choisir"), *StaffFact.Kind.choices],
        error_messages={"required": "Choisissez dans la liste.", "invalid_choice": "Choisissez dans la liste."},
    )  # fmt: skip
    since = forms.DateField(
        label="Depuis le", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Retraité : le jour de la retraite. Formation transitoire : son premier jour.",
        error_messages={"required": "Donnez le jour.", "invalid": "Une date s’écrit 2026-11-30."},
    )  # fmt: skip
    until = forms.DateField(
        label="Jusqu’au, inclus", required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Vide : sans fin. Un retraité sans attestation : trois ans.",
        error_messages={"invalid": "Une date s’écrit 2026-11-30."},
    )  # fmt: skip
    note = forms.CharField(
        label="Précision", required=False, max_length=200, help_text="Sorte de contrat, qui a attesté…"
    )


class AbsenceForm(forms.Form):
    first = forms.DateField(
        label="Du", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Donnez le premier jour.", "invalid": "Une date s’écrit 2026-11-30."},
    )  # fmt: skip
    last = forms.DateField(
        label="Au, inclus", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Donnez le dernier jour.", "invalid": "Une date s’écrit 2026-11-30."},
    )  # fmt: skip


class RosterFileForm(ListForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = "Fichier CSV, XLSX ou iCalendar"
        self.fields["file"].widget.attrs["accept"] = ".csv,.xlsx,.ics"


class SwapForm(PersonForm):
    """`theirs`: shifts that may be taken in return, by their number."""

    def __init__(self, *args: Any, theirs: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, label="Collègue", **kwargs)
        self.fields["returned"] = forms.ChoiceField(
            label="En échange de", required=False, choices=[("", "rien : je donne ma garde"), *theirs]
        )
