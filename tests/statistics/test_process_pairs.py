"""Bounds from a few pairs of processes hold, and one process is never taken for many."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from harness.statistics import Estimate, Interval, NoInterval, Scalar, Undefined
from harness.statistics.process_pairs import (
    FEWEST_TO_FAIL,
    FEWEST_TO_PASS,
    Levels,
    paired_ratio,
    processes_needed,
)

SETS = 300
LEVELS = Levels(low=0.05, high=0.05)


def sides(
    ratio: float, processes: int, generator: np.random.Generator, *, effect: float = 0.015, noise: float = 0.05
) -> tuple[np.ndarray, np.ndarray]:
    """Seconds of both sides, (processes, 20) each: every process has a time of its own, every round its noise."""

    def drawn() -> np.ndarray:
        moved = effect * generator.standard_normal((processes, 1))
        return np.exp(moved + noise * generator.standard_normal((processes, 20)))

    return ratio * drawn(), drawn()


def bounds(candidate: np.ndarray, reference: np.ndarray, levels: Levels = LEVELS, resamples: int = 400) -> Scalar:
    generator = np.random.default_rng(0)
    return paired_ratio(candidate, reference, levels=levels, resamples=resamples, generator=generator)


def interval(scalar: Scalar) -> Interval:
    assert isinstance(scalar, Estimate) and isinstance(scalar.bounds, Interval)
    return scalar.bounds


def outcome(ratio: float, generator: np.random.Generator, *, limit: float, looks: int = 5, **machine: float) -> str:
    """What a gate of so many looks says, which stops when it has something to say."""
    levels = Levels.of(0.05, looks)
    candidate, reference = sides(ratio, looks, generator, **machine)
    for processes in range(FEWEST_TO_PASS, looks + 1):
        found = interval(bounds(candidate[:processes], reference[:processes], levels, resamples=200))
        if found.high < limit:
            return "pass"
        if processes >= FEWEST_TO_FAIL and found.low > limit:
            return "fail"
    return "inconclusive"


def at_most(errors: int, nominal: float, sets: int = SETS) -> bool:
    """Whether so many errors are no more than chance makes of the nominal share."""
    return errors / sets <= nominal + 3 * math.sqrt(nominal * (1 - nominal) / sets)


class TestLevels:
    @pytest.mark.parametrize(("looks", "failing", "passing"), [(1, 1, 1), (3, 1, 1), (5, 1, 3), (6, 2, 4), (10, 6, 8)])
    def test_are_divided_by_the_looks_that_can_err(self, looks: int, failing: int, passing: int) -> None:
        levels = Levels.of(0.05, looks)

        assert levels.low == pytest.approx(0.05 / failing)
        assert levels.high == pytest.approx(0.05 / passing)

    def test_a_rule_that_fails_when_any_of_its_sizes_fails_divides_that_level_among_them(self) -> None:
        levels = Levels.of(0.06, 5, alike=3)

        assert (levels.low, levels.high) == pytest.approx((0.02, 0.02))


class TestPairedRatio:
    @given(st.integers(3, 8), st.floats(0.5, 2), st.integers(0, 10**6))
    def test_is_the_median_of_the_ratios_and_no_narrower_than_students_t(
        self, processes: int, ratio: float, seed: int
    ) -> None:
        candidate, reference = sides(ratio, processes, np.random.default_rng(seed))

        found = bounds(candidate, reference)

        assert isinstance(found, Estimate)
        assert found.value == np.median(candidate / reference)
        middles = np.median(np.log(candidate / reference), axis=1)
        low, high = student.interval(0.9, processes - 1, middles.mean(), middles.std(ddof=1) / math.sqrt(processes))
        assert interval(found).low <= math.exp(low) * (1 + 1e-9)
        assert interval(found).high >= math.exp(high) * (1 - 1e-9)

    def test_the_level_of_each_bound_moves_that_bound_alone(self) -> None:
        candidate, reference = sides(1.1, 5, np.random.default_rng(1))
        usual = interval(bounds(candidate, reference))

        strict = interval(bounds(candidate, reference, Levels(low=0.01, high=0.05)))

        assert strict.low < usual.low
        assert strict.high == usual.high

    def test_what_slows_both_of_a_pair_cancels(self) -> None:
        generator = np.random.default_rng(2)
        candidate, reference = sides(1.05, 5, generator)
        slow = np.where(generator.random(candidate.shape) < 0.3, 3.0, 1.0)

        apart, together = interval(bounds(candidate, reference)), interval(bounds(candidate * slow, reference * slow))

        assert (together.low, together.high) == pytest.approx((apart.low, apart.high))

    def test_names_its_method(self) -> None:
        assert interval(bounds(*sides(1, 4, np.random.default_rng(0)))).method == (
            "bootstrap of 4 process pairs and of pairs within, 400 resamples, no narrower than Student's t of the"
            " process pairs"
        )

    @pytest.mark.parametrize(("processes", "counted"), [(1, "1 process pair"), (2, "2 process pairs")])
    def test_of_one_or_two_process_pairs_has_no_interval_however_many_rounds(
        self, processes: int, counted: str
    ) -> None:
        candidate, reference = sides(2.0, processes, np.random.default_rng(0))

        found = bounds(candidate, reference)

        assert isinstance(found, Estimate)
        assert found.bounds == NoInterval(f"{counted}: an interval needs 3")

    def test_a_round_of_no_time_is_undefined(self) -> None:
        candidate, reference = sides(1, 3, np.random.default_rng(0))
        candidate[1, 1] = 0

        assert bounds(candidate, reference) == Undefined("a round took no time that the clock could see")

    def test_equal_ratios_say_nothing_of_the_spread(self) -> None:
        found = bounds(np.full((5, 4), 2.0), np.full((5, 4), 1.0))

        assert found == Estimate(2.0, NoInterval("every pair has the same ratio, which says nothing of the spread"))

    def test_too_few_resamples_have_no_interval(self) -> None:
        found = bounds(*sides(1, 3, np.random.default_rng(0)), resamples=19)

        assert isinstance(found, Estimate)
        assert found.bounds == NoInterval("19 resamples do not reach the tails of the interval: 20 would")


class TestLooks:
    """Whole gates: looks that stop when they have something to say, at a limit of 2 %."""

    @pytest.mark.parametrize("effect", [0.01, 0.02])
    def test_a_ratio_at_the_limit_fails_and_passes_no_more_often_than_alpha(self, effect: float) -> None:
        generator = np.random.default_rng(0)
        said = [outcome(1.02, generator, limit=1.02, effect=effect) for _ in range(SETS)]

        assert at_most(said.count("fail"), 0.05)
        assert at_most(said.count("pass"), 0.05)

    def test_of_two_hundred_pairs_too(self) -> None:
        generator = np.random.default_rng(0)
        sets = SETS // 4
        said = [outcome(1.02, generator, limit=1.02, looks=10) for _ in range(sets)]

        assert at_most(said.count("fail"), 0.05, sets)
        assert at_most(said.count("pass"), 0.05, sets)

    def test_the_same_thing_hardly_ever_fails(self) -> None:
        generator = np.random.default_rng(0)
        said = [outcome(1.0, generator, limit=1.02) for _ in range(SETS)]

        assert said.count("fail") / SETS < 0.01

    def test_a_tenth_more_is_caught(self) -> None:
        generator = np.random.default_rng(0)
        said = [outcome(1.1, generator, limit=1.02) for _ in range(SETS)]

        assert said.count("fail") / SETS > 0.95

    def test_on_a_quiet_machine_the_same_thing_passes(self) -> None:
        generator = np.random.default_rng(0)
        said = [outcome(1.0, generator, limit=1.02, effect=0.003, noise=0.01) for _ in range(SETS)]

        assert said.count("pass") / SETS > 0.95


class TestProcessesNeeded:
    def test_are_those_at_which_the_bound_reaches_no_further_than_the_limit(self) -> None:
        middles = np.array([0.0, 0.04, 0.08, 0.01, 0.07])
        candidate, reference = np.exp(np.repeat(middles[:, None], 20, axis=1)), np.ones((5, 20))

        found = processes_needed(candidate, reference, 1.02, levels=LEVELS, least=5)

        assert found is not None and found > 6
        distance = middles.mean() - math.log(1.02)

        def reach(processes: int) -> float:
            return student.isf(0.05, processes - 1) * middles.std(ddof=1) / math.sqrt(processes)

        assert reach(found) < distance <= reach(found - 1)

    def test_are_more_than_there_are(self) -> None:
        candidate, reference = sides(1.3, 3, np.random.default_rng(0))

        assert processes_needed(candidate, reference, 1.02, levels=LEVELS, least=3) == 5
        assert processes_needed(candidate, reference, 1.02, levels=LEVELS, least=5) == 6

    def test_cannot_be_told_where_the_noise_is_wider_than_the_distance(self) -> None:
        candidate, reference = sides(1.02, 5, np.random.default_rng(0))
        middle = float(np.exp(np.median(np.log(candidate / reference), axis=1).mean()))

        assert processes_needed(candidate, reference, middle * 1.0001, levels=LEVELS, least=5) is None

    def test_cannot_be_told_of_one_process_pair(self) -> None:
        assert processes_needed(*sides(2, 1, np.random.default_rng(0)), 1.02, levels=LEVELS, least=1) is None
