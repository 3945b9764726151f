"""make bench NAME=fhir: the agenda server as the national platform asks it, over a tenth of France.

A running service (pages, live events, worker) with its own database in var/bench/fhir, disk safety on. One registered
client asks over loopback, with the headers that the reverse proxy would add; TLS is not measured.
- `slots_25_p99_ms`: 25 professionals of one SAS drawn at random, now to the end of the day after tomorrow, one request
  after another; time in the server, as it says in Server-Timing.
- `requests_per_s`: the same requests from eight clients at once, on the same two cores as the server and PostgreSQL.
- `official_verdicts_matched`: of the 86 official examples, those that our judge judges as the official validator does.
- `border_ms_per_resource`: processor time to judge one resource that a peer sent, the dearest kind: a slot of an
  editor's Bundle (25 doctors, a thousand slots), an account (INT_R02), an appointment (INT_R03).
- `bundle_1000_ms`: 25 professionals who have many slots, over as many days as it takes to have a thousand; server time.
ARGS="--keep" reuses the data.
"""

import argparse
import http.client
import json
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from urllib.parse import quote

from tests.bench import site
from tests.bench.report import VAR, machine, percentile, table, write

SITE = VAR / "bench" / "fhir"
PORT = 8791
CLIENTS, PROFESSIONALS, WARM_UP = 8, 25, 60
SUBJECT = "CN=banc.quinze.invalid,OU=BANC"
SECRET = secrets.token_hex(32)
AT_MOST = {"slots_25_p99_ms": 60, "bundle_1000_ms": 250, "border_ms_per_resource": 1, "failed": 0}
AT_LEAST = {"requests_per_s": 150, "official_verdicts_matched": 86}
THOUSAND = 1000
INCLUDES = (
    "_include=Slot:schedule&_include:iterate=Schedule:actor&_include=Slot:service-type-reference"
    "&_include:iterate=HealthcareService:organization"
)


@dataclass(frozen=True, slots=True)
class Timed:
    ms: float  # in the server
    status: int
    body: bytes


