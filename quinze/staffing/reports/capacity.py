"""How many posts by hour, how many people by year; what one person more changes; the steps of a ramp-up."""

import itertools
import math
from collections.abc import Sequence
from typing import Any

from quinze.science.queueing.capacity import Need, OneMore, Organisation, Phase, Step, Study, one_more, plan, ramp_up
from quinze.science.queueing.day import TYPICAL
from quinze.staffing.reports.report import Cell, Drawing, Report, Section, Table, columns, hour, written

LIMITS = (
    (
        "Le décroché est calculé par Erlang A (les appelants raccrochent après une patience exponentielle), les niveaux"
        " suivants par Erlang C, où personne ne raccroche. Les deux supposent des arrivées au hasard autour d’un rythme"
        " connu : la réalité est plus irrégulière, et ces effectifs sont plutôt optimistes."
    ),
    (
        "Chaque ligne est calculée seule. La nuit, une personne polyvalente peut tenir deux lignes : le calcul ne le"
        " compte pas, et il ajoute au moins un poste par ligne ouverte."
    ),
    (
        "L’intervalle est celui de huit jours sur dix, par la variation d’un jour à l’autre donnée ; il ne contient pas"
        " l’incertitude sur les durées."
    ),
)
SUPPOSED_DAY = "La journée type d’appels est supposée : donnez vos appels de 0 h à 23 h pour la remplacer."
SHOWN_MORE = 6


def capacity_report(study: Study, *, held: Sequence[int] = (), place: str) -> Report:
    """`held`: posts of the first answer held today, by hour; empty: those of the plan."""
    needs = plan(study)
    front = needs[0]
    more = one_more(front, posts_by_hour=held or [one.posts for one in front.hours])
    return Report(
        name="etude-de-capacite",
        title=f"Étude de capacité, {place}",
        subtitle=_subtitle(study),
        answer=(*_answer(needs), *_best(front, more, given=bool(held))),
        sections=(
            _people(needs),
            _posts(needs),
            _more(front, more, given=bool(held)),
            _shrinkage(study),
        ),
        limits=(*LIMITS, *((SUPPOSED_DAY,) if _supposed(study) else ())),
    )


def _supposed(study: Study) -> bool:
    whole = math.fsum(study.calls_by_hour)
    return whole > 0 and all(
        abs(calls / whole - part / 24) < 1e-9 for calls, part in zip(study.calls_by_hour, TYPICAL, strict=True)
    )


def _subtitle(study: Study) -> str:
    organisation = "un seul niveau" if study.organisation == Organisation.ONE_LEVEL else "bi-niveau"
    yearly = written(365 * math.fsum(study.calls_by_hour), "count")
    ratio = written(study.model.fluid_ratio, "rate")
    goal = f"{written(study.front.target, 'share')} décrochés en {study.front.within_s:g} s"
    return f"{yearly} appels par an, {organisation}, {goal}, rapport N2 ÷ N1 calculé : {ratio}"


def _answer(needs: Sequence[Need]) -> tuple[str, ...]:
    fte, low, high = (
        math.fsum(getattr(need, name).fte for need in needs) for name in ("staff", "staff_low", "staff_high")
    )
    peak = max(range(24), key=lambda at: sum(need.hours[at].posts for need in needs))
    posts = sum(need.hours[peak].posts for need in needs)
    return (
        (
            f"Il faut {written(fte, 'tenth')} équivalents temps plein (de {written(low, 'tenth')} à"
            f" {written(high, 'tenth')} selon que les jours sont légers ou chargés, huit jours sur dix)."
        ),
        (
            f"Au plus fort, à {hour(peak)}, {posts} postes sont tenus ensemble"
            f" ({', '.join(f'{need.line.label} {need.hours[peak].posts}' for need in needs)})."
        ),
    )


def _best(front: Need, more: Sequence[OneMore], *, given: bool) -> tuple[str, ...]:
    best = more[0]
    if best.calls_gained < 0.05:
        return ()
    whose = "Avec les postes tenus aujourd’hui" if given else "Avec ces postes"
    qs = f"QS{front.line.goal.within_s:g}"
    return (
        (
            f"{whose}, une personne de plus à {hour(best.hour)} : {qs} de {written(best.served, 'share')}"
            f" à {written(best.served_with_one_more, 'share')}, la plus utile de la journée."
        ),
    )


def _people(needs: Sequence[Need]) -> Section:
    rows: list[tuple[Any, ...]] = [
        (
            need.line.label, need.line.share, need.line.handling_s, need.peak, need.served, need.staff.round_the_clock,
            need.staff.fte, need.staff_low.fte, need.staff_high.fte,
        )
        for need in needs
    ]  # fmt: skip
    sums = [math.fsum(values) for values in zip(*(row[5:] for row in rows), strict=True)]
    whole: tuple[Cell, ...] = ("Ensemble", None, None, None, None, *sums)
    heads = columns(
        "Ligne", ("Part des appels", "share"), ("Durée", "seconds"), ("Postes au plus fort", "count"),
        ("Pris à temps", "share"), ("Postes 24 h/24", "rate"), ("ETP", "tenth"), ("jours légers", "tenth"),
        ("jours chargés", "tenth"),
    )  # fmt: skip
    return Section("Postes et équivalents temps plein", table=Table("Par ligne, sur l’année", heads, (*rows, whole)))


