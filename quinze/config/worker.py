"""The process that does the jobs: `python -m quinze.config.worker`."""

import asyncio
import os
from contextlib import suppress
from datetime import timedelta

import django
import procrastinate

CONCURRENCY = 4
GRACE = 5.0
LATER_THAN_PAGES = 5  # a desk waits for its page; nobody looks at a job
SLOTS_ARE_OLD = timedelta(hours=26)


def worker_app() -> procrastinate.App:
    """The tasks of the product on a connector that can wait for jobs.

    The tasks stay tied to the Django application, so that a job deferred by a job is part of its transaction.
    """
    from procrastinate.contrib.django import app  # noqa: PLC0415  (needs Django set up)

    worker = procrastinate.App(
        connector=app.connector.get_worker_connector(),  # type: ignore[attr-defined]
        import_paths=app.import_paths,
        worker_defaults=app.worker_defaults,
        periodic_defaults=app.periodic_defaults,
    )
    worker.tasks, worker.periodic_registry = app.tasks, app.periodic_registry
    return worker


async def work() -> None:
    from quinze.config import postman  # noqa: PLC0415  (needs Django set up)

    worker = worker_app()
    async with worker.open_async():
        listening = asyncio.create_task(postman.follow(lambda: postman.send_all(worker)))
        await worker.run_worker_async(
            name="quinze", concurrency=CONCURRENCY, shutdown_graceful_timeout=GRACE, delete_jobs="successful"
        )
        listening.cancel()


def catch_up() -> None:
    """A service that slept for days asks for its slots at once, and not at the next night's run."""
    from procrastinate.exceptions import AlreadyEnqueued  # noqa: PLC0415

    from quinze.availability.queries import last_generation  # noqa: PLC0415  (needs Django set up)
    from quinze.availability.tasks import generate_slots  # noqa: PLC0415
    from quinze.base import clock  # noqa: PLC0415

    last = last_generation()
    if last is None or clock.now() - last.ran_at > SLOTS_ARE_OLD:
        with suppress(AlreadyEnqueued):
            generate_slots.defer(timestamp=int(clock.now().timestamp()))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quinze.config.settings")
    os.nice(LATER_THAN_PAGES)
    django.setup()
    catch_up()
    asyncio.run(work())


if __name__ == "__main__":
    main()
