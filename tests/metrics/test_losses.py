"""Losses of probabilities: scikit-learn's, and nothing infinite that is not said aloud."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import brier_score_loss, log_loss, mean_absolute_error
from support.labelled import probable

from harness.metrics.losses import (
    LOSSES,
    SMALLEST,
    brier_losses,
    impossible_examples,
    log_losses,
    loss_metrics,
    ranked_losses,
)
from harness.statistics import Estimate, Interval, NoInterval, Scalar, Undefined
from harness.statistics.moments import Moments

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


class TestRankedLosses:
    @given(probable())
    def test_is_the_sum_over_thresholds(self, drawn: Drawn) -> None:
        """The definition, one threshold after the other."""
        probabilities, gold = drawn
        thresholds = range(probabilities.shape[1] - 1)

        expected = [
            sum((row[: threshold + 1].sum() - (label <= threshold)) ** 2 for threshold in thresholds)
            for row, label in zip(probabilities, gold, strict=True)
        ]

        assert ranked_losses(probabilities, gold).tolist() == pytest.approx(expected, abs=1e-12)

    @given(probable())
    def test_is_the_mean_distance_less_half_the_mean_distance_of_two_draws(self, drawn: Drawn) -> None:
        """The same score as an energy distance (Gneiting & Raftery 2007, JASA 102)."""
        probabilities, gold = drawn
        classes = np.arange(probabilities.shape[1])
        distance = np.abs(classes - classes[:, None])

        to_gold = (probabilities * distance[gold]).sum(axis=1)
        to_each_other = np.einsum("ei,ij,ej->e", probabilities, distance, probabilities)

        assert ranked_losses(probabilities, gold) == pytest.approx(to_gold - to_each_other / 2, abs=1e-12)

    @given(st.integers(2, 7).flatmap(lambda k: hnp.arrays(np.int64, (2, 30), elements=st.integers(0, k - 1))))
    def test_a_certain_prediction_costs_its_distance_in_classes(self, drawn: np.ndarray) -> None:
        """So that the mean of certain predictions is their mean absolute error."""
        predicted, gold = drawn
        losses = ranked_losses(np.eye(7)[predicted], gold)

        assert losses.tolist() == np.abs(predicted - gold).tolist()
        assert losses.mean() == pytest.approx(mean_absolute_error(gold, predicted))

    @given(probable(most_classes=2))
    def test_is_half_the_brier_score_of_two_classes(self, drawn: Drawn) -> None:
        assert 2 * ranked_losses(*drawn) == pytest.approx(brier_losses(*drawn), abs=1e-12)

    def test_far_off_costs_more_than_near(self) -> None:
        near, far = ranked_losses(np.array([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]]), np.array([0, 0]))

        assert near < far


class TestLosses:
    @pytest.mark.parametrize("name", list(LOSSES))
    def test_the_pieces_leave_no_seam(self, name: str) -> None:
        """Rows on either side of the end of a piece cost what they cost by themselves."""
        generator = np.random.default_rng(0)
        probabilities = generator.dirichlet([1, 1, 1], size=65_540)
        gold = generator.integers(0, 3, size=65_540)

        losses = LOSSES[name](probabilities, gold)

        assert losses[65_530:].tolist() == LOSSES[name](probabilities[65_530:], gold[65_530:]).tolist()

    @pytest.mark.parametrize("name", list(LOSSES))
    def test_of_nothing_there_are_none(self, name: str) -> None:
        assert LOSSES[name](np.zeros((0, 3)), np.zeros(0, dtype=int)).tolist() == []


class TestImpossibleExamples:
    def test_are_those_whose_gold_label_has_a_probability_of_0(self) -> None:
        probabilities = np.array([[0.0, 1.0], [SMALLEST / 2, 1.0], [SMALLEST, 1.0], [0.0, 1.0]])

        assert impossible_examples(probabilities, np.array([0, 0, 0, 1])) == 2


def measured(probabilities: np.ndarray, gold: np.ndarray, wrong: int = 100, ordinal: bool = True) -> dict[str, Scalar]:
    return loss_metrics(
        {name: Moments.of(losses(probabilities, gold)) for name, losses in LOSSES.items()},
        impossible=impossible_examples(probabilities, gold),
        wrong=wrong,
        ordinal=ordinal,
        confidence=0.95,
    )


class TestLossMetrics:
    PROBABILITIES = np.random.default_rng(0).dirichlet([2, 1, 1], size=200)
    GOLD = np.random.default_rng(1).integers(0, 3, size=200)

    def test_each_is_a_mean_with_a_normal_interval(self) -> None:
        found = measured(self.PROBABILITIES, self.GOLD)

        losses = {
            "negative_log_likelihood": log_losses(self.PROBABILITIES, self.GOLD),
            "brier_score": brier_losses(self.PROBABILITIES, self.GOLD),
            "ranked_probability_score": ranked_losses(self.PROBABILITIES, self.GOLD),
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

    def test_without_an_order_there_is_no_ranked_score(self) -> None:
        found = measured(self.PROBABILITIES, self.GOLD, ordinal=False)

        assert found["ranked_probability_score"] == Undefined("the classes have no order")

    def test_few_wrong_predictions_leave_it_out(self) -> None:
        found = measured(self.PROBABILITIES, self.GOLD, wrong=29)

        for estimate in found.values():
            assert isinstance(estimate, Estimate)
            assert estimate.bounds == NoInterval("29 wrong predictions, and the interval needs 30")

    @pytest.mark.parametrize(("zeros", "words"), [(1, "1 example gives"), (3, "3 examples give")])
    def test_gold_labels_held_impossible_are_counted(self, zeros: int, words: str) -> None:
        probabilities = self.PROBABILITIES.copy()
        probabilities[:zeros] = np.eye(3)[(self.GOLD[:zeros] + 1) % 3]

        found = measured(probabilities, self.GOLD)

        likelihood, brier = found["negative_log_likelihood"], found["brier_score"]
        assert isinstance(likelihood, Estimate)
        assert likelihood.value == pytest.approx(log_losses(probabilities, self.GOLD).mean())
        assert likelihood.bounds == NoInterval(
            f"{words} the gold label a probability of 0, whose loss is infinite; it counts as 1.18e-38 "
            "(logits, or probabilities with more digits, would tell)"
        )
        assert isinstance(brier, Estimate)
        assert isinstance(brier.bounds, Interval)

    def test_equal_losses_have_no_interval(self) -> None:
        """Also where their sum is rounded, as that of 0.1 is."""
        found = measured(np.tile([0.7, 0.2, 0.1], (99, 1)), np.full(99, 2))

        for estimate in found.values():
            assert isinstance(estimate, Estimate)
            assert estimate.bounds == NoInterval("every example has the same value, which says nothing of the spread")

    def test_one_example_works_without_a_warning(self) -> None:
        found = measured(np.array([[0.5, 0.5]]), np.array([1]), wrong=1)

        assert isinstance(found["brier_score"], Estimate)
        assert found["brier_score"].value == 0.5

    def test_a_thousand_classes_are_no_special_case(self) -> None:
        """The sums stay finite, and the interval inside what is possible."""
        probabilities = np.random.default_rng(2).dirichlet(np.ones(1000), size=60).astype(np.float32)

        found = measured(probabilities, np.arange(60), wrong=60)

        for estimate in found.values():
            assert isinstance(estimate, Estimate)
            assert isinstance(estimate.bounds, Interval)
            assert 0 <= estimate.bounds.low < estimate.value < estimate.bounds.high
