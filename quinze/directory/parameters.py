"""What a SAS may choose, with its type, its bounds and what it means. Values are dated: models.SasParameter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quinze.base.errors import Refusal

type_names = {
    int: "un nombre entier",
    float: "un nombre",
    bool: "oui ou non",
    str: "un choix",
    list: "une liste",
    dict: "une table",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    group: str
    label: str
    kind: type
    default: Any
    low: float | None = None
    high: float | None = None
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    optional: bool = False
    help: str = ""


def _seconds(name: str, label: str, default: int, *, group: str = "Délais visés") -> Parameter:
    return Parameter(name, group, label, int, default, 0, 86_400, "s")


DECLARED = (
    Parameter(
        "search_radius_km", "Recherche", "Rayon de recherche", float, None, 1, 200, "km", optional=True,
        help="Vide : celui du département de la commune du patient.",
    ),
    Parameter(
        "search_radius_by_departement", "Recherche", "Rayon par département", dict, {}, 1, 200, "km",
        help="Un département et son rayon par ligne, par exemple « 86 = 25 ». L’emporte sur le rayon du SAS.",
    ),
    Parameter(
        "search_radius_factor", "Recherche", "Facteur d’élargissement", float, 2.0, 1.1, 5,
        help="Chaque élargissement multiplie le rayon.",
    ),
    Parameter("snp_deadline_hours", "Recherche", "Délai d’accès aux soins non programmés", int, 48, 1, 96, "h"),
    Parameter("slot_horizon_days", "Créneaux", "Créneaux préparés à l’avance", int, 14, 2, 92, "jours"),
    Parameter(
        "feed_stale_minutes", "Créneaux", "Agenda extérieur tenu pour périmé au bout de", int, 120, 20, 2880, "min",
        help="Sans lecture réussie depuis ce temps, les créneaux de ce médecin passent après les autres.",
    ),
    Parameter("hold_seconds", "Créneaux", "Durée d’une retenue de créneau", int, 180, 30, 900, "s"),
    Parameter("hold_extensions", "Créneaux", "Prolongations possibles d’une retenue", int, 1, 0, 3),
    Parameter(
        "default_slot_visibility", "Créneaux", "Visibilité par défaut des créneaux", str, "snp",
        choices=(("snp", "dédiés au SAS"), ("pro", "dédiés et professionnels"), ("public", "tous, publics compris")),
        help="Chaque médecin peut choisir autrement pour lui-même.",
    ),
    _seconds("target_arm_seconds", "ARM : appel en attente", 60),
    _seconds("target_amu_p0_seconds", "Régulateur AMU, P0", 0),
    _seconds("target_amu_p1_seconds", "Régulateur AMU, P1", 300),
    _seconds("target_amu_p2_seconds", "Régulateur AMU, P2", 900),
    _seconds("target_amu_p3_seconds", "Régulateur AMU, P3", 3600),
    _seconds("target_snp_p0_seconds", "Régulateur SNP, P0", 0),
    _seconds("target_snp_p1_seconds", "Régulateur SNP, P1", 300),
    _seconds("target_snp_p2_seconds", "Régulateur SNP, P2", 900),
    _seconds("target_snp_p3_seconds", "Régulateur SNP, P3", 3600),
    _seconds("target_osnp_seconds", "OSNP : orientation demandée", 600),
    Parameter(
        "hourly_load_alert", "Charge", "Alerte de charge par régulateur", int, 9, 1, 60, "dossiers / h",
        help="Au-delà, le superviseur est prévenu.",
    ),
    Parameter(
        "osnp_post", "Organisation", "Place de l’OSNP", str, "N4",
        choices=(("N2", "niveau 2, avant le médecin"), ("N4", "niveau 4, après le médecin")),
    ),
    Parameter(
        "assistance_join", "Organisation", "Acte téléassisté : comment rejoindre le médecin", str, "", high=300,
        help="Un lien du service vidéo du SAS, ou un numéro : proposé au médecin, qui peut le changer.",
    ),
    Parameter(
        "arm_to_osnp_reasons", "Organisation", "Motifs transmis directement de l’ARM à l’OSNP", list, [],
        help="Un code de motif par ligne, selon le protocole écrit (CSP, D. 6311-35). Vide : médecin d’abord.",
    ),
    Parameter(
        "bridges_are_pdsa", "Calendrier", "Les ponts relèvent de la PDSA", bool, default=False,
        help="Un pont est un jour ouvré seul entre un jour férié et un week-end.",
    ),
    Parameter("alsace_moselle", "Calendrier", "Jours fériés d’Alsace-Moselle", bool, default=False),
    Parameter("reminder_hours", "Suivi", "Rappel au patient avant le rendez-vous", int, 24, 1, 72, "h"),
    Parameter(
        "quiet_from_hour", "Suivi", "Aucun rappel automatique après", int, 21, 17, 23, "h",
        help="Heure locale du lieu du rendez-vous.",
    ),
    Parameter("quiet_until_hour", "Suivi", "Aucun rappel automatique avant", int, 8, 5, 11, "h"),
    Parameter(
        "rescue_minutes", "Suivi", "Place libérée : temps pour appeler", int, 15, 3, 120,
        "min",
    ),
    Parameter(
        "follow_up_calls_percent", "Suivi", "Personnes conseillées rappelées à trois jours", int, 10, 0, 100, "%",
        help="Tirées au sort par le numéro de leur dossier. 0 : aucun appel de suivi.",
    ),
    Parameter("outcome_due_hours", "Suivi", "Issue attendue après le rendez-vous", int, 24, 1, 168, "h"),
    Parameter("duplicate_hours", "Suivi", "Doublons recherchés sur les dernières", int, 6, 1, 72, "h"),
)  # fmt: skip
BY_NAME = {parameter.name: parameter for parameter in DECLARED}


def declared(name: str) -> Parameter:
    try:
        return BY_NAME[name]
    except KeyError:
        raise Refusal(f"Le paramètre « {name} » n’existe pas.", code="unknown_parameter", field="name") from None


def checked(name: str, value: Any) -> Any:
    """The value, as it is stored. Raises Refusal for an unknown name, a wrong type or a value out of bounds."""
    parameter = declared(name)
    if value is None and parameter.optional:
        return None
    if parameter.kind is dict:
        return _checked_table(parameter, value)
    if parameter.kind is list:
        return _checked_list(parameter, value)
    if parameter.kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not parameter.kind:
        raise _refusal(parameter, f"attend {type_names[parameter.kind]}")
    if parameter.choices and value not in dict(parameter.choices):
        raise _refusal(parameter, "n’a pas cette valeur : " + ", ".join(code for code, _ in parameter.choices))
    _check_bounds(parameter, value)
    return value


def _checked_table(parameter: Parameter, value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise _refusal(parameter, "attend une table")
    for key, figure in value.items():
        if not isinstance(key, str) or type(figure) not in (int, float):
            raise _refusal(parameter, "attend un code de département et un nombre")
        _check_bounds(parameter, figure)
    return {key: float(figure) for key, figure in value.items()}


def _checked_list(parameter: Parameter, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) and 0 < len(item) <= 20 for item in value):
        raise _refusal(parameter, "attend une liste de codes")
    return list(dict.fromkeys(value))


def _check_bounds(parameter: Parameter, value: Any) -> None:
    if isinstance(value, bool):
        return
    if isinstance(value, str):
        if parameter.high is not None and len(value) > parameter.high:
            raise _refusal(parameter, f"a {parameter.high:g} caractères au plus")
        return
    if (parameter.low is not None and not value >= parameter.low) or (
        parameter.high is not None and not value <= parameter.high
    ):
        raise _refusal(parameter, f"se tient entre {parameter.low:g} et {parameter.high:g} {parameter.unit}".rstrip())


def _refusal(parameter: Parameter, why: str) -> Refusal:
    return Refusal(f"« {parameter.label} » {why}.", code="parameter_value", field="value", name=parameter.name)
