"""Who is proposed, in which order, and why: a pure function. Its rules are in docs/explanation/ranking.md."""

from .crowd import Crowd, crowd_from_json, crowd_of
from .explanation import Explanations, explain, why_not
from .inputs import EMERGENCY, NURSE, TELECONSULTATION, Candidate, Kind, Need, RankingInputs, Seat
from .levels import LevelRule, rules_of
from .outcome import Detail, LevelOutcome, LevelState, OtherPlace, Proposal, Ranking, Reason, Refusal
from .records import inputs_from_json, inputs_to_json, ranking_from_json, ranking_to_json
from .registry import ALGORITHM, ALGORITHMS, UnknownAlgorithmError, rank, run, seed_for
from .sketches import Sketch, candidate_of, sketch_from_json, stated_modalities
from .survey import DisagreementError, Survey, can_survey, head_of, rank_shown, survey

__all__ = [
    "ALGORITHM",
    "ALGORITHMS",
    "EMERGENCY",
    "NURSE",
    "TELECONSULTATION",
    "Candidate",
    "Crowd",
    "Detail",
    "DisagreementError",
    "Explanations",
    "Kind",
    "LevelOutcome",
    "LevelRule",
    "LevelState",
    "Need",
    "OtherPlace",
    "Proposal",
    "Ranking",
    "RankingInputs",
    "Reason",
    "Refusal",
    "Seat",
    "Sketch",
    "Survey",
    "UnknownAlgorithmError",
    "can_survey",
    "candidate_of",
    "crowd_from_json",
    "crowd_of",
    "explain",
    "head_of",
    "inputs_from_json",
    "inputs_to_json",
    "rank",
    "rank_shown",
    "ranking_from_json",
    "ranking_to_json",
    "rules_of",
    "run",
    "seed_for",
    "sketch_from_json",
    "stated_modalities",
    "survey",
    "why_not",
]
