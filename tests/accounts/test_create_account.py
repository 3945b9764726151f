import pytest
from django.core.management import CommandError, call_command

from quinze.accounts.models import User
from tests.factories.accounts import make_sas

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path):
    file = tmp_path / "mot-de-passe"
    file.write_text("quatre chevaux bleus\n")

    def call(*roles, **options):
        given = {"email": "iris@exemple.invalid", "given": "Iris", "family": "Orme", "sas": "86", "password-file": file}
        words = [f"--{name}={value}" for name, value in (given | options).items() if value]
        return call_command("create_account", *words, *(f"--role={role}" for role in roles or ["administrator"]))

    return call


def test_it_makes_the_first_administrator(run, capsys):
    make_sas()
    run("administrator", "arm")
    user = User.objects.get()
    assert user.check_password("quatre chevaux bleus")
    assert [g.role for g in user.grants.order_by("role")] == ["administrator", "arm"]
    assert capsys.readouterr().out == "Iris Orme (iris@exemple.invalid) : Administrateur, ARM, SAS 86 SAS 86.\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sas": "99"}, "Aucun SAS n’a le code « 99 ». SAS connus : 86."),
        ({"email": "iris"}, "« iris » n’est pas une adresse e-mail."),
        ({"password-file": None}, "Mot de passe refusé"),
    ],
)
def test_its_errors_say_what_is_wrong(run, options, message, monkeypatch):
    monkeypatch.setattr("quinze.accounts.management.commands.create_account.getpass", lambda _: "court")
    make_sas()
    with pytest.raises(CommandError, match=message):
        run(**options)
    assert not User.objects.exists()


def test_two_different_passwords_are_refused(run, monkeypatch):
    make_sas()
    typed = iter(["quatre chevaux bleus", "quatre chevaux verts"])
    monkeypatch.setattr("quinze.accounts.management.commands.create_account.getpass", lambda _: next(typed))
    with pytest.raises(CommandError, match="diffèrent"):
        run(**{"password-file": None})


def test_a_file_that_is_missing_or_empty_is_named(run, tmp_path):
    make_sas()
    empty = tmp_path / "vide"
    empty.touch()
    for file in (tmp_path / "absent", empty):
        with pytest.raises(CommandError, match=file.name):
            run(**{"password-file": file})


def test_the_same_address_twice_is_refused(run):
    make_sas()
    run()
    with pytest.raises(CommandError, match="a déjà cette adresse"):
        run()
