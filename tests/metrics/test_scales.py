"""The table of scales, against what evaluations and comparisons give of ample predictions."""

from __future__ import annotations

import numpy as np
import pytest

from harness import evaluation
from harness.metrics import paired
from harness.metrics.scales import SCALES
from harness.report.quantities import QUANTITIES
from harness.statistics import Estimate, Interval

GOLD = np.random.default_rng(0).integers(0, 5, 4000)


def predicted(noise: float, seed: int) -> np.ndarray:
    """(N, 5) float32, the better the less noise."""
    seen = GOLD + np.random.default_rng(seed).normal(0, noise, len(GOLD))
    powers = np.exp(-1.9 * np.abs(np.arange(5)[None, :] - seen[:, None]))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


class TestScales:
    def test_every_metric_of_an_evaluation_has_one_and_no_other(self) -> None:
        assert set(SCALES) == set(QUANTITIES)

    @pytest.mark.parametrize("name", SCALES)
    def test_report_writes_it_on_the_same_scale(self, name: str) -> None:
        assert (SCALES[name].kind, SCALES[name].better) == (QUANTITIES[name].kind, QUANTITIES[name].better)

    def test_bounded_metrics_are_those_with_an_interval(self) -> None:
        figures = evaluation.evaluate(predicted(0.7, 1), GOLD, list("abcde"), ordinal=True, resamples=200)
        bounded = {name for name, metric in figures.metrics.items() if metric.low is not None}

        assert set(figures.metrics) == set(SCALES)
        assert bounded == {name for name, scale in SCALES.items() if scale.bounded}

    def test_paired_metrics_are_those_whose_difference_has_an_interval(self) -> None:
        found = paired.compare(predicted(0.7, 1), predicted(0.8, 2), GOLD, ordinal=True, resamples=200)
        bounded = {
            name
            for name, each in found.differences.items()
            if isinstance(each.value, Estimate) and isinstance(each.value.bounds, Interval)
        }

        assert bounded == {name for name, scale in SCALES.items() if scale.paired}
