import re

from django import forms

from quinze.directory.forms.offer import PlaceForm
from quinze.directory.models import Participation, Place, Professional, Structure


class PersonForm(forms.Form):
    """Somebody of the directory, picked in the list while one types."""

    name = forms.CharField(
        label="Professionnel", max_length=80, help_text="Les deux premières lettres suffisent.",
        error_messages={"required": "Donnez le nom du professionnel."},
    )  # fmt: skip
    professional = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def picked(self, found: Professional | None) -> Professional | None:
        if found is None:
            self.add_error("name", "Choisissez la personne dans la liste.")
        return found


class StructureToJoinForm(forms.Form):
    name = forms.CharField(
        label="Structure", max_length=80, help_text="Maison de santé, centre de santé, CPTS, SOS Médecins…",
        error_messages={"required": "Donnez le nom de la structure."},
    )  # fmt: skip
    structure = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def picked(self, found: Structure | None) -> Structure | None:
        if found is None:
            self.add_error("name", "Choisissez la structure dans la liste.")
        return found


class ManagerForm(forms.Form):
    email = forms.EmailField(
        label="Adresse e-mail de son compte",
        error_messages={"required": "Donnez l’adresse du compte.", "invalid": "Cette adresse est incomplète."},
    )


class StructurePlaceForm(forms.Form):
    phones = forms.CharField(label="Téléphones", required=False, max_length=200, help_text="Séparés par une virgule.")
    wheelchair = PlaceForm.base_fields["wheelchair"]
    information = forms.CharField(
        label="À dire à l’OSNP", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    @classmethod
    def of(cls, place: Place) -> "StructurePlaceForm":
        said = {"phones": ", ".join(place.phones), "wheelchair": place.wheelchair, "information": place.information}
        return cls(initial=said)

    def clean_phones(self) -> tuple[str, ...]:
        return tuple(filter(None, (part.strip() for part in re.split(r"[,;/\n]", self.cleaned_data["phones"]))))


class StructureTermsForm(forms.Form):
    takes_part = forms.BooleanField(label="La structure participe au SAS", required=False)
    accepts_visits = forms.BooleanField(label="Elle fait des visites à domicile", required=False)

    takes_reorientations = forms.BooleanField(
        label="Elle accepte les personnes que les urgences réorientent", required=False
    )

    @classmethod
    def of(cls, current: Participation | None) -> "StructureTermsForm":
        said = ("accepts_visits", "takes_reorientations")
        terms = {name: current is not None and getattr(current, name) for name in said}
        return cls(initial={"takes_part": current is not None} | terms)
