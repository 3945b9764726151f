"""Many people who wait for an appointment, and enough seats: a busy Monday of the OSNP's desk.

python -m tests.journeys.crowd 300        on the database of the environment, after the scene
"""

import os
import sys
from datetime import datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quinze.config.settings")
django.setup()

from django.db import transaction  # noqa: E402

from quinze.accounts.models import Sas, User  # noqa: E402
from quinze.availability.models import Slot  # noqa: E402
from quinze.base import clock  # noqa: E402
from quinze.base.periods import period  # noqa: E402
from quinze.directory.models import Commune  # noqa: E402
from quinze.interop.demo import staff  # noqa: E402
from quinze.orientation.models import OrientationRequest  # noqa: E402
from quinze.patients.models import Patient  # noqa: E402
from quinze.regulation.models import CaseFile, Step  # noqa: E402
from tests.factories import directory  # noqa: E402

SEATS_A_DOCTOR = 20


def play(count: int, at: datetime) -> None:
    sas, town = Sas.objects.get(code="86"), Commune.objects.get(name="Poitiers")
    _seats(sas, town, count // SEATS_A_DOCTOR * 2, at)
    doctor = User.objects.get(email=f"snp.jour@{staff.DOMAIN}")
    people = Patient.objects.bulk_create(
        Patient(sas=sas, family_name="Foule", phone="+33639984127", created_at=at) for _ in range(count)
    )
    cases = CaseFile.objects.bulk_create(
        CaseFile(
            sas=sas, number=f"DRFR15F{person.pk:012d}", opened_at=at, opened_by=doctor, patient=person, step=Step.OSNP,
            stream="SNP", waiting_since=at, callback_phone=person.phone, reason_label="Fièvre",
        )
        for person in people
    )  # fmt: skip
    OrientationRequest.objects.bulk_create(
        OrientationRequest(
            sas=sas, case_number=case.number, patient=case.patient, requested_by=doctor,
            requested_by_role="regulateur_snp", requested_at=at, waiting_since=at, priority="P2", modalities=["AMB"],
            deadline=at + timedelta(hours=47), limit_at=at + timedelta(hours=48), commune=town, lat=town.lat,
            lon=town.lon, callback_phone=case.callback_phone, email="foule@exemple.test",
        )
        for case in cases
    )  # fmt: skip


def _seats(sas: Sas, town: Commune, doctors: int, at: datetime) -> None:
    for number in range(doctors):
        person = directory.professional(f"Foule {number}", "Louise", rpps=f"109990{number:05d}")
        directory.participation(person, sas)
        place = directory.place(person, town, address=f"{number} rue du Marché")
        starts = [at + timedelta(hours=2, minutes=20 * each) for each in range(SEATS_A_DOCTOR)]
        Slot.objects.bulk_create(
            Slot(
                place=place, professional=person, during=period(start, start + timedelta(minutes=20)), starts_at=start,
                ends_at=start + timedelta(minutes=20), modalities=["AMB"], audience="SNP",
            )
            for start in starts
        )  # fmt: skip


if __name__ == "__main__":
    with transaction.atomic():
        play(int(sys.argv[1]), clock.now())
