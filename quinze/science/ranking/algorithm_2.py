"""Algorithm 2: as algorithm 1, but the seats of a stale agenda are ranked after the others of their level.

Algorithm 1 withheld them, so that a calendar server that stopped for an evening made its doctors disappear. What tells
the two apart is `STALE_COMES_LAST`, read with the number that the inputs name.
"""

from dataclasses import replace

from . import algorithm_1
from .inputs import RankingInputs
from .outcome import Ranking

ALGORITHM = 2


def rank(inputs: RankingInputs) -> Ranking:
    return replace(algorithm_1.rank(inputs), algorithm=ALGORITHM)
