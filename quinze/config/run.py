"""`quinze run`: everything a desk needs, in one command, kept alive until Ctrl-C."""

import argparse
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from quinze.config import postgres, prepare, processes
from quinze.config.places import ROOT, VAR
from quinze.config.processes import Child

TICK = 0.2
FIRST_PAGE = 60.0
WEB_PROCESSES = "2"  # a page is mostly Python: one process would leave the second core to nobody
WEB_THREADS = "3"  # pages of one process share its interpreter: more at once are only later together


class Stop(Exception):  # noqa: N818  (not a fault: it ends the run with this message)
    """What to tell the person before leaving with code 1."""


@dataclass(frozen=True)
class Options:
    host: str
    port: int
    events_port: int

    @property
    def address(self) -> str:
        shown = "localhost" if self.host in {"127.0.0.1", "0.0.0.0", "::1"} else self.host  # noqa: S104
        return f"http://{shown}:{self.port}"


def main(arguments: list[str]) -> int:
    name, *rest = arguments
    try:
        return _stop() if name == "stop" else Service(_options(rest)).run()
    except (Stop, postgres.Unavailable) as reason:
        say(str(reason))
        return 1


def _options(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="quinze run", description="Démarre la base, les pages, le direct et les tâches."
    )
    parser.add_argument("--host", default=os.environ.get("QUINZE_HOST", "127.0.0.1"), help="adresse d’écoute")
    parser.add_argument("--port", type=int, default=int(os.environ.get("QUINZE_PORT", "8000")), help="port des pages")
    parser.add_argument("--events-port", type=int, default=None, help="port du direct (port des pages + 1)")
    given = parser.parse_args(arguments)
    return Options(host=given.host, port=given.port, events_port=given.events_port or given.port + 1)


def say(line: str) -> None:
    print(line, flush=True)


