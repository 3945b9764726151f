"""101 centres for a year: their calls are those of the SAE file, all else is assumed and written here.

Shapes of the day, the week and the year; one organisation for all, lognormal durations; staff by the hour from the
load (square root rule). The file says what a centre receives in a year, not when, nor how long calls last.
"""

from math import sin, tau
from pathlib import Path

import numpy as np

from quinze.science import national
from quinze.science.callcentre.durations import NOTHING, Exponential, Lognormal
from quinze.science.callcentre.engine.bilevel import Flow
from quinze.science.callcentre.model import (
    Arrivals,
    CallClass,
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

FILE = Path(__file__).parents[2] / "../shared/data/sae/SMURSAMU_2023r.csv"
HOURS = 8760
DAY = (
    *(0.62, 0.50, 0.42, 0.37, 0.34, 0.38, 0.52, 0.76, 1.10, 1.32, 1.38, 1.34),
    *(1.26, 1.22, 1.20, 1.16, 1.18, 1.28, 1.42, 1.48, 1.36, 1.20, 1.02, 0.80),
)
WEEK_END = 1.35
SHARES = (0.05, 0.30, 0.32)
TALK, CONFERENCE = Lognormal(45, 0.8), Lognormal(20, 0.8)
SECOND = (Lognormal(180, 0.8), Lognormal(150, 0.8), Lognormal(120, 0.8))
DOCTOR = (1.0, 0.6, 0.7)
THIRD = (Lognormal(300, 0.8), Lognormal(240, 0.8), Lognormal(240, 0.8))
PATIENCE = 180.0
SPARE = 1.0  # agents above the load, in square roots of it


def calls_of_the_year(path: Path = FILE) -> dict[str, int]:
    """By centre; those who declare none are left out, and said."""
    samus = national.read(path.read_bytes())
    return {samu.finess: samu.presented for samu in samus if samu.presented}


def shape() -> np.ndarray:
    """Of the calls of each hour of the year, of mean 1; hour 0 begins a Sunday (1 January 2023)."""
    hours = np.arange(HOURS)
    day = np.array(DAY)[hours % 24]
    week = np.where((hours // 24) % 7 % 6 == 0, WEEK_END, 1.0)  # days 0 and 6: Sunday, Saturday
    year = np.array([1 + 0.08 * sin(tau * hour / HOURS + 1.2) for hour in hours])
    together = day * week * year
    return together / together.mean()


def flow_of(calls: int) -> Flow:
    rates = shape() * calls / HOURS / 3600
    vital, urgent, plain = SHARES
    work = (
        TALK.mean + vital * (CONFERENCE.mean + 5),
        vital * (CONFERENCE.mean + SECOND[0].mean) + urgent * SECOND[1].mean,
        plain * SECOND[2].mean,
        vital * DOCTOR[0] * THIRD[0].mean + urgent * DOCTOR[1] * THIRD[1].mean,
        plain * DOCTOR[2] * THIRD[2].mean,
    )
    loads = np.array([rates * seconds for seconds in work])
    return Flow(
        rates=rates,
        slot=3600.0,
        staff=np.ceil(loads + SPARE * np.sqrt(loads)).astype(np.int64),
        shares=SHARES,
        talk=TALK,
        conference=CONFERENCE,
        second=SECOND,
        doctor=DOCTOR,
        third=THIRD,
        patience=PATIENCE,
    )


def scenario_of(flow: Flow, name: str, seed: int) -> Scenario:
    """The same centre for the general engine, quarter-hour by quarter-hour."""
    slots = 4 * flow.rates.size
    groups = tuple(
        Group(
            name=level.name,
            skills=(Skill(level=level),),
            agents=tuple(int(one) for one in np.repeat(flow.staff[level], 4)),
        )
        for level in list(Level)[:5]
    )
    arrivals = Arrivals(per_slot=tuple(float(one) for one in np.repeat(flow.rates * 900, 4)))
    return Scenario(
        name=name,
        slots=slots,
        centres=(Centre(name=name, arrivals=arrivals, groups=groups),),
        classes=tuple(_class(kind) for kind in CallClass),  # type: ignore[arg-type]
        levels=(LevelRules(patience=Exponential(PATIENCE)), *(LevelRules(),) * 5),
        seed=seed,
    )


def _class(kind: CallClass) -> ClassRules:
    if kind is CallClass.X:
        return ClassRules(share=1 - sum(SHARES), path=(Step(level=Level.N1, talk=TALK),))
    second, third = (Level.N2_SNP, Level.N3_SNP) if kind is CallClass.S else (Level.N2_AMU, Level.N3_AMU)
    vital = kind is CallClass.V
    priority = 0 if vital else 1
    front = Step(
        level=Level.N1,
        talk=TALK,
        goes_on=1,
        handover=Handover.ATTENDED if vital else Handover.BLIND,
        conference=CONFERENCE if vital else NOTHING,
    )
    return ClassRules(
        share=SHARES[kind],
        path=(
            front,
            Step(level=second, talk=SECOND[kind], priority=priority, goes_on=DOCTOR[kind]),
            Step(level=third, talk=THIRD[kind], priority=priority),
        ),
    )
