"""A ranking as its log keeps it, and back.

It holds those who were shown with their seats (`near`), and the `others` as columns: everything that the ranking read.
Reading it ranks everyone again, so « pourquoi pas ? » has its answer and the replay its proof.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from quinze.orientation.models import RankingLog
from quinze.orientation.queries.close import close_from_json
from quinze.orientation.queries.inputs import Gathered
from quinze.orientation.queries.looking import GREYED_PER_LEVEL, SHOWN_PER_LEVEL, Look
from quinze.orientation.travel import TABLE
from quinze.science.ranking import (
    Candidate,
    Ranking,
    RankingInputs,
    candidate_of,
    crowd_from_json,
    head_of,
    inputs_from_json,
    inputs_to_json,
    ranking_from_json,
    ranking_to_json,
    run,
    sketch_from_json,
)

WITHOUT_OFFER, OTHERS, NEAR, SHOWN, TRAVEL = "without_offer", "others", "near", "shown", "travel"
BESIDE = frozenset({WITHOUT_OFFER, OTHERS, NEAR, SHOWN, TRAVEL})


def logged(found: Look) -> dict[str, Any]:
    inputs, around = found.gathered.inputs, {WITHOUT_OFFER: list(found.gathered.without_offer), TRAVEL: TABLE}
    if found.others is None:
        return {**inputs_to_json(inputs), **around}
    beside = {
        NEAR: [[tuple(each.sketch), *each[1:]] for each in found.near],  # rows with names would be written one by one
        OTHERS: found.others.to_json(),
        SHOWN: [SHOWN_PER_LEVEL, GREYED_PER_LEVEL],
    }
    return {**found.asked, **around, **beside}


def gathered_from(log: RankingLog) -> Gathered:
    """With everyone as a candidate."""
    return Gathered(inputs=_everyone(log), without_offer=tuple(log.inputs.get(WITHOUT_OFFER, ())))


def others_of(log: RankingLog) -> int:
    """How many were read and not shown."""
    others = log.inputs.get(OTHERS, ())
    return int(others["rows"]) if isinstance(others, dict) else len(others)


def ranking_from(log: RankingLog) -> Ranking:
    """The logged inputs put again through the algorithm that answered then: everyone has a rank or a refusal."""
    return run(log.algorithm, _everyone(log))


def shown_from(log: RankingLog) -> Ranking:
    """What was shown, as it was shown, without ranking again."""
    if SHOWN not in log.inputs:
        return ranking_from(log)
    return ranking_from_json(log.output, _shown(log))


def replays(log: RankingLog, ranking: Ranking) -> bool:
    """Whether ranking everyone again gives exactly what was shown then."""
    shown = log.inputs.get(SHOWN)
    again = ranking if shown is None else head_of(ranking, shown=shown[0], greyed=shown[1])
    return bool(ranking_to_json(again) == log.output)


def output_of_everyone(log: RankingLog) -> dict[str, Any]:
    """Each candidate once, as a proposal or as a refusal."""
    output: dict[str, Any] = ranking_to_json(ranking_from(log)) if SHOWN in log.inputs else log.output
    return output


def asked_from(log: RankingLog) -> RankingInputs:
    """The question; with candidates only where everyone was ranked as one."""
    return inputs_from_json({name: value for name, value in log.inputs.items() if name not in BESIDE})


def _shown(log: RankingLog) -> RankingInputs:
    inputs = asked_from(log)
    near = tuple([close_from_json(raw).candidate for raw in log.inputs.get(NEAR, ())])
    return replace(inputs, candidates=near) if near else inputs


def _everyone(log: RankingLog) -> RankingInputs:
    inputs = _shown(log)
    others = tuple(_others(log, inputs.need.modalities))
    return replace(inputs, candidates=(*inputs.candidates, *others)) if others else inputs


def _others(log: RankingLog, wanted: frozenset[str]) -> Iterator[Candidate]:
    """In columns; in rows until 2026-11."""
    others = log.inputs.get(OTHERS, ())
    read = crowd_from_json(others) if isinstance(others, dict) else map(sketch_from_json, others)
    return (candidate_of(sketch, wanted=wanted) for sketch in read)
