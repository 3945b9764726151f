"""Log lines without what people asked for: no identifier, address, token or name of a request stays in them."""

import logging
import re
import traceback

from django.http import HttpRequest

HIDDEN = "‹…›"
DEEPEST = 8
_DETAIL = re.compile(r"^(DETAIL|CONTEXT|LINE \d+|PARAMETERS):.*$", re.MULTILINE)
_QUERY = re.compile(r"(?<=[\w/])\?[^\s\"'<>]+")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_TOKEN = re.compile(
    r"(?<![\w./-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}(?![\w./-])"  # a word by itself
    r"|(?<=/)(?=[\w-]*\d)[\w-]{20,}(?=[./\s\"']|$)"  # a step of an address
)
_NUMBER = re.compile(r"\d(?:[ .-]?\d){5,}[A-Z]*\b")
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ")


def redacted(text: str) -> str:
    """Query strings, addresses of mail, tokens and long numbers are hidden, and the values that PostgreSQL repeats."""
    for pattern in (_DETAIL, _QUERY, _MAIL, _TOKEN, _NUMBER):
        text = pattern.sub(HIDDEN, text)
    return text


class Redacting(logging.Formatter):
    """For every handler: the last word before a line is written, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(_by_route(record))
        moment = _MOMENT.match(line)
        kept = moment[0] if moment else ""
        return kept + redacted(line[len(kept) :])


def _by_route(record: logging.LogRecord) -> logging.LogRecord:
    """Django writes the path of a refused request, which may hold the key of an address: its route says as much."""
    request = getattr(record, "request", None)
    if not isinstance(request, HttpRequest) or not isinstance(record.args, tuple):
        return record
    copy = logging.makeLogRecord(record.__dict__)
    copy.args = tuple(route_of(request) if one == request.path else one for one in record.args)
    return copy


def route_of(request: HttpRequest) -> str:
    """The pattern of the address (`fhir/Slot`, `agenda/<str:token>.ics`), never what was put in it."""
    match = request.resolver_match
    return f"/{match.route}" if match else "(adresse inconnue)"


def where(error: BaseException) -> str:
    """The kind of an error and the lines it went through; not its message, which may repeat what was received."""
    frames = reversed(traceback.extract_tb(error.__traceback__)[-DEEPEST:])
    steps = (f"{frame.name} ({frame.filename.rpartition('/')[2]}:{frame.lineno})" for frame in frames)
    return f"{type(error).__name__} in {' < '.join(steps)}"
