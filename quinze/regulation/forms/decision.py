"""The decision panel and the medical notes, as forms. What is typed is kept; the operations check it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict

from quinze.base.codes import code_list, label
from quinze.base.errors import Refusal
from quinze.directory.queries import parameter
from quinze.regulation import decisions, sections
from quinze.regulation.models import CaseFile, Decision, Draft
from quinze.science.ranking import NURSE

DRUG_LINES = 8
USUAL_NURSING = ("Pansement", "Perfusion", "Injection", "Prélèvement", "Surveillance", "Sonde urinaire")
SHOWN_DRUG_LINES = 3
DELAYS = (4, 12, 24, 48)
EVENING = 18
WEEKDAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
GENERAL_PRACTICE = "10/SM54"
USUAL_CARE = (
    (GENERAL_PRACTICE, "Médecine générale"),
    ("60/", "Infirmier"),
    ("50/", "Sage-femme"),
    ("40/", "Chirurgien-dentiste"),
    ("21/", "Pharmacien"),
    ("70/", "Masseur-kinésithérapeute"),
)
USUAL_VEHICLES = (
    "SIS.VSAV",
    "TSU.AMB",
    "TSU.VSL",
    "SMUR.VLM",
    "SMUR.AR",
    "SMUR.HELISMUR",
    "LIB.MEDV",
    "AUTREVEC.PERSO",
)
# What a refusal of decisions.py is about → the field of the panel, by nature.
BESIDE = {
    ("CONSEIL", "text"): "advice_text",
    ("PMT", "drugs"): "drug_1_name",
    ("INTER", "destination"): "inter_destination",
    ("ORIENT", "destination"): "orient_destination",
    ("ORIENT", "transport"): "orient_transport",
    ("ORIENT", "profession"): "who",
    ("ORIENT", "specialty"): "who",
    ("ORIENT", "care"): "nursing_care",
    ("ORIENT", "evaluate"): "nursing_evaluation",
}
Choices = list[Any]


def _vehicles() -> Choices:
    families: dict[str, list[tuple[str, str]]] = {}
    for code in code_list("vehicle_types"):
        families.setdefault(code.chapter or code.label, []).append((code.code, code.label))
    usual = [(code, label("vehicle_types", code)) for code in USUAL_VEHICLES]
    return [("", "choisir…"), ("Les plus demandés", usual), *families.items()]


def _listed(name: str, *, empty: str = "non précisé") -> Choices:
    return [("", empty), *((code.code, code.label) for code in code_list(name))]


def _destinations() -> Choices:
    others = [(c.code, c.label) for c in code_list("orientation_types") if c.code != decisions.CITY_CARE]
    return [(decisions.CITY_CARE, "Cabinet de ville"), *others]


def _care() -> Choices:
    known = {value for value, _ in USUAL_CARE}
    special = [(f"10/{c.code}", c.label) for c in code_list("specialties") if c.code.startswith("SM")]
    return [*USUAL_CARE, ("Autres spécialités médicales", [pair for pair in special if pair[0] not in known])]


def _text(name: str, *, size: int, **attrs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": size, **attrs})
    return forms.CharField(label=name, required=False, max_length=size, widget=widget)


def _area(name: str, *, size: int, rows: int) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=name, required=False, max_length=size, widget=widget)


def _choice(name: str, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=name, required=False, choices=choices)


def _radio(name: str, choices: Choices) -> forms.ChoiceField:
    return forms.ChoiceField(label=name, required=False, choices=choices, widget=forms.RadioSelect)


def _recall() -> forms.BooleanField:
    return forms.BooleanField(label="Signes de rappel du 15 dits", required=False)


class MedicalForm(forms.Form):
    use_required_attribute = False

    weight = _text("Poids", size=40)
    treatments = _text("Traitements", size=300)
    allergies = _text("Allergies", size=300)
    assessment = _area("Votre évaluation", size=8000, rows=3)


def medical_form(case: CaseFile, drafts: Mapping[str, Draft]) -> MedicalForm:
    typed = drafts["medical"].values if "medical" in drafts else {}
    return MedicalForm(initial=sections.values(case, "medical") | typed)


class DecisionForm(forms.Form):
    """Five natures, each with its own fields; the page shows those of the nature chosen."""

    use_required_attribute = False

    nature = _radio("Nature de la décision", Decision.Nature.choices)
    advice_text = _area("Conseil donné", size=4000, rows=5)
    advice_recall = _recall()
    pharmacy = _text("Pharmacie", size=160)
    pmt_recall = _recall()
    vehicle = _choice("Moyen", _vehicles)
    care = _choice("Soins à bord", lambda: _listed("care_crews"))
    inter_destination = _choice("Vers", lambda: _listed("orientation_types"))
    destination_name = _text("Nom du lieu", size=120)
    note = _text("Note à l’équipage", size=300)
    orient_destination = _choice("Vers", _destinations)
    who = _choice("Profession", _care)
    orient_name = _text("Nom du lieu", size=120)
    orient_transport = _choice("Transport", lambda: _listed("vehicle_types"))
    within_hours = _radio("Vu avant", [(str(hours), f"{hours} h") for hours in DELAYS])
    modalities = forms.MultipleChoiceField(
        label="Comment",
        required=False,
        choices=[("AMB", "Cabinet"), ("HH", "Visite"), ("VR", "Vidéo")],
        widget=forms.CheckboxSelectMultiple,
    )
    instruction = _area("Consigne à l’OSNP", size=500, rows=2)
    nursing_care = _text("Soins prescrits à l’infirmier", size=decisions.LONGEST_CARE, list="soins-infirmiers")
    nursing_evaluation = _area("À évaluer, lu par l’infirmier seul", size=decisions.LONGEST_QUESTION, rows=2)
    assisted = forms.BooleanField(label="Acte téléassisté : médecin en vidéo", required=False)
    assisted_by = _text("Médecin (vide : vous)", size=decisions.LONGEST_DOCTOR)
    assisted_join = _text("Lien ou numéro", size=decisions.LONGEST_JOIN)
    orient_recall = _recall()
    nothing_reason = _area("Pourquoi", size=500, rows=2)
    level = _radio("Niveau de soin", [(code, code) for code in sections.CARE_LEVELS])

    def __init__(self, *args: Any, at: datetime, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in range(1, DRUG_LINES + 1):
            self.fields[f"drug_{line}_name"] = _text(f"Médicament {line}", size=120)
            self.fields[f"drug_{line}_dosage"] = _text("Posologie", size=120)
            self.fields[f"drug_{line}_duration"] = _text("Durée", size=60)
        delays = self.fields["within_hours"]
        delays.choices = [(str(hours), delay_words(hours, at=at, zone=zone)) for hours in DELAYS]  # type: ignore[attr-defined]

    def drugs(self) -> Iterator[tuple[Any, Any, Any]]:
        for line in range(1, DRUG_LINES + 1):
            yield tuple(self[f"drug_{line}_{part}"] for part in ("name", "dosage", "duration"))  # type: ignore[misc]

    @property
    def usual_nursing(self) -> tuple[str, ...]:
        return USUAL_NURSING

    @property
    def first_drugs(self) -> list[tuple[Any, Any, Any]]:
        return list(self.drugs())[:SHOWN_DRUG_LINES]

    @property
    def more_drugs(self) -> list[tuple[Any, Any, Any]]:
        return list(self.drugs())[SHOWN_DRUG_LINES:]


DEFAULTS = {"orient_destination": "CABINET", "who": GENERAL_PRACTICE, "within_hours": "12", "modalities": ["AMB"]}


def decision_form(case: CaseFile, drafts: Mapping[str, Draft], *, at: datetime) -> DecisionForm:
    typed = drafts["decision"].values if "decision" in drafts else {}
    usual = parameter(case.sas, "assistance_join", at)
    initial = DEFAULTS | {"level": case.care_level, "assisted_join": usual, **typed}
    return DecisionForm(initial=initial, at=at, zone=case.sas.zone)


def refused_decision(case: CaseFile, data: QueryDict, refusal: Refusal | None, *, at: datetime) -> DecisionForm:
    """The panel as it was typed, with the refusal beside its field."""
    form = DecisionForm(data, at=at, zone=case.sas.zone)
    form.full_clean()
    form.errors.clear()
    if refusal is not None:
        field = BESIDE.get((data.get("nature", ""), refusal.field or ""), refusal.field)
        field = "level" if field == "care_level" else field
        form.add_error(field if field in form.fields else None, refusal.message)
    return form


def details_of(data: QueryDict) -> decisions.Details:
    """What was decided, from the panel. Raises Refusal beside a field."""
    nature = data.get("nature", "")
    return decisions.from_values(nature, VALUES[nature](data) if nature in VALUES else {})


def _orientation(data: QueryDict) -> dict[str, Any]:
    profession, _, specialty = data.get("who", "").partition("/")
    return {
        "destination": data.get("orient_destination", ""),
        "destination_name": data.get("orient_name", ""),
        "transport": data.get("orient_transport", ""),
        "profession": profession,
        "specialty": specialty,
        "within_hours": data.get("within_hours", ""),
        "modalities": data.getlist("modalities"),
        "instruction": data.get("instruction", ""),
        **(_of_nurse(data) if profession == NURSE else {}),
        "recall_signs_told": data.get("orient_recall", ""),
    }


def _of_nurse(data: QueryDict) -> dict[str, Any]:
    given = {name: data.get(name, "") for name in ("assisted", "assisted_by", "assisted_join")}
    return given | {"care": data.get("nursing_care", ""), "evaluate": data.get("nursing_evaluation", "")}


def _intervention(data: QueryDict) -> dict[str, Any]:
    values = {name: data.get(name, "") for name in ("vehicle", "care", "destination_name", "note")}
    return values | {"destination": data.get("inter_destination", "")}


def _prescription(data: QueryDict) -> dict[str, Any]:
    lines = range(1, DRUG_LINES + 1)
    parts = ("name", "dosage", "duration")
    drugs = [{part: data.get(f"drug_{line}_{part}", "") for part in parts} for line in lines]
    return {"drugs": drugs, "pharmacy": data.get("pharmacy", ""), "recall_signs_told": data.get("pmt_recall", "")}


VALUES: dict[str, Callable[[QueryDict], dict[str, Any]]] = {
    "CONSEIL": lambda data: {"text": data.get("advice_text", ""), "recall_signs_told": data.get("advice_recall", "")},
    "PMT": _prescription,
    "INTER": _intervention,
    "ORIENT": _orientation,
    "PASPLUS": lambda data: {"reason": data.get("nothing_reason", "")},
}
PANEL_FIELDS = frozenset(DecisionForm.base_fields) | {
    f"drug_{line}_{part}" for line in range(1, DRUG_LINES + 1) for part in ("name", "dosage", "duration")
}


def typed_decision(data: QueryDict) -> dict[str, Any]:
    """The fields of the panel among those that the page sends as it is typed."""
    changed = PANEL_FIELDS & set(data.getlist("_changed"))
    many = {"modalities": data.getlist("modalities")} if "modalities" in changed else {}
    return {name: data.get(name, "") for name in changed} | many


def delay_words(hours: int, *, at: datetime, zone: str) -> str:
    """« 12 h, ce soir 22:51 »: a delay always shows its clock time."""
    now = at.astimezone(ZoneInfo(zone))
    then = (at + timedelta(hours=hours)).astimezone(ZoneInfo(zone))
    days = (then.date() - now.date()).days
    if days == 0:
        day = "ce soir" if then.hour >= EVENING else "à"
    else:
        day = "demain" if days == 1 else WEEKDAYS[then.weekday()]
    return f"{hours} h, {day} {then:%H:%M}"
