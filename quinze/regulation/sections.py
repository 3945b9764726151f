"""The five sections of a file: their fields, how each is checked, how it is read and written."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from quinze.base import codes, phones
from quinze.base.errors import Refusal
from quinze.base.written import Written
from quinze.directory.models import Commune, Professional
from quinze.patients import births, identity
from quinze.patients.models import Patient
from quinze.regulation import protocols
from quinze.regulation.models import CaseFile
from quinze.science.ranking import NURSE

LISTS = {"reason": ("reasons", "reasons_hub"), "circumstance": ("circumstances",)}
PRIORITIES = {"P0": "urgence vitale", "P1": "prioritaire", "P2": "non urgent", "P3": "différé"}
STREAMS = {"AMU": "aide médicale urgente", "SNP": "soins non programmés", "NEONAT": "néonatalité", "PSY": "psychiatrie"}
CARE_LEVELS = {
    "R1": "urgence vitale",
    "R2": "urgence vraie",
    "R3": "continuité de soins",
    "R4": "conseil ou ordonnance",
}
VULNERABILITIES = {"isole": "isolé", "precarite": "précarité", "handicap": "handicap", "langue": "langue"}
CODE = re.compile(r"[A-Za-z0-9][\w.\-]{0,19}")
Clean = Callable[[Any], Any]
BLANK: tuple[Any, ...] = ("", None, [], {})


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    clean: Clean


def _text(size: int) -> Clean:
    def clean(value: Any) -> str:
        text = str(value or "").strip()
        if len(text) > size:
            raise Refusal(f"{len(text)} caractères saisis, {size} au plus : raccourcissez ou ajoutez une note.")
        return text

    return clean


def _choice(choices: Mapping[str, str], *, empty: bool = True) -> Clean:
    def clean(value: Any) -> str:
        code = str(value or "").strip()
        if code not in choices and not (empty and not code):
            raise Refusal(f"Choisissez parmi : {', '.join(choices)}.")
        return code

    return clean


def _code(value: Any) -> str:
    """Well formed is enough: a code that no list of ours knows is kept and shown."""
    code = str(value or "").strip()
    if code and not CODE.fullmatch(code):
        raise Refusal("Ce code est mal formé : choisissez dans la liste, ou gardez le texte libre.")
    return code


def _coordinate(limit: float) -> Clean:
    def clean(value: Any) -> float | None:
        text = str("" if value is None else value).strip().replace(",", ".")
        try:
            figure = float(text) if text else None
        except ValueError:
            raise Refusal("Une coordonnée est un nombre. Exemple : 46,5802.") from None
        if figure is not None and not -limit <= figure <= limit:
            raise Refusal(f"Une coordonnée se tient entre -{limit:g} et {limit:g}.")
        return figure

    return clean


COMMUNE = Written(lambda insee: Commune.objects.filter(pk=insee).values_list("name", flat=True), insee=str)


def _commune(value: Any) -> str:
    insee = str(value or "").strip()
    if insee and not COMMUNE(insee=insee):
        raise Refusal("Commune inconnue : choisissez dans la liste, ou laissez le lieu en toutes lettres.")
    return insee


def _professional(value: Any) -> int | None:
    text = str(value or "").strip()
    if not text:
        return None
    if not text.isdecimal() or not Professional.objects.filter(pk=int(text)).exists():
        raise Refusal("Ce médecin n’est pas dans l’annuaire : choisissez dans la liste, ou écrivez son nom.")
    return int(text)


def _nurse(value: Any) -> int | None:
    text = str(value or "").strip()
    if not text:
        return None
    if not text.isdecimal() or not Professional.objects.filter(pk=int(text), profession=NURSE).exists():
        raise Refusal("Cet infirmier n’est pas dans l’annuaire : choisissez dans la liste, ou écrivez son nom.")
    return int(text)


def _vitals(value: Any) -> dict[str, bool]:
    if not isinstance(value or {}, dict):
        raise Refusal("Réponses aux questions vitales non comprises : répondez oui ou non.")
    said = {"oui": True, "non": False, True: True, False: False}
    return {str(key)[:40]: said[answer] for key, answer in (value or {}).items() if answer in said}


def _flags(value: Any) -> list[str]:
    items = [value] if isinstance(value, str) and value else list(value or [])
    if any(not CODE.fullmatch(str(item)) for item in items):
        raise Refusal("Choisissez les fragilités dans la liste.")
    return sorted({str(item) for item in items})


def _phone(value: Any) -> str:
    return phones.normalise(str(value or ""))


SECTIONS: dict[str, tuple[Field, ...]] = {
    "caller": (
        Field("caller_type", "requérant", _code),
        Field("caller_name", "nom du requérant", _text(120)),
        Field("caller_number", "numéro présenté", lambda value: phones.as_presented(str(value or ""))),
        Field("callback_phone", "rappel", _phone),
    ),
    "place": (
        Field("address", "adresse", _text(200)),
        Field("commune", "commune", _commune),
        Field("commune_text", "lieu", _text(120)),
        Field("access", "accès", _text(300)),
        Field("lat", "latitude", _coordinate(90)),
        Field("lon", "longitude", _coordinate(180)),
        Field("transport", "transport", _text(80)),
    ),
    "patient": (
        Field("family_name", "nom de naissance", _text(100)),
        Field("used_name", "nom utilisé", _text(100)),
        Field("given_names", "prénoms de naissance", _text(160)),
        Field("given_name", "prénom", _text(80)),
        Field("birth", "naissance ou âge", _text(40)),
        Field("sex", "sexe", lambda value: identity.clean_sex(str(value or ""))),
        Field("birth_insee", "lieu de naissance", lambda value: identity.clean_birth_place(str(value or ""))),
        Field("ins", "matricule INS", lambda value: identity.clean_ins(str(value or ""))),
        Field("ins_oid", "autorité du matricule", _text(30)),
        Field("identity", "statut de l’identité", _text(5)),
        Field("phone", "téléphone du patient", _phone),
        Field("email", "e-mail", lambda value: identity.clean_email(str(value or ""))),
        Field("language", "langue", lambda value: identity.clean_language(str(value or ""))),
        Field("referring_doctor", "médecin traitant", _professional),
        Field("referring_doctor_text", "médecin traitant, comme il est dit", _text(160)),
        Field("referring_nurse", "infirmier référent", _nurse),
        Field("referring_nurse_text", "infirmier référent, comme il est dit", _text(160)),
    ),
    "reason": (
        Field("reason_code", "code du motif", _code),
        Field("reason_label", "motif", _text(160)),
        Field("circumstance_code", "code de la nature de fait", _code),
        Field("circumstance_label", "nature de fait", _text(160)),
        Field("summary", "résumé", _text(4000)),
        Field("vitals", "questions vitales", _vitals),
        Field("vulnerabilities", "fragilité", _flags),
        Field("priority", "priorité", _choice(PRIORITIES, empty=False)),
        Field("stream", "filière", _choice(STREAMS)),
        Field("care_level", "niveau de soin", _choice(CARE_LEVELS)),
    ),
    "medical": (
        Field("weight", "poids", _text(40)),
        Field("treatments", "traitements", _text(300)),
        Field("allergies", "allergies", _text(300)),
        Field("assessment", "évaluation", _text(8000)),
    ),
}
REFERRING = ("referring_doctor", "referring_nurse")
ON_PATIENT = tuple(field.name for field in SECTIONS["patient"])
LABELS = {field.name: field.label for fields in SECTIONS.values() for field in fields}


def known(section: str) -> tuple[Field, ...]:
    if section not in SECTIONS:
        raise Refusal("Cette partie du dossier n’existe pas.", code="unknown_section")
    return SECTIONS[section]


def version(case: CaseFile, section: str) -> int:
    number: int = getattr(case, f"{section}_version")
    return number


def values(case: CaseFile, section: str) -> dict[str, Any]:
    """What the section holds now, in the shape of a form."""
    return {field.name: read(case, field.name) for field in known(section)}


def read(case: CaseFile, name: str) -> Any:
    match name:
        case "commune":
            return case.commune_id or ""
        case "birth":
            return births.show(birth_date=case.patient.birth_date, age_months=case.patient.age_months)
        case "referring_doctor":
            return case.patient.referring_doctor_id
        case "referring_nurse":
            return case.patient.referring_nurse_id
        case _:
            return getattr(case.patient if name in ON_PATIENT else case, name)


def clean(section: str, given: Mapping[str, Any], *, on: date) -> dict[str, Any]:
    """The fields given, checked and normalised. All faults are told at once, each beside its field."""
    cleaned: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in known(section):
        if field.name in given:
            try:
                cleaned[field.name] = field.clean(given[field.name])
                if field.name == "birth":
                    cleaned["birth"] = _one_spelling(cleaned["birth"], on=on)
            except Refusal as refusal:
                errors[field.name] = refusal.message
    refuse_all(errors)
    return _with_code_labels(cleaned)


def _one_spelling(text: str, *, on: date) -> str:
    birth = births.parse(text, on=on)
    return births.show(birth_date=birth.day, age_months=birth.age_months)


def refuse_all(errors: dict[str, str], *, code: str = "invalid", **data: Any) -> None:
    if errors:
        field, message = next(iter(errors.items()))
        raise Refusal(message, code=code, field=field, errors=errors, **data)


def official(stem: str, code: str) -> codes.Code | None:
    return next((found for name in LISTS[stem] if (found := codes.find(name, code))), None)


def _with_code_labels(cleaned: dict[str, Any]) -> dict[str, Any]:
    """A known code brings its official label; an unknown one keeps the words that came with it."""
    for stem in LISTS:
        code = cleaned.get(f"{stem}_code")
        if code:
            found = official(stem, code)
            cleaned[f"{stem}_label"] = found.label if found else (cleaned.get(f"{stem}_label") or code)
    return cleaned


def write(case: CaseFile, changed: Mapping[str, Any]) -> None:
    """Set cleaned values of the file's own columns, with the system and version of its codes."""
    for name, value in changed.items():
        setattr(case, "commune_id" if name == "commune" else name, (value or None) if name == "commune" else value)
    for stem in LISTS:
        if f"{stem}_code" in changed:
            _write_list(case, stem, official(stem, changed[f"{stem}_code"]))


