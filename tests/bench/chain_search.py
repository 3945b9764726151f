"""Search, ranking and its log, as the OSNP's desk asks for it, one after another in this process."""

import time
from random import Random

from quinze.base import clock
from quinze.orientation import operations
from quinze.orientation.models import OrientationRequest
from tests.bench import chain_data

WARM_UP = 20


def measure(*, count: int) -> list[float]:
    """Milliseconds of each search, over requests drawn among the open ones (the first ones warm up, uncounted)."""
    osnp = chain_data.actor(6)
    open_ones = list(OrientationRequest.objects.filter(sas=osnp.sas, deadline__gt=clock.now()).order_by("pk"))
    random, times = Random(1), []
    for index in range(WARM_UP + count):
        request = random.choice(open_ones)
        began = time.perf_counter()
        operations.search(request=request, by=osnp, at=clock.now())
        if index >= WARM_UP:
            times.append((time.perf_counter() - began) * 1000)
    return times
