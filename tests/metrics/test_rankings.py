"""Rankings of one set: from its arrays, or from the fine bins of a tally."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.labelled import probable

from harness.metrics.decision import confidences, predicted_classes
from harness.metrics.halves import half_of
from harness.metrics.ranking import FineBins, Ranking
from harness.metrics.rankings import ExactRankings, FineRankings
from harness.metrics.tally import Tally

Drawn = tuple[np.ndarray, np.ndarray]
Rankings = Callable[..., ExactRankings | FineRankings]


def exact(drawn: Drawn, seed: int = 0) -> ExactRankings:
    return ExactRankings(*drawn, seed)


def fine(drawn: Drawn, seed: int = 0) -> FineRankings:
    tally = Tally(drawn[0].shape[1], seed=seed)
    tally.add(*drawn, first=0)
    return FineRankings(tally)


def assert_same(found: Ranking, expected: Ranking) -> None:
    assert found.exact == expected.exact
    assert found.count.tolist() == expected.count.tolist()
    assert found.hits.tolist() == expected.hits.tolist()
    np.testing.assert_allclose(found.total, expected.total, rtol=1e-12)


def listed(ranking: Ranking) -> dict[float, tuple[int, int]]:
    """By the lower edge of the fine bin, so that the examples of two rankings can be put together."""
    edges = np.floor(ranking.probability * 2**16)
    return dict(zip(edges.tolist(), zip(ranking.count.tolist(), ranking.hits.tolist(), strict=True), strict=True))


class TestConfidence:
    @given(probable())
    @settings(max_examples=30)
    def test_a_hit_is_predicted_right(self, drawn: Drawn) -> None:
        confidence, right = confidences(drawn[0]), predicted_classes(drawn[0]) == drawn[1]

        assert_same(exact(drawn).confidence(), Ranking.of(confidence, right))
        assert_same(fine(drawn).confidence(), FineBins.of(confidence, right).ranking())


class TestClasses:
    @given(probable())
    @settings(max_examples=30)
    def test_a_hit_is_of_the_class(self, drawn: Drawn) -> None:
        probabilities, gold = drawn
        of_exact, of_fine = exact(drawn).classes(), fine(drawn).classes()

        assert len(of_exact) == len(of_fine) == probabilities.shape[1]
        for place, (first, second) in enumerate(zip(of_exact, of_fine, strict=True)):
            assert_same(first, Ranking.of(probabilities[:, place], gold == place))
            assert_same(second, FineBins.of(probabilities[:, place], gold == place).ranking())


class TestHalves:
    @pytest.mark.parametrize("rankings", [exact, fine])
    @given(drawn=probable(), seed=st.integers(0, 5))
    @settings(max_examples=30)
    def test_are_disjoint_and_together_all(self, rankings: Rankings, drawn: Drawn, seed: int) -> None:
        of = rankings(drawn, seed)
        choosing, judging = map(listed, of.halves())

        both = {
            edge: tuple(np.add(choosing.get(edge, (0, 0)), judging.get(edge, (0, 0))).tolist())
            for edge in sorted({*choosing, *judging})
        }

        assert both == listed(of.confidence())

    @pytest.mark.parametrize("rankings", [exact, fine])
    @given(drawn=probable(), seed=st.integers(0, 5))
    @settings(max_examples=30)
    def test_the_second_holds_what_the_hash_of_the_places_says(
        self, rankings: Rankings, drawn: Drawn, seed: int
    ) -> None:
        half = half_of(np.arange(len(drawn[1])), seed)

        halves = rankings(drawn, seed).halves()

        assert [int(one.count.sum()) for one in halves] == np.bincount(half, minlength=2).tolist()
        assert exact(drawn, seed).judging.tolist() == (half == 1).tolist()

    def test_of_one_example_one_is_empty(self) -> None:
        for rankings in (exact, fine):
            sizes = [len(one.count) for one in rankings((np.array([[0.25, 0.75]]), np.array([1]))).halves()]

            assert sorted(sizes) == [0, 1]

    def test_another_seed_makes_other_halves(self) -> None:
        drawn = np.full((64, 2), 0.5), np.zeros(64, dtype=int)

        assert exact(drawn, 0).judging.tolist() != exact(drawn, 1).judging.tolist()
