"""Intervals of timings hold on a noisy machine, and a thing does not differ from itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, wilcoxon
from support.timed import noisy, phases

from harness.statistics import (
    Estimate,
    Interval,
    NoInterval,
    Scalar,
    Undefined,
    fewest_rounds,
    median_interval,
    ratio_interval,
    rest_interval,
)
from harness.statistics import rounds as measured

SEEDS = st.integers(0, 10**6)
SETS = 400


def lognormal(rounds: int, seed: int, sigma: float = 0.1) -> np.ndarray:
    return np.exp(sigma * np.random.default_rng(seed).standard_normal(rounds))


def median(seconds: np.ndarray, confidence: float = 0.95, resamples: int = 400, seed: int = 0) -> Estimate:
    generator = np.random.default_rng(seed)
    return median_interval(seconds, confidence=confidence, resamples=resamples, generator=generator)


def rest(parts: np.ndarray, whole: np.ndarray, resamples: int = 400) -> Scalar:
    generator = np.random.default_rng(0)
    return rest_interval(parts, whole, confidence=0.95, resamples=resamples, generator=generator)


def interval(scalar: Scalar) -> Interval:
    assert isinstance(scalar, Estimate) and isinstance(scalar.bounds, Interval)
    return scalar.bounds


def holds(scalar: Scalar, truth: float) -> bool:
    return interval(scalar).low <= truth <= interval(scalar).high


def at_most(alarms: int, sets: int, nominal: float) -> bool:
    """Whether so many alarms are no more than chance makes of the nominal share."""
    return alarms / sets <= nominal + 3 * math.sqrt(nominal * (1 - nominal) / sets)


class TestFewestRounds:
    @pytest.mark.parametrize(("confidence", "rounds"), [(0.5, 2), (0.9, 5), (0.95, 6), (0.99, 8), (0.999, 11)])
    def test_leave_all_on_one_side_rarely_enough(self, confidence: float, rounds: int) -> None:
        assert fewest_rounds(confidence) == rounds
        assert 2 * 0.5**rounds <= 1 - confidence + 1e-12 < 2 * 0.5 ** (rounds - 1)


class TestMedianInterval:
    @given(st.integers(6, 60), SEEDS)
    def test_is_the_median_and_holds_it(self, rounds: int, seed: int) -> None:
        seconds = lognormal(rounds, seed)

        found = median(seconds)

        assert found.value == np.median(seconds)
        assert holds(found, found.value)

    @given(st.integers(6, 60), SEEDS, st.sampled_from([0.8, 0.9, 0.95]))
    def test_is_no_narrower_than_the_binomial_distribution_asks(self, rounds: int, seed: int, level: float) -> None:
        seconds = lognormal(rounds, seed)
        below = next(k for k in range(rounds) if binom.cdf(k, rounds, 0.5) > (1 - level) / 2 + 1e-12)

        found = interval(median(seconds, level))

        ordered = np.sort(seconds)
        assert found.low <= ordered[below - 1]
        assert found.high >= ordered[-below]

    def test_of_six_rounds_spans_all_of_them(self) -> None:
        found = interval(median(np.array([3.0, 1.0, 2.0, 6.0, 5.0, 4.0])))

        assert (found.low, found.high) == (1.0, 6.0)
        assert found.method == "order statistics, no narrower than a bootstrap of blocks, 400 resamples"

    def test_slow_phases_make_it_wider_than_the_same_rounds_shuffled(self) -> None:
        slow = np.repeat([1.0, 1.5, 1.0, 1.5, 1.0, 1.5], 20) * lognormal(120, 0, sigma=0.05)
        shuffled = np.random.default_rng(0).permutation(slow)

        together, apart = interval(median(slow)), interval(median(shuffled))

        assert together.high - together.low > 1.1 * (apart.high - apart.low)

    @pytest.mark.parametrize("rounds", [6, 10, 30])
    def test_holds_the_truth_as_often_as_it_says_where_rounds_are_independent(self, rounds: int) -> None:
        generator = np.random.default_rng(rounds)
        sets = [noisy(1.0, np.ones(rounds), generator, spikes=0.0) for _ in range(SETS)]

        missed = sum(not holds(median(each, resamples=200), 1.0) for each in sets)

        assert at_most(missed, SETS, 0.05)

    @pytest.mark.parametrize("rounds", [10, 30, 100])
    def test_misses_the_median_of_all_time_less_often_than_one_in_six_with_slow_phases(self, rounds: int) -> None:
        generator = np.random.default_rng(rounds)
        truth = float(np.median(noisy(1.0, phases(200_000, generator), generator)))
        sets = [noisy(1.0, phases(rounds, generator), generator) for _ in range(SETS)]

        missed = sum(not holds(median(each, resamples=200), truth) for each in sets)

        assert missed / SETS < 1 / 6

    def test_the_same_generator_gives_the_same_ends(self) -> None:
        seconds = lognormal(50, 1)

        assert median(seconds, seed=4) == median(seconds, seed=4)

    def test_pieces_of_the_bootstrap_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(measured, "CELLS_AT_ONCE", 100)
        drawn = list(measured._blocks(30, 10, np.random.default_rng(0)))

        assert [each.shape for each in drawn] == [(3, 30), (3, 30), (3, 30), (1, 30)]

    def test_blocks_are_neighbours_and_the_last_round_is_followed_by_the_first(self) -> None:
        drawn = np.concatenate(list(measured._blocks(27, 200, np.random.default_rng(0))))

        blocks = drawn[:, :24].reshape(-1, 6)
        assert ((blocks[:, 1:] - blocks[:, :-1]) % 27 == 1).all()
        assert np.bincount(drawn.ravel(), minlength=27).min() > 100

    def test_five_rounds_have_none(self) -> None:
        found = median(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))

        assert found == Estimate(3.0, NoInterval("5 rounds: an interval of 95 % needs 6"))

    def test_one_round_has_none(self) -> None:
        assert median(np.array([1.0])) == Estimate(1.0, NoInterval("1 round: an interval of 95 % needs 6"))

    def test_equal_rounds_have_none(self) -> None:
        reason = "every round took the same time, which says nothing of the spread"

        assert median(np.full(20, 2.0)) == Estimate(2.0, NoInterval(reason))

    def test_few_resamples_have_none(self) -> None:
        reason = "20 resamples do not reach the tails of the interval: 40 would"

        assert median(lognormal(20, 0), resamples=20).bounds == NoInterval(reason)


class TestRatioInterval:
    @given(st.integers(1, 40), SEEDS)
    def test_value_is_the_median_of_the_means_of_every_two(self, cycles: int, seed: int) -> None:
        candidate, reference = lognormal(cycles, seed), lognormal(cycles, seed + 1)
        logs = np.log(candidate / reference)
        pairs = [(logs[i] + logs[j]) / 2 for i in range(cycles) for j in range(i, cycles)]

        found = ratio_interval(candidate, reference, confidence=0.95)

        assert isinstance(found, Estimate)
        assert found.value == pytest.approx(math.exp(np.median(pairs)))

    @given(st.integers(6, 25), SEEDS)
    def test_holds_exactly_the_ratios_that_the_signed_rank_test_does_not_reject(self, cycles: int, seed: int) -> None:
        candidate, reference = lognormal(cycles, seed), lognormal(cycles, seed + 1)
        found = interval(ratio_interval(candidate, reference, confidence=0.95))

        def rejected(ratio: float) -> bool:
            return float(wilcoxon(np.log(candidate / reference / ratio), method="exact").pvalue) <= 0.05

        assert not rejected(found.low * (1 + 1e-9)) and not rejected(found.high * (1 - 1e-9))
        assert rejected(found.low * (1 - 1e-9)) and rejected(found.high * (1 + 1e-9))

    @given(st.integers(6, 40), SEEDS)
    def test_turned_round_it_is_the_reciprocal(self, cycles: int, seed: int) -> None:
        candidate, reference = lognormal(cycles, seed), lognormal(cycles, seed + 1)

        one = interval(ratio_interval(candidate, reference, confidence=0.95))
        other = interval(ratio_interval(reference, candidate, confidence=0.95))

        assert (other.low, other.high) == pytest.approx((1 / one.high, 1 / one.low))

    @given(st.integers(6, 40), SEEDS)
    def test_what_slows_both_cancels(self, cycles: int, seed: int) -> None:
        candidate, reference = lognormal(cycles, seed), lognormal(cycles, seed + 1)
        slow = np.where(np.arange(cycles) % 3 == 0, 7.0, 1.0)

        one = interval(ratio_interval(candidate, reference, confidence=0.95))
        slowed = interval(ratio_interval(candidate * slow, reference * slow, confidence=0.95))

        assert (slowed.low, slowed.high) == pytest.approx((one.low, one.high))

    @pytest.mark.parametrize("noise", [0.05, 0.15])
    @pytest.mark.parametrize("cycles", [6, 10, 30, 100])
    def test_a_thing_differs_from_itself_in_no_more_than_one_of_twenty(self, cycles: int, noise: float) -> None:
        generator = np.random.default_rng(cycles)
        alarms = 0
        for _ in range(SETS):
            slow = phases(cycles, generator)
            one, again = (noisy(1.0, slow, generator, noise=noise) for _ in range(2))
            alarms += not holds(ratio_interval(again, one, confidence=0.95), 1.0)

        assert at_most(alarms, SETS, 0.05)

    def test_that_holds_whatever_the_machine_does_as_long_as_the_order_is_drawn(self) -> None:
        generator = np.random.default_rng(0)
        alarms = 0
        for _ in range(SETS):
            # Every second slot is twice as slow, and all drifts: only the order is random.
            slots = np.stack([np.linspace(1, 3, 20), np.linspace(2, 6, 20)])
            turns = generator.permuted(slots, axis=0)
            alarms += not holds(ratio_interval(turns[0], turns[1], confidence=0.95), 1.0)

        assert at_most(alarms, SETS, 0.05)

    @pytest.mark.parametrize(("cycles", "found"), [(10, 0.7), (30, 0.97), (100, 0.99)])
    def test_a_fifth_more_is_found_and_held(self, cycles: int, found: float) -> None:
        generator = np.random.default_rng(cycles)
        told = held = 0
        for _ in range(SETS):
            slow = phases(cycles, generator)
            ratio = ratio_interval(noisy(1.2, slow, generator), noisy(1.0, slow, generator), confidence=0.95)
            told += interval(ratio).low > 1
            held += holds(ratio, 1.2)

        assert told / SETS > found
        assert at_most(SETS - held, SETS, 0.05)

    def test_many_cycles_are_taken_in_groups_of_neighbours(self) -> None:
        many = ratio_interval(1.02 * lognormal(5_000, 1), lognormal(5_000, 2), confidence=0.95)

        assert holds(many, 1.02)
        assert interval(many).high / interval(many).low < 1.02

    def test_five_cycles_have_a_value_alone(self) -> None:
        found = ratio_interval(np.full(5, 2.0), np.ones(5), confidence=0.95)

        assert found == Estimate(2.0, NoInterval("5 rounds: an interval of 95 % needs 6"))

    def test_rounds_of_no_time_have_no_ratio(self) -> None:
        found = ratio_interval(np.zeros(6), np.ones(6), confidence=0.95)

        assert found == Undefined("a round took no time that the clock could see")


class TestRestInterval:
    def test_is_what_the_medians_leave(self) -> None:
        parts = np.stack([2 * lognormal(20, 1), 3 * lognormal(20, 2)])
        whole = 6 * lognormal(20, 3)

        found = rest(parts, whole)

        assert isinstance(found, Estimate)
        assert found.value == pytest.approx(1 - (np.median(parts[0]) + np.median(parts[1])) / np.median(whole))
        assert holds(found, found.value)

    @pytest.mark.parametrize("share", [0.0, 0.1])
    @pytest.mark.parametrize("cycles", [6, 10, 30])
    def test_holds_the_truth_as_often_as_it_says(self, cycles: int, share: float) -> None:
        generator = np.random.default_rng(cycles)
        missed = 0
        for _ in range(SETS // 2):
            slow = phases(cycles, generator)
            parts = np.stack([noisy(seconds, slow, generator) for seconds in (3.0, 0.5, 3.0, 0.3)])
            missed += not holds(rest(parts, noisy(6.8 / (1 - share), slow, generator), resamples=200), share)

        assert at_most(missed, SETS // 2, 0.05)

    def test_few_cycles_have_a_value_alone(self) -> None:
        found = rest(np.ones((2, 3)), np.full(3, 4.0))

        assert found == Estimate(0.5, NoInterval("3 rounds: an interval of 95 % needs 6"))

    def test_few_resamples_have_a_value_alone(self) -> None:
        reason = "20 resamples do not reach the tails of the interval: 40 would"

        assert rest(np.ones((2, 6)), np.full(6, 4.0), resamples=20) == Estimate(0.5, NoInterval(reason))

    def test_a_whole_of_no_time_has_no_rest(self) -> None:
        assert rest(np.ones((2, 6)), np.zeros(6)) == Undefined("the whole took no time that the clock could see")

    def test_a_round_of_no_time_has_no_rest(self) -> None:
        whole = np.array([0.0, 4, 4, 4, 4, 4])

        assert rest(np.ones((2, 6)), whole) == Undefined("a round took no time that the clock could see")
