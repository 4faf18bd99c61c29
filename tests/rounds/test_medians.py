from __future__ import annotations

import numpy as np
import pytest
from support import sample_run, timed

from harness import rounds


def timing(seconds):
    return timed.cell(("a",), rounds=1)[0].model_copy(update={"seconds": tuple(seconds)})


class TestOf:
    def test_has_the_median_its_interval_the_quartiles_and_the_spread(self):
        found = rounds.of(timing([2.0, 1.0, 4.0, 3.0, 5.0, 9.0, 7.0]))

        assert (found.count, found.median, found.lower, found.upper) == (7, 4.0, 2.5, 6.0)
        assert (found.low, found.high) == (1.0, 9.0)
        assert found.spread == 3.5 / 4

    def test_quiet_rounds_are_believed(self):
        quiet = timed.cell(("a",), steady=True, noise=0.01)[2]

        found = rounds.of(quiet)

        assert not found.noisy
        assert (found.doubts, found.remarks) == ((), ())

    def test_one_round_is_its_median_and_quartiles_and_says_why_it_has_no_interval(self):
        found = rounds.of(timing([2.0]))

        assert (found.median, found.lower, found.upper, found.spread) == (2.0, 2.0, 2.0, 0.0)
        assert (found.low, found.high) == (None, None)
        assert found.estimate.interval_reason == "1 round: an interval of 95 % needs 6"

    def test_a_median_of_0_has_no_spread(self):
        assert rounds.of(timing([0.0] * 8)).spread is None

    def test_the_same_timing_gives_the_same_interval(self):
        one = timed.cell(("a",))[0]

        assert rounds.of(one) == rounds.of(one)

    def test_the_level_of_the_run_is_that_of_its_intervals(self):
        run = sample_run.sample(sets=(), settings={"confidence": 0.8, "resamples": 500, "seed": 4}).run
        level = rounds.Level.of(run)
        one = timed.cell(("a",), rounds=50)[0]

        wide, narrow = rounds.of(one), rounds.of(one, level)

        assert level == rounds.Level(0.8, 500, 4)
        assert narrow.high - narrow.low < wide.high - wide.low
        assert "500 resamples" in narrow.estimate.method

    def test_the_median_alone_needs_no_interval(self):
        assert rounds.median_of(timing([3.0, 1.0, 2.0])) == 2.0


class TestDoubts:
    def doubts(self, seconds):
        return [str(doubt) for doubt in rounds.of(timing(seconds)).doubts]

    def test_too_few_rounds(self):
        assert self.doubts([1.0, 2.0, 3.0]) == ["3 rounds, fewer than 6: measure more rounds"]
        assert self.doubts([1.0]) == ["1 round, fewer than 6: measure more rounds"]

    def test_equal_rounds_raise_none(self):
        assert self.doubts([1.0] * 20) == []

    def test_a_wide_middle_half_and_a_wide_interval(self):
        seconds = [0.8, 0.9, 1.1, 1.2, 1.0] * 4

        assert self.doubts(seconds) == [
            "the middle half of the rounds is 20 % of the median wide, above 10 %: "
            "stop what else runs on this machine, then measure again",
            "the median is known to ±10 % only, above ±5.0 %: measure more rounds",
        ]

    def test_a_drift_beyond_its_noise(self):
        seconds = [1.0 + 0.001 * (i % 7) + (0.08 if i >= 10 else 0.0) for i in range(20)]

        assert (
            "the second half of the rounds is 8.1 % slower than the first: "
            "let clocks and caches settle, and measure longer"
        ) in self.doubts(seconds)

    def test_a_drift_to_faster_rounds(self):
        seconds = [1.0 + 0.001 * (i % 7) - (0.08 if i >= 10 else 0.0) for i in range(20)]

        assert any(" faster than the first" in each for each in self.doubts(seconds))

    def test_halves_that_differ_are_said_once_and_not_as_two_modes(self):
        seconds = [1.0 + 0.001 * (i % 7) + (0.2 if i >= 20 else 0.0) for i in range(40)]

        assert not any("two modes" in each for each in self.doubts(seconds))

    def test_two_modes(self):
        seconds = [(1.2 if i % 5 < 2 else 1.0) + 0.001 * (i % 7) for i in range(50)]

        assert (
            "two modes perhaps, 20 % apart, 40 % of the rounds in the slower: "
            "look for a clock rate that changes or a process that comes and goes"
        ) in self.doubts(seconds)

    def test_a_few_spikes_are_worth_a_word_alone(self):
        quiet = timed.cell(("a",), rounds=40, steady=True, noise=0.01)[2]
        seconds = [5 * each if i in (7, 23) else each for i, each in enumerate(quiet.seconds)]

        found = rounds.of(timing(seconds))

        assert found.doubts == ()
        assert found.remarks == (f"the slowest round took {max(seconds) / np.median(seconds):.1f} times the median",)

    def test_rounds_that_the_clock_did_not_see(self):
        assert self.doubts([0.0] * 8) == [
            "half of the rounds took no time that the clock could see: repeat the call within a round"
        ]

    @pytest.mark.parametrize("count", [10, 20, 30, 100])
    def test_lognormal_rounds_of_one_mode_seldom_look_like_drift_or_two(self, count):
        generator = np.random.default_rng(count)
        raised = [
            any("than the first" in each or "two modes" in each for each in found)
            for found in (self.doubts(timed.noisy(1.0, np.ones(count), generator)) for _ in range(100))
        ]

        assert np.mean(raised) <= 0.12
