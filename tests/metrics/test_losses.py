"""Losses of probabilities: scikit-learn's, and nothing infinite that is not said aloud."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.metrics import brier_score_loss, log_loss
from support.labelled import probable

from harness.metrics import brier_losses, log_losses, loss_metrics
from harness.metrics.losses import SMALLEST
from harness.statistics import Estimate, Interval, NoInterval

Drawn = tuple[np.ndarray, np.ndarray]


class TestBrierLosses:
    def test_certain_and_right_costs_nothing(self) -> None:
        assert brier_losses(np.array([[0.0, 1.0]]), np.array([1])).tolist() == [0.0]

    def test_certain_and_wrong_costs_two(self) -> None:
        assert brier_losses(np.array([[0.0, 1.0]]), np.array([0])).tolist() == [2.0]

    @given(probable())
    @settings(deadline=None)
    def test_mean_is_the_score_of_scikit_learn(self, drawn: Drawn) -> None:
        """Over all classes, not halved; its own form of two classes looks at one alone, which is half."""
        probabilities, gold = drawn
        classes = probabilities.shape[1]

        expected = brier_score_loss(gold, probabilities, labels=range(classes), scale_by_half=False)

        assert brier_losses(probabilities, gold).mean() == pytest.approx(expected, abs=1e-12)

    def test_float32_probabilities_are_summed_in_float64(self) -> None:
        """A mean of 200,000 equal losses is that loss, which float32 sums would miss in the sixth digit."""
        probabilities = np.tile(np.array([[0.1, 0.2, 0.7]], dtype=np.float32), (200_000, 1))

        losses = brier_losses(probabilities, np.full(200_000, 2))

        exact = float(((probabilities[0].astype(float) - [0, 0, 1]) ** 2).sum())
        assert losses.dtype == np.float64
        assert losses.mean() == pytest.approx(exact, rel=1e-12)


class TestLogLosses:
    @given(probable())
    @settings(deadline=None)
    def test_mean_is_that_of_scikit_learn_where_no_probability_is_0(self, drawn: Drawn) -> None:
        """With a 0 they differ: scikit-learn cuts at the dtype's epsilon, which is 1e-7 for float32."""
        probabilities, gold = drawn
        probabilities = (probabilities + 0.01) / (probabilities + 0.01).sum(axis=1, keepdims=True)

        expected = log_loss(gold, probabilities, labels=range(probabilities.shape[1]))

        assert log_losses(probabilities, gold).mean() == pytest.approx(expected, abs=1e-12)

    def test_a_probability_of_0_counts_as_the_smallest(self) -> None:
        losses = log_losses(np.array([[0.0, 1.0]], dtype=np.float32), np.array([0]))

        assert losses.tolist() == [-np.log(SMALLEST)]
        assert losses[0] == pytest.approx(87.34, abs=0.01)

    def test_a_probability_beyond_1_by_rounding_costs_nothing(self) -> None:
        assert log_losses(np.array([[1.0000001, 0.0]]), np.array([0])).tolist() == [0.0]


class TestLossMetrics:
    PROBABILITIES = np.random.default_rng(0).dirichlet([2, 1, 1], size=200)
    GOLD = np.random.default_rng(1).integers(0, 3, size=200)

    def test_each_is_a_mean_with_a_normal_interval(self) -> None:
        found = loss_metrics(self.PROBABILITIES, self.GOLD, wrong=100, confidence=0.95)

        losses = {
            "negative_log_likelihood": log_losses(self.PROBABILITIES, self.GOLD),
            "brier_score": brier_losses(self.PROBABILITIES, self.GOLD),
        }
        assert list(found) == list(losses)
        for name, values in losses.items():
            estimate, reach = found[name], 1.959964 * values.std(ddof=1) / np.sqrt(200)
            assert isinstance(estimate, Estimate)
            assert isinstance(estimate.bounds, Interval)
            assert estimate.value == pytest.approx(values.mean())
            assert estimate.bounds.low == pytest.approx(values.mean() - reach)
            assert estimate.bounds.high == pytest.approx(values.mean() + reach)
            assert estimate.bounds.method == "normal"

    def test_few_wrong_predictions_leave_it_out(self) -> None:
        found = loss_metrics(self.PROBABILITIES, self.GOLD, wrong=29, confidence=0.95)

        for estimate in found.values():
            assert isinstance(estimate, Estimate)
            assert estimate.bounds == NoInterval("29 wrong predictions, and the interval needs 30")

    @pytest.mark.parametrize(("zeros", "words"), [(1, "1 example gives"), (3, "3 examples give")])
    def test_gold_labels_held_impossible_are_counted(self, zeros: int, words: str) -> None:
        probabilities = self.PROBABILITIES.copy()
        probabilities[:zeros] = np.eye(3)[(self.GOLD[:zeros] + 1) % 3]

        found = loss_metrics(probabilities, self.GOLD, wrong=100, confidence=0.95)

        likelihood, brier = found["negative_log_likelihood"], found["brier_score"]
        assert isinstance(likelihood, Estimate)
        assert likelihood.value == pytest.approx(log_losses(probabilities, self.GOLD).mean())
        assert likelihood.bounds == NoInterval(
            f"{words} the gold label a probability of 0, whose loss is infinite; it counts as 1.18e-38"
        )
        assert isinstance(brier, Estimate)
        assert isinstance(brier.bounds, Interval)

    def test_one_example_works_without_a_warning(self) -> None:
        found = loss_metrics(np.array([[0.5, 0.5]]), np.array([1]), wrong=1, confidence=0.95)

        assert isinstance(found["brier_score"], Estimate)
        assert found["brier_score"].value == 0.5

    def test_a_thousand_classes_are_no_special_case(self) -> None:
        """The sums stay finite, and the interval inside what is possible."""
        probabilities = np.random.default_rng(2).dirichlet(np.ones(1000), size=60).astype(np.float32)

        found = loss_metrics(probabilities, np.arange(60), wrong=60, confidence=0.95)

        for estimate in found.values():
            assert isinstance(estimate, Estimate)
            assert isinstance(estimate.bounds, Interval)
            assert 0 <= estimate.bounds.low < estimate.value < estimate.bounds.high
