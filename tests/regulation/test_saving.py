from datetime import timedelta
from typing import Any

import pytest

from quinze.base.errors import Conflict, NotFound, Refusal
from quinze.base.models import LiveEvent
from quinze.regulation import operations as ops
from quinze.regulation import queries, sections
from quinze.regulation.models import CaseEvent, CaseFile, Draft
from tests.factories import directory as places
from tests.factories import patients as people
from tests.factories import regulation as make
from tests.factories.accounts import make_sas
from tests.factories.regulation import AT

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=3)


def lines(case: CaseFile) -> list[str]:
    return list(CaseEvent.objects.filter(case=case).order_by("pk").values_list("text", flat=True))


def test_a_section_saved_is_read_back_and_told_in_one_line() -> None:
    arm = make.arm()
    case = make.case(by=arm)
    lusignan = places.commune("Lusignan")
    case = make.save(case, "place", by=arm, commune=lusignan.pk, address="4 chemin des Jars")
    assert (case.commune, case.place_version) == (lusignan, 2)
    assert lines(case)[-1] == "Adresse 4 chemin des Jars ; commune Lusignan."


def test_saving_what_is_already_there_writes_nothing() -> None:
    arm = make.arm()
    case = make.save(make.case(by=arm), "medical", by=arm, weight="16 kg")
    before = CaseEvent.objects.count()
    assert make.save(case, "medical", by=arm, weight="16 kg").medical_version == 2
    assert CaseEvent.objects.count() == before


def test_a_correction_says_both_values() -> None:
    arm = make.arm()
    case = make.save(make.case(by=arm), "medical", by=arm, weight="61 kg")
    case = make.save(case, "medical", by=arm, weight="16 kg")
    assert lines(case)[-1] == "Correction : poids 16 kg, et non 61 kg."


def test_a_known_code_brings_its_label_its_list_and_its_version() -> None:
    arm = make.arm()
    case = make.save(make.case(by=arm), "reason", by=arm, reason_code="M19.05.00")
    assert (case.reason_label, bool(case.reason_system), bool(case.reason_list_version)) == ("Fièvre", True, True)


def test_an_unknown_well_formed_code_is_kept_and_shown() -> None:
    arm = make.arm()
    case = make.save(make.case(by=arm), "reason", by=arm, reason_code="M99.01", reason_label="Motif de demain")
    assert (case.reason_code, case.reason_label, case.reason_system) == ("M99.01", "Motif de demain", "")


def test_a_free_reason_is_kept_without_a_code() -> None:
    arm = make.arm()
    case = make.save(make.case(by=arm), "reason", by=arm, reason_label="a mangé une baie du jardin")
    assert (case.reason_code, case.reason_label) == ("", "a mangé une baie du jardin")


