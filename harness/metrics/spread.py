"""How much the mean of what examples contribute would vary from sample to sample, as they were drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.metrics.arrays import PerExample
from harness.statistics.design import Design, spread_between, variance_within
from harness.statistics.moments import Moments


@dataclass(frozen=True)
class Spread:
    """Of an estimate: its standard error, and how much that can be trusted."""

    error: float
    freedom: float
    """Degrees of freedom of Student's t distribution."""
    method: str
    """Text of the interval."""
    test: str
    """Text of the test."""


def independent(moments: Moments, method: str, differing: int | None = None) -> Spread:
    """Of the mean of independent examples; with few of them that differ from 0, these are what tells the spread."""
    error = math.sqrt(moments.squares / max(1, moments.count - 1) / moments.count)
    seen = moments.count if differing is None else differing
    return Spread(error, seen - 1.0, f"t, {method}", "paired t")


def spread_of(contributions: PerExample, design: Design, method: str, differing: int | None = None) -> Spread:
    """Of the mean contribution under a design.

    Independent: the deviation over √N. Stratified: that of the examples within their strata alone. Clustered: that
    of leaving each cluster out in turn, as `mean_interval` has it, with its degrees of freedom.

    Args:
        contributions: (N,) float64.
        design: Of the same examples.
        method: Text of what contributes.
        differing: Examples that contribute, where that may be few; the degrees of freedom are fewer by one at least.
    """
    if design.unit is None:
        return independent(Moments.of(contributions), method, differing)
    most = math.inf if differing is None else differing - 1.0
    if design.kind == "stratified":
        pooled = design.pooled()
        error = math.sqrt(variance_within(pooled, contributions))
        freedom = float(len(contributions) - len(pooled.sizes))
    else:
        between = spread_between(design, contributions)
        error, freedom = between.deviation, between.freedom
    robust = "stratified" if design.kind == "stratified" else "cluster-robust"
    return Spread(error, min(most, freedom), f"t, {method}, {robust}, {design.described}", f"paired t, {robust}")
