"""The case file as a form: what is saved, with what this person was typing on top."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict

from quinze.accounts.actor import Actor
from quinze.base import phones
from quinze.base.codes import code_list
from quinze.base.errors import Conflict, Refusal
from quinze.directory.models import Commune
from quinze.patients.models import Patient
from quinze.regulation import operations, protocols, queries, sections
from quinze.regulation.models import CaseFile, Draft
from quinze.regulation.operations import FieldConflict

Errors = dict[str, str]
ARM_SECTIONS = ("caller", "place", "patient", "reason")
SEXES = (("UN", "?"), ("F", "F"), ("M", "M"), ("O", "Autre"))
INS_AUTHORITIES = (("", "Non dite"), ("1.2.250.1.213.1.4.8", "INS-NIR"), ("1.2.250.1.213.1.4.9", "INS-NIA"))


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
    used_name = _text("Nom utilisé", size=100)
    given_names = _text("Prénoms de naissance", size=160)
    birth_insee = _text("Né à (code INSEE)", size=10)
    ins = _text("Matricule INS", size=30)
    ins_oid = forms.ChoiceField(label="Nature du matricule", required=False, choices=INS_AUTHORITIES)
    identity = forms.ChoiceField(label="Statut de l’identité", required=False, choices=Patient.Identity.choices)
    phone = _text("Téléphone du patient", size=30, inputmode="tel")
    email = _text("E-mail", size=254, inputmode="email")
    language = _text("Langue (code à deux lettres)", size=3)
    referring_doctor_text = _text("Médecin traitant", size=160)
    referring_doctor = _hidden()
    referring_nurse_text = _text("Infirmier référent", size=160)
    referring_nurse = _hidden()
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
        saved = sections.values(case, section)
        values |= saved | {name: phones.spoken(saved[name]) for name in PHONES if saved.get(name)}
        if section in drafts:
            values |= drafts[section].values
    return values | {words: values[words] or _named(case, code, values[code]) for code, words in NAMED.items()}


PHONES = ("callback_phone", "phone")
NAMED = {
    "commune": "commune_text",
    "referring_doctor": "referring_doctor_text",
    "referring_nurse": "referring_nurse_text",
}


def _named(case: CaseFile, code: str, value: Any) -> str:
    """What was chosen in a list is kept by its code alone, and shown by its name; what is saved came with the file."""
    if not value:
        return ""
    if code == "referring_doctor" and value == case.patient.referring_doctor_id:
        return str(case.patient.referring_doctor)
    if code == "commune":
        saved = case.commune if value == case.commune_id else None
        commune = saved or Commune.objects.filter(pk=value).first()
        if commune is not None:
            return f"{commune.postal_codes[0]} {commune.name}" if commune.postal_codes else commune.name
    return sections.shown(code, value)


def versions(case: CaseFile, drafts: Mapping[str, Draft]) -> dict[str, int]:
    """The version each section was read at: a draft keeps the one it was begun on."""
    return {s: drafts[s].base_version if s in drafts else sections.version(case, s) for s in (*ARM_SECTIONS, "medical")}


# --- from the request to the operations ---------------------------------------------------------------------------


def posted(
    section: str, data: QueryDict, *, only: Iterable[str] | None = None, but: Iterable[str] = ()
) -> dict[str, Any]:
    """The fields of a section that the page sent. Unticked boxes and unanswered questions are sent as absent."""
    names = [f.name for f in sections.known(section) if (only is None or f.name in only) and f.name not in but]
    values: dict[str, Any] = {name: str(data[name]).replace("\0", "") for name in names if name in data}
    if "vulnerabilities" in names and ("vulnerabilities" in data or (only is None and f"{section}_version" in data)):
        values["vulnerabilities"] = [
            plain for flag in data.getlist("vulnerabilities") if (plain := flag.replace("\0", ""))
        ]
    if "vitals" in names:
        values |= protocols.posted(data)
    return values


def base_version(section: str, data: QueryDict, case: CaseFile, *, stem: str = "version") -> int:
    """What the page says it read; never more than what there is to read."""
    said, now = data.get(f"{section}_{stem}", ""), sections.version(case, section)
    return min(int(said), now) if said.isdecimal() and len(said) < 9 else now


def save_all(
    case: CaseFile, data: QueryDict, *, by: Actor, at: datetime, names: Iterable[str] = ARM_SECTIONS
) -> tuple[CaseFile, Errors, dict[str, FieldConflict]]:
    """Save what can be; what cannot stays as a draft and is said beside its field."""
    if (saved := save_whole(case, data, by=by, at=at, names=names)) is not None:
        return saved, {}, {}
    errors: Errors = {}
    conflicts: dict[str, FieldConflict] = {}
    for section in names:
        values = _once(posted(section, data, but=_with_hidden(settled(data, "theirs"))))
        if not values:
            continue
        try:
            case = _save(case, section, values, data, by=by, at=at)
        except Conflict as conflict:
            conflicts |= _as_shown(conflict.data["fields"], case, values, by=by)
        except Refusal as refusal:
            errors |= errors_of(refusal)
            operations.keep_draft(
                case, by=by, at=at, section=section, values=values, base_version=base_version(section, data, case)
            )
    return case, errors, conflicts


def save_whole(
    case: CaseFile,
    data: QueryDict,
    *,
    by: Actor,
    at: datetime,
    names: Iterable[str] = ARM_SECTIONS,
    then: operations.Sending | None = None,
) -> CaseFile | None:
    """Everything the page holds at once; None where something refuses, and then nothing is written.

    A choice between two values is written section by section, over the versions that were shown.
    """
    if settled(data, "mine") or settled(data, "theirs"):
        return None
    typed = [
        operations.Typed(section, _once(values), base_version(section, data, case))
        for section in names
        if (values := posted(section, data))
    ]
    if not typed and then is None:
        return case
    try:
        return operations.save_together(case, by=by, at=at, typed=typed, then=then)
    except Refusal:
        return None


def _once(values: dict[str, Any]) -> dict[str, Any]:
    """Chosen in a list: the code says it, its name is not kept a second time as free text."""
    return values | {words: "" for code, words in NAMED.items() if values.get(code) and words in values}


def _save(
    case: CaseFile, section: str, values: dict[str, Any], data: QueryDict, *, by: Actor, at: datetime
) -> CaseFile:
    """A value chosen against somebody else's is written over the version that was shown, never over a later one."""
    chosen = _with_hidden(settled(data, "mine"))
    mine = {name: value for name, value in values.items() if name in chosen}
    base = base_version(section, data, case)
    if mine:
        seen = base_version(section, data, case, stem="seen")
        case = operations.save_section(case, by=by, at=at, section=section, values=mine, base_version=seen)
    return operations.save_section(case, by=by, at=at, section=section, values=values, base_version=base)


