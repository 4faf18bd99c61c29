from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import sample_gate, sample_run

from harness.errors import RunError
from harness.report import examples, flips


@pytest.fixture(scope="module")
def sample():
    return sample_gate.compared(sample_run.sample(reviews=900))


@pytest.fixture(scope="module")
def joined(sample):
    return examples.join(sample.predictions["builtin-shop"], sample.reviews["shop"])


@pytest.fixture(scope="module")
def reference(sample):
    return sample.references["builtin-shop.main"]


@pytest.fixture(scope="module")
def found(joined, reference):
    return flips.find(joined, reference)


class TestFind:
    def test_counts_are_those_of_the_comparison(self, sample, found):
        counted = sample.run.references[0].comparison.flips

        assert found.counts == {"lost": counted.lost, "gained": counted.gained, "changed": counted.changed_wrong}
        assert min(found.counts.values()) > 0

    def test_each_kind_holds_what_it_says(self, joined, reference, found):
        was, now = reference.probabilities.argmax(axis=1), joined.predicted
        right = {"lost": (True, False), "gained": (False, True), "changed": (False, False)}

        for kind, rows in found.places.items():
            assert set(zip((was == joined.gold)[rows], (now == joined.gold)[rows], strict=True)) == {right[kind]}
            assert (was[rows] != now[rows]).all()

    def test_largest_change_of_the_labels_probability_comes_first(self, joined, reference, found):
        for rows in found.places.values():
            gold = joined.gold[rows]
            moved = np.abs(joined.probabilities[rows, gold] - reference.probabilities[rows, gold])
            assert moved.tolist() == sorted(moved.tolist(), reverse=True)

    def test_the_same_predictions_flip_nothing(self, sample, joined):
        found = flips.find(joined, sample.predictions["builtin-shop"])

        assert found.counts == {"lost": 0, "gained": 0, "changed": 0}
        assert found.shown("lost", 10) == []
        assert found.ways("lost") == []

    @given(st.data())
    def test_every_review_is_of_one_kind_or_predicted_alike(self, joined, reference, data):
        count = data.draw(st.integers(1, 12))
        drawn = st.lists(st.integers(0, 2), min_size=count, max_size=count)
        gold, now, was = (np.array(data.draw(drawn)) for _ in range(3))
        few = replace(joined, ids=joined.ids[:count], gold=gold, probabilities=np.eye(3)[now])
        others = replace(reference, ids=reference.ids[:count], gold=gold, probabilities=np.eye(3)[was])

        found = flips.find(few, others)

        assert sorted(np.concatenate(list(found.places.values())).tolist()) == np.flatnonzero(now != was).tolist()

    def test_another_order_of_the_reviews_is_an_error(self, joined, reference):
        turned = replace(reference, ids=reference.ids[::-1])

        with pytest.raises(RunError) as caught:
            flips.find(joined, turned)

        assert str(caught.value) == (
            "the reference's predictions are not of the candidate's reviews in their order\n"
            "  where     900 rows and 5 classes of the reference\n"
            "  expected  900 rows and 5 classes, with the same ids and gold labels\n"
            "  remedy    compare the run with its reference again"
        )

    def test_other_labels_are_an_error(self, joined, reference):
        with pytest.raises(RunError):
            flips.find(joined, replace(reference, gold=(reference.gold + 1) % 5))


class TestShown:
    def test_has_both_rows_of_probabilities_and_the_text(self, sample, joined, reference, found):
        first, *_ = found.shown("lost", 3)
        row = found.places["lost"][0]

        assert first.id == joined.ids[row]
        assert first.text == sample.reviews["shop"]["text"][int(row)].as_py()
        assert first.reference == pytest.approx(reference.probabilities[row])
        assert first.candidate == pytest.approx(joined.probabilities[row])
        assert (first.was, first.predicted) == (joined.gold[row], joined.predicted[row])

    def test_no_more_than_asked_and_no_longer(self, found):
        shown = found.shown("lost", 2, longest=20)

        assert len(shown) == 2
        assert all(len(one.text) <= 22 for one in shown)


class TestWays:
    def test_the_most_common_comes_first_and_all_add_up(self, found):
        ways = found.ways("lost")

        assert [number for *_, number in ways] == sorted((number for *_, number in ways), reverse=True)
        assert sum(number for *_, number in ways) == found.counts["lost"]
        assert all(was != now for was, now, _ in ways)
