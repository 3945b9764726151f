"""The day of a capacity study, to be played: the same calls, flows, durations and posts as its formulas are given."""

from collections.abc import Mapping, Sequence

from quinze.science.queueing.capacity import Organisation, Study

from .durations import NOTHING, Duration, Exponential, Lognormal
from .model import (
    SLOT_MINUTES,
    Arrivals,
    Centre,
    ClassRules,
    Group,
    Handover,
    Level,
    LevelRules,
    Scenario,
    Skill,
    Step,
)
from .organisations import one_level

SPREAD = 0.8
"""Standard deviation ÷ mean of durations; formulas have 1."""
QUARTERS = 60 // SLOT_MINUTES
LINES = {
    "n1": Level.N1,
    "n2_amu": Level.N2_AMU,
    "n2_snp": Level.N2_SNP,
    "n3_amu": Level.N3_AMU,
    "n3_snp": Level.N3_SNP,
}


def scenario_of(
    study: Study,
    *,
    posts: Mapping[str, Sequence[int]],
    name: str,
    replications: int,
    calls: Sequence[float] | None = None,
) -> Scenario:
    """`posts` by line of the study (its keys) and hour, 24 of them. Days differ as the study says. With `calls`, per
    quarter-hour, they and `posts` are given by quarter-hour, as many as one likes, instead of by the hour of a day.
    ScenarioError where a figure that a formula takes cannot be played (a conversation of less than a second)."""
    if calls is None:
        calls = [rate / QUARTERS for rate in study.calls_by_hour for _ in range(QUARTERS)]
        posts = {line: [count for count in held for _ in range(QUARTERS)] for line, held in posts.items()}
    arrivals = Arrivals(per_slot=tuple(calls), day_cv=study.daily_spread)
    patience = study.front.patience_s
    door = LevelRules(patience=None if patience is None else Exponential(patience))
    single = study.organisation == Organisation.ONE_LEVEL
    held = {**posts, "n1": posts["arm"]} if single else posts
    whole = Scenario(
        name=name,
        slots=len(calls),
        centres=(Centre(name=name, arrivals=arrivals, groups=_groups(held, len(calls))),),
        classes=_classes(study),
        levels=(door, *(LevelRules(),) * 5),
        replications=replications,
    )
    return one_level(whole) if single else whole


def _groups(posts: Mapping[str, Sequence[int]], slots: int) -> tuple[Group, ...]:
    """Levels that a one-level study does not have are there with nobody: they are about to be made one with the
    first."""
    return tuple(
        Group(name=level.name, skills=(Skill(level=level),), agents=tuple(posts.get(line, (0,) * slots)))
        for line, level in LINES.items()
    )


def _classes(study: Study) -> tuple[ClassRules, ClassRules, ClassRules, ClassRules]:
    flows, times = study.flows, study.durations
    talk = _lasting(times.answer_s)
    ring = Step(level=Level.N1, talk=talk, goes_on=1)
    kept = Step(
        level=Level.N1, talk=talk, goes_on=1, handover=Handover.ATTENDED, conference=_lasting(times.conference_s)
    )
    doctors = {
        Level.N2_AMU: (Level.N3_AMU, times.doctor_amu_s, flows.doctor_amu),
        Level.N2_SNP: (Level.N3_SNP, times.doctor_snp_s, flows.doctor_snp),
    }

    def path(first: Step, level: Level, seconds: float, priority: int) -> tuple[Step, ...]:
        doctor, doctor_s, asked = doctors[level]
        second = Step(level=level, talk=_lasting(seconds), priority=priority, goes_on=asked)
        return first, second, Step(level=doctor, talk=_lasting(doctor_s), priority=priority)

    return (
        ClassRules(share=flows.vital, path=path(kept, Level.N2_AMU, times.vital_s, 0)),
        ClassRules(share=flows.amu, path=path(ring, Level.N2_AMU, times.amu_s, 1)),
        ClassRules(share=flows.snp, path=path(ring, Level.N2_SNP, times.snp_s, 1)),
        ClassRules(share=1 - flows.vital - flows.amu - flows.snp, path=(Step(level=Level.N1, talk=talk),)),
    )


def _lasting(seconds: float) -> Duration:
    return Lognormal(seconds, SPREAD) if seconds else NOTHING
