"""Intervals in closed form hold what they say, at the edges too."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from harness.statistics import Interval, NoInterval, mean_of_proportions, normal_mean, two_sided, wilson

LEVELS = st.floats(0.5, 0.999)


def holds(inside: int, sets: int, nominal: float = 0.95) -> bool:
    """Whether the share of simulated sets whose interval held the truth is what chance makes of the level."""
    return abs(inside / sets - nominal) < 4 * math.sqrt(nominal * (1 - nominal) / sets)


class TestTwoSided:
    def test_is_the_customary_figure_at_95_percent(self) -> None:
        assert two_sided(0.95) == pytest.approx(1.959963984540054)


class TestWilson:
    @given(st.integers(1, 10**6), st.floats(0, 1), LEVELS)
    @settings(deadline=None)
    def test_is_that_of_statsmodels(self, total: int, share: float, confidence: float) -> None:
        successes = round(share * total)

        interval = wilson(successes, total, confidence)

        expected = proportion_confint(successes, total, alpha=1 - confidence, method="wilson")
        assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-9)
        assert interval.method == "Wilson"

    @given(st.integers(1, 10**6), LEVELS)
    def test_ends_exactly_at_0_and_1(self, total: int, confidence: float) -> None:
        assert wilson(0, total, confidence).low == 0.0
        assert wilson(total, total, confidence).high == 1.0

    @given(st.integers(1, 1000), st.floats(0, 1), LEVELS)
    def test_holds_the_share_itself(self, total: int, share: float, confidence: float) -> None:
        successes = round(share * total)

        interval = wilson(successes, total, confidence)

        assert 0 <= interval.low <= successes / total <= interval.high <= 1

    def test_one_example_has_a_wide_interval(self) -> None:
        interval = wilson(1, 1, 0.95)

        assert interval.low == pytest.approx(0.2065, abs=1e-4)
        assert interval.high == 1.0

    @pytest.mark.parametrize("share", [0.5, 0.9])
    def test_holds_the_truth_as_often_as_it_says(self, share: float) -> None:
        successes = np.random.default_rng(5).binomial(500, share, size=4000)

        inside = sum(one.low <= share <= one.high for one in (wilson(int(k), 500, 0.95) for k in successes))

        # A proportion takes few values, so that no interval holds exactly 95 % at every share.
        assert 0.935 < inside / 4000 < 0.965


class TestMeanOfProportions:
    @given(st.integers(1, 1000), st.floats(0, 1), LEVELS)
    @settings(deadline=None)
    def test_of_one_proportion_is_that_of_agresti_and_coull(self, total: int, share: float, level: float) -> None:
        successes = round(share * total)

        interval = mean_of_proportions([successes], [total], level)

        expected = proportion_confint(successes, total, alpha=1 - level, method="agresti_coull")
        assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-9)

    @given(st.lists(st.tuples(st.integers(1, 500), st.floats(0, 1)), min_size=1, max_size=20))
    def test_lies_between_0_and_1(self, drawn: list[tuple[int, float]]) -> None:
        totals = [total for total, _ in drawn]
        successes = [round(share * total) for total, share in drawn]

        interval = mean_of_proportions(successes, totals, 0.95)

        assert 0 <= interval.low < interval.high <= 1

    def test_has_a_width_where_all_succeed(self) -> None:
        interval = mean_of_proportions([40, 40], [40, 40], 0.95)

        assert interval.low == pytest.approx(0.9451, abs=1e-4)
        assert interval.high == 1.0

    @pytest.mark.parametrize("share", [0.6, 0.9, 0.97])
    def test_holds_the_truth_as_often_as_it_says(self, share: float) -> None:
        generator = np.random.default_rng(3)
        totals = [30, 30, 60, 90, 150]

        inside = 0
        for _ in range(2000):
            interval = mean_of_proportions(generator.binomial(totals, share).tolist(), totals, 0.95)
            inside += interval.low <= share <= interval.high

        # Price and Bonett's interval errs on the safe side near 0 and 1.
        assert 0.935 < inside / 2000 < 0.99


class TestNormalMean:
    def test_is_the_standard_error_on_both_sides(self) -> None:
        values = np.arange(100.0)

        interval = normal_mean(values.mean(), values.std(), 100, 0.95)

        reach = 1.959964 * values.std(ddof=1) / 10
        assert isinstance(interval, Interval)
        assert (interval.low, interval.high) == pytest.approx((49.5 - reach, 49.5 + reach), rel=1e-6)
        assert interval.method == "normal"

    def test_is_cut_at_what_a_mean_can_be(self) -> None:
        near_the_least = normal_mean(0.01, 0.1, 30, 0.95, least=0.0)
        near_the_most = normal_mean(1.99, 0.1, 30, 0.95, most=2.0)

        assert isinstance(near_the_least, Interval)
        assert isinstance(near_the_most, Interval)
        assert (near_the_least.low, near_the_least.high) == pytest.approx((0.0, 0.0464), abs=1e-4)
        assert (near_the_most.low, near_the_most.high) == pytest.approx((1.9536, 2.0), abs=1e-4)

    @pytest.mark.parametrize(("deviation", "examples"), [(0.0, 50), (0.0, 1)])
    def test_without_spread_there_is_none(self, deviation: float, examples: int) -> None:
        interval = normal_mean(0.5, deviation, examples, 0.95)

        assert interval == NoInterval("every example has the same value, which says nothing of the spread")

    def test_holds_the_truth_as_often_as_it_says(self) -> None:
        samples = np.random.default_rng(7).gamma(4, 0.25, size=(4000, 300))

        inside = 0
        for sample in samples:
            interval = normal_mean(float(sample.mean()), float(sample.std()), 300, 0.95)
            assert isinstance(interval, Interval)
            inside += interval.low <= 1 <= interval.high

        assert holds(inside, 4000)
