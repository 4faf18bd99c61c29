"""Rows of fine bins that are filled batch by batch: one row for each class, or for each half of the examples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.metrics.arrays import BinOf, ClassBinCounts, ClassBinSums, PerExample, Right
from harness.metrics.ranking import FINE_BINS, FineBins, fine_place

MOST_CLASSES = 100
"""With more of them the rows of classes get shorter: at 24 bytes a bin, these take 157 MB."""

FEWEST_BINS = 2**8


def bins_of_a_class(classes: int) -> int:
    """How many fine bins each class gets: 2¹⁶, or the power of two that keeps many classes in bounds.

    >>> bins_of_a_class(100), bins_of_a_class(1000)
    (65536, 4096)
    """
    bins = FINE_BINS * MOST_CLASSES // max(classes, MOST_CLASSES)
    return max(FEWEST_BINS, 1 << (bins.bit_length() - 1))


@dataclass(frozen=True)
class FineTable:
    """Sums by row and fine bin, each (rows, bins). `count_in` changes the arrays in place."""

    count: ClassBinCounts
    hits: ClassBinCounts
    total: ClassBinSums

    @classmethod
    def empty(cls, rows: int, bins: int = FINE_BINS) -> FineTable:
        shape = (rows, bins)
        return cls(np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64), np.zeros(shape))

    def count_in(self, row: BinOf, probability: PerExample, event: Right) -> None:
        """Put each probability (float64) into its bin of its row."""
        # At the places alone: the cost is that of the examples, and not of the bins.
        places = row * self.count.shape[1] + fine_place(probability, self.count.shape[1])
        np.add.at(self.count.reshape(-1), places, 1)
        np.add.at(self.hits.reshape(-1), places[event], 1)
        np.add.at(self.total.reshape(-1), places, probability)

    def __add__(self, other: FineTable) -> FineTable:
        return FineTable(self.count + other.count, self.hits + other.hits, self.total + other.total)

    def rows(self) -> tuple[FineBins, ...]:
        """Each row by itself; they share the table's arrays."""
        return tuple(FineBins(*row) for row in zip(self.count, self.hits, self.total, strict=True))
