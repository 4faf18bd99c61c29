"""Two classifiers on the same examples: the interval, the test and the sample size do what their papers say."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import xlogy
from statsmodels.stats.contingency_tables import mcnemar

from harness.statistics.intervals import two_sided
from harness.statistics.paired import detectable_difference, examples_to_detect, mcnemar_mid_p, tango_interval

LEVELS = st.floats(0.5, 0.999)


@st.composite
def outcomes(draw: st.DrawFn, most: int) -> tuple[int, int, int]:
    """Gained, lost and all examples."""
    total = draw(st.integers(1, most))
    gained = draw(st.integers(0, total))
    lost = draw(st.integers(0, total - gained))
    return (gained, lost, total) if draw(st.booleans()) else (lost, gained, total)


def searched_score(gained: int, lost: int, total: int, difference: float) -> float:
    """The slow definition: the distance in standard errors, with the likeliest chance of a loss found by search."""
    low, high = max(0.0, -difference), (1 - difference) / 2
    for _ in range(7):
        loss = np.linspace(low, high, 201)
        gain, rest = np.maximum(loss + difference, 0), np.maximum(1 - 2 * loss - difference, 0)
        likelihood = xlogy(gained, gain) + xlogy(lost, loss) + xlogy(total - gained - lost, rest)
        best = int(np.argmax(likelihood))
        low, high = loss[max(best - 1, 0)], loss[min(best + 1, 200)]
    variance = 2 * loss[best] + difference - difference**2
    return float((gained - lost - total * difference) / math.sqrt(total * variance))


def tabled_score(gained: int, lost: int, total: int, difference: float) -> float:
    """The same from the solution in Tango's paper, with 60 digits."""
    with localcontext() as context:
        context.prec = 60
        delta = Decimal(difference)
        b = -gained - lost + (2 * total - gained + lost) * delta
        c = -lost * delta * (1 - delta)
        chance = ((b * b - 8 * total * c).sqrt() - b) / (4 * total)
        variance = total * (2 * chance + delta * (1 - delta))
        return float((gained - lost - total * delta) / variance.sqrt())


