"""Selective prediction: the curve, its area, and thresholds that are judged on examples that did not choose them."""

from __future__ import annotations

import math
from itertools import permutations

import jaxtyping
import numpy as np
import pytest
from hypothesis import given, settings
from support.judged import Drawn, drawn_from, judged

from harness.metrics.ranking import FineBins, Ranking
from harness.metrics.selective import (
    RiskCoverage,
    area_error_bound,
    area_under_risk_coverage,
    curve_points,
    excess_area_under_risk_coverage,
    risk_coverage,
    selective_metrics,
)
from harness.statistics import Estimate, Interval, NoInterval, Scalar, wilson

AREA, EXCESS = "area_under_risk_coverage", "excess_area_under_risk_coverage"


def slow_area(right: np.ndarray) -> float:
    """The definition, of examples in descending order of confidence."""
    return float(np.mean([(~right[:n]).mean() for n in range(1, len(right) + 1)]))


def holds(scalar: Scalar, truth: float) -> bool:
    assert isinstance(scalar, Estimate) and isinstance(scalar.bounds, Interval), scalar
    return scalar.bounds.low <= truth <= scalar.bounds.high


class TestRiskCoverage:
    @given(judged())
    @settings(max_examples=30)
    def test_is_that_of_the_definition_at_every_threshold(self, drawn: Drawn) -> None:
        confidence, right = drawn
        curve = risk_coverage(Ranking.of(*drawn))

        assert curve.threshold.tolist() == sorted({*confidence.tolist()}, reverse=True)
        for threshold, coverage, risk in zip(curve.threshold, curve.coverage, curve.risk, strict=True):
            accepted = confidence >= threshold
            assert coverage == accepted.mean()
            assert risk == pytest.approx(1 - right[accepted].mean(), abs=1e-12)

    def test_thresholds_of_fine_bins_are_their_lower_edges(self) -> None:
        confidence = np.array([0.5, 0.5 + 2**-17, 0.75 - 2**-24, 1.0], dtype=np.float32)

        curve = risk_coverage(FineBins.of(confidence, np.array([True, False, True, True])).ranking())

        assert curve.threshold.tolist() == [1 - 2**-16, 0.75 - 2**-16, 0.5]
        assert curve.coverage.tolist() == [0.25, 0.5, 1.0]
        assert curve.risk.tolist() == [0.0, 0.0, 0.25]


class TestCurvePoints:
    CURVE = risk_coverage(Ranking.of(np.linspace(0.2, 1, 5000) ** 3, np.arange(5000) % 3 > 0))

    @pytest.mark.parametrize("most", [2, 7, 200])
    def test_are_evenly_spread_between_the_first_and_the_last(self, most: int) -> None:
        points = curve_points(self.CURVE, most)

        assert len(points.coverage) == most
        for name in ("coverage", "risk", "threshold"):
            assert getattr(points, name)[[0, -1]].tolist() == getattr(self.CURVE, name)[[0, -1]].tolist()
        assert np.diff(points.coverage) == pytest.approx(np.full(most - 1, 1 / (most - 1)), abs=1 / 2000)

    def test_lie_on_the_curve(self) -> None:
        points = curve_points(self.CURVE)

        of = {row: row for row in zip(self.CURVE.coverage, self.CURVE.risk, self.CURVE.threshold, strict=True)}
        assert all(row in of for row in zip(points.coverage, points.risk, points.threshold, strict=True))

    def test_a_short_curve_stays_as_it_is(self) -> None:
        curve = RiskCoverage(np.array([0.5, 1.0]), np.array([0.0, 0.1]), np.array([0.9, 0.4]))

        assert curve_points(curve, 2) is curve

    def test_fewer_where_many_examples_share_a_confidence(self) -> None:
        confidence = np.concatenate([np.linspace(0.9, 1, 150), np.full(5000, 0.85), np.linspace(0.1, 0.8, 150)])

        points = curve_points(risk_coverage(Ranking.of(confidence, confidence > 0.5)), 100)

        assert 2 < len(points.coverage) < 20
        assert points.coverage[[0, -1]].tolist() == [1 / 5300, 1.0]


