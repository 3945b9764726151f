"""Who answers which call: the distribution core (quinze.science.distribution), compiled.

Everything lies in one array seen as integers (`m`) and as floats (`f`), laid out by general.py of the folder above.
Rows and agents are linked by their number + 1; 0 is nobody. Waiting calls of one queue and priority are in order of
arrival, so a line only grows at its end; idle agents of a group are in order of (idle since, number).
"""

from .compiled import helper
from .draws import Floats
from .earliest import Integers
from .heap import drop_first, push

# The first cells: where each table is, and counters. A heap takes two cells.
EVENTS, ALARMS, PATHS, LEVELS, QUEUES, GROUPS, LINES, ACTIVE, AGENTS, ROWS = 0, 2, 4, 5, 6, 7, 8, 9, 10, 11
ORDERS, LEGS, CALLS_WAITING, IDLE_AGENTS, CHOSEN, CENTRES, OUTAGES, OUTAGES_END, BOUNDARIES, STEPS = range(12, 22)
QUEUE_COUNT, AGENT_COUNT, HEADER = 22, 23, 24
PRIORITIES = 10
# Of a queue; SERVERS are triples (group, tier, after).
SERVERS, SERVERS_END, THRESHOLDS, THRESHOLDS_END, DIVERT, RESERVE, GUARDS_IDLE, QUEUE_CELLS = range(8)
# Of a group: its idle agents, and the queues whose reserve they are part of.
FIRST_IDLE, LAST_IDLE, GUARDED, GUARDED_END, GROUP_CELLS = range(5)
# Of a line: its ends, and its place among those of its priority that are not empty.
HEAD, TAIL, PLACE, LINE_CELLS = range(4)
POST, IDLE_SINCE, LEAVING, EARLIER, LATER, GROUP, RANK, AGENT_CELLS = range(8)
OFF, IDLE, RINGING, BUSY, WRAP_UP = range(5)
STEP, ATTEMPT, VISIT, WAITING, TRUNK, SINCE, ORDER, LEG, AGENT, KEEPER, ON_LINE, CALL_BACK = range(12)
PREVIOUS, NEXT, LINE, ROW_CELLS = 12, 13, 14, 16
HELP, DIVERSION = 0, 1
NO_LINE = -1


@helper
def agent_cell(m: Integers, agent: int) -> int:
    return m[AGENTS] + agent * AGENT_CELLS


@helper
def row_cell(m: Integers, row: int) -> int:
    return m[ROWS] + row * ROW_CELLS


@helper
def line_cell(m: Integers, line: int) -> int:
    return m[LINES] + line * LINE_CELLS


@helper
def queue_cell(m: Integers, queue: int) -> int:
    return m[QUEUES] + queue * QUEUE_CELLS


@helper
def group_cell(m: Integers, group: int) -> int:
    return m[GROUPS] + group * GROUP_CELLS


# Lines


@helper
def active_cell(m: Integers, priority: int) -> int:
    """How many lines of a priority are not empty, then these lines."""
    return m[ACTIVE] + priority * (m[QUEUE_COUNT] + 1)


@helper
def place(m: Integers, row: int, line: int) -> None:
    r, ends = row_cell(m, row), line_cell(m, line)
    m[r + LINE], m[r + NEXT], m[r + PREVIOUS] = line, 0, m[ends + TAIL]
    if m[ends + TAIL]:
        m[row_cell(m, m[ends + TAIL] - 1) + NEXT] = row + 1
    else:
        m[ends + HEAD] = row + 1
        active = active_cell(m, line % PRIORITIES)
        m[active] += 1
        m[active + m[active]] = line
        m[ends + PLACE] = m[active]
    m[ends + TAIL] = row + 1
    m[CALLS_WAITING] += 1


@helper
def unplace(m: Integers, row: int) -> None:
    r = row_cell(m, row)
    line = m[r + LINE]
    ends, earlier, later = line_cell(m, line), m[r + PREVIOUS], m[r + NEXT]
    if earlier:
        m[row_cell(m, earlier - 1) + NEXT] = later
    else:
        m[ends + HEAD] = later
    if later:
        m[row_cell(m, later - 1) + PREVIOUS] = earlier
    else:
        m[ends + TAIL] = earlier
    if m[ends + HEAD] == 0:
        active = active_cell(m, line % PRIORITIES)
        moved = m[active + m[active]]
        m[active + m[ends + PLACE]] = moved
        m[line_cell(m, moved) + PLACE] = m[ends + PLACE]
        m[active] -= 1
    m[r + LINE] = NO_LINE
    m[CALLS_WAITING] -= 1


@helper
def enqueue(m: Integers, f: Floats, row: int, queue: int, priority: int, now: float) -> None:
    r, q = row_cell(m, row), queue_cell(m, queue)
    m[ORDERS] += 1
    f[r + SINCE], m[r + ORDER], m[r + LEG] = now, m[ORDERS], 0
    place(m, row, queue * PRIORITIES + priority)
    for cell in range(m[q + THRESHOLDS], m[q + THRESHOLDS_END]):
        push(m, f, ALARMS, now + f[cell], (HELP << 60) | (m[ORDERS] << 29) | row)
    if f[q + DIVERT] < 1e300 and m[r + ON_LINE] and m[r + KEEPER] == 0:
        push(m, f, ALARMS, now + f[q + DIVERT], (DIVERSION << 60) | (m[ORDERS] << 29) | row)