def _as_shown(
    conflicts: Mapping[str, FieldConflict], case: CaseFile, typed: Mapping[str, Any], *, by: Actor
) -> dict[str, FieldConflict]:
    """By field of the page, in words: a code goes with the words typed for it."""
    case = queries.case(case.number, by=by)
    told: dict[str, FieldConflict] = {}
    for name, field in conflicts.items():
        lead = LEADS.get(name, name)
        theirs = {each: sections.read(case, each) for each in (lead, *TOGETHER.get(lead, ()))}
        told[lead] = replace(
            field, label=sections.LABELS[lead], theirs=_words(lead, theirs), mine=_words(lead, {**theirs, **typed})
        )
    return told


def _words(name: str, values: Mapping[str, Any]) -> str:
    code = next((code for code, words in NAMED.items() if words == name and values.get(code)), name)
    return sections.shown(code, values[code])


def in_minutes(text: str, *, at: datetime) -> datetime:
    """« 20 » minutes from now. Refusal beside the field for what is not a number of minutes of the day."""
    if not text.strip().isdecimal() or len(text) > 9 or not 1 <= int(text) <= 24 * 60:
        raise Refusal("Dites dans combien de minutes rappeler, de 1 à 1440.", field="minutes", code="invalid")
    return at + timedelta(minutes=int(text))


def errors_of(refusal: Refusal) -> Errors:
    return refusal.data.get("errors") or {refusal.field or NON_FIELD_ERRORS: refusal.message}


def refused_form(form_class: type[forms.Form], data: Mapping[str, Any], errors: Errors) -> forms.Form:
    """What was typed, with each message beside its field."""
    form = form_class(data)
    form.full_clean()
    form.errors.clear()
    for name, message in errors.items():
        field = LEADS.get(name, name)
        form.add_error(field if field in form.fields else None, message)
    return form


def refused_case_form(case: CaseFile, drafts: Mapping[str, Draft], errors: Errors) -> forms.Form:
    """What is saved now, and what was refused on top: a field that only somebody else changed shows what they wrote."""
    form = refused_form(CaseForm, shown_values(case, drafts), errors)
    first = next((name for name in form.fields if name in form.errors), "")
    if first:
        form.fields[first].widget.attrs["autofocus"] = True
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
    "referring_nurse_text": ("referring_nurse",),
}
LEADS = {hidden: lead for lead, together in TOGETHER.items() for hidden in together}


def settled(data: QueryDict, whose: str) -> set[str]:
    """The fields of a conflict where this value was chosen: « mine » or « theirs »."""
    return {name.removeprefix("settle-") for name in data if name.startswith("settle-") and data[name] == whose}


def _with_hidden(changed: set[str]) -> set[str]:
    extra = {hidden for name in changed for hidden in TOGETHER.get(name, ())}
    vitals = {"vitals"} if any(name.startswith(protocols.PREFIX) for name in changed) else set()
    return changed | extra | vitals
