"""A SAMU among all those of France."""

from collections.abc import Callable, Sequence
from typing import Any

from quinze.science.national import Figure, Samu, national, quantile
from quinze.staffing.queries.national import Known, Year
from quinze.staffing.reports.report import Drawing, Report, Section, Table, columns, written

Measure = tuple[str, str, Callable[[Known], float | None]]
MEASURES: tuple[Measure, ...] = (
    ("Appels présentés par heure", "tenth", lambda one: one.samu.calls_per_hour),
    ("Décrochés ÷ présentés", "share", lambda one: one.samu.answered_share),
    ("Décrochés en moins d’une minute ÷ décrochés (QS60)", "share", lambda one: one.samu.qs60),
    ("Postes d’ARM 24 h/24, toutes tâches", "tenth", lambda one: one.samu.arm_posts),
    ("DR par heure d’ARM", "rate", lambda one: one.samu.files_per_arm_hour),
    ("DRM par heure de régulateur", "rate", lambda one: one.samu.medical_files_per_regulator_hour),
    ("Part libérale des DRM", "share", lambda one: one.samu.liberal_share),
    ("Charge effective par appel décroché", "seconds", lambda one: one.handling_s),
    ("Patience qui l’accompagne", "seconds", lambda one: one.patience_s),
)
DRAWN = (1, 2, 7)


def samu_report(year: Year, own: Known) -> Report:
    """SAMU with a figure missing or impossible are left out of the ranks of all measures, never corrected."""
    compared = [_compared(measure, year.all, own) for measure in MEASURES]
    return Report(
        name=f"samu-{own.samu.departement}-{year.year}",
        title=f"{own.samu.name}, parmi {len(year.all)} SAMU",
        subtitle=f"SAE {year.year} (DREES, SMURSAMU), déclarations des établissements",
        answer=_answer(own, compared, year),
        sections=(
            Section("Votre SAMU et les autres", table=Table("Rang 1 : la plus grande valeur", _HEADS, tuple(compared))),
            *(_drawn(MEASURES[index], year.all, own) for index in DRAWN),
            Section("La France", table=_france([one.samu for one in year.all], year.year)),
            _doubtful(year),
        ),
        limits=LIMITS,
    )


_HEADS = columns("Mesure", "Votre SAMU", "1er quart", "Médiane", "3e quart", ("Rang", "text"))
LIMITS = (
    "La SAE est déclarative : les dénominateurs, surtout celui du QS60, diffèrent d’un centre à l’autre.",
    (
        "La charge effective suppose des heures d’ARM étalées sur toute la journée et une journée type d’appels ; elle"
        " contient tout le travail fait entre deux décrochés, pas la seule conversation."
    ),
    "Une valeur extrême appelle une vérification de la déclaration avant toute conclusion.",
)


def _compared(measure: Measure, everyone: Sequence[Known], own: Known) -> tuple[str, ...]:
    label, kind, of = measure
    values, mine = _values(measure, everyone), of(own)
    quarters = [written(_quantile(values, share), kind) for share in (0.25, 0.5, 0.75)]
    rank = "–" if mine is None or own.doubts else f"{1 + sum(value > mine for value in values)} sur {len(values)}"
    return (label, written(mine, kind), *quarters, rank)


def _values(measure: Measure, everyone: Sequence[Known]) -> list[float]:
    return sorted(value for one in everyone if not one.doubts and (value := measure[2](one)) is not None)


def _quantile(values: Sequence[float], share: float) -> float | None:
    return quantile(values, share) if values else None


def _answer(own: Known, compared: Sequence[tuple[str, ...]], year: Year) -> tuple[str, ...]:
    found = [
        f"{label} : {mine} (médiane {median} ; rang {rank})."
        for label, mine, _, median, _, rank in (compared[1], compared[2], compared[7])
        if mine != "–"
    ]
    doubts = [f"À vérifier dans la déclaration de {year.year} : {' ; '.join(own.doubts)}."] if own.doubts else []
    return tuple(found + doubts)


def _drawn(measure: Measure, everyone: Sequence[Known], own: Known) -> Section:
    label, kind, of = measure
    values, mine = _values(measure, everyone), of(own)
    return Section(
        label, drawing=_ranks(values, mine, label, kind), drawing_label=f"{label} : tous les SAMU, le vôtre marqué"
    )


def _ranks(values: Sequence[float], mine: float | None, label: str, kind: str) -> Drawing:
    def drawn() -> dict[str, Any]:
        from quinze.staffing.reports import charts  # noqa: PLC0415

        return charts.ranks(values, own=mine, title=label, kind=kind)

    return drawn


def _france(samus: Sequence[Samu], year: int) -> Table:
    rows = tuple((figure.label, shown(figure)) for figure in national(samus))
    return Table(f"Tableau national {year}, tous les SAMU", columns("Mesure", ("Valeur", "count")), rows)


def shown(figure: Figure) -> str:
    return written(figure.value, figure.kind)


def _doubtful(year: Year) -> Section:
    rows = tuple((one.samu.departement, one.samu.name, " ; ".join(one.doubts)) for one in year.all if one.doubts)
    table = Table("Écartés des rangs", columns("Dép.", "SAMU", "Anomalie"), rows)
    return Section(f"Déclarations à vérifier : {len(rows)} SAMU", table=table)
