"""The general engine made ready: compiled once on a machine, read back by each process that will play a day.

`python -m quinze.science.callcentre.engine.ready` compiles it, at a low priority: a process that answers people should
not do so itself.
"""

import os
from pathlib import Path


def is_kept() -> bool:
    """Whether some process has compiled it on this machine, with the kernels as they are now."""
    from .kernels.compiled import HERE, cache_folder  # noqa: PLC0415  (numba)

    return any(Path(cache_folder() or HERE).rglob("general.play-*.nbi"))


def read() -> None:
    """Compiles where nothing is kept: half a minute."""
    from quinze.science.callcentre.durations import Fixed  # noqa: PLC0415  (numpy)
    from quinze.science.callcentre.model import (  # noqa: PLC0415
        Arrivals,
        Centre,
        ClassRules,
        Group,
        Level,
        Scenario,
        Skill,
        Step,
    )
    from quinze.science.callcentre.results import simulate  # noqa: PLC0415

    path = (Step(level=Level.N1, talk=Fixed(60)),)
    nobody = ClassRules(share=0, path=path)
    group = Group(name="ARM", skills=(Skill(level=Level.N1),), agents=(1,))
    centre = Centre(name="prêt", arrivals=Arrivals(per_slot=(1.0,)), groups=(group,))
    classes = (nobody, nobody, nobody, ClassRules(share=1, path=path))
    simulate(Scenario(name="prêt", slots=1, centres=(centre,), classes=classes), replications=1)


if __name__ == "__main__":
    os.nice(10)
    read()
