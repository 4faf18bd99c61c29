"""Resampled counts are the bootstrap of examples, and their interval says when it does not hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from harness.statistics import Interval, NoInterval, bca_interval, counts_method, resampled_counts, resampling

COUNTS = np.array([40, 7, 0, 53])


def drawn(counts: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    return np.concatenate(list(resampled_counts(counts, resamples, seed)))


def share_of_first(counts: np.ndarray) -> np.ndarray:
    return np.asarray(counts[..., 0] / counts.sum(axis=-1))


class TestResampledCounts:
    def test_every_table_has_the_same_total(self) -> None:
        assert set(drawn(COUNTS, 500, seed=1).sum(axis=1)) == {100}

    def test_an_empty_cell_stays_empty(self) -> None:
        assert not drawn(COUNTS, 500, seed=1)[:, 2].any()

    def test_the_same_seed_gives_the_same_tables(self) -> None:
        assert np.array_equal(drawn(COUNTS, 50, seed=4), drawn(COUNTS, 50, seed=4))
        assert not np.array_equal(drawn(COUNTS, 50, seed=4), drawn(COUNTS, 50, seed=5))

    def test_tables_do_not_depend_on_the_size_of_the_pieces(self, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = drawn(COUNTS, 100, seed=2)

        monkeypatch.setattr(resampling, "CELLS_AT_ONCE", 28)

        pieces = list(resampled_counts(COUNTS, 100, seed=2))
        assert [len(piece) for piece in pieces] == [7] * 14 + [2]
        assert np.array_equal(np.concatenate(pieces), whole)

    def test_agrees_with_drawing_examples_and_counting_them(self) -> None:
        """The slow definition: each table counts N examples drawn with replacement."""
        examples = np.repeat(np.arange(4), COUNTS)
        rows = np.random.default_rng(0).choice(examples, size=(4000, 100))
        counted = np.stack([(rows == cell).sum(axis=1) for cell in range(4)], axis=1)

        fast = drawn(COUNTS, 4000, seed=0)

        for cell in (0, 1, 3):
            # Both are discrete; the test is then conservative, and 1e-3 leaves no room for another law.
            assert stats.ks_2samp(fast[:, cell], counted[:, cell]).pvalue > 1e-3
        assert np.allclose(np.cov(fast.T), np.cov(counted.T), atol=2.0)


class TestBcaInterval:
    def interval(self, counts: np.ndarray, confidence: float = 0.95, resamples: int = 2000) -> object:
        """Of the share of the first cell."""
        return bca_interval(
            float(share_of_first(counts)),
            share_of_first(drawn(counts, resamples, seed=0)),
            share_of_first(counts - np.eye(len(counts), dtype=int)),
            counts,
            confidence,
            "test",
        )

    def test_agrees_with_that_of_scipy_on_the_examples(self) -> None:
        """A skewed statistic: the mean of costs of which few are dear."""
        counts, costs = np.array([60, 30, 10]), np.array([0.0, 1.0, 16.0])

        def mean(tables: np.ndarray) -> np.ndarray:
            return np.asarray(tables @ costs / tables.sum(axis=-1))

        ours = bca_interval(
            float(mean(counts)),
            mean(drawn(counts, 20_000, seed=0)),
            mean(counts - np.eye(3, dtype=int)),
            counts,
            0.95,
            "test",
        )

        theirs = stats.bootstrap(
            (np.repeat(costs, counts),), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(1)
        ).confidence_interval
        percentile = stats.bootstrap(
            (np.repeat(costs, counts),), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(1)
        ).confidence_interval
        assert isinstance(ours, Interval)
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.04)
        assert ours.high - percentile.high > 0.1, "the correction for skewness is at work"

    def test_is_close_to_wilson_for_a_proportion(self) -> None:
        interval = self.interval(np.array([300, 700]))

        assert isinstance(interval, Interval)
        assert (interval.low, interval.high) == pytest.approx((0.2725, 0.3291), abs=0.004)

    def test_where_nothing_varies_there_is_none(self) -> None:
        reason = "the same in every resample, which says nothing of the spread"
        assert self.interval(np.array([50])) == NoInterval(reason)

    def test_too_few_resamples_say_how_many_are_needed(self) -> None:
        expected = NoInterval("39 resamples do not reach the tails of the interval: 40 would")

        assert self.interval(COUNTS, resamples=39) == expected
        assert isinstance(self.interval(COUNTS, resamples=40), Interval)
        assert isinstance(self.interval(COUNTS, confidence=0.999, resamples=1999), NoInterval)

    def test_undefined_resamples_count_against_both_ends(self) -> None:
        replicates = np.linspace(0, 1, 2001)
        left_out, counts = np.array([0.51, 0.49]), np.array([50, 50])

        few = np.where(np.arange(2001) % 100 == 0, np.nan, replicates)
        many = np.where(np.arange(2001) % 20 == 0, np.nan, replicates)

        whole = bca_interval(0.5, replicates, left_out, counts, 0.95, "test")
        wider = bca_interval(0.5, few, left_out, counts, 0.95, "test")
        assert isinstance(whole, Interval)
        assert isinstance(wider, Interval)
        assert wider.low < whole.low < whole.high < wider.high
        none = bca_interval(0.5, many, left_out, counts, 0.95, "test")
        assert none == NoInterval("undefined in 101 of 2,001 resamples")

    def test_undefined_without_one_example_there_is_none(self) -> None:
        interval = bca_interval(0.5, np.linspace(0, 1, 100), np.array([np.nan]), np.array([50]), 0.95, "test")

        assert interval == NoInterval("undefined when one example is left out")

    def test_a_value_beside_all_resamples_has_none(self) -> None:
        interval = bca_interval(2.0, np.linspace(0, 1, 100), np.array([0.5]), np.array([50]), 0.95, "test")

        assert interval == NoInterval("every resample lies on one side of the value")

    def test_holds_the_truth_as_often_as_it_says(self) -> None:
        sets, truth = 1000, 0.3
        generator = np.random.default_rng(11)

        inside = 0
        for right in generator.binomial(400, truth, size=sets):
            interval = self.interval(np.array([right, 400 - right]), resamples=800)
            assert isinstance(interval, Interval)
            inside += interval.low <= truth <= interval.high

        assert abs(inside / sets - 0.95) < 4 * math.sqrt(0.95 * 0.05 / sets)


class TestCountsMethod:
    def test_names_the_method_the_resamples_and_the_seed(self) -> None:
        assert counts_method(2000, 0) == "BCa bootstrap of the confusion counts, 2,000 resamples, seed 0"
