"""Adjusted p values are those of statsmodels and of scipy, and keep what they promise."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from statsmodels.stats.multitest import multipletests

from harness.statistics.multiplicity import benjamini_hochberg, holm

# A few values that occur often: ties are the edge here.
P_VALUES = hnp.arrays(float, st.integers(1, 40), elements=st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.02, 1.0])))


def simulated(sets: int, tests: int, effects: int) -> np.ndarray:
    """One-sided p values, (sets, tests); of the first `effects` tests, something is there to be found."""
    values = np.random.default_rng(2).normal(size=(sets, tests))
    values[:, :effects] += 3
    return np.asarray(stats.norm.sf(values))


class TestHolm:
    def test_multiplies_by_the_number_of_tests_that_are_left(self) -> None:
        assert holm(np.array([0.04, 0.01, 0.03])).tolist() == pytest.approx([0.06, 0.03, 0.06])

    def test_is_cut_at_1(self) -> None:
        assert holm(np.array([0.6, 0.9])).tolist() == [1.0, 1.0]

    def test_of_no_tests_is_empty(self) -> None:
        assert holm(np.array([])).tolist() == []

    def test_of_one_test_is_its_p_value(self) -> None:
        assert holm(np.array([0.03])).tolist() == [0.03]

    @given(hnp.arrays(float, st.integers(1, 6), elements=st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.02, 1.0]))))
    def test_rejects_what_bonferroni_rejects_in_every_list_that_holds_the_test(self, p_values: np.ndarray) -> None:
        """The slow definition (closed testing): the worst of all lists of the tests."""
        tests = range(len(p_values))
        lists = [chosen for size in tests for chosen in itertools.combinations(tests, size + 1)]

        worst = [max(len(one) * p_values[list(one)].min() for one in lists if test in one) for test in tests]

        np.testing.assert_allclose(holm(p_values), np.minimum(worst, 1), rtol=1e-12, atol=1e-300)

    @pytest.mark.parametrize("tests", [2, 5, 40])
    def test_is_that_of_statsmodels(self, tests: int) -> None:
        # Few cases, since statsmodels collects garbage in each call. Rounded, so that some are equal.
        p_values = np.random.default_rng(tests).random(tests).round(1) / 5

        np.testing.assert_allclose(holm(p_values), multipletests(p_values, method="holm")[1], rtol=1e-12, atol=1e-300)

    @given(P_VALUES)
    def test_keeps_the_order_and_makes_none_smaller(self, p_values: np.ndarray) -> None:
        adjusted = holm(p_values)

        assert (adjusted >= p_values).all()
        assert (np.diff(adjusted[np.argsort(p_values, kind="stable")]) >= 0).all()

    def test_seldom_rejects_a_single_true_hypothesis(self) -> None:
        p_values = simulated(sets=2000, tests=8, effects=3)

        wrong = np.mean([(holm(one)[3:] <= 0.05).any() for one in p_values])

        # Five tests without an effect, at worst at a fifth of the level each.
        assert 0.01 < wrong < 0.06


class TestBenjaminiHochberg:
    def test_multiplies_by_the_share_of_tests_that_are_as_small(self) -> None:
        assert benjamini_hochberg(np.array([0.03, 0.01, 0.02, 0.9])).tolist() == pytest.approx([0.04, 0.04, 0.04, 0.9])

    def test_of_no_tests_is_empty(self) -> None:
        assert benjamini_hochberg(np.array([])).tolist() == []

    def test_of_one_test_is_its_p_value(self) -> None:
        assert benjamini_hochberg(np.array([0.03])).tolist() == [0.03]

    @given(P_VALUES)
    def test_is_that_of_statsmodels_and_of_scipy(self, p_values: np.ndarray) -> None:
        adjusted = benjamini_hochberg(p_values)

        np.testing.assert_allclose(adjusted, multipletests(p_values, method="fdr_bh")[1], rtol=1e-12, atol=1e-300)
        np.testing.assert_allclose(adjusted, stats.false_discovery_control(p_values), rtol=1e-12, atol=1e-300)

    @given(P_VALUES)
    def test_lies_between_the_p_values_and_those_of_holm(self, p_values: np.ndarray) -> None:
        adjusted = benjamini_hochberg(p_values)

        assert (adjusted >= p_values).all()
        assert (adjusted <= holm(p_values) * (1 + 1e-12)).all()

    def test_of_its_warnings_few_are_false(self) -> None:
        p_values = simulated(sets=2000, tests=10, effects=5)

        false = []
        for one in p_values:
            warned = benjamini_hochberg(one) <= 0.1
            false.append(warned[5:].sum() / max(1, warned.sum()))

        # With independent tests exactly the level, times the share of tests without an effect.
        assert np.mean(false) == pytest.approx(0.05, abs=0.01)
