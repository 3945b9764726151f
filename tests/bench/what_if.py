"""The supervisor's "et si" as a person asks it, in a process that has just started: the page of a SAS, its database
beside, through every layer of Django. Run by tests/bench/staffing.py in a process of its own; writes figures as JSON.

`first_what_if_s` is the first page of the process, asked once the engine is read (behind the first study opened);
`what_if_s` the best of the next five, each with other hypotheses. Time on the clock, with processor time beside it.
"""

import json
import os
import sys
import time

from tests.bench.report import VAR

SITE = VAR / "bench" / "staffing"
CALLS = 248_000  # a year, of a middling SAS
MOST_POSTS = 6


def main() -> int:
    os.environ |= {"QUINZE_VAR": str(SITE), "QUINZE_MODE": "test", "DJANGO_SETTINGS_MODULE": "quinze.config.settings"}
    os.environ.setdefault("NUMBA_CACHE_DIR", str(VAR / "pycache" / "numba"))
    SITE.mkdir(parents=True, exist_ok=True)
    from quinze.config import postgres

    with postgres.Server(SITE) as server:
        os.environ["DATABASE_URL"] = server.url
        print(json.dumps(_measured()))
    return 0


def _measured() -> dict[str, float]:
    began = time.process_time()
    from quinze.config import wsgi  # noqa: F401
    from quinze.staffing import playing

    playing.read_behind().join()
    ready = time.process_time() - began
    from django.core.management import call_command
    from django.test import Client

    from quinze.accounts.roles import Role
    from tests.factories.accounts import login, make_actor

    call_command("migrate", verbosity=0)
    client = login(Client(), make_actor(Role.SUPERVISOR))
    times = [_page(client, posts) for posts in range(1, MOST_POSTS + 1)]
    clock, processor = zip(*times, strict=True)
    return {
        "first_what_if_s": round(clock[0], 3),
        "what_if_s": round(min(clock[1:]), 3),
        "first_what_if_processor_s": round(processor[0], 3),
        "what_if_processor_s": round(min(processor[1:]), 3),
        "start_processor_s": round(ready, 2),
    }


def _page(client: object, posts: int) -> tuple[float, float]:
    query = {"appels_par_an": CALLS, "heure": 11, "tenus_n1": posts}
    began, used = time.perf_counter(), time.process_time()
    answer = client.get("/effectifs/etudes/et-si/", query, secure=True)  # type: ignore[attr-defined]
    spent = time.perf_counter() - began, time.process_time() - used
    page = answer.content.decode()
    if answer.status_code != 200 or page.count(" ± ") < 20:
        raise SystemExit(f"the page did not answer: {answer.status_code}")
    return spent


if __name__ == "__main__":
    sys.exit(main())
