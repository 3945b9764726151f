"""Lines of the file, streamed: plain text or zip, UTF-8 or Latin-9, never held whole in memory."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from quinze.base.errors import Refusal

BLOCK = 1 << 20
LARGEST = 8 << 30  # the national file is about 1 GB: more than 8 is not it
LONGEST_LINE = 1 << 20
MEMBER = "personne_activite"


@contextmanager
def opened(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """The text inside, and its size in bytes."""
    if not path.is_file():
        raise Refusal(f"Le fichier {path} n’existe pas.", code="no_file")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            member = _member(archive)
            _check_size(member.file_size)
            with archive.open(member) as file:
                yield file, member.file_size
    else:
        _check_size(path.stat().st_size)
        with path.open("rb") as file:
            yield file, path.stat().st_size


def lines(file: IO[bytes]) -> Iterator[str]:
    """Without their ends. A block that is not UTF-8 is read as Windows does."""
    rest = b""
    try:
        while block := file.read(BLOCK):
            whole, newline, tail = (rest + block).rpartition(b"\n")
            rest = tail
            if newline:
                yield from _decoded(whole).split("\n")
            elif len(rest) > LONGEST_LINE:
                raise Refusal("Ce fichier n’a pas de lignes : ce n’est pas une extraction de texte.", code="not_text")
    except (zipfile.BadZipFile, EOFError, OSError) as broken:
        raise Refusal(
            f"Le fichier est abîmé ou incomplet ({broken}). Téléchargez-le de nouveau.", code="broken"
        ) from broken
    if rest:
        yield _decoded(rest)


def _decoded(block: bytes) -> str:
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError:
        text = block.decode("cp1252", errors="replace")
    return text.replace("\r", "")


def _member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    found = [member for member in archive.infolist() if MEMBER in member.filename.lower()]
    if len(found) != 1:
        raise Refusal(
            "Le zip ne contient pas un fichier PS_LibreAcces_Personne_activite et un seul.", code="zip_member"
        )
    return found[0]


def _check_size(size: int) -> None:
    if size == 0:
        raise Refusal("Le fichier est vide.", code="empty")
    if size > LARGEST:
        raise Refusal(f"Le fichier pèse {size >> 30} Go : ce n’est pas l’extraction.", code="too_large")
