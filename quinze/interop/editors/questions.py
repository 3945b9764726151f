"""The two requests of the guide, spelled as it spells them: at most 25 identifiers each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from quinze.availability.models import EditorAgenda
from quinze.base.periods import local_instant
from quinze.interop.editors.fetching import Asking
from quinze.interop.editors.models import Editor, EditorKind
from quinze.interop.fhir.facts import IDENTIFIERS

PARIS = "Europe/Paris"
LOT = 25
DAYS = 2  # today, and so many after it
AGENDA = [("_include", "Slot:schedule"), ("_include:iterate", "Schedule:actor")]
OF_CPTS = [("_include", "Slot:service-type-reference"), ("_include:iterate", "HealthcareService:organization")]
OF_SOS = [
    ("_revinclude", "Slot:schedule"),
    ("_include", "Schedule:actor:Location"),
    ("_include:iterate", "Location:organization"),
]


@dataclass(frozen=True, slots=True)
class Window:
    """Slots that begin from `since` (included) to `until` (excluded)."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """One lot: agendas of one editor, of one kind, asked at once."""

    editor: Editor
    agendas: tuple[EditorAgenda, ...]
    window: Window
    is_sos: bool

    @property
    def asking(self) -> Asking:
        return Asking(self.editor, f"{'Schedule' if self.is_sos else 'Slot'}?{urlencode(self._query(), safe=':,|')}")

    def _query(self) -> list[tuple[str, str]]:
        start = [f"ge{_instant(self.window.since)}", f"le{_instant(self.window.until)}"]
        system = IDENTIFIERS["structure" if self.is_sos else "professional"]
        tokens = ",".join(f"{system}|{agenda.identifier}" for agenda in self.agendas)
        if self.is_sos:
            asked = [("_has:Slot:schedule:start", each) for each in start]
            return [*OF_SOS, *asked, ("_has:Slot:schedule:status", "free"),
                    ("actor:Location.organization.identifier", tokens)]  # fmt: skip
        wanted = AGENDA + (OF_CPTS if EditorKind.CPTS in self.editor.kinds else [])
        asked = [("start", each) for each in start]
        return [*wanted, *asked, ("schedule.actor:Practitioner.identifier", tokens), ("status", "free")]


def window(*, at: datetime) -> Window:
    """From now to the end of the day after tomorrow, in Paris: what the platform searches."""
    today = at.astimezone(ZoneInfo(PARIS)).date()
    return Window(at, local_instant(today + timedelta(days=DAYS + 1), time.min, PARIS))


def lots(editor: Editor, agendas: Sequence[EditorAgenda], *, at: datetime) -> Iterator[Question]:
    asked = window(at=at)
    for is_sos in (False, True):
        mine = [agenda for agenda in agendas if (agenda.structure_id is not None) is is_sos]
        for first in range(0, len(mine), LOT):
            yield Question(editor, tuple(mine[first : first + LOT]), asked, is_sos)


def _instant(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(PARIS)).isoformat(timespec="milliseconds")
