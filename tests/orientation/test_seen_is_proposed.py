"""« Exactement ce que voit le SAS » : the doctor's preview and the search read the same slots, on random offers."""

from datetime import timedelta
from random import Random

import pytest

from quinze.availability.queries import what_sas_sees
from quinze.directory.models import Place
from quinze.orientation.models import OrientationRequest
from quinze.orientation.options import SearchOptions
from quinze.orientation.queries.inputs import gather
from tests.factories import orientation as make
from tests.factories.orientation import AT
from tests.orientation.test_candidates import random_limits

pytestmark = pytest.mark.django_db
ANY = ["AMB", "HH", "VR"]


def anybody(land: make.Territory, place: Place) -> OrientationRequest:
    """Nobody knows the age; the doctor is the person's own; any modality; as long as the preview is."""
    patient = make.patient(land, birth_date=None, referring_doctor=place.professional)
    return make.request(land, hours=62, limit_at=AT + timedelta(hours=72), patient=patient, modalities=ANY)


def proposed(land: make.Territory, request: OrientationRequest) -> set[int]:
    found = gather(request=request, charter=land.charter, options=SearchOptions(), at=AT)
    return {int(seat.slot) for candidate in found.inputs.candidates for seat in candidate.seats}


@pytest.mark.parametrize("seed", range(12))
def test_complaint_2_the_preview_is_what_the_osnp_is_shown(seed: int) -> None:
    """Complaint 2: nobody knew what the regulators see of a doctor's planning."""
    chance = Random(seed)
    land = make.territory()
    shows = {"shows_pro_slots": chance.random() < 0.5, "shows_public_slots": chance.random() < 0.5}
    place = make.doctor(land, **shows, accepts_visits=True, accepts_teleconsultation=True)
    for sort in (["SNP", "CPTS"], ["PRO", "PUBLIC", "OWN"]):  # no more of a sort than a search reads
        for hours in chance.sample(range(1, 60), 3):
            limits = random_limits(chance)
            limits = {} if "specialties" in limits else limits  # seen by the doctor; given to whom asks for it
            status = chance.choice(["open", "open", "open", "withdrawn"])
            taken = chance.choice([0, 0, 1])
            slot = {"audience": chance.choice(sort), "modalities": chance.choice([["AMB"], ["VR"], ["AMB", "HH"]])}
            if not place.slots.filter(starts_at=AT + timedelta(hours=hours)).exists():
                make.slot(place, hours, status=status, taken=taken, **slot, **limits)

    assert place.professional is not None
    seen = what_sas_sees(place.professional, sas=land.sas, at=AT)

    assert {slot.pk for day in seen.days for slot in day.slots} == proposed(land, anybody(land, place))
