"""A ranking as its log keeps it, and back."""

from typing import Any

from quinze.orientation.models import RankingLog
from quinze.orientation.queries.inputs import Gathered
from quinze.science.ranking import Ranking, RankingInputs, inputs_from_json, inputs_to_json, run

WITHOUT_OFFER = "without_offer"


def logged(gathered: Gathered) -> dict[str, Any]:
    return {**inputs_to_json(gathered.inputs), WITHOUT_OFFER: list(gathered.without_offer)}


def gathered_from(log: RankingLog) -> Gathered:
    return Gathered(inputs=_inputs(log), without_offer=tuple(log.inputs.get(WITHOUT_OFFER, ())))


def _inputs(log: RankingLog) -> RankingInputs:
    return inputs_from_json({name: value for name, value in log.inputs.items() if name != WITHOUT_OFFER})


def ranking_from(log: RankingLog) -> Ranking:
    """The logged inputs put again through the algorithm that answered then."""
    return run(log.algorithm, _inputs(log))
