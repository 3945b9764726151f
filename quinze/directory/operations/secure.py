"""MSSanté mailboxes of professionals, from a file. An ordinary address is refused: health data never goes there."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from quinze.base.errors import Refusal
from quinze.directory.models import Professional, SecureAddress

COLUMNS = ("rpps", "adresse")
MOST_BYTES = 200_000_000
AT_ONCE = 2000


@dataclass(slots=True)
class AddressReport:
    lines: int = 0
    loaded: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def is_secure(address: str) -> bool:
    """In a domain of MSSanté: one under mssante.fr, or one that the installation declared (QUINZE_MSS_DOMAINS)."""
    domain = address.rpartition("@")[2].lower()
    known = [name.strip().lower() for name in settings.QUINZE_MSS_DOMAINS.split(",") if name.strip()]
    return bool(domain) and (domain.endswith(".mssante.fr") or domain in known)


def import_secure_addresses(path: Path, *, at: datetime) -> AddressReport:
    """A CSV (`rpps;adresse`, UTF-8) of mailboxes; the last line of a person wins. All that is right is kept; each line
    set aside is counted by its reason. Refusal for a file that is not one.
    """
    report, found = AddressReport(), {}
    for rpps, address in _lines(path):
        report.lines += 1
        if why := _fault(rpps, address):
            report.refused[why] += 1
        else:
            found[rpps] = address
    with transaction.atomic():
        report.loaded = _save(found, source=path.name[:60], at=at)
    report.refused["professionnel inconnu ici"] = len(found) - report.loaded
    report.refused += Counter()  # drops what was not met
    return report


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    if not path.is_file():
        raise Refusal(f"Fichier introuvable : {path.name}.", code="missing")
    if path.stat().st_size > MOST_BYTES:
        raise Refusal("Ce fichier dépasse 200 Mo : donnez les seuls professionnels de votre territoire.", code="size")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, delimiter=";")
            if not set(COLUMNS) <= set(rows.fieldnames or ()):
                raise Refusal("La première ligne nomme les colonnes « rpps » et « adresse ».", code="columns")
            for row in rows:
                yield (row["rpps"] or "").strip(), (row["adresse"] or "").strip()
    except (UnicodeDecodeError, csv.Error):
        raise Refusal("Ce fichier n’est pas un CSV en UTF-8, colonnes séparées par « ; ».", code="format") from None


def _fault(rpps: str, address: str) -> str:
    if not (rpps.isdecimal() and len(rpps) == 11):
        return "RPPS qui n’a pas 11 chiffres"
    try:
        validate_email(address)
    except ValidationError:
        return "adresse mal écrite"
    return "" if is_secure(address) else "adresse hors de MSSanté"


def _save(found: dict[str, str], *, source: str, at: datetime) -> int:
    known = Professional.objects.filter(rpps__in=list(found)).values_list("pk", "rpps")
    rows = [
        SecureAddress(professional_id=pk, address=found[rpps or ""], source=source, set_at=at) for pk, rpps in known
    ]
    SecureAddress.objects.bulk_create(
        rows,
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=["professional"],
        update_fields=["address", "source", "set_at"],
    )
    return len(rows)
