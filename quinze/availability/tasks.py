from procrastinate.contrib.django import app

from quinze.availability import operations
from quinze.base import clock


@app.periodic(cron="10 2 * * *")
@app.task(queueing_lock="generate_slots", lock="generate_slots")
def generate_slots(timestamp: int, **_: object) -> None:  # noqa: ARG001  (the instant that the cron line fired)
    operations.generate_slots(at=clock.now())
