"""Which class a row of probabilities stands for, how sure it is, and whether the label comes close."""

from __future__ import annotations

import numpy as np

from harness.metrics.arrays import Gold, PerExample, Predicted, Probabilities, Right
from harness.metrics.pieces import pieces
from harness.statistics import Estimate, Scalar, Undefined, wilson

TWO_CLASSES = "with two classes the label is always among the two most probable"


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


def in_top(probabilities: Probabilities, gold: Gold, k: int = 2) -> Right:
    """Whether the gold label is among the `k` most probable classes, (N,) bool; of ties the lowest index comes first.

    With `k` of 1 these are the right predictions.

    >>> in_top(np.array([[0.5, 0.3, 0.2], [0.4, 0.3, 0.3]]), np.array([1, 2]))
    array([ True, False])
    """
    among: Right = np.empty(len(gold), dtype=bool)
    # In pieces, and class by class, so that the memory grows with neither.
    for rows in pieces(*probabilities.shape):
        piece, labels = probabilities[rows], gold[rows]
        own = piece[np.arange(len(labels)), labels]
        ahead = np.zeros(len(labels), dtype=np.int64)
        for name in range(piece.shape[1]):
            ahead += (piece[:, name] > own) | ((piece[:, name] == own) & (name < labels))
        among[rows] = ahead < k
    return among


def top_hits(probabilities: Probabilities, gold: Gold, k: int = 2) -> int:
    """How many examples have their gold label among the `k` most probable classes, see `in_top`."""
    return int(in_top(probabilities, gold, k).sum())


def top_2_metric(hits: int, total: int, classes: int, confidence: float) -> Scalar:
    """The share of at least one example whose gold label is among the two most probable of `classes`."""
    return Estimate(hits / total, wilson(hits, total, confidence)) if classes > 2 else Undefined(TWO_CLASSES)
