"""What is there before a journey begins: a piece of the Vienne, its doctors, its staff, three requests for the OSNP.

python -m tests.journeys.scene        on the database and at the instant of the environment, like any command
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quinze.config.settings")
django.setup()

from django.db import transaction  # noqa: E402

from quinze.accounts.actor import Actor  # noqa: E402
from quinze.accounts.models import Sas, User  # noqa: E402
from quinze.accounts.roles import Role  # noqa: E402
from quinze.availability.operations import generate_slots  # noqa: E402
from quinze.base import clock  # noqa: E402
from quinze.base.periods import local_instant  # noqa: E402
from quinze.directory.models import Commune, Place, Professional  # noqa: E402
from quinze.interop.demo import staff  # noqa: E402
from quinze.orientation.operations import count_offered_seats  # noqa: E402
from quinze.regulation import operations as regulation  # noqa: E402
from quinze.regulation import sections  # noqa: E402
from quinze.regulation.decisions import Orientation  # noqa: E402
from quinze.regulation.models import CaseFile  # noqa: E402
from tests.factories import availability, directory  # noqa: E402
from tests.factories.orientation import published_charter  # noqa: E402

ZONE = "Europe/Paris"
# Far enough from each other for the offer of one journey to be out of reach of the next.
COMMUNES = (
    ("86139", "Lusignan", "86600", 2600, 46.4353, 0.1231),
    ("86083", "Coulombiers", "86600", 1100, 46.4844, 0.1869),
    ("86293", "Vivonne", "86370", 4400, 46.4281, 0.2636),
    ("86194", "Poitiers", "86000", 89200, 46.5802, 0.3404),
    ("86165", "Montmorillon", "86500", 5900, 46.4264, 0.8697),
    ("86137", "Loudun", "86200", 6700, 47.0081, 0.0833),
)


@dataclass(frozen=True)
class Scene:
    sas: Sas
    at: datetime
    people: dict[str, User]
    communes: dict[str, Commune]

    def actor(self, login: str, role: Role) -> Actor:
        return Actor(user=self.people[login], role=role, sas=self.sas)


def play(at: datetime) -> None:
    communes = {row[1]: _commune(row) for row in COMMUNES}
    sas = directory.sas("86", name="Vienne", communes=tuple(communes.values()))
    directory.snp_opening(sas)
    doctors = _doctors(sas, communes, at=at)
    people = staff.create(sas=sas, at=at, doctors=doctors)
    scene = Scene(sas, at, people, communes)
    published_charter(sas, by=scene.actor("referent", Role.REFERENT), at=at - timedelta(days=60))
    generate_slots(at=at)
    count_offered_seats(sas=sas, at=at)
    _requests(scene)


def _commune(row: tuple[str, str, str, int, float, float]) -> Commune:
    insee, name, postal, population, lat, lon = row
    return directory.commune(name, insee=insee, postal_codes=[postal], population=population, lat=lat, lon=lon)


# --- the offer ----------------------------------------------------------------------------------------------------


def _doctors(sas: Sas, communes: dict[str, Commune], *, at: datetime) -> list[Professional]:
    """Returns those who have an account, in the order medecin, medecin2."""
    _away_until_thursday(sas, communes["Lusignan"], at=at)
    cormier = _near_lusignan(sas, communes)
    _further_away(sas, communes["Vivonne"])
    charme = _doctor(sas, "Charme", "Paul", communes["Montmorillon"], gender="M").professional
    _last_seat(sas, communes["Loudun"])
    assert charme is not None
    return [cormier, charme]


def _doctor(sas: Sas, family: str, given: str, commune: Commune, *, gender: str = "F", **place: object) -> Place:
    person = directory.professional(family, given, gender=gender)
    directory.participation(person, sas)
    return directory.place(person, commune, address="2 place du Marronnier", **place)


def _away_until_thursday(sas: Sas, lusignan: Commune, *, at: datetime) -> None:
    place = _doctor(sas, "Aubépine", "Rémi", lusignan, gender="M")
    assert place.professional is not None
    today = at.date()
    thursday = today + timedelta(days=(3 - today.weekday()) % 7 or 7)
    leave = local_instant(today - timedelta(days=1), time(8), ZONE), local_instant(thursday, time(8), ZONE)
    availability.absence(place.professional, *leave, reason="congés")


def _near_lusignan(sas: Sas, communes: dict[str, Commune]) -> Professional:
    """Her cabinet is on the way from Lusignan to Coulombiers, 4 km from the town of the child."""
    place = _doctor(sas, "Cormier", "Hélène", communes["Coulombiers"], lat=46.4620, lon=0.1580)
    cpts = directory.structure("CPTS", "CPTS Sud Vienne", sas=sas)
    for name in ("Lusignan", "Coulombiers", "Vivonne"):
        cpts.zone_communes.create(commune=communes[name])
    assert place.professional is not None
    directory.membership(place.professional, cpts)
    availability.rule(place, audience="CPTS", cpts_id=cpts.pk, starts=time(14), ends=time(16))
    return place.professional


def _further_away(sas: Sas, vivonne: Commune) -> None:
    availability.rule(_doctor(sas, "Sorbier", "Inès", vivonne), starts=time(11), ends=time(12))


def _last_seat(sas: Sas, loudun: Commune) -> None:
    """One seat at 15:00 for two patients; the next doctor opens at 16:00."""
    last, following = _doctor(sas, "Tilleul", "Yann", loudun, gender="M"), _doctor(sas, "Noisetier", "Agathe", loudun)
    availability.rule(last, starts=time(15), ends=time(15, 20))
    availability.rule(following, starts=time(16), ends=time(18))


# --- requests that wait for the OSNP ------------------------------------------------------------------------------


def _requests(scene: Scene) -> None:
    """In the order in which they were asked."""
    _request(scene, "Mésange", "Rosalie", "Vivonne", "douleurs abdominales", minutes=40)
    _request(scene, "Pic", "Armand", "Montmorillon", "lombalgie", minutes=36)
    _request(scene, "Grive", "Jules", "Loudun", "toux", minutes=32)
    _request(scene, "Huppe", "Alma", "Loudun", "éruption", minutes=31)


def _request(scene: Scene, family: str, given: str, commune: str, reason: str, *, minutes: int) -> None:
    arm, doctor = scene.actor("arm.jour", Role.ARM), scene.actor("snp.jour", Role.REGULATEUR_SNP)
    at = scene.at - timedelta(minutes=minutes)
    case = regulation.open_case(by=arm, at=at, caller_number=f"06 39 98 60 {minutes}")
    person = {
        "family_name": family,
        "given_name": given,
        "birth": "12/05/1990",
        "sex": "F" if given in "Rosalie Alma" else "M",
    }
    for section, values in (
        ("place", {"commune": scene.communes[commune].insee, "commune_text": commune}),
        ("patient", person),
        ("reason", {"reason_label": reason, "summary": "Gêne depuis la veille, supportable."}),
    ):
        _write(case, section, values, by=arm, at=at)
    case = regulation.hand_over(case, by=arm, at=at + timedelta(minutes=3), stream="SNP", priority="P3")
    case = regulation.claim(case, by=doctor, at=at + timedelta(minutes=5))
    regulation.decide(case, by=doctor, at=at + timedelta(minutes=9), details=Orientation("CABINET", within_hours=24))


def _write(case: CaseFile, section: str, values: Mapping[str, object], *, by: Actor, at: datetime) -> None:
    case.refresh_from_db()
    version = sections.version(case, section)
    regulation.save_section(case, by=by, at=at, section=section, values=dict(values), base_version=version)


if __name__ == "__main__":
    with transaction.atomic():
        play(clock.now())
