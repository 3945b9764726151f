from datetime import timedelta

from procrastinate.contrib.django import app

from quinze.accounts import operations
from quinze.accounts.operations import help_mail
from quinze.base import clock

KEPT = timedelta(days=1)


@app.periodic(cron="43 * * * *")
@app.task(queue="upkeep", queueing_lock="forget_sessions")
def forget_sessions(timestamp: int) -> None:  # noqa: ARG001  (given to every periodic task)
    """Django dates sessions by the real clock, whatever the date of a demonstration."""
    operations.forget_sessions(ended_before=clock.now() - clock.offset() - KEPT)


@app.task(queue="messages", retry=4)
def send_invitation(user: int, sas: int, by: int) -> None:
    operations.send_invitation(user=user, sas=sas, by=by, at=clock.now())


@app.task(queue="messages", retry=4)
def tell_help_desk(request: int) -> None:
    help_mail.tell_help_desk(request=request, at=clock.now())


@app.task(queue="messages", retry=4)
def tell_answer(request: int) -> None:
    help_mail.tell_answer(request=request)


@app.periodic(cron="51 3 * * *")
@app.task(queue="upkeep", queueing_lock="forget_help")
def forget_help(timestamp: int) -> None:  # noqa: ARG001  (given to every periodic task)
    operations.forget_help(at=clock.now())
