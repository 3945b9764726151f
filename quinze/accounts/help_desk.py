"""Who answers what, and which files may be joined to a question. Pure: nothing is read or written here."""

import re
import zipfile
from collections.abc import Collection
from io import BytesIO

from django.db import models

from quinze.accounts.roles import Role
from quinze.base.errors import Refusal

LONGEST_TEXT = 2000
MOST_FILES, LARGEST_FILE = 3, 1_000_000
PER_DAY = 10
KEPT_DAYS = 365  # after the answer


class State(models.TextChoices):
    NEW = "new", "Nouvelle"
    IN_HAND = "in_hand", "En cours"
    ANSWERED = "answered", "Répondue"


class Theme(models.TextChoices):
    ACCOUNT = "account", "Mon compte, ma connexion, mes rôles"
    DELEGATION = "delegation", "Une délégation, une structure, un remplacement"
    OFFER = "offer", "Mes créneaux, mes absences, mes agendas"
    CHARTER = "charter", "La charte, l’ordre des propositions, l’équité"
    PAY = "pay", "Mon bilan, les conditions de rémunération"
    ROSTER = "roster", "Le planning, une garde"
    CASE = "case", "Un dossier, une demande, un rendez-vous"
    FAULT = "fault", "Une page qui se trompe, une panne"
    DATA = "data", "Des données personnelles"
    OTHER = "other", "Autre chose"


ANSWERERS: dict[Theme, Role] = {
    Theme.ACCOUNT: Role.ACCOUNTS_MANAGER,
    Theme.DELEGATION: Role.ACCOUNTS_MANAGER,
    Theme.OFFER: Role.ACCOUNTS_MANAGER,
    Theme.CHARTER: Role.REFERENT,
    Theme.PAY: Role.REFERENT,
    Theme.ROSTER: Role.SUPERVISOR,
    Theme.CASE: Role.SUPERVISOR,
    Theme.FAULT: Role.ADMINISTRATOR,
    Theme.DATA: Role.ADMINISTRATOR,
    Theme.OTHER: Role.ADMINISTRATOR,
}
IN_PLACE = (Role.ADMINISTRATOR, Role.ACCOUNTS_MANAGER, Role.SUPERVISOR, Role.REFERENT)


def desk_of(theme: Theme, *, held: Collection[Role]) -> Role:
    """The role of the theme, or where nobody of the SAS holds it the first that somebody does."""
    own = ANSWERERS[theme]
    return next((role for role in (own, *IN_PLACE) if role in held), own)


# ---- files: their kind is read in them, never in their name

DOWNLOAD = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_STARTS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png"}
_OFFICE = {"xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx", "word/document.xml": "docx"}
_OLD_OFFICE = {"Workbook": "xls", "PowerPoint Document": "ppt"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MACROS = ("_VBA_PROJECT", "Macros")


def kind_of(content: bytes) -> str:
    """Refusal for what is none of the kinds accepted, and for what holds macros."""
    for start, kind in _STARTS.items():
        if content.startswith(start):
            return kind
    kind = _kind_of_ole(content) if content.startswith(_OLE) else _kind_of_zip(content)
    if not kind:
        raise Refusal(
            "Ce fichier n’est ni un PDF, ni une image PNG ou JPEG, ni un document Office (xls, xlsx, ppt, pptx, docx).",
            field="joined",
            code="kind",
        )
    return kind


def _kind_of_ole(content: bytes) -> str:
    """The names of its streams are written in it as UTF-16."""
    if any(name.encode("utf-16-le") in content for name in _MACROS):
        raise _macros()
    return next((kind for name, kind in _OLD_OFFICE.items() if name.encode("utf-16-le") in content), "")


def _kind_of_zip(content: bytes) -> str:
    """Only the list of what it holds is read: nothing is decompressed."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError):
        return ""
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise _macros()
    return next((kind for name, kind in _OFFICE.items() if name in names and "[Content_Types].xml" in names), "")


def _macros() -> Refusal:
    return Refusal("Ce document contient des macros : enregistrez-le sans elles.", field="joined", code="macros")


def name_of(given: str, *, kind: str) -> str:
    """A name that any system takes, with the ending of what the file is."""
    stem = re.sub(r"[^\w .-]", "", given.replace("\\", "/").rpartition("/")[2]).rpartition(".")[0].strip(" .")
    return f"{stem[:60] or 'fichier'}.{kind}"
