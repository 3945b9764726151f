"""Answers known from elsewhere, computed here again; `make known-answers` writes the page, with those that are played.

An answer agrees when it rounds to the digits that were printed.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from quinze.science.queueing.abandonment import erlang_a
from quinze.science.queueing.chain import Exact, with_hold_exact
from quinze.science.queueing.erlang import blocking, erlang_c, load_for
from quinze.science.queueing.fluid import BiLevel, flow
from quinze.science.queueing.priorities import mean_waits_s
from quinze.science.queueing.staffing import Goal, Shrinkage, posts
from quinze.science.queueing.tandem import blind

PAGE = "docs/reference/known-answers.md"
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    case: str
    what: str
    expected: str
    """As printed at its source: its digits are the precision asked for."""
    found: float

    @property
    def difference(self) -> float:
        return self.found - float(self.expected)

    @property
    def precision(self) -> float:
        decimals = len(self.expected.partition(".")[2])
        return float(0.5 * 10**-decimals)

    @property
    def agrees(self) -> bool:
        return abs(self.difference) <= self.precision * 1.000_001


def answers() -> Iterator[Answer]:
    yield from _erlang_b()
    yield from _call_centre_helper()
    yield from _classical()
    yield from _abandonment()
    yield from _priorities()
    yield from _fluid()
    yield from _tandem()
    yield from _two_levels()
    yield from _one_level()


LINES = (1, 2, 5, 10, 20, 30, 50, 100)
TABLES = {
    0.01: ("0.0101", "0.1526", "1.3608", "4.4612", "12.0306", "20.3373", "37.9014", "84.0642"),
    0.02: ("0.0204", "0.2235", "1.6571", "5.0840", "13.1815", "21.9316", "40.2551", "87.9720"),
}


def _erlang_b() -> Iterator[Answer]:
    for lost, printed in TABLES.items():
        for lines, expected in zip(LINES, printed, strict=True):
            yield Answer(
                "T1", f"erlangs, {lines} lines, {100 * lost:g} % lost", expected, load_for(lines, blocking=lost)
            )
    for lines, share, expected in (
        (10, 0.001, "3.0920"), (100, 0.001, "75.242"), (10, 0.05, "6.2157"), (100, 0.05, "95.2404"),
    ):  # fmt: skip
        yield Answer("T1", f"erlangs, {lines} lines, {100 * share:g} % lost", expected, load_for(lines, blocking=share))
    yield Answer("T1", "Erlang B, 30 lines, 25 erlangs", "0.0526032", blocking(30, load=25))


def _call_centre_helper() -> Iterator[Answer]:
    rows = {
        11: ("68.21", "38.96", "122.78"), 12: ("44.94", "64.02", "40.44"), 13: ("28.53", "79.56", "17.12"),
        14: ("17.41", "88.84", "7.84"), 15: ("10.20", "94.15", "3.67"),
    }  # fmt: skip
    for agents, (waits, served, mean) in rows.items():
        level = erlang_c(calls_per_hour=200, handling_s=180, agents=agents)
        case = f"200 calls/h of 180 s, {agents} agents"
        yield Answer("T2", f"{case}: waits, %", waits, 100 * level.waiting)
        yield Answer("T2", f"{case}: within 20 s, %", served, 100 * level.served_within(20))
        yield Answer("T2", f"{case}: mean wait, s", mean, level.mean_wait_s)
    level, goal = erlang_c(calls_per_hour=200, handling_s=180, agents=14), Goal(target=0.8, within_s=20, occupancy=1)
    least = posts(200, handling_s=180, goal=goal)
    yield Answer("T2", "80 % within 20 s: posts", "14", least)
    yield Answer("T2", "… people with 30 % of shrinkage", "20", math.ceil(Shrinkage(0.3, 0, 0, 0).heads(least)))
    yield Answer("T2", "… within 20 s", "0.8883500", level.served_within(20))
    yield Answer("T2", "… busy", "0.7142857", level.occupancy)
    yield Answer("T2", "… waits", "0.1741319", level.waiting)


def _classical() -> Iterator[Answer]:
    mitan = erlang_c(calls_per_hour=720, handling_s=240, agents=55)
    yield Answer("T3", "720 calls/h of 240 s, 55 agents: waits", "0.2387009", mitan.waiting)
    yield Answer("T3", "… mean wait, s", "8.184", mitan.mean_wait_s)
    yield Answer("T3", "… within 15 s", "0.8458831", mitan.served_within(15))
    busy = erlang_c(calls_per_hour=2880, handling_s=60, agents=50)
    yield Answer("T4", "48 calls/min of 1 min, 50 agents: waits", "0.6944556", busy.waiting)
    yield Answer("T4", "… mean wait, s", "20.83", busy.mean_wait_s)
    yield Answer("T4", "… 90 % wait less than, s", "58.14", busy.wait_quantile_s(0.9))
    yield Answer("T4", "… in the queue", "16.67", busy.mean_queue)
    yield Answer("T4", "… busy", "0.96", busy.occupancy)


def _abandonment() -> Iterator[Answer]:
    level = erlang_a(calls_per_hour=2880, handling_s=60, agents=50, patience_s=120)
    yield Answer("T5", "the same, patience 2 min: waits", "0.467774", level.waiting)
    yield Answer("T5", "… hangs up", "0.0309122", level.abandoned)
    yield Answer("T5", "… mean wait, s", "3.70947", level.mean_wait_s)
    yield Answer("T5", "… in the queue", "2.967576", level.mean_queue)
    yield Answer("T5", "… busy", "0.930324", level.occupancy)
    yield Answer("T5", "… 90 % wait less than, s", "12.445", level.wait_quantile_s(0.9))
    yield Answer("T5", "… longer than 12.5 s", "0.0991", level.longer_than(12.5))
    yield Answer("T5", "… within 12.5 s, of those presented", "0.8746", level.served_within(12.5))
    yield Answer("T5", "… within 12.5 s, of those answered", "0.9025", level.served_within_of_answered(12.5))


def _priorities() -> Iterator[Answer]:
    calls = 60 * 0.9 * 20
    level = erlang_c(calls_per_hour=calls, handling_s=MINUTE, agents=20)
    first, second = mean_waits_s((0.3 * calls, 0.7 * calls), handling_s=MINUTE, agents=20)
    yield Answer("T6", "M/M/20, 90 % busy: waits", "0.5507690", level.waiting)
    yield Answer("T6", "… class 1 (30 %), mean wait in services", "0.0377239", first / MINUTE)
    yield Answer("T6", "… class 2 (70 %)", "0.3772390", second / MINUTE)
    yield Answer("T6", "… all", "0.2753845", level.mean_wait_s / MINUTE)


TWO_LEVELS = BiLevel(
    vital=0.1, passed_on=0.4, answer_s=MINUTE, conference_s=0.5 * MINUTE, vital_s=3 * MINUTE, passed_on_s=4 * MINUTE
)


def _fluid() -> Iterator[Answer]:
    yield Answer("T7", "level 2 ÷ level 1 below which vital calls block", "0.333333", TWO_LEVELS.holding_ratio)
    yield Answer("T7", "level 2 ÷ level 1 from which nothing piles up", "1.857143", TWO_LEVELS.fluid_ratio)
    rows = {
        1: ("2.8571", "0.2857", "0.0000"), 2: ("5.7143", "0.5714", "0.0000"), 3: ("8.5714", "0.8571", "0.0000"),
        4: ("9.5238", "0.9524", "0.1667"), 6: ("9.5238", "0.9524", "0.6667"), 10: ("9.5238", "0.9524", "1.6667"),
        14: ("9.5238", "0.9524", "2.6667"), 18: ("9.5238", "0.9524", "3.6667"), 20: ("9.5238", "0.9524", "3.8095"),
        25: ("9.5238", "0.9524", "3.8095"),
    }  # fmt: skip
    for agents, (answered, vital, passed_on) in rows.items():
        found = flow(TWO_LEVELS, level_1=10, level_2=agents)
        yield Answer("T7", f"10 at level 1, {agents} at level 2: answered a minute", answered, found.answered / 60)
        yield Answer("T7", "… vital", vital, found.vital / 60)
        yield Answer("T7", "… urgent", passed_on, found.passed_on / 60)


def _tandem() -> Iterator[Answer]:
    two = blind(calls_per_hour=180, answer_s=MINUTE, level_1=4, passed_on=1, passed_on_s=2 * MINUTE, level_2=8)
    yield Answer(
        "T9",
        "3 calls a minute, 4 then 8 agents, 1 then 2 min: wait 1, min",
        "0.5094340",
        two.level_1.mean_wait_s / MINUTE,
    )
    yield Answer("T9", "… within 0.5 min", "0.6910127", two.level_1.served_within(MINUTE / 2))
    yield Answer("T9", "… wait 2, min", "0.3569811", two.level_2.mean_wait_s / MINUTE)


def _one_level() -> Iterator[Answer]:
    for calls, handling, expected in (
        (120, 167, "0.926"),
        (150, 167, "0.740"),
        (120, 180, "0.881"),
        (150, 180, "0.603"),
    ):
        level = erlang_c(calls_per_hour=calls, handling_s=handling, agents=9)
        yield Answer(
            "T11",
            f"one level, 9 agents, {calls} calls/h of {handling} s: within 30 s",
            expected,
            level.served_within(30),
        )


SAS = BiLevel(vital=0.05, passed_on=0.75, answer_s=45, conference_s=20, vital_s=150, passed_on_s=150)


def _two_levels() -> Iterator[Answer]:
    for calls, served, hold, wait in ((120, "0.902", "8", "23"), (150, "0.786", "16", "99")):
        exact = _solved(calls)
        case = f"two levels, 3 and 6 agents, {calls} calls/h, exact chain"
        yield Answer("T10", f"{case}: within 30 s", served, exact.answered_within)
        yield Answer("T10", "… vital calls held, s", hold, exact.vital_hold_s)
        yield Answer("T10", "… urgent wait at level 2, s", wait, exact.passed_on_wait_s)


@cache
def _solved(calls_per_hour: int) -> Exact:
    return with_hold_exact(SAS, calls_per_hour=calls_per_hour, level_1=3, level_2=6)


def page() -> str:
    rows = list(answers())
    lines = [f"| {row.case} | {row.what} | {row.expected} | {row.found:.8g} | {row.difference:+.1e} |" for row in rows]
    return HEAD.format(agreeing=sum(row.agrees for row in rows), of=len(rows)) + "\n".join(lines) + "\n"


HEAD = """# Known answers

What books, published tables and exact derivations give, and what `quinze.science.queueing` gives: {agreeing} of {of}
agree to every digit printed. Written by `make known-answers`; a test compares this page with a new computation.

T1: printed Erlang B tables. T2: Call Centre Helper's worked example. T3: Mitan's Erlang example. T4, T5: Gans, Koole
and Mandelbaum, *Telephone call centers*, 2003. T6: Cobham's formula. T7: the flow of two levels with hold (Allamigeon,
Boeuf, Gaubert, 2015). T9: Burke's theorem. T10: the exact Markov chain of two levels with hold (`chain.py`), on the
figures that T11 gives for two levels. T11: nine agents, 5 % of vital calls, 75 % passed on (see [the
explanation](../explanation/call-centre.md)). T12 and T13, the national survey and its anomalies, are compared with the
official files where these lie beside the checkout (`tests/science/test_national.py`). The published side of T1 to T4
was re-computed and agrees to the digits remembered from these sources; it was not read again from the printed page.

| case | what | expected | found | difference |
|---|---|---|---|---|
"""
