"""Differences between metrics of predicted classes, all of them functions of the joint table."""

from __future__ import annotations

import numpy as np

from harness.metrics.classification import NOT_ORDINAL, TWO_CLASSES
from harness.metrics.difference import (
    PAIRED,
    Difference,
    changed_lacking,
    identical,
    of_proportions,
    of_spread,
    undefined,
    without_interval,
)
from harness.metrics.joint import CellEvent
from harness.metrics.paired_tables import FROM_TABLES, IDENTICAL, LabelPairs, table_differences
from harness.statistics import Undefined
from harness.statistics.arrays import Counts
from harness.statistics.design import clusters_lacking

ORDINAL = (
    "off_by_one_accuracy",
    "mean_absolute_error",
    "mean_signed_error",
    *(name for name, metric in FROM_TABLES.items() if metric.ordinal),
)
"""What needs classes that have an order."""


def label_differences(of: LabelPairs, *, ordinal: bool) -> dict[str, Difference]:
    """By name, of at least one example.

    Shares get Tango's interval and the mid-p value of McNemar's test, mean distances Student's t of the paired
    differences. The rest gets t × the standard error of the bootstrap, and the p value of the swap permutation:
    on differences, the bias-corrected percentiles (BCa) that hold for one classifier do not.

    All of these but Tango and the swaps take another design from what each example contributes, which
    replaces the bootstrap. In strata, Tango errs on the safe side and swaps hold; of clusters, all is Student's t.

    Args:
        of: What is compared.
        ordinal: Whether the order of the classes means something.
    """
    joint = of.joint
    candidate, baseline = joint.candidate - joint.gold, joint.baseline - joint.gold
    right = _of_shares(of, candidate == 0, baseline == 0)
    differences = {
        "accuracy": right,
        "micro_f1": right,
        "off_by_one_accuracy": _of_shares(of, abs(candidate) <= 1, abs(baseline) <= 1),
        "mean_absolute_error": _of_distances(of, abs(candidate), abs(baseline)),
        "mean_signed_error": _of_distances(of, candidate, baseline),
        **table_differences(of),
    }
    if joint.classes == 2:
        differences["off_by_one_accuracy"] = undefined(Undefined(TWO_CLASSES), Undefined(TWO_CLASSES))
    unordered = undefined(Undefined(NOT_ORDINAL), Undefined(NOT_ORDINAL))
    return differences if ordinal else differences | dict.fromkeys(ORDINAL, unordered)


def _of_shares(of: LabelPairs, candidate: CellEvent, baseline: CellEvent) -> Difference:
    """Of the shares of examples for which something is true, in each cell of either side."""
    joint = of.joint
    gained, lost = joint.examples(candidate & ~baseline), joint.examples(baseline & ~candidate)
    of_candidate, of_baseline = (joint.examples(side) / joint.total for side in (candidate, baseline))
    if not of.clustered:
        return of_proportions(of_candidate, of_baseline, gained, lost, joint.total, of.confidence)
    if joint.identical:
        return identical(of_candidate, IDENTICAL)
    lacking = clusters_lacking(of.design) or changed_lacking(gained + lost)
    if lacking:
        return without_interval(of_candidate, of_baseline, lacking.reason)
    spread = of.spread(candidate.astype(np.int64) - baseline, PAIRED, gained + lost)
    return of_spread(of_candidate, of_baseline, spread, of.confidence, most=1.0)


def _of_distances(of: LabelPairs, candidate: Counts, baseline: Counts) -> Difference:
    """Of the mean distances in classes, each cell having one of either side."""
    joint = of.joint
    of_candidate, of_baseline = (float((joint.count * side).sum()) / joint.total for side in (candidate, baseline))
    if joint.identical:
        return identical(of_candidate, IDENTICAL)
    differing = joint.examples(candidate != baseline)
    lacking = clusters_lacking(of.design) or changed_lacking(differing)
    if lacking:
        return without_interval(of_candidate, of_baseline, lacking.reason)
    spread = of.spread(candidate - baseline, PAIRED, differing)
    return of_spread(of_candidate, of_baseline, spread, of.confidence, most=joint.classes - 1.0)
