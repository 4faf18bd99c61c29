"""Quantiles are observed values, and their intervals hold what they say: for queues too."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.statistics import Estimate, Interval, NoInterval, Undefined, quantiles
from harness.statistics.quantiles import independent_values, quantile, rank, serial_quantile, values_needed

SHARES = st.sampled_from([0.01, 0.07, 0.5, 0.9, 0.95, 0.99])
SAMPLES = st.tuples(st.integers(1, 3000), st.integers(0, 2**31), st.sampled_from([3, 50, 10**9])).map(
    lambda drawn: np.random.default_rng(drawn[1]).integers(0, drawn[2], drawn[0]).astype(float)
)


def interval(estimate: object) -> Interval:
    assert isinstance(estimate, Estimate) and isinstance(estimate.bounds, Interval)
    return estimate.bounds


def queue(count: int, utilisation: float, generator: np.random.Generator) -> np.ndarray:
    """(count,) latencies of a queue before one server that takes a second, with Poisson arrivals."""
    steps = np.concatenate([[0.0], 1 - generator.exponential(1 / utilisation, size=count - 1)])
    walk = np.cumsum(steps)
    # The waiting time is how far the walk stands above its lowest point so far (Lindley 1952).
    return walk - np.minimum.accumulate(walk) + 1


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(quantiles).failed == 0


class TestRank:
    @given(st.integers(1, 10**6), SHARES)
    def test_is_the_lowest_place_with_that_share_at_or_below(self, values: int, share: float) -> None:
        place = rank(share, values)

        assert place / values >= share - 1e-12
        assert place == 1 or (place - 1) / values < share

    def test_does_not_stumble_over_rounding(self) -> None:
        assert rank(0.07, 100) == 7


class TestQuantile:
    @given(SAMPLES, SHARES)
    @settings(max_examples=60)
    def test_is_the_inverted_distribution_function_of_numpy(self, values: np.ndarray, share: float) -> None:
        found = quantile(values, share, 0.95)

        assert isinstance(found, Estimate)
        # numpy computes the place in floating point, where 0.07 × 100 is more than 7.
        assert found.value == np.sort(values)[rank(share, len(values)) - 1]
        if share in (0.5, 0.9, 0.99):
            assert found.value == np.quantile(values, share, method="inverted_cdf")

    @given(SAMPLES, SHARES, st.sampled_from([0.8, 0.95, 0.99]))
    @settings(max_examples=100)
    def test_has_the_interval_of_scipy_or_none_where_scipy_has_none(self, values, share, confidence) -> None:
        found = quantile(values, share, confidence)
        expected = stats.quantile_test(values, p=share).confidence_interval(confidence)

        assert isinstance(found, Estimate)
        if np.isnan(expected.low) or np.isnan(expected.high):
            assert isinstance(found.bounds, NoInterval)
        else:
            assert interval(found) == Interval(expected.low, expected.high, "order statistics")
            assert expected.low <= found.value <= expected.high

    def test_holds_the_truth_as_often_as_it_says(self) -> None:
        generator = np.random.default_rng(1)
        drawn = generator.exponential(size=(1500, 1000))
        truth = -np.log(0.01)

        found = [interval(quantile(one, 0.99, 0.95)) for one in drawn]

        # At least its level, and not much more: the ends can only be observed values.
        assert 0.94 < np.mean([one.low <= truth <= one.high for one in found]) < 0.98

    def test_of_one_value_too_few_says_how_many_are_needed(self) -> None:
        found = quantile(np.arange(367.0), 0.99, 0.95)

        reason = "367 values do not reach beyond the quantile: 368 would"
        assert found == Estimate(363.0, NoInterval(reason))
        assert isinstance(quantile(np.arange(368.0), 0.99, 0.95).bounds, Interval)  # type: ignore[union-attr]

    def test_of_no_values_is_undefined(self) -> None:
        assert quantile(np.zeros(0), 0.5, 0.95) == Undefined("there are no values")
        assert serial_quantile(np.zeros(0), 0.5, 0.95) == Undefined("there are no values")


class TestValuesNeeded:
    @given(SHARES, st.sampled_from([0.8, 0.95, 0.99]))
    def test_is_where_scipy_begins_to_have_an_interval(self, share: float, confidence: float) -> None:
        needed = values_needed(share, confidence)

        def has(count: int) -> bool:
            ends = stats.quantile_test(np.arange(float(count)), p=share).confidence_interval(confidence)
            return not np.isnan(ends.low) and not np.isnan(ends.high)

        assert has(needed) and not has(needed - 1)


class TestIndependentValues:
    def test_of_independent_values_is_nearly_all_of_them(self) -> None:
        generator = np.random.default_rng(2)

        shares = [independent_values(generator.exponential(size=4000), 0.9) / 4000 for _ in range(200)]

        # Never more than all, so that chance can only take some away.
        assert 0.85 < np.mean(shares) < 0.95 and max(shares) == 1

    def test_of_values_that_each_come_ten_times_is_a_tenth(self) -> None:
        generator = np.random.default_rng(3)

        counted = [independent_values(np.repeat(generator.exponential(size=4000), 10), 0.9) for _ in range(100)]

        assert np.mean(counted) == pytest.approx(4000, rel=0.1)

    def test_of_equal_values_is_all_of_them(self) -> None:
        assert independent_values(np.ones(500), 0.99) == 500

    def test_shrinks_as_a_queue_fills(self) -> None:
        generator = np.random.default_rng(4)

        counted = [independent_values(queue(20_000, utilisation, generator), 0.99) for utilisation in (0.1, 0.5, 0.8)]

        assert counted[0] > 2 * counted[1] > 4 * counted[2]


class TestSerialQuantile:
    def test_of_a_queue_holds_the_truth_where_the_plain_interval_does_not(self) -> None:
        generator = np.random.default_rng(5)
        truth = np.quantile(queue(3_000_000, 0.5, generator), 0.99)
        drawn = [queue(10_000, 0.5, generator) for _ in range(300)]

        plain = [interval(quantile(one, 0.99, 0.95)) for one in drawn]
        serial = [interval(serial_quantile(one, 0.99, 0.95)) for one in drawn]

        assert np.mean([one.low <= truth <= one.high for one in plain]) < 0.75
        assert np.mean([one.low <= truth <= one.high for one in serial]) > 0.9

    def test_of_a_busy_queue_has_no_interval_rather_than_a_false_one(self) -> None:
        generator = np.random.default_rng(6)
        found = [serial_quantile(queue(2_000, 0.9, generator), 0.99, 0.95) for _ in range(100)]

        assert sum(isinstance(one.bounds, NoInterval) for one in found) > 80  # type: ignore[union-attr]

    def test_is_the_plain_one_where_nothing_depends(self) -> None:
        values = np.tile(np.arange(10.0), 100)

        found = serial_quantile(values, 0.5, 0.95)

        assert found.value == quantile(values, 0.5, 0.95).value  # type: ignore[union-attr]
        assert interval(found).method == "order statistics, less for dependence"

    def test_says_what_the_values_count_as(self) -> None:
        values = np.repeat(np.arange(40.0) % 7, 25)

        found = serial_quantile(values, 0.99, 0.95)

        assert isinstance(found, Estimate)
        counts = independent_values(values, 0.99)
        assert found.bounds == NoInterval(
            f"1,000 values that count as {counts} independent ones do not reach beyond the quantile: 368 would"
        )

    def test_of_few_values_has_no_interval(self) -> None:
        assert serial_quantile(np.arange(99.0), 0.5, 0.95) == Estimate(
            49.0, NoInterval("99 values do not tell how they depend on each other: 100 would")
        )