class TestTangoInterval:
    @pytest.mark.parametrize(
        ("table", "confidence", "low", "high", "digits"),
        [
            # Both right, gained, lost, both wrong. Tango 1998, Statistics in Medicine 17, the two examples.
            ((4, 9, 3, 16), 0.95, -0.027, 0.390, 3),
            ((43, 0, 1, 0), 0.90, -0.096, 0.037, 3),
            # Agresti & Min 2005, Statistics in Medicine 24.
            ((53, 16, 8, 9), 0.95, -0.020, 0.207, 3),
            # Fagerland, Lydersen & Laake 2014, Statistics in Medicine 33 (airway hyper-responsiveness).
            ((1, 1, 7, 12), 0.95, -0.517, -0.026, 3),
            # Complete response: Fagerland, Lydersen & Laake 2017, Statistical Analysis of Contingency Tables,
            # chapter 8, with the digits of its R package contingencytables.
            ((59, 6, 16, 80), 0.95, -0.1240, -0.0054, 4),
        ],
    )
    def test_is_that_of_published_examples(
        self, table: tuple[int, int, int, int], confidence: float, low: float, high: float, digits: int
    ) -> None:
        _, gained, lost, _ = table

        interval = tango_interval(gained, lost, sum(table), confidence)

        assert (round(interval.low, digits), round(interval.high, digits)) == (low, high)
        assert interval.method == "Tango"
        z = two_sided(confidence)
        assert searched_score(gained, lost, sum(table), interval.low) == pytest.approx(z, rel=1e-6)
        assert searched_score(gained, lost, sum(table), interval.high) == pytest.approx(-z, rel=1e-6)

    @given(outcomes(2000), LEVELS)
    def test_every_end_inside_lies_z_standard_errors_away(self, counts: tuple[int, int, int], level: float) -> None:
        interval = tango_interval(*counts, level)

        z = two_sided(level)
        if interval.low > -1:
            assert searched_score(*counts, interval.low) == pytest.approx(z, rel=1e-4)
        if interval.high < 1:
            assert searched_score(*counts, interval.high) == pytest.approx(-z, rel=1e-4)

    @given(outcomes(10**9), LEVELS)
    def test_every_end_solves_the_equation_of_the_paper(self, counts: tuple[int, int, int], level: float) -> None:
        interval = tango_interval(*counts, level)

        # An end that close to 1 as with 10^9 examples has few digits left in its distance from 1.
        z = two_sided(level)
        if interval.low > -1:
            assert tabled_score(*counts, interval.low) == pytest.approx(z, rel=1e-5)
        if interval.high < 1:
            assert tabled_score(*counts, interval.high) == pytest.approx(-z, rel=1e-5)

    def test_holds_what_the_score_test_accepts_and_nothing_else(self) -> None:
        """In all small tables: the accepted differences have no gaps, and none lies outside."""
        z = two_sided(0.9)
        differences = np.linspace(-0.995, 0.995, 40)
        tables = [(g, k, n) for n in range(1, 7) for g in range(n + 1) for k in range(n - g + 1)]

        for counts in tables:
            interval = tango_interval(*counts, 0.9)
            accepted = [abs(searched_score(*counts, float(one))) <= z for one in differences]
            assert accepted == [interval.low <= one <= interval.high for one in differences]

    @given(outcomes(10**9), LEVELS)
    def test_holds_the_estimate_between_the_possible_ends(self, counts: tuple[int, int, int], level: float) -> None:
        gained, lost, total = counts

        interval = tango_interval(gained, lost, total, level)

        assert -1 <= interval.low <= (gained - lost) / total <= interval.high <= 1
        assert interval.low < interval.high

    @given(outcomes(10**9), LEVELS)
    def test_swapping_the_two_mirrors_it(self, counts: tuple[int, int, int], level: float) -> None:
        gained, lost, total = counts

        one, other = tango_interval(gained, lost, total, level), tango_interval(lost, gained, total, level)

        assert (one.low, one.high) == (-other.high, -other.low)

    @given(outcomes(10**9), LEVELS, LEVELS)
    def test_more_confidence_is_wider(self, counts: tuple[int, int, int], one: float, other: float) -> None:
        inner, outer = (tango_interval(*counts, level) for level in sorted((one, other)))

        assert outer.low <= inner.low <= inner.high <= outer.high

    @pytest.mark.parametrize("total", [1, 10, 10**9])
    def test_has_a_width_where_nothing_is_gained_or_lost(self, total: int) -> None:
        interval = tango_interval(0, 0, total, 0.95)

        z = two_sided(0.95)
        assert interval.high == pytest.approx(z**2 / (total + z**2), rel=1e-12)
        assert interval.low == -interval.high

    @pytest.mark.parametrize("total", [1, 10, 10**9])
    def test_ends_exactly_at_1_where_everything_is_gained(self, total: int) -> None:
        interval = tango_interval(total, 0, total, 0.95)

        assert interval.high == 1.0
        assert 0 < 1 - interval.low < 1.6
        assert tango_interval(0, total, total, 0.95).low == -1.0

    @given(outcomes(500))
    def test_lacks_0_exactly_where_the_asymptotic_test_of_mcnemar_rejects(self, counts: tuple[int, int, int]) -> None:
        gained, lost, total = counts

        interval = tango_interval(gained, lost, total, 0.95)

        rejects = abs(gained - lost) > two_sided(0.95) * math.sqrt(gained + lost)
        assert rejects == (not interval.low <= 0 <= interval.high)

    @pytest.mark.parametrize(("gain", "loss"), [(0.05, 0.05), (0.2, 0.1), (0.02, 0.1), (0.4, 0.5)])
    def test_holds_the_truth_as_often_as_it_says(self, gain: float, loss: float) -> None:
        """Summed over every table that 50 examples can give, so that no chance is involved."""
        total = 50
        tables = [(g, k, total - g - k) for g in range(total + 1) for k in range(total - g + 1)]
        chances = stats.multinomial(total, [gain, loss, 1 - gain - loss]).pmf(tables)

        covered = 0.0
        for (gained, lost, _), chance in zip(tables, chances, strict=True):
            if chance > 1e-9:
                interval = tango_interval(gained, lost, total, 0.95)
                covered += chance * (interval.low <= gain - loss <= interval.high)

        assert 0.94 < covered < 0.96


def summed_mid_p(gained: int, lost: int) -> float:
    """The definition: chances of all less even splits, and half of those that are as even."""
    count = gained + lost
    splits = np.arange(count + 1)
    chances = stats.binom.pmf(splits, count, 0.5)
    apart = np.abs(2 * splits - count)
    return float(chances[apart > abs(gained - lost)].sum() + chances[apart == abs(gained - lost)].sum() / 2)


