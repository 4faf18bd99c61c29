"""Bins by one convention, against the slow definition, and merged across shards."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.labelled import probable

from harness.metrics.bins import BINS, bin_of, binned, binned_classes, grouped, upper_edges
from harness.metrics.decision import confidences, predicted_classes

Drawn = tuple[np.ndarray, np.ndarray]


def bounds(bins: int) -> list[tuple[float, float]]:
    """Of each bin (low, high]; the first holds 0 and the last whatever rounding leaves above 1."""
    return list(pairwise([-1.0, *np.arange(1, bins) / bins, 2.0]))


class TestBinOf:
    @given(st.integers(1, 200), st.data())
    @settings(max_examples=40)
    def test_is_the_one_whose_bounds_hold_the_value(self, bins: int, data: st.DataObject) -> None:
        """On the edges, and as near to them as a number can be, in float64 and in float32."""
        edges = np.arange(bins + 1) / bins
        near = np.concatenate([edges, np.nextafter(edges, 2), np.nextafter(edges[1:], -1), edges.astype(np.float32)])
        anywhere = data.draw(hnp.arrays(np.float64, 20, elements=st.floats(0, 1.001)))
        values = np.concatenate([near, anywhere])

        for given_values in (values, values.astype(np.float32)):
            found = bin_of(given_values, bins)

            low, high = np.array(bounds(bins)).T
            assert ((given_values > low[found]) & (given_values <= high[found])).all()

    def test_of_nothing_there_are_none(self) -> None:
        assert bin_of(np.zeros(0)).tolist() == []


class TestUpperEdges:
    def test_are_fifteenths(self) -> None:
        assert upper_edges().tolist() == (np.arange(1, 16) / 15).tolist()


class TestBinned:
    @given(probable(), st.integers(0, 40))
    @settings(max_examples=40)
    def test_parts_add_up_to_the_whole(self, drawn: Drawn, cut: int) -> None:
        probabilities, gold = drawn
        confidence, right = confidences(probabilities), predicted_classes(probabilities) == gold

        whole = binned(confidence, right)
        parts = binned(confidence[:cut], right[:cut]) + binned(confidence[cut:], right[cut:])

        assert parts.count.tolist() == whole.count.tolist()
        assert parts.right.tolist() == whole.right.tolist()
        assert parts.confidence == pytest.approx(whole.confidence, rel=1e-12)


class TestBinnedClasses:
    @given(probable())
    @settings(max_examples=40)
    def test_sums_every_class_by_its_own_probability(self, drawn: Drawn) -> None:
        probabilities, gold = drawn
        of = binned_classes(probabilities, gold)

        for place, column in enumerate(probabilities.T):
            for number, (low, high) in enumerate(bounds(BINS)):
                inside = (column > low) & (column <= high)
                assert of.count[place, number] == inside.sum()
                assert of.gold[place, number] == (inside & (gold == place)).sum()
                assert of.probability[place, number] == pytest.approx(column[inside].sum())

    @given(probable(), st.integers(0, 40))
    @settings(max_examples=40)
    def test_parts_add_up_to_the_whole(self, drawn: Drawn, cut: int) -> None:
        probabilities, gold = drawn

        whole = binned_classes(probabilities, gold)
        parts = binned_classes(probabilities[:cut], gold[:cut]) + binned_classes(probabilities[cut:], gold[cut:])

        assert parts.count.tolist() == whole.count.tolist()
        assert parts.gold.tolist() == whole.gold.tolist()
        assert parts.probability == pytest.approx(whole.probability, rel=1e-12)

    @given(probable())
    @settings(max_examples=40)
    def test_every_example_is_in_one_bin_of_every_class(self, drawn: Drawn) -> None:
        probabilities, gold = drawn
        of = binned_classes(probabilities, gold)

        assert of.count.sum(axis=1).tolist() == [len(gold)] * probabilities.shape[1]
        assert of.gold.sum(axis=1).tolist() == np.bincount(gold, minlength=probabilities.shape[1]).tolist()


class TestGroups:
    @given(probable())
    @settings(max_examples=40)
    def test_hold_the_sums_of_their_examples(self, drawn: Drawn) -> None:
        probabilities, gold = drawn
        predicted, confidence = predicted_classes(probabilities), confidences(probabilities)

        of = grouped(probabilities, gold, predicted, confidence)

        codes = predicted * BINS + bin_of(confidence)
        assert of.code.tolist() == sorted(set(codes.tolist()))
        assert of.count.tolist() == [int((codes == code).sum()) for code in of.code]
        for code, total, labels in zip(of.code, of.probability, of.gold, strict=True):
            assert total == pytest.approx(probabilities[codes == code].sum(axis=0))
            assert labels.tolist() == np.bincount(gold[codes == code], minlength=probabilities.shape[1]).tolist()

    @given(probable(), st.integers(0, 40))
    @settings(max_examples=40)
    def test_parts_add_up_to_the_whole(self, drawn: Drawn, cut: int) -> None:
        """Also where one of them lacks groups of the other, or has none."""
        probabilities, gold = drawn
        predicted, confidence = predicted_classes(probabilities), confidences(probabilities)

        whole = grouped(probabilities, gold, predicted, confidence)
        first, second = (
            grouped(probabilities[rows], gold[rows], predicted[rows], confidence[rows])
            for rows in (slice(cut), slice(cut, None))
        )
        parts = first + second

        assert parts.code.tolist() == whole.code.tolist()
        assert parts.gold.tolist() == whole.gold.tolist()
        assert parts.probability == pytest.approx(whole.probability, rel=1e-12)

    def test_float32_is_summed_in_float64(self) -> None:
        probabilities = np.tile(np.array([[0.1, 0.9]], dtype=np.float32), (100_000, 1))

        of = grouped(
            probabilities, np.ones(100_000, dtype=int), np.ones(100_000, dtype=int), confidences(probabilities)
        )

        assert of.probability[0] == pytest.approx(100_000 * probabilities[0].astype(float), rel=1e-12)

    @pytest.mark.parametrize("kind", [np.int8, np.int32])
    def test_gold_labels_in_few_bits_are_counted(self, kind: type[np.signedinteger]) -> None:
        probabilities, gold = np.array([[0.2, 0.8], [0.9, 0.1]]), np.array([1, 1], dtype=kind)

        of = grouped(probabilities, gold, predicted_classes(probabilities), confidences(probabilities))

        assert of.gold.tolist() == [[0, 1], [0, 1]]
