"""Which class a row of probabilities stands for, and how sure it is."""

from __future__ import annotations

import numpy as np

from harness.metrics.arrays import PerExample, Predicted, Probabilities


def predicted_classes(probabilities: Probabilities) -> Predicted:
    """The most probable class of each row, the lowest index on a tie.

    >>> predicted_classes(np.array([[0.2, 0.8], [0.5, 0.5]]))
    array([1, 0])
    """
    predicted: Predicted = probabilities.argmax(axis=1)
    return predicted


def confidences(probabilities: Probabilities) -> PerExample:
    """The top probability of each row, (N,) float64."""
    top: PerExample = probabilities.max(axis=1).astype(np.float64)
    return top
