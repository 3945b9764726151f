"""One level or two, with the same people and the same work, hour by hour."""

from collections.abc import Sequence
from typing import Any

from quinze.science.queueing.capacity import Study, plan
from quinze.science.queueing.levels import Compared, by_hour, crossing
from quinze.staffing.reports.report import Cell, Drawing, Report, Section, Table, columns, hour, sentence_list, written

LIMITS = (
    (
        "Les deux organisations sont calculées par Erlang C, où personne ne raccroche, avec les mêmes personnes et le"
        " même travail : comparables entre elles, optimistes l’une comme l’autre."
    ),
    "Le bi-niveau gagne au décroché ce que ses appelants attendent ensuite au niveau 2 : lisez les deux colonnes.",
    (
        "Le niveau 2 est calculé comme une seule équipe polyvalente (AMU et SNP ensemble), la vitale d’abord. Un écart"
        " de quelques pour cent sur les durées peut renverser le verdict d’une heure."
    ),
    "Avec des priorités, une personne de plus n’améliore pas toujours tout : rien ici ne le suppose.",
)
PAYS = 0.005


def levels_report(study: Study, *, held: Sequence[int] = (), place: str) -> Report:
    """`held`: people on the telephone by hour; empty: those of the two-level plan."""
    people = _people(study, held)
    compared = by_hour(
        study.model, calls_by_hour=study.calls_by_hour, agents_by_hour=people, within_s=study.front.within_s
    )
    return Report(
        name="un-ou-deux-niveaux",
        title=f"Un niveau ou deux, {place}",
        subtitle=f"À personnes et travail égaux : {study.model.workload_s:.0f} s de travail par appel,"
        f" N2 ÷ N1 calculé : {written(study.model.fluid_ratio, 'rate')}",
        answer=_answer(study, compared),
        sections=(
            Section("Heure par heure", table=_table(study, compared), drawing=_drawing(study, compared),
                    drawing_label="Appels décrochés à temps, par heure, un niveau et deux niveaux"),
            Section("À partir de combien d’appels", table=_crossings(study)),
        ),
        limits=LIMITS,
    )  # fmt: skip


def _people(study: Study, held: Sequence[int]) -> tuple[int, ...]:
    if held:
        return tuple(max(2, count) for count in held)
    on_telephone = [need for need in plan(study) if not need.line.key.startswith("n3")]
    return tuple(max(2, sum(need.hours[at].posts for need in on_telephone)) for at in range(24))


def _answer(study: Study, compared: Sequence[Compared]) -> tuple[str, ...]:
    qs = f"QS{study.front.within_s:g}"
    wins = [at for at, one in enumerate(compared) if one.gain > PAYS]
    loses = [at for at, one in enumerate(compared) if one.gain < -PAYS]
    first = f"Le bi-niveau décroche mieux {_when(wins)}." if wins else "À aucune heure le bi-niveau ne décroche mieux."
    second = f"Il décroche moins bien {_when(loses)}." if loses else ""
    best = max(range(24), key=lambda at: compared[at].gain)
    third = (
        f"Au mieux, à {hour(best)} : {qs} de {written(compared[best].one_served, 'share')}"
        f" à {written(compared[best].two_served, 'share')}, mais {_waits(compared[best])} au niveau 2."
        if wins
        else ""
    )
    return tuple(filter(None, (first, second, third)))


def _waits(one: Compared) -> str:
    wait = one.two.passed_on_wait_s
    return "une attente sans fin" if wait == float("inf") else f"{written(wait, 'seconds')} d’attente moyenne"


def _when(hours: Sequence[int]) -> str:
    """7, 8, 9, 20 → de 7 h à 10 h et de 20 h à 21 h."""
    runs: list[list[int]] = []
    for at in hours:
        if runs and runs[-1][1] == at:
            runs[-1][1] = at + 1
        else:
            runs.append([at, at + 1])
    if runs == [[0, 24]]:
        return "toute la journée"
    return sentence_list([f"de {hour(start)} à {hour(end)}" for start, end in runs])


def _table(study: Study, compared: Sequence[Compared]) -> Table:
    qs = f"QS{study.front.within_s:g}"
    heads = columns(
        "Heure", ("Appels", "tenth"), ("Personnes", "count"), "N1 + N2", (f"{qs} un niveau", "share"),
        (f"{qs} bi-niveau", "share"), ("écart (points)", "points"), ("garde de la vitale", "seconds"),
        ("attente au N2", "seconds"), "Verdict",
    )  # fmt: skip
    rows = tuple(
        (
            hour(at), one.calls_per_hour, one.agents, f"{one.level_1} + {one.level_2}", one.one_served, one.two_served,
            one.gain, one.two.vital_hold_s, one.two.passed_on_wait_s, _verdict(one),
        )
        for at, one in enumerate(compared)
    )  # fmt: skip
    return Table("Mêmes personnes, même travail", heads, rows)


def _verdict(one: Compared) -> str:
    if one.gain > PAYS:
        return "deux niveaux" if one.two.passed_on_wait_s < 180 else "deux, N2 saturé"
    return "un niveau" if one.gain < -PAYS else "égalité"


def _crossings(study: Study) -> Table:
    heads = columns(
        ("Personnes", "count"), ("Appels par heure", "tenth"), ("Occupation", "share"), "N1 + N2",
        ("Attente au N2", "seconds"),
    )  # fmt: skip
    rows = tuple(_crossing(study, agents) for agents in (4, 6, 9, 12, 16, 20))
    return Table("Charge à partir de laquelle deux niveaux décrochent mieux ; – : à aucune", heads, rows)


def _crossing(study: Study, agents: int) -> tuple[Cell, ...]:
    found = crossing(study.model, agents=agents, within_s=study.front.within_s)
    if found is None:
        return (agents, None, None, None, None)
    split = f"{found.level_1} + {found.level_2}"
    return (agents, found.calls_per_hour, found.one.occupancy, split, found.two.passed_on_wait_s)


def _drawing(study: Study, compared: Sequence[Compared]) -> Drawing:
    def drawn() -> dict[str, Any]:
        from quinze.staffing.reports import charts  # noqa: PLC0415  (Altair takes a second)

        rows = [
            {"heure": at, "valeur": value, "ligne": line}
            for at, one in enumerate(compared)
            for line, value in (("un niveau", one.one_served), ("deux niveaux", one.two_served))
        ]
        return charts.grouped(rows, title=f"QS{study.front.within_s:g}")

    return drawn
