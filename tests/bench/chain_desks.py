"""Desks in a room: each polls its list, opens files and acts, over HTTP; some listen to the live events.

Server time is what the server itself says (Server-Timing header), so the load generator's own share of the two cores
is not blamed on it. The live delay runs from the instant stamped by the operation, before its commit, to the arrival of
the event at another desk: an upper bound of "commit to other desk". Desks that listen read their list again at each
event that concerns it, after a random delay of up to 250 ms and at most five times a second, as the pages do.
"""

import json
import re
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import httpx

from quinze.accounts.roles import Role
from quinze.interop.demo import staff
from tests.bench import chain_data

THINK = (2.0, 6.0)  # seconds between two requests of one desk: a call every half minute, three times as fast as people
CHOICE = re.compile(r'name="choice" value="([^"]+)"')
RANKING = re.compile(r'name="ranking" value="(\d+)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Load:
    pages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    live: list[float] = field(default_factory=list)  # ms from an operation to its event at another desk
    read: list[float] = field(default_factory=list)  # ms from an operation to the whole list read again there
    refused: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # answered by a 4xx
    failed: int = 0
    counting: bool = False
    stopping: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


def load(*, port: int, desks: int, warm_up: float, seconds: float) -> Load:
    result = Load()
    people = [Desk(number, port, result) for number in range(desks)]
    threads = [threading.Thread(target=desk.work, daemon=True) for desk in people]
    threads += [threading.Thread(target=work, daemon=True) for desk in people for work in (desk.listen, desk.refresh)]
    for thread in threads:
        thread.start()
    for desk in people:  # thirty passwords checked at once are a change of shift, not the work of a desk
        desk.ready.wait(120)
    time.sleep(warm_up)
    result.counting = True
    time.sleep(seconds)
    result.counting, result.stopping = False, True
    for thread in threads:
        thread.join(5)
    return result


class Desk:
    def __init__(self, number: int, port: int, result: Load) -> None:
        self.role, self.random, self.result = chain_data.role(number), Random(number), result
        self.base, self.events = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}/events"
        self.http = httpx.Client(base_url=self.base, timeout=30, follow_redirects=True)
        self.ready, self.stale = threading.Event(), threading.Event()
        self.since: str | None = None  # the oldest change that the list does not show yet
        self.number, self.user = number, chain_data.actor(number).user.pk

    # ---- talking to the server

    def get(self, name: str, path: str) -> httpx.Response:
        return self._send(name, "GET", path)

    def post(self, name: str, path: str, data: dict[str, str], page: str) -> httpx.Response:
        token = TOKEN.search(page)
        fields = {"csrfmiddlewaretoken": token.group(1) if token else "", **data}
        return self._send(name, "POST", path, data=fields, headers={"Referer": self.base})

    def _send(self, name: str, method: str, path: str, **options: object) -> httpx.Response:
        time.sleep(self.random.uniform(*THINK))
        response = self.http.request(method, path, **options)  # type: ignore[arg-type]
        for each in (*response.history, response):
            self._count(name, each)
        return response

    def _count(self, name: str, response: httpx.Response) -> None:
        if not self.result.counting:
            return
        timing = response.headers.get("Server-Timing", "")
        with self.result.lock:
            self.result.failed += response.status_code >= 500
            self.result.refused[f"{response.request.method} {name}"] += 400 <= response.status_code < 500
            if found := re.search(r"dur=([\d.]+)", timing):
                self.result.pages[f"{response.request.method} {name}"].append(float(found.group(1)))

    # ---- what a desk does

    def work(self) -> None:
        page = self.http.get("/connexion/").text
        email = chain_data.email(self.number)
        self.post("login", "/connexion/", {"email": email, "password": staff.PASSWORD}, page)
        self.ready.set()
        act = {
            Role.ARM: self._arm,
            Role.REGULATEUR_SNP: self._doctor,
            Role.REGULATEUR_AMU: self._doctor,
            Role.OSNP: self._osnp,
            Role.SUPERVISOR: self._supervisor,
        }[self.role]
        while not self.result.stopping:
            try:
                act()
            except httpx.HTTPError:
                with self.result.lock:
                    self.result.failed += self.result.counting

    def _arm(self) -> None:
        page = self.get("ARM desk", "/arm/").text
        number = f"06399{self.random.randrange(80000, 90000)}"
        opened = self.post("open a file", "/arm/ouvrir/", {"caller_number": number}, page)
        path = opened.url.path
        case = path.rstrip("/").rsplit("/", 1)[1]
        self.get("reasons", f"/listes/motifs/?q={self.random.choice(('fiev', 'douleur', 'chute', 'malaise'))}")
        self.get("communes", f"/listes/communes/?q={self.random.choice(('poit', 'lus', 'chat', 'mont'))}")
        self.post(
            "draft", f"/dossiers/{case}/brouillon/", {"summary": "Banc d’essai", "_changed": "summary"}, opened.text
        )
        self.get("look-alikes", f"/dossiers/{case}/connu/")
        fields = {
            "address": "4 chemin des Jars", "commune_text": "Poitiers", "commune": "86194", "callback_phone": number,
            "family_name": "BANC", "reason_label": "Fièvre", "reason_code": "M19.05.00", "summary": "Banc d’essai",
            "priority": self.random.choice(("P1", "P2", "P3")), "stream": self.random.choice(("SNP", "SNP", "AMU")),
        }  # fmt: skip
        self.post("hand over", path, fields, opened.text)
        self.get("ARM list", "/arm/liste/")

    def _doctor(self) -> None:
        page = self.get("doctor desk", "/regulation/").text
        taken = self.post("take next", "/regulation/suivant/", {}, page)
        if not (found := re.search(r"/regulation/(DR\w+)/", str(taken.url))):
            return
        path, nature = f"/regulation/{found.group(1)}/", self.random.choice(("CONSEIL", "ORIENT"))
        fields = {
            "nature": nature, "level": "R4" if nature == "CONSEIL" else "R3",
            "advice_text": "Banc d’essai", "advice_recall": "on",
            "orient_destination": "CABINET", "who": "10/SM54", "modalities": "AMB", "within_hours": "24",
        }  # fmt: skip
        self.post("decide", f"{path}decider/", fields, taken.text)
        self.get("chronology", f"/dossiers/{found.group(1)}/")
        self.get("doctor list", "/regulation/liste/")

    def _osnp(self) -> None:
        page = self.get("OSNP list", "/orientation/").text
        taken = self.post("take a request", "/orientation/suivante/", {}, page)
        if not (found := re.search(r"/orientation/(\d+)/", str(taken.url))):
            return
        self._give(f"/orientation/{found.group(1)}/", taken)
        self.get("follow-up", "/suivi/")

    def _give(self, path: str, page: httpx.Response) -> None:
        """Search again as Maj F3 does, take the first seat offered, confirm it; or give the request back."""
        page = self.post("search", f"{path}chercher/", {}, page.text)
        choice, ranking = CHOICE.search(page.text), RANKING.search(page.text)
        if not choice or not ranking:
            self.post("give back", f"{path}rendre/", {"reason": "Banc d’essai : rien avant la limite"}, page.text)
            return
        fields = {
            "choice": choice.group(1),
            "ranking": ranking.group(1),
            "reason": "le patient souhaite un autre médecin",
        }
        held = self.post("hold", f"{path}retenir/", fields, page.text)
        self.post("confirm", f"{path}confirmer/", {}, held.text)

    def _supervisor(self) -> None:
        self.get("room", "/salle/")
        self.get("room, live part", "/salle/direct/")
        self.get("search", "/dossiers/?q=BANC")

    # ---- live

    def listen(self) -> None:
        """The stream of the page: each event is timed, and those of this desk's list have it read again."""
        self.ready.wait(30)
        cookies = {"sessionid": self.http.cookies.get("sessionid") or ""}
        headers = {"Origin": self.base, "Accept": "text/event-stream"}
        while not self.result.stopping:
            try:
                with httpx.stream("GET", self.events, cookies=cookies, headers=headers, timeout=60) as stream:
                    self._follow(stream)
            except httpx.HTTPError:
                time.sleep(0.5)

    def _follow(self, stream: httpx.Response) -> None:
        for line in stream.iter_lines():
            if self.result.stopping:
                return
            if line.startswith("data:"):
                event = json.loads(line[5:])
                if self.result.counting and event.get("at"):
                    self._late(self.result.live, event["at"])
                if self._topics() & set(event["topics"]):
                    self.since = self.since or event.get("at")
                    self.stale.set()

    def _late(self, delays: list[float], at: str) -> None:
        late = (datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds() * 1000
        with self.result.lock:
            delays.append(late)

    def _topics(self) -> set[str]:
        return {
            Role.ARM: {"list:arm", "callbacks", f"desk:{self.user}"},
            Role.REGULATEUR_SNP: {"list:snp", "p0", f"desk:{self.user}"},
            Role.REGULATEUR_AMU: {"list:amu", "p0", f"desk:{self.user}"},
            Role.OSNP: {"requests"},
            Role.SUPERVISOR: {"worklist"},
        }[self.role]

    def refresh(self) -> None:
        """What the page does when its list changed: it reads it again within 250 ms, at most five times a second."""
        path = {Role.ARM: "/arm/liste/", Role.OSNP: "/orientation/", Role.SUPERVISOR: "/salle/direct/"}
        with httpx.Client(base_url=self.base, timeout=30) as http:
            while not self.result.stopping:
                if not self.stale.wait(1):
                    continue
                time.sleep(self.random.uniform(0, 0.25))
                since, self.since = self.since, None
                self.stale.clear()
                http.cookies = self.http.cookies
                answer = http.get(
                    path.get(self.role, "/regulation/liste/"), headers={"HX-Request": "true", "Quinze-Refresh": "1"}
                )
                self._count("list, on a live event", answer)
                if since and self.result.counting:
                    self._late(self.result.read, since)
                time.sleep(0.2)
