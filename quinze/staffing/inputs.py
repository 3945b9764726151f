"""What a study asks, in one table: the form of the page and the TOML file of the command read the same names.

Shares are in per cent, durations in seconds, as people write them. An unknown name is refused.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from quinze.base.errors import Refusal
from quinze.science.queueing.bounds import Unacceptable
from quinze.science.queueing.capacity import Durations, Flows, Organisation, Study
from quinze.science.queueing.day import TYPICAL, calls_by_hour
from quinze.science.queueing.staffing import Goal, Shrinkage


class Asked(NamedTuple):
    key: str
    label: str
    default: Any
    help: str = ""
    kind: str = "number"  # number, hours (24 figures), choice, text


SECTIONS: dict[str, tuple[Asked, ...]] = {
    "Activité": (
        Asked("appels_par_an", "Appels présentés par an", 200_000),
        Asked("journee", "Appels de 0 h à 23 h", "", "24 nombres (proportions) ; vide : journée type", "hours"),
        Asked("variation", "Variation d’un jour à l’autre (%)", 12, "écart-type ÷ moyenne, même heure, même saison"),
    ),
    "Flux (en % des appels)": (
        Asked("part_vitale", "Urgences vitales", 5),
        Asked("part_amu", "AMU", 32),
        Asked("part_snp", "SNP", 30, "le reste n’ouvre pas de dossier"),
        Asked("medecin_amu", "AMU et vitales vues par un médecin (%)", 60),
        Asked("medecin_snp", "SNP vues par un médecin (%)", 95),
    ),
    "Organisation": (
        Asked("niveaux", "Décroché", "deux", "", "choice"),
        Asked("duree_n1", "N1 (s)", 45),
        Asked("duree_conference", "Conférence vitale N1 et N2 (s)", 20),
        Asked("duree_vitale", "N2, vitale (s)", 240),
        Asked("duree_amu", "N2, AMU (s)", 180),
        Asked("duree_snp", "N2, SNP (s)", 150),
        Asked("duree_medecin_amu", "Médecin AMU (s)", 240),
        Asked("duree_medecin_snp", "Médecin SNP (s)", 300),
    ),
    "Objectifs": (
        Asked("qs_part", "Décrochés à temps (%)", 90),
        Asked("qs_delai", "… en moins de (s)", 30),
        Asked("patience", "Patience moyenne (s)", 300, "avant de raccrocher ; loi exponentielle"),
        Asked("occupation", "Occupation maximale, décroché (%)", 75),
        Asked("n2_part", "Pris au N2 à temps (%)", 80),
        Asked("n2_delai", "… en moins de (s)", 60),
        Asked("n3_part", "Pris par le médecin à temps (%)", 80),
        Asked("n3_delai", "… en moins de (s)", 180),
        Asked("occupation_n2", "Occupation maximale, N2 et médecins (%)", 85),
    ),
    "Effectifs": (
        Asked("absence", "Absences (%)", 8),
        Asked("conges", "Congés en plus des heures légales (%)", 0),
        Asked("formation", "Formation (%)", 3),
        Asked("pauses", "Pauses (%)", 5),
        Asked("heures_jour", "Heures annuelles, jour", 1582),
        Asked("heures_nuit", "Heures annuelles, nuit (21 h à 6 h)", 1476),
        Asked("postes_tenus", "Postes du décroché tenus", "", "un nombre, ou 24 dès 0 h ; vide : le plan", "hours"),
        Asked("personnes", "Personnes au téléphone, tous niveaux", "", "pour comparer les niveaux", "hours"),
    ),
}  # fmt: skip
ASKED = {asked.key: asked for section in SECTIONS.values() for asked in section}
ORGANISATIONS = (
    (Organisation.TWO_LEVELS.value, "bi-niveau (N1 puis N2)"),
    (Organisation.ONE_LEVEL.value, "un seul niveau"),
)
LARGEST_FILE = 200_000
Values = Mapping[str, Any]


def study_of(values: Values) -> Study:
    """Missing names take their default. Refuses with the field whose figure no SAS has."""
    whole = defaults() | dict(values)
    unknown = sorted(whole.keys() - ASKED.keys())
    if unknown:
        raise Refusal(f"Nom inconnu : {', '.join(unknown[:5])}. Noms acceptés : {', '.join(ASKED)}.", code="unknown")
    try:
        return _study(whole)
    except Unacceptable as error:
        raise Refusal(str(error), code="unacceptable") from error


def defaults() -> dict[str, Any]:
    return {key: asked.default for key, asked in ASKED.items()}


def _study(values: Values) -> Study:
    def figure(key: str) -> float:
        return number(ASKED[key].label, values[key])

    def part(key: str) -> float:
        return figure(key) / 100

    if values["niveaux"] not in {value for value, _ in ORGANISATIONS}:
        raise Refusal(f"Décroché : « {values['niveaux']} » ; il faut « un » ou « deux ».", field="niveaux")
    shape = figures(values["journee"], key="journee") or TYPICAL
    return Study(
        calls_by_hour=calls_by_hour(figure("appels_par_an"), shape=shape),
        organisation=Organisation(values["niveaux"]),
        flows=Flows(part("part_vitale"), part("part_amu"), part("part_snp"), part("medecin_amu"), part("medecin_snp")),
        durations=Durations(*(figure(f"duree_{name}") for name in _DURATIONS)),
        front=Goal(part("qs_part"), figure("qs_delai"), part("occupation"), figure("patience"), least=1),
        behind=Goal(part("n2_part"), figure("n2_delai"), part("occupation_n2"), least=1),
        doctors=Goal(part("n3_part"), figure("n3_delai"), part("occupation_n2"), least=1),
        daily_spread=part("variation"),
        shrinkage=Shrinkage(part("absence"), part("conges"), part("formation"), part("pauses")),
        day_hours=figure("heures_jour"),
        night_hours=figure("heures_nuit"),
    )


_DURATIONS = ("n1", "conference", "vitale", "amu", "snp", "medecin_amu", "medecin_snp")


def number(label: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise Refusal(f"{label} : « {value} » n’est pas un nombre.")
    try:
        return float(str(value).replace(" ", "").replace("\u202f", "").replace(",", "."))
    except ValueError:
        raise Refusal(f"{label} : « {value} » n’est pas un nombre.") from None


def figures(value: Any, *, key: str) -> tuple[float, ...]:
    """24 figures from a list or a text; one figure stands for every hour; empty stays so."""
    parts: Sequence[Any] = value if isinstance(value, (list, tuple)) else str(value).replace(";", " ").split()
    found = tuple(number(ASKED[key].label, part) for part in parts)
    if len(found) == 1:
        found *= 24
    if len(found) not in {0, 24}:
        raise Refusal(f"{ASKED[key].label} : {len(found)} nombres ; il en faut 24, de 0 h à 23 h.", field=key)
    return found


def weekdays(value: Any) -> tuple[float, ...]:
    """7 figures from Monday to Sunday, proportions; empty stays so."""
    parts: Sequence[Any] = value if isinstance(value, (list, tuple)) else str(value).replace(";", " ").split()
    found = tuple(number("Appels du lundi au dimanche", part) for part in parts)
    if len(found) not in {0, 7} or any(not 0 <= part < 1e9 for part in found) or (found and not sum(found)):
        raise Refusal(
            "Appels du lundi au dimanche : 7 nombres positifs, un au moins plus grand que 0.", field="semaine"
        )
    return found


def held_of(values: Values, *, key: str = "postes_tenus") -> tuple[int, ...]:
    """Posts of the first answer held by hour (or, with "personnes", everybody on the telephone); empty: not given."""
    found = figures(values.get(key, ""), key=key)
    if any(count != int(count) or not 0 <= count <= 10_000 for count in found):
        raise Refusal(f"{ASKED[key].label} : des nombres entiers de 0 à 10 000.", field=key)
    return tuple(int(count) for count in found)
