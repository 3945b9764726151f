from typing import Any

from django import forms

from quinze.accounts.models import Sas
from quinze.directory.models import Commune

_EMAIL_ERRORS = {"required": "Donnez votre adresse e-mail.", "invalid": "Cette adresse e-mail est incomplète."}


class EnrolForm(forms.Form):
    """One confirmation; the address is that of the directory when it knows one."""

    email = forms.EmailField(
        label="Adresse e-mail",
        help_text="Pour les messages du SAS. Elle ne sert pas à vous connecter.",
        error_messages=_EMAIL_ERRORS,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    sas = forms.ModelMultipleChoiceField(
        label="Je participe à", queryset=Sas.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, sas: list[Sas], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.initial.get("email"):
            self.fields["email"].widget.attrs["autofocus"] = True
        if len(sas) < 2:
            del self.fields["sas"]
            return
        field = self.fields["sas"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101 — declared above
        field.queryset = Sas.objects.filter(pk__in=[each.pk for each in sas]).order_by("code")


class RequestForm(forms.Form):
    sas = forms.ModelChoiceField(
        label="SAS",
        queryset=Sas.objects.none(),
        empty_label="Choisissez",
        error_messages={"required": "Choisissez le SAS à qui demander.", "invalid_choice": "Choisissez un SAS."},
    )
    email = forms.EmailField(
        label="Adresse e-mail",
        help_text="La réponse y sera envoyée.",
        error_messages=_EMAIL_ERRORS,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    message = forms.CharField(
        label="Où et comment exercez-vous ?",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Lieu, remplacement en cours, date d’installation… Ce qui aide à vous situer.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["sas"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 — declared above
        field.queryset = Sas.objects.order_by("code")


def suggested(commune: Commune | None, sas: Sas | None) -> dict[str, Any]:
    place = f"{commune.name}" if commune else ""
    return {"sas": sas.pk if sas else None, "message": f"Lieu : {place}" if place else ""}
