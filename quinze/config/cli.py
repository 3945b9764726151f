"""The `quinze` command: Django's commands under one name, with clear errors and exit codes.

0 done · 1 refused or failed, said in one line · 2 misused · 130 interrupted.
"""

import ast
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from difflib import get_close_matches
from typing import Any

from quinze.config import postgres
from quinze.config.places import ROOT, VAR

WITHOUT_DATABASE = {
    "capacity",
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "forecast",
    "makemessages",
    "pool",
    "simulate",
    "version",
}
OF_DJANGO = {
    "check": "Vérifie les réglages (--deploy pour une mise en production).",
    "collectstatic": "Rassemble les fichiers statiques pour un serveur mandataire.",
    "migrate": "Met la base de données au schéma du programme.",
    "shell": "Ouvre un interpréteur Python avec les modèles chargés.",
}
USAGE = "Usage : quinze COMMANDE [OPTIONS]      quinze COMMANDE --help pour l’aide d’une commande\n"


def main(arguments: list[str] | None = None) -> None:
    arguments = sys.argv[1:] if arguments is None else arguments
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quinze.config.settings")
    try:
        sys.exit(_dispatch(arguments))
    except KeyboardInterrupt:
        sys.exit(130)
    except postgres.Unavailable as error:
        sys.exit(_failed(str(error)))


def _dispatch(arguments: list[str]) -> int:
    name, *rest = arguments or ["help"]
    if name in {"run", "stop"}:
        from quinze.config import run  # noqa: PLC0415  (Django commands do without the supervisor, and it without Django)

        return run.main([name, *rest])
    os.environ.setdefault("QUINZE_POOL", "0")
    commands = _commands()
    if name in {"help", "-h", "--help"}:
        return _help(commands) if not rest else _command(commands, rest[0], ["--help"])
    return _command(commands, name, rest)


def _commands() -> dict[str, str]:
    """Command names with dashes → the application each comes from."""
    import django  # noqa: PLC0415
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.core.management import get_commands  # noqa: PLC0415

    try:
        django.setup()
    except ImproperlyConfigured as error:
        sys.exit(_failed(str(error)))
    return {name.replace("_", "-"): str(app) for name, app in get_commands().items()}


def _command(commands: dict[str, str], name: str, rest: list[str]) -> int:
    spelled = name.replace("_", "-")
    if spelled not in commands:
        return _unknown(name, commands)
    with _server(spelled, rest):
        return _run(_load(commands, spelled), spelled, rest)


def _run(command: Any, name: str, rest: list[str]) -> int:
    from django.db import OperationalError, ProgrammingError  # noqa: PLC0415

    from quinze.base.errors import Refusal  # noqa: PLC0415

    try:
        command.run_from_argv(["quinze", name, *rest])
    except Refusal as refusal:
        return _failed(refusal.message)
    except OperationalError as error:
        return _failed(f"La base de données ne répond pas : {error}")
    except ProgrammingError as error:
        if "does not exist" not in str(error):
            raise
        return _failed(
            f"La base n’a pas le schéma du programme ; lancez « quinze migrate ». ({error})".replace("\n", " ")
        )
    return 0


def _load(commands: dict[str, str], name: str) -> Any:
    from django.core.management import load_command_class  # noqa: PLC0415

    return load_command_class(commands[name], name.replace("-", "_"))


def _server(name: str, rest: list[str]) -> AbstractContextManager[object]:
    if os.environ.get("DATABASE_URL") or name in WITHOUT_DATABASE or {"-h", "--help"} & set(rest):
        return nullcontext()
    return postgres.Server(VAR)


def _help(commands: dict[str, str]) -> int:
    own = sorted(name for name, app in commands.items() if app.startswith("quinze."))
    print(USAGE)
    print("Le service")
    _line("run", "Démarre tout : base, pages, direct, tâches. Ctrl-C arrête.")
    _line("stop", "Arrête ce que « quinze run » a démarré ici.")
    print("\nLe travail")
    for name in own:
        _line(name, _said_of(commands[name], name.replace("-", "_")))
    print("\nL’entretien")
    for name, said in OF_DJANGO.items():
        _line(name, said)
    return 0


def _said_of(app: str, module: str) -> str:
    """Read in the file of the command: what commands import takes a second and a half, and only one is wanted next."""
    source = (ROOT / app.replace(".", "/") / "management" / "commands" / f"{module}.py").read_text(encoding="utf-8")
    command = next(node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == "Command")
    said = next(node.value for node in command.body if isinstance(node, ast.Assign) and _names(node, "help"))
    return str(ast.literal_eval(said)).strip().split("\n", 1)[0]


def _names(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def _line(name: str, said: str) -> None:
    print(f"  {name:<22}{said}")


def _unknown(name: str, commands: dict[str, str]) -> int:
    near = get_close_matches(name, [*commands, "run", "stop"], n=1)
    hint = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
    print(f"quinze : commande inconnue « {name} ».{hint} « quinze help » donne la liste.", file=sys.stderr)
    return 2


def _failed(message: str) -> int:
    print(f"quinze : {' '.join(message.split())}", file=sys.stderr)
    return 1
