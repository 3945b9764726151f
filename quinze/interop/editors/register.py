"""Which editors are asked for slots, how they are reached, and whose agendas they keep."""

import re
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.db import transaction

from quinze.availability.models import EditorAgenda
from quinze.availability.operations.sources import add_agenda, add_source, end_agenda, end_source
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.directory.models import Professional, Structure
from quinze.interop.editors.certificates import context
from quinze.interop.editors.models import Editor, EditorEvent, EditorKind

HOST = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")


@dataclass(frozen=True, slots=True)
class EditorSpec:
    """`certificate`, `key` and `authority` are paths of PEM files; `hosts` where its pages of booking may be."""

    code: str
    name: str
    endpoint: str
    certificate: str
    key: str
    authority: str
    kinds: tuple[str, ...] = (EditorKind.PS,)
    hosts: tuple[str, ...] = ()
    takes_accounts: bool = True


@transaction.atomic
def add_editor(spec: EditorSpec, *, at: datetime) -> Editor:
    """Refused, with what to correct: an address that is none, files that do not open, a code already used."""
    endpoint = _endpoint(spec.endpoint)
    if unknown := [kind for kind in spec.kinds if kind not in EditorKind.values]:
        raise Refusal(f"Sorte inconnue : {unknown[0]}. Attendu : {', '.join(EditorKind.values)}.", field="kinds")
    files = {name: _file(getattr(spec, name), name) for name in ("certificate", "key", "authority")}
    _check_files(**files)
    source = add_source(code=spec.code, name=spec.name, at=at)
    with refuse_violations():
        editor = Editor.objects.create(
            source=source,
            endpoint=endpoint,
            kinds=sorted(set(spec.kinds)),
            hosts=[_host(each) for each in spec.hosts],
            takes_accounts=spec.takes_accounts,
            **files,
        )
    EditorEvent.objects.create(editor=editor, kind=EditorEvent.Kind.ADDED, text=endpoint, at=at)
    return editor


def _endpoint(text: str) -> str:
    """https, a host, no name nor password, no query: paths are added to it."""
    said = text.strip().rstrip("/")
    try:
        url = urlsplit(said)
        host, _ = url.hostname, url.port
    except ValueError:
        host = None
    if not host or not said.isprintable() or url.scheme != "https" or url.username or url.query or url.fragment:
        raise Refusal("L’adresse d’un éditeur s’écrit https://hôte/chemin, sans rien d’autre.", field="endpoint")
    return said


def _file(path: str, field: str) -> str:
    found = Path(path).expanduser()
    if not found.is_file():
        raise Refusal(f"Ce fichier n’existe pas : {path}", field=field)
    return str(found.resolve())


def _check_files(*, certificate: str, key: str, authority: str) -> None:
    try:
        context(certificate, key, authority)
    except (ssl.SSLError, OSError, ValueError) as error:
        raise Refusal(
            "Ces fichiers ne s’ouvrent pas ensemble : attendu un certificat PEM, sa clé sans mot de passe, l’autorité.",
            field="certificate",
        ) from error


def _host(text: str) -> str:
    said = text.strip().lower().rstrip(".")
    if not HOST.fullmatch(said):
        raise Refusal(f"Ce n’est pas un nom d’hôte : {text[:80]}", field="hosts")
    return said


@transaction.atomic
def end_editor(code: str, *, at: datetime) -> int:
    """Not asked any more; its slots ahead are withdrawn, bookings stay. How many slots went."""
    editor = editor_of(code)
    went = end_source(code, at=at)
    EditorEvent.objects.create(editor=editor, kind=EditorEvent.Kind.ENDED, at=at)
    return went


def editor_of(code: str) -> Editor:
    """Refused when no editor in force has this code."""
    found = Editor.objects.filter(source=code, source__ended_at__isnull=True).select_related("source").first()
    if found is None:
        raise Refusal(f"Aucun éditeur en service n’a le code « {code} » : « quinze fhir-editor list » donne la liste.")
    return found


def editors() -> list[Editor]:
    """In force first, then by name."""
    found = Editor.objects.select_related("source").order_by("source__name")
    return sorted(found, key=lambda editor: editor.source.ended_at is not None)


# ---- whose agendas


def attach(editor: Editor, identifiers: Iterable[str], *, at: datetime) -> list[EditorAgenda]:
    """By national identifier: RPPS, ADELI, FINESS or SIRET, with its prefix or without. All of them or none."""
    with transaction.atomic():
        return [_attach(editor, said, at=at) for said in identifiers]


def _attach(editor: Editor, said: str, *, at: datetime) -> EditorAgenda:
    owner = owner_of(said.strip())
    if owner is None:
        raise Refusal(f"Personne dans l’annuaire n’a l’identifiant « {said.strip()[:40]} ».", code="unknown")
    is_sos = isinstance(owner, Structure)
    if is_sos and EditorKind.SOS not in editor.kinds:
        raise Refusal(f"{editor} n’est pas inscrit pour SOS Médecins.", code="kind")
    if not is_sos and not {EditorKind.PS, EditorKind.CPTS} & set(editor.kinds):
        raise Refusal(f"{editor} n’est inscrit que pour SOS Médecins.", code="kind")
    return add_agenda(editor.source, owner, identifier=national(owner), at=at)


def owner_of(said: str) -> Professional | Structure | None:
    """11 digits: RPPS; 9: ADELI; 14: SIRET; each also after its prefix (8, 0, 3)."""
    people, bodies = Professional.objects, Structure.objects
    bare = said[1:]
    return (
        people.filter(rpps=said).first()
        or people.filter(adeli=said).first()
        or bodies.filter(siret=said, kind="SOS").first()
        or (people.filter(rpps=bare).first() if said.startswith("8") else None)
        or (people.filter(adeli=bare).first() if said.startswith("0") else None)
        or (bodies.filter(siret=bare, kind="SOS").first() if said.startswith("3") else None)
    )


def national(owner: Professional | Structure) -> str:
    """As the exchanges write it: with its prefix."""
    if isinstance(owner, Structure):
        return f"3{owner.siret}"
    return f"8{owner.rpps}" if owner.rpps else f"0{owner.adeli}"


def detach(editor: Editor, identifiers: Iterable[str], *, at: datetime) -> int:
    """How many slots were withdrawn. Refused when the editor keeps no such agenda."""
    with transaction.atomic():
        return sum(_detach(editor, said.strip(), at=at) for said in identifiers)


def _detach(editor: Editor, said: str, *, at: datetime) -> int:
    owner = owner_of(said)
    wanted = national(owner) if owner else said
    agenda = EditorAgenda.objects.filter(source=editor.source, identifier=wanted, ended_at__isnull=True).first()
    if agenda is None:
        raise Refusal(f"{editor} ne tient pas l’agenda de « {said[:40]} ».", code="unknown")
    return end_agenda(agenda, at=at)


def hosts_of(editor: Editor) -> list[str]:
    """Where an address of booking may lead: the endpoint's own host, and those that were registered."""
    return [urlsplit(editor.endpoint).hostname or "", *editor.hosts]
