from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm

from quinze.accounts.announcements import LONGEST, Level
from quinze.accounts.help_desk import LARGEST_FILE, LONGEST_TEXT, MOST_FILES, Theme
from quinze.accounts.models import User
from quinze.accounts.roles import Role
from quinze.accounts.spreadsheet import LARGEST
from quinze.base import phones
from quinze.base.errors import Refusal
from quinze.base.periods import local_instant


def refuse(form: forms.BaseForm, refusal: Refusal) -> None:
    """Beside its field when the form has it, above the form otherwise."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)


class LoginForm(forms.Form):
    email = forms.EmailField(
        label="Adresse e-mail",
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
        error_messages={"required": "Donnez votre adresse e-mail.", "invalid": "Cette adresse e-mail est incomplète."},
    )
    password = forms.CharField(
        label="Mot de passe",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Donnez votre mot de passe."},
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code à 6 chiffres",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
        error_messages={"required": "Donnez le code affiché par votre téléphone."},
    )


class PanelForm(LoginForm):
    """The login in one step, over the page that was open."""

    code = forms.CharField(
        label="Code à 6 chiffres",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, owner: User | None, asks_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if owner:
            del self.fields["email"]
        if not asks_code:
            del self.fields["code"]
        self.fields["password"].widget.attrs["autofocus"] = True


class PasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """The first password, or the new one of who lost it."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["new_password1"].label = "Mot de passe"
        self.fields["new_password1"].help_text = "12 caractères au moins ; quatre mots sans rapport font l’affaire."
        self.fields["new_password2"].label = "Le même, encore une fois"
        self.fields["new_password2"].help_text = ""


class _Dates(forms.Form):
    start = forms.DateField(
        label="Du", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Vide : tout de suite.",
    )  # fmt: skip
    end = forms.DateField(
        label="Au", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Jour compris. Vide : sans fin.",
    )  # fmt: skip

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def starts(self, at: datetime) -> datetime:
        """Today means now: what was done this morning was not done in that role."""
        day: date | None = self.cleaned_data["start"]
        if day is None:
            return at
        midnight = local_instant(day, time.min, self.zone)
        return at if midnight <= at < midnight + timedelta(hours=23) else midnight

    def ends(self) -> datetime | None:
        day: date | None = self.cleaned_data["end"]
        return local_instant(day + timedelta(days=1), time.min, self.zone) if day else None


class AccountForm(_Dates):
    title = forms.CharField(label="Titre", required=False, max_length=10, help_text="Dr, Pr.")
    given_name = forms.CharField(label="Prénom", max_length=80, error_messages={"required": "Donnez le prénom."})
    family_name = forms.CharField(label="Nom", max_length=80, error_messages={"required": "Donnez le nom."})
    email = forms.EmailField(
        label="Adresse e-mail",
        help_text="L’invitation y est envoyée.",
        error_messages={"required": "Donnez une adresse e-mail.", "invalid": "Cette adresse e-mail est incomplète."},
    )
    roles = forms.MultipleChoiceField(
        label="Rôles",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Donnez au moins un rôle : un compte sans rôle n’ouvre rien."},
    )
    field_order = ("title", "given_name", "family_name", "email", "roles", "start", "end")

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["roles"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 — declared twenty lines above
        field.choices = [(role.value, role.label) for role in roles]

    def asked_roles(self) -> list[Role]:
        return [Role(role) for role in self.cleaned_data["roles"]]


class GrantForm(_Dates):
    role = forms.ChoiceField(label="Rôle", error_messages={"required": "Choisissez un rôle."})
    reason = forms.CharField(label="Motif", required=False, max_length=200)
    field_order = ("role", "start", "end", "reason")

    def arguments(self, at: datetime) -> dict[str, Any]:
        typed = self.cleaned_data
        return {"role": Role(typed["role"]), "start": self.starts(at), "end": self.ends(), "reason": typed["reason"]}

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — declared ten lines above
        field.choices = [("", "—"), *[(role.value, role.label) for role in roles]]


class ListForm(forms.Form):
    file = forms.FileField(
        label="Fichier CSV ou XLSX",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text="1 000 lignes et 1 Mo au plus.",
        error_messages={
            "required": "Choisissez un fichier.", "empty": "Ce fichier est vide.", "missing": "Choisissez un fichier.",
        },
    )  # fmt: skip

    def clean_file(self) -> Any:
        sent = self.cleaned_data["file"]
        if sent.size > LARGEST:
            raise forms.ValidationError("Ce fichier dépasse 1 Mo : coupez la liste en plusieurs.")
        return sent

    def content(self) -> bytes:
        read: bytes = self.cleaned_data["file"].read(LARGEST + 1)
        return read


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Motif",
        max_length=200,
        help_text="Il reste dans l’historique du compte.",
        error_messages={"required": "Dites pourquoi : le motif reste dans l’historique du compte."},
    )