@cache
def columns(section: str) -> tuple[str, ...]:
    """What the file itself holds of a section: the person has a table of their own."""
    own = () if section == "patient" else tuple(field.name for field in known(section))
    lists = [f"{stem}_{part}" for stem in LISTS if f"{stem}_code" in own for part in ("system", "list_version")]
    return (*own, *lists, f"{section}_version")


def _write_list(case: CaseFile, stem: str, code: codes.Code | None) -> None:
    setattr(case, f"{stem}_system", code.system if code else "")
    setattr(case, f"{stem}_list_version", code.version if code else "")


def patient_values(case: CaseFile, changed: Mapping[str, Any], *, on: date) -> dict[str, Any]:
    """The columns of the person for these form values."""
    columns = {name: value for name, value in changed.items() if name not in ("birth", *REFERRING)}
    columns |= {f"{name}_id": changed[name] for name in REFERRING if name in changed}
    if "birth" in changed:
        birth = births.parse(changed["birth"], on=on)
        declared = on if birth.age_months is not None else None
        columns |= {"birth_date": birth.day, "age_months": birth.age_months, "age_declared_on": declared}
    status = {name: getattr(case.patient, name) for name in ("identity", "family_name", "birth_date", "ins")}
    identity.check_status(status | {name: columns[name] for name in status if name in columns})
    return columns


