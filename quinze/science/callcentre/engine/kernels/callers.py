"""Callers: at the door, in a queue, on the line, gone. And who they are given to.

Same sample, same log as the oracle, to the last bit: each function here is one of quinze/science/callcentre/oracle.py.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import helper
from .draws import Floats
from .earliest import Integers
from .heap import push
from .room import (
    AGENT,
    ATTEMPT,
    CALL_BACK,
    CALLS_WAITING,
    CENTRES,
    CHOSEN,
    EVENTS,
    HELP,
    IDLE_AGENTS,
    KEEPER,
    LEG,
    LEGS,
    LEVELS,
    LINE,
    NO_LINE,
    ON_LINE,
    ORDER,
    OUTAGES,
    OUTAGES_END,
    PATHS,
    RINGING,
    STEP,
    STEPS,
    TRUNK,
    VISIT,
    WAITING,
    alarm,
    back_to_idle,
    choose,
    enqueue,
    post,
    row_cell,
    unplace,
)

SHIFT, FREE, ANSWER, BRIEFED, DONE, ARRIVE, ALARM, _, PATIENCE = range(9)
BLIND, ATTENDED, CALLBACK = range(3)
ABANDONED, BUSY_TONE = 1, 2
CLASSES = 4
# Of a step: level, priority, handover. Of a level: ringing, called back. Of a centre: lines taken, lines.
PATH_CELLS, LEVEL_CELLS, CENTRE_CELLS = 3, 2, 2


class Given(NamedTuple):
    """The sample, see sample.py; integers widened."""

    arrival: Floats
    kind: Integers
    centre: Integers
    steps: Integers
    talk: Floats
    conference: Floats
    wrap_up: Floats
    patience: Floats
    later_patience: Floats
    redial: Floats
    redial_delay: Floats
    redial_after: Floats  # probabilities, by way of leaving the door


class Told(NamedTuple):
    """The log, see log.py."""

    presented: Floats
    left: Floats
    door: NDArray[np.int8]
    queued: Floats
    answered: Floats
    briefed: Floats
    ended: Floats
    released: Floats
    free: Floats
    agent: NDArray[np.int32]
    hung_up: Floats
    diverted: Floats
    closed: Floats


@helper
def later(m: Integers, f: Floats, at: float, kind: int, number: int, detail: int) -> None:
    push(m, f, EVENTS, at, (kind << 59) | (number << 30) | detail)


@helper
def path_cell(m: Integers, g: Given, row: int) -> int:
    return m[PATHS] + (g.kind[row] * m[STEPS] + m[row_cell(m, row) + STEP]) * PATH_CELLS


@helper
def level_of(m: Integers, g: Given, row: int) -> int:
    return m[path_cell(m, g, row)]


@helper
def join_queue(m: Integers, f: Floats, g: Given, row: int, now: float) -> None:
    path = path_cell(m, g, row)
    enqueue(m, f, row, g.centre[row] * 6 + m[path], m[path + 1], now)


@helper
def called_back(m: Integers, g: Given, row: int) -> int:
    return m[m[LEVELS] + level_of(m, g, row) * LEVEL_CELLS + 1]


@helper
def distribute(m: Integers, f: Floats, g: Given, now: float) -> None:
    while m[CALLS_WAITING] and m[IDLE_AGENTS]:
        row = choose(m, f, now) - 1
        if row < 0:
            return
        r, agent = row_cell(m, row), m[CHOSEN] - 1
        unplace(m, row)
        m[LEGS] += 1
        m[r + LEG], m[r + AGENT] = m[LEGS], agent
        post(m, f, agent, RINGING)
        ringing = f[m[LEVELS] + level_of(m, g, row) * LEVEL_CELLS]
        later(m, f, now + ringing, ANSWER, row, m[LEGS])


# Callers


@helper
def takes_a_line(m: Integers, f: Floats, g: Given, row: int, now: float) -> bool:
    for cell in range(m[OUTAGES], m[OUTAGES_END], 3):
        if m[cell] == g.centre[row] and f[cell + 1] <= now < f[cell + 2]:
            return False
    centre = m[CENTRES] + g.centre[row] * CENTRE_CELLS
    if m[centre] >= m[centre + 1]:
        return False
    m[centre] += 1
    m[row_cell(m, row) + TRUNK] = 1
    return True


@helper
def leaves_the_line(m: Integers, g: Given, row: int) -> None:
    r = row_cell(m, row)
    m[m[CENTRES] + g.centre[row] * CENTRE_CELLS] -= m[r + TRUNK]
    m[r + TRUNK] = 0


@helper
def left_the_door(m: Integers, f: Floats, g: Given, told: Told, row: int, door: int, now: float) -> None:
    r = row_cell(m, row)
    attempt = m[r + ATTEMPT]
    told.left[row, attempt] = now
    told.door[row, attempt] = door
    if attempt < g.redial.shape[1] and g.redial[row, attempt] < g.redial_after[door]:
        m[r + ATTEMPT] += 1
        later(m, f, now + g.redial_delay[row, attempt], ARRIVE, row, 0)


@helper
def wait(m: Integers, f: Floats, told: Told, row: int, patience: float, now: float) -> None:
    r = row_cell(m, row)
    m[r + WAITING] = 1
    m[r + VISIT] += 1
    told.queued[row, m[r + STEP]] = now
    if patience < np.inf:
        later(m, f, now + patience, PATIENCE, row, m[r + VISIT])


@helper
def arrive(m: Integers, f: Floats, g: Given, told: Told, row: int, now: float) -> None:
    r = row_cell(m, row)
    attempt, task = m[r + ATTEMPT], g.kind[row] >= CLASSES
    told.presented[row, attempt] = now
    if not task and not takes_a_line(m, f, g, row, now):
        left_the_door(m, f, g, told, row, BUSY_TONE, now)
        return
    wait(m, f, told, row, g.patience[row, attempt], now)
    m[r + ON_LINE], m[r + CALL_BACK], m[r + KEEPER] = not task, 0, 0
    join_queue(m, f, g, row, now)


@helper
def hang_up(m: Integers, f: Floats, row: int) -> None:
    """The core's side of it: whoever rang is idle again, at the place they had."""
    r = row_cell(m, row)
    m[r + ON_LINE] = 0
    if m[r + CALL_BACK]:
        return
    if m[r + LINE] != NO_LINE:
        unplace(m, row)
    elif m[r + LEG]:
        back_to_idle(m, f, m[r + AGENT])
    m[r + LEG] = 0


