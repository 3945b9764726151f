from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quinze.base.errors import NotFound, Refusal
from quinze.regulation import operations as ops
from quinze.regulation import queries
from quinze.regulation.decisions import Advice, NothingMore, Orientation
from quinze.regulation.models import Step
from tests.factories import directory as places
from tests.factories import patients as people
from tests.factories import regulation as make
from tests.factories.accounts import make_sas
from tests.factories.regulation import AT

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=10)


def numbers(rows: list[queries.Row]) -> list[str]:
    return [row.number for row in rows]


def test_each_desk_sees_its_own_files_in_order() -> None:
    arm, other = make.arm(), make.arm()
    mine = make.case(by=arm)
    theirs = make.waiting_case("SNP", "P3", by=other, at=AT - timedelta(minutes=9))
    snp = make.waiting_case("SNP", "P2", by=other)
    p0 = ops.red_flag(make.case(by=arm), by=arm, at=LATER)
    amu = make.waiting_case("AMU", "P1", by=other, at=AT - timedelta(hours=1))
    make.waiting_case("SNP", sas=make_sas("79"))

    assert numbers(queries.worklist(by=arm, at=LATER)) == [p0.number, mine.number]
    assert numbers(queries.worklist(by=make.doctor("AMU"), at=LATER)) == [p0.number, amu.number]
    assert numbers(queries.worklist(by=make.doctor("SNP"), at=LATER)) == [snp.number, theirs.number]
    assert queries.worklist(by=make.osnp(), at=LATER) == []
    room = queries.worklist(by=make.supervisor(), at=LATER, desk="room")
    assert numbers(room) == [p0.number, amu.number, mine.number, snp.number, theirs.number]


def test_a_row_says_all_that_the_list_shows() -> None:
    doctor = make.doctor()
    lusignan = places.commune("Lusignan")
    arm = make.arm()
    case = make.waiting_case("SNP", "P2", by=arm, vulnerabilities=["isole"])
    make.save(case, "place", by=arm, commune=lusignan.pk)
    ops.record_contact(case, by=arm, at=AT + timedelta(minutes=2), direction="in")
    ops.claim(case, by=doctor, at=LATER)

    (row,) = queries.worklist(by=doctor, at=AT + timedelta(minutes=16))
    assert (row.name, row.age, row.sex, row.reason, row.commune) == (
        "PINSON Noé",
        "4\u00a0ans",
        "M",
        "Fièvre",
        "Lusignan",
    )
    assert (row.waited, row.target, row.overdue) == (960, 900, True)
    assert (row.holder, row.mine, row.where) == (str(doctor.user), True, f"{doctor.user} a le dossier")
    assert (row.vulnerabilities, row.called_again, row.callback_due) == (["isole"], True, False)


def test_a_callback_that_is_due_comes_to_every_arm() -> None:
    case = make.waiting_case("SNP")
    ops.schedule_callback(case, by=make.doctor(), at=AT, due_at=LATER, reason="après la dose")
    colleague = make.arm()
    assert queries.worklist(by=colleague, at=AT) == []
    (row,) = queries.worklist(by=colleague, at=LATER)
    assert (row.number, row.callback_due) == (case.number, True)


@pytest.mark.parametrize("size", [1, 12])
def test_a_list_takes_the_same_queries_whatever_its_length(size: int) -> None:
    arm, doctor = make.arm(), make.doctor()
    for number in range(size):
        ops.claim(make.waiting_case("SNP", at=AT + timedelta(seconds=number), by=arm), by=doctor, at=LATER)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        rows = queries.worklist(by=doctor, at=LATER)
        assert [(row.name, row.holder, row.commune, row.number) for row in rows]
    assert (len(rows), len(captured)) == (size, 2)


def test_the_room_counts_who_waits_and_since_when() -> None:
    arm = make.arm()
    make.waiting_case("SNP", "P1", by=arm, at=AT)
    ops.claim(make.waiting_case("SNP", "P2", by=arm, at=LATER), by=make.doctor(), at=LATER)
    make.case(sas=make_sas("79"))
    summary = queries.room(by=make.supervisor(), at=LATER)
    snp = next(step for step in summary.steps if step.step == Step.SNP)
    assert (snp.waiting, snp.claimed, snp.oldest, snp.overdue, summary.total) == (1, 1, AT, 1, 2)


