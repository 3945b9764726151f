"""Questions to somebody of the SAS: to the right role, with what may be joined, answered once, read by no one else."""

import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from quinze.accounts.actor import Actor
from quinze.accounts.help_desk import State, Theme, desk_of, kind_of, name_of
from quinze.accounts.models import HelpFile, HelpMessage, HelpRequest
from quinze.accounts.operations import (
    Joined,
    add_to_help,
    answer_help,
    ask_help,
    forget_help,
    help_mail,
    move_help,
    take_help,
)
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Conflict, NotFound, Refusal
from tests.accounts.test_races import at_once
from tests.factories.accounts import login, make_actor, make_sas

pytestmark = pytest.mark.django_db
PDF, PNG = b"%PDF-1.7\n...", b"\x89PNG\r\n\x1a\n...."
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)


def archive(*names: str) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name in names:
            file.writestr(name, "<x/>")
    return made.getvalue()


XLSX = archive("[Content_Types].xml", "xl/workbook.xml")


@pytest.fixture
def arm() -> Actor:
    return make_actor(Role.ARM)


@pytest.fixture
def manager(arm: Actor) -> Actor:
    return make_actor(Role.ACCOUNTS_MANAGER)


def ask(by: Actor, theme: Theme = Theme.ACCOUNT, **more: Any) -> HelpRequest:
    return ask_help("Je ne trouve plus mon second poste.", theme=theme, by=by, at=clock.now(), **more)


# ---- who answers


@pytest.mark.parametrize(
    ("theme", "held", "desk"),
    [
        (Theme.ACCOUNT, {Role.ACCOUNTS_MANAGER, Role.ADMINISTRATOR}, Role.ACCOUNTS_MANAGER),
        (Theme.CHARTER, {Role.REFERENT}, Role.REFERENT),
        (Theme.ROSTER, {Role.SUPERVISOR, Role.ADMINISTRATOR}, Role.SUPERVISOR),
        (Theme.CHARTER, {Role.ACCOUNTS_MANAGER, Role.ADMINISTRATOR}, Role.ADMINISTRATOR),
        (Theme.FAULT, {Role.ACCOUNTS_MANAGER, Role.ARM}, Role.ACCOUNTS_MANAGER),
        (Theme.FAULT, set(), Role.ADMINISTRATOR),
    ],
)
def test_the_theme_says_who_answers_and_somebody_stands_in(theme: Theme, held: set[Role], desk: Role) -> None:
    assert desk_of(theme, held=held) == desk


