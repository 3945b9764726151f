"""Why somebody registered was never called, from how the searches of the period met them. Nothing here is guessed: each
sentence counts searches that are logged, and a search that did not read somebody is said as such.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from quinze.science.ranking import Reason

WAITING, FURTHER, PASSED_OVER = "waiting", "further", "passed_over"
OUTSIDE = "outside"
TITLES = {
    Reason.PROFESSION: "Autre profession ou spécialité que celle demandée",
    Reason.MODALITY: "Ne propose pas la modalité demandée",
    Reason.DOCTOR_RESTRICTION: "Ses propres restrictions (âge, nouveaux patients, délai)",
    Reason.REQUEST_RESTRICTION: "Exigence de la demande non remplie (langue, accès)",
    Reason.NO_SEAT: "Aucune place libre avant l’échéance",
    Reason.TOO_FAR: "Places toujours trop loin",
    Reason.ABSENT: "Absent",
    Reason.STALE_FEED: "Agenda qui n’est plus actualisé",
    Reason.QUOTA: "Quota de patients en plus atteint",
    Reason.NO_LEVEL: "Dans aucun niveau de la charte",
}


class Met(Protocol):
    """How searches met somebody, and how often: see SearchedDay."""

    @property
    def outcome(self) -> str: ...
    @property
    def level(self) -> int: ...
    @property
    def chosen_level(self) -> int: ...
    @property
    def times(self) -> int: ...
    @property
    def is_shown(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Cause:
    """One title to count by, and the figures behind it."""

    title: str
    details: tuple[str, ...] = ()


def why_never(*, takes_part: bool, hours: float, overbooking: bool, searches: int, met: Sequence[Met]) -> Cause:
    """The first that applies: no participation, no time given, nobody asked for that profession, ranked after another,
    and otherwise what most searches found. `searches` counts those for their profession.
    """
    details = tuple(_details(met, searches))
    shown = [meeting for meeting in met if meeting.is_shown]
    if not takes_part:
        return Cause("Ne participe pas à ce SAS", details)
    if not hours and not overbooking and not shown:
        return Cause("Aucune heure ouverte au SAS", details)
    if not searches and not met:
        return Cause("Aucune demande pour sa profession")
    if shown:
        return Cause(_beaten(shown), details)
    return Cause(_most_frequent(met, searches), details)


def _beaten(shown: Iterable[Met]) -> str:
    levels = Counter[int]()
    passed = 0
    for meeting in shown:
        if meeting.outcome == PASSED_OVER:
            passed += meeting.times
        elif meeting.chosen_level:
            levels[0 if meeting.chosen_level == meeting.level else meeting.chosen_level] += meeting.times
    if passed > levels.total():
        return "Placé avant celui qui a été choisi avec un motif écrit"
    if not levels:
        return "Proposé, sans qu’aucun choix ne soit fait"
    (level, _), *_ = levels.most_common(1)
    return f"Classé après le niveau {level}" if level else "Classé après un autre du même niveau"


def _most_frequent(met: Iterable[Met], searches: int) -> str:
    counts = _by_title(met)
    outside = searches - sum(counts.values())
    if not counts:
        return "Hors de la zone de toutes les recherches"
    if outside > max(counts.values()):
        return "Le plus souvent hors de la zone des recherches"
    return counts.most_common(1)[0][0]


def _by_title(met: Iterable[Met]) -> Counter[str]:
    counts = Counter[str]()
    for meeting in met:
        counts[_title(meeting)] += meeting.times
    return counts


def _title(meeting: Met) -> str:
    if meeting.outcome == WAITING:
        return f"Dans un niveau resté fermé (niveau {meeting.level})"
    if meeting.outcome == FURTHER:
        return f"Classé après ceux que la page montre (niveau {meeting.level})"
    return TITLES[Reason(meeting.outcome)]


def _details(met: Sequence[Met], searches: int) -> Iterable[str]:
    """« proposé 14 fois : au niveau 2 un autre choisi (9) ; … », then each reason with its count, then the rest."""
    for meeting in met:
        yield f"{_words(meeting)} : {_times(meeting.times)}"
    outside = searches - sum(meeting.times for meeting in met)
    if outside > 0:
        yield f"hors de la zone lue par la recherche : {_times(outside)}"


def _words(meeting: Met) -> str:
    if not meeting.is_shown:
        title = _title(meeting)
        return title[0].lower() + title[1:]
    here = f"proposé au niveau {meeting.level}"
    if meeting.outcome == PASSED_OVER:
        return f"{here}, un autre placé après choisi avec un motif écrit"
    if not meeting.chosen_level:
        return f"{here}, aucun choix dans cette recherche"
    same = meeting.chosen_level == meeting.level
    return f"{here}, un autre choisi {'au même niveau' if same else f'au niveau {meeting.chosen_level}'}"


def _times(count: int) -> str:
    return f"{count} fois" if count > 1 else "une fois"
