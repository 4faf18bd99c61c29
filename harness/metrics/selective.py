"""Accepting only what the classifier is sure of: how right that is, and which confidence to ask for.

Everything here is a function of a ranking by confidence, whose hits are the examples predicted right.
From fine bins, which merge across shards, it is exact up to the examples of one bin, as if they had the
same confidence; examples with the same confidence are in no order, and stand for the mean of all orders.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool

from harness.metrics.arrays import RankCounts, RankSums
from harness.metrics.evidence import wrong_lacking
from harness.metrics.ranking import FINE_BINS, Ranking, of_bins
from harness.statistics import Bounds, Estimate, Interval, NoInterval, Scalar, two_sided, wilson

# whether each row is accepted
Taken = Bool[np.ndarray, " ranks"]

COVERAGES = (80, 90, 95)
"""In percent, whole numbers: 0.95 · 60 rounds to 57.000000000000007 elsewhere."""

FEWEST_RIGHT = 30
"""Right predictions that the interval of an area needs, as it needs wrong ones.

In simulations it then held the truth in 93 to 96 % of the sets, where the normal interval of the area
itself missed it in up to 10 %.
"""

FEWEST_MISPLACED = 5
"""Wrong predictions out of place, for the interval of the excess: with 2 it missed 15 % of the sets."""


@dataclass(frozen=True)
class RiskCoverage:
    """What accepting more costs: one row for each threshold, the highest first."""

    coverage: RankSums
    """(rows,) float64: share of the examples that are accepted."""
    risk: RankSums
    """(rows,) float64: share of the accepted ones that are predicted wrong."""
    threshold: RankSums
    """(rows,) float64: the lowest confidence that is accepted."""


def risk_coverage(ranking: Ranking) -> RiskCoverage:
    """The curve, from a ranking of at least one example; those with the same confidence are accepted together."""
    accepted = np.cumsum(ranking.count[::-1])
    wrong = np.cumsum((ranking.count - ranking.hits)[::-1])
    return RiskCoverage(accepted / accepted[-1], wrong / accepted, lowest_probability(ranking)[::-1])


def curve_points(curve: RiskCoverage, most: int = 200) -> RiskCoverage:
    """At most so many points of a curve for a chart, two at least: the first, the last, and evenly between."""
    if len(curve.coverage) <= most:
        return curve
    even = np.linspace(curve.coverage[0], curve.coverage[-1], most)
    kept = np.unique(np.searchsorted(curve.coverage, even))
    return RiskCoverage(curve.coverage[kept], curve.risk[kept], curve.threshold[kept])


def lowest_probability(ranking: Ranking) -> RankSums:
    """The lowest probability that a row may hold, (rows,) float64: of one of 2¹⁶ fine bins, its lower edge."""
    if ranking.exact:
        return ranking.probability
    edges: RankSums = np.minimum(np.floor(ranking.probability * FINE_BINS), FINE_BINS - 1) / FINE_BINS
    return edges


def rows_from(ranking: Ranking, threshold: float) -> Taken:
    """Which rows have the probability or more, (rows,) bool; exact ones are compared as float32.

    A fine bin is in or out by its mean, which is right for all of its examples unless the threshold is
    inside the bin.
    """
    if ranking.exact:
        taken: Taken = ranking.probability.astype(np.float32) >= np.float32(threshold)
        return taken
    taken = ranking.probability >= threshold
    return taken


def area_under_risk_coverage(ranking: Ranking) -> float:
    """The mean risk of the n most confident, over n = 1 … N (Geifman, Uziel & El-Yaniv 2019, ICLR).

    >>> area_under_risk_coverage(Ranking.of(np.array([0.9, 0.8]), np.array([True, False])))
    0.25
    """
    return _Descending.of(ranking).area


def excess_area_under_risk_coverage(ranking: Ranking) -> float:
    """The same, less what it would be at this accuracy if every wrong prediction came last: 0 is best."""
    return _Descending.of(ranking).excess


def area_error_bound(ranking: Ranking) -> float:
    """How far either area may be from that of the examples themselves: 0 where the ranking is exact.

    The order in a row of n with e wrong ones moves the mean weight of these by (n - e) / n of the span of
    the weights at most.
    """
    if ranking.exact:
        return 0.0
    of = _Descending.of(ranking)
    return float((of.wrong * (1 - of.risk) * of.step).sum() / of.examples)


def selective_metrics(ranking: Ranking, *, confidence: float) -> dict[str, Scalar]:
    """The scalars of selective prediction by name, of at least one example."""
    of, bins = _Descending.of(ranking), of_bins(area_error_bound(ranking))
    return {
        "area_under_risk_coverage": Estimate(of.area, _with(bins, of.area_bounds(confidence))),
        "excess_area_under_risk_coverage": Estimate(of.excess, _with(bins, of.excess_bounds(confidence))),
        **{f"accuracy_at_{percent}_coverage": of.accuracy_at(percent, confidence) for percent in COVERAGES},
    }


def _with(bins: str, bounds: Bounds) -> Bounds:
    """The same bounds, saying what fine bins leave open."""
    if isinstance(bounds, Interval):
        return replace(bounds, method=bounds.method + bins)
    return NoInterval(bounds.reason + bins)


@dataclass(frozen=True)
class _Descending:
    """Rows from the highest confidence down, with the weight that the area gives to a wrong prediction there.

    The wrong prediction at place n is in the risks of the n, n + 1, … N most confident, and weighs
    1/n + … + 1/N in their sum: a difference of harmonic numbers.
    """

    count: RankCounts
    wrong: RankCounts
    before: RankCounts
    """Examples in the rows above."""
    step: RankSums
    """Sum of 1/n over the places of the row."""
    rest: RankSums
    """Sum of 1/n over the places below the row."""

    @classmethod
    def of(cls, ranking: Ranking) -> _Descending:
        from scipy.special import digamma

        count, wrong = ranking.count[::-1], (ranking.count - ranking.hits)[::-1]
        upto = np.cumsum(count)
        harmonic = digamma(upto + 1.0)
        # A row of one exactly: rounding would add up over a million of them.
        step = np.where(count == 1, 1 / upto, harmonic - digamma(upto - count + 1.0))
        return cls(count, wrong, upto - count, step, harmonic[-1] - harmonic)

    @property
    def examples(self) -> int:
        return int(self.count.sum())

    @property
    def risk(self) -> RankSums:
        """Share of each row that is wrong."""
        share: RankSums = self.wrong / self.count
        return share

    @property
    def weight(self) -> RankSums:
        """Mean weight of the places of each row."""
        mean: RankSums = self.rest + 1 - self.before * (self.step / self.count)
        return mean

    @property
    def area(self) -> float:
        return float((self.wrong @ self.weight) / self.examples)

    @property
    def slope_of_best(self) -> float:
        """What one wrong prediction more adds to N times the best area: 1/n over the places of the wrong ones."""
        from scipy.special import digamma

        right = self.examples - int(self.wrong.sum())
        return float(digamma(self.examples + 1.0) - digamma(right + 1.0))

    @property
    def excess(self) -> float:
        wrong = int(self.wrong.sum())
        best = (wrong - (self.examples - wrong) * self.slope_of_best) / self.examples
        return max(0.0, self.area - best)

    @property
    def misplaced(self) -> int:
        """Wrong predictions that would trade places with right ones in the best order."""
        right = self.examples - int(self.wrong.sum())
        return math.floor(right - self._right_upto(right))

    def area_bounds(self, confidence: float) -> Bounds:
        """The normal interval of the log odds of the area."""
        lacking = self._lacking()
        if lacking:
            return lacking
        area = self.area
        factor = math.exp(two_sided(confidence) * self._error(0.0) / (area * (1 - area)))
        low, high = (odds / (1 + odds) for odds in (area / (1 - area) / factor, area / (1 - area) * factor))
        return Interval(low, high, "normal on the log odds, influence function")

    def excess_bounds(self, confidence: float) -> Bounds:
        """The normal interval of the logarithm of the excess."""
        lacking = self._lacking()
        if lacking:
            return lacking
        if self.misplaced < FEWEST_MISPLACED:
            return NoInterval(
                f"wrong predictions out of place: {self.misplaced}, and the interval needs {FEWEST_MISPLACED}"
            )
        excess = self.excess
        factor = math.exp(two_sided(confidence) * self._error(self.slope_of_best) / excess)
        return Interval(excess / factor, min(1.0, excess * factor), "normal on the logarithm, influence function")

    def _lacking(self) -> NoInterval | None:
        wrong = int(self.wrong.sum())
        right = self.examples - wrong
        if right < FEWEST_RIGHT:
            return NoInterval(f"right predictions: {right}, and the interval needs {FEWEST_RIGHT}")
        return wrong_lacking(wrong)

    def _error(self, slope: float) -> float:
        """The standard error of the area less `slope` times the share of wrong predictions.

        The area is a sum over rows of the share of wrong predictions times a function of the shares of the
        examples above: its derivative by each share is what one example there contributes.
        """
        examples = self.examples
        falling = self.risk * self.step
        of_right = self.risk * (self.rest - self.weight) - (falling.sum() - np.cumsum(falling))
        of_wrong = of_right + self.weight - slope
        right = self.count - self.wrong
        mean = (right @ of_right + self.wrong @ of_wrong) / examples
        squares = right @ np.square(of_right - mean) + self.wrong @ np.square(of_wrong - mean)
        return math.sqrt(squares / examples / (examples - 1))

    def accuracy_at(self, percent: int, confidence: float) -> Estimate:
        """Of the most confident so many percent, rounded up; of a row that is cut, the same share of its hits.

        Which confidence the last of them has differs from sample to sample, and the accuracy with it. So
        the Wilson interval is of fewer examples: as many as would have the variance of both together. The
        accuracy around the last one is taken from the examples next to it; numbers are rounded to whole ones.
        """
        examples = self.examples
        accepted = -(-percent * examples // 100)
        right = self._right_upto(accepted)
        reach = max(1, round(examples**0.75 / 4))
        low, high = max(0, accepted - reach), min(examples, accepted + reach)
        around = (self._right_upto(high) - self._right_upto(low)) / (high - low)
        # Two right and two wrong ones more, so that no accuracy is without spread.
        share = (right + 2) / (accepted + 4)
        widened = 1 + (1 - accepted / examples) * (share - around) ** 2 / (share * (1 - share))
        alike = max(1, round(accepted / widened))
        accuracy = right / accepted
        interval = wilson(round(accuracy * alike), alike, confidence)
        return Estimate(accuracy, Interval(interval.low, interval.high, "Wilson, widened for where the cut falls"))

    def _right_upto(self, place: int) -> float:
        """Right predictions among the most confident so many."""
        row = int(np.searchsorted(self.before, place, side="left")) - 1
        if row < 0:
            return 0.0
        right = self.count - self.wrong
        return float(right[:row].sum() + right[row] * (place - int(self.before[row])) / self.count[row])
