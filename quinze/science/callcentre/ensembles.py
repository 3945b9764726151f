"""Many replications at once: on a Dask cluster when Dask is installed, on the cores of this machine without it.

Both are used in the same way, and give exactly what one process gives: a replication depends on its number only.

    with spread_over(workers=8) as spread:                  # or address="tcp://scheduler:8786"
        results = simulate(scenario, spread=spread)
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from multiprocessing import get_context
from typing import Any

from .errors import ScenarioError, whole
from .results import Part, Spread

MOST_WORKERS = 10_000
REACHED_S = 10


def dask_is_installed() -> bool:
    return find_spec("distributed") is not None


@contextmanager
def spread_over(*, workers: int = 2, address: str | None = None, dask: bool | None = None) -> Iterator[Spread]:
    """`address` of a running Dask scheduler; without one, `workers` processes here. `dask` None: if it is installed."""
    whole(workers, 1, MOST_WORKERS, place="processus")
    if address is not None and not dask_is_installed():
        raise ScenarioError("grappe", f"{address} demande Dask, qui n’est pas installé : pip install quinze[cluster].")
    if address is not None or (dask_is_installed() if dask is None else dask):
        with _dask(workers, address) as spread:
            yield spread
    else:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            yield pool.map


@contextmanager
def _dask(workers: int, address: str | None) -> Iterator[Spread]:
    from distributed import LocalCluster  # noqa: PLC0415  (an extra)

    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
        if address is None
        else (_already(address)) as cluster,
        _reached(cluster, address) as client,
    ):

        def spread(task: Callable[[int], Part], numbers: Iterable[int], /) -> list[Part]:
            return list(client.gather(client.map(task, list(numbers), pure=False)))

        yield spread


@contextmanager
def _already(address: str) -> Iterator[str]:
    yield address


@contextmanager
def _reached(cluster: Any, address: str | None) -> Iterator[Any]:
    from distributed import Client  # noqa: PLC0415

    try:
        client = Client(cluster, timeout=REACHED_S)
    except (OSError, ValueError) as error:
        raise ScenarioError("grappe", f"{address} muette depuis {REACHED_S} s ; il faut tcp://machine:port.") from error
    with client:
        yield client
