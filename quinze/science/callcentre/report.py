"""Results as tables of plain values: rows of (English key → value), and the French heading of each key.

NaN becomes None: what did not happen has no figure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np

from .compare import MEASURES, Comparison, qs
from .drills import mean_queue
from .episodes import Episodes
from .intervals import Interval, interval
from .model import SLOT_MINUTES, CallClass, Level, Scenario
from .results import QUANTILES, TARGETS, Results, Service, by_slot, group_names

Row = dict[str, Any]

HEADINGS = {
    "time": "Quart d’heure",
    "level": "Niveau",
    "class": "Classe",
    "group": "Groupe",
    "measure": "Mesure",
    "change": "Changement",
    "presented": "Appels présentés",
    "busy_tone": "Tonalités d’occupation",
    "short": "Raccrochés avant 15 s",
    "abandoned": "Abandons (tous)",
    "abandon_rate": "Taux d’abandon après 15 s",
    "diverted": "Débordés chez un voisin",
    "answered": "Répondus",
    "unanswered": "Restés sans réponse",
    **{
        f"qs{target}_{key}": f"QS{target} {of}"
        for target in TARGETS
        for key, of in (
            ("presented", "des présentés"),
            ("patient", "des présentés moins raccrochés < 15 s"),
            ("answered", "des répondus"),
        )
    },
    "qs30_half_width": "QS30 ±",
    "mean_wait": "Attente moyenne (s)",
    "mean_wait_half_width": "Attente moyenne ± (s)",
    **{f"p{percent}_wait": f"Attente p{percent} (s)" for percent in QUANTILES},
    "held": "Appels gardés en ligne",
    "mean_hold": "Garde moyenne (s)",
    "queue_mean": "File moyenne",
    "queue_max": "File maximale",
    "occupation": "Occupation",
    "occupation_half_width": "Occupation ±",
    "staffed": "Agents présents",
    "work": "Agents occupés",
    "before": "Avant",
    "after": "Après",
    "difference": "Écart",
    "half_width": "±",
    "differs": "Écart établi (95 %)",
}

MEASURE_NAMES = {
    "qs20": "QS20",
    "qs30": "QS30",
    "qs60": "QS60",
    "mean_wait": "attente moyenne (s)",
    "p90_wait": "attente p90 (s)",
    "abandoned": "taux d’abandon après 15 s",
    "never_answered": "jamais répondus",
    "mean_hold": "garde moyenne (s)",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Counts are means per replication."""

    title: str
    rows: list[Row]

    @property
    def headings(self) -> list[str]:
        return [HEADINGS[key] for key in self.rows[0]] if self.rows else []


def sheets(results: Results) -> list[Sheet]:
    return [
        Sheet("Niveaux", level_rows(results)),
        Sheet("Classes", class_rows(results)),
        Sheet("Groupes", group_rows(results)),
        Sheet("Quarts d’heure", slot_rows(results)),
        Sheet("Occupation", occupation_rows(results)),
    ]


def level_rows(results: Results) -> list[Row]:
    return [{"level": level.name} | _told(results, level) for level in results.levels]


def _told(results: Results, level: Level) -> Row:
    row = _service(results.at(level), results.replications)
    spread = interval(results.each(qs(30), level=level))
    waits = interval(results.each(MEASURES["mean_wait"], level=level))
    return row | {"qs30_half_width": _known(spread.half_width), "mean_wait_half_width": _known(waits.half_width)}


def class_rows(results: Results) -> list[Row]:
    return [
        {"class": call.name, "level": level.name} | _service(told, results.replications)
        for call in CallClass
        for level in results.levels
        if (told := results.at(level, kind=call)).presented + told.busy
    ]


def slot_rows(results: Results) -> list[Row]:
    """Each quarter-hour and level that has been asked for something."""
    queues = {level: mean_queue(results, level) for level in results.levels}
    peaks = {level: np.max([p.queue_max[:, level] for p in results.presences], axis=0) for level in results.levels}
    return [
        {"time": time_of(results.scenario, slot), "level": level.name}
        | _service(told, results.replications)
        | {"queue_mean": float(queues[level][slot]), "queue_max": int(peaks[level][slot])}
        for slot, level, told in by_slot(results)
    ]


def group_rows(results: Results) -> list[Row]:
    return [
        {"group": name, "occupation": _known(found.mean), "occupation_half_width": _known(found.half_width)}
        for name, found in results.occupation().items()
    ]


def occupation_rows(results: Results) -> list[Row]:
    work = np.mean([present.busy for present in results.presences], axis=0)
    staffed = np.mean([present.staffed for present in results.presences], axis=0)
    return [
        {
            "time": time_of(results.scenario, slot),
            "group": name,
            "staffed": float(staffed[slot, index]),
            "work": float(work[slot, index]),
            "occupation": _known(work[slot, index] / staffed[slot, index]) if staffed[slot, index] else None,
        }
        for slot in results.slots
        for index, name in enumerate(group_names(results.scenario))
    ]


