"""The ARM's desk: open, type, hand over, call back, join, close; nothing typed is lost, nothing leaks."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localtime

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.regulation import operations as ops
from quinze.regulation import queries
from quinze.regulation.models import CaseFile, Step
from tests.factories import directory
from tests.factories import regulation as make
from tests.factories.accounts import login, make_actor, make_sas

pytestmark = pytest.mark.django_db
SECTIONS = ("caller", "place", "patient", "reason")
CALLED = "06 39 98 41 27"


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def arm(at: datetime) -> Actor:
    return make.arm(at=at)


@pytest.fixture
def desk(client: Client, arm: Actor) -> Client:
    return login(client, arm)


@pytest.fixture
def mine(arm: Actor, at: datetime) -> CaseFile:
    return make.case(by=arm, at=at)


def url(name: str, *args: object) -> str:
    return reverse(f"regulation:{name}", args=args)


def typed(case: CaseFile, **fields: object) -> dict[str, object]:
    """What the page sends: the versions it read, and the fields."""
    return {f"{section}_version": getattr(case, f"{section}_version") for section in SECTIONS} | fields


def keep(desk: Client, case: CaseFile, **fields: object) -> None:
    answer = desk.post(url("draft", case.number), typed(case, **fields, _changed=list(fields)))
    assert answer.json()["saved_at"]


def page_of(desk: Client, case: CaseFile) -> str:
    return desk.get(url("arm_case", case.number)).content.decode()


def act(desk: Client, case: CaseFile, name: str, **fields: object) -> str:
    answer = desk.post(url("act", case.number, name), typed(case, **fields), follow=True)
    case.refresh_from_db()
    return answer.content.decode()


COMPLETE = {
    "address": "4 chemin des Jars",
    "commune_text": "Lusignan",
    "callback_phone": CALLED,
    "reason_label": "Fièvre",
    "reason_code": "M19.05.00",
    "family_name": "Pinson",
    "given_name": "Noé",
    "birth": "4 ans",
    "sex": "M",
    "priority": "P3",
    "stream": "SNP",
    "summary": "39,4 depuis hier.",
}


# --- a new file ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("presented", "kept"), [(CALLED, "+33639984127"), ("", ""), ("masqué", "masqué"), ("0\0" * 60, "0" * 20)]
)
def test_one_key_opens_a_file_whatever_the_network_shows(desk: Client, arm: Actor, presented: str, kept: str) -> None:
    assert 'data-key="F2"' in desk.get(url("arm")).content.decode()
    answer = desk.post(url("open_case"), {"caller_number": presented})
    case = CaseFile.objects.get()
    assert answer.headers["Location"] == url("arm_case", case.number)
    assert (case.caller_number, case.claimed_by) == (kept, arm.user)


def test_enter_in_a_field_never_sends_a_p0(desk: Client, mine: CaseFile) -> None:
    """Enter presses the first submit button of the form: that one is disabled, and comes before F9."""
    page = page_of(desk, mine)
    assert 0 < page.index('form="dossier" disabled hidden') < page.index('data-key="F9"')


# --- what is typed is kept ----------------------------------------------------------------------------------------

EVERYTHING = {
    "address": "4 chemin des Jars", "access": "Portail vert", "transport": "voiture", "commune_text": "Le Breuil",
    "caller_type": "FAMILLE", "caller_name": "Claire Pinson", "callback_phone": "06 39 98",
    "family_name": "Pinson", "given_name": "Noé", "birth": "31/02/2022", "sex": "M",
    "used_name": "Linotte", "given_names": "Noé Jean", "ins": "2800", "birth_insee": "86", "identity": "VALI",
    "ins_oid": "1.2.250.1.213.1.4.8", "phone": "06 1", "email": "noe@", "language": "es",
    "referring_doctor_text": "Dr Aubépine", "reason_label": "il pleure", "circumstance_label": "chute",
    "summary": "39,4 « depuis » hier.",
}  # fmt: skip


def test_every_field_typed_comes_back_right_or_wrong_in_any_browser(desk: Client, arm: Actor, mine: CaseFile) -> None:
    for name, value in EVERYTHING.items():
        keep(desk, mine, **{name: value})
    keep(desk, mine, priority="P1", stream="AMU", vulnerabilities=["isole", "langue"], vital_respire="non")
    page = page_of(login(Client(), arm), mine)
    for value in EVERYTHING.values():
        assert value in page
    for checked in ('value="P1"', 'value="AMU"', 'value="isole"', 'value="langue"'):
        assert "checked" in page[page.index(checked) :].partition(">")[0]
    assert 'name="vital_respire" value="non" checked' in page
    mine.refresh_from_db()
    assert mine.address == ""


def test_what_another_person_types_is_not_mine(desk: Client, mine: CaseFile, at: datetime) -> None:
    keep(login(Client(), make.arm(at=at)), mine, address="Ailleurs")
    assert "Ailleurs" not in page_of(desk, mine)


def test_an_expired_session_loses_no_draft(desk: Client, arm: Actor, mine: CaseFile) -> None:
    keep(desk, mine, address="4 chemin des Jars")
    desk.logout()
    assert (
        desk.post(url("draft", mine.number), typed(mine, address="x"), headers={"HX-Request": "true"}).status_code
        == 401
    )
    assert "4 chemin des Jars" in page_of(login(desk, arm), mine)


def test_what_is_missing_follows_what_is_typed(desk: Client, mine: CaseFile) -> None:
    assert "lieu, motif, filière" in page_of(desk, mine)
    keep(desk, mine, commune_text="Lusignan", reason_label="Fièvre")
    follow = desk.get(url("known", mine.number)).content.decode()
    assert 'id="still" hx-swap-oob="true"' in follow
    assert "<strong>filière</strong>" in follow
    keep(desk, mine, stream="SNP", birth="4 ans")
    follow = desk.get(url("known", mine.number)).content.decode()
    assert "Rien ne manque." in follow
    assert "4\u00a0ans" in follow


def test_a_followed_part_is_the_one_of_the_page(desk: Client, mine: CaseFile) -> None:
    page = " ".join(page_of(desk, mine).split())
    for name in ("known", "arm_call"):
        alone = " ".join(desk.get(url(name, mine.number)).content.decode().split())
        assert alone.partition('<p class="c12')[0].strip() in page


def test_a_part_without_the_page_is_a_recorded_reading(client: Client, mine: CaseFile, at: datetime) -> None:
    other = make.arm(at=at)
    login(client, other).get(url("known", mine.number))
    readers = queries.who_has_read(mine, by=make.supervisor(at=at))
    assert (other.user, "suivi en direct") in [(record.user, record.why) for record in readers]


# --- two people ---------------------------------------------------------------------------------------------------


@pytest.fixture
def disputed(desk: Client, arm: Actor, mine: CaseFile, at: datetime) -> dict[str, object]:
    """I was writing the first name; a colleague wrote another one, the sex and the commune meanwhile."""
    sent = typed(mine, given_name="Noé", family_name="Pinson", sex="UN", commune="", commune_text="Le Breuil")
    town = directory.commune("Lusignan")
    other = make.arm(at=at)
    make.save(mine, "patient", by=other, at=at, given_name="Noée", sex="F")
    make.save(mine, "place", by=other, at=at, commune=town.pk)
    return sent


def test_each_value_of_a_conflict_has_its_button(desk: Client, mine: CaseFile, disputed: dict[str, object]) -> None:
    answer = desk.post(url("arm_case", mine.number), disputed)
    page = answer.content.decode()
    assert answer.status_code == 422
    for name in ("given_name", "sex"):
        assert (f'name="settle-{name}" value="theirs"' in page) is (name == "given_name")
    for words in ("Noée", 'name="settle-given_name" value="mine"', "pendant que vous écriviez", "Rien n’est perdu"):
        assert words in page


@pytest.mark.parametrize("whose", ["mine", "theirs"])
def test_settling_keeps_the_chosen_value_and_everything_else(
    desk: Client, arm: Actor, mine: CaseFile, disputed: dict[str, object], whose: str
) -> None:
    page = desk.post(url("arm_case", mine.number), disputed).content.decode()
    seen = {"patient_seen": queries.case(mine.number, by=arm).patient_version}
    assert f'name="patient_seen" value="{seen["patient_seen"]}"' in page
    desk.post(url("arm_case", mine.number), disputed | seen | {"settle-given_name": whose})
    person, chosen = queries.case(mine.number, by=arm).patient, {"mine": "Noé", "theirs": "Noée"}
    assert (person.given_name, person.family_name, person.sex) == (chosen[whose], "Pinson", "F")


def test_a_value_kept_is_not_written_over_a_third_one(
    desk: Client, arm: Actor, mine: CaseFile, disputed: dict[str, object], at: datetime
) -> None:
    desk.post(url("arm_case", mine.number), disputed)
    seen = queries.case(mine.number, by=arm).patient_version
    make.save(mine, "patient", by=make.arm(at=at), at=at, given_name="Noémie")
    answer = desk.post(url("arm_case", mine.number), disputed | {"patient_seen": seen, "settle-given_name": "mine"})
    assert answer.status_code == 422
    assert "Noémie" in answer.content.decode()
    assert queries.case(mine.number, by=arm).patient.given_name == "Noémie"


def test_the_town_and_its_words_are_one_conflict(desk: Client, mine: CaseFile, at: datetime) -> None:
    sent = typed(mine, commune=directory.commune("Vivonne").pk, commune_text="86000 Vivonne")
    make.save(mine, "place", by=make.arm(at=at), at=at, commune=directory.commune("Lusignan").pk)
    page = desk.post(url("arm_case", mine.number), sent).content.decode()
    assert "<strong>Lusignan</strong>" in page
    assert "<strong>Vivonne</strong>" in page
    assert page.count('value="theirs"') == 1


def test_different_fields_are_merged_without_a_word(desk: Client, arm: Actor, mine: CaseFile, at: datetime) -> None:
    sent = typed(mine, address="4 chemin des Jars", access="", save="1")
    make.save(mine, "place", by=make.arm(at=at), at=at, access="Portail vert")
    assert desk.post(url("arm_case", mine.number), sent).status_code == 302
    case = queries.case(mine.number, by=arm)
    assert (case.address, case.access) == ("4 chemin des Jars", "Portail vert")


def test_correcting_one_field_does_not_undo_what_a_colleague_wrote(
    desk: Client, arm: Actor, mine: CaseFile, at: datetime
) -> None:
    sent = typed(mine, birth="31/02/2022", family_name="Pinson", given_name="")
    make.save(mine, "patient", by=make.arm(at=at), at=at, given_name="Noé")
    page = desk.post(url("arm_case", mine.number), sent).content.decode()
    assert 'name="patient_version" value="1"' in page
    desk.post(url("arm_case", mine.number), sent | {"birth": "4 ans", "save": "1"})
    person = queries.case(mine.number, by=arm).patient
    assert (person.given_name, person.age_months) == ("Noé", 48)


def test_who_else_is_in_the_file(desk: Client, mine: CaseFile, at: datetime) -> None:
    other = make.arm(at=at)
    ops.enter_case(mine, by=other, at=at)
    assert "Dans ce dossier aussi" in page_of(desk, mine)
    assert str(other.user) in desk.get(url("known", mine.number)).content.decode()


# --- hand over ----------------------------------------------------------------------------------------------------


def test_a_complete_file_goes_to_the_doctors(desk: Client, mine: CaseFile) -> None:
    answer = desk.post(url("arm_case", mine.number), typed(mine, **COMPLETE), follow=True)
    mine.refresh_from_db()
    assert (mine.step, mine.stream, mine.priority, mine.reason_system) == (Step.SNP, "SNP", "P3", "CISU.motif")
    assert mine.reason_list_version == "2.3"
    assert "Dossier passé au médecin SNP, P3." in answer.content.decode()


def test_what_is_missing_is_told_beside_each_field_and_the_rest_is_kept(desk: Client, at: datetime) -> None:
    case = make.case(at=at, number="")
    answer = desk.post(url("arm_case", case.number), typed(case, family_name="Pinson", stream="SNP", priority="P2"))
    page = answer.content.decode()
    assert answer.status_code == 422
    for field in ("callback_phone", "commune_text", "reason_label"):
        assert f'id="id_{field}_error"' in page
    assert 'value="Pinson"' in page


def test_a_stream_is_asked(desk: Client, mine: CaseFile) -> None:
    page = desk.post(url("arm_case", mine.number), typed(mine, **COMPLETE | {"stream": ""})).content.decode()
    assert "Choisissez la filière : AMU ou SNP." in page


def test_the_first_wrong_field_has_the_focus(desk: Client, mine: CaseFile) -> None:
    page = desk.post(url("arm_case", mine.number), typed(mine, birth="31/02/2022")).content.decode()
    assert "Le 31 février n’existe pas" in page
    field = page[page.index('name="birth"') - 200 : page.index('name="birth"') + 300]
    assert "autofocus" in field
    assert page.count(" autofocus") == 1


def test_saving_alone_keeps_the_file_here(desk: Client, mine: CaseFile) -> None:
    desk.post(url("arm_case", mine.number), typed(mine, **COMPLETE, save="1"))
    mine.refresh_from_db()
    assert (mine.step, mine.summary) == (Step.ARM, "39,4 depuis hier.")


def test_free_text_is_kept_when_no_code_fits(desk: Client, mine: CaseFile) -> None:
    sent = COMPLETE | {"reason_code": "", "reason_label": "il pleure sans arrêt"}
    desk.post(url("arm_case", mine.number), typed(mine, **sent))
    mine.refresh_from_db()
    assert (mine.reason_label, mine.reason_system, mine.reason_code) == ("il pleure sans arrêt", "", "")


def test_the_town_chosen_brings_its_coordinates_and_its_name(desk: Client, arm: Actor, mine: CaseFile) -> None:
    town = directory.commune("Lusignan", postal_codes=["86600"])
    sent = {"commune": town.pk, "commune_text": "86600 Lusignan", "lat": "46.43", "lon": "0.12", "save": "1"}
    desk.post(url("arm_case", mine.number), typed(mine, **sent))
    case = queries.case(mine.number, by=arm)
    assert (case.commune, case.commune_text, case.lat) == (town, "", 46.43)
    assert 'value="86600 Lusignan"' in page_of(desk, mine)
    assert queries.chronology(case, by=arm)[-1].text == "Commune Lusignan."


# --- identity -----------------------------------------------------------------------------------------------------

INS = "186038619400153"


def test_strict_traits_and_status_of_the_identity(desk: Client, arm: Actor, mine: CaseFile) -> None:
    sent = {"family_name": "Pinson", "given_names": "Noé Jean", "birth": "08/03/2022", "sex": "M", "save": "1"}
    sent |= {"birth_insee": "86194", "identity": "VALI", "used_name": "Linotte", "email": "noe@exemple.fr"}
    assert desk.post(url("arm_case", mine.number), typed(mine, **sent)).status_code == 302
    person = queries.case(mine.number, by=arm).patient
    assert (person.identity, person.birth_insee, person.given_names) == ("VALI", "86194", "Noé Jean")
    assert "Identité validée" in page_of(desk, mine)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"identity": "VALI"}, "Une identité vérifiée a un nom de naissance"),
        ({"ins": INS[:-1]}, "Le matricule INS a 15 caractères, 14 saisis."),
        ({"ins": INS[:-2] + "01"}, "La clé du matricule INS ne correspond pas"),
        ({"birth_insee": "861"}, "Le code INSEE du lieu de naissance a 5 caractères"),
        ({"email": "noe@"}, "Cette adresse e-mail est incomplète"),
        ({"phone": "06 39"}, "Il manque 6 chiffres"),
    ],
)
def test_a_wrong_identity_is_told_beside_its_field(
    desk: Client, mine: CaseFile, fields: dict[str, str], said: str
) -> None:
    answer = desk.post(url("arm_case", mine.number), typed(mine, **fields))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert next(iter(fields.values())) in page


# --- P0 -----------------------------------------------------------------------------------------------------------


def test_f9_sends_a_file_where_nothing_is_filled(desk: Client, at: datetime) -> None:
    case = make.case(at=at, number="")
    page = desk.post(url("red_flag", case.number), typed(case), follow=True).content.decode()
    case.refresh_from_db()
    assert (case.priority, case.step) == ("P0", Step.AMU)
    assert "Restez en ligne." in page
    assert "attend le médecin AMU" in page


def test_f9_keeps_what_is_typed_even_wrong(desk: Client, mine: CaseFile) -> None:
    sent = typed(mine, summary="Bleu", birth="31/02/2022")
    page = desk.post(url("red_flag", mine.number), sent, follow=True).content.decode()
    mine.refresh_from_db()
    assert mine.summary == "Bleu"
    assert 'value="31/02/2022"' in page


def test_f9_goes_back_to_no_other_site(desk: Client, mine: CaseFile) -> None:
    for target in ("https://ailleurs.test/", "//ailleurs.test", "/\\ailleurs.test", "javascript:1"):
        answer = desk.post(url("red_flag", mine.number), {"next_page": target})
        assert answer.headers["Location"] == url("arm_case", mine.number)


def test_who_took_the_p0_is_read_live(desk: Client, mine: CaseFile, at: datetime) -> None:
    desk.post(url("red_flag", mine.number))
    doctor = make.doctor("AMU", at=at)
    ops.claim(mine, by=doctor, at=clock.now())
    assert f"pris par {doctor.user}" in desk.get(url("arm_call", mine.number)).content.decode()


def test_a_p0_is_withdrawn_with_a_reason_only(desk: Client, mine: CaseFile) -> None:
    desk.post(url("red_flag", mine.number))
    mine.refresh_from_db()
    assert "Dites pourquoi le P0 est retiré." in act(desk, mine, "withdraw_p0")
    assert mine.priority == "P0"
    act(desk, mine, "withdraw_p0", **{"withdraw_p0-reason": "Parle, colorée", "withdraw_p0-priority": "P2"})
    assert (mine.priority, mine.red_flag_at) == ("P2", None)


# --- what is already known ----------------------------------------------------------------------------------------


def test_lookalikes_follow_the_drafts(desk: Client, arm: Actor, mine: CaseFile, at: datetime) -> None:
    other = make.qualified_case(at=at)
    keep(desk, mine, callback_phone="06 39 98 00 00")
    keep(desk, mine, family_name="Pinson", given_name="Noé", birth="08/03/2022")
    page = desk.get(url("known", mine.number)).content.decode()
    assert f'id="alike-{other.number}"' in page
    assert "même nom, même naissance" in page


def test_join_link_dismiss(desk: Client, arm: Actor, at: datetime) -> None:
    first, again = make.qualified_case(at=at), make.case(by=arm, at=at)
    assert "Dossiers joints" in act(desk, again, "join", other=first.number)
    assert again.merged_into == first
    third = make.case(by=arm, at=at)
    assert "Personne reliée" in act(desk, third, "link", other=first.number)
    assert third.patient_id == queries.case(first.number, by=arm).patient_id
    fourth = make.case(by=arm, at=at)
    assert f'id="alike-{first.number}"' in page_of(desk, fourth)
    act(desk, fourth, "dismiss", other=first.number)
    assert f'id="alike-{first.number}"' not in page_of(desk, fourth)


def test_somebody_known_for_weeks_is_proposed_then_their_contacts_are_shown(
    desk: Client, mine: CaseFile, at: datetime
) -> None:
    before = at - timedelta(days=13)
    old, _ = make.decided_case(by=make.doctor(at=before), at=before)
    keep(desk, mine, callback_phone="06 39 98 00 00")
    assert "même personne" not in page_of(desk, mine)
    keep(desk, mine, family_name="pinson", given_name="noe")
    page = desk.get(url("known", mine.number)).content.decode()
    assert f'id="alike-{old.number}"' in page
    assert "1 personne connue, à relier à droite" in page
    page = act(desk, mine, "link", other=old.number)
    assert f'id="earlier-{old.number}"' in page
    assert "conseil médical" in page


def test_a_file_that_does_not_exist_is_not_joined(desk: Client, mine: CaseFile, at: datetime) -> None:
    elsewhere = make.case(sas=make_sas("79"), at=at)
    for other in ("", "DRFR", elsewhere.number, "é\0"):
        assert "n’existe pas dans votre SAS" in act(desk, mine, "join", other=other)
    assert mine.merged_into is None


# --- gestures -----------------------------------------------------------------------------------------------------


def test_a_gesture_saves_what_was_typed_elsewhere(desk: Client, mine: CaseFile) -> None:
    act(desk, mine, "note", **{"note-text": "Chien attaché.", "address": "4 chemin des Jars"})
    assert mine.address == "4 chemin des Jars"
    assert mine.events.filter(kind="note", text="Chien attaché.").exists()


def test_the_caller_hung_up_then_is_called_back(desk: Client, mine: CaseFile) -> None:
    page = act(desk, mine, "hung_up")
    assert mine.hung_up_at is not None
    for outcome in ("answered", "no_answer", "voicemail"):
        assert f'name="outcome" value="{outcome}"' in page
    act(desk, mine, "called", outcome="voicemail")
    waits = mine.callback_due_at
    act(desk, mine, "called", outcome="answered")
    assert (waits is None, mine.callback_due_at) == (False, None)
    outcomes = [contact.outcome for contact in queries.contacts(mine)]
    assert outcomes == ["hung_up", "voicemail", "answered"]


def test_a_call_back_is_planned(desk: Client, mine: CaseFile) -> None:
    page = act(desk, mine, "callback", **{"callback-minutes": "20", "callback-reason": "refaire le point"})
    assert mine.callback_due_at is not None
    assert f"À rappeler à {localtime(mine.callback_due_at, ZoneInfo('Europe/Paris')):%H:%M} : refaire le point" in page


@pytest.mark.parametrize("minutes", ["", "0", "demain", "²", "99999", "9" * 500, "-3", "\0"])
def test_a_wrong_delay_is_told_beside_it_and_kept(desk: Client, mine: CaseFile, minutes: str) -> None:
    sent = {"callback-minutes": minutes, "callback-reason": "refaire le point"}
    answer = desk.post(url("act", mine.number, "callback"), typed(mine, **sent))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_callback-minutes_error"' in page
    assert "refaire le point" in page


def test_who_rings_again_is_noted(desk: Client, at: datetime) -> None:
    case = make.waiting_case(at=at - timedelta(minutes=5))
    act(desk, case, "rang_again")
    assert queries.contacts(case)[-1].direction == "in"


def test_a_file_is_closed_without_a_doctor_and_reopened(desk: Client, mine: CaseFile) -> None:
    assert "Dites pourquoi aucun médecin" in act(desk, mine, "close")
    act(desk, mine, "close", **{"close-attribution": "DR.DREG.DRPHARMA", "close-text": "Pharmacie de garde"})
    assert (mine.step, mine.attribution) == (Step.CLOSED, "DR.DREG.DRPHARMA")
    assert "Rouvrir" in page_of(desk, mine)
    assert "Dites pourquoi ce dossier est rouvert." in act(desk, mine, "reopen")
    act(desk, mine, "reopen", **{"reopen-reason": "La personne rappelle"})
    assert mine.step == Step.ARM


def test_a_file_is_redirected_either_way_with_a_reason(desk: Client, at: datetime) -> None:
    case = make.waiting_case("SNP", at=at)
    assert "Dites pourquoi ce dossier change de filière." in act(desk, case, "redirect", **{"redirect-stream": "AMU"})
    for stream in ("AMU", "SNP"):
        act(desk, case, "redirect", **{"redirect-stream": stream, "redirect-reason": "réévalué"})
        assert case.stream == stream


def test_a_joined_file_leads_to_the_one_that_stays(desk: Client, arm: Actor, at: datetime) -> None:
    kept, joined = make.case(by=arm, at=at), make.case(by=arm, at=at)
    ops.merge(joined, by=arm, at=at, into=kept, reason="même appel")
    assert url("arm_case", kept.number) in page_of(desk, joined)
    answer = desk.post(url("arm_case", joined.number), typed(joined, address="Gare"))
    assert answer.status_code == 422
    assert "Gare" in answer.content.decode()


def test_an_unknown_gesture_does_not_exist(desk: Client, mine: CaseFile) -> None:
    assert desk.post(url("act", mine.number, "detruire")).status_code == 404


# --- lists --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["reasons", "circumstances", "communes", "addresses", "doctors"])
@pytest.mark.parametrize("text", ["", "fiev", "é" * 300, "\0", "%_'\"<b>", "😀", "²", "86"])
def test_a_list_answers_anything(desk: Client, name: str, text: str) -> None:
    answer = desk.get(url(name), {"q": text})
    assert answer.status_code == 200
    assert "<b>" not in answer.content.decode()


def test_the_reason_in_force_comes_before_the_former_list(desk: Client) -> None:
    page = desk.get(url("reasons"), {"q": "fiev"}).content.decode()
    assert page.index("M19.05.00") < page.index("M03.14")
    assert "<mark>Fièv</mark>re" in page
    assert "ancienne liste" in page


def test_a_town_fills_its_code_and_coordinates(desk: Client) -> None:
    town = directory.commune("Lusignan", postal_codes=["86600"], lat=46.435, lon=0.124)
    page = desk.get(url("communes"), {"q": "lusi"}).content.decode()
    for given in (f'data-fill-commune="{town.pk}"', 'data-fill-lat="46.435"', 'data-label="86600 Lusignan"'):
        assert given in page


def test_an_address_already_known_is_proposed_in_its_sas_only(desk: Client, at: datetime) -> None:
    make.qualified_case(at=at)
    assert "4 chemin des Jars" in desk.get(url("addresses"), {"q": "jars"}).content.decode()
    stranger = login(Client(), make.arm(make_sas("79"), at=at))
    assert "Jars" not in stranger.get(url("addresses"), {"q": "jars"}).content.decode()


def test_the_worklist_keeps_the_open_file_marked(desk: Client, mine: CaseFile) -> None:
    page = desk.get(url("arm_worklist"), {"dossier": mine.number}).content.decode()
    assert 'class="is-sel"' in page
    assert f"?dossier={mine.number}" in page


def count(ask: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as asked:
        ask()
    return len(asked)


def test_the_worklist_costs_the_same_at_one_and_at_three_files(desk: Client, arm: Actor, at: datetime) -> None:
    make.qualified_case(by=arm, at=at)
    desk.get(url("arm_worklist"))
    one = count(lambda: desk.get(url("arm_worklist")))
    for _ in range(2):
        make.waiting_case(by=arm, at=at, vulnerabilities=["isole"])
    assert count(lambda: desk.get(url("arm_worklist"))) == one <= 8


# --- who, and how -------------------------------------------------------------------------------------------------

READS: list[tuple[str, tuple[str, ...]]] = [("arm_case", ()), ("arm_call", ()), ("known", ())]
WRITES: list[tuple[str, tuple[str, ...]]] = [
    ("arm_case", ()),
    ("draft", ()),
    ("red_flag", ()),
    *(("act", (name,)) for name in ("note", "join", "close")),
]


@pytest.mark.parametrize("role", [Role.OSNP, Role.SUPERVISOR, Role.EFFECTEUR, Role.REGULATEUR_SNP])
def test_the_desk_is_for_arms(client: Client, mine: CaseFile, at: datetime, role: Role) -> None:
    login(client, make_actor(role, at=at))
    assert client.get(url("arm")).status_code == 403
    assert client.get(url("arm_case", mine.number)).status_code == 403
    assert client.post(url("open_case")).status_code == 403
    assert client.post(url("act", mine.number, "note"), {"note-text": "x"}).status_code == 403
    assert CaseFile.objects.count() == 1


@pytest.mark.parametrize(("name", "more"), READS + WRITES)
def test_a_file_of_another_sas_does_not_exist(
    client: Client, mine: CaseFile, at: datetime, name: str, more: tuple[str, ...]
) -> None:
    stranger = login(client, make.arm(make_sas("79"), at=at))
    asks = [stranger.get] if (name, more) in READS else [stranger.post]
    for ask in asks:
        answer = ask(url(name, mine.number, *more))
        assert answer.status_code == 404
        assert "39984127" not in answer.content.decode().replace(" ", "").replace("\u00a0", "")
    mine.refresh_from_db()
    assert mine.priority == "P2"


@pytest.mark.parametrize("name", ["open_case", "draft", "red_flag", "act"])
def test_what_writes_is_posted(desk: Client, mine: CaseFile, name: str) -> None:
    arguments = {"open_case": (), "act": (mine.number, "hung_up")}.get(name, (mine.number,))
    assert desk.get(url(name, *arguments)).status_code == 405
    assert CaseFile.objects.get().hung_up_at is None


FIELDS = (*EVERYTHING, "commune", "lat", "lon", "reason_code", "circumstance_code", "referring_doctor",
          "vulnerabilities", "vital_respire", "priority", "stream", "place_version", "settle-address",
          "note-text", "close-attribution", "redirect-stream")  # fmt: skip
GARBAGE = ["x" * 5000, "\0\0", "²", "-1", "9" * 40, "<script>", "\ud83d\ude00 \u202e\u0301", "NaN", "[]", "'; --"]


@pytest.mark.parametrize("rank", range(len(GARBAGE)))
def test_garbage_in_every_field_is_an_answer_never_a_fault(desk: Client, mine: CaseFile, rank: int) -> None:
    """Each kind of garbage in all fields at once, and alone in its share of the fields."""
    garbage = GARBAGE[rank].encode("utf-16", "surrogatepass").decode("utf-16")
    for name in FIELDS[rank :: len(GARBAGE)]:
        sent = typed(mine) | {name: garbage, "_changed": [name]}
        assert desk.post(url("draft", mine.number), sent).status_code == 200
        assert desk.post(url("arm_case", mine.number), sent | {"save": "1"}).status_code in (302, 422)
        assert desk.get(url("arm_case", mine.number)).status_code == 200
    everything = typed(mine) | dict.fromkeys(FIELDS, garbage)
    assert desk.post(url("arm_case", mine.number), everything | {"save": "1"}).status_code in (302, 422)
    for gesture in ("note", "close", "redirect", "callback", "called", "withdraw_p0"):
        answer = desk.post(url("act", mine.number, gesture), everything)
        assert answer.status_code in (302, 422)
        assert "<script>" not in answer.content.decode().partition("</head>")[2]


def test_what_was_typed_is_text_in_the_rows_of_the_list(desk: Client, arm: Actor, at: datetime) -> None:
    typed = "<script>alert('x')</script>"
    case = make.qualified_case(by=arm, at=at, reason_label=typed)
    case = make.save(case, "patient", by=arm, at=at, family_name=typed)
    CaseFile.objects.filter(pk=case.pk).update(vulnerabilities=["isole", typed[:20]], callback_due_at=at)
    page = desk.get(url("arm_worklist"), {"dossier": case.number}).content.decode()
    assert "<script" not in page.lower()
    for words in ("&lt;SCRIPT&gt;", "&lt;script&gt;alert(&#x27;x&#x27;)", "isolé", "à rappeler", 'aria-current="true"'):
        assert words in page
