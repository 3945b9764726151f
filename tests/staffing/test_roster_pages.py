"""The pages of the roster, and its files that come and go."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from icalendar import Calendar

from quinze.accounts.roles import Role
from quinze.accounts.spreadsheet import read_cells
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.staffing import sheets
from quinze.staffing.models import RosterAssignment, RosterPublication, RosterShift, RosterSwap, StaffMember
from tests.factories.accounts import grant, login, make_actor, make_sas
from tests.factories.rosters import MONDAY, make_shift, put_on, somebody

pytestmark = pytest.mark.django_db
WEEK = "/planning/?semaine=2026-12-02"
ON_MONDAY = {"monday": MONDAY.isoformat()}


@pytest.fixture
def editor(client):
    return login(client, make_actor(Role.SUPERVISOR))


def _posted(client, name, data, **kwargs):
    return client.post(reverse(f"staffing:{name}", kwargs=kwargs), data, follow=True)


def test_the_week_shows_who_is_where_and_what_lacks(editor):
    shift, user = make_shift(0, 8, needed=2), somebody()
    put_on(shift, user)
    page = editor.get(WEEK).content.decode()
    assert str(user) in page
    assert "Défauts de planning : 1 place" in page
    assert "08:00 – 16:00" in page or "8:00 – 16:00" in page
    assert "Pas encore publiée." in page


def test_another_sas_is_not_seen(editor):
    elsewhere = make_sas("44")
    shift, user = make_shift(0, sas=elsewhere), somebody(sas=elsewhere)
    put_on(shift, user)
    page = editor.get(WEEK).content.decode()
    assert str(user) not in page
    assert editor.get(reverse("staffing:shift", args=[shift.pk])).status_code == 404


def test_who_only_reads_sees_no_button(client):
    put_on(make_shift(0), somebody())
    page = login(client, make_actor(Role.ARM)).get(WEEK).content.decode()
    assert "Publier" not in page
    assert "Journal" not in page


def test_shifts_are_planned_filled_and_published_from_the_page(editor):
    asked = {"role": "arm", "start": "08:00", "end": "16:00", "needed": "1", "days": ["0", "1"]}
    assert "2 garde(s) prévue(s)" in _posted(editor, "plan", asked, **ON_MONDAY).content.decode()
    assert _posted(editor, "plan", asked | {"start": "x"}, **ON_MONDAY).status_code == 422
    somebody()
    assert "Semaine complète" in _posted(editor, "week_act", {}, what="completer", **ON_MONDAY).content.decode()
    assert "Version 1 publiée" in _posted(editor, "week_act", {}, what="publier", **ON_MONDAY).content.decode()
    assert "Rien n’a changé" in _posted(editor, "week_act", {}, what="publier", **ON_MONDAY).content.decode()
    assert RosterPublication.objects.count() == 1
    assert editor.post(reverse("staffing:week_act", kwargs={"what": "x", **ON_MONDAY})).status_code == 404
    assert editor.get("/planning/?semaine=demain").status_code == 404


def test_a_shift_says_who_may_come_and_why_not_the_others(editor):
    morning, night = make_shift(1, 6), make_shift(0, 20)
    free, tired = somebody(), somebody()
    put_on(night, tired)
    page = editor.get(reverse("staffing:shift", args=[morning.pk])).content.decode()
    assert page.index(str(free)) < page.index(str(tired))
    assert "<td>Repos de moins de 11 h" in page
    refused = _posted(editor, "shift", {"action": "assign", "user": tired.pk}, pk=morning.pk)
    assert refused.status_code == 422
    done = _posted(editor, "shift", {"action": "assign", "user": tired.pk, "despite": "Seule"}, pk=morning.pk)
    assert "Règles enfreintes" in editor.get(WEEK).content.decode()
    assert str(tired) in done.content.decode()
    _posted(editor, "shift", {"action": "unassign", "user": tired.pk}, pk=morning.pk)
    assert "Planning" in _posted(editor, "shift", {"action": "remove"}, pk=morning.pk).content.decode()
    assert not RosterShift.objects.filter(pk=morning.pk).exists()
    assert _posted(editor, "shift", {"action": "assign", "user": "x"}, pk=night.pk).status_code == 422


def test_a_post_is_opened_and_contracts_are_written(editor):
    user = somebody()
    grant(user, Role.OSNP)
    asked = {"user": user.pk, "role": "osnp", "hours": "4", "reason": "Renfort"}
    assert "Poste ouvert à" in _posted(editor, "open_post", asked).content.decode()
    assert _posted(editor, "open_post", asked | {"hours": "40"}).status_code == 422
    assert (
        "enregistrés" in _posted(editor, "person", {"weekly_hours": "35", "nights": "on"}, pk=user.pk).content.decode()
    )
    assert (StaffMember.objects.get().weekly_hours, StaffMember.objects.get().remote) == (35, False)
    assert "35 h" in editor.get(reverse("staffing:people")).content.decode()


def test_the_sheet_of_a_week_comes_back_as_it_left(editor):
    put_on(make_shift(0, 8, needed=2), somebody())
    make_shift(0, 20, 12, role=Role.OSNP)
    sheet = editor.get(reverse("staffing:week_sheet", kwargs=ON_MONDAY)).content
    before = sheets.read(read_cells(sheet), zone="Europe/Paris")
    assert [(line.role, line.needed, len(line.people)) for line in before] == [("arm", 2, 1), ("osnp", 1, 0)]
    RosterAssignment.objects.all().delete()
    RosterShift.objects.all().delete()
    sent = {"file": SimpleUploadedFile("planning.xlsx", sheet)}
    assert "2 gardes lues, 1 affectations ajoutées" in _posted(editor, "import_sheet", sent).content.decode()
    again = editor.get(reverse("staffing:week_sheet", kwargs=ON_MONDAY)).content
    assert sheets.read(read_cells(again), zone="Europe/Paris") == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a;b\n1;2", "La première ligne porte ces titres"),
        ("Poste;Début;Fin;Places;Personnes", "ligne de titres"),
        (
            "Poste;Début;Fin;Places;Personnes\nChef;30/11/2026 08:00;30/11/2026 16:00;1;",
            "Ligne 2 : poste inconnu, « Chef »",
        ),
        ("Poste;Début;Fin;Places;Personnes\nARM;31/11/2026 08:00;30/11/2026 16:00;1;", "n’est pas une date"),
        ("Poste;Début;Fin;Places;Personnes\nARM;30/11/2026 08:00;30/11/2026 07:00;1;", "la fin vient avant"),
        ("Poste;Début;Fin;Places;Personnes\nARM;30/11/2026 08:00;30/11/2026 16:00;deux;", "nombre de places"),
    ],
)
def test_a_wrong_sheet_is_refused_with_its_line(text, said):
    with pytest.raises(Refusal) as refused:
        sheets.read(read_cells(text.encode()), zone="Europe/Paris")
    assert said in refused.value.message


def test_nothing_of_a_sheet_with_an_unknown_person_is_kept(editor):
    text = "Poste;Début;Fin;Places;Personnes\nARM;30/11/2026 08:00;30/11/2026 16:00;1;inconnu@exemple.invalid"
    sent = {"file": SimpleUploadedFile("planning.csv", text.encode())}
    page = _posted(editor, "import_sheet", sent)
    assert page.status_code == 422
    assert "Adresses inconnues : inconnu@exemple.invalid" in page.content.decode()
    assert not RosterShift.objects.exists()


def test_one_follows_ones_shifts_from_a_calendar_and_exchanges_them(client):
    monday = (clock.now() + timedelta(days=7)).date()
    days = (monday - MONDAY).days
    me, them = make_actor(Role.ARM), make_actor(Role.ARM)
    colleague = them.user
    mine = make_shift(days, 9)
    put_on(mine, me.user)
    login(client, me)
    assert "Donner ou échanger" in client.get(reverse("staffing:mine")).content.decode()
    events = Calendar.from_ical(client.get(reverse("staffing:my_calendar")).content).walk("VEVENT")
    assert [(event["SUMMARY"], event["DTSTART"].dt) for event in events] == [("ARM, SAS 86 SAS 86", mine.during.lower)]
    asked = _posted(client, "ask_swap", {"user": colleague.pk}, pk=mine.pk)
    assert "Demande envoyée" in asked.content.decode()
    swap = RosterSwap.objects.get()
    other = login(client, them)
    assert "vous propose" in other.get(reverse("staffing:mine")).content.decode()
    assert "Échange fait" in _posted(other, "answer_swap", {"answer": "yes"}, pk=swap.pk).content.decode()
    assert RosterAssignment.objects.get(shift=mine).user == colleague
    assert other.get(reverse("staffing:ask_swap", args=[0])).status_code == 404


def test_a_calendar_without_shifts_is_one(client):
    login(client, make_actor(Role.OSNP))
    content = client.get(reverse("staffing:my_calendar")).content
    assert len(list(Calendar.from_ical(io.BytesIO(content).getvalue()).walk("VEVENT"))) == 0
