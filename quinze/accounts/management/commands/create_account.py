from argparse import ArgumentParser
from getpass import getpass
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from quinze.accounts import operations
from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Refusal


class Command(BaseCommand):
    help = "Crée un compte et ses rôles dans un SAS. Le premier administrateur d’une installation naît ainsi."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--given", required=True, help="prénom")
        parser.add_argument("--family", required=True, help="nom")
        parser.add_argument("--title", default="", help="Dr, Pr")
        parser.add_argument("--sas", required=True, help="code du SAS : 86, 21-58, 64A…")
        parser.add_argument("--role", required=True, action="append", choices=Role.values, help="peut être répété")
        parser.add_argument("--password-file", type=Path, help="fichier dont la première ligne est le mot de passe")

    def handle(self, *args: Any, **options: Any) -> None:
        _check_email(options["email"])
        sas = _sas(options["sas"])
        password = _password(options["password_file"], options)
        try:
            user = operations.create_account(
                email=options["email"],
                given_name=options["given"],
                family_name=options["family"],
                title=options["title"],
                sas=sas,
                roles=[Role(role) for role in options["role"]],
                password=password,
                by=None,
                at=clock.now(),
            )
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        roles = ", ".join(Role(role).label for role in options["role"])
        self.stdout.write(f"{user} ({user.email}) : {roles}, {sas}.")


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise CommandError(f"« {email} » n’est pas une adresse e-mail.") from error


def _sas(code: str) -> Sas:
    found = Sas.objects.filter(code=code).first()
    if found is None:
        known = ", ".join(Sas.objects.order_by("code").values_list("code", flat=True)) or "aucun"
        raise CommandError(f"Aucun SAS n’a le code « {code} ». SAS connus : {known}.")
    return found


def _password(file: Path | None, options: dict[str, Any]) -> str:
    password = _first_line(file) if file else getpass("Mot de passe : ")
    if not file and password != getpass("Le même, encore une fois : "):
        raise CommandError("Les deux mots de passe diffèrent : recommencez.")
    person = User(email=options["email"], given_name=options["given"], family_name=options["family"])
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise CommandError("Mot de passe refusé : " + " ".join(error.messages)) from error
    return password


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, IndexError) as error:
        raise CommandError(f"{file} ne donne pas de mot de passe : vérifiez le fichier.") from error
