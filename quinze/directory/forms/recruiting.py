"""What somebody who would volunteer says of themselves, and what the SAS writes to those who agreed."""

import re
from typing import Any

from django import forms

from quinze.base.codes import label
from quinze.base.errors import Refusal
from quinze.base.phones import normalise
from quinze.directory import identifiers
from quinze.directory.models import Structure
from quinze.directory.operations.recruiting import Said

PROFESSIONS = ("10", "60", "21", "70", "50", "40")  # TRE_G15: those who take part in a SAS
LONGEST_TEXT = 4000
_POSTAL = re.compile(r"[0-9]{5}")
_NAME = {"required": "Ce champ est nécessaire.", "max_length": "80 signes au plus."}


def _choices() -> list[tuple[str, str]]:
    return [(code, label("professions", code)) for code in PROFESSIONS]


class ContactForm(forms.Form):
    family_name = forms.CharField(
        label="Nom", max_length=80, error_messages=_NAME, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    given_name = forms.CharField(
        label="Prénom",
        max_length=80,
        error_messages=_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    profession = forms.ChoiceField(label="Profession", error_messages={"invalid_choice": "Choisissez dans la liste."})
    email = forms.EmailField(
        label="Adresse e-mail",
        help_text="Un lien y est envoyé : rien n’est gardé au-delà de sept jours sans lui.",
        error_messages={"required": "Donnez votre adresse e-mail.", "invalid": "Cette adresse e-mail est incomplète."},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label="Téléphone", required=False, max_length=30, widget=forms.TextInput(attrs={"autocomplete": "tel"})
    )
    postal_code = forms.CharField(
        label="Code postal du lieu d’exercice",
        required=False,
        max_length=10,
        help_text="Pour ne vous écrire que pour votre territoire.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code"}),
    )
    rpps = forms.CharField(
        label="RPPS", required=False, max_length=20, help_text="11 chiffres, si vous voulez bien.",
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["profession"].choices = _choices()  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        return self._said(lambda: normalise(self.cleaned_data["phone"]))

    def clean_rpps(self) -> str:
        typed = self.cleaned_data["rpps"].strip()
        return self._said(lambda: identifiers.rpps(typed)) if typed else ""

    def clean_postal_code(self) -> str:
        code = "".join(self.cleaned_data["postal_code"].split())
        if code and not _POSTAL.fullmatch(code):
            raise forms.ValidationError("Un code postal a cinq chiffres.")
        return code

    @staticmethod
    def _said(check: Any) -> str:
        try:
            return str(check())
        except Refusal as refusal:
            raise forms.ValidationError(refusal.message) from None

    def said(self) -> Said:
        names = ("family_name", "given_name", "profession", "email", "phone", "postal_code", "rpps")
        return Said(**{name: self.cleaned_data[name] for name in names})


class ConsentForm(ContactForm):
    """The public page: nothing without the box, which nobody ticked beforehand."""

    agreed = forms.BooleanField(error_messages={"required": "Sans votre accord, rien n’est envoyé ni gardé."})

    def __init__(self, *args: Any, words: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["agreed"].label = words


class PaperForm(ContactForm):
    note = forms.CharField(
        label="Bulletin signé", max_length=200, help_text="De quand il date, et où il est gardé.",
        error_messages={"required": "Dites où est gardé le bulletin signé, et de quand il date."},
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].help_text = "Un message y dit ce qui est gardé, avec le lien qui en retire."
        self.fields["rpps"].help_text = "11 chiffres."


class CampaignForm(forms.Form):
    title = forms.CharField(
        label="Objet",
        max_length=120,
        error_messages={"required": "Donnez un objet.", "max_length": "120 signes au plus."},
    )
    profession = forms.ChoiceField(label="Profession", error_messages={"invalid_choice": "Choisissez dans la liste."})
    cpts = forms.ModelChoiceField(
        label="Territoire", queryset=Structure.objects.none(), required=False, empty_label="tout le SAS",
        error_messages={"invalid_choice": "Choisissez une CPTS de votre SAS."},
    )  # fmt: skip
    text = forms.CharField(
        label="Message",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 10, "maxlength": LONGEST_TEXT}),
        error_messages={"required": "Écrivez le message.", "max_length": "4 000 signes au plus."},
    )

    def __init__(self, *args: Any, cpts: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["profession"].choices = _choices()  # type: ignore[attr-defined]
        self.fields["cpts"].queryset = cpts  # type: ignore[attr-defined]


class ExportForm(forms.Form):
    purpose = forms.CharField(
        label="À quoi servira la liste", max_length=300,
        error_messages={"required": "Dites à quoi servira cette liste, en quelques mots."},
    )  # fmt: skip
    kind = forms.ChoiceField(label="Fichier", choices=[("xlsx", "XLSX"), ("csv", "CSV")], initial="xlsx")


class WithdrawalForm(forms.Form):
    means = forms.CharField(
        label="Comment la personne l’a demandé", max_length=120,
        error_messages={"required": "Dites comment la personne l’a demandé : téléphone, courrier, date."},
    )  # fmt: skip
