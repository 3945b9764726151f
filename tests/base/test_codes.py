import csv
import re
from pathlib import Path

import pytest

from quinze.base import codes

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "nomenclatures"
LISTS = sorted(path.stem for path in codes.FOLDER.glob("*.csv") if not path.stem.endswith(".synonyms"))
HUB = {
    "reasons_hub": "motif",
    "circumstances": "fait",
    "caller_types": "typeAppelant",
    "streams": "filiere",
    "priorities": "priorite",
    "care_levels": "niveauSoin",
    "attributions": "attribution",
    "states": "etat",
    "decision_types": "typeDecision",
    "orientation_types": "typeOrientation",
    "care_crews": "typePEC",
    "vehicle_types": "typeVecteur",
    "sexes": "sexe",
}
# Labels whose spelling we corrected; the code is what other machines read.
CORRECTED = {
    "states": {"ACHEVE", "CLOTURE"},
    "orientation_types": {"EPHAD"},
    "reasons": {"M09.01.01", "M09.02.01", "M19.02.04", "M20.02.00"},
}


def found(text: str, name: str = "reasons", **options: int) -> list[str]:
    return [code.code for code in codes.search(name, text, **options)]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("L’Abergement-Clémenciat", "l abergement clemenciat"),
        ("Œil rouge", "oeil rouge"),
        ("  ÉTÉ  à   la mer ", "ete a la mer"),
        ("ſtrange §", "strange"),
        ("-’-", ""),
    ],
)
def test_fold_meets_what_people_type(text, folded):
    assert codes.fold(text) == folded


def test_fold_twice_is_fold_once():
    for code in codes.code_list("circumstances"):
        assert codes.fold(codes.fold(code.label)) == codes.fold(code.label)


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_whole(name):
    entries = codes.code_list(name)
    assert entries
    assert len({code.code for code in entries}) == len(entries)
    assert all(code.system and code.version and code.code and code.label for code in entries)
    assert all(len(code.system) <= 40 for code in entries)
    head = (codes.FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0]
    assert head.startswith("# Source: ")


@pytest.mark.parametrize(
    ("everyday", "code"),
    [
        ("otite", "M17.05.03"),
        ("mal de gorge", "M17.05.03"),
        ("mal à l’oreille", "M17.05.03"),
        ("xylophone", None),
        ("Mal d'oreille", "M17.05.03"),
        ("fievre", "M19.05.00"),
        ("FIÈVRE", "M19.05.00"),
        ("gastro", "M19.06.02"),
        ("mal de dos", "M17.04.00"),
        ("entorse cheville", "M13.06.05"),
        ("douleur thoracique", "M17.03.00"),
        ("AVC", "M12.01.00"),
        ("M19.05", "M19.05.00"),
        ("ordonnance", "M19.04.00"),
        ("rage de dents", "M17.05.01"),
        ("piqûre guêpe", "M19.02.00"),
    ],
)
def test_everyday_words_find_the_code(everyday, code):
    assert found(everyday)[:1] == ([code] if code else [])


def test_a_label_that_starts_so_comes_before_one_that_holds_the_word():
    hits = found("fièvre", limit=8)
    assert hits[0] == "M19.05.00"
    assert "M12.03.02" in hits  # convulsions avec fièvre chez l'enfant


def test_every_word_must_begin_a_word():
    assert found("doul thor")[0] == "M17.03.00"
    assert found("horacique") == []


def test_nothing_typed_finds_nothing():
    assert found("") == found("  ’ ") == []


def test_the_answer_is_bounded():
    assert len(found("sans signe", limit=5)) == 5


def test_unknown_code_is_its_own_label():
    assert codes.label("reasons", "M99.99.99") == "M99.99.99"
    assert codes.find("reasons", "M99.99.99") is None
    assert codes.label("reasons", "M19.05.00") == "Fièvre"


def test_unknown_list_is_an_error():
    with pytest.raises(FileNotFoundError):
        codes.code_list("nothing")


def test_every_synonym_belongs_to_a_code():
    with (codes.FOLDER / "reasons.synonyms.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    assert [row["code"] for row in rows if codes.find("reasons", row["code"]) is None] == []


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().lstrip("#").strip()


@pytest.mark.reference
@pytest.mark.parametrize(("name", "published"), HUB.items())
def test_lists_equal_those_published(name, published):
    path = SHARED / f"HubSante.{published}.csv"
    if not path.exists():
        pytest.skip("the official lists are not beside this checkout")
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [code.code for code in codes.code_list(name)] == [row["code"].strip() for row in rows]
    corrected = CORRECTED.get(name, set())
    for code, row in zip(codes.code_list(name), rows, strict=True):
        labels = {_plain(v) for k, v in row.items() if k and re.match(r"label_n|Libellé niveau", k) and v and _plain(v)}
        assert code.code in corrected or code.label in labels


@pytest.mark.reference
def test_reasons_equal_those_published():
    path = SHARED / "CISU_v2.3.motif_extracted.csv"
    if not path.exists():
        pytest.skip("the official lists are not beside this checkout")
    with path.open(encoding="utf-8-sig") as file:
        published = {row["code"]: _plain(row["label"]) for row in csv.DictReader(file)}
    ours = {code.code: code.label for code in codes.code_list("reasons")}
    assert ours.keys() == published.keys()
    differing = {code for code, label in ours.items() if label != published[code]}
    assert differing == CORRECTED["reasons"]
