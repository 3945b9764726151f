"""Any call centre that the model accepts, from a number: small, busy, and with every mechanism mixed at random.

Durations are often fixed and arrivals regular, so that many things happen at the same instant: this is where engines
differ.
"""

from random import Random

from quinze.science.callcentre.durations import NOTHING, Duration, Empirical, Exponential, Fixed, Lognormal
from quinze.science.callcentre.model import (
    Absence,
    Arrivals,
    Background,
    Centre,
    ClassRules,
    Group,
    Handover,
    Incident,
    Level,
    LevelRules,
    Outage,
    Pooling,
    Redial,
    Scenario,
    Skill,
    Step,
    Surge,
)


def any_centre(number: int) -> Scenario:
    draw = Random(number)
    slots = draw.choice([1, 2, 4])
    levels = draw.sample(list(Level), draw.randint(1, 6))
    centres = tuple(_centre(draw, f"SAS {index}", slots, levels) for index in range(draw.choice([1, 1, 2, 3])))
    return Scenario(
        name=f"centre {number}",
        slots=slots,
        centres=centres,
        classes=_classes(draw, levels),
        levels=tuple(_level(draw) for _ in Level),  # type: ignore[arg-type]
        redial=Redial(
            after_abandon=draw.choice([0, 0.5, 1]),
            after_busy=draw.choice([0, 0.7, 1]),
            delay=_duration(draw, 60),
            attempts=draw.choice([0, 1, 3]),
        ),
        pooling=draw.choice([None, Pooling(levels=tuple(levels[:2]), after=draw.choice([0.0, 0.0, 20.0]))]),
        incidents=tuple(_incident(draw, slots, centres) for _ in range(draw.choice([0, 0, 1, 2]))),
        seed=number,
    )


def _duration(draw: Random, mean: float) -> Duration:
    return draw.choice(
        [Fixed(mean), Fixed(mean), Exponential(mean), Lognormal(mean, 0.9), Empirical((mean / 2, mean, 2 * mean))]
    )


def _classes(draw: Random, levels: list[Level]) -> tuple[ClassRules, ClassRules, ClassRules, ClassRules]:
    weights = [draw.choice([0, 1, 2]) for _ in range(3)] + [1]
    one, two, three, four = (
        ClassRules(share=weight / sum(weights), path=_path(draw, levels, draw.randint(1, 4))) for weight in weights
    )
    return one, two, three, four


def _path(draw: Random, levels: list[Level], length: int) -> tuple[Step, ...]:
    return tuple(_step(draw, draw.choice(levels), last=index == length - 1) for index in range(length))


def _step(draw: Random, level: Level, *, last: bool) -> Step:
    handover = draw.choice(list(Handover))
    attended = handover is Handover.ATTENDED and not last
    return Step(
        level=level,
        talk=_duration(draw, draw.choice([10, 45, 45, 150])),
        priority=draw.choice([0, 1, 1, 2]),
        goes_on=0 if last else draw.choice([0.3, 0.7, 1]),
        handover=handover,
        conference=draw.choice([_duration(draw, 20), NOTHING]) if attended else NOTHING,
    )


def _level(draw: Random) -> LevelRules:
    return LevelRules(
        patience=draw.choice([None, _duration(draw, 30), _duration(draw, 200)]),
        wrap_up=draw.choice([NOTHING, _duration(draw, 15)]),
        answer_delay=draw.choice([0.0, 0.0, 5.0]),
        reserve=draw.choice([0, 0, 1]),
        call_back=draw.choice([True, False]),
        divert_after=draw.choice([None, None, 30.0, 240.0]),
    )


def _centre(draw: Random, name: str, slots: int, levels: list[Level]) -> Centre:
    groups = [_group(draw, f"groupe {level.name}", slots, level, levels) for level in levels]
    tasks = [
        Background(
            level=level, per_hour=draw.choice([0, 20, 60]), duration=_duration(draw, 60), priority=draw.choice([1, 9])
        )
        for level in draw.sample(levels, 1)
    ]
    return Centre(
        name=name,
        arrivals=Arrivals(
            per_slot=tuple(draw.choice([0, 10, 30, 60]) for _ in range(slots)),
            slot_cv=draw.choice([0, 0.3]),
            day_cv=draw.choice([0, 0.2]),
            regular=draw.random() < 0.3,
        ),
        groups=tuple(groups),
        background=tuple(tasks),
        trunks=draw.choice([None, None, 3, 10]),
    )


def _group(draw: Random, name: str, slots: int, own: Level, levels: list[Level]) -> Group:
    others = [level for level in draw.sample(levels, draw.randint(0, len(levels))) if level != own]
    helps = [Skill(level=level, after=draw.choice([0.0, 0.0, 15.0, 60.0])) for level in others]
    skills = [Skill(level=own, after=draw.choice([0.0, 0.0, 0.0, 10.0])), *helps]
    draw.shuffle(skills)
    return Group(name=name, skills=tuple(skills), agents=tuple(draw.choice([1, 2, 3, 5]) for _ in range(slots)))


def _incident(draw: Random, slots: int, centres: tuple[Centre, ...]) -> Incident:
    where = draw.choice([None, centres[0].name])
    start = draw.randrange(slots)
    return draw.choice(
        [
            Outage(start=200, end=500, centre=where),
            Surge(factor=3, start_slot=start, end_slot=slots, centre=where),
            Absence(group=centres[0].groups[0].name, agents=2, start_slot=start, end_slot=slots, centre=where),
        ]
    )
