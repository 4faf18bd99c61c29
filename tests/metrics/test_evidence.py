"""Too little evidence for an interval is told in numbers."""

from __future__ import annotations

import numpy as np

from harness.metrics.confusion import margins
from harness.metrics.evidence import examples_lacking, of_a_class_lacking, wrong_lacking
from harness.statistics import NoInterval


class TestExamplesLacking:
    def test_nineteen_are_too_few_and_twenty_are_not(self) -> None:
        assert examples_lacking(margins(np.diag([10, 9]))) == NoInterval("19 examples, and the interval needs 20")
        assert examples_lacking(margins(np.diag([10, 10]))) is None


class TestOfAClassLacking:
    def test_nine_of_the_rarest_are_too_few_and_ten_are_not(self) -> None:
        nine, ten = margins(np.diag([100, 9])), margins(np.diag([100, 10]))

        assert of_a_class_lacking(nine) == NoInterval("the rarest class has 9 examples, and the interval needs 10")
        assert of_a_class_lacking(ten) is None

    def test_gold_labels_count_and_not_predictions(self) -> None:
        assert of_a_class_lacking(margins(np.array([[100, 0], [12, 0]]))) is None


class TestWrongLacking:
    def test_twenty_nine_are_too_few_and_thirty_are_not(self) -> None:
        assert wrong_lacking(29) == NoInterval("29 wrong predictions, and the interval needs 30")
        assert wrong_lacking(1) == NoInterval("1 wrong prediction, and the interval needs 30")
        assert wrong_lacking(30) is None
