"""Can the probabilities be taken at their word?

A classifier is calibrated when, of the reviews that it is 80 % sure of, it gets 80 % right.
"""

from __future__ import annotations

import numpy as np
import pytest

MEASURED = (
    "negative_log_likelihood", "brier_score", "expected_calibration_error", "debiased_calibration_error",
    "smooth_calibration_error", "confidence_gap", "temperature",
)  # fmt: skip
SELECTIVE = ("area_under_risk_coverage", "accuracy_at_80_coverage", "accuracy_at_90_coverage")


def test_calibration_rows_are_probabilities(evaluation):
    """Each review has one probability for each class; none is negative, and together they are 1."""
    rows = evaluation.probabilities

    assert rows.shape == (evaluation.record.counts.evaluated, len(evaluation.record.per_class))
    assert (rows >= 0).all()
    np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-5)


def test_calibration_table_holds_every_review(evaluation):
    """The bins of the reliability table cover 0 to 1 without a gap, and hold each review once."""
    bins = evaluation.record.reliability
    right = sum(each.accuracy.value * each.count for each in bins if each.count)

    assert sum(each.count for each in bins) == evaluation.record.counts.evaluated
    assert (bins[0].low, bins[-1].high) == (0, 1)
    assert [each.high for each in bins[:-1]] == pytest.approx([each.low for each in bins[1:]])
    assert all(each.low - 1e-6 <= each.mean_confidence <= each.high + 1e-6 for each in bins if each.count)
    assert right / evaluation.record.counts.evaluated == pytest.approx(evaluation.record.metrics["accuracy"].value)


def test_calibration_error_is_that_of_the_table(evaluation, metrics, record_metrics):
    """The expected calibration error is the mean gap between confidence and accuracy over the table's bins."""
    record_metrics("expected_calibration_error")
    filled = [each for each in evaluation.record.reliability if each.count]
    gaps = sum(each.count * abs(each.mean_confidence - each.accuracy.value) for each in filled)

    error = gaps / evaluation.record.counts.evaluated
    assert metrics["expected_calibration_error"].value == pytest.approx(error, abs=1e-9)


@pytest.mark.parametrize("name", MEASURED + SELECTIVE)
def test_calibration_is_measured(metrics, record_metrics, name):
    """Each figure is there or says why not, and lies inside its interval where one holds."""
    record_metrics(name)
    metric = metrics[name]
    if metric.value is None:
        pytest.skip(f"{name}: {metric.reason}")

    assert metric.low is None or metric.low <= metric.value <= metric.high


def test_calibration_beats_the_class_shares(evaluation, metrics, record_metrics):
    """The probabilities say more than the classes' shares in the set would: the Brier score is lower."""
    record_metrics("brier_score")
    shares = np.array([each.support for each in evaluation.record.per_class]) / evaluation.record.counts.evaluated
    uninformed = 1 - np.square(shares).sum()

    assert metrics["brier_score"].value < uninformed


def test_calibration_scaled_by_a_temperature_keeps_every_prediction(evaluation, metrics):
    """One temperature changes how sure the classifier is, and no prediction: what depends on these alone stays."""
    calibrated = evaluation.record.calibrated
    if calibrated is None:
        pytest.skip(evaluation.record.calibrated_reason)
    right = sum(each.accuracy.value * each.count for each in calibrated.reliability if each.count)

    assert right / evaluation.record.counts.evaluated == pytest.approx(metrics["accuracy"].value)
