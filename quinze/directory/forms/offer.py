"""What people type about professionals, places and the territory. Rules are in operations; forms read types."""

import re
from datetime import time
from typing import Any

from django import forms

from quinze.accounts.models import Sas
from quinze.base.codes import code_list
from quinze.directory import queries
from quinze.directory.models import Commune, Participation, Place, Professional, Structure
from quinze.directory.models.offer import Sector, StructureKind
from quinze.directory.operations import Address, Identity, Terms
from quinze.directory.parameters import Parameter

REQUIRED = {"required": "Ce champ est nécessaire."}
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_RANGE = re.compile(r"(\d{1,2})(?:[h:](\d{2})?)?\s*[-–à]\s*(\d{1,2})(?:[h:](\d{2})?)?")
_RANGE_EXAMPLE = "Écrivez les heures ainsi : 8-12, 14-20."


def _options(name: str, *, empty: str = "") -> list[tuple[str, str]]:
    listed = [(code.code, code.label) for code in code_list(name)]
    return [("", empty), *listed] if empty else listed


class IdentityForm(forms.Form):
    civility = forms.ChoiceField(label="Titre", required=False, choices=[("", "—"), ("Dr", "Dr"), ("Pr", "Pr")])
    family_name = forms.CharField(label="Nom", max_length=80, error_messages=REQUIRED)
    given_name = forms.CharField(label="Prénom", max_length=80, required=False)
    gender = forms.ChoiceField(label="Genre", required=False, choices=[("", "—"), ("F", "Féminin"), ("M", "Masculin")])
    profession = forms.ChoiceField(label="Profession", error_messages=REQUIRED)
    specialty = forms.ChoiceField(label="Spécialité", required=False)
    rpps = forms.CharField(label="RPPS", required=False, help_text="11 chiffres.")
    adeli = forms.CharField(label="ADELI", required=False, help_text="9 chiffres.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["profession"].choices = _options("professions")  # type: ignore[attr-defined]
        self.fields["specialty"].choices = _options("specialties", empty="—")  # type: ignore[attr-defined]

    @classmethod
    def of(cls, person: Professional) -> "IdentityForm":
        return cls(initial={name: getattr(person, name) or "" for name in cls.base_fields})

    def identity(self, *, idnps: str = "") -> Identity:
        return Identity(**self.cleaned_data, idnps=idnps)


class PlaceForm(forms.Form):
    name = forms.CharField(label="Nom du lieu", max_length=160, required=False, help_text="Cabinet, maison de santé…")
    address = forms.CharField(label="Adresse", max_length=200, error_messages=REQUIRED)
    town = forms.CharField(label="Commune", max_length=90, error_messages=REQUIRED)
    insee = forms.CharField(required=False, widget=forms.HiddenInput)
    phones = forms.CharField(label="Téléphones", required=False, help_text="Séparés par une virgule.")
    email = forms.EmailField(
        label="Courriel", required=False, error_messages={"invalid": "Cette adresse de courriel est incomplète."}
    )
    sector = forms.ChoiceField(label="Conventionnement", required=False, choices=[("", "inconnu"), *Sector.choices])
    wheelchair = forms.NullBooleanField(
        label="Accessible en fauteuil roulant",
        required=False,
        widget=forms.Select(choices=[("unknown", "inconnu"), ("true", "oui"), ("false", "non")]),
    )
    languages = forms.CharField(
        label="Langues parlées", required=False, help_text="Codes de deux lettres : en, es, ar… Le français va de soi."
    )
    information = forms.CharField(
        label="À dire à l’OSNP", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    @classmethod
    def of(cls, place: Place) -> "PlaceForm":
        kept = {
            name: getattr(place, name) for name in ("name", "address", "email", "sector", "wheelchair", "information")
        }
        lists = {"phones": ", ".join(place.phones), "languages": ", ".join(place.languages)}
        return cls(initial=kept | lists | {"town": place.commune.name, "insee": place.commune_id})

    def clean_languages(self) -> tuple[str, ...]:
        codes = tuple(re.split(r"[\s,;]+", self.cleaned_data["languages"].strip().lower()))
        if any(not re.fullmatch(r"[a-z]{2,3}", code) for code in codes if code):
            raise forms.ValidationError("Une langue s’écrit avec son code de deux lettres : en, es, ar…")
        return tuple(filter(None, codes))

    def clean_phones(self) -> tuple[str, ...]:
        return tuple(filter(None, (part.strip() for part in re.split(r"[,;/\n]", self.cleaned_data["phones"]))))

    def clean(self) -> dict[str, Any]:
        """The commune picked, else the only one of that name or postal code."""
        cleaned = super().clean() or self.cleaned_data
        if town := cleaned.get("town"):
            cleaned["commune"] = self._commune(cleaned.get("insee", ""), town)
        return cleaned

    def _commune(self, insee: str, town: str) -> Commune | None:
        picked = queries.commune(insee) if insee else None
        if picked is not None and picked.name in town:
            return picked
        found = queries.search_communes(town)
        if len(found) == 1 or (found and found[0].name.lower() == town.strip().lower()):
            return found[0]
        self.add_error("town", "Choisissez la commune dans la liste." if found else "Cette commune n’existe pas.")
        return None

    def place(self, *, kept: Place | None = None) -> Address:
        """Coordinates of an unchanged address are kept."""
        typed = {name: self.cleaned_data[name] for name in Address.__slots__ if name in self.cleaned_data}
        same = kept is not None and (kept.commune_id, kept.address) == (typed["commune"].insee, typed["address"])
        return Address(**typed, lat=kept.lat if kept and same else None, lon=kept.lon if kept and same else None)


class ParticipationForm(forms.Form):
    via = forms.ChoiceField(label="Participe", choices=Participation.Via.choices, error_messages=REQUIRED)
    via_structure = forms.ModelChoiceField(
        label="Par la structure", queryset=Structure.objects.none(), required=False, empty_label="—"
    )
    accepts_overbooking = forms.BooleanField(label="Accepte des patients en surnuméraire", required=False)
    overbooking_per_day = forms.IntegerField(label="Au plus, par jour", required=False, min_value=0, max_value=50)
    accepts_visits = forms.BooleanField(label="Accepte les visites à domicile", required=False)
    accepts_teleconsultation = forms.BooleanField(label="Accepte la téléconsultation", required=False)
    takes_reorientations = forms.BooleanField(label="Accepte les réorientations des urgences", required=False)
    shows_pro_slots = forms.BooleanField(label="Montre ses créneaux professionnels", required=False)
    shows_public_slots = forms.BooleanField(label="Montre ses créneaux publics", required=False)

    def __init__(self, *args: Any, sas: Sas, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["via_structure"]
        field.queryset = queries.structures_to_join(sas)  # type: ignore[attr-defined]

    @classmethod
    def of(cls, current: Participation | None, *, sas: Sas, via: str) -> "ParticipationForm":
        if current is None:
            return cls(initial={"via": via}, sas=sas)
        return cls(initial={name: getattr(current, name) for name in cls.base_fields}, sas=sas)

    def terms(self) -> Terms:
        return Terms(**self.cleaned_data | {"overbooking_per_day": self.cleaned_data["overbooking_per_day"] or 0})


class MembershipForm(forms.Form):
    structure = forms.ModelChoiceField(
        label="Structure", queryset=Structure.objects.none(), empty_label="Choisir", error_messages=REQUIRED
    )

    def __init__(self, *args: Any, sas: Sas, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["structure"].queryset = queries.structures_to_join(sas)  # type: ignore[attr-defined]


class StructureForm(forms.Form):
    kind = forms.ChoiceField(label="Type", choices=StructureKind.choices, error_messages=REQUIRED)
    name = forms.CharField(label="Nom", max_length=160, error_messages=REQUIRED)
    finess = forms.CharField(label="FINESS", required=False)
    siret = forms.CharField(label="SIRET", required=False)
    phone = forms.CharField(label="Téléphone", required=False)

    @classmethod
    def of(cls, structure: Structure) -> "StructureForm":
        return cls(initial={name: getattr(structure, name) or "" for name in cls.base_fields})


class SasForm(forms.Form):
    name = forms.CharField(label="Nom du SAS", max_length=120, error_messages=REQUIRED)
    zone = forms.CharField(label="Fuseau horaire", max_length=40, error_messages=REQUIRED)


class CommuneForm(forms.Form):
    town = forms.CharField(label="Commune", max_length=90, error_messages=REQUIRED)
    part = forms.CharField(
        label="Partie couverte", max_length=200, required=False, help_text="Vide : toute la commune."
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if town := cleaned.get("town"):
            found = queries.search_communes(town, limit=2)
            if not found:
                self.add_error("town", "Aucune commune ne porte ce nom ni ce code postal.")
            elif len(found) > 1 and found[0].name.lower() != town.strip().lower():
                self.add_error("town", f"Plusieurs communes répondent : {found[0].name}, {found[1].name}… Précisez.")
            else:
                cleaned["commune"] = found[0]
        return cleaned


class DepartementForm(forms.Form):
    departement = forms.CharField(label="Code du département", max_length=3, error_messages=REQUIRED)


class HoursForm(forms.Form):
    """One field a weekday: « 8-12, 14-20 », empty when the line does not answer."""

    line = forms.ChoiceField(label="Ligne", choices=[("SNP", "SNP"), ("PDSA", "PDSA"), ("AMU", "AMU")])
    starting = forms.DateField(
        label="À partir du",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=REQUIRED | {"invalid": "Cette date n’existe pas."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, day in enumerate(WEEKDAYS):
            self.fields[f"day{number}"] = forms.CharField(label=day.capitalize(), required=False, max_length=60)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["hours"] = [
            span for number in range(7) for span in self._spans(number, cleaned.get(f"day{number}") or "")
        ]
        return cleaned

    def _spans(self, weekday: int, text: str) -> list[tuple[int, time, time]]:
        spans = []
        for part in filter(None, (part.strip() for part in text.split(","))):
            match = _RANGE.fullmatch(part)
            try:
                opens, closes = _times(match) if match else (None, None)
            except ValueError:
                opens = closes = None
            if opens is None or closes is None:
                self.add_error(f"day{weekday}", _RANGE_EXAMPLE)
                return []
            spans.append((weekday, opens, closes))
        return spans


def _times(match: re.Match[str]) -> tuple[time, time]:
    """24 h is the last minute of the day: the database keeps hours of one day."""
    first, first_minutes, last, last_minutes = match.groups()
    closes = (
        time(23, 59, 59) if int(last) == 24 and not int(last_minutes or 0) else time(int(last), int(last_minutes or 0))
    )
    return time(int(first), int(first_minutes or 0)), closes


class ExceptionForm(forms.Form):
    line = forms.ChoiceField(label="Ligne", choices=[("SNP", "SNP"), ("PDSA", "PDSA"), ("AMU", "AMU")])
    day = forms.DateField(
        label="Jour",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=REQUIRED | {"invalid": "Cette date n’existe pas."},
    )
    is_open = forms.TypedChoiceField(
        label="Ce jour-là", choices=[("0", "fermée"), ("1", "ouverte")], coerce=lambda value: value == "1"
    )
    reason = forms.CharField(label="Motif", max_length=200, error_messages=REQUIRED)


class EntryNumberForm(forms.Form):
    number = forms.CharField(label="Numéro", max_length=20, error_messages=REQUIRED)
    kind = forms.ChoiceField(label="Type", choices=[("local", "numéro local"), ("116117", "116 117"), ("15", "15")])
    stream = forms.ChoiceField(
        label="Filière", required=False, choices=[("", "selon l’appel"), ("AMU", "AMU"), ("SNP", "SNP")]
    )
    legal_ground = forms.CharField(label="Fondement", max_length=200, required=False)


class NeighbourForm(forms.Form):
    neighbour = forms.ModelChoiceField(
        label="SAS voisin", queryset=Sas.objects.none(), empty_label="Choisir", error_messages=REQUIRED
    )

    def __init__(self, *args: Any, sas: Sas, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["neighbour"].queryset = queries.other_sas(sas)  # type: ignore[attr-defined]


class ParameterForm(forms.Form):
    """The field depends on the type that the parameter declares."""

    reason = forms.CharField(label="Motif du changement", max_length=300, required=False)
    field_order = ("value", "reason")

    def __init__(self, *args: Any, parameter: Parameter, value: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parameter = parameter
        self.fields["value"] = _field_of(parameter)
        self.initial["value"] = shown(parameter, value)
        self.order_fields(self.field_order)

    def value(self) -> Any:
        """As the parameter's type; what cannot be read is left for `parameters.checked` to refuse."""
        typed = self.cleaned_data["value"]
        if self.parameter.kind is list:
            return [line.strip() for line in typed.splitlines() if line.strip()]
        if self.parameter.kind is dict:
            return dict(_pair(line) for line in typed.splitlines() if line.strip())
        return typed


def shown(parameter: Parameter, value: Any) -> Any:
    if parameter.kind is list:
        return "\n".join(value or [])
    if parameter.kind is dict:
        return "\n".join(f"{key} = {figure:g}" for key, figure in (value or {}).items())
    return ("1" if value else "0") if parameter.kind is bool else value


def _pair(line: str) -> tuple[str, float | str]:
    key, _, figure = (part.strip() for part in line.partition("="))
    try:
        return key, float(figure.replace(",", "."))
    except ValueError:
        return key, figure


def _field_of(parameter: Parameter) -> forms.Field:
    common: dict[str, Any] = {
        "label": parameter.label,
        "help_text": _help(parameter),
        "required": not parameter.optional,
    }
    wrong = REQUIRED | {"invalid": "Donnez un nombre."}
    if parameter.kind is bool:
        return forms.TypedChoiceField(
            choices=[("1", "oui"), ("0", "non")], coerce=lambda value: value == "1", widget=forms.RadioSelect, **common
        )
    if parameter.choices:
        return forms.ChoiceField(choices=parameter.choices, widget=forms.RadioSelect, **common)
    if parameter.kind is int:
        return forms.IntegerField(error_messages=wrong, **common)
    if parameter.kind is float:
        return forms.FloatField(error_messages=wrong, **common)
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), **common | {"required": False})


def _help(parameter: Parameter) -> str:
    bounds = (
        f"De {parameter.low:g} à {parameter.high:g} {parameter.unit}.".replace(" .", ".")
        if parameter.low is not None and parameter.high is not None
        else ""
    )
    return " ".join(filter(None, (parameter.help, bounds)))
