"""Halves are as good as drawn by lot, and depend on nothing but the index and the seed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.metrics.halves import _mixed, fold_of, half_of

EXAMPLES = 100_000


def mixed(state: int) -> int:
    """SplitMix64 in whole numbers of any size, cut to 64 bits."""
    bits = (state + 1) * 0x9E3779B97F4A7C15 % 2**64
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB % 2**64
    return bits ^ (bits >> 31)


def agreement(first: np.ndarray, second: np.ndarray) -> float:
    """Standard deviations between how often both are the same and half of the time."""
    return float(abs((first == second).mean() - 0.5) * 2 * np.sqrt(len(first)))


class TestMixed:
    def test_gives_the_published_numbers(self) -> None:
        """The first two that SplitMix64 draws from seed 0."""
        drawn = _mixed(np.arange(2).astype(np.uint64))

        assert [hex(number) for number in drawn.tolist()] == ["0xe220a8397b1dcdaf", "0x6e789e6aa1b965f4"]


class TestHalfOf:
    @given(st.lists(st.integers(0, 2**40), min_size=1, max_size=20), st.integers(-(2**63), 2**64))
    def test_is_the_top_bit_of_the_hash(self, indices: list[int], seed: int) -> None:
        """In unsigned arithmetic of arrays as in whole numbers of any size, and without a warning."""
        halves = half_of(np.array(indices), seed)

        assert halves.tolist() == [mixed((mixed(seed % 2**64) + index) % 2**64) >> 63 for index in indices]

    @given(st.integers(0, 100), st.integers(0, 5))
    def test_does_not_depend_on_the_batches(self, cut: int, seed: int) -> None:
        indices = np.arange(100)

        parts = [half_of(indices[:cut], seed), half_of(indices[cut:], seed)]

        assert np.concatenate(parts).tolist() == half_of(indices, seed).tolist()

    @pytest.mark.parametrize("seed", [0, 1, 2, 2**63])
    def test_halves_are_as_large_as_chance_makes_them(self, seed: int) -> None:
        assert agreement(half_of(np.arange(EXAMPLES), seed), np.ones(EXAMPLES)) < 4

    @pytest.mark.parametrize("apart", [1, 2, 3, 5, 32, 1024])
    def test_neighbours_have_nothing_to_do_with_each_other(self, apart: int) -> None:
        halves = half_of(np.arange(EXAMPLES), 0)

        assert agreement(halves[apart:], halves[:-apart]) < 4

    @pytest.mark.parametrize("seed", [1, 2, 3, 1000])
    def test_another_seed_gives_other_halves(self, seed: int) -> None:
        indices = np.arange(EXAMPLES)

        assert agreement(half_of(indices, 0), half_of(indices, seed)) < 4


class TestFoldOf:
    def test_does_not_depend_on_the_batches(self) -> None:
        whole = fold_of(np.arange(1000), 5, 7)

        assert np.concatenate([fold_of(np.arange(0, 300), 5, 7), fold_of(np.arange(300, 1000), 5, 7)]).tolist() == (
            whole.tolist()
        )

    @pytest.mark.parametrize("seed", [0, 1, -1, 2**63])
    def test_folds_are_of_about_the_same_size(self, seed: int) -> None:
        """Within four binomial deviations."""
        sizes = np.bincount(fold_of(np.arange(50_000), 5, seed), minlength=5)

        assert np.abs(sizes - 10_000).max() < 4 * math.sqrt(50_000 * 0.2 * 0.8)

    def test_another_seed_gives_other_folds(self) -> None:
        same = (fold_of(np.arange(50_000), 5, 0) == fold_of(np.arange(50_000), 5, 1)).mean()

        assert same == pytest.approx(0.2, abs=0.01)
