from datetime import timedelta

from procrastinate.contrib.django import app

from quinze.base import clock, live

KEPT = timedelta(days=1)


@app.periodic(cron="17 * * * *")
@app.task(queue="upkeep", queueing_lock="forget_live_events")
def forget_live_events(timestamp: int) -> None:  # noqa: ARG001  (given to every periodic task)
    """A desk that was away for longer than a day starts from a fresh page."""
    live.forget(before=clock.now() - KEPT)


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="take_up_abandoned_jobs")
async def take_up_abandoned_jobs(timestamp: int) -> None:  # noqa: ARG001  (given to every periodic task)
    """A job whose worker was killed is done again: tasks are idempotent."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)
