"""n servers, k classes by priority, first come first served inside a class; nobody is interrupted.

No list of events. Customers are taken in order of arrival; a server that is freed before the next arrival serves the
first of the highest waiting class. One of the highest class never waits in a list: nobody can pass it, so its server
is known when it arrives.
"""

import numpy as np

from .compiled import kernel, shared
from .draws import Floats, fill_durations, fill_exponentials, fill_units
from .earliest import ABSENT, Integers, free_at, leaves_for, replace, winner

CHUNK = 4096


LINE = 1024  # at first


@shared
def longer(rings: Floats, wider: Floats, heads: Integers, tails: Integers) -> None:
    """Lines of customers who wait, (since, service), copied into twice the room."""
    for c in range(heads.size):
        for place in range(heads[c], tails[c]):
            cell = place & (wider.shape[1] - 1)
            old = place & (rings.shape[1] - 1)
            wider[c, cell, 0] = rings[c, old, 0]
            wider[c, cell, 1] = rings[c, old, 1]


@shared
def count(sums: Floats, batch: int, c: int, wait: float, within: float) -> None:
    if batch >= 0:
        sums[batch, c, 0] += 1.0
        sums[batch, c, 1] += wait
        sums[batch, c, 2] += wait <= within


@shared
def serve_first(
    tree: Integers, rings: Floats, heads: Integers, tails: Integers, sums: Floats, batch: int, within: float
) -> None:
    """Who is free first takes the first customer of the highest class that waits."""
    leaves = tree.size // 2
    c = 0
    while heads[c] == tails[c]:
        c += 1
    place = heads[c] & (rings.shape[1] - 1)
    heads[c] += 1
    free = free_at(tree, 0, leaves)
    replace(tree, 0, leaves, winner(tree, 0, leaves), free + rings[c, place, 1])
    count(sums, batch, c, free - rings[c, place, 0], within)


@shared
def class_of(unit: float, ends: Floats) -> int:
    c = 0
    while unit > ends[c]:
        c += 1
    return c


@kernel
def run(
    seed: np.uint64,
    customers: int,
    servers: int,
    gap: float,
    ends: Floats,
    means: Floats,
    law: int,
    sigma: float,
    table: Floats,
    within: float,
    warm_up: int,
    batches: int,
) -> Floats:
    """(batches, classes, 3): customers, sum of their waits, those who waited `within` or less. `ends`: cumulated
    shares."""
    sums = np.zeros((batches, ends.size, 3))
    leaves = leaves_for(servers)
    tree = np.full(2 * leaves, ABSENT)
    for server in range(servers):
        replace(tree, 0, leaves, server, 0.0)
    rings = np.empty((ends.size, LINE, 2))
    heads, tails = np.zeros(ends.size, np.int64), np.zeros(ends.size, np.int64)
    gaps, units, services = np.empty(CHUNK), np.empty(CHUNK), np.empty(CHUNK)
    waiting, now = 0, 0.0
    for done in range(0, customers, CHUNK):
        fill_exponentials(gaps, seed, done)
        fill_units(units, seed + np.uint64(1), done)
        fill_durations(services, seed + np.uint64(2), done, law, sigma, table)
        batch = (done - warm_up) * batches // (customers - warm_up) if done >= warm_up else -1
        for i in range(min(CHUNK, customers - done)):
            now += gaps[i] * gap
            while waiting > 0 and free_at(tree, 0, leaves) <= now:
                serve_first(tree, rings, heads, tails, sums, batch, within)
                waiting -= 1
            c = class_of(units[i], ends)
            service = services[i] * means[c]
            start = max(free_at(tree, 0, leaves), now)
            if c == 0 or start == now:
                replace(tree, 0, leaves, winner(tree, 0, leaves), start + service)
                count(sums, batch, c, start - now, within)
                continue
            if tails[c] - heads[c] == rings.shape[1]:
                wider = np.empty((ends.size, 2 * rings.shape[1], 2))
                longer(rings, wider, heads, tails)
                rings = wider
            rings[c, tails[c] & (rings.shape[1] - 1), 0] = now
            rings[c, tails[c] & (rings.shape[1] - 1), 1] = service
            tails[c] += 1
            waiting += 1
    return sums
