"""What a regulating doctor decides, by nature. Values are checked here, before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from quinze.base import codes
from quinze.base.errors import Refusal
from quinze.science.ranking import NURSE

CITY_CARE = "CABINET"
LONGEST_HOURS = 168
LONGEST_CARE = 170
LONGEST_QUESTION = 500
LONGEST_DOCTOR, LONGEST_JOIN = 120, 300
EVALUATION = "évaluation par l’infirmier"
MODALITIES = {"AMB": "au cabinet", "HH": "en visite", "VR": "en vidéo"}


@dataclass(frozen=True, slots=True)
class Advice:
    nature: ClassVar[str] = "CONSEIL"
    text: str
    recall_signs_told: bool = False

    def check(self) -> None:
        _required(self.text, "text", "Écrivez le conseil donné.")

    def sentence(self) -> str:
        return f"Conseil médical : {_closed(self.text)}{_recall(told=self.recall_signs_told)}"


@dataclass(frozen=True, slots=True)
class Drug:
    name: str
    dosage: str = ""
    duration: str = ""

    def line(self) -> str:
        return ", ".join(part for part in (self.name, self.dosage, self.duration) if part)


@dataclass(frozen=True, slots=True)
class Prescription:
    nature: ClassVar[str] = "PMT"
    drugs: tuple[Drug, ...]
    pharmacy: str = ""
    recall_signs_told: bool = False

    def check(self) -> None:
        if not self.drugs:
            raise Refusal("Écrivez au moins un médicament.", field="drugs")
        if any(not drug.name.strip() for drug in self.drugs):
            raise Refusal("Une ligne n’a pas de médicament : complétez-la ou retirez-la.", field="drugs")

    def sentence(self) -> str:
        lines = " ; ".join(drug.line() for drug in self.drugs)
        where = f" Pharmacie : {_closed(self.pharmacy)}" if self.pharmacy else ""
        return f"Ordonnance par téléphone : {_closed(lines)}{where}{_recall(told=self.recall_signs_told)}"


@dataclass(frozen=True, slots=True)
class Intervention:
    nature: ClassVar[str] = "INTER"
    vehicle: str
    care: str = ""
    destination: str = ""
    destination_name: str = ""
    note: str = ""

    def check(self) -> None:
        _required(self.vehicle, "vehicle", "Choisissez le moyen envoyé.")
        _listed("vehicle_types", self.vehicle, "vehicle")
        _listed("care_crews", self.care, "care")
        _listed("orientation_types", self.destination, "destination")

    def sentence(self) -> str:
        care = f", {codes.label('care_crews', self.care).lower()}" if self.care else ""
        place = self.destination_name or (self.destination and codes.label("orientation_types", self.destination))
        towards = f", vers {place}" if place else ""
        note = f" {_closed(self.note)}" if self.note else ""
        return f"Envoi d’un moyen : {codes.label('vehicle_types', self.vehicle)}{care}{towards}.{note}"


@dataclass(frozen=True, slots=True)
class Orientation:
    nature: ClassVar[str] = "ORIENT"
    destination: str
    destination_name: str = ""
    transport: str = ""
    profession: str = "10"
    specialty: str = "SM54"
    modalities: tuple[str, ...] = ("AMB",)
    within_hours: int = 12
    instruction: str = ""
    care: str = ""  # of a nurse, prescribed by who decides; never the symptoms
    evaluate: str = ""  # by a nurse, for the doctors; medical: the nurse reads it, never the OSNP
    assisted: bool = False  # a doctor assists the nurse by video (CSP R. 6316-1, 4°)
    assisted_by: str = ""  # another doctor than who decides
    assisted_join: str = ""
    recall_signs_told: bool = False

    @property
    def to_city_care(self) -> bool:
        """A city appointment is found by an OSNP; a hospital, a home or a care home is not."""
        return self.destination == CITY_CARE

    def check(self) -> None:
        _required(self.destination, "destination", "Choisissez vers où la personne est orientée.")
        _listed("orientation_types", self.destination, "destination")
        _listed("vehicle_types", self.transport, "transport")
        if self.to_city_care:
            self._check_city_care()

    def _check_city_care(self) -> None:
        _required(self.profession, "profession", "Choisissez la profession demandée.")
        if not self.modalities or any(code not in MODALITIES for code in self.modalities):
            raise Refusal("Choisissez au moins une façon d’être vu : cabinet, visite ou vidéo.", field="modalities")
        if not 1 <= self.within_hours <= LONGEST_HOURS:
            raise Refusal(f"« Vu avant » va de 1 à {LONGEST_HOURS} heures.", field="within_hours")
        if len(self.instruction) > 500:
            raise Refusal("La consigne à l’OSNP a 500 caractères au plus.", field="instruction")
        self._check_care()

    def _check_care(self) -> None:
        if self.profession == NURSE:
            asked = self.care or self.evaluate
            _required(asked, "care", "Prescrivez les soins demandés à l’infirmier, ou dites ce qu’il doit évaluer.")
        elif self.care or self.evaluate:
            raise Refusal("Les soins prescrits et l’évaluation sont ceux d’un infirmier.", field="care")
        if len(self.care) > LONGEST_CARE:
            raise Refusal(f"Les soins prescrits ont {LONGEST_CARE} caractères au plus.", field="care")
        self._check_assistance()
        if len(self.evaluate) > LONGEST_QUESTION:
            raise Refusal(f"Ce qu’il faut évaluer a {LONGEST_QUESTION} caractères au plus.", field="evaluate")

    def _check_assistance(self) -> None:
        if not self.assisted:
            return
        if self.profession != NURSE:
            raise Refusal("Seul l’acte d’un infirmier est assisté par un médecin en vidéo.", field="assisted")
        if "VR" in self.modalities:
            raise Refusal("L’infirmier est auprès de la personne : cabinet ou visite, pas vidéo.", field="modalities")
        _required(self.assisted_join, "assisted_join", "Dites comment rejoindre le médecin : un lien, un numéro.")
        if len(self.assisted_by) > LONGEST_DOCTOR or len(self.assisted_join) > LONGEST_JOIN:
            raise Refusal(
                f"Au plus {LONGEST_DOCTOR} caractères pour le nom, {LONGEST_JOIN} pour le lien.", field="assisted_join"
            )

    @property
    def asked_of_nurse(self) -> str:
        """What the OSNP reads too: the care, and that an evaluation is asked, never of what."""
        words = ", ".join(part for part in (self.care, EVALUATION if self.evaluate else "") if part)
        return words[:1].upper() + words[1:]

    def sentence(self) -> str:
        where = self.destination_name or codes.label("orientation_types", self.destination)
        if not self.to_city_care:
            means = f", transport {codes.label('vehicle_types', self.transport)}" if self.transport else ""
            return f"Orientation : {where}{means}.{_recall(told=self.recall_signs_told)}"
        who = (
            codes.label("specialties", self.specialty)
            if self.specialty
            else codes.label("professions", self.profession)
        )
        ways = " ou ".join(MODALITIES[code] for code in self.modalities)
        said = f" « {self.instruction.strip()} »" if self.instruction.strip() else ""
        nurse = f" Soins prescrits : {self.care}." if self.care else ""
        nurse += f" À évaluer par l’infirmier : {_closed(self.evaluate)}" if self.evaluate else ""
        remote = self.assisted_by or "le médecin qui décide"
        nurse += f" Acte téléassisté, en vidéo avec {remote}." if self.assisted else ""
        said = nurse + said + _recall(told=self.recall_signs_told)
        return f"Orientation : médecine de ville, {who.lower()}, {ways}, avant {self.within_hours} h.{said}"


@dataclass(frozen=True, slots=True)
class NothingMore:
    nature: ClassVar[str] = "PASPLUS"
    reason: str = ""

    def check(self) -> None:
        """Nothing is required: others have already decided."""

    def sentence(self) -> str:
        return f"Pas de décision supplémentaire{f' : {_closed(self.reason)}' if self.reason.strip() else '.'}"


Details = Advice | Prescription | Intervention | Orientation | NothingMore
NATURES: dict[str, type[Details]] = {
    kind.nature: kind for kind in (Advice, Prescription, Intervention, Orientation, NothingMore)
}


def sentence(details: Details) -> str:
    return details.sentence()


def to_json(details: Details) -> dict[str, Any]:
    return asdict(details)


def parse(nature: str, data: Mapping[str, Any]) -> Details:
    """The details of a stored decision."""
    fields = dict(data)
    if nature == Prescription.nature:
        fields["drugs"] = tuple(Drug(**drug) for drug in fields["drugs"])
    if nature == Orientation.nature:
        fields["modalities"] = tuple(fields["modalities"])
    return _kind(nature)(**fields)


def from_values(nature: str, values: Mapping[str, Any]) -> Details:
    """The details of a form. Unknown fields are left out; a fault is a Refusal beside its field."""
    kind = _kind(nature)
    given = {name: values[name] for name in kind.__dataclass_fields__ if name in values}
    for name, value in given.items():
        given[name] = _typed(name, value)
    for name in ("text", "drugs", "vehicle", "destination"):
        if name in kind.__dataclass_fields__:
            given.setdefault(name, () if name == "drugs" else "")
    details: Details = kind(**given)
    details.check()
    return details


def _kind(nature: str) -> type[Details]:
    if nature not in NATURES:
        raise Refusal("Choisissez une nature de décision, de 1 à 5.", field="nature")
    return NATURES[nature]


def _typed(name: str, value: Any) -> Any:
    match name:
        case "drugs":
            return _drugs(value)
        case "modalities":
            return (value,) if isinstance(value, str) else tuple(value)
        case "recall_signs_told" | "assisted":
            return value in (True, "on", "1", "oui", "true")
        case "within_hours":
            return _hours(value)
        case _:
            return str(value or "").strip()


def _drugs(value: str | Sequence[Mapping[str, str] | Drug]) -> tuple[Drug, ...]:
    """Lines of text (« nom ; posologie ; durée ») or one mapping for each drug. Empty lines are left out."""
    if isinstance(value, str):
        parts = [[part.strip() for part in line.split(";", 2)] for line in value.splitlines() if line.strip()]
        return tuple(Drug(*line) for line in parts)
    drugs = (item if isinstance(item, Drug) else Drug(**{k: str(v).strip() for k, v in item.items()}) for item in value)
    return tuple(drug for drug in drugs if drug != Drug(""))


def _hours(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Refusal("« Vu avant » est un nombre d’heures : 4, 12, 24 ou 48.", field="within_hours") from None


def _required(value: str, field: str, message: str) -> None:
    if not value.strip():
        raise Refusal(message, field=field)


def _listed(name: str, code: str, field: str) -> None:
    if code and codes.find(name, code) is None:
        raise Refusal("Ce choix n’est pas dans la liste officielle : choisissez-en un autre.", field=field)


def _closed(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "»")) else f"{text}."


def _recall(*, told: bool) -> str:
    return " Signes de rappel du 15 dits." if told else ""
