"""The case file as a form: what is saved, with what this person was typing on top."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from quinze.accounts.actor import Actor
from quinze.base.codes import code_list
from quinze.base.errors import Conflict, Refusal
from quinze.regulation import operations, protocols, queries, sections
from quinze.regulation.models import CaseFile, Draft
from quinze.regulation.operations import FieldConflict

Errors = dict[str, str]
ARM_SECTIONS = ("caller", "place", "patient", "reason")
SEXES = (("UN", "?"), ("F", "F"), ("M", "M"), ("O", "Autre"))


def _callers() -> list[tuple[str, str]]:
    first = ("SUJET", "FAMILLE", "TIERS")
    known = {code.code: code.label for code in code_list("caller_types")}
    return [
        ("", "Non dit"),
        *((c, known[c]) for c in first),
        *((c, label) for c, label in known.items() if c not in first),
    ]


def _text(label: str, *, size: int, required: bool = False, **attrs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": size, **attrs})
    return forms.CharField(label=label, required=required, max_length=size, widget=widget)


def _hidden() -> forms.CharField:
    return forms.CharField(required=False, widget=forms.HiddenInput)


class CaseForm(forms.Form):
    """Shown and typed as people say it; the operations check, so that a draft may be wrong."""

    use_required_attribute = False

    address = _text("Adresse ou lieu-dit", size=200, required=True)
    commune_text = _text("Commune", size=120, required=True)
    commune, lat, lon = _hidden(), _hidden(), _hidden()
    access = _text("Accès", size=300)
    transport = _text("Moyen de se déplacer", size=80)
    caller_type = forms.ChoiceField(label="Requérant", required=False, choices=_callers)
    caller_name = _text("Nom du requérant", size=120)
    callback_phone = _text("Rappel", size=30, required=True, inputmode="tel")
    family_name = _text("Nom du patient", size=100)
    given_name = _text("Prénom", size=80)
    birth = _text("Naissance ou âge", size=40)
    sex = forms.ChoiceField(label="Sexe", required=False, choices=SEXES)
    referring_doctor_text = _text("Médecin traitant", size=160)
    referring_doctor = _hidden()
    reason_label = _text("Motif de recours", size=160, required=True)
    reason_code = _hidden()
    circumstance_label = _text("Nature de fait", size=160)
    circumstance_code = _hidden()
    priority = forms.ChoiceField(
        label="Priorité (P0 par F9)",
        required=False,
        choices=[("P1", "prioritaire"), ("P2", "non urgent"), ("P3", "différé")],
        widget=forms.RadioSelect,
    )
    stream = forms.ChoiceField(
        label="Filière", required=False, choices=[("AMU", "AMU"), ("SNP", "SNP")], widget=forms.RadioSelect
    )
    summary = forms.CharField(
        label="Résumé pour le suivant, dans les mots de l’appelant",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    vulnerabilities = forms.MultipleChoiceField(
        label="Fragilité",
        required=False,
        choices=[(code, label.capitalize()) for code, label in sections.VULNERABILITIES.items()],
        widget=forms.CheckboxSelectMultiple,
    )


def case_form(case: CaseFile, drafts: Mapping[str, Draft]) -> CaseForm:
    return CaseForm(initial=shown_values(case, drafts))


def shown_values(case: CaseFile, drafts: Mapping[str, Draft]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for section in ARM_SECTIONS:
        values |= sections.values(case, section)
        if section in drafts:
            values |= drafts[section].values
    values["commune_text"] = values["commune_text"] or (str(case.commune) if case.commune else "")
    doctor = case.patient.referring_doctor
    values["referring_doctor_text"] = values["referring_doctor_text"] or (str(doctor) if doctor else "")
    return values


def versions(case: CaseFile, drafts: Mapping[str, Draft]) -> dict[str, int]:
    """The version each section was read at: a draft keeps the one it was begun on."""
    return {s: drafts[s].base_version if s in drafts else sections.version(case, s) for s in (*ARM_SECTIONS, "medical")}


# --- from the request to the operations ---------------------------------------------------------------------------


def posted(section: str, data: QueryDict, *, only: Iterable[str] | None = None) -> dict[str, Any]:
    """The fields of a section that the page sent. Unticked boxes and unanswered questions are sent as absent."""
    names = [f.name for f in sections.known(section) if only is None or f.name in only]
    values = {name: data[name] for name in names if name in data}
    if "vulnerabilities" in names and ("vulnerabilities" in data or (only is None and f"{section}_version" in data)):
        values["vulnerabilities"] = [flag for flag in data.getlist("vulnerabilities") if flag]
    if "vitals" in names:
        values |= protocols.posted(data)
    return values


def base_version(section: str, data: QueryDict, case: CaseFile) -> int:
    said = data.get(f"{section}_version", "")
    return int(said) if said.isdigit() else sections.version(case, section)


def save_all(
    case: CaseFile, data: QueryDict, *, by: Actor, at: datetime, names: Iterable[str] = ARM_SECTIONS
) -> tuple[CaseFile, Errors, dict[str, FieldConflict]]:
    """Save what can be; what cannot stays as a draft and is said beside its field."""
    errors: Errors = {}
    conflicts: dict[str, FieldConflict] = {}
    for section in names:
        values = posted(section, data)
        if not values:
            continue
        try:
            case = operations.save_section(
                case, by=by, at=at, section=section, values=values, base_version=base_version(section, data, case)
            )
        except Conflict as conflict:
            conflicts |= conflict.data["fields"]
        except Refusal as refusal:
            errors |= errors_of(refusal)
    return case, errors, conflicts


def in_minutes(text: str, *, at: datetime) -> datetime:
    """« 20 » minutes from now. Refusal beside the field for what is not a number of minutes of the day."""
    if not text.strip().isdigit() or not 1 <= int(text) <= 24 * 60:
        raise Refusal("Dites dans combien de minutes rappeler, de 1 à 1440.", field="minutes", code="invalid")
    return at + timedelta(minutes=int(text))


def errors_of(refusal: Refusal) -> Errors:
    return refusal.data.get("errors") or {refusal.field or forms.forms.NON_FIELD_ERRORS: refusal.message}


BESIDE = {
    "commune": "commune_text",
    "lat": "commune_text",
    "lon": "commune_text",
    "reason_code": "reason_label",
    "referring_doctor": "referring_doctor_text",
    "place": "commune_text",
    "reason": "reason_label",
}


def refused_form(form_class: type[forms.Form], data: QueryDict, errors: Errors) -> forms.Form:
    """What was typed, with each message beside its field."""
    form = form_class(data)
    form.full_clean()
    form.errors.clear()
    for name, message in errors.items():
        field = BESIDE.get(name, name)
        form.add_error(field if field in form.fields else None, message)
    return form


def keep_drafts(case: CaseFile, data: QueryDict, *, by: Actor, at: datetime) -> None:
    """Add what changed to the drafts already kept for this person."""
    changed = set(data.getlist("_changed"))
    kept = queries.drafts(case, by=by)
    for section in (*ARM_SECTIONS, "medical"):
        values = posted(section, data, only=_with_hidden(changed))
        if not values:
            continue
        before = kept.get(section)
        operations.keep_draft(
            case,
            by=by,
            at=at,
            section=section,
            values={**(before.values if before else {}), **values},
            base_version=before.base_version if before else base_version(section, data, case),
        )


TOGETHER = {
    "commune_text": ("commune", "lat", "lon"),
    "reason_label": ("reason_code",),
    "circumstance_label": ("circumstance_code",),
    "referring_doctor_text": ("referring_doctor",),
}


def theirs_kept(data: QueryDict) -> list[str]:
    """The fields of a settled conflict where the other person's value was chosen."""
    return [name.removeprefix("settle-") for name in data if name.startswith("settle-") and data[name] == "theirs"]


def without(data: QueryDict, names: Iterable[str]) -> QueryDict:
    """The same page less these fields: what the other person wrote in them stays."""
    kept = data.copy()
    for name in _with_hidden(set(names)):
        kept.pop(name, None)
    return kept


def _with_hidden(changed: set[str]) -> set[str]:
    extra = {hidden for name in changed for hidden in TOGETHER.get(name, ())}
    vitals = {"vitals"} if any(name.startswith(protocols.PREFIX) for name in changed) else set()
    return changed | extra | vitals