def shown(name: str, value: Any) -> str:
    """A value as a sentence of the chronology writes it."""
    if value in BLANK:
        return "vide"
    words = WORDS.get(name, str)
    return words(value)


def _commune_name(insee: str) -> str:
    return next(iter(COMMUNE(insee=insee)), insee)


def _professional_name(key: Any) -> str:
    found = Professional.objects.filter(pk=key).first() if str(key).isdecimal() else None
    return str(found or key)


def _vitals_words(answers: Mapping[str, Any]) -> str:
    return ", ".join(row["words"] for row in protocols.rows(answers) if row["answer"] is not None)


WORDS: dict[str, Callable[[Any], str]] = {
    "vulnerabilities": lambda value: ", ".join(VULNERABILITIES.get(item, item) for item in value),
    "vitals": _vitals_words,
    "commune": _commune_name,
    "referring_doctor": _professional_name,
    "referring_nurse": _professional_name,
    "sex": lambda value: identity.SEXES.get(value, value),
    "caller_type": lambda value: codes.label("caller_types", value).lower(),
    "identity": lambda value: dict(Patient.Identity.choices).get(value, value).lower(),
    "caller_number": phones.spoken,
    "callback_phone": phones.spoken,
    "phone": phones.spoken,
}
UNSAID = ("lat", "lon", "ins_oid")
FROM_A_LIST = ("caller_type", "vitals", "vulnerabilities", "identity", "circumstance_label")
TEXT_OF_A_CHOICE = {
    "commune_text": "commune",
    "referring_doctor_text": "referring_doctor",
    "referring_nurse_text": "referring_nurse",
}
STARTING = {"sex": "UN", "identity": "PROV", "priority": "P2"}  # where every file begins: no correction


def sentence(changed: Mapping[str, tuple[Any, Any]]) -> str:
    """« Adresse 4 chemin des Jars ; commune Lusignan. Correction : poids 16 kg, et non 61 kg. »"""
    said, fixed = [], []
    for name, (old, new) in _spoken(changed).items():
        words = f"{LABELS[name]}{' :' if name in FROM_A_LIST else ''} {shown(name, new)}"
        if old in BLANK or old == STARTING.get(name):
            said.append(words)
        else:
            fixed.append(f"{words}, et non {shown(name, old)}")
    text = ". ".join(filter(None, (" ; ".join(said), "Correction : " * bool(fixed) + " ; ".join(fixed))))
    return closed(f"{text[:1].upper()}{text[1:]}" or "Position précisée")


def closed(text: str) -> str:
    """With one final stop, whatever its writer put there."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _spoken(changed: Mapping[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """What people read: no coordinates, and a code only beside its words."""
    spoken = {name: pair for name, pair in changed.items() if name not in UNSAID}
    for words, code in TEXT_OF_A_CHOICE.items():
        if spoken.get(words, (None, None))[1] == "" and spoken.get(code, (None, None))[1]:
            del spoken[words]  # free text that a choice of the list replaced
    for stem in LISTS:
        pair = spoken.get(f"{stem}_label")
        if pair:
            _old_code, code = spoken.pop(f"{stem}_code", ("", ""))
            spoken[f"{stem}_label"] = (pair[0], f"{pair[1]} ({code})" if code and pair[1] else pair[1])
    return spoken
