"""iCalendar as text: what can be said and left out of it before anything parses it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

LONGEST_LINE = 100_000
_EVENT = re.compile(r"^BEGIN:VEVENT[ \t]*$.*?^END:VEVENT[ \t]*$\n?", re.MULTILINE | re.DOTALL | re.IGNORECASE)
_DATE = re.compile(r"^(DTSTART|DTEND)[^:\n]*:(\d{8})", re.MULTILINE | re.IGNORECASE)
_REPEATS = re.compile(r"^(RRULE|RDATE|RECURRENCE-ID|DURATION)[;:]", re.MULTILINE | re.IGNORECASE)
# What no busy time needs. Names, reasons and attachments are dropped before anything else sees them.
_PRIVATE = re.compile(
    r"^(DESCRIPTION|LOCATION|ATTENDEE|ORGANIZER|COMMENT|CONTACT|ATTACH|GEO|URL|X-ALT-DESC|CONFERENCE"
    r"|X-GOOGLE-CONFERENCE|X-MICROSOFT-SKYPE[A-Z-]*|X-APPLE-[A-Z-]*)[;:].*\n",
    re.MULTILINE | re.IGNORECASE,
)
_ALARM = re.compile(r"^BEGIN:VALARM[ \t]*$.*?^END:VALARM[ \t]*$\n?", re.MULTILINE | re.DOTALL | re.IGNORECASE)


class Unreadable(ValueError):  # noqa: N818  (an answer about somebody else's file)
    """`code` is for those who count, `message` for the doctor."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def unfolded(content: bytes) -> str:
    """One property a line, whatever the ends of line and the character set that the server chose."""
    text = _decoded(content).replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"\n[ \t]", "", text)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def checked(text: str) -> str:
    """A whole calendar and nothing else. A cut one would show as free the hours that it lost: it is refused."""
    head = text[:2000].lstrip().lower()
    if head.startswith(("<!doctype html", "<html")) or "<html" in head:
        raise Unreadable("html", "L’adresse donne une page web, et non un agenda : prenez l’adresse « iCal » secrète.")
    if not head.startswith("begin:vcalendar"):
        raise Unreadable("not_ics", "Le contenu n’est pas un agenda iCalendar.")
    opened, closed = (len(re.findall(rf"(?mi)^{edge}:VEVENT", text)) for edge in ("BEGIN", "END"))
    if opened != closed or not text.rstrip().upper().endswith("END:VCALENDAR"):
        raise Unreadable("truncated", "L’agenda reçu est coupé avant la fin : la dernière lecture complète est gardée.")
    return text


def shortened(text: str, *, start: datetime, end: datetime) -> str:
    """Without the single events that are over or far ahead, nor anything that no busy time needs."""
    first, last = (f"{day:%Y%m%d}" for day in (start - timedelta(days=2), end + timedelta(days=2)))

    def kept(match: re.Match[str]) -> str:
        event = match[0]
        return "" if _elsewhere(event, first, last) else _without_private(event)

    return _EVENT.sub(kept, text)


def events(text: str) -> Iterator[str]:
    return (match[0] for match in _EVENT.finditer(text))


def _without_private(event: str) -> str:
    event = _PRIVATE.sub("", _ALARM.sub("", event))
    return "".join(line for line in event.splitlines(keepends=True) if len(line) < LONGEST_LINE)


def _elsewhere(event: str, first: str, last: str) -> bool:
    """Only what is surely outside: an event that repeats, or lasts so long, is left to the calendar library."""
    if _REPEATS.search(event):
        return False
    dates: dict[str, str] = {name.upper(): day for name, day in _DATE.findall(event)}
    if not (begins := dates.get("DTSTART")):
        return False
    ends = max(begins, dates.get("DTEND", begins))
    return begins > last or ends < first
