"""Old algorithms stay runnable, so that a ranking of any year can be replayed."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from . import algorithm_1, algorithm_2
from .inputs import RankingInputs
from .outcome import Ranking

ALGORITHMS: Final[Mapping[int, Callable[[RankingInputs], Ranking]]] = {
    algorithm_1.ALGORITHM: algorithm_1.rank,
    algorithm_2.ALGORITHM: algorithm_2.rank,
}
ALGORITHM: Final = max(ALGORITHMS)


class UnknownAlgorithmError(LookupError):
    pass


def run(algorithm: int, inputs: RankingInputs) -> Ranking:
    try:
        function = ALGORITHMS[algorithm]
    except KeyError:
        known = ", ".join(str(number) for number in sorted(ALGORITHMS))
        raise UnknownAlgorithmError(f"algorithme de classement {algorithm} inconnu ; connus : {known}") from None
    return function(inputs if inputs.algorithm == algorithm else replace(inputs, algorithm=algorithm))


def rank(inputs: RankingInputs) -> Ranking:
    """With the algorithm that the inputs name: new inputs name the latest."""
    return run(inputs.algorithm, inputs)


def seed_for(request: str, charter_version: str) -> str:
    return hashlib.sha256(f"{request}\n{charter_version}".encode()).hexdigest()
