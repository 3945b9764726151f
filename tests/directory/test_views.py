import pytest
from django.urls import reverse

from quinze.accounts.capabilities import CAPABILITIES, Capability
from quinze.accounts.roles import Role
from quinze.directory.models import Membership, Participation, Place, Professional, SasCommune, SasParameter, Structure
from quinze.directory.parameters import DECLARED
from quinze.web.templatetags.q import phone_fr
from tests.factories import directory as make
from tests.factories.accounts import login, make_actor

PHONE = phone_fr("+33536490001")
pytestmark = pytest.mark.django_db


@pytest.fixture
def sas():
    return make.sas(communes=(make.commune(insee="86194"),))


@pytest.fixture
def admin(client, sas):
    return login(client, make_actor(Role.ADMINISTRATOR, sas))


@pytest.fixture
def osnp(client, sas):
    return login(client, make_actor(Role.OSNP, sas))


def page(client, name, /, *args, **query):
    answer = client.get(reverse(f"directory:{name}", args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def post(client, name, /, *args, **typed):
    return client.post(reverse(f"directory:{name}", args=args), typed)


# --- reading


def test_the_list_asks_for_a_name_then_answers(osnp):
    doctor = make.professional("Aubépine", "Rose")
    make.place(doctor, make.commune("Loudun"))
    assert "Tapez un nom" in page(osnp, "list")
    found = page(osnp, "list", q="aube")
    for words in ("Dr Rose Aubépine", "Médecine générale", "Loudun", PHONE):
        assert words in found
    assert "Personne ne répond" in page(osnp, "list", q="zzzz")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_for_three_as_for_one(osnp, sas, count, django_assert_num_queries):
    commune = make.commune("Loudun")
    for number in range(count):
        doctor = make.professional("Houx", f"Anne {number}")
        make.place(doctor, commune, structure=make.structure(name=f"Houx {number}"))
        make.participation(doctor, sas)
    url = reverse("directory:list")
    osnp.get(url)
    with django_assert_num_queries(_fixed_queries(osnp, url) + 4):
        assert osnp.get(url, {"q": "houx"}).content.decode().count('id="person-') == count


def _fixed_queries(client, url):
    """Session, post and frame: those of the page before anything is typed."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return len(queries)


@pytest.mark.parametrize("count", [1, 3])
def test_the_sheet_takes_as_many_queries_for_three_places_as_for_one(osnp, count, django_assert_num_queries):
    doctor, commune = make.professional(), make.commune("Loudun")
    for number in range(count):
        structure = make.structure(name=f"MSP {number}")
        make.place(doctor, commune, structure=structure)
        make.membership(doctor, structure)
    url = reverse("directory:professional", args=[doctor.pk])
    osnp.get(url)
    with django_assert_num_queries(_fixed_queries(osnp, reverse("directory:list")) + 6):
        osnp.get(url)


def test_the_sheet_shows_what_is_known(osnp, sas):
    doctor = make.professional()
    make.place(doctor, make.commune("Loudun"), information="Sonner deux fois", wheelchair=True)
    make.participation(doctor, sas, accepts_overbooking=True, overbooking_per_day=2)
    shown = page(osnp, "professional", doctor.pk)
    assert all(words in shown for words in (doctor.rpps, "Sonner deux fois", "oui, 2 par jour", "à titre individuel"))
    assert "Modifier" not in shown


def test_what_people_wrote_is_never_run(osnp):
    doctor = make.professional("<script>alert(1)</script>", "Rose")
    make.place(doctor, make.commune(), information='"><img src=x onerror=alert(1)>')
    shown = page(osnp, "professional", doctor.pk)
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown


def test_the_territory_page(osnp, sas):
    make.snp_opening(sas)
    shown = page(osnp, "territory")
    assert all(words in shown for words in ("Département 86", "jour et nuit", "lun. 8:00–20:00", "180 s", "48 h"))
    assert "Changer les horaires" not in shown
    assert "Poitiers" in page(osnp, "communes")


@pytest.mark.parametrize("parameter", DECLARED, ids=lambda parameter: parameter.name)
def test_every_parameter_has_its_page(admin, parameter):
    assert parameter.label in page(admin, "parameter", parameter.name)


@pytest.mark.parametrize(
    "url",
    [
        "/annuaire/professionnels/999/",
        "/annuaire/structures/999/",
        "/annuaire/lieux/999/",
        "/territoire/parametres/rien/",
    ],
)
def test_what_does_not_exist_is_said(admin, url):
    assert admin.get(url).status_code == 404


# --- who may


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_may_edit_can(client, sas, role):
    login(client, make_actor(role, sas))
    doctor, given = make.professional(), CAPABILITIES[role]
    reads = Capability.READ_DIRECTORY in given
    assert client.get(reverse("directory:list")).status_code == (200 if reads else 403)
    edits = {
        Capability.EDIT_DIRECTORY: reverse("directory:professional_edit", args=[doctor.pk]),
        Capability.EDIT_TERRITORY: reverse("directory:hours"),
    }
    for capability, url in edits.items():
        assert client.get(url).status_code == (200 if capability in given else 403)


def test_nobody_reads_without_a_login(client, sas):
    assert client.get(reverse("directory:list")).status_code == 302


# --- editing


def test_a_professional_is_created_and_corrected(admin):
    typed = {"civility": "Dr", "family_name": "Houx", "given_name": "Anne", "profession": "10", "rpps": make.rpps()}
    assert post(admin, "professional_new", **typed).status_code == 302
    person = Professional.objects.get()
    assert post(admin, "professional_edit", person.pk, **typed | {"given_name": "Annie"}).status_code == 302
    person.refresh_from_db()
    assert (person.given_name, person.source) == ("Annie", "quinze")
    assert "Fiche modifiée" in page(admin, "professional", person.pk)


def test_a_wrong_identifier_is_refused_beside_its_field_and_kept(admin):
    answer = post(admin, "professional_new", family_name="Houx", profession="10", rpps="12345678901")
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "sa clé ne correspond pas" in shown
    assert 'value="12345678901"' in shown
    assert 'value="Houx"' in shown


def test_a_place_is_added_changed_and_closed(admin, sas):
    doctor = make.professional()
    typed = {"address": "1 rue", "town": "Poitiers", "insee": "86194", "phones": "05 36 49 00 01, 0639984127"}
    assert post(admin, "place_new", "professionnels", doctor.pk, **typed).status_code == 302
    place = Place.objects.get()
    assert place.phones == ["+33536490001", "+33639984127"]
    Place.objects.update(lat=46.6, lon=0.35)
    assert (
        post(admin, "place_edit", place.pk, **typed | {"information": "Code 12", "languages": "en es"}).status_code
        == 302
    )
    place.refresh_from_db()
    assert (place.information, place.languages, place.lat) == ("Code 12", ["en", "es"], 46.6)
    post(admin, "place_edit", place.pk, **typed | {"address": "2 rue"})
    place.refresh_from_db()
    assert place.lat == 46.58  # another address: the position is the commune's again
    assert post(admin, "place_close", place.pk).status_code == 302
    place.refresh_from_db()
    assert place.is_active is False


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"town": "Atlantide"}, "Cette commune n’existe pas"),
        ({"phones": "05 49"}, "Il manque"),
        ({"email": "rose@"}, "courriel est incomplète"),
        ({"languages": "anglais"}, "code de deux lettres"),
        ({"address": ""}, "nécessaire"),
    ],
)
def test_a_wrong_place_is_refused(admin, wrong, said):
    typed = {"address": "1 rue", "town": "Poitiers", "insee": "86194"} | wrong
    answer = post(admin, "place_new", "professionnels", make.professional().pk, **typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_participation(admin, sas):
    doctor = make.professional()
    missing = post(admin, "participation", "professionnels", doctor.pk, via="individual", accepts_overbooking="on")
    assert "surnuméraire par jour" in missing.content.decode()
    typed = {"via": "individual", "accepts_overbooking": "on", "overbooking_per_day": "3"}
    assert post(admin, "participation", "professionnels", doctor.pk, **typed).status_code == 302
    assert Participation.objects.get().overbooking_per_day == 3
    assert 'value="3"' in page(admin, "participation", "professionnels", doctor.pk)
    assert post(admin, "participation_end", "professionnels", doctor.pk).status_code == 302
    assert Participation.objects.get().during.upper is not None
    assert (
        "Aucune participation"
        in admin.post(
            reverse("directory:participation_end", args=["professionnels", doctor.pk]), follow=True
        ).content.decode()
    )


def test_structures_and_members(admin, sas):
    assert post(admin, "structure_new", kind="MSP", name="MSP des Tilleuls", phone="0536490001").status_code == 302
    structure, doctor = Structure.objects.get(), make.professional()
    assert post(admin, "membership_new", doctor.pk, structure=structure.pk).status_code == 302
    row = Membership.objects.get()
    assert "Dr Rose Aubépine" in page(admin, "structure", structure.pk)
    assert post(admin, "membership_end", doctor.pk, row.pk).status_code == 302
    assert "Aucun membre" in page(admin, "structure", structure.pk)
    assert post(admin, "structure_edit", structure.pk, kind="MSP", name="MSP").status_code == 302


def test_the_territory_is_edited(admin, sas):
    make.commune("Loudun", postal_codes=["86200"])
    assert post(admin, "commune_new", town="loudun").status_code == 302
    assert SasCommune.objects.filter(sas=sas).count() == 2
    assert post(admin, "commune_remove", "86194").status_code == 302
    assert post(admin, "departement_new", departement="86").status_code == 302
    assert post(admin, "departement_new", departement="zz").status_code == 422
    assert SasCommune.objects.filter(sas=sas).count() == 2
    assert (
        post(admin, "hours", line="SNP", starting="2026-12-01", day0="8-12, 14h30-20", day5="9 à 12").status_code == 302
    )
    assert "lun. 14:30–20:00" in page(admin, "territory")
    assert "8-12, 14-20" in post(admin, "hours", line="SNP", starting="2026-12-01", day0="matin").content.decode()
    assert post(admin, "hours", line="SNP", starting="2026-12-01", day0="25-26").status_code == 422
    assert post(admin, "exception", line="SNP", day="2099-01-02", is_open="0", reason="Panne").status_code == 302
    assert "Panne" in page(admin, "territory")
    assert post(admin, "number_new", number="0536490001", kind="local").status_code == 302
    assert post(admin, "neighbour_new", neighbour=make.sas("87").pk).status_code == 302
    assert post(admin, "sas", name="Vienne", zone="Europe/Paris").status_code == 302
    assert post(admin, "sas", name="Vienne", zone="Mars/Olympus").status_code == 422
    shown = page(admin, "territory")
    assert all(words in shown for words in (PHONE, "SAS 87", "Vienne"))


def test_parameters_are_edited(admin, sas):
    assert post(admin, "parameter_set", "hold_seconds", value="240", reason="essai").status_code == 302
    assert all(words in page(admin, "parameter", "hold_seconds") for words in ("240 s", "180 s", "essai"))
    for name, value in (
        ("search_radius_by_departement", "86 = 22,5\n79 = 30"),
        ("arm_to_osnp_reasons", "M19.05.00\n"),
        ("bridges_are_pdsa", "1"),
        ("osnp_post", "N2"),
        ("search_radius_km", ""),
    ):
        assert post(admin, "parameter_set", name, value=value).status_code == 302, name
    stored = dict(SasParameter.objects.values_list("name", "value"))
    assert stored["search_radius_by_departement"] == {"86": 22.5, "79": 30}
    assert (stored["arm_to_osnp_reasons"], stored["bridges_are_pdsa"], stored["osnp_post"]) == (
        ["M19.05.00"],
        True,
        "N2",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hold_seconds", "5"),
        ("hold_seconds", "beaucoup"),
        ("search_radius_by_departement", "86 vingt"),
        ("osnp_post", "N9"),
    ],
)
def test_an_absurd_parameter_is_refused_and_kept(admin, name, value):
    answer = post(admin, "parameter_set", name, value=value)
    assert answer.status_code == 422
    assert SasParameter.objects.count() == 0
    if name != "osnp_post":
        assert value in answer.content.decode()
