import copy
from datetime import timedelta

import pytest
from django.db import Error, transaction

from quinze.base.errors import Refusal
from quinze.orientation import operations, queries
from quinze.orientation.default_charter import default_document
from quinze.orientation.models import CharterVersion, RankingLog
from quinze.science.charter import charter_from_json
from tests.factories import orientation as make

AT = make.AT
LATER = AT + timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


def test_the_example_is_a_sound_charter_in_french_words():
    names = [level.name for level in charter_from_json(default_document()).levels]
    assert names[:5] == [
        "Médecin traitant",
        "Même structure que le médecin traitant",
        "CPTS du patient",
        "Médecins participants",
        "Surnuméraire, avec l’accord du médecin",
    ]
    assert names[-1] == "Service d’urgences"


def test_publishing_supersedes_the_version_before_at_that_instant(land: make.Territory):
    draft = operations.start_draft(sas=land.sas, by=land.referent, at=AT)
    assert operations.start_draft(sas=land.sas, by=land.referent, at=AT).pk == draft.pk
    new = operations.publish(draft=draft, agreed_on=AT.date(), by=land.referent, at=AT, starts_at=LATER)
    just_before = queries.charter_in_force(sas=land.sas, at=LATER - timedelta(microseconds=1))
    assert just_before.pk == land.charter.pk
    assert queries.charter_in_force(sas=land.sas, at=LATER).pk == new.pk
    assert new.document["agreed_on"] == AT.date().isoformat()


def test_every_fault_is_said_at_once(land: make.Territory):
    draft = operations.start_draft(sas=land.sas, by=land.referent, at=AT)
    document = copy.deepcopy(draft.document)
    document["levels"][0]["offer"] = []
    document["levels"][2]["within"] = {"minutes": 0}
    with pytest.raises(Refusal) as refused:
        operations.save_draft(draft=draft, title="Charte", authors="Comité", document=document, by=land.referent, at=AT)
    assert refused.value.code == "charter_faults"
    assert [fault.path for fault in refused.value.data["faults"]] == ["levels[0].offer", "levels[2].within.minutes"]
    draft.refresh_from_db()
    assert draft.document["levels"][0]["offer"]


def test_publishing_needs_the_agreement_of_the_committee(land: make.Territory):
    draft = operations.start_draft(sas=land.sas, by=land.referent, at=AT)
    for agreed_on in (None, (AT + timedelta(days=2)).date()):
        with pytest.raises(Refusal) as refused:
            operations.publish(draft=draft, agreed_on=agreed_on, by=land.referent, at=AT)
        assert refused.value.field == "agreed_on"


def test_a_published_text_is_never_edited(land: make.Territory):
    with pytest.raises(Refusal) as refused:
        operations.save_draft(
            draft=land.charter, title="x", authors="x", document=default_document(), by=land.referent, at=AT
        )
    assert refused.value.code == "not_a_draft"
    for change in ({"title": "autre"}, {"document": {}}):
        with pytest.raises(Error, match="never edited"), transaction.atomic():
            CharterVersion.objects.filter(pk=land.charter.pk).update(**change)
    with pytest.raises(Error), transaction.atomic():
        CharterVersion.objects.filter(pk=land.charter.pk).delete()


def test_an_osnp_does_not_write_the_charter(land: make.Territory):
    with pytest.raises(Refusal) as refused:
        operations.start_draft(sas=land.sas, by=land.osnp, at=AT)
    assert refused.value.code == "forbidden"


def test_without_a_charter_in_force_nothing_is_ranked(land: make.Territory):
    request = make.request(land, at=AT - timedelta(days=200))
    with pytest.raises(Refusal, match="Aucune charte"):
        make.searched(request, land, at=AT - timedelta(days=199))


def test_a_preview_ranks_real_requests_and_logs_nothing(land: make.Territory):
    near, soon = make.doctor(land, "Proche", km=1), make.doctor(land, "Tôt", km=9)
    make.slot(near, 20)
    make.slot(soon, 1)
    request = make.request(land)
    make.searched(request, land)
    document = copy.deepcopy(land.charter.document)
    document["levels"][3]["order"] = ["nearest"]
    (found,) = queries.preview(document=document, requests=queries.past_requests(sas=land.sas, at=AT))
    assert [row.label for row in found.before] == ["Dr Hélène Tôt", "Dr Hélène Proche"]
    assert [row.label for row in found.after] == ["Dr Hélène Proche", "Dr Hélène Tôt"]
    assert found.changed
    assert RankingLog.objects.count() == 1
