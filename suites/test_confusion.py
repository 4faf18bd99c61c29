"""Which classes does the classifier take for which?

Rows of the matrix are gold labels, columns are predicted classes.
"""

from __future__ import annotations

import numpy as np
import pytest

ENOUGH = 30
"""Reviews of a class from which a classifier that never answers it has given that class up."""


def test_confusion_matrix_counts_every_review_once(evaluation):
    """The matrix is that of the predictions, and its margins are those of the per-class table."""
    record = evaluation.record
    matrix = np.array(record.confusion)
    counted = np.zeros_like(matrix)
    np.add.at(counted, (evaluation.gold, evaluation.probabilities.argmax(axis=1)), 1)

    assert matrix.tolist() == counted.tolist()
    assert matrix.sum() == record.counts.evaluated
    assert matrix.sum(axis=1).tolist() == [each.support for each in record.per_class]
    assert matrix.sum(axis=0).tolist() == [each.predicted for each in record.per_class]


def test_confusion_diagonal_is_what_is_right(evaluation, record_metrics):
    """The share on the diagonal is the accuracy."""
    record_metrics("accuracy")
    matrix = np.array(evaluation.record.confusion)

    assert matrix.trace() / matrix.sum() == pytest.approx(evaluation.record.metrics["accuracy"].value)


def test_confusion_leaves_no_class_out(evaluation):
    """Every class that the set has often enough is predicted at least once."""
    given_up = [each.name for each in evaluation.record.per_class if each.support >= ENOUGH and each.predicted == 0]

    assert not given_up, f"never predicted: {', '.join(given_up)}"


def test_confusion_stays_near_the_diagonal(evaluation, metrics, record_metrics):
    """With ordered classes, errors are smaller than those of one constant answer, the best there is."""
    record_metrics("mean_absolute_error")
    error = metrics["mean_absolute_error"]
    if error.value is None:
        pytest.skip(f"mean_absolute_error: {error.reason}")
    classes = np.arange(len(evaluation.record.per_class))
    constant = min(np.abs(evaluation.gold - each).mean() for each in classes)

    assert error.value < constant
