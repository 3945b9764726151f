"""The world around the room: callers and agents, event by event, in the order that decision 0049 makes law.

Same sample, same log as the oracle, to the last bit: each function here is one of quinze/science/callcentre/oracle.py.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import helper, kernel
from .draws import Floats
from .earliest import Integers
from .heap import drop_first, push
from .room import (
    AGENT,
    AGENT_COUNT,
    ALARMS,
    ATTEMPT,
    BUSY,
    CALL_BACK,
    CALLS_WAITING,
    CENTRES,
    CHOSEN,
    EVENTS,
    GROUP,
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
    POST,
    RANK,
    RINGING,
    STEP,
    STEPS,
    TRUNK,
    VISIT,
    WAITING,
    WRAP_UP,
    agent_cell,
    alarm,
    back_to_idle,
    choose,
    enqueue,
    on_duty,
    post,
    row_cell,
    unplace,
    wrapped_up,
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
    distribute(m, f, g, now)


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
    distribute(m, f, g, now)
    if step == 0:
        left_the_door(m, f, g, told, row, ABANDONED, now)


@helper
def ring_alarms(m: Integers, f: Floats, g: Given, told: Told, now: float) -> None:
    """All those of the instant: help first, then diversions."""
    helped = False
    while m[ALARMS + 1] and f[m[ALARMS]] <= now:
        key = alarm(m, f)
        if key >> 60 == HELP:
            helped = True
            continue
        if helped:
            distribute(m, f, g, now)
            helped = False
        divert(m, g, told, key & ((1 << 29) - 1), (key >> 29) & ((1 << 31) - 1), now)
    distribute(m, f, g, now)


@helper
def divert(m: Integers, g: Given, told: Told, row: int, order: int, now: float) -> None:
    r = row_cell(m, row)
    if m[r + ORDER] == order and m[r + LINE] != NO_LINE and m[r + ON_LINE] and m[r + KEEPER] == 0:
        unplace(m, row)
        m[r + WAITING] = 0
        leaves_the_line(m, g, row)
        told.diverted[row] = now


# Conversations


@helper
def release(m: Integers, f: Floats, g: Given, told: Told, row: int, step: int, now: float) -> None:
    told.released[row, step] = now
    told.free[row, step] = now + g.wrap_up[row, step]
    later(m, f, now + g.wrap_up[row, step], FREE, told.agent[row, step], 0)


@helper
def answered(m: Integers, f: Floats, g: Given, told: Told, row: int, leg: int, now: float) -> None:
    r = row_cell(m, row)
    if m[r + LEG] == leg and m[agent_cell(m, m[r + AGENT]) + POST] == RINGING:
        connected(m, f, g, told, row, now)
    distribute(m, f, g, now)


@helper
def connected(m: Integers, f: Floats, g: Given, told: Told, row: int, now: float) -> None:
    r = row_cell(m, row)
    step = m[r + STEP]
    post(m, f, m[r + AGENT], BUSY)
    m[r + ON_LINE], m[r + WAITING] = 1, 0
    told.answered[row, step] = now
    told.agent[row, step] = m[r + AGENT]
    if m[r + KEEPER]:
        later(m, f, now + g.conference[row, step], BRIEFED, row, 0)
    else:
        later(m, f, now + g.talk[row, step], DONE, row, 0)


@helper
def briefed(m: Integers, f: Floats, g: Given, told: Told, row: int, now: float) -> None:
    r = row_cell(m, row)
    step = m[r + STEP]
    told.briefed[row, step] = now
    release(m, f, g, told, row, step - 1, now)
    later(m, f, now + g.talk[row, step], DONE, row, 0)
    post(m, f, m[r + KEEPER] - 1, WRAP_UP)
    m[r + KEEPER] = 0
    distribute(m, f, g, now)


@helper
def goes_on(m: Integers, f: Floats, g: Given, told: Told, row: int, handover: int, now: float) -> None:
    r = row_cell(m, row)
    if handover == ATTENDED:
        m[r + KEEPER] = m[r + AGENT] + 1
    else:
        release(m, f, g, told, row, m[r + STEP], now)
        post(m, f, m[r + AGENT], WRAP_UP)
    if handover == CALLBACK:
        leaves_the_line(m, g, row)
        m[r + ON_LINE] = 0
    m[r + STEP] += 1
    m[r + CALL_BACK] = 1 if handover == CALLBACK else called_back(m, g, row)
    wait(m, f, told, row, g.later_patience[row, m[r + STEP]] if handover == BLIND else np.inf, now)
    join_queue(m, f, g, row, now)
    distribute(m, f, g, now)


@helper
def done(m: Integers, f: Floats, g: Given, told: Told, row: int, now: float) -> None:
    r = row_cell(m, row)
    step = m[r + STEP]
    told.ended[row, step] = now
    if step + 1 < g.steps[row]:
        goes_on(m, f, g, told, row, m[path_cell(m, g, row) + 2], now)
        return
    told.closed[row] = now
    release(m, f, g, told, row, step, now)
    leaves_the_line(m, g, row)
    post(m, f, m[r + AGENT], WRAP_UP)
    m[r + LEG] = 0
    distribute(m, f, g, now)


@helper
def shift(m: Integers, f: Floats, g: Given, duty: Integers, now: float) -> None:
    for agent in range(m[AGENT_COUNT]):
        a = agent_cell(m, agent)
        on_duty(m, f, agent, m[a + RANK] < duty[m[a + GROUP]], now)
    distribute(m, f, g, now)


@helper
def play_event(m: Integers, f: Floats, g: Given, told: Told, duty: Integers, now: float, key: Any) -> None:
    kind, number, detail = key >> 59, (key >> 30) & ((1 << 29) - 1), key & ((1 << 30) - 1)
    if kind == ARRIVE:
        arrive(m, f, g, told, number, now)
    elif kind == ANSWER:
        answered(m, f, g, told, number, detail, now)
    elif kind == DONE:
        done(m, f, g, told, number, now)
    elif kind == FREE:
        wrapped_up(m, f, number, now)
        distribute(m, f, g, now)
    elif kind == PATIENCE:
        lose_patience(m, f, g, told, number, detail, now)
    elif kind == BRIEFED:
        briefed(m, f, g, told, number, now)
    else:
        shift(m, f, g, duty[number], now)


@kernel
def roomier(m: Integers, end: int) -> Integers:
    """A copy where both heaps have twice the room; they are last, from cell `end`."""
    events, alarms = m[EVENTS + 1], m[ALARMS + 1]
    room = 2 * (m[ALARMS] - m[EVENTS])
    copy = np.zeros(end + 2 * room, np.int64)
    copy[:end] = m[:end]
    copy[ALARMS] = end + room
    copy[end : end + 2 * events] = m[end : end + 2 * events]
    copy[end + room : end + room + 2 * alarms] = m[m[ALARMS] : m[ALARMS] + 2 * alarms]
    return copy


@kernel
def play(m: Integers, g: Given, told: Told, duty: Integers) -> None:
    """Until nothing more can happen. Arrivals are read from the sample; all else is in one of the two heaps."""
    f = m.view(np.float64)
    end, margin = m[EVENTS], m[AGENT_COUNT] + 64
    rows, coming = g.arrival.size, 0
    while True:
        room = m[ALARMS] - m[EVENTS]
        if max(m[EVENTS + 1], m[ALARMS + 1]) + margin > room // 2:
            m = roomier(m, end)
            f = m.view(np.float64)
        at, key = np.inf, np.int64(0)
        if m[EVENTS + 1]:
            at, key = f[m[EVENTS]], m[m[EVENTS] + 1]
        arrival = (np.int64(ARRIVE) << 59) | (coming << 30)
        if coming < rows and (g.arrival[coming] < at or (g.arrival[coming] == at and arrival < key)):
            at, key = g.arrival[coming], arrival
        if m[ALARMS + 1]:
            alarm_at = f[m[ALARMS]]
            if alarm_at < at or (alarm_at == at and key >> 59 > ALARM):
                ring_alarms(m, f, g, told, alarm_at)
                continue
        if at == np.inf:
            return
        if coming < rows and key == arrival:
            coming += 1
        else:
            drop_first(m, f, EVENTS)
        play_event(m, f, g, told, duty, at, key)