def main() -> int:
    options = _options()
    with site.opened(SITE, keep=options.keep, QUINZE_FHIR_PROXY_SECRET=SECRET):
        figures = _measure(options)
    _say(figures)
    print(f"\n{write('fhir', figures)}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench NAME=fhir")
    parser.add_argument("--count", type=int, default=600, help="requests one after another")
    parser.add_argument("--seconds", type=float, default=15, help="of requests at once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="reuse the data of the last run")
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> dict[str, float]:
    from tests.bench import booking_data
    from tests.interop.fhir.verdicts import matched

    began = time.perf_counter()
    print(f"{booking_data.country(options.seed)} ({time.perf_counter() - began:.0f} s; {machine()})")
    at = booking_data.instant()
    _register()
    random = Random(options.seed)
    drawn = [_request(numbers, at, days=3) for numbers in _groups(options.count, random)]
    with site.service(SITE, port=PORT, QUINZE_START_AT=at.isoformat(), QUINZE_POOL="12"):
        _one_after_another(drawn[:WARM_UP])
        alone = _one_after_another(drawn)
        many = _at_once(drawn, seconds=options.seconds)
        large = _large(at)
    slots = [json.loads(each.body)["total"] for each in alone[:200]]
    return {
        "slots_25_p50_ms": percentile([each.ms for each in alone], 50),
        "slots_25_p99_ms": percentile([each.ms for each in alone], 99),
        "slots_25_p50_slots": percentile(slots, 50),
        "slots_25_max_slots": max(slots),
        "requests_per_s": round(len(many) / options.seconds, 1),
        "at_once_p99_ms": percentile([each.ms for each in many], 99),
        "bundle_1000_ms": percentile([each.ms for each in large], 99),
        "official_verdicts_matched": matched(),
        "border_ms_per_resource": round(_border(at), 3),
        "bundle_1000_slots": json.loads(large[0].body)["total"],
        "bundle_1000_bytes": len(large[0].body),
        "failed": sum(each.status != http.client.OK for each in (*alone, *many, *large)),
    }


# ---- who is asked, and how


def _register() -> None:
    from quinze.base import clock
    from quinze.interop.fhir.clients import register_client
    from quinze.interop.models import FhirClient, Flow

    if not FhirClient.objects.exists():
        register_client(name="Banc", common_name="banc.quinze.invalid", unit="BANC", flows=list(Flow.values),
                        sas=None, per_minute=60_000, at=clock.now())  # fmt: skip


def _groups(count: int, random: Random) -> list[list[str]]:
    """25 professionals who take part in one SAS, drawn again for each request."""
    from quinze.directory.models import Participation

    rows = Participation.objects.filter(professional__rpps__isnull=False).values_list("sas_id", "professional__rpps")
    by_sas: dict[int, list[str]] = {}
    for sas, rpps in rows.order_by("pk"):
        by_sas.setdefault(sas, []).append(str(rpps))
    large = [each for each in by_sas.values() if len(each) >= PROFESSIONALS]
    return [random.sample(random.choice(large), PROFESSIONALS) for _ in range(count)]


def _request(numbers: Sequence[str], at: datetime, *, days: int) -> str:
    tokens = ",".join(f"urn:oid:1.2.250.1.71.4.2.1|8{number}" for number in numbers)
    start = at.isoformat(timespec="milliseconds")
    end = (at + timedelta(days=days)).replace(hour=0, minute=0).isoformat(timespec="milliseconds")
    query = f"{INCLUDES}&start=ge{quote(start)}&start=le{quote(end)}&status=free&_count=1000"
    return f"/fhir/Slot?{query}&schedule.actor:Practitioner.identifier={quote(tokens, safe=':,')}"


def _large(at: datetime) -> list[Timed]:
    """The same thousand slots, asked again and again."""
    numbers = _busiest(at)
    for days in range(2, 15):
        path = _request(numbers, at, days=days)
        (found,) = _one_after_another([path])
        if found.status == http.client.OK and json.loads(found.body)["total"] >= THOUSAND:
            return _one_after_another([path] * 100)
    raise SystemExit("No 25 professionals have a thousand slots: nothing is measured.")


def _busiest(at: datetime) -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT person.rpps FROM availability_slot slot
                JOIN directory_professional person ON person.id = slot.professional_id
                JOIN directory_participation part ON part.professional_id = person.id AND part.during @> %(at)s
                WHERE slot.status = 'open' AND slot.audience = 'SNP' AND slot.starts_at > %(at)s
                GROUP BY person.rpps ORDER BY count(*) DESC, person.rpps LIMIT %(many)s""",
            {"at": at, "many": PROFESSIONALS},
        )
        return [row[0] for row in cursor.fetchall()]


def _border(at: datetime) -> float:
    """Milliseconds of processor a resource, of the dearest of the three kinds."""
    from quinze.interop.editors.questions import Window
    from quinze.interop.editors.reading import read
    from quinze.interop.fhir import appointment, regulator
    from tests.interop.fhir import test_appointment, test_regulator

    numbers = [f"8100000{rank:05d}" for rank in range(PROFESSIONALS)]
    said = json.dumps(_offered(numbers, at)).encode()
    window = Window(at, at + timedelta(days=3))
    seen = read(said, asked=numbers, window=window, hosts=["editeur.exemple"])
    if len(seen.offered) != THOUSAND:
        raise SystemExit(f"The border kept {len(seen.offered)} slots of {THOUSAND}: {seen.dropped}")
    acts = ((lambda: read(said, asked=numbers, window=window, hosts=["editeur.exemple"]), THOUSAND),
            (lambda: regulator.read(test_regulator.sound()), 1),
            (lambda: appointment.read(test_appointment.sound()), 1))  # fmt: skip
    return max(_spent(act) / resources for act, resources in acts)


def _offered(numbers: Sequence[str], at: datetime) -> dict[str, object]:
    """As an editor says it: as many free hours for each of these doctors, a thousand in all."""
    from quinze.interop.editors.fake_agenda import Doctor, Hour, searchset

    each = range(1, THOUSAND // PROFESSIONALS + 1)
    doctors = [Doctor(number, "Cormier", "Hélène", "1 rue des Essences", "Poitiers", "86000",
                      [Hour(at + timedelta(minutes=15 * rank)) for rank in each]) for number in numbers]  # fmt: skip
    return searchset(doctors, of="https://editeur.exemple/fhir", since=at, until=at + timedelta(days=3), asked="-")


def _spent(act: Callable[[], object]) -> float:
    """Milliseconds of processor, the middle of twenty."""
    act()
    times = []
    for _ in range(20):
        began = time.process_time()
        act()
        times.append((time.process_time() - began) * 1000)
    return percentile(times, 50)


# ---- the service, and the requests


def _one_after_another(paths: Sequence[str]) -> list[Timed]:
    link = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    try:
        return [_get(link, path) for path in paths]
    finally:
        link.close()


def _get(link: http.client.HTTPConnection, path: str) -> Timed:
    link.request("GET", path, headers={
        "Accept": "application/json+fhir", "X-Fhir-Proxy-Secret": SECRET, "X-Client-Verify": "SUCCESS",
        "X-Client-Subject": SUBJECT,
    })  # fmt: skip
    answer = link.getresponse()
    body = answer.read()
    return Timed(float((answer.getheader("Server-Timing") or "dur=0").rpartition("=")[2]), answer.status, body)


def _at_once(paths: Sequence[str], *, seconds: float) -> list[Timed]:
    found: list[Timed] = []
    until = time.monotonic() + seconds

    def client(number: int) -> None:
        link = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        turn = number * len(paths) // CLIENTS
        while time.monotonic() < until:
            one = _get(link, paths[turn % len(paths)])
            found.append(Timed(one.ms, one.status, b""))
            turn += 1
        link.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _say(figures: dict[str, float]) -> None:
    rows = [(name, figures[name], f"≤ {most}", "yes" if figures[name] <= most else "NO")
            for name, most in AT_MOST.items()]  # fmt: skip
    rows += [(name, figures[name], f"≥ {least}", "yes" if figures[name] >= least else "NO")
             for name, least in AT_LEAST.items()]  # fmt: skip
    table(rows, head=("figure", "measured", "target", "met"))
    told = {**AT_MOST, **AT_LEAST}
    print(", ".join(f"{name} {value}" for name, value in figures.items() if name not in told))


if __name__ == "__main__":
    raise SystemExit(main())
