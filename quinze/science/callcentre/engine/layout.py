"""A plan laid out in the cells that the general engine works in (see kernels/room.py)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quinze.science.callcentre.plan import LEVELS, Plan

Cells = NDArray[np.int64]
Numbers = NDArray[np.float64] | NDArray[np.integer] | NDArray[np.bool_] | Sequence[int]


class Cells64:
    """Tables put one after the other; a column of floats keeps its bits."""

    def __init__(self, header: int) -> None:
        self.parts: list[Cells] = [np.zeros(header, dtype=np.int64)]
        self.size = header

    def table(self, *columns: Numbers, rows: int | None = None) -> int:
        """One row an element, the cell where the table begins. Without columns: `rows` cells at 0."""
        if columns:
            cells = np.stack([_bits(column) for column in columns], axis=-1).reshape(-1)
        else:
            cells = np.zeros(rows or 0, dtype=np.int64)
        self.parts.append(cells)
        self.size += cells.size
        return self.size - cells.size

    def laid(self) -> Cells:
        return np.concatenate(self.parts)


def _bits(column: Numbers) -> Cells:
    values = np.asarray(column)
    return values.view(np.int64).ravel() if values.dtype == np.float64 else values.astype(np.int64).ravel()


def lay_out(plan: Plan, rows: int) -> Cells:
    """Everybody off duty, nobody calling; the two heaps are empty, with room for a first thousand and one shift."""
    from .kernels import room  # noqa: PLC0415  (numba is read when something is computed)

    cells = Cells64(room.HEADER)
    queues, agents = plan.centres * LEVELS, len(plan.agent_group)
    header = {
        room.PATHS: cells.table(plan.level, plan.priority, plan.handover),
        room.LEVELS: cells.table(plan.answer_delay, plan.call_back),
        room.CENTRES: cells.table(np.zeros(plan.centres, np.int32), plan.trunks),
        room.OUTAGES: cells.table(plan.outage_centre, plan.outage[:, 0].copy(), plan.outage[:, 1].copy()),
        room.OUTAGES_END: cells.size,
        room.QUEUES: _queues(plan, cells),
        room.GROUPS: _groups(plan, cells),
        room.LINES: cells.table(rows=queues * room.PRIORITIES * room.LINE_CELLS),
        room.ACTIVE: cells.table(rows=room.PRIORITIES * (queues + 1)),
        room.AGENTS: _agents(plan, cells),
        room.ROWS: _rows(rows, cells),
        room.STEPS: plan.steps,
        room.QUEUE_COUNT: queues,
        room.AGENT_COUNT: agents,
    }
    room_for = 2 * (1024 + agents + len(plan.boundary))
    header[room.EVENTS] = cells.table(rows=room_for)
    header[room.ALARMS] = cells.table(rows=room_for)
    m = cells.laid()
    for cell, value in header.items():
        m[cell] = value
    _shifts(plan, m, events=room.EVENTS)
    return m


def _queues(plan: Plan, cells: Cells64) -> int:
    served = [np.flatnonzero(plan.tier[:, queue] >= 0) for queue in range(plan.tier.shape[1])]
    waits = [row[np.isfinite(row)] for row in plan.thresholds]
    servers = [cells.table(one, plan.tier[one, q], plan.after[one, q]) for q, one in enumerate(served)]
    thresholds = [cells.table(row) for row in waits]
    return cells.table(
        servers,
        [start + 3 * len(one) for start, one in zip(servers, served, strict=True)],
        thresholds,
        [start + len(row) for start, row in zip(thresholds, waits, strict=True)],
        np.tile(plan.divert_after, plan.centres),
        plan.reserve,
        np.zeros(len(served), np.int32),
    )


def _groups(plan: Plan, cells: Cells64) -> int:
    guarded = [np.flatnonzero(row & (plan.reserve > 0)).astype(np.int32) for row in plan.guards]
    starts = [cells.table(row) for row in guarded]
    nobody = np.zeros(len(guarded), np.int32)
    return cells.table(nobody, nobody, starts, [start + len(row) for start, row in zip(starts, guarded, strict=True)])


def _agents(plan: Plan, cells: Cells64) -> int:
    nothing = np.zeros(len(plan.agent_group), np.int32)
    return cells.table(*[nothing] * 5, plan.agent_group, plan.agent_rank)


def _rows(rows: int, cells: Cells64) -> int:
    from .kernels import room  # noqa: PLC0415  (numba is read when something is computed)

    columns = np.zeros((rows, room.ROW_CELLS), np.int32)
    columns[:, room.LINE] = room.NO_LINE
    return cells.table(columns)


def _shifts(plan: Plan, m: Cells, *, events: int) -> None:
    """In order of time, they are a heap already; their kind is 0."""
    count = len(plan.boundary)
    m[m[events] : m[events] + 2 * count : 2] = plan.boundary.view(np.int64)
    m[m[events] + 1 : m[events] + 2 * count : 2] = np.arange(count, dtype=np.int64) << 30
    m[events + 1] = count
