"""The people who hold the desks of the demonstration, one account per role at least."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from quinze.accounts.models import RoleGrant, Sas, User
from quinze.accounts.roles import Role
from quinze.base.periods import period
from quinze.directory.models import Professional

PASSWORD = "quinze-demonstration"  # noqa: S105  (printed at start; the demonstration holds no real person)
DOMAIN = "demo.quinze.invalid"


@dataclass(frozen=True, slots=True)
class Person:
    login: str
    title: str
    given: str
    family: str
    roles: tuple[Role, ...]

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"


STAFF = (
    Person("arm", "", "Lise", "Auxance", (Role.ARM,)),
    Person("arm2", "", "Théo", "Miosson", (Role.ARM,)),
    Person("coordonnateur", "", "Aline", "Pallu", (Role.ARM_COORDINATOR,)),
    Person("superviseur", "", "Marie", "Clain", (Role.SUPERVISOR,)),
    Person("osnp", "", "Nadia", "Vonne", (Role.OSNP,)),
    Person("osnp2", "", "Hugo", "Envigne", (Role.OSNP,)),
    Person("amu", "Dr", "Marc", "Anglin", (Role.REGULATEUR_AMU,)),
    Person("snp", "Dr", "Anne", "Gartempe", (Role.REGULATEUR_SNP,)),
    Person("snp2", "Dr", "Paul", "Clouère", (Role.REGULATEUR_SNP, Role.REGULATEUR_AMU)),
    Person("expert", "Dr", "Inès", "Creuse", (Role.EXPERT,)),
    Person("secretariat", "", "Julie", "Benaize", (Role.DELEGATAIRE,)),
    Person("structure", "", "Karim", "Dive", (Role.STRUCTURE_MANAGER,)),
    Person("comptes", "", "Odette", "Boivre", (Role.ACCOUNTS_MANAGER,)),
    Person("referent", "Dr", "Louis", "Salleron", (Role.REFERENT,)),
    Person("ioa", "", "Chloé", "Luire", (Role.IOA,)),
    Person("ars", "", "Simon", "Asse", (Role.INDICATOR_READER,)),
    Person("admin", "", "Jeanne", "Torchaise", (Role.ADMINISTRATOR,)),
    # Hands of the simulated day, so that people's own accounts are left to people.
    Person("arm.jour", "", "Sofia", "Ozon", (Role.ARM,)),
    Person("amu.jour", "Dr", "Félix", "Rivau", (Role.REGULATEUR_AMU,)),
    Person("snp.jour", "Dr", "Denise", "Sonne", (Role.REGULATEUR_SNP,)),
    Person("osnp.jour", "", "Gaspard", "Bief", (Role.OSNP,)),
)


def create(*, sas: Sas, at: datetime, doctors: list[Professional], others: Sequence[Person] = ()) -> dict[str, User]:
    """Accounts by login; `doctors` receive effecteur accounts medecin, medecin2… `others`: not among those shown."""
    effecteurs = [_effecteur(rank, doctor) for rank, doctor in enumerate(doctors)]
    people = [*STAFF, *effecteurs, *others]
    secret = make_password(PASSWORD)  # one hash for all: it is the same public password
    users = User.objects.bulk_create(
        User(email=p.email, given_name=p.given, family_name=p.family, title=p.title, password=secret, created_at=at)
        for p in people
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(user=user, sas=sas, role=role, during=period(at - timedelta(days=60)), granted_at=at)
        for person, user in zip(people, users, strict=True)
        for role in person.roles
    )
    for doctor, user in zip(doctors, users[len(STAFF) : len(STAFF) + len(doctors)], strict=True):
        doctor.account = user
        doctor.save(update_fields=["account"])
    return {person.login: user for person, user in zip(people, users, strict=True)}


def _effecteur(rank: int, doctor: Professional) -> Person:
    return Person(f"medecin{rank + 1 if rank else ''}", "Dr", doctor.given_name, doctor.family_name, (Role.EFFECTEUR,))


def table() -> list[tuple[str, str]]:
    """(e-mail, roles) of the accounts that a person may try, for the start-up message and the login page."""
    shown = [p for p in STAFF if not p.login.endswith(".jour")]
    rows = [(p.email, ", ".join(Role(role).label for role in p.roles)) for p in shown]
    rows.insert(9, (f"medecin@{DOMAIN}", Role.EFFECTEUR.label))
    return rows
