"""Thresholds of confidence are chosen on one half, and judged on the half that did not choose them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.judged import Drawn, drawn_from, judged

from harness.metrics.ranking import FineBins, Ranking
from harness.metrics.thresholds import Threshold, thresholds
from harness.statistics import Estimate, Undefined, wilson


class TestThresholds:
    @given(judged(), judged(), st.sampled_from([0.5, 0.8, 0.9, 1.0]))
    @settings(max_examples=30)
    def test_are_the_lowest_that_reach_the_accuracy_on_one_half_judged_on_the_other(
        self, choosing: Drawn, judging: Drawn, wanted: float
    ) -> None:
        (chosen_by, right), (judged_by, judged_right) = choosing, judging
        reaching = [one for one in chosen_by if right[chosen_by >= one].mean() >= wanted]

        (found,) = thresholds(Ranking.of(*choosing), Ranking.of(*judging), [wanted], confidence=0.9)

        assert found.wanted == wanted
        assert found.threshold == min(reaching, default=None)
        if found.threshold is None:
            reason = Undefined(f"no threshold reaches an accuracy of {100 * wanted:g} % in the half that chooses it")
            assert found == Threshold(wanted, None, reason, reason)
            return
        accepted = judged_by >= found.threshold
        assert found.coverage == Estimate(accepted.mean(), wilson(int(accepted.sum()), len(accepted), 0.9))
        if accepted.any():
            hits = int(judged_right[accepted].sum())
            assert found.accuracy == Estimate(hits / accepted.sum(), wilson(hits, int(accepted.sum()), 0.9))
        else:
            assert found.accuracy == Undefined("it accepts no example of the other half")

    def test_are_wanted_for_four_accuracies(self) -> None:
        halves = [Ranking.of(*drawn_from(500, np.random.default_rng(seed))) for seed in (5, 6)]

        found = thresholds(halves[0], halves[1], confidence=0.95)

        assert [one.wanted for one in found] == [0.8, 0.9, 0.95, 0.99]
        assert np.diff([one.threshold for one in found if one.threshold is not None]).min() >= 0

    @given(judged(fewest=2), judged(), st.sampled_from([0.5, 0.9]))
    @settings(max_examples=30)
    def test_fine_bins_accept_the_same(self, choosing: Drawn, judging: Drawn, wanted: float) -> None:
        """Of confidences that are apart; of several in a bin, all or none."""
        (exact,) = thresholds(Ranking.of(*choosing), Ranking.of(*judging), [wanted], confidence=0.95)
        (fine,) = thresholds(
            FineBins.of(*choosing).ranking(), FineBins.of(*judging).ranking(), [wanted], confidence=0.95
        )

        assert fine.accuracy == exact.accuracy
        assert fine.coverage == exact.coverage

    def test_9_of_10_right_are_an_accuracy_of_90_percent(self) -> None:
        ranking = Ranking.of(np.full(10, 0.5), np.arange(10) > 0)

        assert thresholds(ranking, ranking, [0.9], confidence=0.95)[0].threshold == 0.5

    def test_a_half_without_examples_leaves_them_undefined(self) -> None:
        some, none = Ranking.of(np.array([0.5]), np.array([True])), Ranking.of(np.zeros(0), np.zeros(0, dtype=bool))

        nobody = Undefined("the half that judges has no example")
        assert thresholds(some, none, [0.9], confidence=0.95) == (Threshold(0.9, 0.5, nobody, nobody),)
        reason = Undefined("no threshold reaches an accuracy of 90 % in the half that chooses it")
        assert thresholds(none, some, [0.9], confidence=0.95) == (Threshold(0.9, None, reason, reason),)

    def test_their_accuracy_is_not_flattered(self) -> None:
        """Where confidence says nothing, the choice finds luck; the other half does not confirm it."""
        generator = np.random.default_rng(7)
        chosen, confirmed = [], []
        for _ in range(300):
            halves = [
                Ranking.of(generator.random(100, dtype=np.float32), generator.random(100) < 0.85) for _ in range(2)
            ]
            (found,) = thresholds(*halves, [0.9], confidence=0.95)
            if isinstance(found.accuracy, Estimate):
                assert found.threshold is not None
                rows = halves[0].probability >= found.threshold
                chosen.append(halves[0].hits[rows].sum() / halves[0].count[rows].sum())
                confirmed.append(found.accuracy.value)

        assert min(chosen) >= 0.9
        assert np.mean(confirmed) == pytest.approx(0.85, abs=0.02)
