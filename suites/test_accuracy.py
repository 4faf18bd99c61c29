"""How often is the classifier right, and is that more than a guess?

`pytest suites/ -k accuracy` runs this file. Every test is one classifier on one review set.
"""

from __future__ import annotations

import pytest

NOMINAL = (
    "accuracy", "balanced_accuracy", "macro_f1", "weighted_f1", "top_2_accuracy", "cohen_kappa",
    "matthews_correlation", "area_under_roc",
)  # fmt: skip
ORDINAL = ("off_by_one_accuracy", "mean_absolute_error", "mean_signed_error", "quadratic_weighted_kappa")


def test_labels_fit_the_classes(evaluation, request):
    """No other assignment of the set's labels to the classifier's classes fits significantly better."""
    match = evaluation.record.label_match
    request.node.user_properties.append(("harness.label_match", match.how))

    assert not match.warnings, "\n".join(match.warnings)


@pytest.mark.parametrize("name", NOMINAL + ORDINAL)
def test_accuracy_is_measured(metrics, record_metrics, name):
    """Each figure lies inside its interval, where one holds; a figure that there is not says why."""
    record_metrics(name)
    metric = metrics[name]
    if metric.value is None:
        pytest.skip(f"{name}: {metric.reason}")

    assert metric.low is None or metric.low <= metric.value <= metric.high


def test_accuracy_beats_the_most_frequent_class(evaluation, metrics, record_metrics):
    """The classifier is right significantly more often than one that always answers the most frequent class."""
    record_metrics("accuracy")
    accuracy = metrics["accuracy"]
    most_frequent = max(evaluation.record.per_class, key=lambda each: each.support)
    share = most_frequent.support / evaluation.record.counts.evaluated
    if accuracy.low is None:
        pytest.skip(f"accuracy has no interval: {accuracy.interval_reason}")

    assert accuracy.low > share, (
        f"accuracy is {accuracy.value:.3f} (at least {accuracy.low:.3f}); "
        f"always answering {most_frequent.name!r} is right in {share:.3f}"
    )
