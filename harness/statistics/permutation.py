"""The swap-permutation test of two classifiers on the same examples, from counts alone.

If the two do not differ, the prediction of either could as well have come from the other: swapping
them in any example gives a set that was as likely. In the joint table of gold label and both predictions a swap
moves an example from the cell (label, a, b) to its mirror (label, b, a). To swap each example by the toss of a
coin and count anew is therefore one binomial draw for each pair of mirror cells, and the cost does not grow
with the number of examples.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Int

from harness.statistics.arrays import Counts, Replicates, ResampledCounts
from harness.statistics.resampling import CELLS_AT_ONCE

# int64: the index of the cell that a swap moves an example to
Partner = Int[np.ndarray, " cells"]

ROUNDING = 1e-12
"""Statistics that differ by less are the same number, computed in another order."""


def swapped_counts(counts: Counts, partner: Partner, resamples: int, seed: int) -> Iterator[ResampledCounts]:
    """Tables in which the two predictions of each example are swapped with chance 1/2, in bounded pieces.

    Pairs of cells that are both empty may be left out beforehand: they stay empty in every table. The tables
    depend on the counts, their order and the seed alone, not on the size of the pieces.

    Args:
        counts: (cells,) int64.
        partner: (cells,) int64, the index of each cell's mirror; its own where both predictions agree.
        resamples: Tables in all.
        seed: Of numpy's default generator.

    Yields:
        (tables, cells) int64; the pieces together have `resamples` rows.

    >>> tables = next(swapped_counts(np.array([5, 40, 2]), np.array([0, 2, 1]), resamples=3, seed=0))
    >>> tables[:, 0], tables[:, 1] + tables[:, 2]
    (array([5, 5, 5]), array([42, 42, 42]))
    """
    generator = np.random.default_rng(seed)
    first = np.flatnonzero(partner > np.arange(len(counts)))
    first = first[counts[first] + counts[partner[first]] > 0]
    second = partner[first]
    together = counts[first] + counts[second]
    piece = max(1, CELLS_AT_ONCE // max(1, len(counts)))
    for start in range(0, resamples, piece):
        rows = min(piece, resamples - start)
        kept = generator.binomial(together, 0.5, size=(rows, len(first)))
        tables: ResampledCounts = np.tile(counts, (rows, 1))
        tables[:, first] = kept
        tables[:, second] = together - kept
        yield tables


def permutation_p_value(observed: float, replicates: Replicates) -> float:
    """The two-sided p value of a difference, from the same difference in tables swapped at random.

    The share of tables that reach the observed size, with the observed table among them, so that it is never 0 and
    the test keeps its level with any number of tables (Phipson & Smyth 2010, Stat Appl Genet Mol Biol 9, article 39).
    A table in which the statistic is undefined counts as one that reaches it: leaving it out could make the
    p value smaller.

    Args:
        observed: The difference in the observed table; not NaN.
        replicates: (resamples,) float64, the difference in each swapped table; NaN where undefined.

    >>> permutation_p_value(0.2, np.array([0.1, -0.2, 0.0, -0.1]))
    0.4
    """
    size = abs(observed)
    # Absolute below 1 too: a difference of two figures near 1 carries their rounding, however small it is itself.
    least = size - ROUNDING * max(1.0, size)
    short = np.abs(replicates) < least
    return float((1 + np.count_nonzero(~short)) / (1 + len(replicates)))
