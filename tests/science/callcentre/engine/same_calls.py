"""The calls that the fast engine drew, for the general one."""

import numpy as np

from quinze.science.callcentre.durations import Duration, Floats
from quinze.science.callcentre.engine.bilevel import ROWS, Flow
from quinze.science.callcentre.sample import Sample

KINDS = np.array([0, 0, 1, 1, 2, 2, 3], np.int8)


def sample_of(calls: Floats, flow: Flow) -> Sample:
    """The fast engine draws a patience for those who wait and a talk for those who reach a level; the others are given
    one here, for the case where the other engine makes them wait or reach it."""
    row = dict(zip(ROWS, calls, strict=True))
    drawn = np.random.default_rng(1)
    code = row["code"].astype(int)
    kind = KINDS[code]
    vital, nothing = kind == 0, np.zeros(len(code))

    def known(name: str, durations: tuple[Duration, ...]) -> Floats:
        means = np.array([*(duration.mean for duration in durations), 0.0])[kind]
        return np.where(np.isnan(row[name]), means, row[name])

    briefing = np.where(vital, known("conference", (flow.conference,) * 3), 0.0)
    patience = drawn.exponential(flow.patience, len(code)) if np.isfinite(flow.patience) else nothing + np.inf
    return Sample(
        arrival=np.ascontiguousarray(row["arrival"]),
        kind=kind,
        centre=np.zeros(len(code), np.int32),
        steps=np.where(kind < 3, 2 + code % 2, 1).astype(np.int8),
        talk=np.stack([row["talk"], known("length_2", flow.second), known("length_3", flow.third)], axis=1),
        conference=np.stack([nothing, briefing, nothing], axis=1),
        wrap_up=np.zeros((len(code), 3)),
        patience=np.where(np.isnan(row["patience"]), patience, row["patience"])[:, None],
        later_patience=np.full((len(code), 3), np.inf),
        redial=np.zeros((len(code), 0)),
        redial_delay=np.zeros((len(code), 0)),
    )