class Service:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.began = time.monotonic()
        self.logs = VAR / "log"
        self.environment = _environment(options)
        self.server = None if prepare.database_url() else postgres.Server(VAR)
        self.stopping = threading.Event()
        self.web = self._child("pages", "-m", "granian", "quinze.config.wsgi:application", *self._granian())
        self.live = self._child("direct", "-m", "quinze.config.events", "--host", options.host,
                                "--port", str(options.events_port))  # fmt: skip
        self.worker = self._child("tâches", "-m", "quinze.config.worker")
        self.beside = [self.live, self.worker]
        self.fhir_port = int(self.environment.get("QUINZE_FHIR_PORT", "0"))
        if self.fhir_port:
            self.beside.append(self._child("fhir", "-m", "quinze.config.mtls"))
        if _simulates_psc(self.environment):
            program = (str(ROOT / "manage.py"), "simulate-psc")
            self.beside.append(self._child("pro-sante-connect", *program))
        self.children = [self.web, *self.beside]

    def run(self) -> int:
        with ExitStack() as leaving:
            self._only_one(leaving)
            self._listen_to_signals()
            if self.server:
                leaving.enter_context(self.server)
            leaving.callback(self._stop_children)
            self._start()
            self._watch()
            say("\nArrêt…")
        say("Tout est arrêté.")
        return 0

    # ---- before

    def _only_one(self, leaving: ExitStack) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        lock = leaving.enter_context((VAR / "run.lock").open("a+"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Stop(f"Quinze tourne déjà ici ({lock.read().strip()}). « quinze stop » l’arrête.") from None
        lock.truncate(0)
        lock.write(f"processus {os.getpid()}, {self.options.address}")
        lock.flush()
        if found := processes.stop_orphans(VAR):
            say(f"{found} processus d’un démarrage interrompu arrêtés.")
        for port in (self.options.port, self.options.events_port):
            _free(self.options.host, port)
        if self.fhir_port:
            _free(self.environment.get("QUINZE_FHIR_HOST", "127.0.0.1"), self.fhir_port)
        if _simulates_psc(self.environment):
            _free("127.0.0.1", int(self.environment["QUINZE_PSC_PORT"]))

    def _listen_to_signals(self) -> None:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, lambda *_: self.stopping.set())

    # ---- during

    def _start(self) -> None:
        demo = self.environment.get("QUINZE_MODE", "demo") == "demo"
        url = self.server.url if self.server else os.environ["DATABASE_URL"]
        prepare.prepare(url, command=self._prepare, demo=demo)
        if self.stopping.is_set():
            return
        self.web.start()
        if self._first_page():
            for child in self.beside:  # only now: the first page had the processors to itself
                child.start()
            self._welcome(demo=demo)

    def _first_page(self) -> bool:
        deadline = time.monotonic() + FIRST_PAGE
        while not self.stopping.is_set():
            if _answers(self.options):
                return True
            if time.monotonic() > deadline:
                raise Stop(f"La première page n’a pas répondu en {FIRST_PAGE:.0f} s. Voir {self.web.log}")
            self.web.revive(say)
            self.stopping.wait(0.03)
        return False

    def _welcome(self, *, demo: bool) -> None:
        seconds = f"{time.monotonic() - self.began:.1f}".replace(".", ",")
        say(f"\nQuinze est prêt en {seconds} s : {self.options.address}")
        if demo:
            say("Démonstration : données fictives, ne saisissez aucun vrai patient.\n")
            self._command("demo", "--accounts")
        if _simulates_psc(self.environment):
            say("\nPro Santé Connect est simulé : en bas de la page de connexion, choisissez qui vous êtes.")
        if self.fhir_port:
            say(f"\nFHIR répond en TLS mutuel sur le port {self.fhir_port}.")
        say(f"\nCtrl-C arrête tout. Journaux : {self.logs}")

    def _watch(self) -> None:
        while not self.stopping.wait(TICK):
            if self.server and not self.server.pid():
                say("PostgreSQL s’est arrêté ; reprise.")
                self.server.start()
            for child in self.children:
                child.revive(say)

    def _stop_children(self) -> None:
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.end()

    # ---- the programs

    def _granian(self) -> list[str]:
        return [
            "--interface", "wsgi", "--host", self.options.host, "--port", str(self.options.port),
            "--workers", WEB_PROCESSES, "--respawn-failed-workers",
            "--blocking-threads", WEB_THREADS, "--no-ws", "--log-level", "warning", "--workers-kill-timeout", "5",
        ]  # fmt: skip

    def _child(self, name: str, *arguments: str) -> Child:
        return Child(name, [sys.executable, *arguments], self.environment, self.logs / f"{_plain(name)}.log")

    def _prepare(self, words: str, *arguments: str) -> None:
        """Progress and errors are seen; a failure or Ctrl-C ends the run, and the next one takes up from there."""
        say(words)
        code = self._command(*arguments, shown=False)
        if code and arguments[0] == "demo":
            say("La démonstration n’a pas pu être chargée : Quinze démarre sans données.")
        elif code:
            raise Stop(f"« quinze {arguments[0]} » a échoué (code {code}) : rien n’est démarré.")

    def _command(self, *arguments: str, shown: bool = True) -> int:
        told = None if shown else subprocess.DEVNULL
        program = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.Popen(program, env=self.environment, cwd=ROOT, stdout=told)
        while done.poll() is None:
            if self.stopping.wait(0.05):
                done.send_signal(signal.SIGINT)
                done.wait()
                raise Stop(f"« quinze {arguments[0]} » interrompu.")
        return done.returncode


def _environment(options: Options) -> dict[str, str]:
    """Every program sees the same folder, address and clock, even one that is started again later."""
    defaults = {
        "DJANGO_SETTINGS_MODULE": "quinze.config.settings",
        "QUINZE_EVENTS_URL": f"http://{{host}}:{options.events_port}/events",
        "QUINZE_PUBLIC_URL": options.address,
        "QUINZE_STARTED": str(time.time()),
        "PYTHONUNBUFFERED": "1",
    }
    if os.environ.get("QUINZE_PSC") == "simulator":
        psc_port = os.environ.get("QUINZE_PSC_PORT", str(options.events_port + 1))
        defaults |= {"QUINZE_PSC_PORT": psc_port, "QUINZE_PSC_ISSUER": f"http://127.0.0.1:{psc_port}"}
    return defaults | dict(os.environ) | processes.mark(VAR) | {"QUINZE_VAR": str(VAR), "PYTHONPATH": str(ROOT)}


def _simulates_psc(environment: dict[str, str]) -> bool:
    return environment.get("QUINZE_PSC") == "simulator"


def _free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Stop(
                f"Le port {port} est pris sur {host} ({error.strerror}). Choisissez-en un autre : --port 8100"
            ) from None


def _answers(options: Options) -> bool:
    host = "127.0.0.1" if options.host == "0.0.0.0" else options.host  # noqa: S104
    try:
        with urllib.request.urlopen(f"http://{host}:{options.port}/", timeout=FIRST_PAGE):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def _plain(name: str) -> str:
    return name.replace("â", "a")


def _stop() -> int:
    """From another terminal, or after a kill: ends the supervisor, then whatever is left, then the database."""
    holder = _holder(VAR / "run.lock")
    if holder:
        os.kill(holder, signal.SIGTERM)
        _gone(holder, 20.0)
    found = processes.stop_orphans(VAR)
    server = postgres.Server(VAR)
    if server.pid():
        server.start()
        server.leave()
    say("Tout est arrêté." if holder or found else "Rien ne tournait ici.")
    return 0


def _holder(lock: Path) -> int | None:
    if not lock.exists():
        return None
    with lock.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            words = file.read().replace(",", " ").split()
            return int(words[1]) if len(words) > 1 else None
    return None


def _gone(pid: int, patience: float) -> None:
    deadline = time.monotonic() + patience
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