@pytest.mark.parametrize(
    ("section", "field", "value", "message"),
    [
        ("caller", "callback_phone", "06 39 98 41 2", "Il manque un chiffre : 9 saisis, 10 attendus."),
        ("patient", "birth", "31/02/2019", "Le 31 février n’existe pas. Un âge suffit : « 4 ans »."),
        ("patient", "sex", "Z", "Choisissez masculin, féminin, autre ou inconnu."),
        ("patient", "email", "noe@", "Cette adresse e-mail est incomplète. Exemple : nom@exemple.fr."),
        ("patient", "ins", "12", "Le matricule INS a 15 caractères, 2 saisis."),
        ("patient", "ins", "255086141912300", "La clé du matricule INS ne correspond pas : relisez les 15 chiffres."),
        ("patient", "identity", "VALI", "Une identité vérifiée a un nom de naissance : complétez-le."),
        (
            "patient",
            "referring_doctor",
            "999",
            "Ce médecin n’est pas dans l’annuaire : choisissez dans la liste, ou écrivez son nom.",
        ),
        (
            "place",
            "commune",
            "00000",
            "Commune inconnue : choisissez dans la liste, ou laissez le lieu en toutes lettres.",
        ),
        ("place", "lat", "haut", "Une coordonnée est un nombre. Exemple : 46,5802."),
        ("reason", "priority", "P0", "Le P0 se donne par F9 et se retire avec un motif."),
        ("reason", "priority", "P9", "Choisissez parmi : P0, P1, P2, P3."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(
    section: str, field: str, value: Any, message: str
) -> None:
    arm = make.arm()
    case = make.case(by=arm)
    with pytest.raises(Refusal) as refused:
        make.save(case, section, by=arm, **{field: value})
    shown = refused.value.data["errors"]
    if field == "identity":
        shown = {"identity": shown.get("family_name")}
    assert shown == {field: message}
    assert queries.drafts(case, by=arm)[section].values == {field: value}


def test_all_faults_of_a_form_are_told_at_once() -> None:
    arm = make.arm()
    case = make.case(by=arm)
    with pytest.raises(Refusal) as refused:
        make.save(case, "patient", by=arm, birth="demain", sex="Z", phone="1")
    assert sorted(refused.value.data["errors"]) == ["birth", "phone", "sex"]


def test_two_people_in_two_fields_of_one_section_both_stay() -> None:
    theo, lise = make.arm(), make.arm()
    case = make.case(by=lise)
    ops.save_section(
        case, by=theo, at=AT, section="medical", values={"weight": "16 kg", "allergies": ""}, base_version=1
    )
    case = ops.save_section(
        case, by=lise, at=LATER, section="medical", values={"weight": "", "allergies": "aucune"}, base_version=1
    )
    assert (case.weight, case.allergies, case.medical_version) == ("16 kg", "aucune", 3)


def test_two_people_in_one_field_see_both_values_and_lose_nothing() -> None:
    theo, lise = make.arm(), make.arm()
    case = make.case(by=lise)
    make.save(case, "medical", by=theo, weight="16 kg")
    mine = {"weight": "61 kg", "treatments": "aucun"}
    with pytest.raises(Conflict) as refused:
        ops.save_section(case, by=lise, at=LATER, section="medical", values=mine, base_version=1)

    (conflict,) = refused.value.data["fields"].values()
    assert (conflict.theirs, conflict.mine, conflict.who, conflict.at) == ("16 kg", "61 kg", str(theo.user), AT)
    assert refused.value.message == (
        f"{theo.user} a changé « poids » pendant que vous écriviez. Rien n’est perdu : choisissez."
    )
    assert queries.drafts(case, by=lise)["medical"].values == mine
    case.refresh_from_db()
    assert (case.weight, case.treatments) == ("16 kg", "")

    version = refused.value.data["version"]
    case = ops.save_section(case, by=lise, at=LATER, section="medical", values=mine, base_version=version)
    assert (case.weight, case.treatments) == ("61 kg", "aucun")
    assert queries.drafts(case, by=lise) == {}


def test_a_field_changed_and_put_back_by_another_is_no_conflict() -> None:
    theo, lise = make.arm(), make.arm()
    case = make.save(make.case(by=lise), "medical", by=lise, weight="16 kg")
    for weight in ("61 kg", "16 kg"):
        make.save(case, "medical", by=theo, weight=weight)
    case = ops.save_section(case, by=lise, at=LATER, section="medical", values={"weight": "16 kg"}, base_version=2)
    assert case.weight == "16 kg"


def test_the_identity_of_one_person_moves_in_all_their_open_files() -> None:
    arm = make.arm()
    known = people.patient(arm.sas)
    first, second = make.case(by=arm), make.case(by=arm)
    for case in (first, second):
        ops.link_patient(case, by=arm, at=AT, patient=known)
    make.save(first, "patient", by=arm, birth="09/03/2022")
    second.refresh_from_db()
    assert second.patient_version == 3
    with pytest.raises(Conflict):
        ops.save_section(second, by=make.arm(), at=AT, section="patient", values={"birth": "7 mois"}, base_version=2)


def test_an_age_is_kept_as_declared_with_its_day() -> None:
    arm = make.arm()
    case = make.save(make.case(by=arm), "patient", by=arm, birth="8 mois", given_name="Fatou", family_name="Alouette")
    assert (case.patient.birth_date, case.patient.age_months, case.patient.age_declared_on) == (None, 8, AT.date())
    assert case.patient.search_name == "alouette fatou"
    assert sections.values(case, "patient")["birth"] == "8 mois"


def test_a_validated_identity_rests_on_its_traits() -> None:
    arm = make.arm()
    values = {"family_name": "Pinson", "given_name": "Noé", "birth": "08/03/2022", "identity": "VALI"}
    case = make.save(make.case(by=arm), "patient", by=arm, **values)
    assert case.patient.identity == "VALI"
    with pytest.raises(Refusal) as refused:
        make.save(case, "patient", by=arm, birth="4 ans")
    assert refused.value.field == "birth"


def test_a_draft_is_its_writer_s_only_and_goes_with_the_save() -> None:
    lise, theo = make.arm(), make.arm()
    case = make.case(by=lise)
    ops.keep_draft(case, by=lise, at=AT, section="reason", values={"summary": "Fièv"}, base_version=1)
    ops.keep_draft(case, by=lise, at=LATER, section="reason", values={"summary": "Fièvre"}, base_version=1)
    assert (queries.drafts(case, by=lise)["reason"].values, queries.drafts(case, by=theo)) == (
        {"summary": "Fièvre"},
        {},
    )
    make.save(case, "reason", by=lise, summary="Fièvre")
    assert not Draft.objects.exists()


def test_an_osnp_completes_administrative_data_and_writes_no_symptom() -> None:
    osnp = make.osnp()
    case = make.case()
    assert make.save(case, "patient", by=osnp, given_name="Noé").patient.given_name == "Noé"
    for section in ("reason", "medical"):
        with pytest.raises(Refusal, match="pas à compléter depuis votre poste"):
            make.save(case, section, by=osnp)


def test_another_sas_writes_nothing_here() -> None:
    case = make.case()
    stranger = make.arm(make_sas("79"))
    with pytest.raises(NotFound):
        make.save(case, "medical", by=stranger, weight="16 kg")
    with pytest.raises(NotFound):
        ops.keep_draft(case, by=stranger, at=AT, section="medical", values={}, base_version=1)
    assert not Draft.objects.exists()


def test_lists_are_told_of_what_they_show_and_readers_of_every_word() -> None:
    case, doctor = make.waiting_case(), make.doctor()
    case = ops.claim(case, by=doctor, at=AT)
    told = {f"case:{case.number}"}
    make.save(case, "medical", by=doctor, weight="12 kg")
    assert set(LiveEvent.objects.latest("pk").topics) == told
    ops.add_note(case, by=doctor, at=LATER, text="Dort.")
    assert set(LiveEvent.objects.latest("pk").topics) == told
    make.save(case, "reason", by=doctor, priority="P1")
    assert f"list:{case.step}" in LiveEvent.objects.latest("pk").topics


# --- a whole page at once -----------------------------------------------------------------------------------------

WHOLE = (
    ops.Typed("caller", {"callback_phone": "0639988123"}, 1),
    ops.Typed("place", {"address": "4 chemin des Jars", "commune_text": "Poitiers"}, 1),
    ops.Typed("patient", {"family_name": "Pinson"}, 1),
    ops.Typed("reason", {"reason_label": "Fièvre", "stream": "SNP"}, 1),
)


def test_a_page_is_saved_and_handed_over_at_once_told_once() -> None:
    arm = make.arm()
    case = make.case(by=arm, number="")
    ops.keep_draft(case, by=arm, at=AT, section="place", values={"address": "4"}, base_version=1)
    before, told = len(lines(case)), LiveEvent.objects.count()
    sent = ops.save_together(case, by=arm, at=LATER, typed=WHOLE, then=ops.Sending("SNP", "P1"))
    assert lines(case)[before:] == [
        "Rappel 06 39 98 81 23.",
        "Adresse 4 chemin des Jars ; lieu Poitiers.",
        "Nom de naissance Pinson.",
        "Motif Fièvre ; filière SNP.",
        "Passe la main au médecin SNP : P1, motif Fièvre.",
    ]
    assert LiveEvent.objects.count() == told + 1
    assert {"list:arm", "list:snp", f"desk:{arm.user.pk}", f"case:{case.number}"} <= set(
        LiveEvent.objects.latest("pk").topics
    )
    assert not Draft.objects.filter(case=case).exists()
    case = queries.case(sent.number, by=arm)
    assert (case.step, case.priority, case.claimed_by, case.waiting_since) == ("snp", "P1", None, LATER)
    assert [sections.version(case, each.section) for each in WHOLE] == [2, 2, 2, 2]
    assert (case.callback_phone, case.patient.search_name, case.reason_label) == ("+33639988123", "pinson", "Fièvre")


@pytest.mark.parametrize(
    ("typed", "then", "message"),
    [
        ((*WHOLE, ops.Typed("medical", {"weight": "6" * 50}, 1)), None, "raccourcissez"),
        ((*WHOLE[:3], ops.Typed("reason", {"priority": "P0"}, 1)), None, "F9"),
        (WHOLE, ops.Sending("SNP", ""), "Choisissez la priorité"),
        (WHOLE[:3], ops.Sending("SNP", "P1"), "motif"),
    ],
)
def test_what_refuses_one_part_of_a_page_leaves_everything_as_it_was(
    typed: tuple[ops.Typed, ...], then: ops.Sending | None, message: str
) -> None:
    arm = make.arm()
    case = make.case(by=arm)
    before, told = lines(case), LiveEvent.objects.count()
    with pytest.raises(Refusal, match=message):
        ops.save_together(case, by=arm, at=LATER, typed=typed, then=then)
    assert (lines(case), LiveEvent.objects.count()) == (before, told)
    case = queries.case(case.number, by=arm)
    assert (case.address, case.patient.family_name, case.place_version, case.step) == ("", "", 1, "arm")


def test_a_page_that_changes_a_person_moves_their_other_open_files() -> None:
    arm = make.arm()
    case, other = make.case(by=arm), make.case(by=arm)
    CaseFile.objects.filter(pk=other.pk).update(patient=case.patient)
    ops.save_together(case, by=arm, at=LATER, typed=WHOLE)
    other.refresh_from_db()
    assert (other.patient_version, lines(other)[-1]) == (2, "Nom de naissance Pinson.")
    assert f"case:{other.number}" in {topic for event in LiveEvent.objects.all() for topic in event.topics}


def test_words_that_no_list_shows_are_told_to_readers_only() -> None:
    arm = make.arm()
    case = make.case(by=arm)
    ops.save_together(case, by=arm, at=LATER, typed=[ops.Typed("medical", {"weight": "16 kg"}, 1)])
    assert LiveEvent.objects.latest("pk").topics == [f"case:{case.number}"]
