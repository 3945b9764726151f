"""What neighbours gain by answering each other's calls."""

from dataclasses import dataclass
from typing import Any

from quinze.science.queueing.pooling import Centre, Pool, pool
from quinze.science.queueing.staffing import Goal
from quinze.staffing.reports.report import Drawing, Report, Section, Table, columns, written

LIMITS = (
    (
        "Majorant de l’entraide : une seule file, tous les agents répondent à tous les appels, à durée égale. La"
        " méconnaissance du territoire, un second transfert, les annuaires différents ne sont pas comptés."
    ),
    (
        "Erlang C pour une heure de pointe régulière ; les pointes réelles ne tombent pas toutes à la même heure, ce"
        " qui ajoute au gain."
    ),
    (
        "Publié pour les cinq SAMU des Pays de la Loire (npj Digital Medicine 7:385, 2024) : +17 à +21 points de QS30."
        " Une valeur voisine ici est une vraisemblance, non une validation : charge, pointe et effectifs sont supposés."
    ),
)


@dataclass(frozen=True, slots=True)
class Pooling:
    centres: tuple[Centre, ...]
    handling_s: float = 150
    peak: float = 1.6
    """Calls of the hour studied ÷ those of the mean hour, which `centres` carry."""
    goal: Goal = Goal(target=0.70, within_s=30, occupancy=0.85)  # noqa: RUF009  (frozen)
    place: str = ""

    @property
    def at_peak(self) -> tuple[Centre, ...]:
        return tuple(Centre(one.name, one.calls_per_hour * self.peak, one.agents) for one in self.centres)


TARGETS = (0.70, 0.80, 0.90, 0.95)


def pooling_report(asked: Pooling) -> Report:
    found = pool(asked.at_peak, handling_s=asked.handling_s, goal=asked.goal)
    qs = f"QS{asked.goal.within_s:g}"
    return Report(
        name="mutualisation",
        title=f"Mutualisation, {asked.place}" if asked.place else "Mutualisation entre SAS voisins",
        subtitle=f"{len(asked.centres)} centres, heure de pointe à {written(asked.peak, 'tenth')} fois la moyenne,"
        f" {asked.handling_s:g} s par appel, {qs}",
        answer=_answer(found, qs),
        sections=(
            Section("Chacun seul", table=_alone(found, qs), drawing=_drawing(found),
                    drawing_label=f"{qs} de chaque centre seul, et de tous ensemble"),
            Section("Selon l’objectif de chacun", table=_by_target(asked, qs)),
        ),
        limits=LIMITS,
    )  # fmt: skip


def _answer(found: Pool, qs: str) -> tuple[str, ...]:
    return (
        (
            f"À effectif égal ({found.agents} postes), une seule file fait passer le {qs} de"
            f" {written(found.apart, 'share')} à {written(found.together, 'share')} :"
            f" {written(found.gain, 'points')} points."
        ),
        f"À {qs} égal, {found.enough} postes suffisent ensemble : {found.saved} de moins que séparément.",
    )


def _alone(found: Pool, qs: str) -> Table:
    heads = columns(
        "Centre", ("Appels par heure", "tenth"), ("Postes", "count"), ("Occupation", "share"), (qs, "share")
    )
    rows: list[tuple[Any, ...]] = [
        (one.name, one.calls_per_hour, one.agents, one.occupancy, one.served) for one in found.centres
    ]
    calls = sum(one.calls_per_hour for one in found.centres)
    load = sum(one.occupancy * one.agents for one in found.centres)
    occupancy = load / found.agents if found.agents else 0.0
    rows.append(("Séparément", calls, found.agents, occupancy, found.apart))
    rows.append(("Une seule file", calls, found.agents, occupancy, found.together))
    return Table("À l’heure de pointe", heads, tuple(rows))


def _by_target(asked: Pooling, qs: str) -> Table:
    """The staff of each centre set to the least that reaches the target alone."""
    heads = columns(
        ("Objectif de chacun", "share"), ("Postes", "count"), ("séparément", "share"), ("ensemble", "share"),
        ("gain (points)", "points"), ("Postes économisés à qualité égale", "count"),
    )  # fmt: skip
    rows = []
    for target in TARGETS:
        goal = Goal(target, asked.goal.within_s, asked.goal.occupancy, asked.goal.patience_s)
        free = [Centre(one.name, one.calls_per_hour) for one in asked.at_peak]
        found = pool(free, handling_s=asked.handling_s, goal=goal)
        rows.append((target, found.agents, found.apart, found.together, found.gain, found.saved))
    return Table(f"Chaque centre dimensionné au plus juste pour son {qs}", heads, tuple(rows))


def _drawing(found: Pool) -> Drawing:
    def drawn() -> dict[str, Any]:
        from quinze.staffing.reports import charts  # noqa: PLC0415  (Altair takes a second)

        rows = [
            {"centre": one.name, "valeur": value, "ligne": line}
            for one in found.centres
            for line, value in (("seul", one.served), ("ensemble", found.together))
        ]
        return charts.grouped(rows, title="part des appels à temps", x="centre")

    return drawn
