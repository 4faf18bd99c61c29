"""Slices that rules name: a family, in which a fail survives Holm's correction."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.gates.accuracy import judge
from harness.gates.pairing import Side
from harness.gates.rules import parse
from harness.gates.slices import rejected
from harness.statistics.multiplicity import holm
from harness.statistics.paired import tango_interval
from tests.gates.predictions import column, evidence, right_where, table


def four_slices(lost: dict[str, int], *, reviews: int = 200) -> tuple[Side, Side, list[str]]:
    """Candidate, baseline and the language of each review: the baseline is always right, the candidate lost some."""
    languages = [name for name in lost for _ in range(reviews)]
    wrong = np.concatenate([np.arange(reviews) < count for count in lost.values()])
    gold = np.arange(len(wrong)) % 3
    candidate = table(right_where(~wrong, gold), gold)
    return Side("here", candidate), Side("main", table(right_where(np.ones(len(gold), bool), gold), gold)), languages


def outcomes(lost: dict[str, int], *, rule: str = "accuracy-no-worse") -> dict[str, str]:
    candidate, baseline, languages = four_slices(lost)
    head, sign, limit = rule.partition(">=")
    rules = [parse(f"{head}@language={name}{sign}{limit}") for name in lost]
    of = evidence(candidate, baseline, columns=[column("language", languages)])
    return {verdict.value or "": verdict.outcome for verdict in judge(rules, of)}


class TestRejected:
    @given(st.lists(st.floats(0, 1), max_size=12), st.floats(0.001, 0.4))
    def test_levels_reject_what_adjusted_p_values_reject(self, p_values: list[float], alpha: float) -> None:
        by_levels = rejected([lambda level, p=p: p <= level for p in p_values], alpha)
        adjusted = holm(np.array(p_values, dtype=np.float64))

        # At equality, k · p and alpha / k may round apart.
        for one, other, p_value in zip(by_levels, adjusted.tolist(), p_values, strict=True):
            assert one == (other <= alpha) or any(
                p_value == pytest.approx(alpha / k, rel=1e-12) or other == pytest.approx(alpha, rel=1e-12)
                for k in range(1, len(p_values) + 1)
            )

    def test_without_tests_nothing_is_rejected(self) -> None:
        assert rejected([], 0.05) == ()

    @given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=6))
    @settings(deadline=None, max_examples=12)
    def test_intervals_reject_what_their_p_values_reject(self, changes: list[tuple[int, int]]) -> None:
        tests = [lambda level, c=c: tango_interval(*c, 100, 1 - 2 * level).high < -0.02 for c in changes]
        levels = np.array([inverted(test) for test in tests])
        adjusted = holm(levels)

        if (np.abs(adjusted - 0.05) > 1e-6).all():
            assert rejected(tests, 0.05) == tuple((adjusted <= 0.05).tolist())


def inverted(test: object) -> float:
    """The p value: the smallest level, up to 0.499, at which the interval lies beyond the limit; 1 where none does."""
    low, high = 1e-12, 0.499
    assert callable(test)
    if not test(high):
        return 1.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if test(middle) else (middle, high)
    return high


class TestFamily:
    def test_loss_that_would_fail_alone_is_held_back_among_many(self) -> None:
        alone = outcomes({"de": 4})
        among = outcomes({"de": 4, "en": 0, "es": 0, "fr": 0})

        assert alone == {"de": "fail"}
        assert among == {"de": "inconclusive", "en": "pass", "es": "pass", "fr": "pass"}

    def test_sentence_says_what_held_it_back(self) -> None:
        candidate, baseline, languages = four_slices({"de": 4, "en": 0, "es": 0, "fr": 0})
        rules = [parse(f"accuracy-no-worse@language={name}") for name in ("de", "en", "es", "fr")]
        found = judge(rules, evidence(candidate, baseline, columns=[column("language", languages)]))

        assert found[0].sentence.endswith(": alone it would fail, and not as one of 4 slices (Holm)")

    def test_large_loss_fails_among_many_and_leaves_the_next_an_easier_level(self) -> None:
        assert outcomes({"de": 40, "en": 4}) == {"de": "fail", "en": "fail"}

    def test_floors_are_a_family_of_their_own(self) -> None:
        assert outcomes({"de": 13}, rule="accuracy>=0.96") == {"de": "fail"}
        assert outcomes({"de": 13, "en": 0}, rule="accuracy>=0.96") == {"de": "inconclusive", "en": "pass"}
        assert outcomes({"de": 40, "en": 0}, rule="accuracy>=0.96") == {"de": "fail", "en": "pass"}

    def test_slices_that_cannot_be_judged_do_not_weaken_the_others(self) -> None:
        candidate, baseline, languages = four_slices({"de": 4})
        rules = [parse(f"accuracy-no-worse@language={name}") for name in ("de", "xx", "yy", "zz")]
        found = judge(rules, evidence(candidate, baseline, columns=[column("language", languages)]))

        assert [each.outcome for each in found] == ["fail", "error", "error", "error"]
