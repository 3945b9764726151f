"""The calendar of a level as people write it: « lun-ven 19:00-24:00 », « fériés 0:00-24:00 »."""

import re
from typing import Any

from quinze.base.codes import fold
from quinze.orientation.charter_labels import DAYS, window_words

HOURS = re.compile(r"(\d{1,2})(?:h|:)?(\d{2})?\s*(?:-|–|à)\s*(\d{1,2})(?:h|:)?(\d{2})?\s*$")
EXAMPLE = "lun-ven 19:00-24:00"


def write(windows: list[dict[str, Any]]) -> str:
    return "\n".join(map(window_words, windows))


def read(text: str) -> list[dict[str, Any]]:
    """One window a line. ValueError names the line that is not understood."""
    return [_window(line) for line in text.splitlines() if line.strip()]


def _window(line: str) -> dict[str, Any]:
    hours = HOURS.search(line.strip())
    if hours is None:
        raise ValueError(f"« {line.strip()} » : terminez par des heures, par exemple « {EXAMPLE} ».")
    start_hour, start_minute, end_hour, end_minute = hours.groups()
    window: dict[str, Any] = {
        "from": f"{int(start_hour):02d}:{start_minute or '00'}",
        "to": f"{int(end_hour):02d}:{end_minute or '00'}",
    }
    return _qualify(window, fold(line[: hours.start()]), line.strip())


def _qualify(window: dict[str, Any], words: str, line: str) -> dict[str, Any]:
    for phrase, key, value in (
        ("hors feries", "holidays", "never"),
        ("feries", "holidays", "only"),
        ("hors pdsa", "pdsa", False),
        ("pdsa", "pdsa", True),
    ):
        if phrase in words:
            window[key] = value
            words = words.replace(phrase, " ")
    days = sorted({day for part in re.split(r"[\s,]+", words.strip()) if part for day in _days(part, line)})
    if days:
        window["days"] = days
    return window


def _days(part: str, line: str) -> list[int]:
    ends = [DAYS.index(name[:3]) if name[:3] in DAYS else -1 for name in part.split("-")]
    if -1 in ends or len(ends) > 2 or ends[0] > ends[-1]:
        raise ValueError(f"« {line} » : « {part} » n’est pas un jour. Exemple : « {EXAMPLE} ».")
    return list(range(ends[0], ends[-1] + 1))
