"""Tables of counts drawn by clusters and within strata, and the intervals that they give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.statistics import Bounds, Interval, NoInterval, bca_interval, counts_method, resampled_counts
from harness.statistics.design import Design
from harness.statistics.drawn import DrawnTables, Units, drawn_tables


def clusters(sizes: list[int]) -> Design:
    return Design.of("clustered", np.repeat(np.arange(len(sizes)), sizes), "product_id")


def counted_tables(counts: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    return np.concatenate(list(resampled_counts(counts, resamples, seed)))


def share_of_first(counts: np.ndarray) -> np.ndarray:
    return np.asarray(counts[..., 0] / counts.sum(axis=-1))


def all_tables(drawn: DrawnTables, resamples: int, seed: int) -> np.ndarray:
    return np.concatenate(list(drawn.resampled(resamples, seed)))


def left_tables(drawn: DrawnTables) -> np.ndarray:
    return np.concatenate(list(drawn.without_one()))


def cells_of(examples: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 3, examples)


class TestDrawnTables:
    def test_independent_ones_are_the_resampled_counts(self) -> None:
        cell = np.repeat([0, 1, 2, 3], [40, 7, 12, 53])

        independent = all_tables(drawn_tables(Design.independent(), cell, 4), 200, seed=3)

        assert np.array_equal(independent, counted_tables(np.array([40, 7, 12, 53]), 200, seed=3))

    def test_clusters_of_one_example_are_independent_examples(self) -> None:
        cell = np.repeat([0, 1, 2, 3], [40, 7, 12, 53])

        alone = all_tables(drawn_tables(clusters([1] * 112), cell, 4), 200, seed=3)

        assert np.array_equal(alone, counted_tables(np.array([40, 7, 12, 53]), 200, seed=3))

    def test_clusters_agree_with_drawing_them_and_counting_their_examples(self) -> None:
        """The slow definition: as many clusters as there are, drawn with replacement, each with all its examples."""
        generator = np.random.default_rng(1)
        sizes = generator.integers(1, 12, 30).tolist()
        design, cell = clusters(sizes), cells_of(sum(sizes))
        by_cluster = np.stack([np.bincount(cell[design.unit == cluster], minlength=3) for cluster in range(30)])
        slow = np.stack([by_cluster[generator.integers(0, 30, 30)].sum(axis=0) for _ in range(4000)])

        fast = all_tables(drawn_tables(design, cell, 3), 4000, seed=0)

        for column in range(3):
            assert stats.ks_2samp(fast[:, column], slow[:, column]).pvalue > 1e-3
        assert np.allclose(np.cov(fast.T), np.cov(slow.T), rtol=0.15, atol=3.0)
        assert np.ptp(fast.sum(axis=1)) > 50, "clusters differ in size, and so do the totals"

    def test_strata_agree_with_drawing_within_each(self) -> None:
        design = Design.of("stratified", np.repeat([0, 1], [30, 90]))
        cell = np.concatenate([np.arange(30) % 2, 1 + np.arange(90) % 3 // 2])
        generator = np.random.default_rng(2)
        slow = np.stack(
            [
                np.bincount(
                    np.concatenate([generator.choice(cell[:30], 30), generator.choice(cell[30:], 90)]), minlength=3
                )
                for _ in range(4000)
            ]
        )

        fast = all_tables(drawn_tables(design, cell, 3), 4000, seed=0)

        for column in range(3):
            assert stats.ks_2samp(fast[:, column], slow[:, column]).pvalue > 1e-3
        assert np.allclose(np.cov(fast.T), np.cov(slow.T), atol=2.0)

    def test_the_size_of_a_stratum_is_not_by_chance(self) -> None:
        by_label = Design.of("stratified", np.repeat([0, 1], [30, 90]))
        cell = np.repeat([0, 1, 2, 3], [10, 20, 40, 50])

        tables = all_tables(drawn_tables(by_label, cell, 4), 300, seed=0)

        assert set(tables[:, :2].sum(axis=1)) == {30}
        assert set(tables[:, 2:].sum(axis=1)) == {90}

    @pytest.mark.parametrize("kind", ["stratified", "clustered"])
    def test_tables_do_not_depend_on_the_size_of_the_pieces(self, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        unit = np.arange(200) % 5 if kind == "stratified" else np.arange(200) % 40
        drawn = drawn_tables(Design.of(kind, unit), cells_of(200), 3)
        whole, left = all_tables(drawn, 100, seed=2), left_tables(drawn)

        monkeypatch.setattr("harness.statistics.drawn.CELLS_AT_ONCE", 50)

        assert len(list(drawn.resampled(100, seed=2))) > 5
        assert np.array_equal(all_tables(drawn, 100, seed=2), whole)
        assert np.array_equal(left_tables(drawn), left)

    def test_neither_names_nor_order_of_the_clusters_matter(self) -> None:
        design, cell = clusters([3, 1, 4, 1, 5] * 10), cells_of(140)
        assert design.unit is not None
        order = np.random.default_rng(5).permutation(140)
        renamed = Design.of("clustered", [f"product {unit * 7 % 50}" for unit in design.unit[order]])

        again = drawn_tables(renamed, cell[order], 3)

        assert np.array_equal(all_tables(again, 50, seed=1), all_tables(drawn_tables(design, cell, 3), 50, seed=1))

    def test_the_same_seed_gives_the_same_tables(self) -> None:
        drawn = drawn_tables(clusters([2] * 30), cells_of(60), 3)

        assert np.array_equal(all_tables(drawn, 20, seed=4), all_tables(drawn, 20, seed=4))
        assert not np.array_equal(all_tables(drawn, 20, seed=4), all_tables(drawn, 20, seed=5))

    @given(st.lists(st.integers(1, 4), min_size=2, max_size=30), st.integers(0, 99))
    def test_without_a_cluster_the_table_lacks_its_examples(self, sizes: list[int], seed: int) -> None:
        design, cell = clusters(sizes), cells_of(sum(sizes), seed)
        drawn = drawn_tables(design, cell, 3)

        weighted = np.repeat(left_tables(drawn), drawn.weights, axis=0)

        slow = [np.bincount(cell[design.unit != cluster], minlength=3).tolist() for cluster in range(len(sizes))]
        assert sorted(weighted.tolist()) == sorted(slow)

    def test_without_an_example_the_table_lacks_one_of_its_cell(self) -> None:
        drawn = drawn_tables(Design.of("stratified", np.repeat([0, 1], [20, 30])), np.repeat([0, 1], [25, 25]), 2)

        assert left_tables(drawn).tolist() == [[24, 25], [24, 25], [25, 24]]
        assert drawn.weights.tolist() == [20, 5, 25]

    def test_small_strata_are_drawn_as_one(self) -> None:
        unit = np.arange(40)

        tables = all_tables(drawn_tables(Design.of("stratified", unit), unit % 2, 2), 100, seed=0)

        assert np.ptp(tables[:, 0]) > 5

    def test_names_what_was_drawn(self) -> None:
        by_label = Design.of("stratified", np.arange(60) % 2, "label")

        texts = [drawn_tables(design, cells_of(60), 3).method(1000, 7) for design in (clusters([2] * 30), by_label)]

        assert texts == [
            "BCa bootstrap of 30 clusters by product_id, 1,000 resamples, seed 7",
            "BCa bootstrap of the confusion counts, 2 strata by label, 1,000 resamples, seed 7",
        ]
        independent = drawn_tables(Design.independent(), cells_of(60), 3)
        assert independent.method(2000, 0) == counts_method(2000, 0)


class TestUnitsGrouped:
    @pytest.mark.parametrize("strata", [1, 3])
    def test_groups_share_all_units_out(self, strata: int) -> None:
        units = Units.of_examples(np.arange(600) % strata, cells_of(600), 3)

        groups = units.grouped(50)

        assert groups.table.sum(axis=0).tolist() == (units.times @ units.table).tolist()
        assert len(groups.times) == len(groups.stratum) == pytest.approx(50, abs=strata)
        assert np.ptp(groups.table.sum(axis=1)) <= 1

    def test_none_lies_across_strata(self) -> None:
        """The cells here are the strata themselves."""
        stratum = np.repeat([0, 1, 2], [20, 100, 500])

        groups = Units.of_examples(stratum, stratum, 3).grouped(31)

        assert (np.count_nonzero(groups.table.toarray(), axis=1) == 1).all()
        assert groups.stratum.tolist() == [0, 0] + [1] * 5 + [2] * 25

    def test_left_out_groups_tell_the_skewness_that_single_clusters_tell(self, monkeypatch: pytest.MonkeyPatch) -> None:
        generator = np.random.default_rng(8)
        sizes = (1 + generator.pareto(3, 4000) * 3).astype(int).tolist()
        design = clusters(sizes)
        cell = (generator.random(sum(sizes)) < 0.05).astype(int)
        single = drawn_tables(design, cell, 2)
        replicates = share_of_first(all_tables(single, 2000, seed=0))

        def interval(drawn: DrawnTables) -> tuple[float, float]:
            left = share_of_first(left_tables(drawn))
            found = drawn.interval(float((cell == 0).mean()), replicates, left, 0.95, "test")
            assert isinstance(found, Interval)
            return found.low, found.high

        exact = interval(single)
        monkeypatch.setattr("harness.statistics.drawn.UNITS_LEFT_OUT", 50)
        grouped = drawn_tables(design, cell, 2)

        assert len(grouped.weights) == 50 < len(single.weights)
        assert interval(grouped) == pytest.approx(exact, abs=0.1 * (exact[1] - exact[0]))


class TestDrawnInterval:
    def interval(self, drawn: DrawnTables, resamples: int = 2000, confidence: float = 0.95) -> Bounds:
        """Of the share of the first cell."""
        return drawn.interval(
            float(share_of_first(drawn.units.times @ drawn.units.table)),
            share_of_first(all_tables(drawn, resamples, seed=0)),
            share_of_first(left_tables(drawn)),
            confidence,
            "test",
        )

    def test_of_independent_examples_is_that_of_the_counts(self) -> None:
        counts = np.array([80, 20])

        designed = self.interval(drawn_tables(Design.independent(), np.repeat([0, 1], counts), 2))

        assert designed == bca_interval(
            0.8, share_of_first(counted_tables(counts, 2000, seed=0)), share_of_first(counts - np.eye(2, dtype=int)),
            counts, 0.95, "test",
        )  # fmt: skip

    def test_of_strata_is_narrower_where_they_differ(self) -> None:
        stratum, cell = np.repeat([0, 1], [100, 100]), np.repeat([0, 1, 0, 1], [95, 5, 20, 80])

        within = self.interval(drawn_tables(Design.of("stratified", stratum), cell, 2))
        independent = self.interval(drawn_tables(Design.independent(), cell, 2))

        assert isinstance(within, Interval)
        assert isinstance(independent, Interval)
        assert independent.low < within.low < 0.575 < within.high < independent.high
        variance = (0.95 * 0.05 + 0.2 * 0.8) / 400
        assert within.high - within.low == pytest.approx(2 * 1.96 * variance**0.5, rel=0.1)

    def test_of_clusters_has_the_width_of_the_jackknife(self) -> None:
        generator = np.random.default_rng(12)
        own = np.repeat(generator.random(100), 10)

        interval = self.interval(drawn_tables(clusters([10] * 100), (generator.random(1000) < own).astype(int), 2))

        assert isinstance(interval, Interval)
        # Uniform shares, 10 examples each: 1/12 + 1/60 between clusters.
        assert interval.high - interval.low == pytest.approx(2 * 1.99 * (0.1 / 100) ** 0.5, rel=0.15)

    def test_few_clusters_have_none(self) -> None:
        twelve = drawn_tables(clusters([10] * 12), cells_of(120), 3)
        unequal = drawn_tables(clusters([60] + [10] * 34), cells_of(400), 3)

        assert self.interval(twelve) == NoInterval("12 clusters, and the interval needs 30")
        reason = "35 clusters that weigh like 22 of equal size, and the interval needs 30"
        assert self.interval(unequal) == NoInterval(reason) == unequal.lacking
        assert drawn_tables(clusters([10] * 30), cells_of(300), 3).lacking is None
        assert drawn_tables(Design.independent(), cells_of(3), 3).lacking is None

    def test_the_tails_of_few_clusters_need_more_resamples(self) -> None:
        three_hold_all = (np.arange(400) < 30).astype(int)

        interval = self.interval(drawn_tables(clusters([10] * 40), three_hold_all, 2), resamples=100)

        assert isinstance(interval, NoInterval)
        assert interval.reason.startswith("100 resamples do not reach the tails of the interval")

    def test_where_a_few_clusters_decide_there_is_none(self) -> None:
        one_holds_all = (np.arange(400) < 10).astype(int)

        interval = self.interval(drawn_tables(clusters([10] * 40), one_holds_all, 2), confidence=0.99)

        assert interval == NoInterval("a few clusters decide the value: they are too few for an interval")

    def test_undefined_without_a_cluster_there_is_none(self) -> None:
        drawn = drawn_tables(clusters([10] * 40), cells_of(400), 3)
        left = np.full(len(drawn.weights), np.nan)

        interval = drawn.interval(0.5, np.linspace(0, 1, 2000), left, 0.95, "test")

        assert interval == NoInterval("undefined when one cluster is left out")

    def test_without_spread_there_is_none(self) -> None:
        drawn = drawn_tables(clusters([2] * 40), np.tile([0, 1], 40), 2)

        assert self.interval(drawn) == NoInterval("the same in every resample, which says nothing of the spread")

    @pytest.mark.parametrize("accuracy", [0.7, 0.9])
    def test_macro_f1_is_held_and_would_be_missed_without_the_clusters(self, accuracy: float) -> None:
        """Labels and mistakes resemble each other in a cluster, with a correlation of 0.3."""
        generator, sets, shares = np.random.default_rng(17), 300, np.array([0.5, 0.3, 0.2])
        mistaken = (1 - accuracy) / 2
        truth = float(macro_f1(shares[:, None] * (mistaken + (accuracy - mistaken) * np.eye(3))))

        inside = np.zeros(2)
        for seed in range(sets):
            sizes = generator.integers(1, 21, size=50)
            own = generator.beta(accuracy * 7 / 3, (1 - accuracy) * 7 / 3, size=50)
            labels = generator.dirichlet(shares * 7 / 3, size=50)
            unit = np.repeat(np.arange(50), sizes)
            gold = (generator.random(len(unit))[:, None] > labels.cumsum(axis=1)[unit][:, :2]).sum(axis=1)
            off = generator.integers(1, 3, size=len(unit))
            predicted = np.where(generator.random(len(unit)) < own[unit], gold, (gold + off) % 3)
            for place, design in enumerate((clusters(sizes.tolist()), Design.independent())):
                drawn = drawn_tables(design, 3 * gold + predicted, 9)
                whole = drawn.units.times @ drawn.units.table
                replicates, left = macro_f1(all_tables(drawn, 600, seed)), macro_f1(left_tables(drawn))
                interval = drawn.interval(float(macro_f1(whole)), replicates, left, 0.95, "test")
                assert isinstance(interval, Interval), interval
                inside[place] += interval.low <= truth <= interval.high

        assert 0.925 <= inside[0] / sets <= 0.975
        assert inside[1] / sets < 0.75


def macro_f1(tables: np.ndarray) -> np.ndarray:
    by_class = tables.reshape(*tables.shape[:-1], 3, 3) if tables.shape[-1] == 9 else tables
    right = np.diagonal(by_class, axis1=-2, axis2=-1)
    return np.asarray((2 * right / (by_class.sum(axis=-1) + by_class.sum(axis=-2))).mean(axis=-1))
