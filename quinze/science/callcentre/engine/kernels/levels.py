"""A two-level centre with hold, and its doctors: N1, then N2 AMU or N2 SNP, then perhaps N3 AMU or N3 SNP.

No list of events (see pools.py). Four facts make it exact. Q1 is first come first served, so the agent of a call is
known when the call arrives. A vital call is first in line at N2, before a call that waits even where an agent is free
at the very moment when it comes, so the moment of its conference, hence that at which
its N1 agent is free again, is known when its N1 talk ends. Agents of a pool are taken in order of the time at which
they are free, which never goes backwards; so each level is joined in order of time, if an agent's call is passed on
when that agent is taken again. And nobody at N1 waits for N3.

A call's `ticket` is 8 times its number, plus 2 times its class, plus 1 where it needs a doctor.
"""

import numpy as np

from .compiled import helper
from .draws import Floats
from .earliest import Integers
from .pools import (
    AFTER,
    NOTHING,
    busy_until,
    draw,
    first,
    first_in_line,
    free,
    leave,
    next_change,
    wait_in_line,
    waits,
    welcome,
)

V, A, S, X = range(4)
# The first cells of a centre: where its pools, its streams and its log are, then figures, then where its arrivals are.
N1, N2A, N2S, N3A, N3S, SECOND, THIRD, PATIENCE, LOG, LOGGED = range(10)
TALK_MEAN, CONFERENCE_MEAN, PATIENCE_MEAN, SECOND_MEAN, THIRD_MEAN = (
    10,
    11,
    12,
    13,
    16,
)  # the last two: by class V, A, S
TALLY = 19  # of level (2, 3) and class: calls, seconds waited
SLOT, UPPER, LOWER, INVERSE, CLOCK, PRESENTED_NOW, AT_ONCE, LAST, HEADER = range(35, 44)
# What the log says of a call.
ARRIVAL, CODE, TALK, STARTED, PATIENT, STARTED_2, CONFERENCE, LENGTH_2, STARTED_3, LENGTH_3, COLUMNS = range(11)


@helper
def kind_of(ticket: int) -> int:
    return (ticket & 7) >> 1


@helper
def count(f: Floats, level: int, kind: int, waited: float) -> None:
    cell = np.uintp(TALLY + 8 * level + 2 * kind)
    f[cell] += 1.0
    f[cell + np.uintp(1)] += waited


@helper
def log(m: Integers, f: Floats, ticket: int, column: int, value: float) -> None:
    f[m[LOG] + COLUMNS * (ticket >> 3) + column] = value


@helper
def serve_n3(m: Integers, f: Floats, p: int, ticket: int, since: float, start: float) -> None:
    length = draw(m, f, m[THIRD]) * f[np.uintp(THIRD_MEAN + kind_of(ticket))]
    busy_until(m, p, first(m, p), start + length)
    count(f, 1, kind_of(ticket), start - since)
    if m[LOGGED]:
        log(m, f, ticket, STARTED_3, start)
        log(m, f, ticket, LENGTH_3, length)


@helper
def join_n3(m: Integers, f: Floats, p: int, ticket: int, now: float) -> None:
    leaving = 0
    while True:
        at, change = free(m, p), next_change(f, p)
        if leaving > 0:
            leave(m, p)
            leaving -= 1
            continue
        mine = not (waits(m, p) and at <= now and at < change)
        if mine and (change <= now or (change <= at and kind_of(ticket) != A)):
            leaving = welcome(m, f, p)
            continue
        since, served, start = now, ticket, max(at, now)
        if not mine:
            cell = np.uintp(first_in_line(m, p))
            since, served, start = f[cell], m[cell + np.uintp(1)], at
        elif kind_of(ticket) == A and at > now:
            wait_in_line(m, f, p, ticket, now)
            return
        serve_n3(m, f, p, served, since, start)
        if mine:
            return


@helper
def pass_on_n2(m: Integers, f: Floats, p: int, n3: int) -> None:
    """The agent who is free first has ended a call: a doctor is asked for it where it needs one."""
    after = np.uintp(m[np.uintp(p + AFTER)] + first(m, p))
    if m[after] != NOTHING:
        join_n3(m, f, n3, m[after], free(m, p))
        m[after] = NOTHING


@helper
def serve_n2(m: Integers, f: Floats, p: int, ticket: int, since: float, start: float) -> float:
    """End of the conference of a vital call, where N1 is free again."""
    kind = kind_of(ticket)
    conference = 0.0
    if kind == V:
        conference = draw(m, f, m[SECOND]) * f[CONFERENCE_MEAN]
    length = draw(m, f, m[SECOND]) * f[np.uintp(SECOND_MEAN + kind)]
    if ticket & 1:
        m[np.uintp(m[np.uintp(p + AFTER)] + first(m, p))] = ticket
    busy_until(m, p, first(m, p), start + conference + length)
    count(f, 0, kind, start - since)
    if m[LOGGED]:
        log(m, f, ticket, STARTED_2, start)
        log(m, f, ticket, CONFERENCE, conference)
        log(m, f, ticket, LENGTH_2, length)
    return start + conference


@helper
def join_n2(m: Integers, f: Floats, p: int, n3: int, ticket: int, now: float) -> float:
    leaving = 0
    while True:
        at, change = free(m, p), next_change(f, p)
        earlier = at < now or (at == now and kind_of(ticket) != V)
        mine = not (waits(m, p) and earlier and at < change)
        if leaving == 0 and mine and (change <= now or (change <= at and kind_of(ticket) != A)):
            leaving = welcome(m, f, p)
            continue
        if leaving == 0 and mine and kind_of(ticket) == A and at > now:
            wait_in_line(m, f, p, ticket, now)
            return now
        pass_on_n2(m, f, p, n3)
        if leaving > 0:
            leave(m, p)
            leaving -= 1
            continue
        since, served, start = now, ticket, max(at, now)
        if not mine:
            cell = np.uintp(first_in_line(m, p))
            since, served, start = f[cell], m[cell + np.uintp(1)], at
        released = serve_n2(m, f, p, served, since, start)
        if mine:
            return released


@helper
def pass_on_n1(m: Integers, f: Floats) -> bool:
    """Whether the agent of N1 who is free first is so indeed: one who holds a vital call waits for its conference."""
    agent = first(m, m[N1])
    after = np.uintp(m[np.uintp(m[N1] + AFTER)] + agent)
    ticket = m[after]
    if ticket == NOTHING:
        return True
    m[after] = NOTHING
    unplanned = kind_of(ticket) == S
    released = join_n2(m, f, m[np.uintp(N2A + unplanned)], m[np.uintp(N3A + unplanned)], ticket, free(m, m[N1]))
    if kind_of(ticket) != V:
        return True
    busy_until(m, m[N1], agent, released)
    return False


@helper
def start_n1(m: Integers, f: Floats, now: float) -> float:
    """When the next in line at N1, who arrives at `now`, could be answered; who is free first at N1 is then truly
    so."""
    leaving = 0
    while True:
        start = max(free(m, m[N1]), now)
        if leaving == 0 and next_change(f, m[N1]) <= start:
            leaving = welcome(m, f, m[N1])
        elif pass_on_n1(m, f):
            if leaving == 0:
                return start
            leave(m, m[N1])
            leaving -= 1
