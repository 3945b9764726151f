"""Drawings of the studies, as Vega-Lite specifications. Imported only when one is drawn: Altair takes a second."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from quinze.staffing.reports.report import written

BLUE, ORANGE, GREY = "#1f5fa8", "#b5541c", "#5c6670"
WIDTH, HEIGHT = 620, 190
Row = dict[str, Any]


def _data(rows: Sequence[Row]) -> Any:
    return alt.Data(values=list(rows))  # type: ignore[no-untyped-call]


def _finished(chart: Any, *, height: int = HEIGHT) -> dict[str, Any]:
    ready = chart.properties(width=WIDTH, height=height).configure(
        font="IBM Plex Sans, Arial, sans-serif", background="white"
    )
    found: dict[str, Any] = ready.configure_view(stroke=None).to_dict()
    return found


def grouped(rows: Sequence[Row], *, title: str, x: str = "heure") -> dict[str, Any]:
    """Rows {x, valeur, ligne}: shares side by side, in the order of the rows."""
    lines = list(dict.fromkeys(row["ligne"] for row in rows))
    labels = alt.Axis(labelAngle=0) if x == "heure" else alt.Axis(labelAngle=-20, labelLimit=130)
    chart = (
        alt.Chart(_data(rows))
        .mark_bar()
        .encode(
            x=alt.X(f"{x}:O", title="heure" if x == "heure" else None, sort=None, axis=labels),
            xOffset=alt.XOffset("ligne:N", sort=lines),
            y=alt.Y("valeur:Q", title=title, axis=alt.Axis(format="%")),
            color=alt.Color(
                "ligne:N",
                title=None,
                scale=alt.Scale(domain=lines, range=[GREY, BLUE]),
                legend=alt.Legend(orient="top"),
            ),
        )
    )
    return _finished(chart)


def ranks(values: Sequence[float], *, own: float | None, title: str, kind: str) -> dict[str, Any]:
    """Every SAMU as a thin mark, one's own tall and labelled."""
    base = alt.Chart(_data([{"valeur": value} for value in values]))
    axis = alt.Axis(format="%" if kind == "share" else "")
    marks = base.mark_tick(color=GREY, opacity=0.6, size=22).encode(
        x=alt.X("valeur:Q", title=title, axis=axis, scale=alt.Scale(zero=False))
    )
    if own is None:
        return _finished(marks, height=60)
    mine = alt.Chart(_data([{"valeur": own, "texte": written(own, kind)}]))
    rule = mine.mark_tick(color=ORANGE, thickness=4, size=44).encode(x="valeur:Q")
    text = mine.mark_text(color=ORANGE, dy=-30, fontWeight="bold").encode(x="valeur:Q", text="texte:N")
    return _finished(marks + rule + text, height=60)


