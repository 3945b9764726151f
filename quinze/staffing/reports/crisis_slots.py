"""The crisis by quarter-hour: two drawings, and one table a level."""

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

from quinze.science.queueing.capacity import Line
from quinze.staffing.drill import ALONE, ANSWERED, PLANNED, SLOTS, Outcome, level_of
from quinze.staffing.reports.report import Cell, Drawing, Section, Table, columns

if TYPE_CHECKING:
    from quinze.science.callcentre.tracks import Measure, Track

VARIANTS = (PLANNED, ALONE, ANSWERED)
BEFORE = 4  # quarter-hours shown before the crisis
Row = dict[str, Any]


def drawings_of(found: Outcome) -> tuple[Section, Section]:
    within = f"{found.drill.study.front.within_s:g} s"
    return (
        Section(
            f"Décroché en {within}, quart d’heure par quart d’heure",
            drawing=_front(found),
            drawing_label=f"Part décrochée en {within} : journée prévue, sans réponse, avec réponse",
        ),
        Section(
            "Files d’attente",
            drawing=_queues(found),
            drawing_label="Appelants en attente à chaque niveau : journée prévue, sans réponse, avec réponse",
        ),
    )


def _front(found: Outcome) -> Drawing:
    def drawn() -> dict[str, Any]:
        from quinze.science.callcentre.tracks import served  # noqa: PLC0415
        from quinze.staffing.reports import charts  # noqa: PLC0415  (Altair takes a second)

        rows = [row for name in VARIANTS for row in _points(found.played[name].ours[level_of("n1")], served, name)]
        return charts.crisis(rows, lines=VARIANTS, struck=_struck(found), title="part décrochée à temps")

    return drawn


def _queues(found: Outcome) -> Drawing:
    def drawn() -> dict[str, Any]:
        from quinze.science.callcentre.tracks import queue  # noqa: PLC0415
        from quinze.staffing.reports import charts  # noqa: PLC0415

        rows = [
            row | {"niveau": line.label}
            for line in found.drill.lines
            for name in VARIANTS
            for row in _points(found.played[name].ours[level_of(line.key)], queue, name)
        ]
        return charts.crisis_queues(rows, lines=VARIANTS, levels=[line.label for line in found.drill.lines])

    return drawn


def _points(track: "Track", measure: "Measure", name: str) -> list[Row]:
    from quinze.science.callcentre.tracks import by_slot  # noqa: PLC0415

    values, widths = by_slot(track, measure)
    return [
        {"heure": slot / 4, "valeur": value, "bas": value - width, "haut": value + width, "ligne": name}
        for slot, (value, width) in enumerate(zip(values.tolist(), widths.tolist(), strict=True))
        if not isnan(value)
    ]


def _struck(found: Outcome) -> tuple[float, float] | None:
    struck = found.drill.incident
    return (struck.start / 4, struck.stop / 4) if struck else None


# ---- tables


def slot_sections(found: Outcome, window: range) -> Sequence[Section]:
    shown = range(max(0, window.start - BEFORE), min(SLOTS, window.stop))
    return [_table(found, line, shown) for line in found.drill.lines]


def _table(found: Outcome, line: Line, shown: range) -> Section:
    from quinze.science.callcentre import tracks  # noqa: PLC0415

    front = line.key in {"n1", "arm"}
    before, after = (found.played[name].ours[level_of(line.key)] for name in (ALONE, ANSWERED))
    goal = f"en {line.goal.within_s:g} s"
    pairs: list[tuple[str, str, list[float], list[float]]] = [
        ("Appels", "tenth", *_pair(before, after, tracks.calls)),
        (f"Pris {goal}", "share", *_pair(before, after, tracks.served)),
        ("Attente", "seconds", *_pair(before, after, tracks.wait)),
        ("Attente de 95 %", "seconds", tracks.late_waits(before).tolist(), tracks.late_waits(after).tolist()),
        ("File", "tenth", *_pair(before, after, tracks.queue)),
    ]
    if front:
        pairs.append(("Perdus", "tenth", *_pair(before, after, tracks.lost)))
        pairs.append(("Vitaux gardés", "tenth", *_pair(before, after, tracks.held)))
    heads = columns(
        "Quart d’heure", *((f"{name}, {side}", kind) for name, kind, *_ in pairs for side in ("sans", "avec"))
    )
    rows = tuple((_clock(slot), *(_known(values[slot]) for _, _, *both in pairs for values in both)) for slot in shown)
    return Section(
        f"{line.label}, quart d’heure par quart d’heure",
        table=Table("Sans et avec la réponse ; moyennes des journées tirées au sort", heads, rows),
    )


def _pair(before: "Track", after: "Track", measure: "Measure") -> tuple[list[float], list[float]]:
    from quinze.science.callcentre.tracks import by_slot  # noqa: PLC0415

    return by_slot(before, measure)[0].tolist(), by_slot(after, measure)[0].tolist()


def _known(value: float) -> Cell:
    return None if isnan(value) else value


def _clock(slot: int) -> str:
    return f"{slot // 4 % 24:02}:{slot % 4 * 15:02}" + " (+1 j)" * (slot >= 96)
