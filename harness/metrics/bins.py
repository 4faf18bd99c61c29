"""Sums by bin of probability: all that binned calibration is a function of, and what merges across shards.

There are 15 bins (Guo et al. 2017, ICML), with inner edges `arange(1, 15) / 15`. Each is (low, high],
so that a probability on an edge belongs to the bin below it; 0 belongs to the first bin, and 1 to the last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.metrics.arrays import (
    BinCounts,
    BinOf,
    BinSums,
    ClassBinCounts,
    ClassBinSums,
    Gold,
    PerExample,
    Predicted,
    Probabilities,
    Right,
)

BINS = 15


def upper_edges(bins: int = BINS) -> BinSums:
    """(bins,) float64; the last is 1."""
    edges: BinSums = np.arange(1, bins + 1) / bins
    return edges


def bin_of(probability: PerExample, bins: int = BINS) -> BinOf:
    """The bin of each probability, (N,) int64.

    >>> bin_of(np.array([0.0, 0.2, 0.21, 1.0]), bins=5)
    array([0, 0, 1, 4])
    """
    values = probability.astype(np.float64)
    places: BinOf = np.minimum((values * bins).astype(np.int64), bins - 1)
    # What is on an edge comes out in the bin above it, and rounding does no other harm: one step back is all
    # it needs. A search of the edges takes three times as long.
    lower = np.arange(bins) / bins
    lower[0] = -np.inf
    places -= values <= lower[places]
    return places


def sums_by(places: BinOf, values: PerExample, bins: int) -> BinSums:
    """Sums of the values in each place, (bins,) float64.

    >>> sums_by(np.array([2, 0, 2]), np.array([0.25, 0.5, 0.5]), bins=3)
    array([0.5 , 0.  , 0.75])
    """
    # Of no values at all numpy makes integers.
    sums: BinSums = np.bincount(places, weights=values, minlength=bins).astype(np.float64, copy=False)
    return sums


@dataclass(frozen=True)
class BinnedConfidence:
    """Sums by bin of confidence."""

    count: BinCounts
    confidence: BinSums
    """Sum of the top probabilities, float64."""
    right: BinCounts
    """Examples predicted right."""

    @property
    def edges(self) -> BinSums:
        """Upper edges, (bins,) float64; the last is 1."""
        return upper_edges(len(self.count))

    def __add__(self, other: BinnedConfidence) -> BinnedConfidence:
        return BinnedConfidence(self.count + other.count, self.confidence + other.confidence, self.right + other.right)


def binned(confidence: PerExample, right: Right, bins: int = BINS) -> BinnedConfidence:
    """Examples by equal-width bins of confidence.

    Args:
        confidence: (N,) float64, top probabilities.
        right: (N,) bool, whether the prediction is the gold label.
        bins: How many.
    """
    of = bin_of(confidence, bins)
    return BinnedConfidence(
        count=np.bincount(of, minlength=bins),
        confidence=sums_by(of, confidence, bins),
        right=np.bincount(of[right], minlength=bins),
    )


@dataclass(frozen=True)
class BinnedClasses:
    """Sums by bin of each class's own probability: every example is in one bin of every class."""

    count: ClassBinCounts
    probability: ClassBinSums
    """Sum of the class's probabilities, float64."""
    gold: ClassBinCounts
    """Examples that are labelled with the class."""

    def __add__(self, other: BinnedClasses) -> BinnedClasses:
        return BinnedClasses(self.count + other.count, self.probability + other.probability, self.gold + other.gold)


def binned_classes(probabilities: Probabilities, gold: Gold, bins: int = BINS) -> BinnedClasses:
    """Examples by equal-width bins of each class's probability; arrays are (K, bins)."""
    classes = probabilities.shape[1]
    count = np.zeros((classes, bins), dtype=np.int64)
    total = np.zeros((classes, bins))
    labelled = np.zeros((classes, bins), dtype=np.int64)
    for place in range(classes):
        # A column of its own: strided reads cost several times as much.
        column = probabilities[:, place].astype(np.float64)
        of = bin_of(column, bins)
        count[place] = np.bincount(of, minlength=bins)
        total[place] = sums_by(of, column, bins)
        labelled[place] = np.bincount(of[gold == place], minlength=bins)
    return BinnedClasses(count, total, labelled)


@dataclass(frozen=True)
class Groups:
    """Sums over the examples that share predicted class and bin of confidence: a partition for decompositions.

    Only groups that hold an example are kept, in ascending order of their codes.
    """

    code: BinCounts
    """(groups,) int64: predicted class × bins + bin."""
    probability: ClassBinSums
    """(groups, K) float64: sums of the probability rows."""
    gold: ClassBinCounts
    """(groups, K) int64: examples by label."""

    @property
    def count(self) -> BinCounts:
        """(groups,) int64, examples in each."""
        counts: BinCounts = self.gold.sum(axis=1)
        return counts

    def __add__(self, other: Groups) -> Groups:
        codes, places = np.unique(np.concatenate([self.code, other.code]), return_inverse=True)
        classes = self.gold.shape[1]
        probability, gold = np.zeros((len(codes), classes)), np.zeros((len(codes), classes), dtype=np.int64)
        split = len(self.code)
        # No code occurs twice on one side, so that each row is added to once.
        for part, rows in ((self, places[:split]), (other, places[split:])):
            probability[rows] += part.probability
            gold[rows] += part.gold
        return Groups(codes, probability, gold)


def grouped(
    probabilities: Probabilities, gold: Gold, predicted: Predicted, confidence: PerExample, bins: int = BINS
) -> Groups:
    """Examples by predicted class and equal-width bin of confidence."""
    classes = probabilities.shape[1]
    of = predicted * bins + bin_of(confidence, bins)
    codes = np.flatnonzero(np.bincount(of, minlength=classes * bins))
    place = np.zeros(classes * bins, dtype=np.int64)
    place[codes] = np.arange(len(codes))
    places = place[of]
    labels = np.bincount(places * classes + gold.astype(np.int64), minlength=len(codes) * classes)
    total = np.empty((len(codes), classes))
    for column in range(classes):
        total[:, column] = sums_by(places, probabilities[:, column], len(codes))
    return Groups(codes, total, labels.reshape(len(codes), classes))
