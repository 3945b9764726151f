from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quinze.base.errors import Refusal
from quinze.regulation import decisions
from quinze.regulation.attribution import regulated
from quinze.regulation.decisions import Advice, Drug, Intervention, NothingMore, Orientation, Prescription

EACH = [
    (Advice("Boire.", recall_signs_told=True), "Conseil médical : Boire. Signes de rappel du 15 dits."),
    (
        Prescription((Drug("Paracétamol", "1 g", "3 jours"), Drug("Eau")), "du Clain"),
        "Ordonnance par téléphone : Paracétamol, 1 g, 3 jours ; Eau. Pharmacie : du Clain.",
    ),
    (
        Intervention("SMUR.VLM", "MED", "URGENCES", "CHU de Poitiers"),
        "Envoi d’un moyen : Véhicule Léger Médicalisé, médicalisé, vers CHU de Poitiers.",
    ),
    (
        Orientation("CABINET", within_hours=12, modalities=("AMB", "HH"), instruction="Tympan à voir."),
        "Orientation : médecine de ville, médecine générale, au cabinet ou en visite, avant 12 h. « Tympan à voir. »",
    ),
    (
        Orientation("CABINET", profession="60", specialty="", modalities=("HH",), care="Pansement"),
        "Orientation : médecine de ville, infirmier, en visite, avant 12 h. Soins prescrits : Pansement.",
    ),
    (Orientation("DOMICILE"), "Orientation : Domicile."),
    (NothingMore("Pompiers sur place"), "Pas de décision supplémentaire : Pompiers sur place."),
    (NothingMore(), "Pas de décision supplémentaire."),
]


@pytest.mark.parametrize(("details", "words"), EACH)
def test_a_decision_is_said_in_french(details: decisions.Details, words: str) -> None:
    assert details.sentence() == words


@pytest.mark.parametrize(("details", "words"), EACH)
def test_a_stored_decision_reads_back_to_itself(details: decisions.Details, words: str) -> None:
    assert decisions.parse(details.nature, decisions.to_json(details)) == details


@pytest.mark.parametrize(
    ("nature", "values", "field"),
    [
        ("CONSEIL", {"text": "  "}, "text"),
        ("PMT", {"drugs": ""}, "drugs"),
        ("PMT", {"drugs": [{"name": "", "dosage": "1 g", "duration": ""}]}, "drugs"),
        ("INTER", {}, "vehicle"),
        ("INTER", {"vehicle": "TAPIS.VOLANT"}, "vehicle"),
        ("ORIENT", {}, "destination"),
        ("ORIENT", {"destination": "LUNE"}, "destination"),
        ("ORIENT", {"destination": "CABINET", "modalities": []}, "modalities"),
        ("ORIENT", {"destination": "CABINET", "within_hours": "bientôt"}, "within_hours"),
        ("ORIENT", {"destination": "CABINET", "within_hours": 0}, "within_hours"),
        ("ORIENT", {"destination": "CABINET", "profession": "60", "specialty": "", "care": " "}, "care"),
        ("ORIENT", {"destination": "CABINET", "profession": "60", "specialty": "", "care": "x" * 201}, "care"),
        ("ORIENT", {"destination": "CABINET", "care": "Pansement"}, "care"),
        ("AUTRE", {}, "nature"),
    ],
)
def test_an_incomplete_decision_is_refused_beside_its_field(nature: str, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        decisions.from_values(nature, values)
    assert refused.value.field == field
    assert refused.value.message.endswith(".")


def test_lines_of_text_are_a_prescription() -> None:
    details = decisions.from_values(
        "PMT", {"drugs": "Paracétamol 1 g ; 3 fois par jour ; 3 jours\n\nSérum ; au besoin"}
    )
    assert details == Prescription((Drug("Paracétamol 1 g", "3 fois par jour", "3 jours"), Drug("Sérum", "au besoin")))


@given(st.text(max_size=300))
def test_any_text_of_a_prescription_is_read_or_refused(text: str) -> None:
    try:
        details = decisions.from_values("PMT", {"drugs": text})
    except Refusal as refusal:
        assert refusal.field == "drugs"  # noqa: PT017  (either answer is right; a crash is not)
    else:
        assert isinstance(details, Prescription)


@pytest.mark.parametrize(
    ("role", "stream", "snp_doctor", "code"),
    [
        ("regulateur_amu", "AMU", True, "DRM.MRU.MU"),
        ("regulateur_snp", "AMU", True, "DRM.MRU.INDISPMU"),
        ("regulateur_snp", "SNP", True, "DRM.MRL.MG"),
        ("regulateur_amu", "SNP", True, "DRM.MRL.INDISPMG"),
        ("regulateur_amu", "SNP", False, "DRM.MRL.ABSML"),
        ("regulateur_amu", "PSY", False, "DRM.MRU.MU"),
    ],
)
def test_a_file_is_attributed_as_the_national_list_says(role: str, stream: str, snp_doctor: bool, code: str) -> None:
    assert regulated(role=role, stream=stream, snp_doctor_on_duty=snp_doctor) == code
