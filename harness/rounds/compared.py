"""Classifiers of a cell against the first of them, stage by stage, beside the machine's own noise.

A ratio counts as a difference only where it passes two tests. Its interval leaves 1 out; and it is
farther from 1 than the noise floor: the farther end of the interval of the A/A ratio, which is the
first classifier's case against the same case once more. The interval alone would be wrong in 1 of 20
comparisons, and a run holds dozens; nor does it know what one thing differs by from itself for
longer than a cycle, such as where its memory lies. The floor holds both.

Simulated as in `harness.statistics.rounds` (noise of 5 %, slow phases, spikes), of 6, 10, 30 and 100
cycles: a thing differed from itself in 0.2, 0.3, 0.4 and 1.3 % of comparisons; a ratio of 1.2 was told in
71, 66, 100 and 100 %, and one of 1.1 in 23, 55, 100 and 100 %. At noise of 15 %, false alarms were as
rare, and 1.2 was told in 7, 25, 87 and 100 %: where that is too little, the remedy is more rounds.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.records import Metric, Run, Step, Timing
from harness.rounds.cells import NOT_IN_TURN, Cell, Member, cells, seconds_of
from harness.rounds.level import Level, recorded, undefined
from harness.rounds.medians import median_of
from harness.statistics import Estimate, NoInterval, Undefined, ratio_interval


@dataclass(frozen=True)
class Floor:
    """The noise floor of a stage in a cell: what the same case differs by from itself."""

    ratio: Metric
    """The case measured once more ÷ the case; undefined where there is no such control."""

    @property
    def reach(self) -> float | None:
        """The farther end of the interval from 1, as a factor above 1: 1.03 is ±3 %. None without an interval."""
        return None if self.ratio.low is None or self.ratio.high is None else max(self.ratio.high, 1 / self.ratio.low)


@dataclass(frozen=True)
class TimingComparison:
    """One stage of one classifier against the same stage of the first of the cell."""

    cell: Cell
    stage: Step
    candidate: Timing
    reference: Timing
    ratio: Metric
    """Seconds of the candidate ÷ seconds of the reference, from the same cycles: above 1 is slower."""
    floor: Floor

    @property
    def beyond_noise(self) -> bool | None:
        """Whether there is a difference; None where that cannot be told, for the reason below."""
        ratio, reach = self.ratio, self.floor.reach
        if ratio.value is None or ratio.low is None or ratio.high is None or reach is None:
            return None
        return not ratio.low <= 1 <= ratio.high and max(ratio.value, 1 / ratio.value) > reach

    @property
    def reason(self) -> str:
        """Why it cannot be told whether there is a difference; empty where it can."""
        if self.beyond_noise is not None:
            return ""
        own = self.ratio.reason or self.ratio.interval_reason
        return own or f"no noise floor: {self.floor.ratio.reason or self.floor.ratio.interval_reason}"


def compare(run: Run) -> tuple[TimingComparison, ...]:
    """Every comparison within the cells of a run: cell by cell, classifier by classifier, stage by stage."""
    level = Level.of(run)
    return tuple(each for cell in cells(run.timings) for each in comparisons(cell, level))


def comparisons(cell: Cell, level: Level | None = None) -> tuple[TimingComparison, ...]:
    """Every classifier of a cell against the first; none where there is one alone."""
    first, *others = cell.members
    floors = {stage: floor(cell, stage, level) for stage in cell.stages} if others else {}
    found = []
    for member in others:
        for stage in cell.stages:
            candidate, reference = cell.case(member, stage), cell.case(first, stage)
            if candidate is not None and reference is not None:
                ratio = _ratio(cell, candidate, reference, level)
                found.append(TimingComparison(cell, stage, candidate, reference, ratio, floors[stage]))
    return tuple(found)


def floor(cell: Cell, stage: Step, level: Level | None = None) -> Floor:
    """The noise floor of a stage: that of the first classifier, the only one with a control."""
    first = cell.members[0]
    case, control = cell.case(first, stage), cell.control(first, stage)
    if case is None or control is None:
        return Floor(undefined(f"{stage} was not measured twice in this cell"))
    return Floor(_ratio(cell, control, case, level))


def plain_ratio(cell: Cell, member: Member, level: Level | None = None) -> Metric:
    """The tokenize stage ÷ the bare call of the `tokenizers` library on the same texts: 1 adds nothing to it."""
    stage, plain = cell.case(member, "tokenize"), cell.plain(member)
    if stage is None or plain is None:
        return undefined("no bare call of the tokenizers library was measured in this cell")
    return _ratio(cell, stage, plain, level)


def _ratio(cell: Cell, candidate: Timing, reference: Timing, level: Level | None) -> Metric:
    level = level or Level()
    if cell.in_turn(candidate, reference):
        return recorded(ratio_interval(seconds_of(candidate), seconds_of(reference), confidence=level.confidence))
    below = median_of(reference)
    if not below:
        return recorded(Undefined("the reference took no time that the clock could see"))
    return recorded(Estimate(median_of(candidate) / below, NoInterval(NOT_IN_TURN)))
