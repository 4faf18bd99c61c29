"""Binned calibration: each confidence lies in one bin, by one convention."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.metrics import binned, calibration_metrics, expected_calibration_error, reliability
from harness.statistics import Estimate, NoInterval, Undefined, wilson


def slow_error(confidence: np.ndarray, right: np.ndarray, bins: int) -> float:
    """The definition, bin by bin: (low, high], 0 in the first and 1 in the last."""
    edges = [-1.0, *np.arange(1, bins) / bins, 2.0]
    error = 0.0
    for low, high in pairwise(edges):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return error


@st.composite
def judged(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    """Confidences, many of them on an edge; whether each prediction is right; the number of bins."""
    bins = draw(st.integers(1, 20))
    examples = draw(st.integers(1, 60))
    on_edges = st.integers(0, bins).map(lambda edge: edge / bins)
    confidence = draw(hnp.arrays(np.float64, examples, elements=st.floats(0, 1) | on_edges))
    return confidence, draw(hnp.arrays(np.bool_, examples)), bins


class TestBinned:
    def test_an_edge_belongs_to_the_bin_below_it(self) -> None:
        of = binned(np.array([0.5, np.nextafter(0.5, 1)]), np.array([True, False]), bins=2)

        assert of.count.tolist() == [1, 1]
        assert of.right.tolist() == [1, 0]

    def test_0_belongs_to_the_first_and_1_to_the_last(self) -> None:
        assert binned(np.array([0.0, 1.0, 1.0]), np.array([True] * 3)).count.tolist() == [1] + [0] * 13 + [2]

    def test_beyond_1_by_rounding_belongs_to_the_last(self) -> None:
        assert binned(np.array([1.0000001]), np.array([True])).count[-1] == 1

    @pytest.mark.parametrize("bin_number", range(15))
    def test_every_edge_of_15_bins_is_the_upper_one(self, bin_number: int) -> None:
        edge = (np.arange(1, 16) / 15)[bin_number]

        assert binned(np.array([edge]), np.array([True])).count[bin_number] == 1


class TestExpectedCalibrationError:
    @given(judged())
    @settings(deadline=None)
    def test_is_that_of_the_definition(self, drawn: tuple[np.ndarray, np.ndarray, int]) -> None:
        assert expected_calibration_error(binned(*drawn)) == pytest.approx(slow_error(*drawn), abs=1e-12)

    def test_certain_and_right_is_calibrated(self) -> None:
        assert expected_calibration_error(binned(np.ones(5), np.ones(5, dtype=bool))) == 0.0

    def test_certain_and_wrong_is_as_far_as_can_be(self) -> None:
        assert expected_calibration_error(binned(np.ones(5), np.zeros(5, dtype=bool))) == 1.0


class TestCalibrationMetrics:
    def test_has_no_interval_and_says_why(self) -> None:
        found = calibration_metrics(binned(np.array([0.75, 0.75]), np.array([True, False])))

        assert found == {
            "expected_calibration_error": Estimate(
                0.25, NoInterval("the estimate is biased upward, so that its bootstrap interval misses the truth")
            )
        }

    def test_the_reason_is_true(self) -> None:
        """A calibrated classifier has an error of 0, and a percentile bootstrap of its estimate excludes that."""
        generator = np.random.default_rng(0)
        confidence = generator.uniform(0.3, 1, size=500)
        right = generator.random(500) < confidence

        rows = generator.integers(0, 500, size=(500, 500))
        resampled = [expected_calibration_error(binned(confidence[row], right[row])) for row in rows]

        assert np.quantile(resampled, 0.025) > 0.01


class TestReliability:
    def test_each_bin_has_its_count_confidence_and_accuracy(self) -> None:
        of = binned(np.array([0.9, 0.8, 0.3, 0.7]), np.array([True, True, False, False]), bins=4)

        table = reliability(of, confidence=0.9)

        assert [(one.low, one.high, one.count) for one in table] == [
            (0.0, 0.25, 0),
            (0.25, 0.5, 1),
            (0.5, 0.75, 1),
            (0.75, 1.0, 2),
        ]
        assert table[1].mean_confidence == 0.3
        assert table[3].mean_confidence == pytest.approx(0.85)
        assert table[1].accuracy == Estimate(0.0, wilson(0, 1, 0.9))
        assert table[3].accuracy == Estimate(1.0, wilson(2, 2, 0.9))

    def test_an_empty_bin_is_undefined(self) -> None:
        empty = reliability(binned(np.array([0.9]), np.array([True])), confidence=0.95)[0]

        assert empty.mean_confidence is None
        assert empty.accuracy == Undefined("no example has a confidence in this bin")

    @given(judged())
    @settings(deadline=None)
    def test_bins_cover_0_to_1_and_hold_every_example(self, drawn: tuple[np.ndarray, np.ndarray, int]) -> None:
        table = reliability(binned(*drawn), confidence=0.95)

        assert table[0].low == 0.0
        assert table[-1].high == 1.0
        assert [one.high for one in table[:-1]] == [one.low for one in table[1:]]
        assert sum(one.count for one in table) == len(drawn[0])
