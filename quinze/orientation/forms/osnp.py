"""What an OSNP types: filters, reasons, agreements, contact details. No field of this file asks about symptoms."""

from datetime import date, datetime
from typing import Any

from django import forms

from quinze.availability.forms import DayField, HourField, RefusableForm
from quinze.availability.models import Modality
from quinze.base.errors import Refusal
from quinze.base.periods import local_instant
from quinze.base.phones import as_said, normalise
from quinze.directory.models.offer import Sector
from quinze.directory.queries import commune
from quinze.orientation.models import OrientationRequest
from quinze.orientation.options import SearchOptions
from quinze.patients import births, identity
from quinze.patients.models import Patient

KILOMETRES = (5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150)
HOURS = (2, 4, 6, 12, 24, 48)
PROFESSIONS = {"10": "Médecin", "60": "Infirmier", "21": "Pharmacien", "40": "Dentiste", "50": "Sage-femme"}
LANGUAGES = {
    "en": "anglais", "ar": "arabe", "es": "espagnol", "pt": "portugais", "de": "allemand", "it": "italien",
    "tr": "turc", "ru": "russe", "uk": "ukrainien", "fsl": "langue des signes",
}  # fmt: skip
SECTORS = {value: label.capitalize() for value, label in Sector.choices}
OTHER_REASONS = (
    "le patient ne peut pas venir à cette heure",
    "le patient ne peut pas s’y rendre",
    "le patient souhaite un autre médecin",
    "le cabinet appelé demande de passer au suivant",
)
CONTACT = (
    "callback_phone", "contact_name", "email", "reminder_channel", "address", "language", "needs_wheelchair",
    "mobility",
)  # fmt: skip


def _chosen(words: dict[str, str] | dict[int, str], empty: str) -> list[tuple[str, str]]:
    return [("", empty), *((str(key), text) for key, text in words.items())]


