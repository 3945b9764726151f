"""The two drawings of the equity page as plain coordinates. Each stands beside the table of its figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from quinze.science.equity import Point

WIDTH, HEIGHT = 320, 150
LEFT, RIGHT, TOP, BOTTOM = 26, 6, 8, 18
Figure = tuple[float | None, float | None]  # seen, by chance alone


@dataclass(frozen=True, slots=True)
class Chart:
    width: int
    height: int
    seen: tuple[str, ...]
    """Points of one line for each run of weeks that have a figure: « x,y x,y »."""
    other: tuple[str, ...]
    """By chance alone; on the distribution, perfect equity."""
    dots: tuple[tuple[float, float], ...]
    hollow: tuple[tuple[float, float], ...]
    ticks: tuple[tuple[float, str], ...]  # height, label of the vertical axis


def weeks_chart(figures: Sequence[Figure]) -> Chart:
    """The coefficient of each week from 0 to 1, oldest first; a week without figure is a gap."""
    xs = [_x(index / max(1, len(figures) - 1)) for index in range(len(figures))]
    seen = [(x, None if value is None else _y(value)) for x, (value, _) in zip(xs, figures, strict=True)]
    chance = [(x, None if value is None else _y(value)) for x, (_, value) in zip(xs, figures, strict=True)]
    return Chart(WIDTH, HEIGHT, _runs(seen), _runs(chance), _dots(seen), _dots(chance), _TICKS)


def curve_chart(curve: Sequence[Point]) -> Chart:
    """The Lorenz curve over the diagonal of perfect equity."""
    line = [(_x(point.weight), _y(point.value)) for point in curve]
    return Chart(WIDTH, HEIGHT, _runs(line), _runs([(_x(0), _y(0)), (_x(1), _y(1))]), (), (), _TICKS)


def _x(part: float) -> float:
    return round(LEFT + float(part) * (WIDTH - LEFT - RIGHT), 1)


def _y(part: float) -> float:
    return round(TOP + (1.0 - part) * (HEIGHT - TOP - BOTTOM), 1)


_TICKS = tuple((_y(value), label) for value, label in ((0.0, "0"), (0.5, "0,5"), (1.0, "1")))


def _dots(points: Iterable[tuple[float, float | None]]) -> tuple[tuple[float, float], ...]:
    return tuple((x, y) for x, y in points if y is not None)


def _runs(points: Iterable[tuple[float, float | None]]) -> tuple[str, ...]:
    runs: list[list[str]] = [[]]
    for x, y in points:
        if y is not None:
            runs[-1].append(f"{x},{y}")
        elif runs[-1]:
            runs.append([])
    return tuple(" ".join(run) for run in runs if run)
