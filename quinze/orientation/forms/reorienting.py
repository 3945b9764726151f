"""What an IOA types of a person whom the emergency department sends to town. No field asks about symptoms."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms

from quinze.availability.forms import RefusableForm
from quinze.availability.models import Modality
from quinze.base.codes import code_list
from quinze.base.phones import normalise
from quinze.directory.models import Structure
from quinze.directory.queries import commune
from quinze.orientation.forms.osnp import checked, text_field
from quinze.orientation.operations import Reoriented, Wish
from quinze.patients import births

WITHIN = (4, 12, 24, 48)
GENERAL_PRACTICE = "10/SM54"
USUAL = (
    (GENERAL_PRACTICE, "Médecine générale"),
    ("40/", "Chirurgien-dentiste"),
    ("50/", "Sage-femme"),
    ("60/", "Infirmier"),
)
NEW = "0"  # somebody else, of the same name and birth


def _care() -> list[Any]:
    special = [(f"10/{each.code}", each.label) for each in code_list("specialties") if each.code.startswith("SM")]
    return [*USUAL, ("Autres spécialités médicales", [pair for pair in special if pair[0] != GENERAL_PRACTICE])]


class AnsweredField(forms.ChoiceField):
    """Its choices are known when the name and the birth are read: the view compares."""

    def valid_value(self, _value: object) -> bool:
        return True


class ReorientForm(RefusableForm):
    """The person, what they need, and who decided."""

    use_required_attribute = False
    beside = {"birth": "birth", "phone": "callback_phone", "deadline": "within_hours"}

    department = forms.ModelChoiceField(
        label="Urgences", queryset=Structure.objects.none(), empty_label=None,
        error_messages={"required": "Choisissez vos urgences.", "invalid_choice": "Choisissez l’une de vos urgences."},
    )  # fmt: skip
    family_name = text_field("Nom", size=100, required=True)
    given_name = text_field("Prénom", size=80)
    birth = text_field("Naissance ou âge", size=40, required=True)
    sex = forms.ChoiceField(label="Sexe", choices=[("UN", "?"), ("F", "F"), ("M", "M")], required=False)
    callback_phone = text_field("Téléphone", size=30, inputmode="tel")
    commune_text = text_field("Part de", size=120)
    commune = forms.CharField(required=False, widget=forms.HiddenInput)
    same = AnsweredField(label="Déjà connue du SAS", required=False, widget=forms.RadioSelect)
    care = forms.ChoiceField(label="Besoin", choices=_care)
    modalities = forms.MultipleChoiceField(
        label="Comment",
        choices=[(Modality.CABINET.value, "Cabinet"), (Modality.VIDEO.value, "Vidéo")],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins une manière d’être vu."},
    )
    within_hours = forms.TypedChoiceField(
        label="Vu avant", coerce=int, choices=[(hours, f"{hours} h") for hours in WITHIN], widget=forms.RadioSelect
    )
    decided_by = text_field("Réorientation décidée par", size=120, required=True, list="decideurs")
    instruction = text_field("Consigne au cabinet", size=300)
    accepted = forms.BooleanField(label="La personne est d’accord", required=False)

    def __init__(self, *args: Any, departments: list[Structure], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        chosen = self.fields["department"]
        chosen.queryset = Structure.objects.filter(pk__in=[each.pk for each in departments])  # type: ignore[attr-defined]

    def clean_callback_phone(self) -> str:
        return str(checked(lambda: normalise(self.cleaned_data["callback_phone"])))

    def clean_birth(self) -> births.Birth:
        found: births.Birth = checked(lambda: births.parse(self.cleaned_data["birth"], on=self.today))
        return found

    def clean(self) -> dict[str, Any]:
        """The commune picked in the list; nothing typed: the department itself."""
        data = super().clean() or self.cleaned_data
        code, typed = data.get("commune", ""), data.get("commune_text", "").strip()
        data["commune"] = commune(code) if code and typed else None
        if data["commune"] is None and typed:
            self.add_error("commune_text", "Choisissez la commune dans la liste.")
        return data

    def ask_whether_same(self, people: list[tuple[str, str]]) -> None:
        """Somebody of that name and birth is known: the nurse says whether it is them."""
        self.fields["same"].choices = [*people, (NEW, "Non, quelqu’un d’autre")]  # type: ignore[attr-defined]
        self.add_error("same", "Est-ce la même personne ?")

    def person(self, *, known: int | None) -> Reoriented:
        data, birth = self.cleaned_data, self.cleaned_data["birth"]
        traits = {
            "family_name": data["family_name"].strip(),
            "given_name": data["given_name"].strip(),
            "birth_date": birth.day,
            "age_months": birth.age_months,
            "age_declared_on": self.today if birth.age_months is not None else None,
            "sex": data["sex"] or "UN",
        }
        return Reoriented(known, {} if known is not None else traits, data["callback_phone"])

    def wish(self, *, at: datetime) -> Wish:
        data = self.cleaned_data
        profession, _, specialty = data["care"].partition("/")
        return Wish(
            decided_by=data["decided_by"],
            deadline=at + timedelta(hours=data["within_hours"]),
            profession=profession,
            specialty=specialty,
            modalities=data["modalities"],
            instruction=data["instruction"],
            commune=data["commune"],
        )


class CancelReorientationForm(RefusableForm):
    use_required_attribute = False

    reason = text_field("Pourquoi annuler", size=280, required=True)