def test_a_question_reaches_its_desk_and_the_answer_comes_back(arm: Actor, manager: Actor) -> None:
    made = ask(arm, page="regulation:arm", phone="06 39 98 41 27")
    asked, answering = login(Client(), arm), login(Client(), manager)
    assert str(arm.user) in answering.get("/aide/a-traiter/").content.decode()
    path = f"/aide/demandes/{made.pk}/"
    assert "regulation:arm" in answering.get(path).content.decode()
    answering.post(f"{path}prendre/")
    assert "En cours" in asked.get("/aide/demandes/").content.decode()
    answering.post(f"{path}repondre/", {"text": "Le voici."})
    assert "Le voici." in asked.get(path).content.decode()
    asked.post(f"{path}repondre/", {"text": "Merci, mais non."})
    made.refresh_from_db()
    assert (made.state, made.taken_by) == (State.IN_HAND, manager.user)
    kinds = list(HelpMessage.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["asked", "taken", "answered", "added"]


def test_mails_name_who_asks_and_never_what_was_asked(arm: Actor, manager: Actor) -> None:
    made = ask(arm)
    assert help_mail.tell_help_desk(request=made.pk, at=clock.now()) == 1
    answer_help(made.pk, "Le voici.", by=manager, at=clock.now())
    assert help_mail.tell_answer(request=made.pk) == 1
    to_desk, to_person = mail.outbox
    assert (to_desk.to, to_person.to) == ([manager.user.email], [arm.user.email])
    assert "second poste" not in to_desk.body
    assert "Le voici." in to_person.body
    names = list(ProcrastinateJob.objects.order_by("id").values_list("task_name", flat=True))
    assert [name.rpartition(".")[2] for name in names] == ["tell_help_desk", "tell_answer"]


def test_nothing_is_written_to_nobody(settings: Any, arm: Actor) -> None:
    assert help_mail.tell_help_desk(request=0, at=clock.now()) == 0
    assert help_mail.tell_answer(request=ask(arm).pk) == 0
    settings.QUINZE_DEMO, settings.EMAIL_HOST = True, ""
    make_actor(Role.ACCOUNTS_MANAGER)
    assert help_mail.tell_help_desk(request=ask(arm).pk, at=clock.now()) == 0


def test_nobody_else_reads_it(arm: Actor, manager: Actor) -> None:
    made = ask(arm, files=[Joined("a.pdf", PDF)])
    file = made.files.get()
    elsewhere = make_actor(Role.ADMINISTRATOR, make_sas("17"))
    for other in (make_actor(Role.ARM), make_actor(Role.SUPERVISOR), elsewhere):
        client = login(Client(), other)
        for path in ("", f"fichiers/{file.pk}/"):
            assert client.get(f"/aide/demandes/{made.pk}/{path}").status_code == 404
        assert client.post(f"/aide/demandes/{made.pk}/repondre/", {"text": "moi"}).status_code == 404
        with pytest.raises(NotFound):
            answer_help(made.pk, "moi", by=other, at=clock.now())
    assert login(Client(), make_actor(Role.ADMINISTRATOR)).get(f"/aide/demandes/{made.pk}/").status_code == 200


def test_it_is_handed_on_to_who_answers_another_theme(arm: Actor, manager: Actor) -> None:
    referent, made = make_actor(Role.REFERENT), ask(arm)
    take_help(made.pk, by=manager, at=clock.now())
    moved = move_help(made.pk, theme=Theme.CHARTER, by=manager, at=clock.now())
    assert (moved.desk, moved.state, moved.taken_by) == (Role.REFERENT, State.NEW, None)
    with pytest.raises(NotFound):
        take_help(made.pk, by=manager, at=clock.now())
    with pytest.raises(Refusal):
        move_help(made.pk, theme=Theme.CHARTER, by=referent, at=clock.now())
    client = login(Client(), referent)
    assert client.post(f"/aide/demandes/{made.pk}/transmettre/", {"theme": "rien"}).status_code == 302
    assert client.get("/aide/a-traiter/").content.decode().count('id="help-') == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_it_one_is_told_who_did() -> None:
    made = ask(make_actor(Role.ARM))
    one, two = make_actor(Role.ADMINISTRATOR), make_actor(Role.ADMINISTRATOR)
    acts = [lambda by=by: take_help(made.pk, by=by, at=clock.now()) for by in (one, two)]
    assert sorted(at_once(*acts), key=str) == [None, "taken"]
    assert HelpMessage.objects.filter(kind="taken").count() == 1


def test_taken_by_a_colleague_it_says_who(arm: Actor, manager: Actor) -> None:
    made = ask(arm)
    take_help(made.pk, by=manager, at=clock.now())
    take_help(made.pk, by=manager, at=clock.now())
    with pytest.raises(Conflict, match=str(manager.user)):
        take_help(made.pk, by=make_actor(Role.ACCOUNTS_MANAGER), at=clock.now())


# ---- limits and garbage


def test_ten_a_day_and_no_more(arm: Actor) -> None:
    for _ in range(10):
        made = ask(arm)
    with pytest.raises(Refusal, match="10 demandes"):
        ask(arm)
    for _ in range(10):
        add_to_help(made.pk, "encore", by=arm, at=clock.now())
    with pytest.raises(Refusal, match="Trop de compléments"):
        add_to_help(made.pk, "encore", by=arm, at=clock.now())


@pytest.mark.parametrize("text", ["", " \n", "a\x00", "x" * 2001])
def test_words_that_cannot_be_a_question(arm: Actor, text: str) -> None:
    with pytest.raises(Refusal):
        ask_help(text, theme=Theme.OTHER, by=arm, at=clock.now())
    assert not HelpRequest.objects.exists()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "pdf"),
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (XLSX, "xlsx"),
        (archive("[Content_Types].xml", "ppt/presentation.xml"), "pptx"),
        (OLE + "Workbook".encode("utf-16-le"), "xls"),
    ],
)
def test_a_kind_is_read_in_the_file(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00 a program",
        b"<svg onload=alert(1)>",
        b"<html>",
        b"PK\x03\x04 cut",
        archive("a.txt"),
        archive("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"),
        OLE,
        OLE + "Workbook_VBA_PROJECT".encode("utf-16-le"),
    ],
)
def test_any_other_file_is_refused_whatever_its_name(arm: Actor, content: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        ask(arm, files=[Joined("facture.pdf", content)])
    assert refused.value.field == "joined"
    assert not HelpRequest.objects.exists()


def test_three_files_of_a_megabyte_at_most(arm: Actor) -> None:
    whole = PDF + bytes(1_000_000 - len(PDF))
    ask(arm, files=[Joined("a.pdf", whole)] * 3)
    for files in ([Joined("a.pdf", whole + b"x")], [Joined("a.pdf", PDF)] * 4):
        with pytest.raises(Refusal):
            ask(arm, files=files)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("capture.exe", "capture.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\a\\b.pdf", "b.pdf"),
        ('x";\r\n.pdf', "x.pdf"),
        ("", "fichier.pdf"),
        ("é" * 200 + ".pdf", "é" * 60 + ".pdf"),
    ],
)
def test_the_name_of_a_file_is_made_safe(given: str, kept: str) -> None:
    assert name_of(given, kind="pdf") == kept


