"""The whole model of a scenario, compiled: same sample, same log as the oracle, to the last bit."""

import numpy as np

from quinze.science.callcentre.log import Log
from quinze.science.callcentre.plan import Plan
from quinze.science.callcentre.sample import Sample

from .layout import lay_out


def play(plan: Plan, sample: Sample) -> Log:
    """Every call of the sample to its end, or until nothing more can happen."""
    from .kernels import callers  # noqa: PLC0415  (numba is read when something is computed)
    from .kernels import general as kernels  # noqa: PLC0415
    from .kernels.compiled import call  # noqa: PLC0415

    log = Log.empty(plan, sample)
    given = callers.Given(
        sample.arrival,
        sample.kind.astype(np.int64),
        sample.centre.astype(np.int64),
        sample.steps.astype(np.int64),
        sample.talk,
        sample.conference,
        sample.wrap_up,
        sample.patience,
        sample.later_patience,
        sample.redial,
        sample.redial_delay,
        np.array([0.0, plan.redial_after_abandon, plan.redial_after_busy]),
    )
    told = callers.Told(
        log.presented,
        log.left,
        log.door,
        log.queued,
        log.answered,
        log.briefed,
        log.ended,
        log.released,
        log.free,
        log.agent,
        log.hung_up,
        log.diverted,
        log.closed,
    )
    call(kernels.play, lay_out(plan, len(sample)), given, told, plan.on_duty.astype(np.int64))
    return log
