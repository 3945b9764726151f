"""Its columns. Names have varied over the years in accents, capitals and articles: they are compared folded."""

from quinze.base.codes import fold
from quinze.base.errors import Refusal

NEEDED = {
    "national": ("identification nationale pp",),
    "family": ("nom d exercice",),
    "given": ("prenom d exercice",),
    "profession": ("code profession",),
    "postal": ("code postal coord structure",),
    "commune": ("code commune coord structure",),
    "structure": ("identifiant technique de la structure",),
}
OPTIONAL = {
    "title": ("code civilite d exercice",),
    "civility": ("code civilite",),
    "skill_type": ("code type savoir faire",),
    "skill": ("code savoir faire",),
    "siret": ("numero siret site",),
    "finess": ("numero finess site",),
    "company": ("raison sociale site",),
    "sign": ("enseigne commerciale site",),
    "point": ("complement point geographique coord structure",),
    "number": ("numero voie coord structure",),
    "repetition": ("indice repetition voie coord structure",),
    "street_type": ("libelle type de voie coord structure",),
    "street": ("libelle voie coord structure",),
    "mention": ("mention distribution coord structure",),
    "office": ("bureau cedex coord structure",),
    "town": ("libelle commune coord structure",),
    "phone": ("telephone coord structure",),
    "phone2": ("telephone 2 coord structure",),
    "email": ("adresse e mail coord structure",),
    "sector": ("libelle secteur d activite",),
}
SEPARATOR = "|"
FEWEST = 40


def read_header(line: str) -> dict[str, int]:
    """Rank of each column known to us. Raises Refusal when the file is not this extraction."""
    cells = [fold(cell) for cell in line.lstrip("\ufeff").split(SEPARATOR)]
    if len(cells) < FEWEST:
        raise Refusal(
            f"La première ligne a {len(cells)} colonnes séparées par « | », au moins {FEWEST} sont attendues :"
            " ce n’est pas le fichier PS_LibreAcces_Personne_activite.",
            code="not_the_extraction",
        )
    ranks = {name: rank for name, known in (NEEDED | OPTIONAL).items() if (rank := _rank(cells, known)) is not None}
    if missing := [known[0] for name, known in NEEDED.items() if name not in ranks]:
        raise Refusal("Colonnes absentes du fichier : " + ", ".join(missing) + ".", code="missing_columns")
    return ranks


def _rank(cells: list[str], known: tuple[str, ...]) -> int | None:
    return next((cells.index(name) for name in known if name in cells), None)
