"""The confusion matrix, and the margins that every label-based metric is a function of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from harness.metrics.arrays import ByCell, ByClass, ByTable, Confusion, Gold, Predicted
from harness.statistics import resampled_counts
from harness.statistics.arrays import Counts
from harness.statistics.resampling import CELLS_AT_ONCE


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


@dataclass(frozen=True)
class Margins:
    """What the metrics need of a confusion matrix; or of many, along leading axes."""

    total: int
    """Examples in each table."""
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
        return self.total - int(self.right.sum())


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
            total=int(self.count.sum()),
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
