"""What a line of a list of accounts says, and why it is refused. No database here."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from quinze.accounts.roles import Role
from quinze.accounts.rules import may_give
from quinze.base.codes import fold
from quinze.base.errors import Refusal

COLUMNS = {
    "nom": "family_name", "prenom": "given_name", "titre": "title", "e mail": "email", "email": "email",
    "adresse e mail": "email", "courriel": "email", "role": "roles", "roles": "roles", "du": "start", "au": "end",
    "rpps": "rpps", "identifiant": "rpps",
}  # fmt: skip
HEADER = ("Nom", "Prénom", "Titre", "E-mail", "Rôles", "Du", "Au", "RPPS")
NEEDED = {"family_name": "Nom", "given_name": "Prénom", "email": "E-mail", "roles": "Rôles"}
LONGEST = {"family_name": 80, "given_name": 80, "title": 10, "email": 254}
_ROLES = {fold(role.label): role for role in Role} | {role.value: role for role in Role}
_FIRST_DAY_OF_SHEETS = date(1899, 12, 30)  # XLSX counts days from there


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the list. `refused` says why, in French; empty when the line can be loaded."""

    number: int  # as the spreadsheet shows it
    family_name: str = ""
    given_name: str = ""
    title: str = ""
    email: str = ""
    roles: tuple[Role, ...] = ()
    start: date | None = None
    end: date | None = None
    rpps: str = ""
    refused: tuple[str, ...] = field(default=())

    def plain(self) -> dict[str, Any]:
        """For the session."""
        roles = [role.value for role in self.roles]
        days = {name: day.isoformat() if (day := getattr(self, name)) else "" for name in ("start", "end")}
        texts = {
            name: getattr(self, name) for name in ("number", "family_name", "given_name", "title", "email", "rpps")
        }
        return texts | days | {"roles": roles}

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Line":
        days = {name: date.fromisoformat(plain[name]) if plain[name] else None for name in ("start", "end")}
        return cls(**plain | days | {"roles": tuple(Role(role) for role in plain["roles"])})


def lines_of(cells: Sequence[Sequence[str]], *, giver: Role, today: date, known: Iterable[str] = ()) -> list[Line]:
    """`known`: addresses that already have a role in this SAS, lowercase."""
    if not cells:
        raise Refusal("Ce fichier est vide.", field="file", code="empty")
    names = _columns(cells[0])
    here, seen, lines = set(known), set[str](), []
    for number, row in enumerate(cells[1:], start=2):
        line = _line(number, dict(zip(names, row, strict=False)), giver=giver, today=today, here=here, seen=seen)
        seen.add(line.email.lower())
        lines.append(line)
    if not lines:
        raise Refusal("Ce fichier n’a que sa ligne de titres.", field="file", code="empty")
    return lines


def _columns(head: Sequence[str]) -> list[str]:
    names = [COLUMNS.get(fold(cell), "") for cell in head]
    if missing := [label for name, label in NEEDED.items() if name not in names]:
        raise Refusal(
            f"Il manque une colonne : {', '.join(missing)}. La première ligne porte les titres des colonnes.",
            field="file",
            code="columns",
        )
    return names


def _line(number: int, typed: dict[str, str], *, giver: Role, today: date, here: set[str], seen: set[str]) -> Line:
    refused: list[str] = [f"{NEEDED[name]} manque" for name in NEEDED if not typed.get(name)]
    refused += [f"{name} trop long" for name, most in LONGEST.items() if len(typed.get(name, "")) > most]
    roles = _roles(typed.get("roles", ""), giver, refused)
    start, end = (_day(typed.get(name, ""), label, refused) for name, label in (("start", "Du"), ("end", "Au")))
    if start and start < today:
        refused.append("Du : un rôle ne se donne pas pour le passé")
    if end and end < (start or today):
        refused.append("Au : la fin vient avant le début")
    email = typed.get("email", "")
    refused += _address(email, here, seen)
    rpps = re.sub(r"\D", "", typed.get("rpps", ""))
    if typed.get("rpps") and len(rpps) != 11:
        refused.append("RPPS : 11 chiffres attendus")
    texts = {name: typed.get(name, "") for name in ("family_name", "given_name", "title")}
    return Line(number, **texts, email=email, roles=roles, start=start, end=end, rpps=rpps, refused=tuple(refused))


def _roles(typed: str, giver: Role, refused: list[str]) -> tuple[Role, ...]:
    asked: dict[Role, None] = {}
    for word in filter(None, (part.strip() for part in re.split(r"[,/+|]", typed))):
        role = _ROLES.get(fold(word)) or _ROLES.get(word)
        if role is None:
            refused.append(f"Rôle inconnu : {word[:40]}")
        elif not may_give(giver, role):
            refused.append(f"Vous ne donnez pas le rôle {role.label}")
        else:
            asked[role] = None
    return tuple(asked)


def _day(typed: str, label: str, refused: list[str]) -> date | None:
    """21/11/2026, 2026-11-21, or the number of days that XLSX keeps."""
    if not typed:
        return None
    try:
        if typed.isdecimal() and len(typed) == 5:
            return _FIRST_DAY_OF_SHEETS + timedelta(days=int(typed))
        if match := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", typed):
            day = date(int(match[3]), int(match[2]), int(match[1]))
        else:
            day = date.fromisoformat(typed)
    except ValueError:
        refused.append(f"{label} : date attendue, 21/11/2026")
        return None
    if day.year > 2999:
        refused.append(f"{label} : vérifiez l’année")
        return None
    return day


def _address(email: str, here: set[str], seen: set[str]) -> list[str]:
    if not email:
        return []
    try:
        validate_email(email)
    except ValidationError:
        return ["E-mail incomplet"]
    if email.lower() in here:
        return ["Déjà dans votre SAS : ouvrez son compte dans la liste"]
    return ["Deux fois dans ce fichier"] if email.lower() in seen else []
