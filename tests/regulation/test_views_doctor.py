"""The doctor's desk: take, read, write, decide, send on."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.regulation import operations as ops
from quinze.regulation import queries
from quinze.regulation.models import CaseFile, Decision, Letter
from quinze.regulation.views.doctor import SHOWN
from tests.factories import orientation
from tests.factories import regulation as make
from tests.factories.accounts import login, make_actor, make_sas

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def doctor(at: datetime) -> Actor:
    return make.doctor(at=at)


@pytest.fixture
def desk(client: Client, doctor: Actor) -> Client:
    return login(client, doctor)


@pytest.fixture
def mine(doctor: Actor, at: datetime) -> CaseFile:
    return ops.claim(make.waiting_case(at=at), by=doctor, at=at)


def url(name: str, *args: object) -> str:
    return reverse(f"regulation:{name}", args=args)


def typed(case: CaseFile, **fields: object) -> dict[str, object]:
    """What the page sends: the versions it read, and the fields."""
    versions = {
        f"{s}_version": getattr(case, f"{s}_version") for s in ("caller", "place", "patient", "reason", "medical")
    }
    return versions | fields


# --- the list -----------------------------------------------------------------------------------------------------


def test_the_list_groups_what_is_open_here_what_waits_and_what_others_hold(
    desk: Client, mine: CaseFile, at: datetime
) -> None:
    make.waiting_case(at=at, vulnerabilities=["isole"])
    ops.claim(make.waiting_case(at=at), by=make.doctor(at=at), at=at)
    page = desk.get(url("doctor")).content.decode()
    positions = [page.index(f'id="g-{key}"') for key in ("mine", "wait", "taken")]
    assert positions == sorted(positions)
    assert "isolé" in page
    assert "1 dossier" in page


def test_a_p0_is_announced_and_on_top(client: Client, at: datetime) -> None:
    make.waiting_case("AMU", "P1", at=at)
    urgent = make.waiting_case("AMU", "P2", at=at)
    ops.red_flag(urgent, by=make.arm(at=at), at=at)
    login(client, make.doctor("AMU", at=at))
    page = client.get(url("doctor")).content.decode()
    assert (
        page.index('role="alert"') < page.index("P0, PINSON Noé") < page.index('id="g-p0"') < page.index('id="g-wait"')
    )
    assert " ".join(client.get(url("doctor_p0")).content.decode().split()) in " ".join(page.split())
    assert "PINSON" not in login(client, make.doctor("SNP", at=at)).get(url("doctor_p0")).content.decode()


def test_a_p0_row_enters_a_held_list_at_once(client: Client, at: datetime) -> None:
    urgent = ops.red_flag(make.case(at=at), by=make.arm(at=at), at=at)
    page = login(client, make.doctor("AMU", at=at)).get(url("doctor_worklist")).content.decode()
    row = page[page.index(f'id="row-{urgent.number}"') :]
    assert "data-enter-now" in row[: row.index(">")]


def test_snp_and_amu_each_see_their_list(client: Client, at: datetime) -> None:
    amu = make.waiting_case("AMU", at=at)
    page = login(client, make.doctor("SNP", at=at)).get(url("doctor_worklist")).content.decode()
    assert amu.number not in page


def test_an_empty_list_says_what_comes_next(desk: Client) -> None:
    page = desk.get(url("doctor")).content.decode()
    assert "Personne n’attend" in page
    assert desk.post(url("claim_next")).headers["Location"] == url("doctor")


def test_f2_takes_the_first_by_priority(desk: Client, doctor: Actor, at: datetime) -> None:
    make.waiting_case(priority="P3", at=at - timedelta(hours=1))
    first = make.waiting_case(priority="P1", at=at)
    assert desk.post(url("claim_next")).headers["Location"] == url("doctor_case", first.number)
    assert queries.case(first.number, by=doctor).claimed_by == doctor.user


def test_a_click_on_a_row_takes_it(desk: Client, doctor: Actor, at: datetime) -> None:
    case = make.waiting_case(at=at)
    assert url("claim", case.number) in desk.get(url("doctor")).content.decode()
    desk.post(url("claim", case.number))
    assert queries.case(case.number, by=doctor).claimed_by == doctor.user


def test_who_is_a_second_late_reads_with_the_holders_name(desk: Client, at: datetime) -> None:
    other = make.doctor(at=at)
    case = ops.claim(make.waiting_case(at=at), by=other, at=at)
    page = desk.post(url("claim", case.number), follow=True).content.decode()
    assert f"{other.user} a ce dossier" in page
    assert 'name="assessment"' not in page
    assert 'name="nature"' not in page


def test_the_load_of_the_hour_is_counted_by_file(desk: Client, doctor: Actor, mine: CaseFile, at: datetime) -> None:
    for _ in range(2):
        ops.decide(mine, by=doctor, at=at, details=make.ADVICE)
    assert "1 dossier cette heure" in desk.get(url("doctor")).content.decode()


# --- the file in one look -----------------------------------------------------------------------------------------


def test_the_file_shows_what_the_arm_took(desk: Client, mine: CaseFile) -> None:
    page = desk.get(url("doctor_case", mine.number)).content.decode()
    for words in (
        "PINSON Noé",
        "39,4 depuis hier.",
        "M19.05.00",
        "4 chemin des Jars, Lusignan",
        "06",
        "Prend le dossier.",
    ):
        assert words in page


def test_opening_is_recorded(desk: Client, doctor: Actor, mine: CaseFile) -> None:
    desk.get(url("doctor_case", mine.number))
    assert [record.user for record in queries.who_has_read(mine, by=doctor)] == [doctor.user]


def test_earlier_contacts_come_with_their_decision(desk: Client, doctor: Actor, mine: CaseFile, at: datetime) -> None:
    before = at - timedelta(days=3)
    old, _ = make.decided_case(by=make.doctor(at=before), at=before)
    ops.link_patient(mine, by=doctor, at=at, patient=old.patient)
    page = desk.get(url("doctor_part", mine.number, "facts")).content.decode()
    assert url("case", old.number) in page
    assert "Conseil médical" in page


@pytest.mark.parametrize("part", ["head", "facts", "history", "presence", "taken"])
def test_a_part_fetched_alone_is_the_one_of_the_page(desk: Client, mine: CaseFile, part: str) -> None:
    page = desk.get(url("doctor_case", mine.number)).content.decode()
    alone = desk.get(url("doctor_part", mine.number, part)).content.decode().strip()
    assert " ".join(alone.split()) in " ".join(page.split())


def test_an_unknown_part_does_not_exist(desk: Client, mine: CaseFile) -> None:
    assert desk.get(url("doctor_part", mine.number, "autre")).status_code == 404


def test_the_declared_absence_of_the_referring_doctor_is_said(client: Client, at: datetime) -> None:
    land = orientation.territory(at=at)
    person = orientation.doctor(land, "Aubépine").professional
    assert person is not None
    orientation.absence(person, start=at - timedelta(days=1), days=3)
    doctor = make.doctor(sas=land.sas, at=at)
    case = ops.claim(make.waiting_case(at=at, sas=land.sas), by=doctor, at=at)
    make.save(case, "patient", by=doctor, at=at, referring_doctor=str(person.pk))
    page = login(client, doctor).get(url("doctor_case", case.number)).content.decode()
    assert "AUBÉPINE" in page.upper()
    assert "Absent jusqu’à" in page


def test_a_part_fetched_without_opening_the_file_is_a_reading(desk: Client, doctor: Actor, mine: CaseFile) -> None:
    for _ in range(2):
        desk.get(url("doctor_part", mine.number, "facts"))
    assert [record.why for record in queries.who_has_read(mine, by=doctor)] == ["suivi en direct"]


def test_a_p0_that_came_with_nothing_is_completed_by_the_doctor(client: Client, at: datetime) -> None:
    doctor = make.doctor("AMU", at=at)
    bare = ops.red_flag(make.case(at=at, number=""), by=make.arm(at=at), at=at)
    login(client, doctor).post(url("claim", bare.number))
    page = client.get(url("doctor_case", bare.number)).content.decode()
    assert "Identité inconnue" in page
    assert '<details class="reg-id" open>' in page
    bare.refresh_from_db()
    client.post(
        url("doctor_case", bare.number), typed(bare, family_name="Harle", reason_label="Malaise", address="Gare")
    )
    bare.refresh_from_db()
    assert (bare.patient.family_name, bare.reason_label, bare.address) == ("Harle", "Malaise", "Gare")


def test_a_closed_or_joined_file_says_so(desk: Client, doctor: Actor, at: datetime) -> None:
    closed, _ = make.decided_case(by=doctor, at=at)
    ops.close(closed, by=doctor, at=at)
    assert "Rouvrir le dossier" in desk.get(url("doctor_case", closed.number)).content.decode()
    arm = make.arm(at=at)
    kept, joined = make.case(by=arm, at=at), make.case(by=arm, at=at)
    ops.merge(joined, by=arm, at=at, into=kept, reason="Même appel")
    assert url("doctor_case", kept.number) in desk.get(url("doctor_case", joined.number)).content.decode()


def test_who_else_looks_at_the_file(desk: Client, mine: CaseFile, at: datetime) -> None:
    other = make.arm(at=at)
    ops.enter_case(mine, by=other, at=clock.now())
    assert str(other.user) in desk.get(url("doctor_part", mine.number, "presence")).content.decode()


# --- writing ------------------------------------------------------------------------------------------------------


def test_what_is_typed_is_kept_then_shown_again(desk: Client, mine: CaseFile) -> None:
    sent = typed(mine, assessment="Tonique.", advice_text="Faire boire", _changed=["assessment", "advice_text"])
    assert desk.post(url("doctor_draft", mine.number), sent).status_code == 200
    page = desk.get(url("doctor_case", mine.number)).content.decode()
    assert "Tonique." in page
    assert "Faire boire" in page
    mine.refresh_from_db()
    assert mine.assessment == ""


def test_saving_writes_the_notes_and_the_identity(desk: Client, mine: CaseFile) -> None:
    sent = typed(mine, weight="16 kg", assessment="Otalgie fébrile.", family_name="Pinson", given_name="Noémie")
    assert desk.post(url("doctor_case", mine.number), sent).status_code == 302
    mine.refresh_from_db()
    assert (mine.weight, mine.assessment, mine.patient.given_name) == ("16 kg", "Otalgie fébrile.", "Noémie")


def test_a_wrong_field_is_told_beside_it_and_nothing_typed_is_lost(desk: Client, mine: CaseFile) -> None:
    sent = typed(mine, callback_phone="06 39 98 41 2", assessment="Tonique.", nature="CONSEIL", advice_text="Boire")
    answer = desk.post(url("doctor_case", mine.number), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "id_callback_phone_error" in page
    for kept in ("06 39 98 41 2", "Tonique.", "Boire"):
        assert kept in page


def test_two_people_one_field_both_values_are_shown(desk: Client, mine: CaseFile, at: datetime) -> None:
    sent = typed(mine, weight="61 kg")
    make.save(mine, "medical", by=make.doctor(at=at), at=at, weight="16 kg")
    answer = desk.post(url("doctor_case", mine.number), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "16 kg" in page
    assert "61 kg" in page
    mine.refresh_from_db()
    assert mine.weight == "16 kg"


def test_the_value_typed_here_can_be_kept(desk: Client, mine: CaseFile, at: datetime) -> None:
    sent = typed(mine, weight="61 kg")
    make.save(mine, "medical", by=make.doctor(at=at), at=at, weight="16 kg")
    page = desk.post(url("doctor_case", mine.number), sent).content.decode()
    mine.refresh_from_db()
    assert f'name="medical_seen" value="{mine.medical_version}"' in page
    chosen = sent | {"medical_seen": mine.medical_version, "settle-weight": "mine"}
    assert desk.post(url("doctor_case", mine.number), chosen).status_code == 302
    mine.refresh_from_db()
    assert mine.weight == "61 kg"


def test_settling_one_field_overwrites_no_other(desk: Client, mine: CaseFile, at: datetime) -> None:
    sent = typed(mine, weight="61 kg", treatments="", allergies="")
    make.save(mine, "medical", by=make.doctor(at=at), at=at, weight="16 kg", allergies="Pénicilline")
    assert desk.post(url("doctor_case", mine.number), sent).status_code == 422
    desk.post(url("doctor_case", mine.number), sent | {"medical_seen": 2, "settle-weight": "mine"})
    mine.refresh_from_db()
    assert (mine.weight, mine.allergies) == ("61 kg", "Pénicilline")


def test_the_value_of_the_other_person_can_be_kept(desk: Client, mine: CaseFile, at: datetime) -> None:
    sent = typed(mine, weight="61 kg", assessment="Tonique.")
    make.save(mine, "medical", by=make.doctor(at=at), at=at, weight="16 kg")
    assert 'name="settle-weight" value="theirs"' in desk.post(url("doctor_case", mine.number), sent).content.decode()
    mine.refresh_from_db()
    desk.post(
        url("doctor_case", mine.number),
        typed(mine, weight="61 kg", assessment="Tonique.", **{"settle-weight": "theirs"}),
    )
    mine.refresh_from_db()
    assert (mine.weight, mine.assessment) == ("16 kg", "Tonique.")
    assert not queries.drafts(mine, by=make.doctor(at=at))


# --- deciding -----------------------------------------------------------------------------------------------------

DECISIONS: dict[str, dict[str, object]] = {
    "CONSEIL": {"advice_text": "Faire boire.", "advice_recall": "on", "level": "R4"},
    "PMT": {
        "drug_1_name": "Paracétamol",
        "drug_1_dosage": "300 mg x 4",
        "drug_4_name": "Sérum",
        "pharmacy": "du Clain",
    },
    "INTER": {"vehicle": "SIS.VSAV", "care": "SECOURS", "inter_destination": "URGENCES", "note": "3e étage"},
    "PASPLUS": {"nothing_reason": "Déjà pris en charge"},
}


@pytest.mark.parametrize("nature", DECISIONS)
def test_each_nature_is_decided_from_the_panel(desk: Client, mine: CaseFile, nature: str) -> None:
    answer = desk.post(url("decide", mine.number), typed(mine, nature=nature, **DECISIONS[nature]))
    assert answer.headers["Location"] == url("doctor_case", mine.number)
    assert Decision.objects.get(case=mine).nature == nature


def test_a_prescription_keeps_its_lines_in_order(desk: Client, mine: CaseFile) -> None:
    desk.post(url("decide", mine.number), typed(mine, nature="PMT", **DECISIONS["PMT"]))
    drugs = Decision.objects.get(case=mine).details["drugs"]
    assert [drug["name"] for drug in drugs] == ["Paracétamol", "Sérum"]


ORIENT = {
    "nature": "ORIENT",
    "orient_destination": "CABINET",
    "who": "10/SM54",
    "within_hours": "12",
    "modalities": ["AMB", "HH"],
    "instruction": "Pas de téléconsultation.",
    "level": "R3",
}


def test_an_orientation_goes_to_the_osnp_and_the_desk_offers_the_next(desk: Client, mine: CaseFile) -> None:
    answer = desk.post(url("decide", mine.number), typed(mine, assessment="Otalgie.", **ORIENT))
    assert answer.headers["Location"] == url("doctor")
    mine.refresh_from_db()
    assert (mine.step, mine.assessment, mine.claimed_by) == ("osnp", "Otalgie.", None)
    asked = Decision.objects.get(case=mine).orientation_request
    assert asked is not None
    assert (asked.modalities, asked.instruction) == (["AMB", "HH"], "Pas de téléconsultation.")


def test_a_refused_decision_says_why_beside_the_field_and_keeps_what_was_typed(desk: Client, mine: CaseFile) -> None:
    sent = typed(mine, assessment="Tonique.", **ORIENT | {"modalities": []})
    answer = desk.post(url("decide", mine.number), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choisissez au moins une façon d’être vu" in page
    assert "Pas de téléconsultation." in page
    assert not Decision.objects.exists()
    mine.refresh_from_db()
    assert mine.assessment == "Tonique."


@pytest.mark.parametrize("nature", ["", "CONSEIL", "PMT", "INTER", "INCONNUE"])
def test_a_decision_without_its_content_is_refused(desk: Client, mine: CaseFile, nature: str) -> None:
    answer = desk.post(url("decide", mine.number), typed(mine, nature=nature))
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.content.decode()


def test_the_delay_shows_its_clock_time(desk: Client, mine: CaseFile) -> None:
    page = desk.get(url("doctor_case", mine.number)).content.decode()
    assert "24 h, demain" in page


def test_past_decisions_are_counted_and_give_their_letter(
    desk: Client, doctor: Actor, mine: CaseFile, at: datetime
) -> None:
    made = ops.decide(mine, by=doctor, at=at, details=make.PRESCRIPTION)
    page = desk.get(url("doctor_case", mine.number)).content.decode()
    assert "1 déjà prise" in page
    assert "Ordonnance PDF" in page
    answer = desk.post(url("make_letter", mine.number, made.pk), follow=True)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "pinson" not in answer.headers["Content-Disposition"].lower()
    assert answer.content.startswith(b"%PDF")
    assert Letter.objects.get().decision == made


# --- gestures -----------------------------------------------------------------------------------------------------


def act(desk: Client, case: CaseFile, name: str, **fields: object) -> int:
    sent = {f"{name}-{field}": value for field, value in fields.items()}
    return desk.post(url("doctor_act", case.number, name), typed(case, **sent)).status_code


Check = Callable[[CaseFile], bool]
GESTURES: list[tuple[str, dict[str, object], Check]] = [
    ("callback", {"minutes": "20", "reason": "Température"}, lambda case: case.callback_due_at is not None),
    ("called", {"outcome": "no_answer"}, lambda case: case.contacts.filter(outcome="no_answer").exists()),
    ("redirect", {"stream": "AMU", "reason": "Douleur"}, lambda case: case.step == "amu"),
    ("reevaluate", {"reason": "Fièvre"}, lambda case: case.claimed_by is None),
    ("release", {}, lambda case: case.claimed_by is None),
    ("note", {"text": "Voisine présente"}, lambda case: case.events.filter(kind="note").exists()),
]


@pytest.mark.parametrize(("name", "fields", "done"), GESTURES, ids=[gesture[0] for gesture in GESTURES])
def test_gestures(desk: Client, mine: CaseFile, name: str, fields: dict[str, object], done: Check) -> None:
    assert act(desk, mine, name, **fields) == 302
    mine.refresh_from_db()
    assert done(mine)


def test_leaving_a_file_saves_what_was_typed_in_it(desk: Client, mine: CaseFile) -> None:
    desk.post(url("doctor_act", mine.number, "release"), typed(mine, assessment="Otalgie."))
    mine.refresh_from_db()
    assert mine.assessment == "Otalgie."


def test_handing_over_to_a_colleague_at_their_post(desk: Client, mine: CaseFile, at: datetime) -> None:
    other = make.doctor("AMU", at=clock.now())
    assert str(other.user) in desk.get(url("doctor_case", mine.number)).content.decode()
    assert act(desk, mine, "hand_over", to=f"{other.user.pk}:{other.role}") == 302
    mine.refresh_from_db()
    assert mine.claimed_by == other.user


def test_closing_needs_a_decision(desk: Client, doctor: Actor, mine: CaseFile, at: datetime) -> None:
    assert act(desk, mine, "close") == 422
    ops.decide(mine, by=doctor, at=at, details=make.ADVICE)
    assert act(desk, mine, "close") == 302
    mine.refresh_from_db()
    assert mine.step == "closed"
    assert act(desk, mine, "reopen", reason="A rappelé") == 302


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("callback", {"minutes": "demain", "reason": "Revoir"}, "de 1 à 1440"),
        ("redirect", {"stream": "AMU", "reason": ""}, "Dites pourquoi"),
        ("hand_over", {"to": "0:arm"}, "Choisissez un confrère"),
    ],
)
def test_a_refused_gesture_stays_open_with_what_was_typed(
    desk: Client, mine: CaseFile, name: str, fields: dict[str, object], said: str
) -> None:
    sent = typed(mine, assessment="Tonique.", **{f"{name}-{field}": value for field, value in fields.items()})
    answer = desk.post(url("doctor_act", mine.number, name), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "Tonique." in page
    assert all(str(value) in page for value in fields.values() if name == "callback")


def test_p0_from_the_decision_panel(desk: Client, mine: CaseFile) -> None:
    back = url("doctor_case", mine.number)
    answer = desk.post(url("red_flag", mine.number), typed(mine, next_page=back))
    assert answer.headers["Location"] == back
    mine.refresh_from_db()
    assert (mine.priority, mine.step) == ("P0", "amu")


def test_a_page_that_only_reads_clears_nothing(desk: Client, at: datetime) -> None:
    case = ops.claim(make.waiting_case(at=at, vulnerabilities=["isole"]), by=make.doctor(at=at), at=at)
    desk.post(url("red_flag", case.number), {"next_page": url("doctor_case", case.number)})
    case.refresh_from_db()
    assert case.vulnerabilities == ["isole"]


# --- who, how, how much -------------------------------------------------------------------------------------------

PAGES = ("doctor", "doctor_worklist", "doctor_next", "doctor_p0")
POSTS = ("claim", "doctor_draft", "decide")


def test_get_and_post_each_in_its_place(desk: Client, mine: CaseFile) -> None:
    assert [desk.post(url(name)).status_code for name in PAGES] == [405] * 4
    assert [desk.get(url(name, mine.number)).status_code for name in POSTS] == [405] * 3
    assert desk.get(url("claim_next")).status_code == 405
    assert desk.get(url("doctor_act", mine.number, "release")).status_code == 405
    assert desk.post(url("doctor_act", mine.number, "inconnu")).status_code == 404


def test_another_role_is_refused(client: Client, mine: CaseFile, at: datetime) -> None:
    login(client, make.arm(at=clock.now()))
    assert client.get(url("doctor")).status_code == 403
    assert client.post(url("decide", mine.number)).status_code == 403


def test_the_file_of_another_sas_does_not_exist(desk: Client, at: datetime) -> None:
    elsewhere = make.waiting_case(at=at, sas=make_sas("79"))
    assert desk.get(url("doctor_case", elsewhere.number)).status_code == 404
    assert desk.post(url("claim", elsewhere.number)).status_code == 404
    assert desk.post(url("decide", elsewhere.number), {"nature": "CONSEIL"}).status_code == 404
    assert elsewhere.number not in desk.get(url("doctor")).content.decode()


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_the_list_costs_the_same_with_one_row_and_with_three(desk: Client, at: datetime) -> None:
    make.waiting_case(at=at)
    one = _queries(desk, url("doctor_worklist"))
    for _ in range(2):
        make.waiting_case(at=at)
    assert _queries(desk, url("doctor_worklist")) == one == 6


def test_the_file_costs_the_same_whatever_waits(desk: Client, mine: CaseFile, at: datetime) -> None:
    desk.get(url("doctor_case", mine.number))
    before = _queries(desk, url("doctor_case", mine.number))
    for _ in range(2):
        make.waiting_case(at=at)
    assert _queries(desk, url("doctor_case", mine.number)) == before <= 32


def test_a_doctor_without_a_post_chooses_one(client: Client, at: datetime) -> None:
    actor = make_actor(Role.REGULATEUR_AMU, at=at - timedelta(days=2))
    answer = login(client, actor).get(url("doctor"))
    assert answer.status_code == 302


def test_a_crowded_list_shows_the_first_and_says_how_many_more(desk: Client, at: datetime) -> None:
    for _ in range(SHOWN + 3):
        make.waiting_case(at=at)
    page = desk.get(url("doctor"))
    assert page.context["unshown"] == 3
    assert "3 autres ensuite" in page.content.decode()
    assert desk.get(f"{url('doctor')}?tout=1").context["unshown"] == 0
