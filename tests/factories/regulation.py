"""Case files for tests, made by the operations themselves.

from tests.factories import regulation as make, then make.case(...), make.waiting_case(...), make.doctor(...).
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.accounts.roles import Role
from quinze.regulation import operations as ops
from quinze.regulation import sections
from quinze.regulation.decisions import Advice, Drug, Orientation, Prescription
from quinze.regulation.models import CaseFile, Decision
from tests.factories.accounts import make_actor, make_sas

AT = datetime(2026, 11, 17, 9, 41, 32, tzinfo=UTC)  # a Tuesday, 10:41 in Poitiers
CALLER = "06 39 98 41 27"
CALLER_E164 = "+33639984127"
ADVICE = Advice("Faire boire, paracétamol selon le poids.", recall_signs_told=True)
PRESCRIPTION = Prescription(
    (Drug("Paracétamol 300 mg", "une dose toutes les 6 heures", "3 jours"),), "Pharmacie du Clain"
)
CITY = Orientation("CABINET", within_hours=12, instruction="Me rappeler si rien avant 20 h.")


def arm(sas: Sas | None = None, *, at: datetime = AT) -> Actor:
    return make_actor(Role.ARM, sas, at=at)


def osnp(sas: Sas | None = None, *, at: datetime = AT) -> Actor:
    return make_actor(Role.OSNP, sas, at=at)


def doctor(stream: str = "SNP", sas: Sas | None = None, *, at: datetime = AT) -> Actor:
    return make_actor(Role.REGULATEUR_AMU if stream == "AMU" else Role.REGULATEUR_SNP, sas, at=at)


def supervisor(sas: Sas | None = None, *, at: datetime = AT) -> Actor:
    return make_actor(Role.SUPERVISOR, sas, at=at)


def case(*, by: Actor | None = None, at: datetime = AT, sas: Sas | None = None, number: str = CALLER) -> CaseFile:
    """Just opened, by an ARM who holds it."""
    return ops.open_case(by=by or arm(sas or make_sas(), at=at), at=at, caller_number=number)


def save(case: CaseFile, section: str, *, by: Actor, at: datetime = AT, **values: Any) -> CaseFile:
    """One section saved on top of what is there."""
    case.refresh_from_db()
    version = sections.version(case, section)
    return ops.save_section(case, by=by, at=at, section=section, values=values, base_version=version)


def qualified_case(*, by: Actor | None = None, at: datetime = AT, sas: Sas | None = None, **reason: Any) -> CaseFile:
    """All that a doctor needs, not yet handed over."""
    by = by or arm(sas or make_sas(), at=at)
    made = case(by=by, at=at)
    save(made, "place", by=by, at=at, commune_text="Lusignan", address="4 chemin des Jars")
    save(made, "patient", by=by, at=at, family_name="Pinson", given_name="Noé", birth="08/03/2022", sex="M")
    return save(made, "reason", by=by, at=at, **{"reason_code": "M19.05.00", "summary": "39,4 depuis hier."} | reason)


def waiting_case(
    stream: str = "SNP",
    priority: str = "P2",
    *,
    at: datetime = AT,
    by: Actor | None = None,
    sas: Sas | None = None,
    **reason: Any,
) -> CaseFile:
    """In a doctors' list since `at`, held by nobody."""
    by = by or arm(sas or make_sas(), at=at)
    made = qualified_case(by=by, at=at, **reason)
    return ops.hand_over(made, by=by, at=at, stream=stream, priority=priority)


def decided_case(*, by: Actor | None = None, at: datetime = AT, sas: Sas | None = None) -> tuple[CaseFile, Decision]:
    by = by or doctor(sas=sas or make_sas(), at=at)
    made = waiting_case(at=at, sas=by.sas)
    decision = ops.decide(made, by=by, at=at + timedelta(minutes=5), details=ADVICE, care_level="R4")
    return ops.claim(made, by=by, at=at + timedelta(minutes=5)), decision
