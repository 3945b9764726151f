"""The OSNP's desk through HTTP: from the list to an appointment, and everything that may get in the way."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quinze.accounts.roles import Role
from quinze.availability.models import Slot
from quinze.base import clock
from quinze.directory.models import Place
from quinze.orientation import operations, queries
from quinze.orientation.models import Booking, OrientationRequest, RankingLog, ReferringAttempt
from quinze.patients.models import AccessRecord
from tests.factories import directory, patients
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor, make_sas

pytestmark = pytest.mark.django_db
Status = OrientationRequest.Status
QUERIES_OF_THE_LIST = 5
QUERIES_OF_A_REQUEST = 13


@dataclass
class Desk:
    land: make.Territory
    page: Client
    at: datetime

    def request(self, **fields: object) -> OrientationRequest:
        return make.request(self.land, at=self.at, **fields)

    def doctor(self, name: str, *, km: float = 4.0, hours: tuple[float, ...] = (2,), **fields: object) -> Place:
        place = make.doctor(self.land, name, km=km, **fields)
        for hour in hours:
            make.slot(place, hour, at=self.at)
        return place

    def take(self, found: OrientationRequest) -> str:
        """Taken as by F2; the page that follows."""
        self.page.post(url("claim", found.pk))
        return self.shown(found)

    def shown(self, found: OrientationRequest, **query: str) -> str:
        return self.page.get(url("request", found.pk), query).content.decode()

    def post(self, name: str, found: OrientationRequest, **data: object) -> str:
        response = self.page.post(url(name, found.pk), data, follow=True)
        return response.content.decode()


@pytest.fixture
def desk() -> Desk:
    at = clock.now()
    land = make.territory(at=at)
    return Desk(land, login(Client(), land.osnp), at)


def url(name: str, *args: object) -> str:
    return reverse(f"orientation:{name}", args=args)


def choices(html: str) -> list[str]:
    return re.findall(r'form="retenir" name="choice" value="([^"]+)"', html)


def ranking(found: OrientationRequest) -> int:
    log = queries.latest_ranking(found)
    assert log
    return log.pk


def hold(desk: Desk, found: OrientationRequest, choice: str, **more: object) -> str:
    return desk.post("hold", found, ranking=ranking(found), choice=choice, **more)


def status(found: OrientationRequest) -> str:
    found.refresh_from_db()
    return found.status


def bookings(found: OrientationRequest) -> list[str]:
    return list(found.bookings.order_by("pk").values_list("status", flat=True))


# ---- the list


def test_the_list_is_by_priority_then_waiting_and_says_who_has_what(desk: Desk) -> None:
    late = desk.request(priority="P3", patient=patients.patient(desk.land.sas, family_name="Linotte"))
    first = desk.request(priority="P1", patient=patients.patient(desk.land.sas, family_name="Grèbe"))
    other = make_actor(Role.OSNP, desk.land.sas)
    operations.claim(request=desk.request(), by=other, at=desk.at)

    page = desk.page.get(url("desk")).content.decode()

    assert page.index(f'id="row-{first.pk}"') < page.index(f'id="row-{late.pk}"') < page.index("Prises par un collègue")
    assert other.name in page
    part = desk.page.get(url("desk"), headers={"HX-Request": "true"}).content.decode()
    assert f'id="row-{first.pk}"' in part
    assert "<h1" not in part


def test_an_empty_list_says_so_and_f2_stays_there(desk: Desk) -> None:
    assert "Personne n’attend" in desk.page.get(url("desk")).content.decode()
    assert desk.page.post(url("claim_next")).headers["Location"] == url("desk")


def test_f2_takes_the_first_and_searches_at_once(desk: Desk) -> None:
    desk.request(priority="P3")
    first = desk.request(priority="P1")

    assert desk.page.post(url("claim_next")).headers["Location"] == url("request", first.pk)

    assert status(first) == Status.TAKEN
    assert RankingLog.objects.filter(request=first).count() == 1


def test_a_request_that_a_colleague_has_is_read_not_searched(desk: Desk) -> None:
    found, other = desk.request(), make_actor(Role.OSNP, desk.land.sas)
    operations.claim(request=found, by=other, at=desk.at)

    assert desk.page.post(url("claim", found.pk)).headers["Location"] == url("desk")

    html = desk.shown(found)
    assert f"<strong>{other.name}</strong> s’occupe" not in html
    assert other.name in html
    assert choices(html) == []
    assert not RankingLog.objects.filter(request=found).exists()


def test_another_sas_request_does_not_exist(desk: Desk) -> None:
    elsewhere = make_actor(Role.OSNP, make_sas("17"))
    found = desk.request()
    page = login(Client(), elsewhere)
    names = ("request", "state", "changes", "bar", "why_not")
    assert {name: page.get(url(name, found.pk)).status_code for name in names} == dict.fromkeys(names, 404)
    writes = ("claim", "search", "hold", "confirm", "red_flag", "give_back", "close", "release", "referring", "person")
    assert {name: page.post(url(name, found.pk)).status_code for name in writes} == dict.fromkeys(writes, 404)
    assert status(found) == Status.WAITING


def test_only_an_osnp_opens_the_desk(desk: Desk) -> None:
    found = desk.request()
    for role in (Role.ARM, Role.REGULATEUR_SNP, Role.EFFECTEUR, Role.REFERENT):
        page = login(Client(), make_actor(role, desk.land.sas))
        assert page.get(url("request", found.pk)).status_code == 403
        assert page.post(url("red_flag", found.pk)).status_code == 403


def test_every_reading_is_recorded(desk: Desk) -> None:
    found = desk.request()
    desk.take(found)
    desk.shown(found)
    read = AccessRecord.objects.filter(kind="orientation", reference=found.case_number)
    assert read.count() == 2
    assert read[0].patient == found.patient
    assert read[0].user == desk.land.osnp.user


# ---- proposals


def test_the_page_says_the_need_the_rank_and_the_hours_and_asks_no_symptom(desk: Desk) -> None:
    desk.doctor("Cormier", hours=(2, 3))
    found = desk.request(instruction="Me rappeler si rien avant 20 h.", contact_name="Claire Pinson")

    html = desk.take(found)

    assert "PINSON Noé" in html
    assert "06 39 98 41 27" in html
    assert "« Me rappeler si rien avant 20 h. »" in html
    assert "Cormier" in html
    assert len(choices(html)) == 2
    assert "symptôme" not in html.lower()
    assert "motif de recours" not in html.lower()


def test_reading_again_never_ranks_again(desk: Desk) -> None:
    desk.doctor("Cormier")
    found = desk.request()
    desk.take(found)
    desk.shown(found)
    desk.page.get(url("changes", found.pk))
    assert RankingLog.objects.filter(request=found).count() == 1
    desk.post("search", found)
    assert RankingLog.objects.filter(request=found).count() == 2


def test_the_number_of_queries_does_not_grow_with_proposals(desk: Desk) -> None:
    def asked(proposals: int) -> int:
        for number in range(proposals):
            desk.doctor(f"Tilleul {number} {proposals}")
        found = desk.request()
        desk.take(found)
        with CaptureQueriesContext(connection) as captured:
            desk.shown(found)
        return len(captured)

    assert (asked(1), asked(2)) == (QUERIES_OF_A_REQUEST, QUERIES_OF_A_REQUEST)


def test_the_number_of_queries_does_not_grow_with_requests(desk: Desk) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.page.get(url("desk"))
        return len(captured)

    desk.request()
    one = asked()
    desk.request()
    desk.request()
    assert (one, asked()) == (QUERIES_OF_THE_LIST, QUERIES_OF_THE_LIST)


def test_nobody_says_why_by_reason_and_how_to_widen(desk: Desk) -> None:
    desk.doctor("Cormier", hours=())
    html = desk.take(desk.request())
    assert "Personne avant" in html
    assert "Un par un" in html
    assert "Élargir à" in html
    assert "Rendre à" in html


def test_widening_finds_who_was_too_far_and_is_undone(desk: Desk) -> None:
    desk.doctor("Loin", km=70)  # beyond what widens by itself
    found = desk.request()
    assert "Loin" not in desk.take(found)

    wide = desk.post("search", found, max_km="75")
    assert "Loin" in wide
    assert "75 km" in wide

    assert "Loin" not in desk.post("search", found, max_km="")


def test_filters_narrow_and_are_shown(desk: Desk) -> None:
    desk.doctor("Cormier")
    desk.doctor("Sorbier", wheelchair=True)
    found = desk.request()
    desk.take(found)
    html = desk.post("search", found, max_km="", wheelchair="on")
    assert "Sorbier" in html
    assert "Cormier" not in html
    assert "Fauteuil" in html
    assert "Cormier" not in desk.post("search", found)  # « Revoir » keeps the filters


def test_a_filter_that_does_not_exist_is_said_beside_it(desk: Desk) -> None:
    found = desk.request()
    desk.take(found)
    response = desk.page.post(url("search", found.pk), {"max_km": "3000"})
    assert response.status_code == 422
    assert "id_max_km_error" in response.content.decode()


def test_a_closed_level_opens_early_with_a_reason_only(desk: Desk) -> None:
    desk.doctor("Cormier")
    found = desk.request()
    desk.take(found)
    closed = [level for level in queries.view_of(queries.latest_ranking(found)).levels if not level.is_open]  # type: ignore[arg-type]
    number = closed[0].number
    assert f"?ouvrir={number}" in desk.shown(found)
    assert "Ouvrir ce niveau" in desk.shown(found, ouvrir=str(number))

    refused = desk.page.post(url("open_level", found.pk), {"level": number, "opening_reason": " "})
    assert refused.status_code == 422
    assert "id_opening_reason_error" in refused.content.decode()

    desk.post("open_level", found, level=number, opening_reason="cabinets tous fermés")
    assert found.events.filter(kind="widened", text__contains="cabinets tous fermés").count() == 1
    assert number in queries.view_of(queries.latest_ranking(found)).options.opened_levels  # type: ignore[arg-type]
    desk.post("search", found)  # the level stays open, its reason with it
    assert number in queries.view_of(queries.latest_ranking(found)).options.opened_levels  # type: ignore[arg-type]


def test_why_not_gives_the_rank_or_the_reason(desk: Desk) -> None:
    near, full = desk.doctor("Cormier"), desk.doctor("Fusain", hours=())
    found = desk.request()
    desk.take(found)

    def why(place: Place) -> str:
        return desk.page.get(url("why_not", found.pk), {"professional": place.professional_id}).content.decode()

    assert "rang 1" in why(near)
    assert "Fusain" in why(full)
    assert "rang" not in why(full)
    assert "Cormier" in desk.page.get(url("people"), {"q": "corm"}).content.decode()
    assert "Choisissez un nom" in desk.page.get(url("why_not", found.pk)).content.decode()


# ---- hold and confirm


def test_from_a_request_to_a_confirmed_appointment(desk: Desk) -> None:
    desk.doctor("Cormier")
    found = desk.request()
    choice = choices(desk.take(found))[0]

    held = hold(desk, found, choice)
    assert "Retenu pour Noé" in held
    assert "Confirmer le rendez-vous" in held
    assert "06 39 98 41 27" in held

    done = desk.post("confirm", found)
    assert bookings(found) == ["confirmed"]
    assert status(found) == Status.BOOKED
    assert "Rendez-vous confirmé" in done
    assert "Annuler :" in done  # what the patient receives
    assert "Demande suivante" in done


def test_another_than_the_first_asks_why_before_it_is_kept(desk: Desk) -> None:
    desk.doctor("Cormier", km=2)
    desk.doctor("Tilleul", km=9, hours=(5,))
    found = desk.request()
    second = choices(desk.take(found))[-1]

    asked = desk.page.post(url("hold", found.pk), {"ranking": ranking(found), "choice": second})
    assert asked.status_code == 422
    assert "Pourquoi pas la première proposition" in asked.content.decode()
    assert "id_other_error" not in asked.content.decode()
    assert bookings(found) == []

    data = {"ranking": ranking(found), "choice": second, "asked": "1"}
    empty = desk.page.post(url("hold", found.pk), data)
    assert "id_other_error" in empty.content.decode()

    hold(desk, found, second, asked="1", other="suit déjà cet enfant")
    assert bookings(found) == ["held"]
    chosen = RankingLog.objects.get(request=found).choices.get()
    assert (chosen.first, chosen.reason) == (False, "suit déjà cet enfant")


def test_a_lost_race_says_who_and_has_the_next_seat_ready(desk: Desk) -> None:
    place = desk.doctor("Cormier", hours=(2, 3))
    found, rival = desk.request(), desk.request()
    choice = choices(desk.take(found))[0]
    other = make_actor(Role.OSNP, desk.land.sas)
    make.held(rival, place, Slot.objects.order_by("starts_at")[0], desk.land, at=desk.at, by=other)

    lost = desk.page.post(url("hold", found.pk), {"ranking": ranking(found), "choice": choice})
    html = lost.content.decode()
    assert lost.status_code == 409
    assert f"vient d’être pris par {other.name}" in html
    bar = html[html.index('id="retenue"') :]
    following = re.findall(r'name="choice" value="([^"]+)"', bar)
    assert following

    hold(desk, found, following[0])
    assert bookings(found) == ["held"]


def test_a_seat_lost_meanwhile_is_struck_with_its_taker_and_counted(desk: Desk) -> None:
    place = desk.doctor("Cormier", hours=(2, 3))
    found, rival = desk.request(), desk.request()
    desk.take(found)
    other = make_actor(Role.OSNP, desk.land.sas)
    make.held(rival, place, Slot.objects.order_by("starts_at")[0], desk.land, at=desk.at, by=other)

    html = desk.shown(found)
    assert len(choices(html)) == 1
    assert f"pris par {other.user.given_name[0]}. {other.user.family_name}" in html
    assert "1 changement<" in desk.page.get(url("changes", found.pk)).content.decode()
    assert len(choices(desk.post("search", found))) == 1


def test_a_hold_that_ran_out_is_told_and_its_seat_free_again(desk: Desk) -> None:
    desk.doctor("Cormier")
    found = desk.request()
    hold(desk, found, choices(desk.take(found))[0])
    Booking.objects.filter(request=found).update(hold_expires_at=desk.at - timedelta(seconds=1))

    assert "La retenue a expiré" in desk.page.get(url("bar", found.pk)).content.decode()
    html = desk.shown(found)
    assert "La retenue a expiré" in html
    assert len(choices(html)) == 1
    assert "expiré" in desk.post("confirm", found)
    assert status(found) == Status.TAKEN

    operations.sweep_expired(at=desk.at)
    assert bookings(found) == ["expired"]
    assert "La retenue a expiré" in desk.shown(found)


def test_a_hold_is_extended_once(desk: Desk) -> None:
    desk.doctor("Cormier")
    found = desk.request()
    held = hold(desk, found, choices(desk.take(found))[0])
    assert "Prolonger une fois" in held
    assert "Prolonger une fois" not in desk.post("extend", found)
    assert "déjà été prolongée" in desk.post("extend", found)


def test_escape_gives_the_seat_back(desk: Desk) -> None:
    desk.doctor("Cormier")
    found = desk.request()
    hold(desk, found, choices(desk.take(found))[0])
    html = desk.post("let_go", found)
    assert bookings(found) == ["released"]
    assert len(choices(html)) == 1
    assert "Plus aucun créneau" in desk.post("let_go", found)


def test_a_choice_that_means_nothing_is_refused(desk: Desk) -> None:
    found = desk.request()
    desk.take(found)
    assert desk.page.post(url("hold", found.pk), {"choice": "rien"}).status_code == 422
    assert bookings(found) == []


# ---- by telephone


def test_the_referring_doctor_is_logged_with_one_key(desk: Desk) -> None:
    place = make.doctor(desk.land, "Aubépine")
    found = desk.request(patient=make.patient(desk.land, referring_doctor=place.professional))
    assert "Ne répond pas" in desk.take(found)
    desk.post("referring", found, result="no_answer")
    attempt = ReferringAttempt.objects.get(request=found)
    assert (attempt.result, attempt.by) == ("no_answer", desk.land.osnp.user)
    assert "Notez" in desk.post("referring", found, result="autre")


def test_the_referring_doctor_who_accepts_gives_an_hour(desk: Desk) -> None:
    place = make.doctor(desk.land, "Aubépine", participates=False)
    found = desk.request(patient=make.patient(desk.land, referring_doctor=place.professional))
    desk.take(found)
    html = desk.post("referring", found, result="accepts")
    assert "accepte : quelle heure" in html

    tomorrow = f"{desk.at + timedelta(days=1):%Y-%m-%d}"
    wrong = desk.page.post(
        url("receive", found.pk), {"place": place.pk, "consent": "sa secrétaire", "day": tomorrow, "hour": "25:00"}
    )
    assert wrong.status_code == 422
    assert "sa secrétaire" in wrong.content.decode()
    assert "id_hour_error" in wrong.content.decode()

    desk.post("receive", found, place=place.pk, consent="sa secrétaire", day=tomorrow, hour="10:30")
    booking = Booking.objects.get(request=found)
    assert (booking.kind, booking.professional, booking.consent) == ("contact", place.professional, "sa secrétaire")
    assert status(found) == Status.BOOKED


def test_nobody_else_receives_as_referring_doctor(desk: Desk) -> None:
    place = make.doctor(desk.land, "Aubépine")
    found = desk.request(patient=make.patient(desk.land, referring_doctor=place.professional))
    desk.take(found)
    other = make.doctor(desk.land, "Charme")
    tomorrow = f"{desk.at + timedelta(days=1):%Y-%m-%d}"
    response = desk.page.post(
        url("receive", found.pk), {"place": other.pk, "consent": "oui", "day": tomorrow, "hour": "10:30"}
    )
    assert response.status_code == 422
    assert "n’est pas celui du médecin traitant" in response.content.decode()


def test_a_patient_more_needs_a_consent_an_hour_and_leaves_a_trace(desk: Desk) -> None:
    """Complaint 10: no way to go beyond the availability on purpose."""
    desk.doctor("Érable", hours=(), accepts_overbooking=True, overbooking_per_day=2)
    found = desk.request()
    html = desk.take(found)
    link = re.search(r"\?accord=([^\"&]+)", html)
    assert link
    candidate = link[1].replace("%40", "@")
    assert "Un patient de plus chez" in desk.shown(found, accord=candidate)

    data = {"ranking": ranking(found), "candidate": candidate, "day": "", "hour": ""}
    refused = desk.page.post(url("overbook", found.pk), data)
    assert refused.status_code == 422
    assert all(f"id_{name}_error" in refused.content.decode() for name in ("consent", "day", "hour"))

    soon = desk.at + timedelta(days=1)
    desk.post(
        "overbook", found, **data | {"consent": "Dr Érable, au téléphone", "day": f"{soon:%Y-%m-%d}", "hour": "11:00"}
    )
    booking = Booking.objects.get(request=found)
    assert (booking.kind, booking.consent, booking.status) == ("overbooking", "Dr Érable, au téléphone", "confirmed")


def test_a_doctor_who_refuses_one_more_is_counted(desk: Desk) -> None:
    place = desk.doctor("Érable", hours=(), accepts_overbooking=True, overbooking_per_day=2)
    found = desk.request()
    desk.take(found)
    candidate = f"p{place.professional_id}@{place.pk}"
    desk.post("overbook", found, ranking=ranking(found), candidate=candidate, refused="ne répond pas")
    assert found.events.filter(kind="overbooking_call", text__contains="ne répond pas").count() == 1
    assert bookings(found) == []


# ---- the request itself


def test_the_red_button_needs_nothing_and_the_request_leaves(desk: Desk) -> None:
    found = desk.request()
    desk.take(found)
    assert "P0 envoyé" in desk.post("red_flag", found)
    assert status(found) == Status.RETURNED
    assert found.events.filter(kind="red_flag").count() == 1


@pytest.mark.parametrize(("name", "ended"), [("give_back", Status.RETURNED), ("close", Status.CLOSED)])
def test_giving_back_and_closing_need_a_reason(desk: Desk, name: str, ended: str) -> None:
    found = desk.request()
    desk.take(found)
    refused = desk.page.post(url(name, found.pk), {"reason": "  "})
    assert refused.status_code == 422
    assert "id_reason_error" in refused.content.decode()
    assert status(found) == Status.TAKEN
    desk.post(name, found, reason="la mère consulte demain")
    assert status(found) == ended


def test_a_request_put_back_in_the_list_waits_again(desk: Desk) -> None:
    found = desk.request()
    desk.take(found)
    desk.post("release", found)
    assert status(found) == Status.WAITING


def test_contact_and_provisional_identity_are_completed(desk: Desk) -> None:
    found = desk.request()
    desk.take(found)
    found.refresh_from_db()
    typed = {
        "version": found.version,
        "family_name": "Pinson",
        "given_name": "Noé Paul",
        "birth": "08/03/2022",
        "sex": "M",
        "callback_phone": "06 39 98 41 99",
        "contact_name": "Claire Pinson",
        "commune": found.commune.insee if found.commune else "",
        "commune_text": "Poitiers",
    }
    wrong = desk.page.post(url("person", found.pk), typed | {"callback_phone": "06 39 98 41 2", "birth": "31/02/2022"})
    html = wrong.content.decode()
    assert wrong.status_code == 422
    assert "Il manque un chiffre" in html
    assert "Le 31 février n’existe pas" in html
    assert "06 39 98 41 2" in html

    desk.post("person", found, **typed)
    found.refresh_from_db()
    assert (found.callback_phone, found.contact_name) == ("+33639984199", "Claire Pinson")
    found.patient.refresh_from_db()
    assert found.patient.given_name == "Noé Paul"

    stale = desk.page.post(url("person", found.pk), typed)
    assert "a changé pendant votre saisie" in stale.content.decode()


def test_a_validated_identity_is_not_the_osnps_to_change(desk: Desk) -> None:
    found = desk.request(patient=patients.validated(desk.land.sas))
    html = desk.take(found)
    assert 'name="callback_phone"' in html
    assert 'name="family_name"' not in html
    found.refresh_from_db()
    desk.post("person", found, version=found.version, family_name="Autre", callback_phone="")
    found.patient.refresh_from_db()
    assert found.patient.family_name == "Pinson"


def test_a_page_left_open_says_that_the_request_changed(desk: Desk) -> None:
    found = desk.request()
    desk.take(found)
    found.refresh_from_db()
    same = desk.page.get(url("state", found.pk), {"version": found.version}).content.decode()
    assert "a changé" not in same
    operations.withdraw(request=found, reason="hospitalisée", by=desk.land.doctor, at=desk.at)
    later = desk.page.get(url("state", found.pk), {"version": found.version}).content.decode()
    assert "Cette demande a changé" in later


def test_without_a_charter_the_page_says_what_is_missing() -> None:
    at, sas = clock.now(), directory.sas("17")
    osnp = make_actor(Role.OSNP, sas, at=at)
    found = operations.create_request(
        sas=sas,
        case_number="DRFR15170",
        patient=patients.patient(sas),
        priority="P2",
        deadline=at + timedelta(hours=12),
        limit_at=at + timedelta(hours=48),
        by=make_actor(Role.REGULATEUR_SNP, sas, at=at),
        at=at,
    )
    page = login(Client(), osnp)
    page.post(url("claim", found.pk))
    response = page.get(url("request", found.pk))
    assert response.status_code == 409
    assert "charte" in response.content.decode()
