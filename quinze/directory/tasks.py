from datetime import timedelta

from procrastinate.contrib.django import app

from quinze.base import clock
from quinze.directory.operations.newcomer import close_ended_places as close
from quinze.directory.operations.stamps import forget_stamps

STAMPS_KEPT = timedelta(days=1)  # twice what a process keeps: orientation/queries/practices.py


@app.periodic(cron="17 * * * *")
@app.task(queue="upkeep", queueing_lock="close_ended_places")
def close_ended_places(timestamp: int) -> None:  # noqa: ARG001  (given to every periodic task)
    close(at=clock.now())


@app.periodic(cron="37 * * * *")
@app.task(queue="upkeep", queueing_lock="forget_practice_stamps")
def forget_practice_stamps(timestamp: int) -> None:  # noqa: ARG001  (given to every periodic task)
    forget_stamps(before=clock.now() - STAMPS_KEPT)
