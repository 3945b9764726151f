from datetime import timedelta

from procrastinate.contrib.django import app

from quinze.base import clock
from quinze.directory.operations.newcomer import close_ended_places as close
from quinze.directory.operations.pace import forget_paces
from quinze.directory.operations.recruiting import end_contacts as end_their_time
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


@app.periodic(cron="27 * * * *")
@app.task(queue="upkeep", queueing_lock="end_contacts")
def end_contacts(timestamp: int) -> None:  # noqa: ARG001  (given to every periodic task)
    """Consents whose time is over, and what was kept of those who post on public pages."""
    end_their_time(at=clock.now())
    forget_paces(at=clock.now())
