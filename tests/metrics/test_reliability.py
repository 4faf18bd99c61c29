"""The reliability table: each bin by itself, beside what chance alone would do to a calibrated classifier."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from support.judged import Drawn, judged

from harness.metrics import binned, reliability
from harness.metrics.reliability import consistency_band
from harness.statistics import Estimate, Undefined, wilson


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

    def test_the_band_is_that_of_the_mean_confidence(self) -> None:
        confidence = np.repeat([0.7, 0.8], 50)

        table = reliability(binned(confidence, confidence > 0.7, bins=2), confidence=0.9)

        assert (table[1].expected_low, table[1].expected_high) == consistency_band(0.75, 100, 0.9) == (0.68, 0.82)

    def test_an_empty_bin_is_undefined(self) -> None:
        empty = reliability(binned(np.array([0.9]), np.array([True])), confidence=0.95)[0]

        assert empty.accuracy == Undefined("no example has a confidence in this bin")
        assert (empty.mean_confidence, empty.expected_low, empty.expected_high) == (None, None, None)

    @given(judged(), st.integers(1, 20))
    def test_bins_cover_0_to_1_and_hold_every_example(self, drawn: Drawn, bins: int) -> None:
        table = reliability(binned(drawn[0].astype(float), drawn[1], bins), confidence=0.95)

        assert table[0].low == 0.0
        assert table[-1].high == 1.0
        assert [one.high for one in table[:-1]] == [one.low for one in table[1:]]
        assert sum(one.count for one in table) == len(drawn[0])

    @given(judged())
    def test_everything_in_it_is_a_share(self, drawn: Drawn) -> None:
        """Also where confidences of exactly 0 and 1 were summed."""
        for one in reliability(binned(drawn[0].astype(float), drawn[1]), confidence=0.95):
            for share in (one.mean_confidence, one.expected_low, one.expected_high):
                assert share is None or 0 <= share <= 1

    def test_beyond_1_by_rounding_counts_as_1(self) -> None:
        (*_, last) = reliability(binned(np.full(3, 1.0000001), np.ones(3, dtype=bool)), confidence=0.95)

        assert (last.mean_confidence, last.expected_low, last.expected_high) == (1.0, 1.0, 1.0)


class TestConsistencyBand:
    # scipy's own probabilities overflow for shares below 1e-300.
    @given(st.just(0.0) | st.floats(1e-200, 1), st.integers(1, 400), st.floats(0.5, 0.999))
    def test_is_the_narrowest_with_no_more_than_the_tails_beyond_it(
        self, share: float, count: int, confidence: float
    ) -> None:
        """Sums of the probabilities themselves; 1e-9 is for a tail that meets the level to the digit."""
        chances = binom.pmf(np.arange(count + 1), count, share)
        tail = (1 - confidence) / 2

        low, high = (round(end * count) for end in consistency_band(share, count, confidence))

        assert chances[:low].sum() <= tail + 1e-9
        assert chances[: low + 1].sum() >= tail - 1e-9
        assert chances[high + 1 :].sum() <= tail + 1e-9
        assert chances[high:].sum() >= tail - 1e-9

    @given(st.floats(0.001, 0.999), st.integers(1, 5000), st.sampled_from([0.9, 0.95, 0.99]))
    @settings(max_examples=50)
    def test_is_the_interval_of_scipy(self, share: float, count: int, confidence: float) -> None:
        low, high = consistency_band(share, count, confidence)

        assert (round(low * count), round(high * count)) == binom.interval(confidence, count, share)

    @pytest.mark.parametrize("count", [10_000, 10_001, 12_345, 1_000_000, 300_000_000])
    @pytest.mark.parametrize("share", [1e-7, 0.001, 0.5, 0.93, 0.9999, 1 - 1e-9])
    def test_of_many_examples_too(self, share: float, count: int) -> None:
        """There only hits around the expected number are looked at."""
        low, high = consistency_band(share, count, 0.95)

        assert (round(low * count), round(high * count)) == binom.interval(0.95, count, share)

    @pytest.mark.parametrize("count", [1, 7, 10_001, 1_000_000])
    @pytest.mark.parametrize("share", [0.0, 1.0])
    def test_what_is_certain_has_no_width(self, share: float, count: int) -> None:
        assert consistency_band(share, count, 0.95) == (share, share)

    @pytest.mark.parametrize(
        ("share", "band"), [(0.01, (0.0, 0.0)), (0.5, (0.0, 1.0)), (0.97, (0.0, 1.0)), (0.99, (1.0, 1.0))]
    )
    def test_of_one_example(self, share: float, band: tuple[float, float]) -> None:
        """It is right or wrong: only where one of both is unlikely does the other stand alone."""
        assert consistency_band(share, 1, 0.95) == band

    def test_holds_the_accuracy_of_a_calibrated_classifier(self) -> None:
        """As often as it says or more, since it has to end on a whole number of examples."""
        generator = np.random.default_rng(0)
        confidence = generator.uniform(0.8, 0.9, size=(2000, 150))
        accuracy = (generator.random((2000, 150)) < confidence).mean(axis=1)

        inside = 0
        for means, right in zip(confidence.mean(axis=1).tolist(), accuracy.tolist(), strict=True):
            low, high = consistency_band(means, 150, 0.95)
            inside += low <= right <= high

        assert 0.94 < inside / 2000 < 0.98
