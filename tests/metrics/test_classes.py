"""One class against the rest: scikit-learn's figures, with intervals that hold for few examples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.metrics import precision_recall_fscore_support
from support.labelled import labelled

from harness.metrics import class_metrics, confusion_counts
from harness.metrics.classes import f1
from harness.statistics import Estimate, Interval, Scalar, Undefined, wilson


def value(scalar: Scalar) -> float:
    """scikit-learn's 0 in the place of what is undefined."""
    return scalar.value if isinstance(scalar, Estimate) else 0.0


class TestClassMetrics:
    @given(labelled())
    @settings(deadline=None)
    def test_are_those_of_scikit_learn(self, drawn: tuple[np.ndarray, np.ndarray, int]) -> None:
        gold, predicted, classes = drawn

        found = class_metrics(confusion_counts(gold, predicted, classes), confidence=0.95)

        expected = precision_recall_fscore_support(gold, predicted, labels=range(classes), zero_division=0)
        assert [value(one.precision) for one in found] == pytest.approx(expected[0])
        assert [value(one.recall) for one in found] == pytest.approx(expected[1])
        assert [value(one.f1) for one in found] == pytest.approx(expected[2])
        assert [one.support for one in found] == expected[3].tolist()
        assert [one.predicted for one in found] == np.bincount(predicted, minlength=classes).tolist()

    @given(labelled(most_classes=1000, most_examples=80))
    @settings(deadline=None, max_examples=5)
    def test_a_thousand_classes_are_no_special_case(self, drawn: tuple[np.ndarray, np.ndarray, int]) -> None:
        gold, predicted, classes = drawn

        found = class_metrics(confusion_counts(gold, predicted, classes), confidence=0.95)

        expected = precision_recall_fscore_support(gold, predicted, labels=range(classes), zero_division=0)
        assert [value(one.f1) for one in found] == pytest.approx(expected[2])
        assert sum(one.support for one in found) == sum(one.predicted for one in found) == len(gold)

    def test_precision_and_recall_have_wilson_intervals(self) -> None:
        (first, _) = class_metrics(np.array([[8, 2], [4, 6]]), confidence=0.9)

        assert first.precision == Estimate(8 / 12, wilson(8, 12, 0.9))
        assert first.recall == Estimate(0.8, wilson(8, 10, 0.9))

    def test_what_is_undefined_says_so(self) -> None:
        never_predicted, never_labelled, neither = class_metrics(
            np.array([[0, 5, 0], [0, 0, 0], [0, 0, 0]]), confidence=0.95
        )

        assert never_predicted.precision == Undefined("the class is never predicted")
        assert value(never_predicted.recall) == 0.0
        assert never_labelled.recall == Undefined("no example has this gold label")
        assert never_labelled.f1 == Estimate(0.0, Interval(0.0, highest_f1(0, 5), "Wilson of the Jaccard index"))
        assert neither.f1 == Undefined("the class neither occurs nor is predicted")


def highest_f1(right: int, either: int) -> float:
    jaccard = wilson(right, either, 0.95).high
    return 2 * jaccard / (1 + jaccard)


class TestF1:
    @pytest.mark.parametrize("examples", [30, 300])
    def test_its_interval_holds_the_truth_as_often_as_it_says(self, examples: int) -> None:
        """Of a class with 9 and with 90 gold labels: right 0.2, missed 0.1, wrongly predicted 0.06."""
        truth = 2 * 0.2 / (2 * 0.2 + 0.1 + 0.06)
        cells = np.random.default_rng(2).multinomial(examples, [0.2, 0.1, 0.06, 0.64], size=3000)

        inside = 0
        for right, missed, wrongly, _ in cells.tolist():
            estimate = f1(right, right + missed, right + wrongly, 0.95)
            assert isinstance(estimate, Estimate)
            assert isinstance(estimate.bounds, Interval)
            assert estimate.bounds.low <= estimate.value <= estimate.bounds.high
            inside += estimate.bounds.low <= truth <= estimate.bounds.high

        assert 0.93 < inside / 3000 < 0.97
