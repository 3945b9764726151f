"""Many scenarios at once, each with all its replications, and how far it has come.

with spread_over(workers=8) as spread:                  # ensembles: processes here, or a Dask cluster
    results = sweep(scenarios, spread=spread, progress=print)
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from .engine.general import play
from .episodes import Episodes, episodes, together
from .errors import whole
from .model import MOST_REPLICATIONS, Scenario
from .plan import Plan, plan_of
from .presence import Presence
from .results import Engine, Results, Spread, counted, replication
from .sample import draw

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
            replications=asked[name].count,
            waits=together([waits for waits, _ in played]),
            presences=[present for _, present in played],
        )
    return results


def waits_of(
    scenarios: Mapping[str, Scenario], *, replications: int, seed: int, engine: Engine = play, spread: Spread = map
) -> dict[str, Results]:
    """The waits of variants of one day, for the same callers. Those that differ by their agents only are played on the
    same draws, made once; how busy agents are and how long queues are is not counted: half the time of `sweep`."""
    plans = {name: plan_of(scenario) for name, scenario in scenarios.items()}
    task = partial(_variants, list(scenarios.values()), list(plans.values()), seed, engine)
    played = list(spread(task, range(replications)))
    return {
        name: Results(
            scenario=scenarios[name],
            seed=seed,
            plan=plans[name],
            replications=replications,
            waits=together([waits[index] for waits in played]),
            presences=[],
        )
        for index, name in enumerate(scenarios)
    }


def _variants(scenarios: list[Scenario], plans: list[Plan], seed: int, engine: Engine, number: int) -> list[Episodes]:
    found, drawn = [], None
    for scenario, plan in zip(scenarios, plans, strict=True):
        if drawn is None or not same_callers(scenario, drawn[0]):
            drawn = scenario, draw(scenario, replication=number, seed=seed)
        found.append(counted(scenario, episodes(plan, drawn[1], engine(plan, drawn[1]))))
    return found


def same_callers(one: Scenario, other: Scenario) -> bool:
    """Agents are nothing that is drawn."""
    if len(one.centres) != len(other.centres):
        return False
    centres = tuple(replace(a, groups=b.groups) for a, b in zip(one.centres, other.centres, strict=True))
    return replace(one, name=other.name, centres=centres) == other


class _Asked:
    def __init__(self, scenario: Scenario, replications: int | None, seed: int | None) -> None:
        self.scenario, self.plan = scenario, plan_of(scenario)
        self.count = scenario.replications if replications is None else replications
        self.seed = scenario.seed if seed is None else seed
        whole(self.count, 1, MOST_REPLICATIONS, place="réplications")

    def task(self, engine: Engine) -> partial[tuple[Episodes, Presence]]:
        return partial(replication, self.scenario, self.plan, self.seed, engine)
