"""Call centres to try things on."""

from dataclasses import replace

from quinze.science.callcentre.durations import Duration, Exponential, Fixed, Lognormal
from quinze.science.callcentre.model import (
    Arrivals,
    Background,
    Centre,
    ClassRules,
    Group,
    Handover,
    Level,
    LevelRules,
    Redial,
    Scenario,
    Skill,
    Step,
)

NOBODY = ClassRules(share=0, path=(Step(level=Level.N1, talk=Fixed(1)),))


def group(name: str, agents: int, *skills: Level | Skill, slots: int) -> Group:
    given = tuple(skill if isinstance(skill, Skill) else Skill(level=skill) for skill in skills)
    return Group(name=name, skills=given, agents=(agents,) * slots)


def one_queue(
    *,
    agents: int,
    per_hour: float,
    talk: Duration,
    slots: int = 96,
    patience: Duration | None = None,
    urgent_share: float = 0.0,
) -> Scenario:
    """Calls to one level; a share of them, of class V, has priority."""
    urgent = ClassRules(share=urgent_share, path=(Step(level=Level.N1, talk=talk, priority=0),))
    others = ClassRules(share=1 - urgent_share, path=(Step(level=Level.N1, talk=talk),))
    centre = Centre(
        name="86",
        arrivals=Arrivals(per_slot=(per_hour / 4,) * slots),
        groups=(group("ARM", agents, Level.N1, slots=slots),),
    )
    return Scenario(
        name="une file",
        slots=slots,
        centres=(centre,),
        classes=(urgent, others, NOBODY, NOBODY),
        levels=(LevelRules(patience=patience), *(LevelRules(),) * 5),
    )


def two_levels(
    *,
    n1: int,
    n2: int,
    per_hour: float,
    vital: float,
    urgent: float,
    front: Duration,
    briefing: Duration,
    vital_talk: Duration,
    urgent_talk: Duration,
    slots: int = 96,
    regular: bool = False,
) -> Scenario:
    """N1 keeps vital calls until N2 answers, passes urgent ones on, closes the others."""
    ring = Step(level=Level.N1, talk=front, goes_on=1)
    kept = Step(level=Level.N1, talk=front, goes_on=1, handover=Handover.ATTENDED, conference=briefing)
    centre = Centre(
        name="86",
        arrivals=Arrivals(per_slot=(per_hour / 4,) * slots, regular=regular),
        groups=(
            group("ARM de front", n1, Level.N1, slots=slots),
            group("ARM de filière", n2, Level.N2_AMU, slots=slots),
        ),
    )
    return Scenario(
        name="deux niveaux",
        slots=slots,
        centres=(centre,),
        classes=(
            ClassRules(share=vital, path=(kept, Step(level=Level.N2_AMU, talk=vital_talk, priority=0))),
            ClassRules(share=urgent, path=(ring, Step(level=Level.N2_AMU, talk=urgent_talk))),
            NOBODY,
            ClassRules(share=1 - vital - urgent, path=(Step(level=Level.N1, talk=front),)),
        ),
    )


def whole_sas(*, slots: int = 32, per_slot: float = 20.0) -> Scenario:
    """Every mechanism at once, busy enough to use them."""
    ring = Step(level=Level.N1, talk=Lognormal(45, 0.6), goes_on=1)
    vital = replace(ring, handover=Handover.ATTENDED, conference=Fixed(20))
    amu = Step(level=Level.N2_AMU, talk=Lognormal(150, 0.8), goes_on=0.5)
    snp = Step(level=Level.N2_SNP, talk=Lognormal(120, 0.8), goes_on=0.6, handover=Handover.CALLBACK)
    amu_doctor = Step(level=Level.N3_AMU, talk=Lognormal(180, 0.8), priority=2)
    snp_doctor = Step(level=Level.N3_SNP, talk=Lognormal(240, 0.8), goes_on=0.3, priority=3)
    booking = Step(level=Level.N4, talk=Exponential(200))
    centre = Centre(
        name="86",
        arrivals=Arrivals(per_slot=(per_slot,) * slots, day_cv=0.1, slot_cv=0.1),
        groups=(
            group("ARM de front", 2, Level.N1, slots=slots),
            group("ARM de filière", 5, Level.N2_AMU, Level.N2_SNP, Skill(level=Level.N1, after=30), slots=slots),
            group("MRU", 2, Level.N3_AMU, Skill(level=Level.N3_SNP, after=300), slots=slots),
            group("MRL", 2, Level.N3_SNP, slots=slots),
            group("OSNP", 1, Level.N4, slots=slots),
        ),
        background=(Background(level=Level.N2_AMU, per_hour=6, duration=Exponential(60)),),
        trunks=30,
    )
    door = LevelRules(patience=Exponential(150), wrap_up=Exponential(8), answer_delay=4, divert_after=240)
    later = LevelRules(patience=Lognormal(400, 1), wrap_up=Fixed(15), answer_delay=2)
    return Scenario(
        name="SAS entier",
        slots=slots,
        centres=(centre,),
        classes=(
            ClassRules(share=0.05, path=(vital, replace(amu, priority=0, handover=Handover.ATTENDED), amu_doctor)),
            ClassRules(share=0.3, path=(ring, amu, amu_doctor)),
            ClassRules(share=0.35, path=(ring, snp, snp_doctor, booking)),
            ClassRules(share=0.3, path=(Step(level=Level.N1, talk=Exponential(30)),)),
        ),
        levels=(door, replace(later, reserve=1), later, later, replace(later, call_back=False), LevelRules()),
        redial=Redial(after_abandon=0.5, after_busy=0.8, delay=Exponential(60), attempts=2),
    )
