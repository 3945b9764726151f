"""From what an editor answers to what became of the appointment: real HTTPS one way, real HTTP the other."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from quinze.availability.models import Slot
from quinze.interop.editors.accounts import declare as declare_account
from quinze.interop.editors.accounts import due as due_accounts
from quinze.interop.editors.accounts import push
from quinze.interop.editors.certificates import context
from quinze.interop.editors.declaring import Platform
from quinze.interop.editors.fake_agenda import Doctor, Hour
from quinze.interop.editors.fake_editor import FakeEditor
from quinze.interop.editors.refreshing import refresh
from quinze.interop.fhir.clients import register_client
from quinze.interop.models import EditorAppointment
from quinze.orientation.default_charter import default_document
from quinze.orientation.links import with_origin
from quinze.orientation.models import Booking, OrientationRequest, RankingLog
from quinze.orientation.operations import claim
from tests.factories import directory, orientation
from tests.factories import editors as make
from tests.factories.accounts import login
from tests.factories.editors import Pki
from tests.factories.orientation import AT, HERE, Territory

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
SECRET = "un secret que seul le mandataire connait, assez long"
Clock = Callable[[datetime], None]


@pytest.fixture
def clock(settings: LazySettings) -> Clock:
    settings.QUINZE_FHIR_PROXY_SECRET = SECRET

    def now_is(moment: datetime) -> None:
        settings.QUINZE_CLOCK_OFFSET = moment - datetime.now(UTC)

    now_is(AT)
    return now_is


def opened(fake: FakeEditor, papers: Pki, live_server: object, land: Territory, *numbers: str, kinds: Any) -> None:
    """In the register, read once, told of the OSNP; what is booked on its pages it tells to our server."""
    register_client(name="Agendix", common_name="agendix", unit="", flows=["INT_R03"], sas=None, at=AT)
    fake.declare = Platform(f"{live_server}/fhir", "agendix", SECRET).tell
    editor = make.register.add_editor(make.spec(fake, papers, kinds=kinds), at=AT)
    done = refresh(make.register.attach(editor, numbers, at=AT), at=AT)
    assert (done.silent, done.dropped) == ({}, 0)
    declare_account(land.osnp.user, at=AT)
    push(due_accounts(at=AT)[0], at=AT)


def shown(desk: Client, request: OrientationRequest) -> str:
    return desk.get(reverse("orientation:request", args=[request.pk])).content.decode()


def holds(desk: Client, request: OrientationRequest, owner: str, slot: Slot) -> str:
    ranking = RankingLog.objects.filter(request=request).latest("pk")
    said = {"ranking": ranking.pk, "choice": f"{owner}@{slot.place_id}|{slot.pk}|AMB", "other": "souhait", "asked": "1"}
    return desk.post(reverse("orientation:hold", args=[request.pk]), said, follow=True).content.decode()


def books_there(slot: Slot, papers: Pki) -> str:
    """On the page where our own link leads, as the browser of the OSNP would."""
    trusting = context(str(papers.client.certificate), str(papers.client.key), str(papers.authority.certificate))
    with httpx.Client(verify=trusting, trust_env=False) as browser:
        assert "Prendre" in browser.get(with_origin(slot.url)).text
        return browser.post(with_origin(slot.url)).text


def test_a_slot_of_a_cpts_is_for_its_territory_and_its_outcome_comes_back(
    papers: Pki, live_server: object, clock: Clock
) -> None:
    land = orientation.territory()
    land.cpts.finess = "860000017"
    land.cpts.save()
    other = directory.structure("CPTS", "CPTS du Clain", sas=land.sas, finess="860000025")
    vouille = directory.commune("Vouillé", lat=HERE[0], lon=HERE[1])
    other.zone_communes.create(commune=vouille)
    place = orientation.doctor(land, "Cormier", member_of=(land.cpts, other))
    of_cpts: dict[str, Any] = {"label": "CPTS"}
    doctor = make.doctor_of(place, 1, cpts=("1860000025",), **of_cpts)
    doctor.hours += make.doctor_of(place, 2, cpts=("1860000017",), **of_cpts).hours
    with make.answering(papers, doctor) as fake:
        opened(fake, papers, live_server, land, doctor.identifier, kinds=("PS", "CPTS"))
        theirs, ours = Slot.objects.order_by("starts_at")
        assert (theirs.cpts, ours.cpts, ours.audience) == (other, land.cpts, "CPTS")
        here, there = (
            claim(request=orientation.request(land, commune=commune), by=land.osnp, at=AT)
            for commune in (land.commune, vouille)
        )
        desk = login(Client(), land.osnp)

        # Each sees the one kept for where they are, and the other cannot be taken for them
        assert ["11:00 · Agendix" in shown(desk, one) for one in (here, there)] == [False, True]
        assert ["12:00 · Agendix" in shown(desk, one) for one in (here, there)] == [True, False]
        assert "gardé pour le territoire de CPTS du Clain" in holds(desk, here, f"p{place.professional_id}", theirs)
        assert not Booking.objects.exists()

        # Kept, booked there, said by INT_R03, seen
        assert "12:00" in holds(desk, here, f"p{place.professional_id}", ours)
        assert "Rendez-vous pris." in books_there(ours, papers)
        booking = Booking.objects.get()
        assert (booking.status, booking.slot, booking.request) == (Booking.Status.BOOKED, ours, here)
        clock(AT + 3 * HOUR)
        assert fake.says(fake.told[0]["identifier"][0]["value"], "fulfilled") == 200

    booking.refresh_from_db()
    assert booking.status == Booking.Status.FULFILLED


def test_an_association_is_booked_there_then_names_who_goes_and_says_who_was_seen(
    papers: Pki, live_server: object, clock: Clock
) -> None:
    document = default_document()
    (level,) = (each for each in document["levels"] if "SOS" in str(each["who"]))
    level.pop("when")  # at any hour
    land = orientation.territory(document=document)
    point = orientation.structure(land, "SOS", "SOS Médecins Vienne")
    association = point.structure
    assert association is not None
    association.siret = "33417374840001"
    association.save()
    directory.participation(association, land.sas)
    sent = orientation.doctor(land, "Sorbier")
    assert sent.professional is not None
    sos = Doctor(f"3{association.siret}", association.name, "", point.address, land.commune.name, "86000",
                 [Hour(AT + HOUR), Hour(AT + 2 * HOUR)])  # fmt: skip
    with make.answering(papers, sos) as fake:
        opened(fake, papers, live_server, land, sos.identifier, kinds=("SOS",))
        assert "/fhir/Schedule?" in fake.asked[0].path
        request = claim(request=orientation.request(land), by=land.osnp, at=AT)
        desk = login(Client(), land.osnp)
        first = Slot.objects.earliest("starts_at")
        assert "11:00 · Agendix" in shown(desk, request)
        assert "11:00" in holds(desk, request, f"s{association.pk}", first)
        assert "Rendez-vous pris." in books_there(first, papers)

        # Nobody is named: pending, and booked with the association
        booking = Booking.objects.get()
        assert (EditorAppointment.objects.get().status, booking.status) == ("pending", Booking.Status.BOOKED)
        assert (booking.slot, booking.structure, booking.professional) == (first, association, None)

        # Then the doctor who goes, then that the patient was not there
        key = fake.told[0]["identifier"][0]["value"]
        assert fake.says(key, "booked", by=f"8{sent.professional.rpps}") == 200
        booking.refresh_from_db()
        assert (booking.status, booking.professional) == (Booking.Status.BOOKED, sent.professional)
        clock(AT + 2 * HOUR)
        assert fake.says(key, "noshow") == 200

    booking.refresh_from_db()
    assert (booking.status, EditorAppointment.objects.get().problem) == (Booking.Status.NO_SHOW, "")