# Agents


@helper
def guard(m: Integers, group: int, more: int) -> None:
    m[IDLE_AGENTS] += more
    g = group_cell(m, group)
    for cell in range(m[g + GUARDED], m[g + GUARDED_END]):
        m[queue_cell(m, m[cell]) + GUARDS_IDLE] += more


@helper
def stand_idle(m: Integers, f: Floats, agent: int) -> None:
    """Nearly always at the end of the list; before others for an agent whose caller hung up while it rang."""
    a = agent_cell(m, agent)
    g = group_cell(m, m[a + GROUP])
    earlier, later = m[g + LAST_IDLE], 0
    while earlier:
        other = f[agent_cell(m, earlier - 1) + IDLE_SINCE]
        if other < f[a + IDLE_SINCE] or (other == f[a + IDLE_SINCE] and earlier < agent + 1):
            break
        later, earlier = earlier, m[agent_cell(m, earlier - 1) + EARLIER]
    m[a + EARLIER], m[a + LATER] = earlier, later
    m[agent_cell(m, earlier - 1) + LATER if earlier else g + FIRST_IDLE] = agent + 1
    m[agent_cell(m, later - 1) + EARLIER if later else g + LAST_IDLE] = agent + 1
    guard(m, m[a + GROUP], 1)


@helper
def post(m: Integers, f: Floats, agent: int, what: int) -> None:
    a = agent_cell(m, agent)
    if m[a + POST] == IDLE:
        g = group_cell(m, m[a + GROUP])
        earlier, later = m[a + EARLIER], m[a + LATER]
        m[agent_cell(m, earlier - 1) + LATER if earlier else g + FIRST_IDLE] = later
        m[agent_cell(m, later - 1) + EARLIER if later else g + LAST_IDLE] = earlier
        guard(m, m[a + GROUP], -1)
    m[a + POST] = what
    if what == IDLE:
        stand_idle(m, f, agent)


@helper
def back_to_idle(m: Integers, f: Floats, agent: int) -> None:
    post(m, f, agent, OFF if m[agent_cell(m, agent) + LEAVING] else IDLE)


@helper
def wrapped_up(m: Integers, f: Floats, agent: int, now: float) -> None:
    if m[agent_cell(m, agent) + POST] == WRAP_UP:
        f[agent_cell(m, agent) + IDLE_SINCE] = now
        back_to_idle(m, f, agent)


@helper
def on_duty(m: Integers, f: Floats, agent: int, there: bool, now: float) -> None:
    a = agent_cell(m, agent)
    m[a + LEAVING] = not there
    if there and m[a + POST] == OFF:
        f[a + IDLE_SINCE] = now
        post(m, f, agent, IDLE)
    elif not there and m[a + POST] == IDLE:
        post(m, f, agent, OFF)


# Matching


@helper
def spare(m: Integers, group: int) -> bool:
    """More idle agents than every reserve they are part of keeps."""
    g = group_cell(m, group)
    for cell in range(m[g + GUARDED], m[g + GUARDED_END]):
        q = queue_cell(m, m[cell])
        if m[q + GUARDS_IDLE] <= m[q + RESERVE]:
            return False
    return True


@helper
def best_agent(m: Integers, f: Floats, row: int, now: float) -> int:
    """Their number + 1: of the lowest tier, idle for the longest time, first in the rules."""
    r = row_cell(m, row)
    q = queue_cell(m, m[r + LINE] // PRIORITIES)
    best, best_tier, best_since = 0, 0, 0.0
    for cell in range(m[q + SERVERS], m[q + SERVERS_END], 3):
        agent, tier = m[group_cell(m, m[cell]) + FIRST_IDLE], m[cell + 1]
        if agent == 0 or now < f[r + SINCE] + f[cell + 2]:
            continue
        since = f[agent_cell(m, agent - 1) + IDLE_SINCE]
        ahead = tier < best_tier or (
            tier == best_tier and (since < best_since or (since == best_since and agent < best))
        )
        if (best == 0 or ahead) and (m[r + LINE] % PRIORITIES == 0 or spare(m, m[cell])):
            best, best_tier, best_since = agent, tier, since
    return best


@helper
def choose(m: Integers, f: Floats, now: float) -> int:
    """The row + 1 of the first call, in the order of service, that some idle agent can take; who, in CHOSEN."""
    for priority in range(PRIORITIES):
        active, best = active_cell(m, priority), 0
        for index in range(m[active]):
            row = m[line_cell(m, m[active + 1 + index]) + HEAD]
            if best and m[row_cell(m, row - 1) + ORDER] > m[row_cell(m, best - 1) + ORDER]:
                continue
            agent = best_agent(m, f, row - 1, now)
            if agent:
                best = row
                m[CHOSEN] = agent
        if best:
            return best
    return 0


@helper
def alarm(m: Integers, f: Floats) -> int:
    """Takes the next one; its key."""
    key = m[m[ALARMS] + 1]
    drop_first(m, f, ALARMS)
    return key
