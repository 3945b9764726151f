"""How long each part of a request took, from the lines of its chronology. Nothing is guessed: no line, no figure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from quinze.regulation.models import CaseEvent, CaseFile

DOCTORS = ("regulateur_amu", "regulateur_snp")
OUTCOMES = ("orientation.fulfilled", "orientation.no_show", "orientation.closed", "closed", "validated", "state")
CALL = ("opened", "contact", "hung_up")
WIDTH, LEFT = 1320, 12


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    seconds: float | None
    note: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """One bar of the drawing: somebody works, or the person waits."""

    label: str
    start: datetime
    end: datetime
    works: bool
    x: float = 0
    width: float = 0

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def roomy(self) -> bool:
        return self.width > 9 * len(self.label) + 10


@dataclass(frozen=True, slots=True)
class Steps:
    opened: datetime
    sent: datetime | None
    taken: datetime | None
    decided: datetime | None
    asked: datetime | None
    osnp: datetime | None
    booked: datetime | None
    seen: datetime | None


Test = Callable[[CaseEvent], bool]


def steps(case: CaseFile, events: Sequence[CaseEvent]) -> Steps:
    def first(test: Test) -> datetime | None:
        return next((event.at for event in events if test(event)), None)

    return Steps(
        opened=case.opened_at,
        sent=first(lambda e: e.kind in ("handed_over", "red_flag")),
        taken=first(lambda e: e.kind == "claimed" and e.role in DOCTORS),
        decided=first(lambda e: e.kind == "decision"),
        asked=first(lambda e: e.kind == "decision" and e.data.get("nature") == "ORIENT"),
        osnp=first(lambda e: e.kind == "orientation.taken"),
        booked=first(lambda e: e.kind in ("orientation.booked", "orientation.overbooking", "orientation.contact")),
        seen=first(lambda e: e.kind == "orientation.fulfilled"),
    )


def figures(found: Steps, events: Iterable[CaseEvent], *, doctor_target: int | None) -> list[Figure]:
    people = {event.by_id for event in events if event.by_id}
    target = f"cible {doctor_target // 60} min" if doctor_target else ""
    return [
        Figure("Chez l’ARM", _between(found.opened, found.sent), "jusqu’au médecin"),
        Figure("Attente du médecin", _between(found.sent, found.taken), target),
        Figure("Décision", _between(found.opened, found.decided), "après l’appel"),
        Figure("Rendez-vous trouvé", _between(found.asked, found.booked), "après la demande"),
        Figure("Vu par un médecin", _between(found.opened, found.seen), "limite 48 h"),
        Figure("Interlocuteurs", None, "au dossier", count=len(people)),
    ]


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end and end >= start else None


def phases(found: Steps) -> list[Phase]:
    """From the call to the appointment found, each as wide as it lasted."""
    made = [
        Phase(label, start, end, works)
        for label, start, end, works in (
            ("ARM", found.opened, found.sent, True),
            ("attente", found.sent, found.taken, False),
            ("médecin", found.taken, found.asked or found.decided, True),
            ("attente", found.asked, found.osnp, False),
            ("OSNP", found.osnp, found.booked, True),
        )
        if start and end and end > start
    ]
    return _placed(made)


def _placed(made: list[Phase]) -> list[Phase]:
    total = sum((phase.end - phase.start).total_seconds() for phase in made)
    placed, x = [], float(LEFT)
    for phase in made:
        width = round((phase.end - phase.start).total_seconds() / total * (WIDTH - 2 * LEFT), 1)
        placed.append(Phase(phase.label, phase.start, phase.end, phase.works, round(x, 1), width))
        x += width
    return placed


def grouped(events: Sequence[CaseEvent]) -> list[tuple[str, list[CaseEvent]]]:
    """Consecutive lines of one part of the path, in the order they happened."""
    return [(name, list(lines)) for name, lines in groupby(events, key=_part)]


def _part(event: CaseEvent) -> str:
    if event.kind in OUTCOMES:
        return "Issue"
    if event.kind.startswith("orientation.") or event.role == "osnp":
        return "Orientation"
    if event.role in DOCTORS:
        return "Régulation médicale"
    return "Appel" if event.kind in CALL else "Qualification"
