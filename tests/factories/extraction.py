"""Files shaped as the national extraction, with people who do not exist."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from tests.factories.directory import rpps

HEADER = (
    "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Code civilité d'exercice|"
    "Libellé civilité d'exercice|Code civilité|Libellé civilité|Nom d'exercice|Prénom d'exercice|Code profession|"
    "Libellé profession|Code catégorie professionnelle|Libellé catégorie professionnelle|Code type savoir-faire|"
    "Libellé type savoir-faire|Code savoir-faire|Libellé savoir-faire|Code mode exercice|Libellé mode exercice|"
    "Numéro SIRET site|Numéro SIREN site|Numéro FINESS site|Numéro FINESS établissement juridique|"
    "Identifiant technique de la structure|Raison sociale site|Enseigne commerciale site|"
    "Complément destinataire (coord. structure)|Complément point géographique (coord. structure)|"
    "Numéro Voie (coord. structure)|Indice répétition voie (coord. structure)|Code type de voie (coord. structure)|"
    "Libellé type de voie (coord. structure)|Libellé Voie (coord. structure)|"
    "Mention distribution (coord. structure)|Bureau cedex (coord. structure)|Code postal (coord. structure)|"
    "Code commune (coord. structure)|Libellé commune (coord. structure)|Code pays (coord. structure)|"
    "Libellé pays (coord. structure)|Téléphone (coord. structure)|Téléphone 2 (coord. structure)|"
    "Télécopie (coord. structure)|Adresse e-mail (coord. structure)|Code Département (structure)|"
    "Libellé Département (structure)|Ancien identifiant de la structure|Autorité d'enregistrement|"
    "Code secteur d'activité|Libellé secteur d'activité|Code section tableau pharmaciens|"
    "Libellé section tableau pharmaciens|Code rôle|Libellé rôle|Code genre activité|Libellé genre activité|"
)
COLUMNS = HEADER.split("|")
TREES = ("AUBEPINE", "HOUX", "CHÊNE", "BOULEAU", "ÉRABLE", "NOYER", "TILLEUL", "SAULE", "ORME", "PLATANE")
GIVEN = ("ROSE", "JEAN PIERRE", "ANNE", "BASILE", "HÉLÈNE", "NOÉ", "LÉA", "MALO")


def line(**values: str) -> str:
    """One activity; a column is named by its beginning: line(Identification="8…", Nom="HOUX")."""
    cells = dict.fromkeys(COLUMNS, "")
    defaults = {
        "Type d'identifiant PP": "8",
        "Identification nationale PP": f"8{rpps(1)}",
        "Code civilité d'exercice": "DR",
        "Code civilité": "MME",
        "Nom d'exercice": "AUBEPINE",
        "Prénom d'exercice": "ROSE",
        "Code profession": "10",
        "Code type savoir-faire": "S",
        "Code savoir-faire": "SM54",
        "Identifiant technique de la structure": "R10100000000001",
        "Raison sociale site": "CABINET DU DR AUBEPINE",
        "Numéro Voie (coord. structure)": "1",
        "Libellé type de voie (coord. structure)": "Rue",
        "Libellé Voie (coord. structure)": "DES ESSENCES",
        "Code postal (coord. structure)": "86000",
        "Code commune (coord. structure)": "86194",
        "Téléphone (coord. structure)": "0536490001",
    }
    cells |= defaults
    for start, value in values.items():
        cells[next(name for name in COLUMNS if name.startswith(start.replace("_", " ")))] = value
    return "|".join(cells.values())


def lines(count: int, communes: Iterable[tuple[str, str]], *, seed: int = 1) -> Iterator[str]:
    """`count` activities, one person out of five having two, over (INSEE, postal code)."""
    random, places = Random(seed), list(communes)
    person = 0
    for number in range(count):
        person += number % 5 != 4
        insee, postal = random.choice(places)
        born = Random(person)  # the same name and profession on every line of a person
        profession, skill = born.choices((("10", "SM54"), ("60", ""), ("21", ""), ("70", "")), (4, 3, 1, 2))[0]
        yield line(
            Identification=f"8{rpps(person)}",
            Nom=f"{born.choice(TREES)} {born.choice(TREES)}",
            Prénom=born.choice(GIVEN),
            Code_profession=profession,
            Code_type_savoir="S" if skill else "",
            Code_savoir=skill,
            Identifiant_technique=f"R101{number:011d}",
            Code_postal=postal,
            Code_commune=insee,
            Téléphone=f"053649{number % 10_000:04d}",
        )


def write(path: Path, body: Iterable[str], *, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path.write_text("\n".join([header, *body]) + "\n", encoding=encoding)
    return path
