"""Predictions of the same reviews are brought into one order; of others it is said what differs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.runs import Misfit, PredictionTable, aligned


@pytest.fixture
def table() -> PredictionTable:
    return PredictionTable(
        ids=["a", "b", "c"],
        gold=np.array([0, 1, 1], np.int32),
        logits=np.array([[1, 0], [0, 1], [2, 0]], np.float32),
        probabilities=np.array([[0.7, 0.3], [0.4, 0.6], [0.9, 0.1]], np.float32),
        tokens=np.array([3, 4, 5], np.int32),
        cut=np.array([False, False, True]),
        classes=("bad", "good"),
        logit_classes=("bad", "good"),
    )


def shuffled(table: PredictionTable, rows: list[int]) -> PredictionTable:
    names = ("gold", "logits", "probabilities", "tokens", "cut")
    return replace(table, ids=[table.ids[row] for row in rows], **{name: getattr(table, name)[rows] for name in names})


class TestAligned:
    def test_takes_the_order_of_rows(self, table):
        found = aligned(shuffled(table, [2, 0, 1]), table)

        assert isinstance(found, PredictionTable)
        assert found.ids == table.ids
        np.testing.assert_array_equal(found.probabilities, table.probabilities)
        np.testing.assert_array_equal(found.tokens, table.tokens)

    def test_takes_the_order_of_classes(self, table):
        turned = replace(
            table, classes=("good", "bad"), gold=1 - table.gold, probabilities=table.probabilities[:, ::-1]
        )

        found = aligned(turned, table)

        assert isinstance(found, PredictionTable)
        assert found.classes == ("bad", "good")
        np.testing.assert_array_equal(found.gold, table.gold)
        np.testing.assert_array_equal(found.probabilities, table.probabilities)

    def test_other_reviews_do_not_fit(self, table):
        assert aligned(replace(table, ids=["a", "b", "d"]), table) == Misfit("reviews", "3 and 3 reviews")

    def test_a_review_that_stands_twice_does_not_fit(self, table):
        assert aligned(table, replace(table, ids=["a", "a", "c"])) == Misfit("reviews", "3 and 3 reviews")

    def test_other_classes_do_not_fit(self, table):
        found = aligned(replace(table, classes=("bad", "fine")), table)

        assert found == Misfit("classes", "bad, fine and bad, good")

    def test_another_gold_label_does_not_fit_and_is_named(self, table):
        found = aligned(replace(table, gold=np.array([0, 0, 1], np.int32)), table)

        assert found == Misfit("gold labels", "review 'b' (1 such in all)")
