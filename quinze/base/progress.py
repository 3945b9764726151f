"""Telling a person at a terminal how far long work has come; in a log, every tenth."""

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import TextIO, TypeVar

Item = TypeVar("Item")
WIDTH = 24
REFRESH = 0.1


class Progress:
    def __init__(self, *, total: int | None, label: str, stream: TextIO | None = None) -> None:
        self.total, self.label, self.done = total, label, 0
        self.stream = stream or sys.stderr
        self._live = self.stream.isatty()
        self._began = time.monotonic()
        self._drawn = 0.0
        self._tenth = 0

    def step(self, count: int = 1) -> None:
        self.done += count
        if self._live:
            self._redraw()
        elif self.total and (tenth := self.done * 10 // self.total) > self._tenth:
            self._tenth = tenth
            self._line(f"{self.label} : {tenth * 10} %")

    def close(self) -> None:
        seconds = time.monotonic() - self._began
        said = f"{self.label} : {_figure(self.done)} en {seconds:.1f} s".replace(".", ",")
        self._line(f"\r\033[K{said}" if self._live else said)

    def _redraw(self) -> None:
        now = time.monotonic()
        if now - self._drawn < REFRESH:
            return
        self._drawn = now
        self.stream.write(f"\r\033[K{self.label} {self._bar()}")
        self.stream.flush()

    def _bar(self) -> str:
        if not self.total:
            return _figure(self.done)
        share = min(1.0, self.done / self.total)
        full = round(share * WIDTH)
        return f"{'█' * full}{'░' * (WIDTH - full)} {share:4.0%} {_figure(self.done)} / {_figure(self.total)}"

    def _line(self, text: str) -> None:
        self.stream.write(text + "\n")
        self.stream.flush()


def _figure(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


@contextmanager
def progress(*, total: int | None, label: str, stream: TextIO | None = None) -> Iterator[Progress]:
    """`with progress(total=n, label="Communes") as bar: bar.step()`; says the time it took at the end."""
    bar = Progress(total=total, label=label, stream=stream)
    yield bar
    bar.close()


def track(
    items: Iterable[Item], *, total: int | None = None, label: str, stream: TextIO | None = None
) -> Iterator[Item]:
    """The same items, counted as they are consumed."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    with progress(total=total, label=label, stream=stream) as bar:
        for item in items:
            yield item
            bar.step()