class TestAreaUnderRiskCoverage:
    @given(judged(most=5, levels=2))
    @settings(max_examples=30)
    def test_is_the_mean_over_all_orders_of_ties(self, drawn: Drawn) -> None:
        confidence, right = drawn
        orders = [order for order in permutations(range(len(right))) if (np.diff(confidence[list(order)]) <= 0).all()]

        slow = np.mean([slow_area(right[list(order)]) for order in orders])

        assert area_under_risk_coverage(Ranking.of(*drawn)) == pytest.approx(slow, abs=1e-12)

    @given(judged())
    @settings(max_examples=30)
    def test_does_not_depend_on_the_order_of_examples(self, drawn: Drawn) -> None:
        confidence, right = drawn

        assert area_under_risk_coverage(Ranking.of(confidence[::-1], right[::-1])) == (
            area_under_risk_coverage(Ranking.of(confidence, right))
        )

    @pytest.mark.parametrize("ties", [False, True])
    def test_holds_to_rounding_for_many_examples(self, ties: bool) -> None:
        confidence, right = drawn_from(200_000, np.random.default_rng(0))
        if ties:
            confidence = np.round(confidence, 3)
        order = np.argsort(-confidence)
        places = np.arange(1, len(order) + 1)
        # Of each tie the mean: the place of each confidence among the different ones tells them apart.
        of = np.unique(confidence[order], return_inverse=True)[1]
        wrong = (np.bincount(of, ~right[order]) / np.bincount(of))[of]

        assert area_under_risk_coverage(Ranking.of(confidence, right)) == pytest.approx(
            (wrong.cumsum() / places).mean(), rel=1e-11
        )

    def test_all_right_is_0_and_all_wrong_is_1(self) -> None:
        confidence = np.linspace(0, 1, 9)

        assert area_under_risk_coverage(Ranking.of(confidence, confidence >= 0)) == 0.0
        assert area_under_risk_coverage(Ranking.of(confidence, confidence < 0)) == pytest.approx(1.0)


class TestExcessAreaUnderRiskCoverage:
    @given(judged())
    @settings(max_examples=30)
    def test_is_less_the_area_of_the_best_order(self, drawn: Drawn) -> None:
        best = slow_area(np.sort(drawn[1])[::-1])

        found = excess_area_under_risk_coverage(Ranking.of(*drawn))

        assert found >= 0
        assert found == pytest.approx(area_under_risk_coverage(Ranking.of(*drawn)) - best, abs=1e-12)

    def test_wrong_predictions_last_is_0(self) -> None:
        right = np.arange(100) >= 13

        assert excess_area_under_risk_coverage(Ranking.of(np.linspace(0, 1, 100), right)) == pytest.approx(0, abs=1e-15)


class TestAreaErrorBound:
    @given(judged(most=200))
    @settings(max_examples=30)
    def test_the_area_from_fine_bins_is_that_near(self, drawn: Drawn) -> None:
        """Confidences that are all different, and eight to a bin."""
        confidence, right = drawn
        apart = (np.floor(confidence * 20) + np.arange(len(confidence)) / len(confidence)) / 21

        fine = FineBins.of(apart, right, bins=21).ranking()
        exact = Ranking.of(apart, right)

        bound = area_error_bound(fine)
        assert abs(area_under_risk_coverage(fine) - area_under_risk_coverage(exact)) <= bound + 1e-12
        assert abs(excess_area_under_risk_coverage(fine) - excess_area_under_risk_coverage(exact)) <= bound + 1e-12

    def test_is_0_where_the_ranking_is_exact(self) -> None:
        assert area_error_bound(Ranking.of(np.array([0.5, 0.5]), np.array([True, False]))) == 0.0

    def test_is_small_with_the_usual_bins(self) -> None:
        confidence, right = drawn_from(100_000, np.random.default_rng(1))

        assert 0 < area_error_bound(FineBins.of(confidence, right).ranking()) < 2e-5