def test_the_form_keeps_what_is_typed_and_a_file_is_only_downloaded(arm: Actor, manager: Actor) -> None:
    client = login(Client(), arm)
    typed = {"theme": "account", "text": "Bonjour", "page": "regulation:arm"}
    bad = SimpleUploadedFile("a.pdf", b"<script>", content_type="application/pdf")
    wrong = client.post("/aide/ecrire/", typed | {"phone": "12", "joined": bad})
    assert (wrong.status_code, "Bonjour" in wrong.content.decode()) == (422, True)
    good = [SimpleUploadedFile("é a.html", XLSX), SimpleUploadedFile("b.pdf", PDF)]
    assert client.post("/aide/ecrire/", typed | {"page": "/dossier/12?nom=X", "joined": good}).status_code == 302
    made = HelpRequest.objects.get()
    assert made.page == ""
    assert [(file.name, file.kind) for file in made.files.order_by("pk")] == [("é a.xlsx", "xlsx"), ("b.pdf", "pdf")]
    file = made.files.get(kind="pdf")
    answer = login(Client(), manager).get(f"/aide/demandes/{made.pk}/fichiers/{file.pk}/")
    assert answer.content == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(f"/aide/demandes/{made.pk}/fichiers/0/").status_code == 404


def test_an_empty_form_says_what_is_missing(arm: Actor) -> None:
    assert login(Client(), arm).post("/aide/ecrire/", {}).status_code == 422


# ---- kept, then forgotten


def test_what_was_said_is_never_rewritten_and_is_forgotten_a_year_after(arm: Actor, manager: Actor) -> None:
    made, open_one, at = ask(arm, files=[Joined("a.pdf", PDF)]), ask(arm), clock.now()
    answer_help(made.pk, "Le voici.", by=manager, at=at)
    with pytest.raises(DatabaseError), transaction.atomic():
        HelpMessage.objects.update(text="autre")
    assert forget_help(at=at + timedelta(days=364)) == 0
    assert forget_help(at=at + timedelta(days=366)) == 1
    assert list(HelpRequest.objects.all()) == [open_one]
    assert not HelpFile.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("path", ["/aide/a-traiter/", "/aide/demandes/"])
def test_lists_ask_as_much_for_one_as_for_three(arm: Actor, count: int, path: str) -> None:
    by = make_actor(Role.ADMINISTRATOR)
    for _ in range(count):
        ask(by if path == "/aide/demandes/" else arm)
    client = login(Client(), by)
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    assert len(asked) == 4
