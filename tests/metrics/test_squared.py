"""The debiased calibration error: chance taken away, and an interval that holds the truth as often as it says."""

from __future__ import annotations

import math
from collections.abc import Iterator

import jaxtyping
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.judged import Drawn, judged

from harness.metrics.bins import BINS, BinnedConfidence, bin_of, binned
from harness.metrics.squared import debiased_metric, debiased_squared_error
from harness.statistics import Estimate, Interval, NoInterval, wilson


def slow_squared(confidence: np.ndarray, right: np.ndarray) -> float:
    """The definition, bin by bin."""
    of, squared = bin_of(confidence), 0.0
    for place in range(BINS):
        inside = of == place
        count = int(inside.sum())
        if count:
            mean, accuracy = confidence[inside].mean(), right[inside].mean()
            variance = accuracy * (1 - accuracy) / (count - 1) if count > 1 else mean * (1 - mean)
            squared += count / len(right) * ((mean - accuracy) ** 2 - variance)
    return float(squared)


def metric(of: BinnedConfidence, level: float = 0.95) -> Estimate:
    found = debiased_metric(of, confidence=level)
    assert isinstance(found, Estimate)
    return found


def interval(of: BinnedConfidence, level: float = 0.95) -> Interval:
    bounds = metric(of, level).bounds
    assert isinstance(bounds, Interval)
    return bounds


@st.composite
def tables(draw: st.DrawFn) -> BinnedConfidence:
    """Bins with at least 30 right and 30 wrong, many of the others empty or with an example or two."""
    count = np.array(draw(st.lists(st.sampled_from([0, 0, 1, 2, 5, 40, 3000]), min_size=BINS, max_size=BINS)))
    right = np.array([draw(st.integers(0, int(most))) for most in count])
    count[7], right[7] = count[7] + 60, right[7] + 30
    place = np.array(draw(st.lists(st.floats(0.001, 1), min_size=BINS, max_size=BINS)))
    return BinnedConfidence(count, count * (np.arange(BINS) + place) / BINS, right)


class TestDebiasedSquaredError:
    @given(judged(levels=30))
    def test_is_that_of_the_definition(self, drawn: Drawn) -> None:
        confidence, right = drawn[0].astype(np.float64), drawn[1]

        assert debiased_squared_error(binned(confidence, right)) == pytest.approx(
            slow_squared(confidence, right), abs=1e-12
        )

    def test_a_bin_of_one_example_has_the_variance_of_its_confidence(self) -> None:
        assert debiased_squared_error(binned(np.array([0.75]), np.array([False]))) == pytest.approx(0.5625 - 0.1875)

    def test_is_right_on_average(self) -> None:
        """Of 3,000 sets of 60, where the plain squared error is three times the true one."""
        generator = np.random.default_rng(0)
        confidence = np.repeat([0.55, 0.65, 0.75, 0.85, 0.95], 12)
        rates = confidence - 0.1
        sets = [binned(confidence, generator.random(60) < rates) for _ in range(3000)]

        debiased = [debiased_squared_error(of) for of in sets]
        plain = [
            float(np.square(of.confidence - of.right)[of.count > 0] @ (1 / of.count[of.count > 0]) / 60) for of in sets
        ]

        assert np.mean(debiased) == pytest.approx(0.01, abs=4 * np.std(debiased) / np.sqrt(3000))
        assert np.mean(plain) > 0.025


