"""What two sets of predictions of the same reviews differ in."""

from __future__ import annotations

from harness.records.base import Metric, Record, Share


class Difference(Record):
    """One metric of two classifiers on the same examples."""

    candidate: float | None
    baseline: float | None
    difference: Metric
    """Candidate less baseline."""
    p_value: Share | None = None
    """Of no difference against any, two-sided."""
    test: str = ""
    """Where the p value is from."""
    reason: str | None = None
    """Why there is no p value."""


class Flips(Record):
    """Where two classifiers predict the same and where not; the five numbers add up to all examples."""

    gained: int
    """The candidate is right, the baseline wrong."""
    lost: int
    """The baseline is right, the candidate wrong."""
    both_right: int
    both_wrong: int
    """Both predict the same wrong class."""
    changed_wrong: int
    """Both are wrong, with different classes."""


class SliceDifference(Record):
    """Accuracy of two classifiers on the examples that have one value of a column."""

    column: str
    value: str
    reviews: int
    difference: Metric
    """Candidate less baseline; its level is corrected for the number of slices (Bonferroni)."""
    p_value: Share | None
    adjusted_p_value: Share | None
    correction: str
    """Holm over the columns that were named beforehand, Benjamini-Hochberg over the others."""
    warning: bool
    """The candidate is worse, and chance hardly explains it."""


class Comparison(Record):
    """Two files of predictions of the same examples: what `harness score --against` prints."""

    candidate: str
    baseline: str
    reviews: int
    identical: bool
    """Both predict the same class of every example."""
    flips: Flips
    differences: dict[str, Difference]
    detectable_difference: float | None
    """The difference of accuracy that as many examples would find in 80 of 100 comparisons, approximately."""
    slices: tuple[SliceDifference, ...] = ()
    sampling: str = "independent"
    notes: tuple[str, ...] = ()
    """How the rows were paired, and what was assumed in reading either file."""