def comparison_rows(comparison: Comparison) -> list[Row]:
    levels = sorted(set(comparison.before.levels) | set(comparison.after.levels))
    return [
        row
        for level in levels
        for name, measure in MEASURES.items()
        if (row := _compared(comparison, level, name, measure))["before"] is not None or row["after"] is not None
    ]


def _compared(comparison: Comparison, level: Level, name: str, measure: Callable[[Episodes], float]) -> Row:
    before, after = comparison.values(measure, level)
    found: Interval = comparison.difference(measure, level)
    return {
        "level": level.name,
        "measure": MEASURE_NAMES[name],
        "before": _known(before.mean),
        "after": _known(after.mean),
        "difference": _known(found.mean),
        "half_width": _known(found.half_width),
        "differs": _verdict(comparison, measure, level) if not isnan(found.mean) else None,
    }


def _verdict(comparison: Comparison, measure: Callable[[Episodes], float], level: Level) -> str:
    return "oui" if comparison.differs(measure, level) else "non"


def _service(told: Service, replications: int) -> Row:
    return {
        "presented": told.presented / replications,
        "busy_tone": told.busy / replications,
        "short": told.short / replications,
        "abandoned": told.abandoned / replications,
        "abandon_rate": _known(told.abandon_rate),
        "diverted": told.diverted / replications,
        "answered": told.answered / replications,
        "unanswered": told.unanswered / replications,
        **{
            f"qs{target}_{key}": _known(value)
            for target in TARGETS
            for key, value in zip(("presented", "patient", "answered"), told.qs[target], strict=True)
        },
        "mean_wait": _known(told.mean_wait),
        **{f"p{percent}_wait": _known(told.quantiles[percent]) for percent in QUANTILES},
        "held": told.held / replications,
        "mean_hold": _known(told.mean_held),
    }


def _known(value: float) -> float | None:
    return None if isnan(value) else float(value)


def time_of(scenario: Scenario, slot: int) -> str:
    """ "07:15", and the day where there are several: "J2 07:15"."""
    day, minute = divmod(scenario.starts_at + slot * SLOT_MINUTES, 24 * 60)
    days = (scenario.starts_at + scenario.slots * SLOT_MINUTES - 1) // (24 * 60)
    clock = f"{minute // 60:02d}:{minute % 60:02d}"
    return f"J{day + 1} {clock}" if days else clock


def as_text(results: Results) -> str:
    """What a person reads first."""
    scenario = results.scenario
    lines = [
        f"{scenario.name} : {results.replications} réplications de {len(results.slots)} quarts d’heure.",
        "",
        f"{'Niveau':<8}{'présentés':>11}{'QS30':>16}{'attente':>10}{'p90':>8}{'abandon':>9}{'gardés':>8}{'file':>7}",
    ]
    lines += [_line(results, level) for level in results.levels]
    lines += ["", "Occupation"]
    lines += [f"  {name:<28}{_percent(found.mean)} ± {_percent(found.half_width)}" for name, found in _groups(results)]
    return "\n".join(lines) + "\n"


def _groups(results: Results) -> list[tuple[str, Interval]]:
    return list(results.occupation().items())


def _line(results: Results, level: Level) -> str:
    told, replications = results.at(level), results.replications
    spread = interval(results.each(qs(30), level=level))
    queue = float(mean_queue(results, level)[results.scenario.warm_up :].mean())
    return (
        f"{level.name:<8}{told.presented / replications:>11.1f}"
        f"{_percent(told.qs[30][1]) + ' ± ' + _percent(spread.half_width):>16}"
        f"{_seconds(told.mean_wait):>10}{_seconds(told.quantiles[90]):>8}{_percent(told.abandon_rate):>9}"
        f"{told.held / replications:>8.1f}{queue:>7.2f}"
    )


def _percent(value: float) -> str:
    return "–" if isnan(value) else f"{100 * value:.1f} %".replace(".", ",")


def _seconds(value: float) -> str:
    return "–" if isnan(value) else f"{value:.0f} s"


def comparison_text(comparison: Comparison) -> str:
    lines = [
        f"« {comparison.before.scenario.name} » puis « {comparison.after.scenario.name} », mêmes appelants :",
        "",
        f"{'Niveau':<8}{'mesure':<28}{'avant':>10}{'après':>10}{'écart':>10}{'±':>10}",
    ]
    for row in comparison_rows(comparison):
        figures = "".join(f"{_figure(row[key]):>10}" for key in ("before", "after", "difference", "half_width"))
        lines.append(
            f"{row['level']:<8}{row['measure']:<28}{figures}{'' if row['differs'] == 'oui' else '  non établi'}"
        )
    return "\n".join(lines) + "\n"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}".replace(".", ",")
