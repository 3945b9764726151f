"""What a crisis drill asks, in one table: the form of the page and the TOML file of the command read the same names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from quinze.base.errors import Refusal
from quinze.science.queueing.capacity import Need, Organisation, Study, plan
from quinze.staffing.drill import LINES, QUARTERS_OF_DAY, SLOTS, Change, Drill, round_the_clock
from quinze.staffing.inputs import Asked, Values, number
from quinze.staffing.shift_kinds import ROLE_OF_LINE, minute_of

LABELS = {
    "n1": "Décroché (N1)", "n2_amu": "N2 AMU", "n2_snp": "N2 SNP", "n3_amu": "Médecin AMU", "n3_snp": "Médecin SNP",
}  # fmt: skip
TYPICAL = "journée type de l’étude"
PEOPLE = re.compile(r"(\d{1,5})(?:\s*(?:dès|des|de|à|a)\s*([\dh:]+)(?:\s*(?:à|a|jusqu’à|jusqu'à|-|–)\s*([\dh:]+))?)?")
MOST_CHANGES = 6


def _lines(prefix: str, help_text: str, kind: str) -> tuple[Asked, ...]:
    return tuple(Asked(f"{prefix}_{line}", LABELS[line], "", help_text, kind) for line in LINES)


SECTIONS: dict[str, tuple[Asked, ...]] = {
    "Journée": (
        Asked("date", "Jour", "", "prévision et planning de ce jour ; vide : journée type", "date"),
        Asked("appels_heure", "Appels par heure", "", "un nombre, ou 24 ; vide : prévision, sinon étude", "text"),
        Asked("lignes", "Lignes du standard", "", "au-delà, l’appelant entend « occupé » ; vide : assez"),
        Asked("rappelants", "Rappellent après avoir raccroché (%)", 60, "une minute après environ, trois fois au plus"),
    ),
    "Postes tenus (vides : le planning du jour, sinon l’étude)": _lines("tenus", "un nombre, ou 24 dès 0 h", "text"),
    "Incident : afflux et téléphonie": (
        Asked("afflux", "Appels multipliés par", 4, "de 1 à 50 ; vide : pas d’afflux"),
        Asked("afflux_a", "À partir de", "18:00", "", "time"),
        Asked("afflux_duree", "Pendant (min)", 120, "par quart d’heure"),
        Asked("afflux_montee", "dont montée (min)", 30, "par quart d’heure"),
        Asked("coupure_a", "Téléphonie coupée à", "", "vide : pas de coupure", "time"),
        Asked("coupure_duree", "Pendant (min)", 20),
    ),
    "Incident : absents": _lines("absents", "« 3 », ou « 3 de 14:00 à 20:00 »", "text"),
    "Réponse : personnes rappelées": (
        Asked("renfort_n1", LABELS["n1"], "2 dès 19:00", "« 2 dès 18:30 », « 2 de 18:30 à 22:00 »", "text"),
        *_lines("renfort", "« 2 dès 18:30 »", "text")[1:],
    ),
    "Réponse : organisation": (
        Asked("entraide", "Le N2 aide le décroché après (s)", 30, "d’attente ; vide : non"),
        Asked("voisin_seuil", "Un SAS voisin aide après (s)", "", "d’attente au décroché ; vide : non"),
        Asked("voisin_taille", "Appels du voisin (% des nôtres)", 100, "avec les postes que l’étude lui donne"),
        Asked("rappel_snp", "SNP rappelées plutôt que tenues en ligne", "non", "", "yes"),
        Asked("reserve", "Places du N2 AMU gardées au vital", 0, "agents libres qu’un appel moins urgent ne prend pas"),
    ),
}  # fmt: skip
ASKED = {asked.key: asked for section in SECTIONS.values() for asked in section}


@dataclass(frozen=True, slots=True)
class Day:
    """What is known of the day chosen, by quarter-hour: people planned by role, calls expected; empty where unknown."""

    label: str = TYPICAL
    people: Mapping[str, Sequence[int]] = field(default_factory=dict)
    calls: tuple[float, ...] = ()


def defaults() -> dict[str, Any]:
    return {key: asked.default for key, asked in ASKED.items()}


def drill_of(values: Values, *, study: Study, day: Day) -> Drill:
    """Missing names take their default, empty ones say no. Refuses with the field whose figure cannot be."""
    whole = defaults() | dict(values)
    calls, source = _calls(whole["appels_heure"], study, day)
    study = replace(study, calls_by_hour=tuple(sum(calls[4 * at : 4 * at + 4]) for at in range(24)))
    needs = plan(study)
    _only_its_lines(whole, needs)
    posts, kept = _posts(whole, needs, day)
    drill = Drill(
        study,
        calls,
        posts,
        (f"{day.label} : appels {source}, postes {kept}",),
        redial=_within(whole, "rappelants", 0, 100) / 100,
        trunks=_whole(whole, "lignes", 1, 100_000) or None,
        **_crowd(whole),
    )
    drill = replace(drill, outage=_outage(whole), absent=_changes(whole, "absents", needs, 0, QUARTERS_OF_DAY))
    start = drill.incident.start if drill.incident else 0
    return replace(drill, recalled=_changes(whole, "renfort", needs, start, SLOTS), **_organisation(whole))


# ---- the day


def _calls(given: Any, study: Study, day: Day) -> tuple[tuple[float, ...], str]:
    typed = _by_hour(given, "appels_heure", most=100_000)
    if typed:
        return tuple(typed[slot // 4 % 24] / 4 for slot in range(SLOTS)), "donnés"
    if day.calls:
        return day.calls, "de la prévision"
    return tuple(study.calls_by_hour[slot // 4 % 24] / 4 for slot in range(SLOTS)), "de l’étude"


def _posts(values: Values, needs: Sequence[Need], day: Day) -> tuple[tuple[tuple[str, tuple[int, ...]], ...], str]:
    found, sources = [], []
    for need in needs:
        line = need.line.key
        typed = _by_hour(values[f"tenus_{_field(line)}"], f"tenus_{_field(line)}", most=10_000, whole=True)
        planned = _planned(need, needs, day)
        if typed:
            sources.append("donnés")
        elif planned:
            sources.append("du planning")
        else:
            sources.append("de l’étude")
        found.append((line, round_the_clock(typed) if typed else planned or _of_plan(need)))
    return tuple(found), " et ".join(dict.fromkeys(sources))


def _of_plan(need: Need) -> tuple[int, ...]:
    return round_the_clock([one.posts for one in need.hours])


def _planned(need: Need, needs: Sequence[Need], day: Day) -> tuple[int, ...]:
    """People of its role; those who hold two lines are shared out as the study shares its posts."""
    line, people = need.line.key, day.people.get(ROLE_OF_LINE[need.line.key], ())
    if not any(people):
        return ()
    if line not in {"n1", "n2_amu"}:
        return tuple(people)
    front, behind = (_of_plan(one) for key in ("n1", "n2_amu") for one in needs if one.line.key == key)
    first = [_share(count, *asked) for count, asked in zip(people, zip(front, behind, strict=True), strict=True)]
    return tuple(first) if line == "n1" else tuple(count - one for count, one in zip(people, first, strict=True))


def _share(people: int, front: int, behind: int) -> int:
    """Of `people`, those at the first answer: somebody on each side as soon as there are two."""
    if people < 2:
        return people
    return min(people - 1, max(1, round(people * front / max(1, front + behind))))


def _field(line: str) -> str:
    return "n1" if line == "arm" else line


def _only_its_lines(values: Values, needs: Sequence[Need]) -> None:
    lines = {_field(need.line.key) for need in needs}
    for line in set(LINES) - lines:
        for prefix in ("tenus", "absents", "renfort"):
            if str(values[f"{prefix}_{line}"]).strip():
                raise Refusal(
                    f"{LABELS[line]} : « {values[f'{prefix}_{line}']} » ; ce poste n’existe pas en"
                    f" « {Organisation.ONE_LEVEL.value} seul niveau », laissez-le vide.", field=f"{prefix}_{line}",
                )  # fmt: skip


# ---- what strikes and what is answered


def _crowd(values: Values) -> dict[str, Any]:
    if _empty(values["afflux"]):
        return {}
    factor, start = _within(values, "afflux", 1, 50), _slot(values["afflux_a"], "afflux_a")
    length, ramp = _quarters(values, "afflux_duree"), _quarters(values, "afflux_montee")
    if ramp > length:
        raise Refusal(f"Montée de l’afflux : {15 * ramp} min ; au plus {15 * length}, sa durée.", field="afflux_montee")
    end = min(SLOTS, start + length)
    return {"factor": factor, "crowd_start": start, "crowd_end": end, "crowd_ramp": min(ramp, end - start)}


def _outage(values: Values) -> tuple[int, int] | None:
    if _empty(values["coupure_a"]):
        return None
    start = _minute(values["coupure_a"], "coupure_a")
    length = _whole(values, "coupure_duree", 1, 12 * 60)
    return start, min(15 * SLOTS, start + length)


def _organisation(values: Values) -> dict[str, Any]:
    found: dict[str, Any] = {"reserve": _whole(values, "reserve", 0, 10_000)}
    if not _empty(values["entraide"]):
        found["help_after"] = _within(values, "entraide", 0, 14_400)
    if not _empty(values["voisin_seuil"]):
        after, size = _within(values, "voisin_seuil", 0, 14_400), _within(values, "voisin_taille", 5, 1_000)
        found["neighbour"] = (size / 100, after)
    said = str(values["rappel_snp"]).strip().lower()
    if said not in {"", "oui", "non"}:
        raise Refusal(f"{ASKED['rappel_snp'].label} : « {said[:20]} » ; « oui » ou « non ».", field="rappel_snp")
    return found | {"call_back": said == "oui"}


def _changes(values: Values, prefix: str, needs: Sequence[Need], start: int, end: int) -> tuple[Change, ...]:
    """« 2 », « 2 dès 18:30 », « 2 de 18:30 à 22:00 », several with commas; without hours: from `start` to `end`."""
    found: list[Change] = []
    for need in needs:
        name = f"{prefix}_{_field(need.line.key)}"
        parts = [part.strip() for part in str(values[name]).split(",") if part.strip()]
        if len(parts) > MOST_CHANGES:
            raise Refusal(f"{ASKED[name].label} : {len(parts)} renforts ; {MOST_CHANGES} au plus.", field=name)
        found += [one for part in parts if (one := _change(part, name, need.line.key, start, end)).people]
    return tuple(found)


def _change(text: str, name: str, line: str, start: int, end: int) -> Change:
    read = PEOPLE.fullmatch(text.lower())
    if read is None or int(read[1]) > 10_000:
        raise Refusal(
            f"{ASKED[name].label} : « {text[:40]} » ; écrivez « 2 », « 2 dès 18:30 » ou « 2 de 18:30 à 22:00 »,"
            " de 0 à 10 000 personnes.", field=name,
        )  # fmt: skip
    if read[2]:
        start = _slot(read[2], name)
        end = SLOTS if prefix_of(name) == "renfort" else max(end, QUARTERS_OF_DAY)
    if read[3]:
        end = _end(read[3], name, start)
    return Change(line, int(read[1]), start, end)


def prefix_of(name: str) -> str:
    return name.partition("_")[0]


def _end(text: str, name: str, start: int) -> int:
    """An end not after the start is on the next day, of which six hours are played."""
    end = QUARTERS_OF_DAY if text.replace("h", ":").startswith("24") else _slot(text, name)
    return min(SLOTS, end if end > start else end + QUARTERS_OF_DAY)


# ---- figures


def _empty(value: Any) -> bool:
    return value is None or not str(value).strip()


def _within(values: Values, name: str, least: float, most: float) -> float:
    """0 when nothing is given."""
    label = ASKED[name].label
    try:
        found = 0.0 if _empty(values[name]) else number(label, values[name])
    except Refusal as wrong:
        raise Refusal(wrong.message, field=name) from wrong
    if not _empty(values[name]) and not least <= found <= most:
        raise Refusal(f"{label} : « {values[name]} » ; de {least:g} à {most:g}.", field=name)
    return found


def _whole(values: Values, name: str, least: int, most: int) -> int:
    found = _within(values, name, least, most)
    if found != int(found):
        raise Refusal(f"{ASKED[name].label} : « {values[name]} » ; un nombre entier.", field=name)
    return int(found)


def _quarters(values: Values, name: str) -> int:
    minutes = _whole(values, name, 0, 15 * QUARTERS_OF_DAY)
    if minutes % 15:
        raise Refusal(f"{ASKED[name].label} : {minutes} ; par quart d’heure (15, 30, 45…).", field=name)
    return minutes // 15


def _minute(value: Any, name: str) -> int:
    try:
        return minute_of(str(value))
    except Refusal as wrong:
        raise Refusal(f"{ASKED[name].label} : {wrong.message}", field=name) from wrong


def _slot(value: Any, name: str) -> int:
    minute = _minute(value, name)
    if minute % 15:
        raise Refusal(f"{ASKED[name].label} : « {value} » ; un quart d’heure (18:00, 18:15…).", field=name)
    return minute // 15


def _by_hour(value: Any, name: str, *, most: float, whole: bool = False) -> tuple[float, ...]:
    """One figure or 24; empty stays so."""
    parts: Sequence[Any] = value if isinstance(value, (list, tuple)) else str(value).replace(";", " ").split()
    label, kind = ASKED[name].label, "des nombres entiers" if whole else "des nombres"
    try:
        found = tuple(number(label, part) for part in parts)
    except Refusal as wrong:
        raise Refusal(wrong.message, field=name) from wrong
    if len(found) not in {0, 1, 24}:
        raise Refusal(f"{label} : {len(found)} nombres ; il en faut un, ou 24 de 0 h à 23 h.", field=name)
    wrong_ones = [one for one in found if not 0 <= one <= most or (whole and one != int(one))]
    if wrong_ones:
        raise Refusal(f"{label} : {wrong_ones[0]:g} ; {kind} de 0 à {most:g}.", field=name)
    return found * (24 if len(found) == 1 else 1)
