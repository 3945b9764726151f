"""From the page to the sections, and back."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict

from quinze.base.errors import Refusal
from quinze.regulation import queries, sections
from quinze.regulation.forms.case import (
    base_version,
    case_form,
    in_minutes,
    keep_drafts,
    posted,
    save_all,
    settled,
    shown_values,
)
from tests.factories import directory
from tests.factories import regulation as make
from tests.factories.regulation import AT

pytestmark = pytest.mark.django_db


def data(**fields: Any) -> QueryDict:
    sent = QueryDict(mutable=True)
    for name, value in fields.items():
        sent.setlist(name, value if isinstance(value, list) else [str(value)])
    return sent


def test_only_what_was_sent_is_posted() -> None:
    assert posted("place", data(address="Gare", reason_label="Fièvre")) == {"address": "Gare"}


def test_unticked_boxes_are_an_answer_when_their_section_was_shown() -> None:
    assert posted("reason", data(reason_version="1"))["vulnerabilities"] == []
    assert "vulnerabilities" not in posted("reason", data(summary="x"))
    assert posted("reason", data(vulnerabilities=["isole", ""]))["vulnerabilities"] == ["isole"]


def test_vital_questions_are_posted_by_their_code() -> None:
    assert posted("reason", data(vital_respire="non", vital_reagit="peut-être"))["vitals"] == {"respire": "non"}


@pytest.mark.parametrize("said", ["", "²", "-1", "9" * 30, "x"])
def test_a_version_that_was_never_read_is_the_one_of_now(said: str) -> None:
    assert base_version("place", data(place_version=said), make.case()) == 1


def test_a_draft_adds_to_what_was_kept_on_the_version_it_was_begun_on() -> None:
    arm = make.arm()
    case = make.case(by=arm)
    keep_drafts(case, data(_changed=["address"], address="Gare", place_version="1"), by=arm, at=AT)
    make.save(case, "place", by=make.arm(), access="Portail")
    keep_drafts(case, data(_changed=["transport"], transport="taxi", place_version="2"), by=arm, at=AT)
    kept = queries.drafts(case, by=arm)["place"]
    assert (kept.values, kept.base_version) == ({"address": "Gare", "transport": "taxi"}, 1)


def test_a_choice_is_kept_with_its_words() -> None:
    arm = make.arm()
    case = make.case(by=arm)
    sent = data(_changed=["reason_label"], reason_label="Fièvre", reason_code="M19.05.00", summary="x")
    keep_drafts(case, sent, by=arm, at=AT)
    kept = queries.drafts(case, by=arm)["reason"].values
    assert kept == {"reason_label": "Fièvre", "reason_code": "M19.05.00"}


def test_the_form_shows_drafts_on_top_and_telephones_as_people_say_them() -> None:
    arm = make.arm()
    case = make.case(by=arm)
    assert case_form(case, {}).initial["callback_phone"] == make.CALLER
    keep_drafts(case, data(_changed=["callback_phone"], callback_phone="06 39"), by=arm, at=AT)
    assert shown_values(case, queries.drafts(case, by=arm))["callback_phone"] == "06 39"


def test_a_draft_of_a_doctor_or_town_that_does_not_exist_is_shown_as_it_is() -> None:
    arm = make.arm()
    case = make.case(by=arm)
    sent = data(_changed=["referring_doctor", "commune"], referring_doctor="²x", commune="99999")
    keep_drafts(case, sent, by=arm, at=AT)
    shown = shown_values(case, queries.drafts(case, by=arm))
    assert (shown["referring_doctor_text"], shown["commune_text"]) == ("²x", "99999")


def test_the_referring_doctor_chosen_is_named_once() -> None:
    arm, doctor = make.arm(), directory.professional("Aubépine", "Rose")
    case = make.case(by=arm)
    sent = data(referring_doctor=doctor.pk, referring_doctor_text="Dr Rose Aubépine", patient_version=1)
    case, errors, conflicts = save_all(case, sent, by=arm, at=AT)
    assert not errors
    assert not conflicts
    assert (case.patient.referring_doctor, case.patient.referring_doctor_text) == (doctor, "")
    assert shown_values(case, {})["referring_doctor_text"] == "Dr Rose Aubépine"


def test_the_referring_nurse_is_a_nurse_of_the_directory_or_a_name_as_it_was_said() -> None:
    arm, nurse = make.arm(), directory.professional("Tilleul", "Ada", profession="60", specialty="")
    doctor = directory.professional("Aubépine", "Rose")
    case = make.case(by=arm)
    sent = data(referring_nurse=nurse.pk, referring_nurse_text="Tilleul", patient_version=1)
    case, errors, _ = save_all(case, sent, by=arm, at=AT)
    assert (errors, case.patient.referring_nurse, case.patient.referring_nurse_text) == ({}, nurse, "")
    assert shown_values(case, {})["referring_nurse_text"] == str(nurse)
    case, errors, _ = save_all(case, data(referring_nurse=doctor.pk), by=arm, at=AT)
    assert list(errors) == ["referring_nurse"]
    said = data(referring_nurse="", referring_nurse_text="Mme Tilleul")
    case, errors, _ = save_all(case, said, by=arm, at=AT)
    assert (errors, case.patient.referring_nurse, case.patient.referring_nurse_text) == ({}, None, "Mme Tilleul")


def test_what_can_be_saved_is_and_the_rest_is_a_draft() -> None:
    arm = make.arm()
    case, errors, _ = save_all(make.case(by=arm), data(address="Gare", birth="31/02/2022"), by=arm, at=AT)
    assert (case.address, list(errors)) == ("Gare", ["birth"])
    assert list(queries.drafts(case, by=arm)) == ["patient"]


def test_the_values_chosen_in_a_conflict() -> None:
    sent = data(**{"settle-weight": "mine", "settle-address": "theirs", "settle-x": "?"})
    assert (settled(sent, "mine"), settled(sent, "theirs")) == ({"weight"}, {"address"})


def test_minutes_become_an_instant() -> None:
    assert in_minutes(" 20 ", at=AT) == AT + timedelta(minutes=20)
    with pytest.raises(Refusal, match="de 1 à 1440"):
        in_minutes("1441", at=AT)


# --- what the chronology says -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"caller_type": ("", "FAMILLE")}, "Requérant : famille ou proche du patient."),
        ({"callback_phone": ("", "+33639984127")}, "Rappel 06 39 98 41 27."),
        (
            {"reason_code": ("", "M17.02.01"), "reason_label": ("", "Douleurs abdominales")},
            "Motif Douleurs abdominales (M17.02.01).",
        ),
        ({"reason_label": ("", "il pleure")}, "Motif il pleure."),
        ({"summary": ("", "39,4 depuis hier.")}, "Résumé 39,4 depuis hier."),
        ({"lat": (None, 46.4), "lon": (None, 0.1)}, "Position précisée."),
        ({"priority": ("P2", "P1"), "stream": ("", "SNP")}, "Priorité P1 ; filière SNP."),
        ({"vulnerabilities": ([], ["isole"])}, "Fragilité : isolé."),
        ({"vitals": ({}, {"saigne": True})}, "Questions vitales : Saigne beaucoup : oui."),
        ({"identity": ("PROV", "VALI")}, "Statut de l’identité : identité validée."),
        ({"weight": ("61 kg", "16 kg")}, "Correction : poids 16 kg, et non 61 kg."),
        ({"address": ("Gare", "")}, "Correction : adresse vide, et non Gare."),
    ],
)  # fmt: skip
def test_a_line_says_what_people_read(changed: dict[str, tuple[Any, Any]], said: str) -> None:
    assert sections.sentence(changed) == said


def test_free_text_replaced_by_a_choice_is_not_said_empty() -> None:
    town = directory.commune("Lusignan")
    changed = {"commune": ("", town.pk), "commune_text": ("lusi", "")}
    assert sections.sentence(changed) == "Commune Lusignan."
