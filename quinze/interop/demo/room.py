"""The other people of the room, who fill its roster: nobody logs in as them unless to see what the roster forbids."""

from dataclasses import dataclass

from quinze.accounts.roles import Role
from quinze.interop.demo.staff import Person

ARM, OSNP, AMU, SNP = Role.ARM, Role.OSNP, Role.REGULATEUR_AMU, Role.REGULATEUR_SNP

ROOM = (
    Person("arm3", "", "Inès", "Rhune", (ARM,)),
    Person("arm4", "", "Malo", "Bouleure", (ARM,)),
    Person("arm5", "", "Carole", "Payroux", (ARM,)),
    Person("arm6", "", "Yanis", "Issoire", (ARM,)),
    Person("arm7", "", "Fanny", "Blourde", (ARM, OSNP)),
    Person("arm8", "", "Régis", "Talbat", (ARM,)),
    Person("arm9", "", "Sarah", "Crochet", (ARM,)),
    Person("arm10", "", "Loïc", "Négron", (ARM,)),
    Person("arm11", "", "Mina", "Feuillante", (ARM,)),
    Person("arm12", "", "Pierre", "Allochon", (ARM,)),
    Person("arm13", "", "Aude", "Prépson", (ARM,)),
    Person("arm14", "", "Noé", "Briande", (ARM,)),  # learns
    Person("osnp3", "", "Zoé", "Veude", (OSNP,)),
    Person("osnp4", "", "Karim", "Mâble", (OSNP,)),
    Person("osnp5", "", "Line", "Bourouse", (OSNP,)),
    Person("amu2", "Dr", "Hélène", "Tardoire", (AMU,)),
    Person("amu3", "Dr", "Samir", "Thouet", (AMU,)),
    Person("amu4", "Dr", "Judith", "Argenton", (AMU,)),
    Person("amu5", "Dr", "Victor", "Cébron", (AMU,)),
    Person("snp3", "Dr", "Colette", "Viette", (SNP,)),
    Person("snp4", "Dr", "Bastien", "Longève", (SNP,)),
    Person("snp5", "Dr", "Maud", "Rune", (SNP,)),  # regulates from home
    Person("snp6", "Dr", "Éric", "Bandiat", (SNP,)),
    Person("snp7", "Dr", "Noëlle", "Palais", (SNP,)),
)


@dataclass(frozen=True, slots=True)
class Contract:
    """What the rules of working time know of somebody; who is not here has the law alone."""

    weekly_hours: int | None = None
    nights: bool = True
    trainee: bool = False
    remote: bool = False
    quota: int = 0
    posts: tuple[Role, ...] = ()


FULL_TIME, HALF_TIME = Contract(40), Contract(24)
CONTRACTS = {
    **dict.fromkeys(("arm", "arm2", "arm3", "arm4", "arm5", "arm6", "arm8", "arm9", "arm10", "arm11"), FULL_TIME),
    "arm7": Contract(24, posts=(OSNP,)),  # holds both roles, planned on one
    "arm12": Contract(40, nights=False),
    "arm13": HALF_TIME,
    "arm14": Contract(36, trainee=True, quota=2),
    **dict.fromkeys(("osnp", "osnp2", "osnp3", "osnp4"), Contract(36, nights=False)),
    "osnp5": Contract(20, nights=False),
    "snp5": Contract(remote=True),
}
# Login, weekday (Monday 0), night or not, weight: what the pages show as wishes.
WISHES: tuple[tuple[str, int | None, bool | None, int], ...] = (
    ("arm", 2, None, -8),
    ("arm5", None, True, 6),
    ("arm9", None, True, -3),
    ("arm10", 6, None, -3),
)
