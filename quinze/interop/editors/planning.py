"""Whose agendas are read again ahead of need: those that searches propose, often; the others, now and then."""

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q

from quinze.availability.models import EditorAgenda
from quinze.interop.editors.models import EditorCall
from quinze.interop.editors.questions import LOT
from quinze.orientation.models import RankingLog

LIKELY, OTHERS = timedelta(minutes=2), timedelta(minutes=15)  # how old what is known may be
LOOKED_BACK, MOST_LOGS = timedelta(hours=2), 300
MOST = 20 * LOT  # agendas of one editor in one run
HOUR, MOST_CALLS = timedelta(hours=1), 2_400  # of the 3,000 an hour that the guide gives; the rest is for holds
_PERSON = re.compile(r"(?:^|\s)([ps])(\d+)@", re.MULTILINE)


def due(*, at: datetime) -> list[EditorAgenda]:
    """Never read, or too long ago; those lately proposed first, then the oldest. Within the pace of each editor."""
    people, bodies = proposed_lately(at=at)
    likely = Q(professional__in=people) | Q(structure__in=bodies)
    late = _older(LIKELY, at=at) & likely | _older(OTHERS, at=at)
    live = EditorAgenda.objects.filter(late, ended_at__isnull=True, source__ended_at__isnull=True)
    oldest = live.order_by(F("asked_at").asc(nulls_first=True), "pk")
    ordered = sorted(oldest, key=lambda each: each.professional_id not in people and each.structure_id not in bodies)
    return _within_pace(ordered, at=at)


def _older(age: timedelta, *, at: datetime) -> Q:
    return Q(asked_at__isnull=True) | Q(asked_at__lte=at - age)


def proposed_lately(*, at: datetime) -> tuple[set[int], set[int]]:
    """Professionals and structures that the rankings of the last two hours proposed."""
    logs = RankingLog.objects.filter(at__gt=at - LOOKED_BACK, at__lte=at).order_by("-at")
    found: dict[str, set[int]] = {"p": set(), "s": set()}
    for lines in logs.values_list("proposals", flat=True)[:MOST_LOGS]:
        for kind, key in _PERSON.findall(lines):
            found[kind].add(int(key))
    return found["p"], found["s"]


def _within_pace(agendas: Sequence[EditorAgenda], *, at: datetime) -> list[EditorAgenda]:
    by_source: dict[str, list[EditorAgenda]] = defaultdict(list)
    for agenda in agendas:
        by_source[agenda.source_id].append(agenda)
    kept: list[EditorAgenda] = []
    for source, mine in by_source.items():
        calls = EditorCall.objects.filter(editor=source, at__gt=at - HOUR, at__lte=at).count()
        kept += mine[: min(MOST, max(0, MOST_CALLS - calls) * LOT)]
    return kept
