"""The joint table of two predictions on the same examples: gold label × candidate's class × baseline's class.

Every difference between two metrics of predicted classes is a function of it, and so is every statement
about flips. Only the cells that hold an example are kept: 125 at most for five classes, and never more
than there are examples.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from harness.metrics.arrays import ByCell, Gold, Predicted
from harness.metrics.confusion import Margins, OccupiedCells
from harness.statistics import resampled_counts
from harness.statistics.arrays import Counts, Sample
from harness.statistics.moments import Moments
from harness.statistics.permutation import swapped_counts

# some cells of the table
CellEvent = Bool[np.ndarray, " cells"]

Pair = tuple[Margins, Margins]
"""Of the candidate and of the baseline."""


@dataclass(frozen=True)
class JointCells:
    """The cells that hold an example, in the order of gold label, candidate's class, baseline's class."""

    gold: Counts
    candidate: Counts
    baseline: Counts
    count: Counts
    classes: int

    @classmethod
    def of(cls, gold: Gold, candidate: Predicted, baseline: Predicted, classes: int) -> JointCells:
        """Of (N,) gold labels and two (N,) predicted classes of the same examples.

        >>> JointCells.of(np.array([0, 1, 1]), np.array([0, 0, 0]), np.array([0, 1, 1]), 2).count
        array([1, 2])
        """
        codes = (gold.astype(np.int64) * classes + candidate) * classes + baseline
        if classes**3 <= len(codes):
            everywhere = np.bincount(codes, minlength=classes**3)
            occupied = np.flatnonzero(everywhere)
            return cls._of_codes(occupied, everywhere[occupied], classes)
        return cls._of_codes(*np.unique(codes, return_counts=True), classes)

    @classmethod
    def _of_codes(cls, codes: Counts, count: Counts, classes: int) -> JointCells:
        rest, baseline = np.divmod(codes, classes)
        gold, candidate = np.divmod(rest, classes)
        return cls(gold, candidate, baseline, count, classes)

    @property
    def total(self) -> int:
        """Examples in all."""
        return int(self.count.sum())

    @property
    def changed(self) -> int:
        """Examples of which the two predict different classes."""
        return self.examples(self.candidate != self.baseline)

    @property
    def identical(self) -> bool:
        """Whether the two predict the same class of every example."""
        return not self.changed

    def places(self, gold: Gold, candidate: Predicted, baseline: Predicted) -> Predicted:
        """(N,) int64, the cell of each of the examples that the table was made of."""
        codes = (gold.astype(np.int64) * self.classes + candidate) * self.classes + baseline
        places: Predicted = np.searchsorted(self._codes(self.candidate, self.baseline), codes)
        return places

    def examples(self, cells: CellEvent) -> int:
        """How many examples lie in these cells."""
        return int(self.count[cells].sum())

    def moments(self, values: Counts | Sample) -> Moments:
        """Count, mean and spread of a value, (cells,), that every example of a cell has."""
        total = self.total
        mean = float((self.count * values).sum()) / total
        return Moments(total, mean, float((self.count * np.square(values - mean)).sum()))

    def margins(self, counts: ByCell) -> Pair:
        """Of the tables that hold `counts`, (…, cells) int64, in these cells."""
        return self._of_candidate.margins(counts), self._of_baseline.margins(counts)

    def observed(self) -> Pair:
        """Of the table itself, with no leading axis."""
        return self.margins(self.count)

    def resampled(self, resamples: int, seed: int) -> Iterator[Pair]:
        """Of tables drawn anew from the examples, which stay paired; in pieces with one leading axis."""
        for counts in resampled_counts(self.count, resamples, seed):
            yield self.margins(counts)

    def without_one(self) -> Iterator[Pair]:
        """Of the table less one example of each cell in turn, in pieces with one leading axis."""
        yield from zip(self._of_candidate.without_one(), self._of_baseline.without_one(), strict=True)

    def swapped(self, resamples: int, seed: int) -> Iterator[Pair]:
        """Of tables in which each example's two predictions change places by the toss of a coin."""
        # Where both predict the same, a swap changes nothing: those examples need no coin.
        closed = self.closed()
        for counts in swapped_counts(closed.count, closed.partner, resamples, seed):
            yield closed.margins(counts)

    def closed(self) -> JointCells:
        """The same table with the empty cells that a swap may fill."""
        swapped = self._codes(self.baseline, self.candidate)
        own = self._codes(self.candidate, self.baseline)
        codes = np.union1d(own, swapped)
        count = np.zeros(len(codes), dtype=np.int64)
        count[np.searchsorted(codes, own)] = self.count
        return JointCells._of_codes(codes, count, self.classes)

    @property
    def partner(self) -> Counts:
        """(cells,) int64, the cell in which candidate and baseline have changed places; of a closed table."""
        places: Counts = np.searchsorted(
            self._codes(self.candidate, self.baseline), self._codes(self.baseline, self.candidate)
        )
        return places

    def _codes(self, first: Counts, second: Counts) -> Counts:
        codes: Counts = (self.gold * self.classes + first) * self.classes + second
        return codes

    @property
    def _of_candidate(self) -> OccupiedCells:
        return OccupiedCells(self.gold, self.candidate, self.count, self.classes)

    @property
    def _of_baseline(self) -> OccupiedCells:
        return OccupiedCells(self.gold, self.baseline, self.count, self.classes)
