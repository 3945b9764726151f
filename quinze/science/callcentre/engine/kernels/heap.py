"""What is to come, the earliest first: pairs (instant, key) in the cells of one array, compared in this order.

A heap is the cell where its own first cell is written, then the number of its pairs in the next one.
"""

from .compiled import helper
from .draws import Floats
from .earliest import Integers


@helper
def before(m: Integers, f: Floats, one: int, other: int) -> bool:
    return f[one] < f[other] or (f[one] == f[other] and m[one + 1] < m[other + 1])


@helper
def swap(m: Integers, one: int, other: int) -> None:
    m[one], m[other] = m[other], m[one]
    m[one + 1], m[other + 1] = m[other + 1], m[one + 1]


@helper
def push(m: Integers, f: Floats, heap: int, at: float, key: int) -> None:
    start, i = m[heap], m[heap + 1]
    f[start + 2 * i] = at
    m[start + 2 * i + 1] = key
    m[heap + 1] += 1
    while i > 0 and before(m, f, start + 2 * i, start + 2 * ((i - 1) // 2)):
        swap(m, start + 2 * i, start + 2 * ((i - 1) // 2))
        i = (i - 1) // 2


@helper
def drop_first(m: Integers, f: Floats, heap: int) -> None:
    m[heap + 1] -= 1
    start, size, i = m[heap], m[heap + 1], 0
    swap(m, start, start + 2 * size)
    while 2 * i + 1 < size:
        child = 2 * i + 1
        if child + 1 < size and before(m, f, start + 2 * child + 2, start + 2 * child):
            child += 1
        if not before(m, f, start + 2 * child, start + 2 * i):
            return
        swap(m, start + 2 * i, start + 2 * child)
        i = child
