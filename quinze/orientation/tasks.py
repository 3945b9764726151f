"""Jobs: each calls one operation, and a job that was missed, or run twice, changes nothing that it should not."""

from procrastinate.contrib.django import app

from quinze.base.clock import now
from quinze.orientation.operations.asking import expire_asks
from quinze.orientation.operations.fairness import count_offered_seats_everywhere
from quinze.orientation.operations.informing import inform_referring_doctors
from quinze.orientation.operations.reminders import send_reminders
from quinze.orientation.operations.rescue import rescue_seats
from quinze.orientation.operations.seats import sweep_expired
from quinze.orientation.operations.tallying import count_offered_days_everywhere, tally_searches_everywhere


@app.periodic(cron="* * * * * */15")
@app.task(queueing_lock="sweep_expired_holds")
def sweep_expired_holds(timestamp: int) -> int:  # noqa: ARG001  (given by every periodic job)
    return sweep_expired(at=now())


@app.periodic(cron="* * * * * */15")
@app.task(queueing_lock="rescue_freed_seats", lock="rescue_freed_seats")
def rescue_freed_seats(timestamp: int) -> int:  # noqa: ARG001
    return rescue_seats(at=now())


@app.periodic(cron="* * * * * */15")
@app.task(queueing_lock="expire_overbooking_asks")
def expire_overbooking_asks(timestamp: int) -> int:  # noqa: ARG001
    return expire_asks(at=now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="send_due_reminders")
def send_due_reminders(timestamp: int) -> int:  # noqa: ARG001
    return send_reminders(at=now())


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="count_offered_seats")
def count_seats_offered(timestamp: int) -> int:  # noqa: ARG001
    return count_offered_seats_everywhere(at=now())


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="tally_searches", lock="tally_searches")
def tally_searches(timestamp: int) -> int:  # noqa: ARG001
    return tally_searches_everywhere(at=now())


@app.periodic(cron="12 * * * *")
@app.task(queueing_lock="count_offered_days")
def count_days_offered(timestamp: int) -> int:  # noqa: ARG001
    return count_offered_days_everywhere(at=now())


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="inform_referring_doctors")
def tell_referring_doctors(timestamp: int) -> int:  # noqa: ARG001
    return inform_referring_doctors(at=now())
