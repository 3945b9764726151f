"""A week as iCalendar: it comes back as it left, and garbage is told by its event."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.staffing import roster_calendars, sheets
from quinze.staffing.models import RosterAssignment, RosterShift
from tests.factories.accounts import login, make_actor
from tests.factories.rosters import AT, MONDAY, make_shift, put_on, somebody

EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:ARM\r\n"
    "DTSTART:20261201T070000Z\r\nDTEND:20261201T150000Z\r\n{}END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def _read(text, **changes):
    for old, new in changes.items():
        text = text.replace(old, new)
    return roster_calendars.read(text.encode(), zone="Europe/Paris")


def test_what_leaves_comes_back():
    lines = [
        sheets.Line("arm", AT, AT + timedelta(hours=8), 3, ("a@exemple.fr", "b@exemple.fr")),
        sheets.Line("regulateur_snp", AT, AT + timedelta(hours=4), 1),
    ]
    assert roster_calendars.read(roster_calendars.of_week(lines), zone="Europe/Paris") == lines


@pytest.mark.django_db
def test_a_week_leaves_and_enters_by_the_pages(client):
    editor = login(client, make_actor(Role.SUPERVISOR))
    shift, user = make_shift(0, needed=2), somebody()
    put_on(shift, user)
    sent = editor.get(reverse("staffing:week_calendar", kwargs={"monday": MONDAY.isoformat()}))
    assert sent["Content-Type"].startswith("text/calendar")
    RosterAssignment.objects.all().delete()
    RosterShift.objects.all().delete()
    upload = {"file": SimpleUploadedFile("planning.ics", sent.content)}
    page = editor.post(reverse("staffing:import_sheet"), upload, follow=True).content.decode()
    assert "1 gardes lues, 1 affectations ajoutées" in page
    back = RosterShift.objects.get()
    assert (back.role, back.during, back.needed) == (shift.role, shift.during, 2)
    assert RosterAssignment.objects.get().user == user
    bad = {"file": SimpleUploadedFile("planning.ics", b"BEGIN:VCALENDAR\r\nnonsense")}
    assert editor.post(reverse("staffing:import_sheet"), bad).status_code == 422


def test_a_calendar_of_others_is_read_with_local_hours():
    local = EVENT.format("").replace("070000Z", "080000").replace("150000Z", "160000")
    assert _read(local) == _read(EVENT.format(""))
    assert _read(EVENT.format("ATTENDEE:MAILTO:Rose@Exemple.fr\r\n"))[0].people == ("rose@exemple.fr",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (EVENT.format("RRULE:FREQ=WEEKLY\r\n"), "se répète"),
        (EVENT.format("X-QUINZE-PLACES:beaucoup\r\n"), "places"),
        (EVENT.format("X-QUINZE-PLACES:99999999999999999999\r\n"), "places"),
        (EVENT.format("").replace("SUMMARY:ARM", "SUMMARY:Dentiste"), "poste inconnu"),
        (EVENT.format("").replace("DTEND:20261201T150000Z\r\n", ""), "DTEND"),
        (EVENT.format("").replace("DTSTART:20261201T070000Z", "DTSTART;VALUE=DATE:20261201"), "DTSTART"),
        (EVENT.format("").replace("20261201T150000Z", "20261130T150000Z"), "avant le début"),
        (EVENT.format("").replace("20261201", "99991231"), "attendues"),
        (EVENT.format("".join(f"ATTENDEE:mailto:a{rank}@x.fr\r\n" for rank in range(60))), "plus de 50"),
        ("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "aucun événement"),
        ("pas un calendrier", "iCalendar"),
    ],
)  # fmt: skip
def test_garbage_is_refused_with_its_event(text, said):
    with pytest.raises(Refusal, match=said):
        _read(text)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=120).map(lambda text: EVENT.format(text + "\r\n").encode()))
def test_anything_is_read_or_refused(content):
    try:
        roster_calendars.read(content, zone="Europe/Paris")
    except Refusal:
        return
