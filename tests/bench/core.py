"""make bench NAME=core: what runs at each key or each search, alone on one core, processor time, best of some runs.

- `ranking_400_ms`: the ranking one candidate at a time, 400 candidates of 20 seats in the worked case of the charter.
- `code_search_ms`: one text typed in the reasons and the circumstances, the mean of short and long ones.
"""

import argparse
import random
import time
from collections.abc import Callable
from datetime import timedelta

from quinze.base import codes
from quinze.science.charter import Offer, Participation
from quinze.science.ranking import Candidate, RankingInputs, Seat, rank
from tests.bench.report import machine, table, write
from tests.science.worked_case import AT, doctor, worked_case

TARGETS = {"ranking_400_ms": 15, "code_search_ms": 1}
TYPED = ("f", "feu", "accident voiture", "sans signe de gravité", "zzz")
LISTS = ("circumstances", "reasons")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench NAME=core")
    parser.add_argument("--repeat", type=int, default=20)
    repeat: int = parser.parse_args().repeat
    territory = a_busy_territory()
    figures = {
        "ranking_400_ms": round(1000 * _best(lambda: rank(territory), repeat), 2),
        "code_search_ms": round(1000 * _best(_search_codes, repeat) / (len(TYPED) * len(LISTS)), 3),
    }
    print(machine())
    rows = [(name, value, f"≤ {TARGETS[name]}", "yes" if value <= TARGETS[name] else "NO")
            for name, value in figures.items()]  # fmt: skip
    table(rows, head=("figure", "measured", "target", "met"))
    print(f"\n{write('core', figures)}")
    return 0


def _best(work: Callable[[], object], repeat: int) -> float:
    """Seconds; the first run is a warm-up."""
    work()
    spent = []
    for _ in range(repeat):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent)


def _search_codes() -> None:
    for text in TYPED:
        for name in LISTS:
            codes.search(name, text)


def a_busy_territory() -> RankingInputs:
    rng = random.Random(15)

    def someone(number: int) -> Candidate:
        starts = [AT + timedelta(minutes=15 * rng.randrange(190)) for _ in range(20)]
        seats = (
            Seat(f"{number}/{index}", start, start + timedelta(minutes=15), rng.choice([Offer.SNP, Offer.PUBLIC]))
            for index, start in enumerate(starts)
        )
        cpts = frozenset({rng.choice(["sud", "nord", "est"])})
        facts = {"cpts_ids": cpts, "solicitations_28d": rng.randrange(9), "offered_28d": rng.randrange(80)}
        way = rng.choice([None, Participation.INDIVIDUAL])
        return doctor(f"n{number}", *seats, minutes=rng.randrange(2, 50), participation=way, **facts)

    return worked_case(candidates=tuple(someone(number) for number in range(400)))


if __name__ == "__main__":
    raise SystemExit(main())
