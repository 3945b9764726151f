"""What one person, or a fifth of the calls, would change now."""

from collections.abc import Mapping, Sequence

from quinze.science.queueing.capacity import Study, plan
from quinze.science.queueing.today import WhatIf, crowd_melts_s, what_if
from quinze.staffing.reports.report import Report, Section, Table, columns, hour, written
from quinze.staffing.reports.today_played import played

TIMES, MINUTES = 4, 20
LIMITS = (
    "Premier tableau : chaque ligne seule, comme si l’heure durait ; une personne déplacée se lit sur les deux lignes.",
    "Premier tableau : le décroché par Erlang A, les lignes suivantes par Erlang C, plutôt optimistes.",
    "Second tableau : tous les niveaux ensemble, durées lognormales, vitaux gardés au N1, sans rappel ni entraide.",
    "Avec des priorités et deux niveaux, une personne de plus n’améliore pas toujours tout : voyez le second tableau.",
    "La foule est comptée comme un flux, où personne ne raccroche ni ne rappelle.",
)


def today_report(study: Study, *, at_hour: int, factor: float, posts: Mapping[str, int], place: str) -> Report:
    needs = plan(study)
    found = what_if(needs, hour=at_hour, factor=factor, posts=posts)
    return Report(
        name="et-si",
        title=f"Et si, à {hour(at_hour)}, {place}",
        subtitle=f"{written(found[0].calls_per_hour, 'tenth')} appels par heure au décroché",
        answer=(*_best(found), *_below(found), _crowd(found)),
        sections=(
            Section(f"À {hour(at_hour)} : une personne, un cinquième des appels", table=_table(found)),
            played(study, needs, at_hour=at_hour, factor=factor, posts=posts),
        ),
        limits=LIMITS,
    )


def _best(found: Sequence[WhatIf]) -> tuple[str, ...]:
    best = max(found, key=lambda one: one.calls_gained)
    if best.calls_gained < 0.05:
        return ("Nulle part une personne de plus ne se verrait.",)
    return (
        (
            f"Une personne de plus sert le mieux en {best.line.label} :"
            f" {_within(best)} de {written(best.now, 'share')} à {written(best.one_more, 'share')}."
        ),
    )


def _within(one: WhatIf) -> str:
    return f"pris en {one.line.goal.within_s:g} s,"


def _below(found: Sequence[WhatIf]) -> tuple[str, ...]:
    late = [one.line.label for one in found if not one.at_goal]
    falls = [one.line.label for one in found if one.at_goal and one.more_calls < one.line.goal.target]
    return tuple(
        f"{words} : {', '.join(labels)}."
        for words, labels in (
            ("Sous l’objectif maintenant", late),
            ("Sous l’objectif avec 20 % d’appels en plus", falls),
        )
        if labels
    )


def _crowd(found: Sequence[WhatIf]) -> str:
    what = f"{TIMES} fois plus d’appels pendant {MINUTES} min"
    melts = crowd_melts_s(found, times=TIMES, minutes=MINUTES)
    if melts is None:
        return f"{what} : avec ces postes, la file ne se vide plus."
    return f"{what} : il faut {written(melts / 60, 'count')} min ensuite pour vider la file la plus longue."


def _table(found: Sequence[WhatIf]) -> Table:
    heads = columns(
        "Ligne", ("Appels par heure", "tenth"), ("Postes", "count"), ("Délai", "seconds"), ("un de moins", "share"),
        ("maintenant", "share"), ("un de plus", "share"), ("20 % d’appels en moins", "share"),
        ("20 % d’appels en plus", "share"),
    )  # fmt: skip
    rows = tuple(
        (
            one.line.label, one.calls_per_hour, one.posts, one.line.goal.within_s, one.one_less, one.now, one.one_more,
            one.fewer_calls, one.more_calls,
        )
        for one in found
    )  # fmt: skip
    return Table("Part des appels de la ligne pris dans leur délai", heads, rows)