def _posts(needs: Sequence[Need]) -> Section:
    heads = columns("Heure", *((need.line.label, "text") for need in needs))
    rows = tuple((hour(at), *(_interval(need, at) for need in needs)) for at in range(24))
    caption = "Postes du jour moyen ; entre parenthèses, du jour léger au jour chargé (huit jours sur dix)"
    drawing = _drawing(needs)
    return Section("Postes heure par heure", table=Table(caption, heads, rows), drawing=drawing, drawing_label=caption)


def _interval(need: Need, at: int) -> str:
    one = need.hours[at]
    return str(one.posts) if one.low == one.high else f"{one.posts} ({one.low} à {one.high})"


def _drawing(needs: Sequence[Need]) -> Drawing:
    def drawn() -> dict[str, Any]:
        from quinze.staffing.reports import charts  # noqa: PLC0415  (Altair takes a second)

        rows = [
            {"heure": one.hour, "valeur": one.posts, "ligne": need.line.label, "ordre": order}
            for order, need in enumerate(needs)
            for one in need.hours
        ]
        return charts.stacked(rows, x="heure", title="postes du jour moyen")

    return drawn


def _more(front: Need, more: Sequence[OneMore], *, given: bool) -> Section:
    heads = columns(
        "Heure", ("Postes", "count"), (f"QS{front.line.goal.within_s:g}", "share"), ("avec un de plus", "share"),
        ("appels pris à temps en plus", "tenth"),
    )  # fmt: skip
    rows = tuple(
        (hour(one.hour), one.posts, one.served, one.served_with_one_more, one.calls_gained) for one in more[:SHOWN_MORE]
    )
    whose = "postes tenus aujourd’hui" if given else "postes du plan"
    caption = f"{front.line.label}, {whose} : les heures où elle sert le plus, par jour"
    return Section("Une personne de plus", table=Table(caption, heads, rows))


def _shrinkage(study: Study) -> Section:
    shrinkage = study.shrinkage
    rows = [(name, part) for name, part in shrinkage.factors] + [("Ensemble", shrinkage.whole)]
    text = (
        f"Un poste tenu demande {written(1 / (1 - shrinkage.whole), 'rate')} présences payées, puis"
        f" {study.day_hours:g} h par an et par équivalent temps plein le jour, {study.night_hours:g} h la nuit"
        " (21 h à 6 h)."
    )
    table = Table("Part du temps payé sans tenir de poste", columns("Facteur", ("Part", "share")), tuple(rows))
    return Section("Des postes aux personnes", paragraphs=(text,), table=table)


def ramp_report(study: Study, *, phases: Sequence[Phase], place: str) -> Report:
    steps = ramp_up(study, phases)
    heads = columns(
        "Étape", ("Part des appels", "share"), "Heures", ("Postes au plus fort", "count"), ("ETP", "tenth"),
    )  # fmt: skip
    return Report(
        name="montee-en-charge",
        title=f"Montée en charge, {place}",
        subtitle=_subtitle(study),
        answer=_ramp_answer(steps),
        sections=(
            Section("Étapes", table=Table("Équivalents temps plein de chaque étape", heads, _ramp_rows(steps)),
                    drawing=_ramp_drawing(steps), drawing_label="Équivalents temps plein par étape et par ligne"),
            Section("Par ligne", table=_ramp_lines(steps)),
        ),
        limits=LIMITS,
    )  # fmt: skip


def _ramp_rows(steps: Sequence[Step]) -> tuple[tuple[Any, ...], ...]:
    return tuple(
        (step.phase.name, step.phase.part, f"{hour(step.phase.first)} à {hour(step.phase.last)}", step.peak, step.fte)
        for step in steps
    )


def _ramp_lines(steps: Sequence[Step]) -> Table:
    labels = [need.line.label for need in steps[-1].needs]
    heads = columns("Étape", *((label, "tenth") for label in labels))
    rows: tuple[tuple[Any, ...], ...] = tuple(
        (step.phase.name, *(need.staff.fte for need in step.needs)) for step in steps
    )
    return Table("Équivalents temps plein", heads, rows)


def _ramp_answer(steps: Sequence[Step]) -> tuple[str, ...]:
    first, last = steps[0], steps[-1]
    lines = [f"{first.phase.name} : {written(first.fte, 'tenth')} ETP."]
    for before, after in itertools.pairwise(steps):
        change = after.fte - before.fte
        verb = "à recruter" if change >= 0 else "de moins"
        lines.append(f"{after.phase.name} : {written(after.fte, 'tenth')} ETP, {written(abs(change), 'tenth')} {verb}.")
    return (*lines, f"Au total {written(last.fte, 'tenth')} ETP et {last.peak} postes au plus fort.")


def _ramp_drawing(steps: Sequence[Step]) -> Drawing:
    def drawn() -> dict[str, Any]:
        from quinze.staffing.reports import charts  # noqa: PLC0415

        rows = [
            {"etape": step.phase.name, "valeur": need.staff.fte, "ligne": need.line.label, "ordre": order}
            for step in steps
            for order, need in enumerate(step.needs)
        ]
        return charts.stacked(rows, x="etape", title="ETP")

    return drawn
