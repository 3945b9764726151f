"""A contextual call as the OSNP completes it before the search."""

from typing import Any

from django import forms

from quinze.availability.forms import RefusableForm
from quinze.base.codes import label
from quinze.base.errors import Refusal
from quinze.base.phones import normalise
from quinze.directory.queries import commune
from quinze.interop.lrm.contract import Call
from quinze.interop.lrm.finding import Understood
from quinze.regulation.decisions import MODALITIES
from quinze.regulation.forms.decision import USUAL_CARE
from quinze.regulation.operations.called import Brought

HOURS = (2, 4, 6, 12, 24, 48)
NOBODY = ""


def _text(name: str, *, size: int, **attrs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": size, **attrs})
    return forms.CharField(label=name, required=False, max_length=size, widget=widget)


class CallForm(RefusableForm):
    use_required_attribute = False

    address = _text("Adresse", size=200)
    commune_text = _text("Commune", size=120)
    commune = forms.CharField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    who = forms.ChoiceField(label="Profession")
    within_hours = forms.TypedChoiceField(
        label="Vu avant", coerce=int, choices=[(str(h), f"{h} h") for h in HOURS], widget=forms.RadioSelect
    )
    modalities = forms.MultipleChoiceField(
        label="Où",
        choices=list(MODALITIES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins une façon d’être vu."},
    )
    doctor = forms.ChoiceField(label="Médecin traitant", required=False, widget=forms.RadioSelect)
    family_name = _text("Nom", size=100)
    given_name = _text("Prénom", size=80)
    callback_phone = _text("Rappel", size=30, inputmode="tel")

    def __init__(self, *args: Any, call: Call, known: Understood, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._call, self._known = call, known
        asked = (f"10/{known.specialty}", label("specialties", known.specialty))
        usual = [pair for pair in USUAL_CARE if pair[0] != asked[0]]
        _choices(self, "who", [asked, *usual])
        named = [(str(doctor.pk), _named(doctor)) for doctor in known.doctors]
        _choices(self, "doctor", [*named, (NOBODY, "Aucun, ou pas celui-là")])

    def clean_callback_phone(self) -> str:
        try:
            return normalise(self.cleaned_data["callback_phone"])
        except Refusal as refusal:
            raise forms.ValidationError(refusal.message) from None

    def clean_commune(self) -> Any:
        found = commune(self.cleaned_data["commune"]) if self.cleaned_data["commune"] else None
        if found is None:
            self.add_error("commune_text", "Choisissez la commune dans la liste : la recherche part de là.")
        return found

    def brought(self, software: str) -> Brought:
        data = self.cleaned_data
        profession, _, specialty = data["who"].partition("/")
        doctor = next((one for one in self._known.doctors if str(one.pk) == data["doctor"]), None)
        town = data["commune"]
        return Brought(
            software=software,
            profession=profession,
            specialty=specialty,
            modalities=tuple(data["modalities"]),
            within_hours=data["within_hours"],
            address=data["address"],
            commune=town,
            lat=data["lat"] if data["lat"] is not None else town.lat,
            lon=data["lon"] if data["lon"] is not None else town.lon,
            referring_doctor=doctor,
            referring_doctor_text=self._call.doctor_name if not self._known.doctors else "",
            family_name=data["family_name"].strip(),
            given_name=data["given_name"].strip(),
            callback_phone=data["callback_phone"],
        )


def call_form(call: Call, known: Understood, data: Any = None) -> CallForm:
    town = known.commune
    initial = {
        "address": call.address,
        "commune": town.insee if town else "",
        "commune_text": town.name if town else call.city,
        "lat": town.lat if town else None,
        "lon": town.lon if town else None,
        "who": f"10/{known.specialty}",
        "within_hours": "48",
        "modalities": ["AMB"],
        "doctor": str(known.doctors[0].pk) if len(known.doctors) == 1 else NOBODY,
    }
    return CallForm(data, call=call, known=known, initial=initial)


def _choices(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type)
    field.choices = choices


def _named(doctor: Any) -> str:
    town = getattr(doctor, "town", "")
    return f"{doctor}, {town}" if town else str(doctor)
