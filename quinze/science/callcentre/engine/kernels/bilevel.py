"""A whole run of one centre (see levels.py): its calls, one after the other, and what they met."""

import numpy as np

from .compiled import helper, kernel, shared
from .draws import EXPONENTIAL, Floats, fill_durations, fill_exponentials, fill_units
from .earliest import Integers
from .levels import (
    ARRIVAL,
    AT_ONCE,
    CLOCK,
    CODE,
    COLUMNS,
    HEADER,
    INVERSE,
    LAST,
    LOG,
    LOGGED,
    LOWER,
    N1,
    PATIENCE,
    PATIENCE_MEAN,
    PATIENT,
    PRESENTED_NOW,
    SECOND,
    SLOT,
    STARTED,
    TALK,
    TALK_MEAN,
    TALLY,
    UPPER,
    log,
    start_n1,
)
from .pools import AFTER, CHUNK, STREAM, busy_until, draw, first, pool_size, set_pool, set_stream

# Columns of `answers`, by slot of the period; WITHIN and the two after it: by limit.
PRESENTED, ANSWERED, LOST_EARLY, WAIT, WITHIN = range(5)
EARLY = 15.0


@kernel
def set_centre(
    seed: np.uint64,
    staff: Integers,
    slot: float,
    room: int,
    means: Floats,
    laws: Integers,
    sigmas: Floats,
    tables: Floats,
    logged: int,
) -> Integers:
    """The cells of a centre, empty at time 0. Only those wait in a line whom a vital call may pass."""
    rooms = np.array([1, room, 1, room, 1])
    size = HEADER + 3 * STREAM + tables.size + COLUMNS * logged
    for level in range(5):
        size += pool_size(staff[level], rooms[level])
    m = np.zeros(size, np.int64)
    f = m.view(np.float64)
    for i in range(means.size):
        f[TALK_MEAN + i] = means[i]
    cell = HEADER
    for level in range(5):
        m[N1 + level] = cell
        set_pool(m, f, cell, staff[level], slot, rooms[level])
        cell += pool_size(staff[level], rooms[level])
    table = cell
    for i in range(tables.size):
        f[table + i] = tables[i // tables.shape[1], i % tables.shape[1]]
    cell += tables.size
    for i in range(3):
        m[SECOND + i] = cell
        law = laws[1 + i] if i < 2 else EXPONENTIAL
        row = table + (1 + i) % 3 * tables.shape[1]
        set_stream(m, f, cell, seed + np.uint64(1 + i), law, sigmas[(1 + i) % 3], row, tables.shape[1])
        cell += STREAM
    m[LOG] = cell
    m[LOGGED] = logged
    for i in range(cell, size):
        f[i] = np.nan
    return m


@shared
def open_slot(m: Integers, f: Floats, k: int, rate: float, length: float) -> None:
    m[SLOT] = k
    f[LOWER] = f[UPPER]
    f[UPPER] += rate * length
    f[INVERSE] = 1.0 / rate


@shared
def close_slot(m: Integers, answers: Floats) -> None:
    """Most calls are answered at once and only counted; here they join the others of their slot."""
    row = m[SLOT] % answers.shape[0]
    answers[row, PRESENTED] += m[PRESENTED_NOW]
    answers[row, ANSWERED] += m[AT_ONCE]
    for limit in range(3):
        answers[row, WITHIN + limit] += m[AT_ONCE]
    m[PRESENTED_NOW] = 0
    m[AT_ONCE] = 0


@shared
def next_slot(m: Integers, f: Floats, rates: Floats, length: float, warm_up: int, answers: Floats) -> bool:
    """Whether there is one. What was counted before the end of the warm-up is forgotten."""
    close_slot(m, answers)
    k = m[SLOT] + 1
    if k == warm_up:
        for row in range(answers.shape[0]):
            for column in range(answers.shape[1]):
                answers[row, column] = 0.0
        for cell in range(TALLY, SLOT):
            f[cell] = 0.0
    if k == rates.size:
        return False
    open_slot(m, f, k, rates[k], length)
    return True


@helper
def waited(m: Integers, f: Floats, ticket: int, wait: float, limits: Floats, answers: Floats) -> bool:
    """Whether the caller is still there after `wait` seconds."""
    row = m[SLOT] % answers.shape[0]
    if f[PATIENCE_MEAN] < np.inf:
        patience = draw(m, f, m[PATIENCE]) * f[PATIENCE_MEAN]
        if m[LOGGED]:
            log(m, f, ticket, PATIENT, patience)
        if wait > patience:
            answers[row, LOST_EARLY] += patience < EARLY
            return False
    answers[row, ANSWERED] += 1.0
    answers[row, WAIT] += wait
    for limit in range(3):
        answers[row, WITHIN + limit] += wait <= limits[limit]
    return True


@helper
def receive(m: Integers, f: Floats, ticket: int, now: float, talk: float, limits: Floats, answers: Floats) -> None:
    m[PRESENTED_NOW] += 1
    if m[LOGGED]:
        log(m, f, ticket, ARRIVAL, now)
        log(m, f, ticket, CODE, ticket & 7)
        log(m, f, ticket, TALK, talk)
    start = start_n1(m, f, now)
    if start <= now:
        m[AT_ONCE] += 1
    elif not waited(m, f, ticket, start - now, limits, answers):
        return
    agent = first(m, m[N1])
    if ticket & 7 < 6:
        m[np.uintp(m[np.uintp(m[N1] + AFTER)] + agent)] = ticket
    busy_until(m, m[N1], agent, start + talk)
    if m[LOGGED]:
        log(m, f, ticket, STARTED, start)
    f[LAST] = start


@kernel
def spread(codes: Integers, gaps: Floats, done: int, outcomes: Floats, order: Integers) -> None:
    """Uniforms in `gaps` become codes; where there is an `order` of classes, it comes again and again instead."""
    for i in range(gaps.size):
        code = 0
        if order.size:
            code = 2 * order[(done + i) % order.size]
        else:
            for outcome in range(6):
                code += gaps[i] > outcomes[outcome]
        codes[i] = code


@kernel
def run(
    seed: np.uint64,
    most: int,
    rates: Floats,
    length: float,
    period: int,
    warm_up: int,
    staff: Integers,
    outcomes: Floats,
    means: Floats,
    laws: Integers,
    sigmas: Floats,
    tables: Floats,
    limits: Floats,
    order: Integers,
    room: int,
    logged: int,
) -> tuple[Floats, float, Floats]:
    """At most `most` calls of `rates` (a second) by slots of `length` seconds; see bilevel.py of the folder above.

    Given back: `answers`, when the last call was answered, and the cells of the centre (its tally and its log)."""
    m = set_centre(seed, staff, length, room, means, laws, sigmas, tables, logged)
    f = m.view(np.float64)
    answers = np.zeros((period, 7))
    gaps, talks, codes = np.empty(CHUNK), np.empty(CHUNK), np.empty(CHUNK, np.int64)
    open_slot(m, f, 0, rates[0], length)
    done, more = 0, True
    while done < most and more:
        fill_units(gaps, seed + np.uint64(5), done)
        spread(codes, gaps, done, outcomes, order)
        fill_exponentials(gaps, seed + np.uint64(4), done)
        fill_durations(talks, seed + np.uint64(6), done, laws[0], sigmas[0], tables[0])
        i, stop = 0, min(CHUNK, most - done)
        while i < stop and more:
            f[CLOCK] += 1.0 if order.size else gaps[i]
            while f[CLOCK] >= f[UPPER] and more:
                more = next_slot(m, f, rates, length, warm_up, answers)
            if more:
                now = m[SLOT] * length + (f[CLOCK] - f[LOWER]) * f[INVERSE]
                receive(m, f, (done + i) * 8 + codes[i], now, talks[i] * f[TALK_MEAN], limits, answers)
            i += 1
        done += CHUNK
    close_slot(m, answers)
    return answers, f[LAST], f