class TestMcnemarMidP:
    @pytest.mark.parametrize(
        ("gained", "lost", "published", "digits"),
        [
            # Fagerland, Lydersen & Laake 2013, BMC Med Res Methodol 13:91 (airway hyper-responsiveness).
            (1, 7, 0.039, 3),
            # Complete response: their book of 2017, with the digits of its R package contingencytables.
            (6, 16, 0.034690, 6),
        ],
    )
    def test_is_that_of_published_examples(self, gained: int, lost: int, published: float, digits: int) -> None:
        assert round(mcnemar_mid_p(gained, lost), digits) == published

    @given(st.integers(0, 300), st.integers(0, 300))
    def test_is_the_sum_of_binomial_chances(self, gained: int, lost: int) -> None:
        if gained + lost:
            assert mcnemar_mid_p(gained, lost) == pytest.approx(summed_mid_p(gained, lost), rel=1e-10)

    @pytest.mark.parametrize(("gained", "lost"), [(3, 9), (40, 20), (0, 5), (12, 12)])
    def test_is_the_exact_test_less_the_point_probability(self, gained: int, lost: int) -> None:
        """That of statsmodels; of an even split only half is taken off, since no other is as even."""
        exact = mcnemar([[0, gained], [lost, 0]], exact=True).pvalue
        point = stats.binom.pmf(gained, gained + lost, 0.5)

        assert mcnemar_mid_p(gained, lost) == pytest.approx(exact - point / (2 if gained == lost else 1), rel=1e-12)

    def test_without_a_discordant_example_is_1(self) -> None:
        assert mcnemar_mid_p(0, 0) == 1.0

    @given(st.integers(0, 10**9), st.integers(0, 10**9))
    def test_does_not_know_which_of_the_two_is_the_candidate(self, gained: int, lost: int) -> None:
        assert 0 <= mcnemar_mid_p(gained, lost) == mcnemar_mid_p(lost, gained) <= 1

    @pytest.mark.parametrize("gained", [10**5, 3 * 10**5])
    @pytest.mark.parametrize("more", [0, 1, 700, 5000])
    def test_agrees_with_the_distribution_of_scipy_at_large_counts(self, gained: int, more: int) -> None:
        count = 2 * gained + more
        point = stats.binom.pmf(gained, count, 0.5)

        expected = 2 * stats.binom.cdf(gained, count, 0.5) - point if more else 1 - point / 2
        assert mcnemar_mid_p(gained, gained + more) == pytest.approx(expected, rel=1e-8)

    @pytest.mark.parametrize("errors", [0.5, 2.0, 5.0])
    def test_is_the_normal_one_at_huge_counts(self, errors: float) -> None:
        apart = round(errors * math.sqrt(2e9))

        p = mcnemar_mid_p(10**9, 10**9 + apart)

        assert p == pytest.approx(2 * stats.norm.sf(apart / math.sqrt(2e9 + apart)), rel=1e-6)

    @pytest.mark.parametrize(("discordance", "most"), [(0.05, 0.05), (0.3, 0.05), (0.6, 0.05), (1.0, 0.052)])
    def test_keeps_its_level(self, discordance: float, most: float) -> None:
        """Summed over every table that 60 examples can give, where neither is better."""
        total = 60
        tables = [(g, k, total - g - k) for g in range(total + 1) for k in range(total - g + 1)]
        chances = stats.multinomial(total, [discordance / 2, discordance / 2, 1 - discordance]).pmf(tables)

        rejected = sum(chance for (g, k, _), chance in zip(tables, chances, strict=True) if mcnemar_mid_p(g, k) <= 0.05)

        assert rejected <= most


class TestDetectableDifference:
    def test_is_the_figure_of_textbooks(self) -> None:
        assert detectable_difference(1, 1.0) == pytest.approx(2.487, abs=1e-3)
        assert detectable_difference(10_000, 0.25) == pytest.approx(2.487 * 0.5 / 100, rel=1e-3)


class TestExamplesToDetect:
    def test_is_the_figure_of_textbooks(self) -> None:
        assert examples_to_detect(0.01, 1.0) == pytest.approx(61_800, rel=1e-3)

    @given(st.integers(1, 10**9), st.floats(0.001, 1))
    def test_undoes_the_detectable_difference(self, total: int, discordance: float) -> None:
        assert examples_to_detect(detectable_difference(total, discordance), discordance) == total

    @given(st.floats(0.001, 0.5))
    def test_does_not_know_the_sign(self, difference: float) -> None:
        assert examples_to_detect(-difference, 0.5) == examples_to_detect(difference, 0.5) >= 1

    def test_that_many_find_the_difference_in_80_of_100_comparisons(self) -> None:
        total = examples_to_detect(0.02, 0.1)
        drawn = np.random.default_rng(0).multinomial(total, [0.06, 0.04, 0.9], size=20_000)

        gained, lost = drawn[:, 0], drawn[:, 1]
        found = ((gained - lost) / np.sqrt(gained + lost) > stats.norm.isf(0.05)).mean()

        assert found == pytest.approx(0.8, abs=0.015)
