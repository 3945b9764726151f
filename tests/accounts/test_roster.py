"""A manager loads a list of accounts: shown first, with what is refused and why; all of it or nothing."""

import io
import random
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from quinze.accounts.actor import Actor
from quinze.accounts.models import AccountEvent, RoleGrant, User
from quinze.accounts.operations import import_accounts, send_invitation
from quinze.accounts.roles import Role
from quinze.accounts.roster import HEADER, Line, lines_of
from quinze.accounts.spreadsheet import LARGEST, read_cells
from quinze.base import clock
from quinze.base.errors import Refusal
from tests.factories import directory
from tests.factories.accounts import grant, login, make_actor, make_sas, make_user

HEAD = "Nom;Prénom;E-mail;Rôles"
TODAY = date(2026, 11, 22)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def parsed(
    *rows: str, head: str = HEAD, known: tuple[str, ...] = (), giver: Role = Role.ACCOUNTS_MANAGER
) -> list[Line]:
    content = "\n".join((head, *rows)).encode()
    return lines_of(read_cells(content), giver=giver, today=TODAY, known=known)


def book(sheet: str, shared: str = "") -> bytes:
    """A minimal XLSX."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>'
        )
        if shared:
            file.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{shared}</sst>')
    return made.getvalue()


# ---- reading


def test_a_line_is_read_whatever_the_order_and_the_accents_of_the_titles() -> None:
    (line,) = parsed("osnp, Effecteur;Vonne;nadia@exemple.fr;Nadia", head="ROLE;nom;Adresse e-mail;prenom")
    assert (line.family_name, line.given_name, line.email) == ("Vonne", "Nadia", "nadia@exemple.fr")
    assert line.roles == (Role.OSNP, Role.EFFECTEUR)
    assert line.refused == ()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (";Nadia;n@exemple.fr;OSNP", "Nom manque"),
        ("Vonne;Nadia;n@exemple;OSNP", "E-mail incomplet"),
        ("Vonne;Nadia;n@exemple.fr;Pilote", "Rôle inconnu : Pilote"),
        ("Vonne;Nadia;n@exemple.fr;Administrateur", "Vous ne donnez pas le rôle Administrateur"),
        ("Vonne;Nadia;deja@exemple.fr;OSNP", "Déjà dans votre SAS"),
        (f"{'V' * 81};Nadia;n@exemple.fr;OSNP", "trop long"),
    ],
)
def test_a_refused_line_says_why(row: str, why: str) -> None:
    (line,) = parsed(row, known=("deja@exemple.fr",))
    assert any(why in said for said in line.refused)


def test_the_same_address_twice_is_refused_the_second_time() -> None:
    first, second = parsed("Vonne;Nadia;n@exemple.fr;OSNP", "Envigne;Hugo;N@exemple.fr;OSNP")
    assert (first.refused, second.refused) == ((), ("Deux fois dans ce fichier",))


def test_dates_are_read_as_people_and_spreadsheets_write_them() -> None:
    head = f"{HEAD};Du;Au;RPPS"
    rows = [f"V{n};N;n{n}@exemple.fr;OSNP;{day};;" for n, day in enumerate(("01/12/2026", "2026-12-01", "46357"))]
    assert [line.start for line in parsed(*rows, head=head)] == [date(2026, 12, 1)] * 3
    wrong = parsed("V;N;n@exemple.fr;OSNP;31/02/2026;01/01/2026;12", head=head)[0].refused
    assert [said.split(" :")[0] for said in wrong] == ["Du", "Au", "RPPS"]


def test_numbers_of_lines_are_those_of_the_spreadsheet() -> None:
    assert [line.number for line in parsed("V;N;a@b.fr;OSNP", "W;N;c@d.fr;OSNP")] == [2, 3]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(Refusal) as refused:
        parsed("Vonne;Nadia", head="Nom;Prénom")
    assert "E-mail, Rôles" in refused.value.message


def test_a_file_of_an_old_french_spreadsheet_is_read() -> None:
    cells = read_cells("Nom;Prénom\r\nLefèvre;Zoé".encode("cp1252"))
    assert cells == [["Nom", "Prénom"], ["Lefèvre", "Zoé"]]


def test_an_xlsx_is_read_with_its_shared_and_its_inline_text() -> None:
    sheet = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>E-mail</t></is></c></row>'
        '<row r="2"><c r="A2"><v>42.0</v></c><c r="C2" t="s"><v>1</v></c></row>'
    )
    cells = read_cells(book(sheet, "<si><t>Nom</t></si><si><r><t>a@</t></r><r><t>b.fr</t></r></si>"))
    assert cells == [["Nom", "", "E-mail"], ["42", "", "a@b.fr"]]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 300,
        b"PK\x03\x04" + b"garbage" * 40,
        book("<row"),
        book('<row><c t="s"><v>99</v></c></row>'),
        book('<row><c r="ZZZ1"><v>1</v></c></row>'),
        b"\xff\xfe\x00N",
        b'"' * 5000,
    ],
)
def test_garbage_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        lines_of(read_cells(content), giver=Role.ACCOUNTS_MANAGER, today=TODAY)
    assert refused.value.field == "file"


def test_random_bytes_never_break_the_reading() -> None:
    rng = random.Random(15)
    whole = book('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', "<si><t>Nom</t></si>")
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(rng.randrange(1, 8)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        with suppress(Refusal):
            read_cells(bytes(damaged))


def test_a_small_file_that_holds_a_very_large_one_is_not_inflated() -> None:
    bomb = book(" " * 30_000_000)
    assert len(bomb) < LARGEST
    with pytest.raises(Refusal) as refused:
        read_cells(bomb)
    assert refused.value.code == "too_large"


def test_entities_that_multiply_are_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("xl/worksheets/sheet1.xml", '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>')
    with pytest.raises(Refusal):
        read_cells(made.getvalue())


def test_too_large_and_too_long_are_said() -> None:
    with pytest.raises(Refusal) as large:
        read_cells(b"a" * (LARGEST + 1))
    with pytest.raises(Refusal) as long:
        read_cells(b"a;b\n" * 1500)
    assert (large.value.code, long.value.code) == ("too_large", "too_long")


# ---- loading


@dataclass
class Office:
    manager: Actor
    page: Client

    def send(self, content: bytes | str, name: str = "liste.csv") -> HttpResponse:
        raw = content.encode() if isinstance(content, str) else content
        return self.page.post("/comptes/liste/", {"file": SimpleUploadedFile(name, raw)})


@pytest.fixture
def office(db: None) -> Office:
    manager = make_actor(Role.ACCOUNTS_MANAGER)
    return Office(manager, login(Client(), manager))


def test_a_list_is_shown_then_loaded_and_the_refused_lines_stay_out(office: Office) -> None:
    shown = office.send(f"{HEAD}\nVonne;Nadia;nadia@exemple.fr;OSNP\nEnvigne;Hugo;hugo;OSNP").content.decode()
    assert "1 ligne refusée" in shown
    assert "E-mail incomplet" in shown
    assert not User.objects.filter(email="nadia@exemple.fr").exists()

    assert office.page.post("/comptes/liste/confirmer/").status_code == 302
    made = User.objects.get(email="nadia@exemple.fr")
    assert [row.role for row in made.grants.all()] == [Role.OSNP]
    assert not User.objects.filter(family_name="Envigne").exists()
    assert ProcrastinateJob.objects.filter(task_name="quinze.accounts.tasks.send_invitation").count() == 1


def test_an_xlsx_is_loaded_like_a_csv(office: Office) -> None:
    cells = [HEAD.split(";"), ["Vonne", "Nadia", "nadia@exemple.fr", "OSNP"]]
    sheet = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in row) + "</row>" for row in cells
    )
    assert "1 ligne prête" in office.send(book(sheet), "liste.xlsx").content.decode()


def test_nothing_is_half_loaded_when_one_line_is_refused_at_the_last_moment(office: Office) -> None:
    """Between the preview and the confirmation somebody else made the second account."""
    office.send(f"{HEAD}\nVonne;Nadia;nadia@exemple.fr;OSNP\nEnvigne;Hugo;hugo@exemple.fr;OSNP")
    grant(make_user("hugo@exemple.fr"), Role.OSNP, office.manager.sas)

    answer = office.page.post("/comptes/liste/confirmer/")
    assert answer.status_code == 422
    assert "Ligne 3, Hugo Envigne" in answer.content.decode()
    assert not User.objects.filter(email="nadia@exemple.fr").exists()
    assert not ProcrastinateJob.objects.filter(task_name="quinze.accounts.tasks.send_invitation").exists()


def test_an_account_of_another_sas_is_attached_and_keeps_its_names(office: Office) -> None:
    known = make_user("nadia@exemple.fr", password="quatre chevaux bleus")
    grant(known, Role.OSNP, make_sas("79"))
    office.send(f"{HEAD}\nAutre;Nom;Nadia@exemple.fr;OSNP")
    office.page.post("/comptes/liste/confirmer/")
    known.refresh_from_db()
    assert known.family_name.startswith("Aubépine")
    assert RoleGrant.objects.filter(user=known, sas=office.manager.sas).count() == 1


def test_an_rpps_ties_the_account_to_its_sheet_and_an_unknown_one_stops_the_list(office: Office) -> None:
    sheet = directory.professional("Vonne")
    head = f"{HEAD};RPPS"
    office.send(f"{head}\nVonne;Nadia;nadia@exemple.fr;Effecteur;{sheet.rpps}")
    office.page.post("/comptes/liste/confirmer/")
    sheet.refresh_from_db()
    assert sheet.account == User.objects.get(email="nadia@exemple.fr")

    office.send(f"{head}\nEnvigne;Hugo;hugo@exemple.fr;Effecteur;{directory.rpps(9_999_999)}")
    assert "RPPS inconnu" in office.page.post("/comptes/liste/confirmer/").content.decode()
    assert not User.objects.filter(email="hugo@exemple.fr").exists()


def test_confirming_without_a_list_says_to_send_it_again(office: Office) -> None:
    answer = office.page.post("/comptes/liste/confirmer/", follow=True)
    assert "envoyez le fichier de nouveau" in answer.content.decode()


def test_the_model_can_be_filled_and_sent_back(office: Office) -> None:
    model = office.page.get("/comptes/liste/modele.csv").content
    assert read_cells(model)[0] == list(HEADER)
    assert "1 ligne prête" in office.send(model).content.decode()


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"PK\x03\x04xx", b"Nom;x\n1;2"])
def test_a_file_that_cannot_be_read_is_answered_beside_its_field(office: Office, content: bytes) -> None:
    answer = office.send(content)
    assert answer.status_code == 422
    assert "Lire la liste" in answer.content.decode()


def test_an_invitation_of_the_list_is_sent_and_signed_by_the_manager(office: Office) -> None:
    at = clock.now()
    line = Line(2, "Vonne", "Nadia", email="nadia@exemple.fr", roles=(Role.OSNP,))
    (made,) = import_accounts([line], sas=office.manager.sas, by=office.manager, at=at)
    send_invitation(user=made.pk, sas=office.manager.sas.pk, by=office.manager.user.pk, at=at)
    assert [message.to for message in mail.outbox] == [["nadia@exemple.fr"]]
    assert AccountEvent.objects.get(user=made, kind="invited").by == office.manager.user

    made.is_active = False
    made.save()
    send_invitation(user=made.pk, sas=office.manager.sas.pk, by=office.manager.user.pk, at=at)
    assert len(mail.outbox) == 1


def test_a_manager_loads_nothing_into_another_sas(office: Office) -> None:
    with pytest.raises(Refusal):
        import_accounts([], sas=make_sas("79"), by=office.manager, at=clock.now())


@pytest.mark.django_db(transaction=True)
def test_two_managers_send_the_same_list_and_each_person_has_one_account() -> None:
    sas, barrier, at = make_sas(), Barrier(2), clock.now() + timedelta(seconds=1)
    managers = [make_actor(Role.ACCOUNTS_MANAGER, sas) for _ in range(2)]
    lines = [Line(n, f"Nom{n}", "P", email=f"p{n}@exemple.fr", roles=(Role.OSNP,)) for n in range(2, 6)]

    def load(by: Actor) -> bool:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=10)
            import_accounts(lines, sas=sas, by=by, at=at)
        except Refusal:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(load, managers)) == [False, True]
    assert User.objects.filter(email__startswith="p").exclude(email__startswith="personne").count() == 4
