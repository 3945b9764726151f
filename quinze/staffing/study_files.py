"""The files of `quinze capacity` and `quinze pool`: TOML in, reports out. An unknown name is refused."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from quinze.base.errors import Refusal
from quinze.science.queueing.bounds import Unacceptable
from quinze.science.queueing.capacity import Phase, Study
from quinze.science.queueing.pooling import Centre
from quinze.science.queueing.staffing import Goal
from quinze.science.queueing.week import SAME_DAYS
from quinze.staffing import drill_inputs, inputs
from quinze.staffing.covering import Asked, Post, covered
from quinze.staffing.drill import Drill
from quinze.staffing.reports.capacity import capacity_report, ramp_report
from quinze.staffing.reports.crisis import crisis_report
from quinze.staffing.reports.levels import levels_report
from quinze.staffing.reports.pooling import Pooling, pooling_report
from quinze.staffing.reports.report import Report, merged
from quinze.staffing.reports.shifts import shifts_report
from quinze.staffing.shift_kinds import DEFAULT, from_tables

STUDIES = ("capacite", "niveaux", "montee-en-charge", "gardes", "crise")
MOST_SHIFT_KINDS = 60
MOST_CENTRES = 200
Read = dict[str, Any]


def capacity_of(content: bytes) -> Report:
    """`titre`, `lieu`, `etudes` (of STUDIES), `[[etapes]]` of the ramp-up, `semaine`, `jour` and `[[gardes]]` of the
    shifts, what the crisis drill asks, then what a study asks, in any section.
    """
    read = _toml(content)
    title, place = _text(read, "titre", ""), _text(read, "lieu", "SAS")
    wanted, phases = _studies(read), _tables(read, "etapes")
    shifts = _shifts(read)
    values = _flat(read)
    drill = _drill(values)
    study, held, people = inputs.study_of(values), inputs.held_of(values), inputs.held_of(values, key="personnes")
    builders: Mapping[str, Callable[[], Report]] = {
        "capacite": lambda: capacity_report(study, held=held, place=place),
        "niveaux": lambda: levels_report(study, held=people, place=place),
        "montee-en-charge": lambda: ramp_report(study, phases=[_phase(one) for one in phases], place=place),
        "gardes": lambda: shifts_report(shifts(study), place=place),
        "crise": lambda: crisis_report(drill(study), place=place),
    }
    if "montee-en-charge" in wanted and not phases:
        raise Refusal("La montée en charge demande ses étapes : [[etapes]] avec nom, part, de, a.")
    return _refusing(lambda: merged([builders[name]() for name in wanted], title=title))


def _drill(values: Read) -> Callable[[Study], Drill]:
    """Takes its names out of the values. A day, its roster and its forecast are of a SAS: the page has them."""
    asked = {key: values.pop(key) for key in drill_inputs.ASKED if key in values}
    if asked.pop("date", ""):
        raise Refusal("« date » : un fichier ne connaît pas le planning d’un SAS ; donnez tenus_n1, appels_heure…")
    return lambda study: drill_inputs.drill_of(asked, study=study, day=drill_inputs.Day())


def cover_of(content: bytes) -> tuple[Post, ...]:
    """The shifts alone, for a roster."""
    read = _toml(content)
    for name in ("titre", "lieu", "etudes", "etapes"):
        read.pop(name, None)
    shifts = _shifts(read)
    study = inputs.study_of(_flat(read))
    try:
        return covered(shifts(study))
    except Unacceptable as error:
        raise Refusal(str(error), code="unacceptable") from error


def _shifts(read: Read) -> Callable[[Study], Asked]:
    by_day = inputs.weekdays(read.pop("semaine", ""))
    day = read.pop("jour", "moyen")
    if day not in {"moyen", "charge"}:
        raise Refusal("« jour » : « moyen » ou « charge ».")
    kinds = from_tables(_tables(read, "gardes"))
    if len(kinds) > MOST_SHIFT_KINDS:
        raise Refusal(f"« gardes » : {MOST_SHIFT_KINDS} tableaux au plus.")
    return lambda study: Asked(study, kinds or DEFAULT, by_day or SAME_DAYS, day == "charge")


def pooling_of(content: bytes) -> Report:
    """`titre`, `lieu`, `pointe`, `duree`, `qs_part`, `qs_delai`, `occupation`, `patience`, and `[[centres]]`:
    `nom`, `appels_par_an` (or `appels_par_heure`), `postes` if they are given.
    """
    read = _toml(content)
    title, place, centres = _text(read, "titre", ""), _text(read, "lieu", ""), _tables(read, "centres")
    values = {"pointe": 1.6, "duree": 150, "qs_part": 70, "qs_delai": 30, "occupation": 85, "patience": 0} | _flat(read)
    known = ("pointe", "duree", "qs_part", "qs_delai", "occupation", "patience")
    _only(values, known, "du fichier")
    number = {name: inputs.number(name, values[name]) for name in known}

    def made() -> Report:
        goal = Goal(number["qs_part"] / 100, number["qs_delai"], number["occupation"] / 100, number["patience"] or None)
        asked = Pooling(tuple(map(_centre, centres)), number["duree"], number["pointe"], goal, place)
        return merged([pooling_report(asked)], title=title)

    return _refusing(made)


def _refusing(made: Callable[[], Report]) -> Report:
    try:
        return made()
    except Unacceptable as error:
        raise Refusal(str(error), code="unacceptable") from error


def _toml(content: bytes) -> Read:
    if len(content) > inputs.LARGEST_FILE:
        raise Refusal(f"Le fichier dépasse {inputs.LARGEST_FILE} octets : ce n’est pas une étude.")
    try:
        return tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refusal(f"Le fichier n’est pas du TOML lisible : {error}.") from error


def _text(read: Read, name: str, default: str) -> str:
    found = read.pop(name, default)
    if not isinstance(found, str) or len(found) > 120:
        raise Refusal(f"« {name} » : un texte de 120 caractères au plus.")
    return found


def _studies(read: Read) -> tuple[str, ...]:
    found = read.pop("etudes", ["capacite"])
    if not isinstance(found, list) or not found or not set(map(str, found)) <= set(STUDIES):
        raise Refusal(f"« etudes » : une liste parmi {', '.join(STUDIES)}.")
    return tuple(dict.fromkeys(found))


def _tables(read: Read, name: str) -> list[Read]:
    found = read.pop(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found) or len(found) > MOST_CENTRES:
        raise Refusal(f"« {name} » : des tableaux [[{name}]], {MOST_CENTRES} au plus.")
    return found


def _flat(read: Read) -> Read:
    """Sections are for the reader: their names are free."""
    found: Read = {}
    for name, value in read.items():
        for key, inner in value.items() if isinstance(value, dict) else ((name, value),):
            if key in found:
                raise Refusal(f"« {key} » est donné deux fois.")
            found[key] = inner
    return found


def _only(values: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    if unknown := sorted(values.keys() - set(known)):
        raise Refusal(
            f"Nom inconnu {where} : {', '.join(unknown[:5])}. Noms acceptés : {', '.join(known)}.", code="unknown"
        )


def _phase(one: Read) -> Phase:
    whole = {"part": 100, "de": 0, "a": 24} | one
    _only(whole, ("nom", "part", "de", "a"), "d’une étape")
    part, first, last = (inputs.number(name, whole[name]) for name in ("part", "de", "a"))
    return Phase(str(whole.get("nom", "Étape"))[:60], part / 100, int(first), int(last))


def _centre(one: Read) -> Centre:
    _only(one, ("nom", "appels_par_an", "appels_par_heure", "postes"), "d’un centre")
    name = str(one.get("nom", ""))[:60]
    if not name or ("appels_par_an" in one) == ("appels_par_heure" in one):
        raise Refusal(f"Centre « {name} » : il faut nom, et appels_par_an ou appels_par_heure.")
    rate = inputs.number("appels_par_heure", one.get("appels_par_heure", 0))
    yearly = inputs.number("appels_par_an", one.get("appels_par_an", 0))
    found = Centre(name, rate or yearly / 8760)
    if "postes" not in one:
        return found
    held = inputs.number("postes", one["postes"])
    if held != int(held) or not 0 <= held <= 10_000:
        raise Refusal(f"Centre « {name} », postes : un nombre entier de 0 à 10 000.")
    return replace(found, agents=int(held))
