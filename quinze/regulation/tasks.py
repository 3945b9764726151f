from procrastinate.contrib.django import app

from quinze.base import clock
from quinze.regulation import operations


@app.periodic(cron="27 * * * *")
@app.task(queueing_lock="send_ageing_states")
def send_ageing_states(timestamp: int) -> int:  # noqa: ARG001  (given to every periodic task)
    """Validated files are closed after a day, closed ones filed after three months; a missed hour is caught up."""
    return operations.send_ageing_states(at=clock.now())
