"""Many scenarios at once, each with all its replications, and how far it has come.

with spread_over(workers=8) as spread:                  # ensembles: processes here, or a Dask cluster
    results = sweep(scenarios, spread=spread, progress=print)
"""

from collections.abc import Callable, Mapping
from functools import partial

from .engine.general import play
from .episodes import Episodes, together
from .errors import whole
from .model import MOST_REPLICATIONS, Scenario
from .plan import plan_of
from .presence import Presence
from .results import Engine, Results, Spread, replication

MOST_SCENARIOS = 10_000
Progress = Callable[[int, int], object]


def sweep(
    scenarios: Mapping[str, Scenario],
    *,
    replications: int | None = None,
    seed: int | None = None,
    engine: Engine = play,
    spread: Spread = map,
    progress: Progress | None = None,
) -> dict[str, Results]:
    """What `simulate` gives for each, under the same names. `seed` serves all of them: the same callers everywhere
    (common random numbers); None, each its own. `progress` is told (done, in all) after each replication, in this
    thread.

    All the work is handed out before the first result is awaited: with few replications and many scenarios, no
    worker waits for the end of one scenario. `ThreadPoolExecutor.map` is a spread too, and the quickest for a few
    seconds of work: the compiled engine does not hold Python's lock.
    """
    whole(len(scenarios), 1, MOST_SCENARIOS, place="nombre de scénarios")
    asked = {name: _Asked(scenario, replications, seed) for name, scenario in scenarios.items()}
    streams = {name: iter(spread(one.task(engine), range(one.count))) for name, one in asked.items()}
    total, done = sum(one.count for one in asked.values()), 0
    results: dict[str, Results] = {}
    for name, stream in streams.items():
        played = []
        for part in stream:
            played.append(part)
            done += 1
            if progress:
                progress(done, total)
        results[name] = Results(
            scenario=asked[name].scenario,
            seed=asked[name].seed,
            plan=asked[name].plan,
            waits=together([waits for waits, _ in played]),
            presences=[present for _, present in played],
        )
    return results


class _Asked:
    def __init__(self, scenario: Scenario, replications: int | None, seed: int | None) -> None:
        self.scenario, self.plan = scenario, plan_of(scenario)
        self.count = scenario.replications if replications is None else replications
        self.seed = scenario.seed if seed is None else seed
        whole(self.count, 1, MOST_REPLICATIONS, place="réplications")

    def task(self, engine: Engine) -> partial[tuple[Episodes, Presence]]:
        return partial(replication, self.scenario, self.plan, self.seed, engine)
