"""The spread of a mean is that of the intervals of means, for every design."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from harness.metrics.spread import spread_of
from harness.statistics import Interval
from harness.statistics.design import Design, mean_interval

UNITS = np.repeat(np.arange(40), np.arange(40) % 7 + 1)
VALUES = np.random.default_rng(0).normal(size=len(UNITS)) + UNITS % 3


class TestSpread:
    def test_of_independent_examples_is_that_of_the_t_test(self) -> None:
        spread = spread_of(VALUES, Design.independent(), "values")

        expected = stats.ttest_1samp(VALUES, 0)
        assert VALUES.mean() / spread.error == pytest.approx(expected.statistic)
        assert spread.freedom == expected.df
        assert (spread.method, spread.test) == ("t, values", "paired t")

    def test_of_clusters_is_that_of_the_interval_of_a_mean(self) -> None:
        design = Design.of("clustered", UNITS, "product")

        spread = spread_of(VALUES, design, "values")

        interval = mean_interval(design, VALUES, 0.95)
        assert isinstance(interval, Interval)
        reach = stats.t.ppf(0.975, spread.freedom) * spread.error
        assert (interval.low, interval.high) == pytest.approx((VALUES.mean() - reach, VALUES.mean() + reach))
        assert spread.method == "t, values, cluster-robust, 40 clusters by product"
        assert spread.test == "paired t, cluster-robust"

    def test_of_strata_is_that_of_the_interval_of_a_mean(self) -> None:
        design = Design.of("stratified", UNITS % 3, "language")

        spread = spread_of(VALUES, design, "values")

        interval = mean_interval(design, VALUES, 0.95)
        assert isinstance(interval, Interval)
        assert interval.high - VALUES.mean() == pytest.approx(1.959964 * spread.error)
        assert spread.error < spread_of(VALUES, Design.independent(), "values").error
        assert spread.test == "paired t, stratified"

    @pytest.mark.parametrize("kind", ["independent", "stratified", "clustered"])
    def test_few_examples_that_differ_tell_little_of_it(self, kind: str) -> None:
        design = Design.of(kind, UNITS % 30) if kind != "independent" else Design.independent()  # type: ignore[arg-type]
        values = np.where(np.arange(len(UNITS)) < 6, 1.0, 0.0)

        assert spread_of(values, design, "values", differing=6).freedom <= 5
