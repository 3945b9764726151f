from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from quinze.availability.models import EditorAgenda, Slot, SlotSource
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.interop.editors import register
from quinze.interop.editors.models import EditorEvent
from quinze.interop.editors.refreshing import refresh
from tests.factories import directory, orientation
from tests.factories import editors as make
from tests.factories.editors import Pki
from tests.factories.orientation import AT

pytestmark = pytest.mark.django_db
NOWHERE = "https://localhost:1/fhir"


def run(*words: str) -> str:
    out = StringIO()
    call_command("fhir_editor", *words, stdout=out)
    return out.getvalue()


def files(papers: Pki) -> list[str]:
    return ["--certificate", str(papers.client.certificate), "--key", str(papers.client.key),
            "--authority", str(papers.authority.certificate)]  # fmt: skip


def test_an_editor_is_added_given_agendas_shown_and_ended(papers: Pki, tmp_path: Path) -> None:
    land = orientation.territory()
    place, other = orientation.doctor(land, "Cormier"), orientation.doctor(land, "Sorbier")
    assert place.professional is not None
    assert other.professional is not None
    numbers = tmp_path / "rpps.txt"
    numbers.write_text(f"8{place.professional.rpps}\n\n{other.professional.rpps}\n", encoding="utf-8")

    run("add", "agendix", "--name", "Agendix", "--endpoint", NOWHERE, "--kind", "PS", "--kind", "CPTS", *files(papers))
    assert run("attach", "agendix", "--file", str(numbers)) == "2 agendas inscrits\n"
    assert run("list") == f"agendix  Agendix (CPTS, PS) : {NOWHERE}\n"
    shown = run("show", "agendix")
    assert f"8{place.professional.rpps}  Dr Hélène Cormier, pas encore lu" in shown
    run("detach", "agendix", other.professional.rpps or "")
    assert "Sorbier" not in run("show", "agendix")
    orientation.slot(place, 2, at=clock.now(), source="agendix", external_id="x")
    assert run("end", "agendix") == "Retiré : agendix, 1 créneaux à venir retirés\n"

    assert Slot.objects.get().status == "withdrawn"
    assert EditorAgenda.objects.filter(ended_at__isnull=True).count() == 0
    assert SlotSource.objects.get().ended_at is not None
    assert [event.kind for event in EditorEvent.objects.order_by("pk")] == ["added", "ended"]
    with pytest.raises(CommandError, match="Aucun éditeur en service"):
        run("show", "agendix")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"code": "quinze"}, "Le code a de 2 à 20 signes"),
        ({"code": "Ça va"}, "Le code a de 2 à 20 signes"),
        ({"fake_or_url": "http://localhost/fhir"}, "https://hôte/chemin"),
        ({"fake_or_url": "https://moi:secret@localhost/fhir"}, "https://hôte/chemin"),
        ({"fake_or_url": "https://localhost/fhir?a=b"}, "https://hôte/chemin"),
        ({"fake_or_url": "https://localhost:x/fhir"}, "https://hôte/chemin"),
        ({"kinds": ("PDM",)}, "Sorte inconnue"),
        ({"kinds": ()}, "au moins une sorte"),
        ({"key": "/nulle/part"}, "Ce fichier n’existe pas"),
        ({"hosts": ("a/b",)}, "pas un nom d’hôte"),
    ],
)
def test_what_is_wrong_is_said(papers: Pki, fields: dict[str, object], says: str) -> None:
    with pytest.raises(Refusal, match=says):
        register.add_editor(make.spec(str(fields.pop("fake_or_url", NOWHERE)), papers, **fields), at=AT)  # type: ignore[arg-type]


def test_a_key_of_another_certificate_is_refused(papers: Pki) -> None:
    with pytest.raises(Refusal, match="ne s’ouvrent pas ensemble"):
        register.add_editor(make.spec(NOWHERE, papers, key=str(papers.server.key)), at=AT)


def test_a_code_is_used_once_even_by_an_editor_that_ended(papers: Pki) -> None:
    make.registered(NOWHERE, papers)
    register.end_editor("agendix", at=AT)
    with pytest.raises(Refusal, match="déjà pris"):
        make.registered(NOWHERE, papers)


def test_an_identifier_belongs_to_one_agenda_of_an_editor(papers: Pki) -> None:
    place = orientation.doctor(orientation.territory())
    editor, _ = make.registered(NOWHERE, papers, place)
    assert place.professional is not None
    with pytest.raises(Refusal, match="déjà celui d’un agenda"):
        register.attach(editor, [place.professional.rpps or ""], at=AT)
    with pytest.raises(Refusal, match="Personne dans l’annuaire"):
        register.attach(editor, ["810000000000"], at=AT)
    directory.structure("SOS", "SOS Médecins", siret="12345678901234")
    with pytest.raises(Refusal, match="n’est pas inscrit pour SOS"):
        register.attach(editor, ["312345678901234"], at=AT)


def test_the_slots_of_an_agenda_that_ended_are_not_stored(papers: Pki) -> None:
    place = orientation.doctor(orientation.territory())
    with make.answering(papers, make.doctor_of(place, 1)) as fake:
        editor, agendas = make.registered(fake, papers, place)
        assert place.professional is not None
        register.detach(editor, [place.professional.rpps or ""], at=AT)
        assert refresh(agendas, at=AT).received.open == 0
    assert not Slot.objects.exists()
