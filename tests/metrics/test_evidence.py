"""Too little evidence for an interval is told in numbers."""

from __future__ import annotations

import numpy as np
import pytest

from harness.metrics.confusion import margins
from harness.metrics.evidence import (
    area_lacking,
    beside_the_commonest_lacking,
    examples_lacking,
    of_a_class_lacking,
    wrong_lacking,
)
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


class TestBesideTheCommonestLacking:
    def test_nine_of_all_other_classes_are_too_few_and_ten_are_not(self) -> None:
        nine, ten = margins(np.diag([100, 5, 4])), margins(np.diag([100, 5, 5]))

        assert beside_the_commonest_lacking(nine) == NoInterval(
            "9 examples beside the most common class, and the interval needs 10"
        )
        assert beside_the_commonest_lacking(ten) is None


class TestAreaLacking:
    @pytest.mark.parametrize(
        ("area", "needed"), [(0.5, 10), (0.75, 20), (0.98, 250), (0.02, 250), (0.999, 5000), (0.7, 17)]
    )
    def test_the_nearer_to_an_end_the_more_it_needs(self, area: float, needed: int) -> None:
        assert area_lacking(area, "class", needed) is None
        assert area_lacking(area, "class", needed - 1) == NoInterval(
            f"the class has {needed - 1:,} examples, and the interval of such an area needs {needed:,}"
        )

    def test_one_is_singular_and_the_side_is_named(self) -> None:
        assert area_lacking(0.5, "rest", 1) == NoInterval(
            "the rest has 1 example, and the interval of such an area needs 10"
        )

    @pytest.mark.parametrize(("area", "end"), [(1.0, 1), (0.0, 0)])
    def test_at_an_end_no_number_is_enough(self, area: float, end: int) -> None:
        assert area_lacking(area, "class", 10**9) == NoInterval(f"an area of exactly {end} says nothing of the spread")


class TestWrongLacking:
    def test_twenty_nine_are_too_few_and_thirty_are_not(self) -> None:
        assert wrong_lacking(29) == NoInterval("29 wrong predictions, and the interval needs 30")
        assert wrong_lacking(1) == NoInterval("1 wrong prediction, and the interval needs 30")
        assert wrong_lacking(30) is None
