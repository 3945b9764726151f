from procrastinate.contrib.django import app

from quinze.base import clock
from quinze.directory.operations.newcomer import close_ended_places as close


@app.periodic(cron="17 * * * *")
@app.task(queue="upkeep", queueing_lock="close_ended_places")
def close_ended_places(timestamp: int) -> None:  # noqa: ARG001  (given to every periodic task)
    close(at=clock.now())
