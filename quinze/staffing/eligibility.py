"""Who may still hold a post, by dated facts. No database here.

Retired doctors: three years after retiring, or until the day that an attestation gives (mission SAS, proposition 50;
décret 2024-541). ARM in transitional training: evaluated within twelve months (propositions 37 and 38). Nothing that is
merely unknown bars anybody: it is asked for on the page of people.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from quinze.accounts.roles import Role
from quinze.staffing.models import StaffFact

K = StaffFact.Kind
RETIRED_YEARS = 3
SOON = timedelta(days=60)
DOCTORS = frozenset({Role.REGULATEUR_AMU.value, Role.REGULATEUR_SNP.value})
ARMS = frozenset({Role.ARM.value, Role.ARM_COORDINATOR.value})
STATUSES = (K.LIBERAL, K.EMPLOYED, K.HOSPITAL, K.RETIRED, K.SUBSTITUTE)
FAMILY = dict.fromkeys(STATUSES, "status")


class Fact(Protocol):
    kind: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Limit:
    """From `day` on, these posts are no longer theirs."""

    posts: frozenset[str]
    day: date
    said: str


@dataclass(frozen=True, slots=True)
class Notice:
    said: str
    late: bool  # over, not only near or unknown


def in_force(facts: Iterable[Fact]) -> dict[str, Fact]:
    """By family, the last one written; `facts` in the order in which they were."""
    return {FAMILY.get(K(each.kind), each.kind): each for each in facts}


def limits(facts: Sequence[Fact]) -> tuple[Limit, ...]:
    known = in_force(facts)
    found = []
    for family in ("status", K.CONTRACT, K.REMOTE):
        fact = known.get(family)
        end = _end(fact) if fact else None
        if fact and end:
            posts = DOCTORS if family != K.CONTRACT else DOCTORS | ARMS | {Role.OSNP.value}
            found.append(Limit(posts, end + timedelta(days=1), f"{K(fact.kind).label} : jusqu’au {end:%d/%m/%Y}."))
    return (*found, *_evaluation(known))


def _end(fact: Fact) -> date | None:
    if fact.until or fact.kind != K.RETIRED:
        return fact.until
    return after(fact.since, years=RETIRED_YEARS)


def _evaluation(known: dict[str, Fact]) -> tuple[Limit, ...]:
    begun, judged = known.get(K.ARM_TRANSITION), known.get(K.ARM_EVALUATED)
    if begun is None or K.ARM_CERTIFIED in known or (judged and judged.since >= begun.since):
        return ()
    due = after(begun.since, years=1)
    said = f"Formation transitoire d’ARM : évaluation à douze mois attendue le {due:%d/%m/%Y}."
    return (Limit(ARMS, due + timedelta(days=1), said),)


def after(day: date, *, years: int) -> date:
    """The same day so many years later; the 28th for a 29 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def notices(facts: Sequence[Fact], *, roles: Collection[str], remote: bool, today: date) -> tuple[Notice, ...]:
    """What is over, what soon will be, what is not known, for the roles somebody has."""
    ends = [each for each in limits(facts) if each.posts & set(roles) and each.day <= today + SOON]
    told = [Notice(each.said, late=each.day <= today) for each in ends]
    return (*told, *(Notice(said, late=False) for said in _unknown(in_force(facts), set(roles), remote=remote)))


def _unknown(known: dict[str, Fact], roles: set[str], *, remote: bool) -> list[str]:
    found = []
    if roles & DOCTORS:
        found += ["Statut à renseigner."] * ("status" not in known)
        found += ["Formation à la régulation à renseigner."] * (K.TRAINED not in known)
        found += ["Validation à distance à renseigner."] * (remote and K.REMOTE not in known)
    if roles & ARMS and not {K.ARM_CERTIFIED, K.ARM_TRANSITION} & known.keys():
        found.append("Diplôme ou formation d’ARM à renseigner.")
    return found
