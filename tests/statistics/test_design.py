"""Clusters and strata widen and narrow the intervals as much as they should, and say when they cannot."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import OLS

from harness.statistics import Bounds, Interval, NoInterval, normal_mean, wilson
from harness.statistics.design import Design, degrees_of_freedom, mean_interval, proportion_interval


def clustered(unit: np.ndarray | list[int]) -> Design:
    return Design.of("clustered", np.asarray(unit), "product_id")


def stratified(sizes: list[int]) -> Design:
    return Design.of("stratified", np.repeat(np.arange(len(sizes)), sizes), "label")


def ends(bounds: Bounds) -> tuple[float, float]:
    assert isinstance(bounds, Interval), bounds
    return bounds.low, bounds.high


def holds(bounds: Bounds, truth: float) -> bool:
    low, high = ends(bounds)
    return low <= truth <= high


@st.composite
def clusters_of_hits(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    sizes = draw(st.lists(st.integers(1, 8), min_size=20, max_size=60))
    unit = np.repeat(np.arange(len(sizes)), sizes)
    hits = draw(st.lists(st.booleans(), min_size=len(unit), max_size=len(unit)))
    return unit, np.array(hits)


class TestDesign:
    def test_equal_values_are_one_unit(self) -> None:
        design = Design.of("clustered", ["kettle", "lamp", "kettle", ("a", "tuple")], "product")

        assert design.unit is not None
        assert design.unit.tolist() == [0, 1, 0, 2]
        assert design.sizes.tolist() == [2, 1, 1]

    def test_an_array_gives_the_units_that_a_list_gives(self) -> None:
        values = ["b", "a", "b"]

        from_list, from_array = Design.of("stratified", values), Design.of("stratified", np.array(values))

        assert np.array_equal(from_list.unit, from_array.unit)

    def test_independent_examples_have_no_units(self) -> None:
        design = Design.independent()

        assert design.unit is None
        assert design.sizes.tolist() == []
        assert design.effective_units == 0.0
        assert design.of_rows(np.array([1, 2])) is design
        assert design.pooled() is design

    @pytest.mark.parametrize(
        "rows", [np.array([1, 2, 4]), np.array([False, True, True, False, True]), slice(1, None)], ids=str
    )
    def test_of_some_rows_only_units_that_occur_count(self, rows: np.ndarray | slice) -> None:
        part = clustered([7, 5, 5, 5, 9]).of_rows(rows)

        assert part.kind == "clustered"
        assert part.column == "product_id"
        assert part.sizes.tolist() in ([2, 1], [3, 1])

    def test_says_what_was_drawn(self) -> None:
        assert str(clustered(np.arange(1412))) == "1,412 clusters by product_id"
        assert str(clustered([0, 0])) == "1 cluster by product_id"
        assert str(stratified([30, 40])) == "2 strata by label"
        assert str(Design.of("stratified", [0])) == "1 stratum"
        assert str(Design.independent()) == "independent"
        assert Design.independent().described == ""

    def test_clusters_of_unequal_size_weigh_like_fewer(self) -> None:
        assert clustered(np.arange(40) // 2).effective_units == pytest.approx(20)
        assert clustered([0] * 10 + list(range(1, 11))).effective_units == pytest.approx(400 / 110)


class TestPooled:
    def test_small_strata_count_as_one(self) -> None:
        assert stratified([50, 12, 13, 40]).pooled().sizes.tolist() == [25, 50, 40]

    def test_the_smallest_other_joins_where_they_are_too_few_together(self) -> None:
        assert stratified([50, 1, 40]).pooled().sizes.tolist() == [41, 50]

    def test_strata_that_are_all_small_are_one(self) -> None:
        assert stratified([3, 3, 3]).pooled().sizes.tolist() == [9]

    def test_large_strata_and_clusters_stay(self) -> None:
        strata, clusters = stratified([20, 30]), clustered([0, 0, 1])

        assert strata.pooled() is strata
        assert clusters.pooled() is clusters


class TestMeanInterval:
    def test_of_independent_examples_is_the_normal_one(self) -> None:
        values = np.random.default_rng(1).gamma(2.0, size=70)

        interval = mean_interval(Design.independent(), values, 0.9, least=0.0)

        assert interval == normal_mean(values.mean(), values.std(), 70, 0.9, least=0.0)

    def test_of_clusters_of_equal_size_has_the_error_of_statsmodels(self) -> None:
        """There leaving a cluster out and linearising are the same."""
        generator = np.random.default_rng(2)
        unit = np.repeat(np.arange(60), 5)
        values = generator.normal(size=60)[unit] + generator.normal(size=300)

        low, high = ends(mean_interval(clustered(unit), values, 0.95))

        fit = OLS(values, np.ones(300)).fit(cov_type="cluster", cov_kwds={"groups": unit})
        error = float(fit.bse[0])
        assert (low + high) / 2 == pytest.approx(values.mean())
        freedom = degrees_of_freedom(np.bincount(unit, values - values.mean()), np.ones(60, dtype=int), 60.0)
        assert (high - low) / 2 == pytest.approx(error * stats.t.ppf(0.975, freedom), rel=1e-9)
        assert 40 < freedom <= 59

    @given(st.lists(st.integers(1, 9), min_size=20, max_size=40), st.integers(0, 99))
    def test_of_clusters_is_the_jackknife(self, sizes: list[int], seed: int) -> None:
        """The slow definition: the mean of the examples that are left without each cluster."""
        unit = np.repeat(np.arange(len(sizes)), sizes)
        values = np.random.default_rng(seed).normal(size=len(unit)) + 1e3
        left = np.array([values[unit != cluster].mean() for cluster in range(len(sizes))])
        error = math.sqrt((len(sizes) - 1) / len(sizes) * np.square(left - values.mean()).sum())
        design = clustered(unit)
        freedom = degrees_of_freedom(left - values.mean(), np.ones(len(sizes), dtype=int), design.effective_units)

        low, high = ends(mean_interval(design, values, 0.95))

        assert (high - low) / 2 == pytest.approx(error * stats.t.ppf(0.975, freedom), rel=1e-6)

    def test_clusters_of_one_example_are_close_to_independent_ones(self) -> None:
        values = np.random.default_rng(3).normal(size=5000)

        alone = ends(mean_interval(clustered(np.arange(5000)), values, 0.95))

        assert alone == pytest.approx(ends(mean_interval(Design.independent(), values, 0.95)), abs=1e-4)

    def test_every_example_ten_times_over_is_no_more_evidence(self) -> None:
        values = np.random.default_rng(4).normal(size=400)
        repeated = mean_interval(clustered(np.repeat(np.arange(400), 10)), np.repeat(values, 10), 0.95)

        assert ends(repeated) == pytest.approx(ends(mean_interval(clustered(np.arange(400)), values, 0.95)))
        assert isinstance(repeated, Interval)
        assert repeated.method == "cluster-robust, 400 clusters by product_id"

    def test_of_strata_has_the_variance_within_them(self) -> None:
        """The slow definition, Σ W² s² / n."""
        generator = np.random.default_rng(5)
        parts = [generator.normal(mean, 1.0, size) for mean, size in [(0.0, 30), (10.0, 50), (20.0, 120)]]
        values = np.concatenate(parts)
        variance = sum((len(part) / 200) ** 2 * part.var(ddof=1) / len(part) for part in parts)

        interval = mean_interval(stratified([30, 50, 120]), values, 0.95)

        assert ends(interval) == pytest.approx(
            (values.mean() - 1.959964 * variance**0.5, values.mean() + 1.959964 * variance**0.5), rel=1e-6
        )
        assert isinstance(interval, Interval)
        assert interval.method == "stratified, 3 strata by label"

    def test_one_stratum_is_as_good_as_none(self) -> None:
        values = np.random.default_rng(6).normal(size=50)

        assert ends(mean_interval(stratified([50]), values, 0.95)) == pytest.approx(
            ends(mean_interval(Design.independent(), values, 0.95))
        )

    def test_small_strata_are_pooled_and_counted_as_one(self) -> None:
        values = np.random.default_rng(7).normal(size=64)

        interval = mean_interval(stratified([30, 1, 2, 1, 30]), values, 0.95)

        assert isinstance(interval, Interval)
        assert interval.method == "stratified, 2 strata by label"

    def test_is_cut_at_what_a_mean_can_be(self) -> None:
        values = np.random.default_rng(8).random(60) ** 8

        assert ends(mean_interval(clustered(np.arange(60) // 3), values, 0.9999, least=0.0))[0] == 0.0
        assert ends(mean_interval(stratified([30, 30]), 1 - values, 0.99999, most=1.0))[1] == 1.0

    @pytest.mark.parametrize(("clusters", "counted"), [(1, "1 cluster"), (12, "12 clusters"), (19, "19 clusters")])
    def test_few_clusters_have_none(self, clusters: int, counted: str) -> None:
        interval = mean_interval(clustered(np.arange(200) % clusters), np.arange(200.0), 0.95)

        assert interval == NoInterval(f"{counted}, and the interval needs 20")

    def test_without_spread_there_is_none(self) -> None:
        tenths, pairs = np.full(90, 0.1), np.tile([0.1, 0.7], 45)

        no_spread = "which says nothing of the spread"
        alike = NoInterval(f"every cluster has the same mean, {no_spread}")
        assert mean_interval(clustered(np.arange(90) % 30), tenths, 0.95) == alike
        assert mean_interval(clustered(np.arange(90) // 2), pairs, 0.95) == alike
        by_stratum = np.repeat([0.1, 0.7], 45)
        expected = NoInterval(f"in each stratum every example has the same value, {no_spread}")
        assert mean_interval(stratified([45, 45]), by_stratum, 0.95) == expected


class TestProportionInterval:
    def test_of_independent_examples_is_wilson(self) -> None:
        hits = np.arange(50) < 42

        assert proportion_interval(Design.independent(), hits, 0.9) == wilson(42, 50, 0.9)

    @given(clusters_of_hits(), st.floats(0.5, 0.999))
    def test_of_clusters_holds_the_share_and_is_never_narrower_than_wilson(
        self, drawn: tuple[np.ndarray, np.ndarray], confidence: float
    ) -> None:
        unit, hits = drawn

        low, high = ends(proportion_interval(clustered(unit), hits, confidence))

        independent = wilson(int(hits.sum()), len(hits), confidence)
        assert 0 <= low <= hits.mean() <= high <= 1
        assert high - low >= independent.high - independent.low - 1e-12

    def test_clusters_of_one_example_are_close_to_independent_ones(self) -> None:
        hits = np.arange(3000) % 10 > 0

        alone = proportion_interval(clustered(np.arange(3000)), hits, 0.95)

        assert ends(alone) == pytest.approx(ends(wilson(2700, 3000, 0.95)), abs=5e-5)

    def test_every_example_ten_times_over_is_no_more_evidence(self) -> None:
        hits = np.arange(300) % 10 > 0

        repeated = proportion_interval(clustered(np.repeat(np.arange(300), 10)), np.repeat(hits, 10), 0.95)

        assert ends(repeated) == pytest.approx(ends(wilson(270, 300, 0.95)), abs=2e-3)
        assert isinstance(repeated, Interval)
        assert repeated.method == "Wilson, cluster-robust, 300 clusters by product_id"

    @pytest.mark.parametrize("right", [True, False])
    def test_where_all_are_alike_the_clusters_are_the_sample(self, right: bool) -> None:
        interval = proportion_interval(clustered(np.arange(400) % 40), np.full(400, right), 0.95)

        assert ends(interval) == pytest.approx(ends(wilson(40 * right, 40, 0.95)))

    def test_few_clusters_have_none(self) -> None:
        interval = proportion_interval(clustered(np.arange(90) % 12), np.arange(90) < 50, 0.95)

        assert interval == NoInterval("12 clusters, and the interval needs 20")

    def test_of_strata_that_are_alike_is_close_to_wilson(self) -> None:
        hits = np.tile(np.arange(50) < 40, 3)

        interval = proportion_interval(stratified([50, 50, 50]), hits, 0.95)

        assert ends(interval) == pytest.approx(ends(wilson(120, 150, 0.95)))
        assert isinstance(interval, Interval)
        assert interval.method == "Wilson, stratified, 3 strata by label"

    def test_strata_that_differ_leave_less_to_chance(self) -> None:
        hits = np.concatenate([np.arange(100) < 98, np.arange(100) < 30])

        low, high = ends(proportion_interval(stratified([100, 100]), hits, 0.95))

        independent = wilson(128, 200, 0.95)
        assert independent.low < low < 0.64 < high < independent.high

    def test_strata_without_spread_still_have_a_width(self) -> None:
        low, high = ends(proportion_interval(stratified([30, 30]), np.arange(60) < 30, 0.95))

        assert 0.35 < low < 0.45 < 0.55 < high < 0.65

    def test_of_strata_that_are_all_right_is_wilson(self) -> None:
        interval = proportion_interval(stratified([30, 50]), np.full(80, True), 0.95)

        assert ends(interval) == pytest.approx(ends(wilson(80, 80, 0.95)))


class TestDegreesOfFreedom:
    def test_of_normal_changes_are_about_their_number(self) -> None:
        changes = np.random.default_rng(9).normal(size=20_000)

        freedom = degrees_of_freedom(changes, np.ones(20_000, dtype=int), 20_000.0)

        assert freedom == pytest.approx(20_000, rel=0.05)

    def test_where_few_clusters_make_the_spread_they_are_few(self) -> None:
        changes = np.where(np.arange(100) < 3, -1.0, 3 / 97)

        assert 3 < degrees_of_freedom(changes, np.ones(100, dtype=int), 100.0) < 8

    def test_are_at_most_the_effective_number_less_one(self) -> None:
        changes, times = np.array([-1.0, 1.0]), np.array([50, 50])

        assert degrees_of_freedom(changes, times, 30.5) == 29.5
        assert degrees_of_freedom(0 * changes, times, 30.5) == 29.5
        assert degrees_of_freedom(changes, times, 1.1) == 1.0

    @given(st.lists(st.integers(1, 9), min_size=3, max_size=20), st.floats(1e-9, 1e9))
    def test_neither_the_unit_of_the_changes_nor_how_they_are_listed_matters(
        self, times: list[int], unit: float
    ) -> None:
        changes = np.arange(len(times)) - 0.7
        ones = np.ones(sum(times), dtype=int)

        together = degrees_of_freedom(changes * unit, np.array(times), 1e6)

        assert together == pytest.approx(degrees_of_freedom(np.repeat(changes, times), ones, 1e6), rel=1e-9)


SETS = 600


class TestCoverage:
    """95 % intervals of clusters of 1 to 20 examples with an intra-class correlation of 0.3."""

    def covered(
        self,
        clusters: int,
        draw: Callable[[np.random.Generator, np.ndarray], np.ndarray],
        interval: Callable[[Design, np.ndarray], Bounds],
        truth: float,
    ) -> tuple[float, float]:
        """The share of sets whose interval holds the truth: with the clusters, and as though there were none."""
        generator = np.random.default_rng(23)
        inside = np.zeros(2)
        for _ in range(SETS):
            unit = np.repeat(np.arange(clusters), generator.integers(1, 21, size=clusters))
            values = draw(generator, unit)
            designs = (clustered(unit), Design.independent())
            inside += [holds(interval(design, values), truth) for design in designs]
        return float(inside[0] / SETS), float(inside[1] / SETS)

    @pytest.mark.parametrize("clusters", [50, 200])
    def test_the_mean_is_held_and_would_be_missed_without_the_clusters(self, clusters: int) -> None:
        def draw(generator: np.random.Generator, unit: np.ndarray) -> np.ndarray:
            shared = generator.normal(0, 0.3**0.5, size=clusters)
            return shared[unit] + generator.normal(0, 0.7**0.5, size=len(unit))

        robust, naive = self.covered(clusters, draw, lambda design, values: mean_interval(design, values, 0.95), 0.0)

        assert 0.925 < robust < 0.975
        assert naive < 0.75

    @pytest.mark.parametrize("clusters", [50, 200])
    @pytest.mark.parametrize("share", [0.8, 0.95])
    def test_the_share_is_held_and_would_be_missed_without_the_clusters(self, clusters: int, share: float) -> None:
        def draw(generator: np.random.Generator, unit: np.ndarray) -> np.ndarray:
            # Beta shares with a sum of parameters of 0.7 / 0.3 have this correlation.
            own = generator.beta(share * 7 / 3, (1 - share) * 7 / 3, size=clusters)
            return generator.random(len(unit)) < own[unit]

        robust, naive = self.covered(
            clusters, draw, lambda design, hits: proportion_interval(design, hits, 0.95), share
        )

        assert 0.925 < robust < 0.975
        assert naive < 0.75

    def test_of_strata_the_mean_is_held_by_less(self) -> None:
        generator, design = np.random.default_rng(29), stratified([40, 80, 120])
        within, independent = 0, 0
        for _ in range(SETS):
            values = np.concatenate([generator.normal(mean, 1, size) for mean, size in [(0, 40), (2, 80), (5, 120)]])
            within += holds(mean_interval(design, values, 0.95), 760 / 240)
            independent += holds(mean_interval(Design.independent(), values, 0.95), 760 / 240)

        assert 0.925 < within / SETS < 0.975
        assert independent / SETS > 0.99

    @pytest.mark.parametrize("shares", [(0.95, 0.9, 0.6, 0.3), (0.99, 0.98, 0.9, 0.5), (1.0, 1.0, 0.9, 0.8)], ids=str)
    def test_of_strata_the_share_is_held(self, shares: tuple[float, ...]) -> None:
        generator, sizes = np.random.default_rng(31), [30, 60, 30, 90]
        design, truth = stratified(sizes), float(np.average(shares, weights=sizes))
        inside = sum(
            holds(proportion_interval(design, generator.random(210) < np.repeat(shares, sizes), 0.95), truth)
            for _ in range(SETS)
        )

        assert 0.925 < inside / SETS < 0.985
