"""The provider of the tests of Pro Santé Connect."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.accounts import psc_peers as psc


@pytest.fixture(scope="module")
def simulator() -> Iterator[psc.Faulty]:
    people = [psc.ROSE, psc.STRANGER]
    with psc.Faulty(people, client_id=psc.CLIENT_ID, secret=psc.SECRET).running() as running:
        yield running


@pytest.fixture
def provider(simulator: psc.Faulty, settings: Any) -> psc.Faulty:
    """The simulator, right until a test makes it wrong, and the settings that lead to it."""
    settings.QUINZE_PSC = psc.settings_of(simulator.issuer)
    simulator.fault = ""
    simulator.sessions.clear()
    return simulator
