"""The confusion matrix counts every class, and its margins are plain sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.metrics import confusion_matrix
from support.labelled import labelled

from harness.metrics import confusion, confusion_counts
from harness.metrics.confusion import Margins, OccupiedCells, margins


def slow_margins(table: np.ndarray) -> Margins:
    """The definition, cell by cell."""
    classes = range(len(table))
    return Margins(
        total=int(table.sum()),
        right=table.diagonal(),
        gold=table.sum(axis=1),
        predicted=table.sum(axis=0),
        squared=np.asarray(sum(table[i, j] * (i - j) ** 2 for i in classes for j in classes)),
    )


def rows_of(of: Margins) -> list[list[object]]:
    return [of.right.tolist(), of.gold.tolist(), of.predicted.tolist(), of.squared.tolist()]


class TestConfusionCounts:
    @given(labelled())
    @settings(deadline=None)
    def test_is_that_of_scikit_learn_with_all_labels(self, drawn: tuple[np.ndarray, np.ndarray, int]) -> None:
        gold, predicted, classes = drawn

        counted = confusion_counts(gold, predicted, classes)

        assert np.array_equal(counted, confusion_matrix(gold, predicted, labels=range(classes)))

    def test_small_integers_do_not_overflow(self) -> None:
        gold = np.array([99, 0], dtype=np.int8)

        assert confusion_counts(gold, np.array([99, 0]), 100)[99, 99] == 1


class TestMargins:
    @given(labelled())
    @settings(deadline=None)
    def test_are_the_sums_of_the_table(self, drawn: tuple[np.ndarray, np.ndarray, int]) -> None:
        table = confusion_counts(*drawn)

        assert rows_of(margins(table)) == rows_of(slow_margins(table))
        assert margins(table).wrong == (drawn[0] != drawn[1]).sum()


class TestOccupiedCells:
    TABLE = np.array([[30, 4, 0], [0, 20, 1], [0, 0, 0]])

    def test_resampled_tables_have_the_sums_of_tables_that_were_drawn(self) -> None:
        """One total, and rows and columns that stay empty."""
        (drawn,) = OccupiedCells.of(self.TABLE).resampled(200, seed=1)

        assert drawn.total == 55
        assert (drawn.gold.sum(axis=1) == 55).all()
        assert (drawn.predicted.sum(axis=1) == 55).all()
        assert not drawn.gold[:, 2].any()
        assert (drawn.squared == 55 - drawn.right.sum(axis=1)).all(), "every mistake here is one class away"
        assert np.std(drawn.right[:, 0]) > 0

    @pytest.mark.parametrize("piece", [4_000_000, 6])
    def test_without_one_is_each_table_less_one_example(self, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(confusion, "CELLS_AT_ONCE", piece)
        cells = list(zip(*np.nonzero(self.TABLE), strict=True))

        pieces = list(OccupiedCells.of(self.TABLE).without_one())

        for number, cell in enumerate(cells):
            less = self.TABLE.copy()
            less[cell] -= 1
            expected = slow_margins(less)
            found = [np.concatenate([getattr(one, name) for one in pieces]) for name in ("right", "gold", "predicted")]
            assert [values[number].tolist() for values in found] == rows_of(expected)[:3]
            assert np.concatenate([one.squared for one in pieces])[number] == expected.squared
        assert {one.total for one in pieces} == {54}
