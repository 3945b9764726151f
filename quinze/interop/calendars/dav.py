"""CalDAV (RFC 4791): one question, "the events between two instants", and the calendars of its answer."""

from datetime import UTC, datetime

from quinze.base import plain_xml
from quinze.interop.calendars.text import Unreadable, unfolded

DATA = "{urn:ietf:params:xml:ns:caldav}calendar-data"
MULTISTATUS = "{DAV:}multistatus"
QUESTION = """<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<D:prop><D:getetag/><C:calendar-data/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="{start}" end="{end}"/>
</C:comp-filter></C:comp-filter></C:filter>
</C:calendar-query>"""


def question(*, start: datetime, end: datetime) -> bytes:
    start_utc, end_utc = (f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}" for instant in (start, end))
    return QUESTION.format(start=start_utc, end=end_utc).encode()


def calendars(content: bytes) -> list[str]:
    """Each event of a collection is a calendar of its own. Entities are refused: no honest answer defines any."""
    try:
        root = plain_xml.parse(content)
    except ValueError as error:
        raise Unreadable("not_dav", "La réponse n’est pas celle d’un agenda CalDAV : vérifiez l’adresse.") from error
    if root.tag != MULTISTATUS:
        raise Unreadable("not_dav", "La réponse n’est pas celle d’un agenda CalDAV : vérifiez l’adresse.")
    return [unfolded((each.text or "").encode()) for each in root.iter(DATA)]
