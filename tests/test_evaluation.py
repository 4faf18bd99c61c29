"""Predictions -> metrics: every name that scripts rely on, each with an interval or a reason."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from support.labelled import probable

from harness.errors import NothingMeasured, PredictionsError, UsageError
from harness.evaluation import Measured, as_metric, evaluate
from harness.records import Metric
from harness.statistics import Estimate, Interval, NoInterval, Undefined

STARS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
NAMES = [
    "accuracy",
    "balanced_accuracy",
    "off_by_one_accuracy",
    "mean_absolute_error",
    "macro_f1",
    "quadratic_weighted_kappa",
    "matthews_correlation",
    "negative_log_likelihood",
    "brier_score",
    "expected_calibration_error",
]


def predictions(examples: int, classes: int = 5, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Of a fair classifier: float32 probabilities and gold labels."""
    generator = np.random.default_rng(seed)
    gold = generator.integers(0, classes, examples)
    logits = generator.normal(size=(examples, classes))
    logits[np.arange(examples), gold] += 1.5
    weights = np.exp(logits)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32), gold


@pytest.fixture(scope="module")
def measured() -> Measured:
    """Values are frozen, so that every test may share them."""
    return evaluate(*predictions(1000), STARS, ordinal=True)


class TestEvaluate:
    def test_every_metric_has_its_full_name(self, measured: Measured) -> None:
        assert list(measured.metrics) == NAMES

    def test_all_but_one_have_an_interval_around_the_value(self, measured: Measured) -> None:
        for name, metric in measured.metrics.items():
            if name == "expected_calibration_error":
                assert metric.interval_reason
                assert metric.low is None
            else:
                assert metric.value is not None
                assert metric.low is not None
                assert metric.high is not None
                assert metric.low < metric.value < metric.high, name

    def test_the_parts_agree_with_each_other(self, measured: Measured) -> None:
        probabilities, gold = predictions(1000)
        table = np.array(measured.confusion)

        assert table.sum() == 1000
        assert table.sum(axis=1).tolist() == [one.support for one in measured.per_class]
        assert table.sum(axis=0).tolist() == [one.predicted for one in measured.per_class]
        assert measured.metrics["accuracy"].value == table.trace() / 1000
        assert measured.metrics["accuracy"].value == (probabilities.argmax(axis=1) == gold).mean()
        assert measured.metrics["macro_f1"].value == pytest.approx(
            np.mean([one.f1.value for one in measured.per_class])
        )
        assert [one.name for one in measured.per_class] == list(STARS)
        assert sum(one.count for one in measured.reliability) == 1000
        assert len(measured.reliability) == 15

    def test_a_row_of_the_confusion_matrix_is_a_gold_label(self) -> None:
        probabilities = np.array([[0.1, 0.9]], dtype=np.float32)

        assert evaluate(probabilities, np.array([0]), ("no", "yes"), ordinal=False).confusion == ((0, 1), (0, 0))

    def test_it_is_the_same_in_any_order_of_the_reviews(self, measured: Measured) -> None:
        probabilities, gold = predictions(1000)
        order = np.random.default_rng(1).permutation(1000)

        shuffled = evaluate(probabilities[order], gold[order], STARS, ordinal=True)

        assert shuffled.confusion == measured.confusion
        for name, metric in measured.metrics.items():
            assert shuffled.metrics[name].value == pytest.approx(metric.value, rel=1e-12), name
            assert shuffled.metrics[name].method == metric.method, name
            if metric.low is not None:
                assert shuffled.metrics[name].low == pytest.approx(metric.low, rel=1e-12), name

    def test_the_options_of_the_bootstrap_are_on_record(self) -> None:
        found = evaluate(*predictions(300), STARS, ordinal=True, resamples=1234, seed=7)

        method = "BCa bootstrap of the confusion counts, 1,234 resamples, seed 7"
        assert found.metrics["macro_f1"].method == method

    def test_without_an_order_what_needs_one_is_null_with_the_reason(self) -> None:
        found = evaluate(*predictions(300), STARS, ordinal=False)

        for name in ("off_by_one_accuracy", "mean_absolute_error", "quadratic_weighted_kappa"):
            assert found.metrics[name].model_dump() == {"value": None, "reason": "the classes have no order"}

    @given(probable())
    @settings(deadline=None, max_examples=60)
    def test_any_probabilities_give_finite_values_or_reasons(self, drawn: tuple[np.ndarray, np.ndarray]) -> None:
        """Ties, zeros, missing classes, a single review: the records refuse NaN, and warnings are errors here."""
        probabilities, gold = drawn
        classes = [str(number) for number in range(probabilities.shape[1])]

        found = evaluate(probabilities.astype(np.float32), gold, classes, ordinal=True, resamples=40)

        for metric in found.metrics.values():
            assert metric.reason if metric.value is None else metric.method or metric.interval_reason

    @pytest.mark.parametrize("classes", [2, 1000])
    def test_from_two_classes_to_a_thousand(self, classes: int) -> None:
        names = [str(number) for number in range(classes)]

        found = evaluate(*predictions(400, classes), names, ordinal=False, resamples=40)

        assert len(found.per_class) == len(found.confusion) == classes
        assert found.metrics["accuracy"].value is not None

    def test_nothing_to_evaluate_is_an_error_of_its_own(self) -> None:
        with pytest.raises(NothingMeasured):
            evaluate(np.empty((0, 5), dtype=np.float32), np.empty(0, dtype=int), STARS, ordinal=True)

    def test_arrays_that_cannot_be_scored_are_refused(self) -> None:
        with pytest.raises(PredictionsError, match="probabilities are not finite"):
            evaluate(np.full((2, 5), np.nan, dtype=np.float32), np.array([0, 1]), STARS, ordinal=True)

    def test_another_number_of_classes_is_told(self) -> None:
        with pytest.raises(UsageError, match="5 columns of probabilities and 2 classes"):
            evaluate(*predictions(10), ("no", "yes"), ordinal=False)

    @pytest.mark.parametrize("confidence", [0, 1, 95])
    def test_a_confidence_that_is_no_level_is_refused(self, confidence: float) -> None:
        with pytest.raises(UsageError, match=f"confidence cannot be {confidence}"):
            evaluate(*predictions(10), STARS, ordinal=True, confidence=confidence)


class TestAsMetric:
    def test_an_interval_is_kept_with_its_method(self) -> None:
        assert as_metric(Estimate(0.5, Interval(0.4, 0.6, "Wilson"))) == Metric(
            value=0.5, low=0.4, high=0.6, method="Wilson"
        )

    def test_a_missing_interval_is_kept_with_its_reason(self) -> None:
        assert as_metric(Estimate(0.5, NoInterval("too few"))).model_dump() == {
            "value": 0.5,
            "low": None,
            "high": None,
            "interval_reason": "too few",
        }

    def test_an_undefined_value_is_kept_with_its_reason(self) -> None:
        assert as_metric(Undefined("no order")).model_dump() == {"value": None, "reason": "no order"}
