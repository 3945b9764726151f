"""Who is proposed, in which order, and why: a pure function. Its rules are in docs/explanation/ranking.md."""

from .explanation import Explanations, explain, why_not
from .inputs import EMERGENCY, TELECONSULTATION, Candidate, Kind, Need, RankingInputs, Seat
from .outcome import Detail, LevelOutcome, LevelState, OtherPlace, Proposal, Ranking, Reason, Refusal
from .records import inputs_from_json, inputs_to_json, ranking_to_json
from .registry import ALGORITHM, ALGORITHMS, UnknownAlgorithmError, rank, run, seed_for

__all__ = [
    "ALGORITHM",
    "ALGORITHMS",
    "EMERGENCY",
    "TELECONSULTATION",
    "Candidate",
    "Detail",
    "Explanations",
    "Kind",
    "LevelOutcome",
    "LevelState",
    "Need",
    "OtherPlace",
    "Proposal",
    "Ranking",
    "RankingInputs",
    "Reason",
    "Refusal",
    "Seat",
    "UnknownAlgorithmError",
    "explain",
    "inputs_from_json",
    "inputs_to_json",
    "rank",
    "ranking_to_json",
    "run",
    "seed_for",
    "why_not",
]
