"""Swapped counts are the swapping of predictions example by example, and the test keeps its level."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from harness.statistics import permutation
from harness.statistics.permutation import permutation_p_value, swapped_counts


def cells(classes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Gold label, both predictions and the mirror of each cell of the joint table."""
    gold, first, second = (part.ravel() for part in np.indices((classes,) * 3))
    return gold, first, second, (gold * classes + second) * classes + first


def drawn(counts: np.ndarray, partner: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    return np.concatenate(list(swapped_counts(counts, partner, resamples, seed)))


def gain(tables: np.ndarray, classes: int) -> np.ndarray:
    """How many more examples the second is right on than the first, in each table."""
    gold, first, second, _ = cells(classes)
    return np.asarray(tables @ ((second == gold).astype(int) - (first == gold)))


def closer(tables: np.ndarray, classes: int) -> np.ndarray:
    """How much closer the second comes to ordered labels than the first, summed, in each table."""
    gold, first, second, _ = cells(classes)
    return np.asarray(tables @ (np.abs(first - gold) - np.abs(second - gold)))


def macro_f1(gold: np.ndarray, predicted: np.ndarray) -> float:
    """Of three classes."""
    confusion = np.bincount(gold * 3 + predicted, minlength=9).reshape(3, 3)
    return float((2 * confusion.diagonal() / (confusion.sum(axis=0) + confusion.sum(axis=1))).mean())


THREE = cells(3)[3]
AGREED = np.flatnonzero(np.arange(27) == THREE)
JOINT = hnp.arrays(np.int64, 27, elements=st.integers(0, 50))


class TestSwappedCounts:
    @given(JOINT)
    def test_examples_move_only_between_mirror_cells(self, counts: np.ndarray) -> None:
        tables = drawn(counts, THREE, 20, seed=1)

        assert (tables >= 0).all()
        assert (tables + tables[:, THREE] == counts + counts[THREE]).all()
        assert (tables[:, AGREED] == counts[AGREED]).all()

    def test_the_input_is_left_as_it_was(self) -> None:
        counts = np.arange(27)

        drawn(counts, THREE, 5, seed=0)

        assert counts.tolist() == list(range(27))

    def test_the_same_seed_gives_the_same_tables(self) -> None:
        counts = np.arange(27)

        assert np.array_equal(drawn(counts, THREE, 50, seed=4), drawn(counts, THREE, 50, seed=4))
        assert not np.array_equal(drawn(counts, THREE, 50, seed=4), drawn(counts, THREE, 50, seed=5))

    def test_tables_do_not_depend_on_the_size_of_the_pieces(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # Few and many examples: numpy draws those two by different methods.
        counts = np.arange(27) * 40
        whole = drawn(counts, THREE, 100, seed=2)

        monkeypatch.setattr(permutation, "CELLS_AT_ONCE", 200)

        pieces = list(swapped_counts(counts, THREE, 100, seed=2))
        assert [len(piece) for piece in pieces] == [7] * 14 + [2]
        assert np.array_equal(np.concatenate(pieces), whole)

    def test_one_table_is_larger_than_a_piece(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(permutation, "CELLS_AT_ONCE", 10)

        assert [len(piece) for piece in swapped_counts(np.arange(27), THREE, 3, seed=0)] == [1, 1, 1]

    def test_pairs_of_empty_cells_may_be_left_out(self) -> None:
        counts = np.where(np.arange(27) < 14, 0, np.arange(27))
        kept = np.flatnonzero(counts + counts[THREE])
        among_kept = np.searchsorted(kept, THREE[kept])

        tables = drawn(counts, THREE, 30, seed=3)

        assert len(kept) < 27
        assert np.array_equal(drawn(counts[kept], among_kept, 30, seed=3), tables[:, kept])

    @pytest.mark.parametrize("counts", [np.array([4, 9]), np.array([], dtype=np.int64)])
    def test_where_the_two_always_agree_nothing_moves(self, counts: np.ndarray) -> None:
        tables = drawn(counts, np.arange(len(counts)), 3, seed=0)

        assert tables.tolist() == [counts.tolist()] * 3

    def test_every_table_comes_as_often_as_by_all_ways_to_swap(self) -> None:
        """Exact: nine examples of two classes, eight of which a swap moves, 512 ways."""
        partner = cells(2)[3]
        counts = np.array([1, 3, 0, 1, 0, 1, 3, 0])
        examples = np.repeat(np.arange(8), counts)
        ways: Counter[tuple[int, ...]] = Counter()
        for swaps in itertools.product([False, True], repeat=len(examples)):
            swapped = np.where(swaps, partner[examples], examples)
            ways[tuple(np.bincount(swapped, minlength=8).tolist())] += 1

        tables = Counter(map(tuple, drawn(counts, partner, 20_000, seed=0).tolist()))

        assert set(tables) == set(ways)
        expected = np.array([ways[one] for one in ways]) / sum(ways.values()) * 20_000
        assert stats.chisquare([tables[one] for one in ways], expected).pvalue > 1e-3

    def test_agrees_with_swapping_examples_and_counting_them(self) -> None:
        """The slow definition, on the difference of two macro-F1."""
        generator = np.random.default_rng(6)
        gold = generator.integers(0, 3, 300)
        first, second = (np.where(generator.random(300) < 0.7, gold, generator.integers(0, 3, 300)) for _ in range(2))
        counts = np.bincount((gold * 3 + first) * 3 + second, minlength=27)
        labels, ones, others, _ = cells(3)

        slow = [
            macro_f1(gold, np.where(swap, first, second)) - macro_f1(gold, np.where(swap, second, first))
            for swap in generator.random((1500, 300)) < 0.5
        ]
        fast = [
            macro_f1(np.repeat(labels, table), np.repeat(others, table))
            - macro_f1(np.repeat(labels, table), np.repeat(ones, table))
            for table in drawn(counts, THREE, 1500, seed=0)
        ]

        assert stats.ks_2samp(slow, fast).pvalue > 1e-3
        assert np.std(fast) == pytest.approx(np.std(slow), rel=0.1)


class TestPermutationPValue:
    def test_counts_the_observed_table_too(self) -> None:
        replicates = np.array([0.3, -0.3, 0.1, 0.0])

        assert permutation_p_value(0.2, replicates) == 3 / 5
        assert permutation_p_value(-0.2, replicates) == 3 / 5
        assert permutation_p_value(0.4, replicates) == 1 / 5

    def test_without_a_difference_is_1(self) -> None:
        assert permutation_p_value(0.0, np.array([0.0, 0.1, -0.1])) == 1.0

    def test_without_a_table_is_1(self) -> None:
        assert permutation_p_value(0.5, np.array([])) == 1.0

    def test_what_differs_by_rounding_counts_as_reached(self) -> None:
        observed = 0.1 + 0.2
        assert permutation_p_value(observed, np.array([0.3, -0.3])) == 1.0

        # One example of a million: the difference of two accuracies, which are rounded near 1.
        observed = 0.900001 - 0.9
        assert observed > 1e-6
        assert permutation_p_value(observed, np.array([1e-6, -1e-6])) == 1.0

        assert permutation_p_value(3e9, np.array([3e9 * (1 - 1e-13)])) == 1.0
        assert permutation_p_value(3e9, np.array([3e9 * (1 - 1e-11)])) == 0.5

    def test_where_it_is_undefined_it_counts_as_reached(self) -> None:
        assert permutation_p_value(0.5, np.array([np.nan, 0.1, 0.2])) == 2 / 4

    def test_agrees_with_all_ways_to_swap(self) -> None:
        """Exact: eleven examples of three ordered classes."""
        examples = np.array([3, 3, 6, 10, 16, 16, 20, 1, 24, 14, 13])
        counts = np.bincount(examples, minlength=27)
        observed = closer(counts, 3)
        reached = [
            abs(closer(np.bincount(np.where(swaps, THREE[examples], examples), minlength=27), 3)) >= abs(observed)
            for swaps in itertools.product([False, True], repeat=len(examples))
        ]

        p = permutation_p_value(float(observed), closer(drawn(counts, THREE, 20_000, seed=1), 3).astype(float))

        assert 0.01 < np.mean(reached) < 0.5
        assert p == pytest.approx(np.mean(reached), abs=4 * np.sqrt(0.25 / 20_000))

    def test_of_accuracy_is_the_exact_test_of_mcnemar(self) -> None:
        """With two classes, every example that moves turns a gain into a loss."""
        partner = cells(2)[3]
        counts = np.array([30, 14, 6, 10, 12, 9, 15, 30])

        p = permutation_p_value(float(gain(counts, 2)), gain(drawn(counts, partner, 20_000, seed=2), 2).astype(float))

        # Gained and lost: second right and first wrong, and the other way round.
        gained, lost = counts[2] + counts[5], counts[1] + counts[6]
        assert p == pytest.approx(stats.binomtest(int(gained), int(gained + lost)).pvalue, abs=0.01)

    def test_keeps_its_level(self) -> None:
        sets, chances = 600, np.random.default_rng(8).dirichlet(np.ones(27))
        even = (chances + chances[THREE]) / 2

        rejected = 0
        for seed, counts in enumerate(np.random.default_rng(9).multinomial(120, even, size=sets)):
            replicates = closer(drawn(counts, THREE, 99, seed), 3).astype(float)
            rejected += permutation_p_value(float(closer(counts, 3)), replicates) <= 0.05

        assert 0.02 < rejected / sets < 0.05 + 4 * np.sqrt(0.05 * 0.95 / sets)