class TestDebiasedMetric:
    def test_is_the_root(self) -> None:
        of = binned(np.full(100, 0.9), np.arange(100) < 60)

        assert metric(of).value == pytest.approx(math.sqrt(0.09 - 0.24 / 99))

    def test_less_than_chance_is_0_and_no_surer_for_it(self) -> None:
        of = binned(np.full(100, 0.65), np.arange(100) < 65)

        assert debiased_squared_error(of) < 0
        assert metric(of).value == 0.0
        assert interval(of).low == 0.0
        # Two standard deviations of the accuracy are 0.095; there is something on top, since 0 hides how lucky it was.
        assert 0.1 < interval(of).high < 0.16

    @given(tables())
    @settings(max_examples=40)
    def test_lies_in_its_interval_and_that_between_0_and_1(self, of: BinnedConfidence) -> None:
        found = interval(of)

        assert 0 <= found.low <= metric(of).value <= found.high <= 1
        assert found.low < found.high
        assert found.method == "inverted score test"

    @given(tables())
    @settings(max_examples=40)
    def test_a_higher_level_makes_it_wider(self, of: BinnedConfidence) -> None:
        narrow, wide = interval(of, 0.8), interval(of, 0.99)

        assert wide.low <= narrow.low + 1e-8
        assert narrow.high <= wide.high + 1e-8

    @pytest.mark.parametrize(("level", "right"), [(0.95, 600), (0.95, 800), (0.7, 900), (0.3, 60)])
    def test_of_one_bin_is_the_distance_to_the_interval_of_its_accuracy(self, level: float, right: int) -> None:
        """All confidences are the same, and its error is what lies between it and one proportion."""
        found = interval(binned(np.full(1000, level), np.arange(1000) < right))

        accuracy = wilson(right, 1000, 0.95)
        ends = sorted([abs(level - accuracy.low), abs(level - accuracy.high)])
        assert (found.low, found.high) == pytest.approx(ends, abs=2e-3)

    def test_a_hundred_times_the_examples_make_it_a_tenth_as_wide(self) -> None:
        confidence = np.repeat(np.linspace(0.3, 1, 50), 20)
        right = np.random.default_rng(0).random(1000) < confidence**2
        few = binned(confidence, right)
        many = BinnedConfidence(few.count * 100, few.confidence * 100, few.right * 100)

        width = interval(few).high - interval(few).low

        assert interval(many).high - interval(many).low == pytest.approx(width / 10, rel=0.1)

    @pytest.mark.parametrize("times", [10**2, 10**4, 10**6])
    def test_of_a_calibrated_classifier_it_ends_nearer_to_0_as_the_root_of_the_examples(self, times: int) -> None:
        """Whatever their number: nothing in it outgrows an integer."""
        count, place = np.array([0] * 5 + [3000] * 10), (np.arange(BINS) + 0.5) / BINS
        few, many = (
            BinnedConfidence(each, each * place, np.rint(each * place).astype(np.int64))
            for each in (count, count * times)
        )

        assert interval(many).high == pytest.approx(interval(few).high / math.sqrt(times), rel=0.02)

    @pytest.mark.parametrize(
        ("right", "reason"),
        [
            (71, "29 wrong predictions, and the interval needs 30"),
            (99, "1 wrong prediction, and the interval needs 30"),
            (29, "29 right predictions, and the interval needs 30"),
        ],
    )
    def test_few_right_or_wrong_predictions_leave_it_out(self, right: int, reason: str) -> None:
        found = metric(binned(np.full(100, 0.8), np.arange(100) < right))

        assert found.bounds == NoInterval(reason)

    @pytest.mark.parametrize("level", [0.0, 1.0, 1.0000001])
    def test_certainty_that_half_the_time_is_wrong_is_no_special_case(self, level: float) -> None:
        found = interval(binned(np.full(100, level), np.arange(100) < 50))

        assert found.low == pytest.approx(wilson(50, 100, 0.95).low, abs=0.01)
        assert found.high == pytest.approx(wilson(50, 100, 0.95).high, abs=0.01)

    def test_a_billion_examples_are_none_either(self) -> None:
        count = np.zeros(BINS, dtype=np.int64)
        count[-1] = 10**9

        found = interval(BinnedConfidence(count, count * 0.97, (count * 0.96).astype(np.int64)))

        assert found.low == pytest.approx(0.01, abs=2e-5)
        assert found.high == pytest.approx(0.01, abs=2e-5)
        assert found.low < 0.01 < found.high


class TestCoverage:
    """Sets whose true error is known, since the accuracy at each confidence is.

    The band is three binomial deviations around 95 %; near 0 and far from it alike.
    """

    SETS = 400
    EXAMPLES = 500

    @pytest.fixture(autouse=True)
    def _shapes_unchecked(self) -> Iterator[None]:
        """The other tests check the shapes; thousands of sets here would spend most of their time on it."""
        jaxtyping.config.update("jaxtyping_disable", True)
        yield
        jaxtyping.config.update("jaxtyping_disable", False)

    def drawn(self, examples: int, seed: int) -> np.ndarray:
        return 0.2 + 0.8 * np.random.default_rng(seed).beta(4, 1.5, examples)

    def truth(self, power: float) -> float:
        confidence = self.drawn(200_000, seed=0)
        of = bin_of(confidence)
        count = np.bincount(of, minlength=BINS)
        gap = np.bincount(of, weights=confidence - confidence**power, minlength=BINS) / np.maximum(count, 1)
        return math.sqrt(count / count.sum() @ np.square(gap))

    def covered(self, power: float, level: float) -> float:
        truth = self.truth(power)
        generator = np.random.default_rng(1)
        inside = 0
        for seed in range(self.SETS):
            confidence = self.drawn(self.EXAMPLES, seed=seed + 1)
            found = interval(binned(confidence, generator.random(self.EXAMPLES) < confidence**power), level)
            inside += found.low <= truth <= found.high
        return inside / self.SETS

    def within_band(self, share: float) -> bool:
        return abs(share - 0.95) < 3 * math.sqrt(0.95 * 0.05 / self.SETS)

    @pytest.mark.parametrize(("power", "error"), [(1.0, 0.0), (1.2, 0.04), (2.0, 0.17)])
    def test_holds_the_truth_as_often_as_it_says(self, power: float, error: float) -> None:
        assert self.truth(power) == pytest.approx(error, abs=0.01)
        assert self.within_band(self.covered(power, 0.95))

    def test_meta(self) -> None:
        """The band tells 95 % from 89 %."""
        assert not self.within_band(self.covered(1.2, 0.89))