def test_a_file_is_found_by_number_name_and_telephone_in_its_own_sas_only() -> None:
    arm = make.arm()
    case = make.qualified_case(by=arm)
    leak = make.qualified_case(sas=make_sas("79"))
    for text in (case.number, "86 26 321 00001", "00001", "pinson", "NOÉ pins", "06 39 98 41 27", "0639984127"):
        assert queries.search_cases(text, by=arm) == [case], text
    for text in (leak.number, "", "   ", "héron", "06 39 98 41 28"):
        assert queries.search_cases(text, by=arm) == [], text
    with pytest.raises(NotFound):
        queries.case(leak.number, by=arm)


def test_lookalikes_say_why_and_another_sas_is_not_among_them() -> None:
    arm = make.arm()
    lusignan = places.commune("Lusignan")
    case = make.qualified_case(by=arm, at=LATER)
    make.save(case, "place", by=arm, commune=lusignan.pk, lat="46,4358", lon="0,1224")
    hung_up = make.case(by=arm)
    neighbour = make.case(by=arm, number="05 36 49 00 12")
    make.save(neighbour, "place", by=arm, commune=lusignan.pk, lat="46,4374", lon="0,1224")
    twin = make.qualified_case(by=arm, at=AT)
    make.save(twin, "caller", by=arm, caller_number="05 36 49 00 13", callback_phone="05 36 49 00 13")
    far = make.case(by=arm, number="05 36 49 00 14")
    make.save(far, "place", by=arm, commune=lusignan.pk, address="ailleurs", lat="46,5", lon="0,2")
    make.qualified_case(by=arm, at=AT - timedelta(days=2))
    make.qualified_case(sas=make_sas("79"))

    case = queries.case(case.number, by=arm)
    found = {alike.case.number: alike.why for alike in queries.lookalikes(case, by=arm, at=LATER)}
    assert found == {
        hung_up.number: ["même numéro"],
        neighbour.number: ["lieu à 180 m"],
        twin.number: ["même nom", "même naissance"],
    }
    ops.dismiss_lookalike(case, by=arm, at=LATER, other=neighbour, reason="autre personne")
    assert neighbour.number not in [alike.case.number for alike in queries.lookalikes(case, by=arm, at=LATER)]


def test_an_osnp_reads_what_happened_but_not_the_interrogation() -> None:
    case, osnp = make.waiting_case(), make.osnp()
    texts = [event.text for event in queries.chronology(case, by=osnp)]
    assert not [text for text in texts if "Fièvre" in text or "39,4" in text]
    assert any(text.startswith("Adresse") for text in texts)


def test_an_osnp_reads_that_things_happened_never_why_in_clinical_words() -> None:
    """REG-04: each of these operations is given words that an OSNP must not read."""
    arm, amu, osnp = make.arm(), make.doctor("AMU"), make.osnp()
    case = make.waiting_case("AMU", summary="SECRET résumé")
    ops.red_flag(case, by=arm, at=AT, reason="SECRET cyanose")
    ops.withdraw_red_flag(case, by=amu, at=AT, reason="SECRET rose")
    ops.redirect(case, by=amu, at=AT, stream="SNP", reason="SECRET otite")
    ops.schedule_callback(case, by=arm, at=AT, due_at=AT + timedelta(minutes=5), reason="SECRET fièvre")
    make.save(case, "medical", by=amu, assessment="SECRET examen")
    decider = make.doctor("SNP")
    for details in (
        Advice("SECRET conseil", recall_signs_told=True),
        make.PRESCRIPTION,
        NothingMore("SECRET motif"),
        Orientation("CABINET", within_hours=12, instruction="SECRET tympan"),
    ):
        made = ops.decide(case, by=decider, at=AT, details=details, care_level="R4")
        if details is make.PRESCRIPTION:
            ops.make_letter(made, by=decider, at=AT)
    ops.ask_reevaluation(case, by=decider, at=AT, reason="SECRET aggravation")
    ops.add_note(case, by=osnp, at=AT, text="Patient prévenu.")
    lines = [event.text for event in queries.chronology(case, by=osnp)]
    told = "\n".join(lines)
    for hidden in ("SECRET", "Paracétamol", "Fièvre", "R4", "empreinte"):
        assert hidden not in told
    for line in (
        "P0 : urgence vitale signalée.",
        "P0 retiré.",
        "Redirigé vers SNP.",
        "À rappeler.",
        "Décision : conseil médical.",
        "Décision : ordonnance par téléphone.",
        "Décision : rien de plus.",
        "Réévaluation demandée.",
        "Patient prévenu.",
    ):
        assert line in lines
    assert any(line.startswith("Orientation : médecine de ville") for line in lines)
    assert "SECRET cyanose" in "".join(event.text for event in queries.chronology(case, by=amu))


