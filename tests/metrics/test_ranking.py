"""Examples in the order of a probability: exact, or in fine bins that merge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.metrics.ranking import FINE_BINS, FineBins, Ranking, fine_place


@st.composite
def events(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities with many ties, in float32 or float64, and whether the event is true."""
    examples = draw(st.integers(0, 60))
    coarse = st.integers(0, 10).map(lambda tenth: tenth / 10)
    values = draw(hnp.arrays(np.float64, examples, elements=st.floats(0, 1) | coarse))
    kind = draw(st.sampled_from([np.float32, np.float64]))
    return values.astype(kind), draw(hnp.arrays(np.bool_, examples))


class TestRanking:
    @given(events())
    @settings(max_examples=40)
    def test_has_one_row_for_each_distinct_probability(self, drawn: tuple[np.ndarray, np.ndarray]) -> None:
        probability, event = drawn
        of = Ranking.of(probability, event)

        distinct = sorted(set(probability.tolist()))
        assert of.exact
        assert of.count.tolist() == [int((probability == value).sum()) for value in distinct]
        assert of.hits.tolist() == [int(event[probability == value].sum()) for value in distinct]
        assert of.total.tolist() == pytest.approx([value * float((probability == value).sum()) for value in distinct])
        assert of.probability.tolist() == pytest.approx(distinct, rel=1e-15)
        assert of.total.dtype == np.float64

    def test_of_float32_gives_its_probabilities_back(self) -> None:
        """To the last digit: a threshold that is taken from them must hold for what it was taken from."""
        values = np.random.default_rng(0).random(1_000).astype(np.float32)

        of = Ranking.of(np.repeat(values, 7), np.ones(7_000, dtype=bool))

        assert of.probability.tolist() == np.unique(values).tolist()


class TestFinePlace:
    def test_a_bin_begins_with_its_lower_end(self) -> None:
        ends = np.array([0.0, 0.25, np.nextafter(0.25, 0), 1.0, 1.0005])

        assert fine_place(ends, bins=4).tolist() == [0, 1, 0, 3, 3]


class TestFineBins:
    @given(events(), st.sampled_from([4, 256, FINE_BINS]))
    @settings(max_examples=40)
    def test_hold_the_sums_of_their_examples(self, drawn: tuple[np.ndarray, np.ndarray], bins: int) -> None:
        probability, event = drawn
        of = FineBins.of(probability, event, bins)

        places = [min(int(value * bins), bins - 1) for value in probability.tolist()]
        for place in set(places):
            inside = np.array(places) == place
            assert of.count[place] == inside.sum()
            assert of.hits[place] == event[inside].sum()
            assert of.total[place] == pytest.approx(probability[inside].astype(float).sum())
        assert len(of.count) == bins
        assert of.count.sum() == len(probability)

    @given(events(), st.integers(0, 60))
    @settings(max_examples=40)
    def test_parts_add_up_to_the_whole(self, drawn: tuple[np.ndarray, np.ndarray], cut: int) -> None:
        probability, event = drawn

        whole = FineBins.of(probability, event, 256)
        parts = FineBins.of(probability[:cut], event[:cut], 256) + FineBins.of(probability[cut:], event[cut:], 256)

        assert parts.count.tolist() == whole.count.tolist()
        assert parts.hits.tolist() == whole.hits.tolist()
        assert parts.total == pytest.approx(whole.total, rel=1e-12)

    @given(events())
    @settings(max_examples=40)
    def test_the_ranking_is_the_exact_one_to_the_width_of_a_bin(self, drawn: tuple[np.ndarray, np.ndarray]) -> None:
        """Every example moves by less than a bin, and none overtakes one of another bin."""
        probability, event = drawn
        fine, exact = FineBins.of(probability, event).ranking(), Ranking.of(probability, event)

        each = np.repeat(exact.probability, exact.count)
        assert not fine.exact
        assert (fine.count > 0).all()
        assert np.abs(np.repeat(fine.probability, fine.count) - each).max(initial=0) < 1 / FINE_BINS
        assert fine.hits.sum() == exact.hits.sum()
        assert (np.diff(fine.probability) > 0).all()
