"""One level of the centre: agents who come and go, calls that wait for them.

Calls must join in order of time. Then nothing has to be foreseen: a call of the first class, or of a pool where all
wait in one line, is given its agent the moment it joins, even where that agent is only free later; the others wait in
a line until someone joins after an agent was freed. Agents leave after the call they are in; those who are free first
leave first.

All pools of a centre lie in one array, seen as integers (`m`) and as floats (`f`): a tuple of arrays would cost more
to hand from function to function than the simulation itself. A pool is the place of its first cell, `p`.
"""

import numpy as np

from .compiled import helper, kernel, shared
from .draws import Floats, fill_durations
from .earliest import ABSENT, Integers, free_at, leaves_for, remove, replace, winner

# The cells of a pool, then its tournament, what the present call of each agent asks next, its changes, its line.
LEAVES, AFTER, CHANGE, CHANGE_AT, LINE, ROOM, HEAD, TAIL, TREE = range(9)
NOTHING = np.int64(-1)
# The cells of a stream of durations, then those not used yet.
SEED, DRAWN, USED, LAW, SIGMA, TABLE, SIZE, BUFFER = range(8)
CHUNK = 2048
STREAM = BUFFER + CHUNK


@kernel
def pool_size(staff: Integers, room: int) -> int:
    changes, most = 1, staff[0]
    for i in range(1, staff.size):
        changes += staff[i] != staff[i - 1]
        most = max(most, staff[i])
    return TREE + 3 * leaves_for(most) + 2 * changes + 2 * room


@kernel
def set_pool(m: Integers, f: Floats, p: int, staff: Integers, slot: float, room: int) -> None:
    """`staff` by slot of `slot` seconds from time 0; at most `room` (a power of two) may wait."""
    most = staff[0]
    for i in range(staff.size):
        most = max(most, staff[i])
    leaves = leaves_for(most)
    m[p + LEAVES] = leaves
    m[p + AFTER] = p + TREE + 2 * leaves
    m[p + CHANGE] = p + TREE + 3 * leaves
    m[p + ROOM] = room
    m[p + HEAD] = 0
    m[p + TAIL] = 0
    for cell in range(2 * leaves):
        m[p + TREE + cell] = ABSENT
    for cell in range(2 * leaves, 3 * leaves):
        m[p + TREE + cell] = NOTHING
    for agent in range(staff[0]):
        replace(m, p + TREE, leaves, agent, 0.0)
    cell = m[p + CHANGE]
    for i in range(1, staff.size):
        if staff[i] != staff[i - 1]:
            f[cell] = i * slot
            m[cell + 1] = staff[i] - staff[i - 1]
            cell += 2
    f[cell] = np.inf
    m[cell + 1] = 0
    m[p + LINE] = cell + 2
    f[p + CHANGE_AT] = f[m[p + CHANGE]]


@helper
def free(m: Integers, p: int) -> float:
    return free_at(m, p + TREE, m[np.uintp(p + LEAVES)])


@helper
def first(m: Integers, p: int) -> int:
    return winner(m, p + TREE, m[np.uintp(p + LEAVES)])


@helper
def busy_until(m: Integers, p: int, agent: int, at: float) -> None:
    replace(m, p + TREE, m[np.uintp(p + LEAVES)], agent, at)


@shared
def leave(m: Integers, p: int) -> None:
    """Who is free first goes home."""
    remove(m, p + TREE, m[p + LEAVES], first(m, p))


@helper
def next_change(f: Floats, p: int) -> float:
    return f[np.uintp(p + CHANGE_AT)]


@shared
def welcome(m: Integers, f: Floats, p: int) -> int:
    """The next change: how many must still leave, where it is not an arrival."""
    at, agents = f[m[p + CHANGE]], m[m[p + CHANGE] + 1]
    m[p + CHANGE] += 2
    f[p + CHANGE_AT] = f[m[p + CHANGE]]
    agent = 0
    while agents > 0:
        if m[p + TREE + m[p + LEAVES] + agent] == ABSENT:
            busy_until(m, p, agent, at)
            agents -= 1
        agent += 1
    return max(0, -agents)


@helper
def waits(m: Integers, p: int) -> bool:
    return m[np.uintp(p + HEAD)] < m[np.uintp(p + TAIL)]


@helper
def first_in_line(m: Integers, p: int) -> int:
    """The cell of its time; its ticket is in the next one."""
    m[p + HEAD] += 1
    return m[p + LINE] + 2 * ((m[p + HEAD] - 1) & (m[p + ROOM] - 1))


@shared
def wait_in_line(m: Integers, f: Floats, p: int, ticket: int, now: float) -> None:
    if m[p + TAIL] - m[p + HEAD] == m[p + ROOM]:
        raise OverflowError("more calls wait than the pool has room for")
    cell = m[p + LINE] + 2 * (m[p + TAIL] & (m[p + ROOM] - 1))
    f[cell] = now
    m[cell + 1] = ticket
    m[p + TAIL] += 1


@shared
def set_stream(m: Integers, f: Floats, s: int, seed: np.uint64, law: int, sigma: float, table: int, size: int) -> None:
    """`table`: the first cell of the `size` values of an empirical law."""
    m[s + SEED] = np.int64(seed)
    m[s + DRAWN] = 0
    m[s + USED] = CHUNK
    m[s + LAW] = law
    f[s + SIGMA] = sigma
    m[s + TABLE] = table
    m[s + SIZE] = size


@shared
def refill(m: Integers, f: Floats, s: int) -> None:
    table = f[m[s + TABLE] : m[s + TABLE] + m[s + SIZE]]
    fill_durations(f[s + BUFFER : s + STREAM], np.uint64(m[s + SEED]), m[s + DRAWN], m[s + LAW], f[s + SIGMA], table)
    m[s + DRAWN] += CHUNK
    m[s + USED] = 0


@helper
def draw(m: Integers, f: Floats, s: int) -> float:
    """Of mean 1, in the order in which they are needed."""
    used = m[np.uintp(s + USED)]
    if used == CHUNK:
        refill(m, f, s)
        used = 0
    m[np.uintp(s + USED)] = used + 1
    return f[np.uintp(s + BUFFER + used)]
