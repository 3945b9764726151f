"""The questions of the day answered in French, for a screen."""

from math import isnan

from .compare import Comparison, qs
from .drills import recovery_slots
from .model import SLOT_MINUTES, Level
from .organisations import established_slots
from .report import Row, comparison_text, time_of

NAMES = {"calls+20%": "20 % d’appels en plus", "calls-20%": "20 % d’appels en moins"}


def name_of(change: str) -> str:
    """ "N2_AMU+1" is one agent more at this level."""
    if change in NAMES:
        return NAMES[change]
    level, more = change[:-2], change.endswith("+1")
    return f"un agent {level} de {'plus' if more else 'moins'}"


def what_if_rows(answers: dict[str, Comparison]) -> list[Row]:
    """QS30 of each level, in points, after each change."""
    return [
        {
            "change": name_of(change),
            "level": level.name,
            "before": _known(found.before.mean),
            "after": _known(found.after.mean),
            "difference": _known(found.difference.mean),
            "half_width": _known(found.difference.half_width),
            "differs": "oui" if found.established else "non",
        }
        for change, comparison in answers.items()
        for level in comparison.before.levels
        for found in [comparison.read(qs(30), level)]
    ]


def _known(value: float) -> float | None:
    return None if isnan(value) else value


def what_if_text(answers: dict[str, Comparison]) -> str:
    """One line per change, one column per level: points of QS30; a dot where chance explains the difference."""
    levels = next(iter(answers.values())).before.levels
    lines = [
        "Ce que chaque changement fait à la QS30, en points (« · » : écart non établi).",
        "",
        f"{'':<28}" + "".join(f"{level.name:>9}" for level in levels),
        f"{'aujourd’hui':<28}" + "".join(f"{_today(answers, level):>9}" for level in levels),
    ]
    for change, comparison in answers.items():
        cells = "".join(f"{_points(comparison, level):>9}" for level in levels)
        lines.append(f"{name_of(change):<28}{cells}")
    return "\n".join(lines) + "\n"


def _today(answers: dict[str, Comparison], level: Level) -> str:
    planned = next(iter(answers.values())).before.at(level).qs[30][1]
    return "–" if isnan(planned) else f"{100 * planned:.1f}".replace(".", ",")


def _points(comparison: Comparison, level: Level) -> str:
    found = comparison.read(qs(30), level)
    return f"{100 * found.difference.mean:+.1f}".replace(".", ",") if found.established else "·"


def hours_text(comparison: Comparison) -> str:
    """When two levels answer better than one at N1, hour by hour; `before` is the one-level centre."""
    words = {1: "deux niveaux répondent mieux", -1: "un seul niveau répond mieux", 0: "écart non établi"}
    lines = [comparison_text(comparison), "QS30 au premier décroché, heure par heure :"]
    for slot, verdict in established_slots(comparison).items():
        lines.append(f"  {time_of(comparison.before.scenario, slot)}  {words[verdict]}")
    return "\n".join(lines) + "\n"


def crisis_text(drill: Comparison, *, end_slot: int) -> str:
    lines = [comparison_text(drill), "Retour à la file d’un jour normal, après la fin de l’afflux :"]
    for level in drill.before.levels:
        slots = recovery_slots(drill, level, end_slot=end_slot)
        told = "pas avant la fin" if slots is None else "aussitôt" if slots == 0 else f"{slots * SLOT_MINUTES} minutes"
        lines.append(f"  {level.name:<8}{told}")
    return "\n".join(lines) + "\n"
