"""A crisis drilled: the planned day, the crisis without and with what is answered, on the same callers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import isnan
from typing import TYPE_CHECKING, Any

from quinze.science.queueing.capacity import Line
from quinze.staffing.drill import (
    ALONE,
    ANSWERED,
    PLANNED,
    QUARTERS_OF_DAY,
    SIZED,
    SLOTS,
    Drill,
    Outcome,
    drilled,
    level_of,
)
from quinze.staffing.reports.crisis_slots import drawings_of, slot_sections
from quinze.staffing.reports.report import Cell, Report, Section, Table, columns, sentence_list, written

if TYPE_CHECKING:
    from quinze.science.callcentre.intervals import Interval
    from quinze.science.callcentre.tracks import Measure, Track

LONGER_S, SHOWN_IN_MINUTES = 5, 120
AFTER = 4  # quarter-hours still compared once the room is calm
LIMITS = (
    "Appelants, patience, conversations sont les mêmes dans chaque variante : seul change ce que vous changez.",
    "« ± » est l’intervalle à 95 % de ces journées tirées au sort ; il ne contient pas l’erreur sur vos hypothèses.",
    "Un appel perdu a été raccroché avant réponse, a sonné occupé ou est resté sans réponse ; chaque essai compte.",
    "Une personne rappelée répond comme les autres dès l’heure dite ; personne ne se fatigue.",
    "Derrière le décroché personne ne raccroche : qui attend trop longtemps compte comme attente, pas comme perdu.",
    "Un poste que personne ne tient est pris à côté : N2 AMU par le N1, N2 SNP par le N2 AMU, médecin SNP par l’AMU.",
    "Les motifs restent ceux d’un jour ordinaire : une vraie crise change aussi la part des urgences et les durées.",
    "Le N1 ne peut pas être réservé aux vitaux : avant de répondre, il ne sait pas qui appelle.",
    "Les personnes à rappeler sont calculées par Erlang A et C, quart d’heure par quart d’heure : plutôt optimistes.",
)


def crisis_report(drill: Drill, *, place: str) -> Report:
    found = drilled(drill)
    window = compared(found)
    return Report(
        name="exercice-de-crise",
        title=f"Exercice de crise, {place}",
        subtitle=" · ".join((*drill.told, *_what_strikes(drill))),
        answer=_answer(found, window),
        sections=(
            drawings_of(found)[0],
            _served(found, window),
            _waits(found, window),
            _late_waits(found, window),
            _counts(found, window),
            _back(found),
            *_to_recall(found),
            drawings_of(found)[1],
            *slot_sections(found, window),
        ),
        limits=(f"{found.replications} journées tirées au sort, les mêmes pour chaque variante.", *LIMITS),
    )


def compared(found: Outcome) -> range:
    """From the first thing that strikes until the room, left to itself, is calm and an hour more; all day without."""
    struck = found.drill.incident
    if struck is None:
        return range(QUARTERS_OF_DAY)
    ends = [SLOTS if end is None else end for first, end in _recoveries(found, ALONE, struck.start).values() if first]
    calm = max(ends, default=0)
    return range(struck.start, min(SLOTS, max(calm, struck.stop) + AFTER))


def clock(slot: int) -> str:
    if slot == QUARTERS_OF_DAY:
        return "24:00"
    return f"{slot // 4 % 24:02}:{slot % 4 * 15:02}" + " le lendemain" * (slot > QUARTERS_OF_DAY)


# ---- in sentences


def _what_strikes(drill: Drill) -> tuple[str, ...]:
    told = []
    if drill.crowded:
        ramp = f", montée {15 * drill.crowd_ramp} min" * bool(drill.crowd_ramp)
        told.append(f"appels × {drill.factor:g} de {clock(drill.crowd_start)} à {clock(drill.crowd_end)}{ramp}")
    if drill.outage:
        start, end = (f"{minute // 60 % 24:02}:{minute % 60:02}" for minute in drill.outage)
        told.append(f"téléphonie coupée de {start} à {end}")
    labels = {line.key: line.label for line in drill.lines}
    told += [f"absents {labels[one.line]} : {one.people}, {_when(one.start, one.end)}" for one in drill.absent]
    return tuple(told) or ("aucun incident",)


def _when(start: int, end: int) -> str:
    return f"dès {clock(start)}" if end >= SLOTS else f"de {clock(start)} à {clock(end)}"


def _response(drill: Drill) -> str:
    labels = {line.key: line.label for line in drill.lines}
    told = [f"{one.people} de plus en {labels[one.line]} {_when(one.start, one.end)}" for one in drill.recalled]
    if drill.help_after is not None:
        told.append(f"aide du N2 au décroché après {drill.help_after:g} s")
    if drill.neighbour:
        told.append(f"aide d’un voisin après {drill.neighbour[1]:g} s")
    told += ["SNP rappelées"] * drill.call_back
    told += [f"{drill.reserve} du N2 AMU gardés au vital"] * bool(drill.reserve)
    return sentence_list(told)


def _answer(found: Outcome, window: range) -> tuple[str, ...]:
    if found.drill.incident is None:
        return ("Aucun incident : les trois variantes ne diffèrent que par la réponse.", *_gain(found, window))
    return (_left_alone(found, window), *_below(found, window), *_gain(found, window), _lacking(found))


def _below(found: Outcome, window: range) -> tuple[str, ...]:
    from quinze.science.callcentre.tracks import over, served  # noqa: PLC0415

    target = found.drill.study.front.target
    if not over(_front(found, PLANNED), served, window).mean < target:
        return ()
    return (f"Même sans crise, ces postes ne tiennent pas l’objectif de {written(target, 'share')} à ces heures.",)


def _left_alone(found: Outcome, window: range) -> str:
    from quinze.science.callcentre.tracks import apart, lost, over, served  # noqa: PLC0415

    planned, alone = (_front(found, name) for name in (PLANNED, ALONE))
    more = apart(planned, alone, lost, window)
    return (
        f"Sans réponse, {_span(window)} : {_in_time(found)} {_part(over(alone, served, window))} au lieu de"
        f" {_part(over(planned, served, window))}, {_signed(more)} appels perdus ; {_calm(found, ALONE)}."
    )


def _gain(found: Outcome, window: range) -> tuple[str, ...]:
    from quinze.science.callcentre.tracks import apart, lost, over, served  # noqa: PLC0415

    if not found.drill.is_answered:
        return ("Aucune réponse n’est donnée : « avec réponse » est la même journée.",)
    alone, answered = (_front(found, name) for name in (ALONE, ANSWERED))
    spared = apart(answered, alone, lost, window)
    doubt = " (le hasard suffit à l’expliquer)" if spared.holds(0) else ""
    calm = f" ; {_calm(found, ANSWERED)}" if found.drill.incident else ""
    told = (
        f"Avec la réponse ({_response(found.drill)}) : {_in_time(found)} {_part(over(answered, served, window))},"
        f" {_signed(spared).lstrip('+')} appels perdus évités{doubt}{calm}."
    )
    return (told, *_moved(found, window))


def _moved(found: Outcome, window: range) -> tuple[str, ...]:
    """Where the answer makes people wait longer: what is taken sooner at the door waits behind."""
    from quinze.science.callcentre.tracks import apart, wait  # noqa: PLC0415

    alone, answered = (found.played[name].ours for name in (ALONE, ANSWERED))
    longer = []
    for line in found.drill.lines:
        change = apart(alone[level_of(line.key)], answered[level_of(line.key)], wait, window)
        if change.mean - change.half_width > LONGER_S:
            longer.append(f"{line.label} ({_minutes(change)})")
    return (f"Elle allonge l’attente moyenne en {sentence_list(longer)}.",) if longer else ()


def _minutes(found: "Interval") -> str:
    if found.mean < SHOWN_IN_MINUTES:
        return f"{_signed(found)} s"
    return f"{_signed(replace(found, mean=found.mean / 60, half_width=found.half_width / 60))} min"


def _lacking(found: Outcome) -> str:
    if not found.lacking:
        return "Les postes tenus suffisent à chaque quart d’heure de cette crise : personne n’est à rappeler."
    people = [f"{one.people} en {one.line.label} ({_when(one.start, one.end)})" for one in found.lacking]
    return f"À rappeler pour tenir les objectifs pendant la crise : {sentence_list(people)}."


def _calm(found: Outcome, name: str) -> str:
    start = found.drill.incident.start if found.drill.incident else 0
    recoveries = _recoveries(found, name, start)
    out = [(first, end) for first, end in recoveries.values() if first is not None]
    if not out:
        return "la salle reste à la normale"
    if any(end is None for _, end in out):
        return f"la salle n’est pas revenue à la normale à {clock(SLOTS)}"
    return f"la salle revient à la normale à {clock(max(end for _, end in out if end is not None))}"


def _in_time(found: Outcome) -> str:
    return f"part décrochée en {found.drill.study.front.within_s:g} s"


def _span(window: range) -> str:
    return f"de {clock(window.start)} à {clock(window.stop)}"


def _part(found: "Interval") -> str:
    if isnan(found.mean):
        return "inconnue"
    return f"{100 * found.mean:.1f} % ± {100 * found.half_width:.1f}".replace(".", ",")


def _signed(found: "Interval") -> str:
    decimals = 0 if abs(found.mean) >= 10 else 1
    text = f"{found.mean:+.{decimals}f} ± {found.half_width:.{decimals}f}"
    return text.replace("-", "−").replace(".", ",")


# ---- level by level


def _front(found: Outcome, name: str) -> "Track":
    return found.played[name].ours[level_of("n1")]


def _recoveries(found: Outcome, name: str, start: int) -> Mapping[str, tuple[int | None, int | None]]:
    from quinze.science.callcentre.tracks import recovery  # noqa: PLC0415

    before, after = found.played[PLANNED].ours, found.played[name].ours
    return {
        line.key: recovery(before[level], after[level], target=line.goal.target, start=start)
        for line in found.drill.lines
        for level in [level_of(line.key)]
    }


def _heads(found: Outcome, kind: str, first: str = "Niveau") -> Any:
    names = [name for name in (PLANNED, ALONE, ANSWERED) if name in found.played]
    last = [(SIZED, kind)] if SIZED in found.played else []
    apart_kind = "points" if kind == "share" else kind
    return columns(first, *((name, kind) for name in names), ("réponse − sans", apart_kind), ("±", kind), *last)


def _row(found: Outcome, tracks: Callable[[str], "Track"], measure: "Measure", window: range) -> tuple[Cell, ...]:
    from quinze.science.callcentre.tracks import apart, over  # noqa: PLC0415

    values = [_known(over(tracks(name), measure, window).mean) for name in (PLANNED, ALONE, ANSWERED)]
    change = apart(tracks(ALONE), tracks(ANSWERED), measure, window)
    sized = [_known(over(tracks(SIZED), measure, window).mean)] if SIZED in found.played else []
    return (*values, _known(change.mean), _known(change.half_width), *sized)


def _known(value: float) -> float | None:
    return None if isnan(value) else value


def _by_level(found: Outcome, measure: "Measure", window: range) -> list[tuple[Cell, ...]]:
    return [(line.label, *_row(found, partial(_of_line, found, line), measure, window)) for line in found.drill.lines]


def _of_line(found: Outcome, line: Line, name: str) -> "Track":
    return found.played[name].ours[level_of(line.key)]


def _served(found: Outcome, window: range) -> Section:
    from quinze.science.callcentre.tracks import served  # noqa: PLC0415

    rows = _by_level(found, served, window)
    goals = {line.label: f"{line.label}, en {line.goal.within_s:g} s" for line in found.drill.lines}
    rows = [(goals[str(row[0])], *row[1:]) for row in rows]
    if found.drill.neighbour:
        level = level_of("n1")
        rows.append(
            ("Décroché du voisin", *_row(found, lambda name: found.played[name].centres[1][level], served, window))
        )
    table = Table(
        f"Part des appels pris dans le délai de l’étude, {_span(window)}", _heads(found, "share"), tuple(rows)
    )
    return Section("Pris à temps", table=table)


def _waits(found: Outcome, window: range) -> Section:
    from quinze.science.callcentre.tracks import hold, wait  # noqa: PLC0415

    rows = _by_level(found, wait, window)
    if len(found.drill.lines) > len(("n1", "n3_amu", "n3_snp")):
        rows.append(("Vital gardé par le N1", *_row(found, lambda name: _front(found, name), hold, window)))
    table = Table(f"Attente moyenne des appels pris, {_span(window)}", _heads(found, "seconds"), tuple(rows))
    return Section("Attente moyenne", table=table)


def _late_waits(found: Outcome, window: range) -> Section:
    from quinze.science.callcentre.tracks import late_wait  # noqa: PLC0415

    names = [name for name in (PLANNED, ALONE, ANSWERED, SIZED) if name in found.played]
    rows = tuple(
        (line.label, *(_known(late_wait(found.played[name].ours[level_of(line.key)], window)) for name in names))
        for line in found.drill.lines
    )
    caption = f"Attente que 95 % des appels pris n’ont pas dépassée, {_span(window)}"
    return Section(
        "Attente de 95 % des appels", table=Table(caption, columns("Niveau", *((n, "seconds") for n in names)), rows)
    )


def _counts(found: Outcome, window: range) -> Section:
    from quinze.science.callcentre import tracks  # noqa: PLC0415

    def of(label: str, measure: "Measure") -> tuple[Cell, ...]:
        return (label, *_row(found, lambda name: _front(found, name), measure, window))

    rows = [of("Appels présentés, rappels compris", tracks.calls), of("Appels perdus", tracks.lost)]
    if len(found.drill.lines) > len(("n1", "n3_amu", "n3_snp")):
        rows.append(of("Vitaux gardés par le N1", tracks.held))
    rows += [(f"File moyenne, {line[0]}", *line[1:]) for line in _by_level(found, tracks.queue, window)]
    caption = f"Nombre moyen par journée, {_span(window)}"
    return Section("Appels et files", table=Table(caption, _heads(found, "tenth", "Au décroché"), tuple(rows)))


def _back(found: Outcome) -> Section:
    names = [name for name in (ALONE, ANSWERED, SIZED) if name in found.played]
    start = found.drill.incident.start if found.drill.incident else 0
    by_name = {name: _recoveries(found, name, start) for name in names}
    rows = tuple(
        (line.label, f"{written(line.goal.target, 'share')} en {line.goal.within_s:g} s",
         *(text for name in names for text in _out_and_back(*by_name[name][line.key])))
        for line in found.drill.lines
    )  # fmt: skip
    heads = columns("Niveau", "Objectif", *(text for name in names for text in (f"{name} : hors dès", "revenu à")))
    caption = "Premier quart d’heure hors de l’objectif et pire que la journée prévue ; puis une heure entière revenu"
    return Section("Retour à la normale", table=Table(caption, heads, rows))


def _out_and_back(first: int | None, back: int | None) -> tuple[str, str]:
    if first is None:
        return "jamais", "–"
    return clock(first), "pas avant la fin" if back is None else clock(back)


def _to_recall(found: Outcome) -> Sequence[Section]:
    if not found.lacking:
        return ()
    rows = tuple((one.line.label, _when(one.start, one.end), one.held, one.needed, one.people) for one in found.lacking)
    heads = columns(
        "Niveau", "Heures", ("Tenus au pire moment", "count"), ("Qu’il faudrait", "count"), ("À rappeler", "count")
    )
    caption = f"Pour que chaque quart d’heure de la crise tienne son objectif ; « {SIZED} » est joué avec elles"
    return (Section("Personnes à rappeler", table=Table(caption, heads, rows)),)
