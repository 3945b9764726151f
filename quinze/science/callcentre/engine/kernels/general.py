"""The world around the room: callers and agents, event by event, in the order that decision 0049 makes law.

Same sample, same log as the oracle, to the last bit: each function here is one of quinze/science/callcentre/oracle.py.
"""

from typing import Any

import numpy as np

from .callers import (
    ALARM,
    ANSWER,
    ARRIVE,
    ATTENDED,
    BLIND,
    BRIEFED,
    CALLBACK,
    DONE,
    FREE,
    PATIENCE,
    Given,
    Told,
    arrive,
    called_back,
    distribute,
    join_queue,
    later,
    leaves_the_line,
    lose_patience,
    path_cell,
    ring_alarm,
    wait,
)
from .compiled import helper, kernel
from .draws import Floats
from .earliest import Integers
from .heap import drop_first
from .room import (
    AGENT,
    AGENT_COUNT,
    ALARMS,
    BUSY,
    CALL_BACK,
    EVENTS,
    GROUP,
    KEEPER,
    LEG,
    ON_LINE,
    POST,
    RANK,
    RINGING,
    STEP,
    WAITING,
    WRAP_UP,
    agent_cell,
    on_duty,
    post,
    row_cell,
    wrapped_up,
)

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


@helper
def shift(m: Integers, f: Floats, duty: Integers, now: float) -> None:
    for agent in range(m[AGENT_COUNT]):
        a = agent_cell(m, agent)
        on_duty(m, f, agent, m[a + RANK] < duty[m[a + GROUP]], now)


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
    elif kind == PATIENCE:
        lose_patience(m, f, g, told, number, detail, now)
    elif kind == BRIEFED:
        briefed(m, f, g, told, number, now)
    else:
        shift(m, f, duty[number], now)


@kernel
def roomier(m: Integers, end: int) -> Integers:
    """A copy where both heaps have twice the room; they are last, from cell `end`. By loops: slices compile slowly."""
    events, alarms = m[EVENTS + 1], m[ALARMS + 1]
    room = 2 * (m[ALARMS] - m[EVENTS])
    copy = np.zeros(end + 2 * room, np.int64)
    for cell in range(end + 2 * events):
        copy[cell] = m[cell]
    copy[ALARMS] = end + room
    for cell in range(2 * alarms):
        copy[end + room + cell] = m[m[ALARMS] + cell]
    return copy


@kernel
def play(m: Integers, g: Given, told: Told, duty: Integers) -> None:
    """Until nothing more can happen. Arrivals are read from the sample; all else is in one of the two heaps."""
    f = m.view(np.float64)
    end, margin = m[EVENTS], m[AGENT_COUNT] + 64
    rows, coming = g.arrival.size, 0
    ringing = -1.0  # all the alarms of an instant ring before anything else happens
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
        alarm_at = f[m[ALARMS]] if m[ALARMS + 1] else np.inf
        if alarm_at < at or (alarm_at == at and key >> 59 > ALARM) or (alarm_at <= ringing and m[ALARMS + 1]):
            at = ringing = alarm_at
            ring_alarm(m, f, g, told, at)
        elif at == np.inf:
            return
        else:
            if coming < rows and key == arrival:
                coming += 1
            else:
                drop_first(m, f, EVENTS)
            play_event(m, f, g, told, duty, at, key)
        distribute(m, f, g, at)  # here only: copied once, and what changes nothing for anybody gives nobody a call
