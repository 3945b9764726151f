"""Which of n servers is free first: a tournament of the times at which they are.

The low bits of a key are the number of the server, the others those of its time: a positive float orders like the
integer of the same bits. One round is a minimum of two integers, without a branch to guess, and the path of a server
is known in advance. A time loses as many of its 52 bits: at most 14 of them for 10,000 servers, 5 for 20 (4e-15 of its
value).

A tournament of `leaves` (a power of two) servers is 2 * leaves cells of an array of integers, from `tree`; the winner
is in its second cell, the servers in its second half.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .compiled import helper, shared

Integers = NDArray[np.int64]
ABSENT = np.int64(0x7FF0000000000000)  # free at infinity


@shared
def leaves_for(servers: int) -> int:
    size = 1
    while size < servers:
        size *= 2
    return size


@helper
def winner(m: Integers, tree: int, leaves: int) -> int:
    return m[np.uintp(tree + 1)] & (leaves - 1)


@helper
def free_at(m: Integers, tree: int, leaves: int) -> float:
    return np.int64(m[np.uintp(tree + 1)] & ~(leaves - 1)).view(np.float64)


@helper
def climb(m: Integers, tree: int, node: int, key: Any) -> None:
    """An unsigned place spares the test of a negative one, at each round."""
    m[np.uintp(tree + node)] = key
    while node > 1:
        key = min(key, m[np.uintp(tree + (node ^ 1))])
        node = node >> 1
        m[np.uintp(tree + node)] = key


@helper
def replace(m: Integers, tree: int, leaves: int, server: int, at: float) -> None:
    """Server `server` will be free at `at` (0 or more)."""
    climb(m, tree, leaves + server, (np.float64(at).view(np.int64) & ~(leaves - 1)) | server)


@shared
def remove(m: Integers, tree: int, leaves: int, server: int) -> None:
    climb(m, tree, leaves + server, ABSENT)
