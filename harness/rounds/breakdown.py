"""Where the time of one classifier goes: the share of each stage in `classify`, and the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.records import Metric, Run, Step, Timing
from harness.rounds.cells import NOT_IN_TURN, STEPS, Cell, Member, cells, seconds_of
from harness.rounds.level import Level, recorded, undefined
from harness.rounds.medians import median_of
from harness.statistics import Estimate, NoInterval, rest_interval

LARGEST_REST = 0.05
"""Of `classify`: more is spent in no stage, and deserves a look."""
PARTS: tuple[Step, ...] = STEPS[:-1]


@dataclass(frozen=True)
class Part:
    """One stage, or the placing between two of them."""

    timing: Timing
    share: float
    """Its median ÷ that of `classify`."""

    @property
    def stage(self) -> Step:
        return self.timing.stage


@dataclass(frozen=True)
class Breakdown:
    """The time of one classifier in one cell. Shares and rest add up to 1."""

    cell: Cell
    member: Member
    whole: Timing
    """`classify`, end to end."""
    parts: tuple[Part, ...]
    """Those that were measured, in the order of a call."""
    rest: Metric
    """`classify` less all of the parts, as a share of `classify`: below 0 by noise, or where a stage alone is
    slower than within the whole. Undefined where a part was not measured."""

    @property
    def flagged(self) -> bool:
        """The rest is above 5 % of `classify`."""
        return self.rest.value is not None and self.rest.value > LARGEST_REST

    @property
    def noise_explains(self) -> bool | None:
        """Whether the interval of the rest reaches 0, so that there may be none; None without an interval."""
        return None if self.rest.low is None else self.rest.low <= 0


def breakdown(cell: Cell, member: Member, level: Level | None = None) -> Breakdown | None:
    """Where the time of one classifier of the cell goes; None where `classify` was not measured."""
    whole = cell.case(member, "classify")
    if whole is None or not median_of(whole):
        return None
    parts = {stage: cell.case(member, stage) for stage in PARTS}
    measured = [part for part in parts.values() if part is not None]
    missing = [stage for stage, part in parts.items() if part is None]
    middle = median_of(whole)
    return Breakdown(
        cell=cell,
        member=member,
        whole=whole,
        parts=tuple(Part(part, median_of(part) / middle) for part in measured),
        rest=undefined(f"not measured: {', '.join(missing)}") if missing else _rest(cell, measured, whole, level),
    )


def breakdowns(run: Run) -> tuple[Breakdown, ...]:
    """Of every classifier in every cell of a run, where `classify` was measured."""
    level = Level.of(run)
    every = (breakdown(cell, member, level) for cell in cells(run.timings) for member in cell.members)
    return tuple(each for each in every if each is not None)


def _rest(cell: Cell, parts: list[Timing], whole: Timing, level: Level | None) -> Metric:
    level = level or Level()
    if not cell.in_turn(whole, *parts):
        alone = 1 - sum(median_of(part) for part in parts) / median_of(whole)
        return recorded(Estimate(alone, NoInterval(NOT_IN_TURN)))
    return recorded(
        rest_interval(
            np.array([seconds_of(part) for part in parts]),
            seconds_of(whole),
            confidence=level.confidence,
            resamples=level.resamples,
            generator=level.generator,
        )
    )