@helper
def lose_patience(m: Integers, f: Floats, g: Given, told: Told, row: int, visit: int, now: float) -> None:
    r = row_cell(m, row)
    step = m[r + STEP]
    if not m[r + WAITING] or m[r + VISIT] != visit:
        return
    leaves_the_line(m, g, row)
    if step:
        told.hung_up[row, step] = now
    m[r + WAITING] = called_back(m, g, row) if step else 0
    hang_up(m, f, row)
    if step == 0:
        left_the_door(m, f, g, told, row, ABANDONED, now)


@helper
def ring_alarm(m: Integers, f: Floats, g: Given, told: Told, now: float) -> None:
    """A call for help changes nothing by itself: it is time to look who may answer."""
    key = alarm(m, f)
    if key >> 60 != HELP:
        divert(m, g, told, key & ((1 << 29) - 1), (key >> 29) & ((1 << 31) - 1), now)


@helper
def divert(m: Integers, g: Given, told: Told, row: int, order: int, now: float) -> None:
    r = row_cell(m, row)
    if m[r + ORDER] == order and m[r + LINE] != NO_LINE and m[r + ON_LINE] and m[r + KEEPER] == 0:
        unplace(m, row)
        m[r + WAITING] = 0
        leaves_the_line(m, g, row)
        told.diverted[row] = now
