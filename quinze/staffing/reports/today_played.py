"""The day of the supervisor played again with one person more or less, a fifth of the calls more or less.

numpy and numba are read when a day is played; a page process reads them once somebody opened the studies (playing.py).
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import isnan
from typing import TYPE_CHECKING

from quinze.science.queueing.capacity import Need, Study
from quinze.staffing.reports.report import Section, Table, columns, hour, written

if TYPE_CHECKING:
    from quinze.science.callcentre.compare import Comparison, Reading
    from quinze.science.callcentre.intervals import Interval
    from quinze.science.callcentre.model import Level

HEADING = "Toute la journée, rejouée avec les mêmes appelants"
MOST_CALLS = 10_000
"""A day. Above, a second would not be enough."""
CALLS_PLAYED, FEWEST, MOST = 30_000, 4, 20
"""Calls of all the replications of one variant; fewer than four replications would leave no useful interval."""
CAPTION = (
    "Au décroché, part prise en 30 s, en points ; derrière, attente moyenne, en secondes."
    " Première ligne : la journée prévue ; ensuite, l’écart avec elle. ± : à 95 %."
    " ≈ : le hasard suffit à expliquer l’écart ; = : rien ne change."
)


def played(study: Study, needs: Sequence[Need], *, at_hour: int, factor: float, posts: Mapping[str, int]) -> Section:
    """`factor`: calls of the day ÷ those expected; `posts` by line, those of the plan otherwise, held at `at_hour`."""
    from quinze.science.callcentre.errors import ScenarioError  # noqa: PLC0415  (numpy)

    calls = factor * sum(study.calls_by_hour)
    if not calls:
        return Section(HEADING, ("Personne n’appelle : il n’y a rien à rejouer.",))
    if calls > MOST_CALLS:
        most = written(MOST_CALLS, "count")
        return Section(HEADING, (f"Plus de {most} appels par jour : utilisez « quinze simulate --what-if ».",))
    held = {need.line.key: [one.posts for one in need.hours] for need in needs}
    for line, count in posts.items():
        if line in held:
            held[line][at_hour] = count
    try:
        return _told(replace(study, calls_by_hour=tuple(factor * one for one in study.calls_by_hour)), held, at_hour)
    except ScenarioError as wrong:
        return Section(HEADING, (f"Cette journée ne se rejoue pas : {wrong}",))


def _told(study: Study, held: Mapping[str, Sequence[int]], at_hour: int) -> Section:
    from quinze.science.callcentre.drills import what_if  # noqa: PLC0415
    from quinze.science.callcentre.results import simulate  # noqa: PLC0415
    from quinze.science.callcentre.studied import scenario_of  # noqa: PLC0415

    count = int(min(MOST, max(FEWEST, CALLS_PLAYED // sum(study.calls_by_hour))))
    scenario = scenario_of(study, posts=held, name="journée", replications=count)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = what_if(simulate(scenario, spread=pool.map), spread=pool.map)
    said = (
        f"{count} journées tirées au sort, les mêmes pour chaque ligne ; postes du plan d’heure en heure,"
        f" sauf ceux que vous tenez à {hour(at_hour)}. Une personne de plus ou de moins l’est toute la journée."
    )
    return Section(HEADING, (said,), table=_table(answers))


def _table(answers: "Mapping[str, Comparison]") -> Table:
    from quinze.science.callcentre.told import name_of  # noqa: PLC0415

    levels = next(iter(answers.values())).before.levels
    rows = [("journée prévue", *(_planned(answers, level) for level in levels))]
    rows += [
        (name_of(key).replace("_", " "), *(_apart(one, level) for level in levels)) for key, one in answers.items()
    ]
    return Table(CAPTION, columns("Ce qui change", *(level.name.replace("_", " ") for level in levels)), tuple(rows))


def _planned(answers: "Mapping[str, Comparison]", level: "Level") -> str:
    found = _read(next(iter(answers.values())), level).before
    return _with_interval(found, level, sign="")


def _apart(one: "Comparison", level: "Level") -> str:
    found = _read(one, level)
    text = _with_interval(found.difference, level, sign="+")
    if text.lstrip("+−") == "0,0 ± 0,0":
        return "="
    return text if found.established or text == "–" else f"≈ {text}"


def _read(one: "Comparison", level: "Level") -> "Reading":
    from quinze.science.callcentre.compare import mean_wait, qs  # noqa: PLC0415

    return one.read(mean_wait if level else qs(30), level)


def _with_interval(found: "Interval", level: "Level", *, sign: str) -> str:
    """N1, level 0, in points; the others in seconds."""
    if isnan(found.mean):
        return "–"
    mean, half_width = (found.mean, found.half_width) if level else (100 * found.mean, 100 * found.half_width)
    decimals = 1 if abs(mean) < 100 else 0
    text = f"{mean:{sign}.{decimals}f} ± {half_width:.{decimals}f}"
    return text.replace(".", ",").replace("-", "−")