def test_no_line_of_a_chronology_ends_with_two_stops() -> None:
    arm = make.arm()
    case = make.waiting_case(by=arm, summary="39,4 depuis hier.")
    ops.red_flag(case, by=arm, at=AT, reason="Cyanosé.")
    assert not [event.text for event in queries.chronology(case, by=arm) if ".." in event.text]


def test_earlier_contacts_follow_the_person_across_chained_identities() -> None:
    arm = make.arm()
    known = people.patient(arm.sas)
    before = make.case(by=arm, at=AT - timedelta(days=13))
    ops.link_patient(before, by=arm, at=AT, patient=known)
    now = make.case(by=arm)
    provisional = now.patient
    ops.link_patient(now, by=arm, at=AT, patient=known)
    provisional.refresh_from_db()
    assert provisional.merged_into == known
    assert queries.earlier_contacts(provisional, by=arm, before=AT) == [before]
    assert queries.earlier_contacts(known, by=make.arm(make_sas("79"))) == []


def test_opening_a_file_is_recorded_and_those_allowed_see_who_did() -> None:
    case, arm, doctor = make.waiting_case(), make.arm(), make.doctor()
    ops.open_for_reading(case.number, by=arm, at=AT, why="appel")
    ops.open_for_reading(case.number, by=doctor, at=LATER, why="régulation")
    assert [(r.user, r.role, r.at, r.why) for r in queries.who_has_read(case, by=doctor)] == [
        (arm.user, "arm", AT, "appel"),
        (doctor.user, "regulateur_snp", LATER, "régulation"),
    ]
    with pytest.raises(Refusal, match="demandez au superviseur"):
        queries.who_has_read(case, by=arm)
    with pytest.raises(NotFound):
        queries.who_has_read(case, by=make.supervisor(make_sas("79")))


def test_who_has_the_file_open_is_shown_for_a_minute() -> None:
    case, arm, doctor = make.waiting_case(), make.arm(), make.doctor()
    ops.enter_case(case, by=arm, at=AT)
    ops.enter_case(case, by=doctor, at=AT)
    assert [here.user for here in queries.who_is_here(case, by=doctor, at=AT)] == [arm.user]
    ops.heartbeat(case, by=arm, at=AT + timedelta(seconds=50))
    assert queries.who_is_here(case, by=doctor, at=AT + timedelta(seconds=100)) != []
    assert queries.who_is_here(case, by=doctor, at=AT + timedelta(seconds=110)) == []
    ops.heartbeat(case, by=arm, at=AT + timedelta(minutes=3))
    ops.leave(case, by=arm, at=AT + timedelta(minutes=3))
    assert queries.who_is_here(case, by=doctor, at=AT + timedelta(minutes=3)) == []


def test_a_crowded_list_is_read_in_part_and_counted_whole() -> None:
    doctor = make.doctor()
    held = make.waiting_case(priority="P3")
    ops.claim(held, by=doctor, at=AT)
    for _ in range(3):
        make.waiting_case(priority="P2")
    much_later = AT + timedelta(hours=3)
    rows = queries.worklist(by=doctor, at=much_later, most=2)
    assert [row.mine for row in rows] == [True, False]
    whole = queries.worklist(by=doctor, at=much_later)
    late = sum(row.overdue for row in whole if not row.holder)
    assert queries.tally(by=doctor, at=much_later) == queries.Tally(total=4, waiting=3, late=late)
    assert late == 3