def stacked(rows: Sequence[Row], *, x: str, title: str) -> dict[str, Any]:
    """Rows {x, valeur, ligne, ordre}: bars on one another, the first line at the bottom."""
    chart = (
        alt.Chart(_data(rows))
        .mark_bar()
        .encode(
            x=alt.X(f"{x}:O", title="heure" if x == "heure" else None, sort=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("valeur:Q", title=title, axis=alt.Axis(tickMinStep=1)),
            color=alt.Color(
                "ligne:N",
                title=None,
                sort=alt.EncodingSortField("ordre", order="ascending"),
                scale=alt.Scale(scheme="tableau10"),
                legend=alt.Legend(orient="top"),
            ),
            order=alt.Order("ordre:Q"),
        )
    )
    return _finished(chart)


def coverage(rows: Sequence[Row], *, days: Sequence[str], title: str) -> dict[str, Any]:
    """Rows {quart, besoin, present}, `quart` in days from Monday 0 h: people there as an area, the need as a line."""
    names = f"{list(days)}[datum.value] || ''"
    axis = alt.Axis(values=list(range(len(days))), labelExpr=names, labelAlign="left", grid=True, tickCount=len(days))
    base = alt.Chart(_data(rows)).encode(
        x=alt.X("quart:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, len(rows) / 96], nice=False))
    )
    there = base.transform_calculate(ligne="'personnes présentes'").mark_area(
        interpolate="step-after", opacity=0.35, color=BLUE
    )
    need = base.transform_calculate(ligne="'besoin'").mark_line(interpolate="step-after", strokeWidth=1.5)
    colours = alt.Color(
        "ligne:N",
        title=None,
        scale=alt.Scale(domain=["besoin", "personnes présentes"], range=[ORANGE, BLUE]),
        legend=alt.Legend(orient="top"),
    )
    y = alt.Axis(tickMinStep=1)
    layers = there.encode(y=alt.Y("present:Q", title=title, axis=y), color=colours) + need.encode(
        y=alt.Y("besoin:Q", title=title, axis=y), color=colours
    )
    return _finished(layers)


def expected(rows: Sequence[Row], *, title: str) -> dict[str, Any]:
    """Rows {quart, appels, bas, haut}: what is expected as a line in its interval."""
    base = alt.Chart(_data(rows)).encode(x=alt.X("quart:T", title=None, axis=alt.Axis(format="%d/%m", tickCount="day")))
    band = base.mark_area(opacity=0.25, color=BLUE).encode(y=alt.Y("bas:Q", title=title), y2="haut:Q")
    line = base.mark_line(color=BLUE, strokeWidth=1).encode(y=alt.Y("appels:Q", title=title))
    return _finished(band + line)


COLOURS = [GREY, ORANGE, BLUE]


def crisis(
    rows: Sequence[Row], *, lines: Sequence[str], struck: tuple[float, float] | None, title: str
) -> dict[str, Any]:
    """Rows {heure, valeur, bas, haut, ligne}: shares by quarter-hour in their intervals, behind them when it struck."""
    base = alt.Chart(_data(rows)).encode(x=_hours(), color=_colours(lines))
    share = alt.Axis(format="%")
    scale = alt.Scale(domain=[0, 1], clamp=True)
    band = base.mark_area(opacity=0.18, interpolate="monotone").encode(
        y=alt.Y("bas:Q", title=title, axis=share, scale=scale), y2="haut:Q"
    )
    line = base.mark_line(strokeWidth=1.6, interpolate="monotone").encode(
        y=alt.Y("valeur:Q", title=title, axis=share, scale=scale)
    )
    if struck is None:
        return _finished(band + line, height=230)
    behind = alt.Chart(_data([{"de": struck[0], "a": struck[1]}])).mark_rect(color=ORANGE, opacity=0.1)
    return _finished(behind.encode(x="de:Q", x2="a:Q") + band + line, height=230)


def crisis_queues(rows: Sequence[Row], *, lines: Sequence[str], levels: Sequence[str]) -> dict[str, Any]:
    """Rows {heure, valeur, ligne, niveau}: one small drawing a level, each with its own scale."""
    chart = (
        alt.Chart(_data(rows))
        .mark_line(strokeWidth=1.4)
        .encode(x=_hours(), y=alt.Y("valeur:Q", title="appelants"), color=_colours(lines))
        .properties(width=WIDTH / 2 - 40, height=110)
        .facet(facet=alt.Facet("niveau:N", title=None, sort=list(levels)), columns=2)
        .resolve_scale(y="independent")
        .configure(font="IBM Plex Sans, Arial, sans-serif", background="white")
        .configure_view(stroke=None)
    )
    found: dict[str, Any] = chart.to_dict()
    return found


def _hours() -> Any:
    axis = alt.Axis(values=list(range(0, 31, 3)), labelExpr="(datum.value % 24) + ' h'")
    return alt.X("heure:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, 30], nice=False))


def _colours(lines: Sequence[str]) -> Any:
    scale = alt.Scale(domain=list(lines), range=COLOURS)
    return alt.Color("ligne:N", title=None, scale=scale, legend=alt.Legend(orient="top"))
