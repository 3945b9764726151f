"""One level or two, at equal work: the same calls, the same seconds of agent, the same people.

In a one-level centre whoever answers keeps the call to the end of what N1 and N2 do together; nothing is handed over
before the doctor. Its conversation lasts, on average, exactly what both levels spend on the call, both briefings
included. So neither organisation is given an advantage in work, and only the queues differ.
"""

from dataclasses import replace

import numpy as np

from .compare import Comparison, Measure, qs
from .durations import DAY, Duration, Empirical, Exponential, Fixed, Lognormal
from .errors import ScenarioError
from .intervals import interval
from .model import Centre, ClassRules, Group, Level, Scenario, Skill, Step

SECOND = (Level.N2_AMU, Level.N2_SNP)
SMALLEST_CV = 0.01


def one_level(scenario: Scenario) -> Scenario:
    """The same centre with its two first levels made one, N1. Wrap-up is that of both levels when a call goes through
    both; groups of N1 and N2 become one of as many agents; those who do something else too keep it.
    """
    if not any(step.level in SECOND for rules in scenario.classes for step in rules.path):
        raise ScenarioError("organisation", "ce scénario n’a qu’un niveau : aucun appel ne va en N2.")
    vital, urgent, unplanned, fileless = (_merged_path(rules, scenario) for rules in scenario.classes)
    return replace(
        scenario,
        name=f"{scenario.name}, à un niveau",
        classes=(vital, urgent, unplanned, fileless),
        centres=tuple(_merged_groups(centre) for centre in scenario.centres),
        levels=(replace(scenario.levels[Level.N1], divert_after=None), *scenario.levels[1:]),
        pooling=None if scenario.pooling is None else replace(scenario.pooling, levels=(Level.N1,)),
    )


def _merged_path(rules: ClassRules, scenario: Scenario) -> ClassRules:
    """A call that always goes on from N1 to N2 becomes one longer conversation; the rest of its path is unchanged."""
    first, *rest = rules.path
    if not rest or first.level is not Level.N1 or rest[0].level not in SECOND:
        return rules
    second, *others = rest
    if first.goes_on != 1:
        raise ScenarioError("organisation", "les appels qui ont une étape N2 doivent tous y aller pour comparer.")
    parts = [first.talk, first.conference, first.conference, second.talk, scenario.levels[second.level].wrap_up]
    alone = Step(
        level=Level.N1,
        talk=sum_of(parts),
        priority=first.priority,
        goes_on=second.goes_on,
        handover=second.handover,
        conference=second.conference,
    )
    return replace(rules, path=(alone, *others))


def sum_of(parts: list[Duration]) -> Duration:
    """A lognormal of the mean and variance of the sum of independent durations; fixed when nothing varies."""
    mean = sum(part.mean for part in parts)
    spread = sum(variance(part) for part in parts) ** 0.5
    if mean > DAY:
        raise ScenarioError("organisation", f"une conversation de {mean:.0f} s ; il faut au plus {DAY}.")
    return Lognormal(mean, max(SMALLEST_CV, spread / mean)) if spread else Fixed(mean)


def variance(duration: Duration) -> float:
    match duration:
        case Exponential(mean):
            return mean * mean
        case Lognormal(mean, cv):
            return (mean * cv) ** 2
        case Empirical(values):
            return float(np.var(values))
        case _:
            return 0.0


def _merged_groups(centre: Centre) -> Centre:
    front = [group for group in centre.groups if _levels(group) & {Level.N1, *SECOND}]
    others = [group for group in centre.groups if group not in front]
    more = {skill.level: skill for group in front for skill in group.skills if skill.level not in (Level.N1, *SECOND)}
    agents = tuple(sum(heads) for heads in zip(*[group.agents for group in front], strict=True))
    alone = Group(name="ARM", skills=(Skill(level=Level.N1), *more.values()), agents=agents)
    background = [task for task in centre.background if task.level not in (Level.N1, *SECOND)]
    ours = [task for task in centre.background if task not in background]
    if len(ours) > 1:
        raise ScenarioError("organisation", "du travail de fond en N1 et en N2 : n’en gardez qu’un pour comparer.")
    moved = [replace(task, level=Level.N1) for task in ours]
    return replace(centre, groups=(alone, *others), background=(*moved, *background))


def _levels(group: Group) -> set[Level]:
    return {skill.level for skill in group.skills}


def established_slots(
    comparison: Comparison, *, level: Level = Level.N1, measure: Measure | None = None, width: int = 4
) -> dict[int, int]:
    """By window of `width` quarter-hours (its first slot): 1 where `after` is better with 95 % confidence, −1 where it
    is worse, 0 where chance may explain the difference. Better is higher; QS30 unless another measure is given.
    """
    asked = measure or qs(30)
    verdicts = {}
    for start in range(comparison.before.slots.start, comparison.before.slots.stop, width):
        window = range(start, min(start + width, comparison.before.slots.stop))
        pairs = zip(
            comparison.before.each(asked, level=level, slots=window),
            comparison.after.each(asked, level=level, slots=window),
            strict=True,
        )
        found = interval([after - before for before, after in pairs])
        verdicts[start] = 0 if np.isnan(found.half_width) or found.holds(0) else int(np.sign(found.mean))
    return verdicts
