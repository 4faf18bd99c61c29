from __future__ import annotations

import numpy as np
import pytest
from support import sample_run

from harness.report import examples


@pytest.fixture(scope="module")
def sample():
    return sample_run.sample(reviews=900)


@pytest.fixture(scope="module")
def joined(sample):
    return examples.join(sample.predictions["builtin-shop"], sample.reviews["shop"])


class TestJoin:
    def test_each_prediction_has_its_own_review_whatever_the_order_of_the_set(self, sample):
        shuffled = sample.reviews["shop"].take(np.random.default_rng(0).permutation(900))
        joined = examples.join(sample.predictions["builtin-shop"], shuffled)
        texts = dict(zip(shuffled["id"].to_pylist(), shuffled["text"].to_pylist(), strict=True))

        shown = examples.at(joined, [0, 5, 899], longest=10_000)

        assert [one.id for one in shown] == ["r000000", "r000005", "r000899"]
        assert [one.text for one in shown] == [texts[one.id] for one in shown]

    def test_prediction_without_a_review_keeps_its_id(self, sample):
        joined = examples.join(sample.predictions["builtin-shop"], sample.reviews["shop"].slice(1))

        (one,) = examples.at(joined, [0])

        assert (one.id, one.text) == ("r000000", "")

    def test_run_without_texts_has_none_to_show(self, sample):
        joined = examples.join(sample.predictions["builtin-shop"], sample.reviews["shop"].drop_columns(["text"]))

        assert examples.at(joined, [3])[0].text is None


class TestMostConfidentMistakes:
    def test_are_all_wrong_and_the_surest_first(self, joined):
        found = examples.most_confident_mistakes(joined)

        assert len(found) == examples.MISTAKES
        assert all(one.gold != one.predicted for one in found)
        assert [one.confidence for one in found] == sorted((one.confidence for one in found), reverse=True)
        assert found[0].confidence == joined.confidence[joined.predicted != joined.gold].max()

    def test_none_where_every_prediction_is_right(self, joined):
        right = np.eye(5)[joined.gold]
        faultless = examples.Joined(**{**vars(joined), "probabilities": right})

        assert examples.most_confident_mistakes(faultless) == []


class TestOfCells:
    def test_cells_hold_their_own_reviews_and_no_other(self, joined):
        for (gold, predicted), places in examples.of_cells(joined).items():
            assert set(joined.gold[places]) == {gold}
            assert set(joined.predicted[places]) == {predicted}

    def test_small_cell_is_shown_whole(self, joined):
        counts = np.zeros((5, 5), dtype=int)
        np.add.at(counts, (joined.gold, joined.predicted), 1)

        shown = {cell: len(places) for cell, places in examples.of_cells(joined, per_cell=40).items()}

        assert shown == {cell: min(40, int(counts[cell])) for cell in zip(*counts.nonzero(), strict=True)}

    def test_large_cell_gives_the_surest_half_and_a_draw_from_the_rest(self, joined):
        places = examples.of_cells(joined, per_cell=10)[(0, 0)]
        inside = np.flatnonzero((joined.gold == 0) & (joined.predicted == 0))
        by_confidence = inside[np.argsort(-joined.confidence[inside], kind="stable")]

        assert places[:5] == by_confidence[:5].tolist()
        assert set(places[5:]) <= set(by_confidence[5:].tolist())
        assert len(set(places)) == 10

    def test_is_the_same_each_time(self, joined):
        assert examples.of_cells(joined) == examples.of_cells(joined)


class TestShortened:
    def test_long_text_ends_at_a_word_and_says_that_it_goes_on(self):
        assert examples.shortened("one two three", 9) == "one two …"
        assert examples.shortened("onetwothree", 5) == "onetw …"
        assert examples.shortened("one two", 7) == "one two"
