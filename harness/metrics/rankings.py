"""The rankings that metrics of order need: exact where all examples are at hand, else from fine bins."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from harness.metrics.arrays import Gold, Probabilities
from harness.metrics.decision import confidences, predicted_classes
from harness.metrics.halves import Indices, half_of
from harness.metrics.ranking import Ranking
from harness.metrics.tally import Tally


class ExactRankings:
    """From arrays: one row for each distinct probability."""

    def __init__(self, probabilities: Probabilities, gold: Gold, seed: int, unit: Indices | None = None) -> None:
        """Of valid predictions.

        Args:
            probabilities: (N, K) float32 or float64.
            gold: (N,) integers.
            seed: Of the halves.
            unit: (N,) integers, what goes into a half as a whole, such as a cluster; None: each example.
        """
        self.probabilities = probabilities
        self.gold = gold
        self._confidence = confidences(probabilities)
        self._right = predicted_classes(probabilities) == gold
        self.judging = half_of(np.arange(len(gold)) if unit is None else unit, seed) == 1
        """(N,) bool: the half to judge on."""

    def confidence(self) -> Ranking:
        return self._of_all

    def halves(self) -> tuple[Ranking, Ranking]:
        choosing, judging = (
            Ranking.of(self._confidence[rows], self._right[rows]) for rows in (~self.judging, self.judging)
        )
        return choosing, judging

    def classes(self) -> tuple[Ranking, ...]:
        return self._of_classes

    # Kept, since several metrics ask for the same one and sorting is what costs.
    @cached_property
    def _of_all(self) -> Ranking:
        return Ranking.of(self._confidence, self._right)

    @cached_property
    def _of_classes(self) -> tuple[Ranking, ...]:
        return tuple(
            # A column of its own: strided reads cost several times as much.
            Ranking.of(np.ascontiguousarray(self.probabilities[:, place]), self.gold == place)
            for place in range(self.probabilities.shape[1])
        )


class FineRankings:
    """From a tally with fine bins."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def confidence(self) -> Ranking:
        choosing, judging = self._tally.confidence_fine
        return (choosing + judging).ranking()

    def halves(self) -> tuple[Ranking, Ranking]:
        choosing, judging = self._tally.confidence_fine
        return choosing.ranking(), judging.ranking()

    def classes(self) -> tuple[Ranking, ...]:
        return tuple(bins.ranking() for bins in self._tally.class_fine)
