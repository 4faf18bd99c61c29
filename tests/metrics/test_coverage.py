"""Intervals hold the truth as often as they say: simulated from populations whose truth is known.

The band is three binomial deviations around 95 %, and a point wider below for what is asymptotic.
`test_meta` shows that intervals of 86 % fall out of it. The seeds are fixed, so that chance has had its say.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

import jaxtyping
import numpy as np
import pytest

from harness.metrics import confusion_counts, label_metrics, loss_metrics, predicted_classes
from harness.metrics.classification import FROM_MARGINS
from harness.metrics.confusion import margins
from harness.metrics.losses import LOSSES
from harness.statistics import Estimate, Interval, Moments, Scalar

SETS = 500

LABEL_METRICS = [
    "accuracy",
    "balanced_accuracy",
    "off_by_one_accuracy",
    "mean_absolute_error",
    "mean_signed_error",
    *FROM_MARGINS,
]


def population(shares: list[float], accuracy: float) -> np.ndarray:
    """Shares of a confusion matrix: a fifth of the mistakes is far, the rest is one class away."""
    classes = np.arange(len(shares))
    distance = np.abs(np.subtract.outer(classes, classes))
    near, far = distance == 1, distance > 1
    wrong = 0.8 * near / near.sum(axis=1, keepdims=True) + 0.2 * far / far.sum(axis=1, keepdims=True)
    return np.array(shares)[:, None] * (accuracy * np.eye(len(shares)) + (1 - accuracy) * wrong)


POPULATIONS = {
    "even": (population([0.2] * 5, 0.6), 300),
    "skewed": (population([0.05, 0.05, 0.1, 0.3, 0.5], 0.6), 500),
    "accurate": (population([0.2] * 5, 0.9), 600),
}


def truth_of(shares: np.ndarray) -> dict[str, float]:
    """What an endless sample would give."""
    signed = -np.subtract.outer(np.arange(len(shares)), np.arange(len(shares)))
    distance = np.abs(signed)
    endless = margins(np.rint(shares * 1e9).astype(np.int64))
    return {
        "accuracy": float(shares.trace()),
        "balanced_accuracy": float((shares.diagonal() / shares.sum(axis=1)).mean()),
        "off_by_one_accuracy": float(shares[distance <= 1].sum()),
        "mean_absolute_error": float((shares * distance).sum()),
        "mean_signed_error": float((shares * signed).sum()),
        **{name: float(metric.compute(endless)) for name, metric in FROM_MARGINS.items()},
    }


def within_band(inside: int, sets: int, nominal: float = 0.95) -> bool:
    deviation = math.sqrt(nominal * (1 - nominal) / sets)
    return nominal - 3 * deviation - 0.01 <= inside / sets <= nominal + 3 * deviation


def holds(scalar: Scalar, truth: float) -> bool:
    assert isinstance(scalar, Estimate)
    assert isinstance(scalar.bounds, Interval), scalar
    return scalar.bounds.low <= truth <= scalar.bounds.high


def covered(name: str, confidence: float) -> Counter[str]:
    """In how many of the simulated sets the interval of each metric holds the truth."""
    shares, examples = POPULATIONS[name]
    truth = truth_of(shares)
    generator = np.random.default_rng(17)
    inside: Counter[str] = Counter()
    for seed in range(SETS):
        table = generator.multinomial(examples, shares.ravel()).reshape(shares.shape)
        found = label_metrics(table, ordinal=True, confidence=confidence, resamples=400, seed=seed)
        inside.update(metric for metric in LABEL_METRICS if holds(found[metric], truth[metric]))
    return inside


@pytest.fixture(autouse=True)
def _shapes_unchecked() -> Iterator[None]:
    """The other tests check the shapes; thousands of sets here would spend most of their time on it."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.mark.parametrize("name", list(POPULATIONS))
def test_intervals_of_label_metrics_hold(name: str) -> None:
    inside = covered(name, 0.95)

    assert {metric: inside[metric] / SETS for metric in LABEL_METRICS if not within_band(inside[metric], SETS)} == {}


def test_meta() -> None:
    """The band tells 95 % from 86 %."""
    inside = covered("even", 0.86)

    assert [metric for metric in LABEL_METRICS if within_band(inside[metric], SETS)] == []


def test_intervals_of_losses_hold() -> None:
    """Of a classifier that is too sure of itself, whose losses are skewed."""

    def drawn(examples: int, generator: np.random.Generator) -> dict[str, Scalar]:
        gold = generator.integers(0, 5, examples)
        logits = generator.normal(scale=1.5, size=(examples, 5))
        logits[np.arange(examples), gold] += 2
        weights = np.exp(1.5 * (logits - logits.max(axis=1, keepdims=True)))
        probabilities = weights / weights.sum(axis=1, keepdims=True)
        wrong = int((predicted_classes(probabilities) != gold).sum())
        assert confusion_counts(gold, predicted_classes(probabilities), 5).trace() == examples - wrong
        moments = {name: Moments.of(losses(probabilities, gold)) for name, losses in LOSSES.items()}
        return loss_metrics(moments, impossible=0, wrong=wrong, ordinal=True, confidence=0.95)

    endless = drawn(1_000_000, np.random.default_rng(0))
    generator = np.random.default_rng(1)
    inside: Counter[str] = Counter()
    for _ in range(SETS):
        found = drawn(300, generator)
        inside.update(name for name, scalar in found.items() if holds(scalar, endless[name].value))  # type: ignore[union-attr]

    assert {name: inside[name] / SETS for name in LOSSES if not within_band(inside[name], SETS)} == {}