class TestSelectiveMetrics:
    def test_have_their_names(self) -> None:
        assert list(selective_metrics(Ranking.of(np.array([0.5]), np.array([True])), confidence=0.95)) == [
            "area_under_risk_coverage",
            "excess_area_under_risk_coverage",
            "accuracy_at_80_coverage",
            "accuracy_at_90_coverage",
            "accuracy_at_95_coverage",
        ]

    @given(judged(most=60))
    @settings(max_examples=30)
    def test_accuracy_at_a_coverage_is_that_of_the_most_confident(self, drawn: Drawn) -> None:
        """⌈c · N⌉ of them, where those with the same confidence stand for their mean."""
        confidence, right = drawn
        share = np.array([right[confidence == one].mean() for one in confidence])[np.argsort(-confidence)]

        found = selective_metrics(Ranking.of(*drawn), confidence=0.95)

        for percent in (80, 90, 95):
            estimate = found[f"accuracy_at_{percent}_coverage"]
            accepted = (percent * len(right) + 99) // 100
            assert isinstance(estimate, Estimate) and isinstance(estimate.bounds, Interval)
            assert estimate.value == pytest.approx(share[:accepted].mean(), abs=1e-12)
            assert estimate.bounds.low - 1e-12 <= estimate.value <= estimate.bounds.high + 1e-12

    def test_60_examples_at_95_percent_are_57(self) -> None:
        """0.95 · 60 in floats would be 58 after rounding up."""
        right = np.arange(60) >= 3

        accuracy = selective_metrics(Ranking.of(np.linspace(0, 1, 60), right), confidence=0.95)[
            "accuracy_at_95_coverage"
        ]

        assert isinstance(accuracy, Estimate)
        assert accuracy.value == 1.0

    def test_where_confidence_says_nothing_the_interval_is_that_of_wilson(self) -> None:
        right = np.arange(1000) % 5 > 0

        found = selective_metrics(Ranking.of(np.linspace(0, 1, 1000), right), confidence=0.95)[
            "accuracy_at_80_coverage"
        ]

        assert isinstance(found, Estimate) and isinstance(found.bounds, Interval)
        expected = wilson(640, 800, 0.95)
        assert (found.bounds.low, found.bounds.high) == pytest.approx((expected.low, expected.high), abs=1e-4)
        assert found.bounds.method == "Wilson, widened for where the cut falls"

    @pytest.mark.parametrize("name", [AREA, EXCESS])
    def test_few_wrong_or_right_predictions_leave_intervals_of_areas_out(self, name: str) -> None:
        confidence = np.linspace(0, 1, 100)

        for right, reason in (
            (np.arange(100) % 4 > 0, "25 wrong predictions, and the interval needs 30"),
            (np.arange(100) % 4 == 0, "right predictions: 25, and the interval needs 30"),
        ):
            estimate = selective_metrics(Ranking.of(confidence, right), confidence=0.95)[name]
            assert isinstance(estimate, Estimate)
            assert estimate.bounds == NoInterval(reason)

    def test_a_nearly_perfect_order_leaves_the_interval_of_the_excess_out(self) -> None:
        right = np.arange(200) >= 50
        right[[10, 90]] = [True, False]

        found = selective_metrics(Ranking.of(np.linspace(0, 1, 200), right), confidence=0.95)

        area, excess = found[AREA], found[EXCESS]
        assert isinstance(area, Estimate) and isinstance(area.bounds, Interval)
        assert isinstance(excess, Estimate)
        assert excess.bounds == NoInterval("wrong predictions out of place: 1, and the interval needs 5")

    def test_the_error_of_the_area_is_that_of_the_bootstrap(self) -> None:
        """Of many examples with a few confidences: as wide as what resampling them gives."""
        generator = np.random.default_rng(2)
        confidence, right = drawn_from(3_000, generator)
        confidence = np.round(confidence, 1)
        drawn = (generator.integers(0, 3_000, 3_000) for _ in range(600))
        found = selective_metrics(Ranking.of(confidence, right), confidence=0.95)

        resampled = [Ranking.of(confidence[rows], right[rows]) for rows in drawn]

        for name, function in ((AREA, area_under_risk_coverage), (EXCESS, excess_area_under_risk_coverage)):
            estimate = found[name]
            assert isinstance(estimate, Estimate) and isinstance(estimate.bounds, Interval)
            low, high, value = estimate.bounds.low, estimate.bounds.high, estimate.value
            error = math.log(high / low) * value / (2 * 1.96)
            if name == AREA:
                error = math.log(high / (1 - high) / (low / (1 - low))) * value * (1 - value) / (2 * 1.96)
            assert np.std([function(one) for one in resampled]) == pytest.approx(error, rel=0.07)

    @pytest.mark.parametrize("ties", [False, True])
    def test_intervals_hold(self, ties: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
        generator = np.random.default_rng(3)

        def drawn(examples: int) -> dict[str, Scalar]:
            confidence, right = drawn_from(examples, generator)
            return selective_metrics(Ranking.of(confidence.round(1) if ties else confidence, right), confidence=0.95)

        truth = {name: one.value for name, one in drawn(1_000_000).items() if isinstance(one, Estimate)}
        inside = dict.fromkeys(truth, 0)
        for _ in range(400):
            for name, estimate in drawn(300).items():
                inside[name] += holds(estimate, truth[name])

        assert {name: count / 400 for name, count in inside.items() if not 0.93 <= count / 400 <= 0.97} == {}

    def test_the_plain_wilson_interval_would_not_hold(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the accuracy falls steeply at the cut, where the cut falls matters as much as who is right there."""
        monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
        generator = np.random.default_rng(4)
        truth = float(np.mean(1 / (1 + np.exp(5 - 25 * np.linspace(0.1, 1, 100_001)))))
        plain = widened = 0
        for _ in range(400):
            confidence = generator.random(1_000)
            ranking = Ranking.of(confidence, generator.random(1_000) < 1 / (1 + np.exp(5 - 25 * confidence)))
            estimate = selective_metrics(ranking, confidence=0.95)["accuracy_at_90_coverage"]
            assert isinstance(estimate, Estimate)
            narrow = wilson(round(estimate.value * 900), 900, 0.95)
            plain += narrow.low <= truth <= narrow.high
            widened += holds(estimate, truth)

        assert plain / 400 < 0.91
        assert 0.93 <= widened / 400 <= 0.97