def text_field(label: str, *, size: int, required: bool = False, **attrs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": size, **attrs})
    errors = {"required": "À remplir."}
    return forms.CharField(label=label, required=required, max_length=size, widget=widget, error_messages=errors)


class FilterForm(forms.Form):
    max_km = forms.TypedChoiceField(
        label="Distance",
        required=False,
        coerce=float,
        empty_value=None,
        choices=_chosen({km: f"{km} km" for km in KILOMETRES}, "de la charte"),
    )
    within_hours = forms.TypedChoiceField(
        label="Délai",
        required=False,
        coerce=int,
        empty_value=None,
        choices=_chosen({hours: f"{hours} h" for hours in HOURS}, "du médecin"),
    )
    modality = forms.ChoiceField(label="Modalité", required=False)
    profession = forms.ChoiceField(label="Profession", required=False, choices=_chosen(PROFESSIONS, "celle demandée"))
    language = forms.ChoiceField(label="Langue parlée", required=False, choices=_chosen(LANGUAGES, "sans importance"))
    sector = forms.ChoiceField(label="Conventionnement", required=False, choices=_chosen(SECTORS, "sans importance"))
    wheelchair = forms.BooleanField(label="Accès en fauteuil", required=False)

    def __init__(self, *args: Any, request: OrientationRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = {m: str(Modality(m).label) for m in request.modalities}
        choice = self.fields["modality"]
        choice.choices = _chosen(offered, "celles demandées")  # type: ignore[attr-defined]

    def options(self, *, opened: frozenset[int] = frozenset(), reason: str = "") -> SearchOptions:
        return SearchOptions(**self.cleaned_data, opened_levels=opened, opening_reason=reason)


def filter_form(request: OrientationRequest, options: SearchOptions) -> FilterForm:
    km = options.max_km
    initial = {
        "max_km": "" if km is None else f"{km:g}",
        "within_hours": options.within_hours,
        "modality": options.modality,
        "profession": options.profession,
        "language": options.language,
        "sector": options.sector,
        "wheelchair": options.wheelchair,
    }
    return FilterForm(request=request, initial=initial)


class WhyForm(forms.Form):
    """« Pourquoi pas le Dr X ? »"""

    name = text_field("Pourquoi pas…", size=80)
    professional = forms.CharField(required=False, widget=forms.HiddenInput)


class ReasonForm(RefusableForm):
    """A few words, always asked."""

    use_required_attribute = False

    reason = text_field("Motif", size=280, required=True)


class OpeningForm(RefusableForm):
    use_required_attribute = False

    opening_reason = text_field("Pourquoi ouvrir ce niveau avant l’heure", size=280, required=True)
    level = forms.IntegerField(widget=forms.HiddenInput)


class OtherChoiceForm(RefusableForm):
    """Why the first proposal of the charter is not the one chosen."""

    beside = {"reason": "other"}
    usual = forms.ChoiceField(
        label="Pourquoi pas la première proposition ?",
        required=False,
        choices=[(text, text) for text in OTHER_REASONS],
        widget=forms.RadioSelect,
    )
    other = text_field("Autre raison", size=280)

    def reason(self) -> str:
        data = self.cleaned_data
        return "; ".join(part for part in (data.get("usual", ""), data.get("other", "").strip()) if part)


class AgreementForm(RefusableForm):
    """A place that is in no shared agenda: who agreed, how, and for when."""

    use_required_attribute = False

    beside = {"starts_at": "hour", "place": "hour"}
    consent = text_field("Qui a donné son accord, et comment", size=200, required=True)
    day = DayField(label="Jour")
    hour = HourField(label="Heure")

    def starts_at(self, zone: str) -> datetime:
        return local_instant(self.cleaned_data["day"], self.cleaned_data["hour"], zone)


def agreement_form(today: date) -> AgreementForm:
    return AgreementForm(initial={"day": today})


class OverbookingForm(AgreementForm):
    reason = text_field("Pourquoi pas la première proposition", size=280)


class AskForm(OverbookingForm):
    """The doctor is asked on their own page: nobody has agreed yet."""

    consent = text_field("Qui a donné son accord, et comment", size=200)


class DirectForm(RefusableForm):
    """SOS Médecins, a duty house, an emergency department."""

    use_required_attribute = False

    consent = text_field("Qui a répondu, ce qui a été dit", size=200, required=True)
    instruction = text_field("Consigne transmise", size=500)
    reason = text_field("Pourquoi pas la première proposition", size=280)


class PersonForm(RefusableForm):
    """Identity while it is provisional, and how to reach the person: administrative data only (REG-04)."""

    use_required_attribute = False

    family_name = text_field("Nom", size=100)
    given_name = text_field("Prénom", size=80)
    birth = text_field("Naissance ou âge", size=40)
    sex = forms.ChoiceField(label="Sexe", choices=[("UN", "?"), ("F", "F"), ("M", "M")], required=False)
    callback_phone = text_field("Rappel", size=30, inputmode="tel")
    contact_name = text_field("Qui répond", size=120)
    email = text_field("E-mail", size=254, inputmode="email")
    reminder_channel = forms.ChoiceField(
        label="Rappel du rendez-vous",
        required=False,
        choices=list(OrientationRequest._meta.get_field("reminder_channel").choices or ()),
    )
    address = text_field("Adresse", size=200)
    commune_text = text_field("Commune", size=120)
    commune = forms.CharField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    language = forms.ChoiceField(label="Langue", required=False, choices=_chosen(LANGUAGES, "français"))
    mobility = text_field("Déplacement", size=40)
    needs_wheelchair = forms.BooleanField(label="Fauteuil roulant", required=False)

    def __init__(self, *args: Any, patient: Patient, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.patient = today, patient
        self.names_known = patient.identity != Patient.Identity.PROVISIONAL
        if self.names_known:
            for name in ("family_name", "given_name", "birth", "sex"):
                del self.fields[name]

    def clean_callback_phone(self) -> str:
        return str(checked(lambda: normalise(self.cleaned_data["callback_phone"])))

    def clean_email(self) -> str:
        return str(checked(lambda: identity.clean_email(self.cleaned_data["email"])))

    def clean_birth(self) -> str:
        checked(lambda: births.parse(self.cleaned_data["birth"], on=self.today))
        return str(self.cleaned_data["birth"])

    def clean_commune(self) -> Any:
        found = commune(self.cleaned_data["commune"]) if self.cleaned_data["commune"] else None
        if found is None and self.data.get("commune_text", "").strip():
            raise forms.ValidationError("Choisissez la commune dans la liste.")
        return found

    def contact(self) -> dict[str, Any]:
        data = self.cleaned_data
        place = {"commune": data["commune"], "lat": data["lat"], "lon": data["lon"]}
        return {name: data[name] for name in CONTACT} | place

    def identity(self) -> dict[str, Any]:
        """Only what changed, so that nothing said elsewhere is undone."""
        if self.names_known:
            return {}
        data, said = self.cleaned_data, {}
        if "birth" in self.changed_data and data["birth"]:
            birth = births.parse(data["birth"], on=self.today)
            declared = self.today if birth.age_months is not None else None
            said = {"birth_date": birth.day, "age_months": birth.age_months, "age_declared_on": declared}
        names = {name: data[name] for name in ("family_name", "given_name", "sex") if name in self.changed_data}
        return said | names


def checked(check: Any) -> Any:
    """The refusal of a rule, beside the field being cleaned."""
    try:
        return check()
    except Refusal as refusal:
        raise forms.ValidationError(refusal.message) from None


def person_form(request: OrientationRequest, *, today: date, data: Any = None) -> PersonForm:
    patient, town = request.patient, request.commune
    initial = {name: getattr(request, name) for name in CONTACT} | {
        "callback_phone": as_said(request.callback_phone),
        "commune": town.insee if town else "",
        "commune_text": town.name if town else "",
        "lat": request.lat,
        "lon": request.lon,
        "family_name": patient.family_name,
        "given_name": patient.given_name or patient.given_names,
        "birth": births.show(birth_date=patient.birth_date, age_months=patient.age_months),
        "sex": patient.sex,
    }
    return PersonForm(data, patient=patient, today=today, initial=initial)
