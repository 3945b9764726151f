"""Which worker plays which journey."""

from functools import cache

from xdist.scheduler import LoadScopeScheduling

from quinze.config.places import ROOT


class ByService(LoadScopeScheduling):
    """Each test goes to the first free worker, but those of one service to the same: it is started once.

    In place of xdist's own groups: it writes them in the names of tests, which pytest 9.2 makes anew.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "tuesday" if _shares_the_service(nodeid.partition("::")[0]) else nodeid


@cache
def _shares_the_service(path: str) -> bool:
    """A journey that makes no `service` of its own."""
    return path.startswith("tests/journeys/") and "def service(" not in (ROOT / path).read_text(encoding="utf-8")
