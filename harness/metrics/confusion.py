"""The confusion matrix, and the margins that every label-based metric is a function of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from harness.metrics.arrays import ByCell, ByClass, ByTable, Confusion, Gold, Predicted
from harness.statistics import Bounds, NoInterval, bca_interval, counts_method, resampled_counts
from harness.statistics.arrays import Counts, LeftOut, Replicates
from harness.statistics.design import Design
from harness.statistics.drawn import DrawnTables, drawn_tables
from harness.statistics.moments import Moments
from harness.statistics.resampling import CELLS_AT_ONCE

# float64: shares of examples by gold label (rows) and predicted class (columns); NaN where there is nothing to share
Shares = Float[np.ndarray, "classes classes"]


def confusion_counts(gold: Gold, predicted: Predicted, classes: int) -> Confusion:
    """Examples by gold label (rows) and predicted class (columns), (K, K) int64 with every class.

    >>> confusion_counts(np.array([0, 1, 1]), np.array([0, 1, 0]), 2)
    array([[1, 0],
           [1, 1]])
    """
    # scikit-learn's confusion_matrix counts the same, after two seconds of importing; the tests compare them.
    cells = gold.astype(np.int64) * classes + predicted
    counted: Confusion = np.bincount(cells, minlength=classes * classes).reshape(classes, classes)
    return counted


def normalised(confusion: Confusion, by: Literal["gold", "predicted", "all"]) -> Shares:
    """Counts as shares of their row, of their column or of all examples, (K, K) float64.

    By gold label the diagonal is the recall of each class, by predicted class its precision. A row (or
    column) without an example has no shares: there they are NaN, where scikit-learn's `normalize` has 0.

    >>> normalised(np.array([[3, 1], [0, 0]]), "gold")
    array([[0.75, 0.25],
           [ nan,  nan]])
    """
    axis = {"gold": 1, "predicted": 0, "all": None}[by]
    whole = confusion.sum(axis=axis, keepdims=True)
    shares: Shares = np.divide(confusion, whole, out=np.full(confusion.shape, np.nan), where=whole > 0)
    return shares


def absolute_errors(confusion: Confusion) -> Moments:
    """How many classes a prediction is off, on ordinal labels: the mean is the mean absolute error.

    >>> absolute_errors(np.array([[2, 0, 1], [1, 0, 0], [0, 0, 0]])).mean
    0.75
    """
    return _moments(confusion, np.abs(_signed_distance(len(confusion))))


def signed_errors(confusion: Confusion) -> Moments:
    """How many classes a prediction is above the gold label, on ordinal labels: the mean is the bias.

    >>> signed_errors(np.array([[2, 0, 1], [1, 0, 0], [0, 0, 0]])).mean
    0.25
    """
    return _moments(confusion, _signed_distance(len(confusion)))


def _signed_distance(classes: int) -> Confusion:
    names = np.arange(classes)
    distance: Confusion = names - names[:, None]
    return distance


def _moments(confusion: Confusion, value: Confusion) -> Moments:
    """Of the examples, all those of a cell having its value; there is at least one."""
    total = int(confusion.sum())
    mean = int((confusion * value).sum()) / total
    return Moments(total, mean, float((confusion * np.square(value - mean)).sum()))


@dataclass(frozen=True)
class Margins:
    """What the metrics need of a confusion matrix; or of many, along leading axes."""

    total: int | ByTable
    """Examples in each table: one number where all have as many."""
    right: ByClass
    """The diagonal."""
    gold: ByClass
    """Row sums: the support of each class."""
    predicted: ByClass
    """Column sums."""
    squared: ByTable
    """Sum of the squared distance between predicted class and gold label."""

    @property
    def wrong(self) -> int:
        """Wrong predictions, where this is one table."""
        return int(self.total) - int(self.right.sum())


@dataclass(frozen=True)
class OccupiedCells:
    """The cells of a confusion matrix that hold an example, in the order of its rows."""

    gold: Counts
    predicted: Counts
    count: Counts
    classes: int

    @classmethod
    def of(cls, confusion: Confusion) -> OccupiedCells:
        gold, predicted = np.nonzero(confusion)
        return cls(gold, predicted, confusion[gold, predicted], len(confusion))

    def margins(self, counts: ByCell) -> Margins:
        """Of the tables that hold `counts`, (…, cells) int64, in these cells."""
        on_diagonal = self.gold == self.predicted
        return Margins(
            total=int(counts.sum()) if counts.ndim == 1 else np.asarray(counts.sum(axis=-1)),
            right=_sums(counts[..., on_diagonal], self.gold[on_diagonal], self.classes),
            gold=_sums(counts, self.gold, self.classes),
            predicted=_sums(counts, self.predicted, self.classes),
            squared=np.asarray(counts @ (self.gold - self.predicted) ** 2),
        )

    def resampled(self, resamples: int, seed: int) -> Iterator[Margins]:
        """Of tables drawn anew from the examples, in pieces with one leading axis."""
        for counts in resampled_counts(self.count, resamples, seed):
            yield self.margins(counts)

    def without_one(self) -> Iterator[Margins]:
        """Of the table less one example of each cell in turn, in pieces with one leading axis."""
        whole = self.margins(self.count)
        piece = max(1, CELLS_AT_ONCE // self.classes)
        for start in range(0, len(self.count), piece):
            gold, predicted = self.gold[start : start + piece], self.predicted[start : start + piece]
            names = np.arange(self.classes)
            of_gold, of_predicted = gold[:, None] == names, predicted[:, None] == names
            yield Margins(
                total=whole.total - 1,
                right=whole.right - (of_gold & of_predicted),
                gold=whole.gold - of_gold,
                predicted=whole.predicted - of_predicted,
                squared=whole.squared - (gold - predicted) ** 2,
            )


@dataclass(frozen=True)
class Tables:
    """What a bootstrap of the confusion counts is made of."""

    resampled: Iterable[Margins]
    """Of tables drawn anew, in pieces with one leading axis; to be gone through once."""
    without_one: Iterable[Margins]
    """Of the observed table less one unit, for each kind of unit: an example, or a cluster."""
    interval: Callable[[float, Replicates, LeftOut, float], Bounds]
    """From the observed statistic, that of each table of either, and a level."""
    lacking: NoInterval | None = None
    """The reason against any interval, known beforehand."""

    @classmethod
    def of(cls, confusion: Confusion, resamples: int, seed: int) -> Tables:
        """Of independent examples."""
        cells = OccupiedCells.of(confusion)
        method = counts_method(resamples, seed)

        def interval(value: float, replicates: Replicates, without_one: LeftOut, confidence: float) -> Bounds:
            return bca_interval(value, replicates, without_one, cells.count, confidence, method)

        return cls(cells.resampled(resamples, seed), cells.without_one(), interval)

    @classmethod
    def drawn(cls, confusion: Confusion, drawn: DrawnTables, resamples: int, seed: int) -> Tables:
        """Of another design; the columns of its tables are the occupied cells, in the order of the matrix's rows."""
        cells = OccupiedCells.of(confusion)
        method = drawn.method(resamples, seed)

        def interval(value: float, replicates: Replicates, without_one: LeftOut, confidence: float) -> Bounds:
            return drawn.interval(value, replicates, without_one, confidence, method)

        resampled = map(cells.margins, drawn.resampled(resamples, seed))
        return cls(resampled, map(cells.margins, drawn.without_one()), interval, drawn.lacking)


def drawn_confusion(design: Design, gold: Gold, predicted: Predicted, classes: int) -> DrawnTables:
    """The confusion counts of (N,) gold labels and predictions under a design, as `Tables.drawn` takes them."""
    codes, cell = np.unique(gold.astype(np.int64) * classes + predicted, return_inverse=True)
    return drawn_tables(design, cell.astype(np.int64), len(codes))


def margins(confusion: Confusion) -> Margins:
    """The margins of one confusion matrix, with no leading axis."""
    cells = OccupiedCells.of(confusion)
    return cells.margins(cells.count)


def _sums(counts: ByCell, group: Counts, groups: int) -> ByClass:
    """Sums over the last axis by group: 0 where a group has no cell."""
    sums: ByClass = np.zeros((*counts.shape[:-1], groups), dtype=np.int64)
    if group.size:
        order = np.argsort(group, kind="stable")
        present, starts = np.unique(group[order], return_index=True)
        sums[..., present] = np.add.reduceat(counts[..., order], starts, axis=-1)
    return sums
