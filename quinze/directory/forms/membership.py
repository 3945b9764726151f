from django import forms

from quinze.directory.models import Professional, Structure


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