class DerogationForm(_Dates):
    reason = forms.CharField(
        label="Motif",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Dites pourquoi le SAS l’autorise."},
    )
    field_order = ("start", "end", "reason")

    def arguments(self, at: datetime) -> dict[str, Any]:
        return {"start": self.starts(at), "end": self.ends(), "reason": self.cleaned_data["reason"]}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["end"].required = True
        self.fields["end"].help_text = "Jour compris."
        self.fields["end"].error_messages["required"] = "Une dérogation a une fin : donnez-la."


def _instant(label: str, words: str) -> forms.DateTimeField:
    """Read in the zone of the SAS, which is that of the page."""
    return forms.DateTimeField(
        label=label,
        required=False,
        help_text=words,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "Donnez un jour et une heure."},
    )


class AnnouncementForm(forms.Form):
    text = forms.CharField(
        label="Texte",
        max_length=LONGEST,
        help_text=f"{LONGEST} caractères au plus. Aucune donnée de santé, aucun nom de patient : tout le SAS le lit.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Écrivez ce qu’il faut dire."},
    )
    level = forms.ChoiceField(
        label="Niveau", choices=Level.choices, initial=Level.INFO, widget=forms.RadioSelect,
        help_text="Un incident ne se ferme pas : il reste jusqu’à sa fin.",
        error_messages={"required": "Choisissez un niveau."},
    )  # fmt: skip
    begins = _instant("Du", "Vide : tout de suite.")
    ends = _instant("Au", "Vide : jusqu’à ce que quelqu’un l’arrête.")
    roles = forms.MultipleChoiceField(
        label="Pour ces rôles", choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Aucun : tout le monde.",
    )  # fmt: skip
    before_login = forms.BooleanField(label="Aussi sur la page de connexion", required=False)

    def said(self, at: datetime) -> dict[str, Any]:
        typed = self.cleaned_data
        return {
            "text": typed["text"],
            "level": Level(typed["level"]),
            "begins": max(typed["begins"] or at, at),
            "ends": typed["ends"],
            "roles": [Role(role) for role in typed["roles"]],
            "before_login": typed["before_login"],
        }


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files under one name, each within the size allowed; what they are is read by the operation."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        sent = data if isinstance(data, list | tuple) else [data] if data else []
        if len(sent) > MOST_FILES:
            raise forms.ValidationError(f"{MOST_FILES} fichiers au plus.")
        if any(each.size > LARGEST_FILE for each in sent):
            raise forms.ValidationError("Chaque fichier fait 1 Mo au plus.")
        return [super(FilesField, self).clean(each, initial) for each in sent]


class HelpForm(forms.Form):
    theme = forms.ChoiceField(
        label="De quoi s’agit-il ?", choices=[("", "—"), *Theme.choices],
        help_text="Le thème dit qui vous répond.", error_messages={"required": "Choisissez un thème."},
    )  # fmt: skip
    text = forms.CharField(
        label="Votre message",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=f"{LONGEST_TEXT} caractères au plus. Ce que vous vouliez faire, ce que la page a répondu.",
        error_messages={"required": "Écrivez quelques mots."},
    )
    phone = forms.CharField(
        label="Téléphone", required=False, max_length=20, help_text="Si vous préférez qu’on vous rappelle.",
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )  # fmt: skip
    joined = FilesField(
        label="Fichiers joints", required=False,
        help_text=f"{MOST_FILES} au plus, 1 Mo chacun : PDF, PNG, JPEG, xls, xlsx, ppt, pptx, docx. "
        "Cachez les noms sur une capture d’écran.",
    )  # fmt: skip
    page = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def clean_phone(self) -> str:
        typed: str = self.cleaned_data["phone"]
        if typed:
            try:
                phones.normalise(typed)
            except Refusal as refusal:
                raise forms.ValidationError(refusal.message) from refusal
        return typed


class SayForm(forms.Form):
    text = forms.CharField(
        label="Message", max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Écrivez quelques mots."},
    )  # fmt: skip
