"""What the rounds of timings come to, from records alone.

level        how intervals are made
medians      one timing: its median, its spread, and whether to believe it
doubts       the reasons to call it noisy, each with what to do next
rates        one timing: what it handles in a second, and its share of what the machine can do
cells        the timings that were measured in turn, by classifier, stage and role
breakdown    one classifier in a cell: the share of each stage, and the rest
compared     classifiers of a cell with the first of them, beside the noise floor
"""

from __future__ import annotations

from harness.rounds.breakdown import LARGEST_REST, Breakdown, Part, breakdown, breakdowns
from harness.rounds.cells import Cell, Member, cells
from harness.rounds.compared import Floor, TimingComparison, compare, comparisons, floor, plain_ratio
from harness.rounds.doubts import Doubt, doubts_of
from harness.rounds.level import Level
from harness.rounds.medians import Rounds, median_of, of
from harness.rounds.rates import Rates, bandwidth_share, peak_share, rates

__all__ = [
    "LARGEST_REST",
    "Breakdown",
    "Cell",
    "Doubt",
    "Floor",
    "Level",
    "Member",
    "Part",
    "Rates",
    "Rounds",
    "TimingComparison",
    "bandwidth_share",
    "breakdown",
    "breakdowns",
    "cells",
    "compare",
    "comparisons",
    "doubts_of",
    "floor",
    "median_of",
    "of",
    "peak_share",
    "plain_ratio",
    "rates",
]
