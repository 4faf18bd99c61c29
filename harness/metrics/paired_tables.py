"""Differences between metrics of the confusion matrix, from tables that the joint table gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from harness.metrics.arrays import Predicted, Statistic
from harness.metrics.classification import FROM_MARGINS, FromMargins
from harness.metrics.confusion import Margins
from harness.metrics.difference import (
    Difference,
    changed_lacking,
    identical,
    of_spread,
    undefined,
    without_interval,
)
from harness.metrics.evidence import examples_lacking, of_a_class_lacking
from harness.metrics.joint import JointCells, Pair
from harness.metrics.spread import Spread, independent, spread_of
from harness.statistics import Estimate, NoInterval, Scalar, Undefined
from harness.statistics.arrays import Counts, LeftOut, Replicates, Sample
from harness.statistics.design import Design, clusters_lacking
from harness.statistics.permutation import permutation_p_value

IDENTICAL = "the predicted classes are identical"

FEWEST_RESAMPLES = 100
"""The standard error from these is known to 7 %."""

WEIGHED = ("balanced_accuracy", "quadratic_weighted_kappa")
"""Where one change may weigh many times as much as another: in a rare class, or far off."""


def recall_of_occurring(of: Margins) -> Statistic:
    """The mean of recall over the classes that occur: balanced accuracy."""
    occurs = of.gold > 0
    recall = np.divide(of.right, of.gold, out=np.zeros(of.gold.shape), where=occurs)
    mean: Statistic = np.asarray(recall.sum(axis=-1) / occurs.sum(axis=-1))
    return mean


FROM_TABLES: Mapping[str, FromMargins] = {
    "balanced_accuracy": FromMargins(recall_of_occurring, of_a_class_lacking),
    **FROM_MARGINS,
}


@dataclass(frozen=True)
class LabelPairs:
    """The joint table, and how its examples were drawn."""

    joint: JointCells
    design: Design
    places: Predicted
    """(N,) int64, the cell of each example; none where they are independent, which needs no places."""
    confidence: float
    """Level of the intervals, between 0 and 1."""
    resamples: int
    """Of the bootstrap, and as many of the swap permutation."""
    seed: int
    """Of either."""

    @property
    def clustered(self) -> bool:
        return self.design.kind == "clustered"

    @property
    def runs(self) -> str:
        return f"{self.resamples:,} resamples, seed {self.seed}"

    def spread(self, values: Counts | Sample, method: str, differing: int) -> Spread:
        """Of the mean of a value that every example of a cell has."""
        if self.design.unit is None:
            return independent(self.joint.moments(values), method, differing)
        return spread_of(values.astype(np.float64)[self.places], self.design, method, differing)


def table_differences(of: LabelPairs) -> dict[str, Difference]:
    """Every metric of `FROM_TABLES`, all of them on the same tables."""
    observed = of.joint.observed()
    told = {name: _without_tables(of, name, observed) for name in FROM_TABLES}
    unknown = {name: FROM_TABLES[name] for name, difference in told.items() if difference is None}
    tables = _tested(of, unknown, _bounded(of, unknown, observed))
    return {name: difference or tables[name] for name, difference in told.items()}


def _without_tables(of: LabelPairs, name: str, observed: Pair) -> Difference | None:
    """What is told without other tables: that the metric is undefined, or the predictions identical."""
    metric = FROM_TABLES[name]
    candidate, baseline = (_scalar(metric, side) for side in observed)
    if isinstance(candidate, Undefined) or isinstance(baseline, Undefined):
        return undefined(candidate, baseline)
    return identical(candidate.value, IDENTICAL) if of.joint.identical else None


def _scalar(metric: FromMargins, side: Margins) -> Scalar:
    value = float(metric.compute(side))
    return Undefined(metric.undefined) if np.isnan(value) else Estimate(value, NoInterval(""))


def _bounded(of: LabelPairs, metrics: Mapping[str, FromMargins], observed: Pair) -> dict[str, Difference]:
    """Each difference with its interval, or the reason against one."""
    lacking = {name: _lacking(of, name, observed) for name in metrics}
    enough = {name: metric for name, metric in metrics.items() if lacking[name] is None}
    spreads = _bootstrapped(of, enough) if of.design.unit is None else _contributed(of, enough, observed)
    found = {}
    for name, metric in metrics.items():
        candidate, baseline = (float(metric.compute(side)) for side in observed)
        spread = lacking[name] or spreads[name]
        found[name] = (
            without_interval(candidate, baseline, spread.reason)
            if isinstance(spread, NoInterval)
            else of_spread(candidate, baseline, spread, of.confidence, most=2.0)
        )
    return found


def _lacking(of: LabelPairs, name: str, observed: Pair) -> NoInterval | None:
    """The reason against an interval, of either side alone or of both together."""
    candidate, baseline = observed
    lacking = FROM_TABLES[name].lacking
    return (
        clusters_lacking(of.design)
        or examples_lacking(candidate)
        or lacking(candidate)
        or lacking(baseline)
        or changed_lacking(of.joint.changed, weighed=name in WEIGHED)
    )


def _bootstrapped(of: LabelPairs, metrics: Mapping[str, FromMargins]) -> dict[str, Spread | NoInterval]:
    """The spread over tables that are drawn anew."""
    if of.resamples < FEWEST_RESAMPLES:
        few = NoInterval(f"resamples: {of.resamples}, and the standard error needs {FEWEST_RESAMPLES}")
        return dict.fromkeys(metrics, few)
    drawn = _replicates(metrics, of.joint.resampled(of.resamples, of.seed)) if metrics else {}
    return {name: _over_tables(of, replicates) for name, replicates in drawn.items()}


def _over_tables(of: LabelPairs, replicates: Replicates) -> Spread | NoInterval:
    missing = int(np.isnan(replicates).sum())
    if missing:
        return NoInterval(f"undefined in {missing:,} of {of.resamples:,} resamples")
    method = f"t, bootstrap standard error of the joint counts, {of.runs}"
    return Spread(float(replicates.std()), of.joint.changed - 1.0, method, "paired t")


def _contributed(of: LabelPairs, metrics: Mapping[str, FromMargins], observed: Pair) -> dict[str, Spread | NoInterval]:
    """The spread under the design of what each example contributes, which the table without it tells."""
    without_one = _replicates(metrics, of.joint.without_one()) if metrics else {}
    whole = {name: metric.compute(observed[0]) - metric.compute(observed[1]) for name, metric in metrics.items()}
    return {name: _under_design(of, float(whole[name]), values) for name, values in without_one.items()}


def _under_design(of: LabelPairs, whole: float, without_one: LeftOut) -> Spread | NoInterval:
    if np.isnan(without_one).any():
        return NoInterval("undefined when one example is left out")
    return of.spread((whole - without_one) * (of.joint.total - 1), "contributions of the examples", of.joint.changed)


def _tested(
    of: LabelPairs, metrics: Mapping[str, FromMargins], bounded: Mapping[str, Difference]
) -> Mapping[str, Difference]:
    """The same with the p values of the swap permutation, where it holds."""
    if of.clustered or not metrics:
        return bounded
    swapped = _replicates(metrics, of.joint.swapped(of.resamples, of.seed))
    found = {}
    for name, difference in bounded.items():
        assert isinstance(difference.value, Estimate)
        p_value = permutation_p_value(difference.value.value, swapped[name])
        found[name] = replace(difference, p_value=p_value, test=f"swap permutation, {of.runs}", reason="")
    return found


def _replicates(metrics: Mapping[str, FromMargins], tables: Iterable[Pair]) -> dict[str, Replicates]:
    """Each difference in each table of all the pieces, which are gone through once."""
    parts = [
        {name: metric.compute(candidate) - metric.compute(baseline) for name, metric in metrics.items()}
        for candidate, baseline in tables
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in metrics}
