"""The confusion matrix counts every class, and its margins are plain sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.metrics import confusion_matrix, mean_absolute_error
from support.labelled import labelled

from harness.metrics import confusion, confusion_counts
from harness.metrics.confusion import (
    Margins,
    OccupiedCells,
    absolute_errors,
    margins,
    normalised,
    signed_errors,
)


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


class TestNormalised:
    @pytest.mark.parametrize(("by", "normalize"), [("gold", "true"), ("predicted", "pred"), ("all", "all")])
    @given(drawn=labelled())
    @settings(deadline=None)
    def test_is_that_of_scikit_learn_but_nan_where_no_example_is(
        self, by: str, normalize: str, drawn: tuple[np.ndarray, np.ndarray, int]
    ) -> None:
        """scikit-learn fills rows and columns that have no example with 0, as if they were measured."""
        gold, predicted, classes = drawn

        shares = normalised(confusion_counts(gold, predicted, classes), by)  # type: ignore[arg-type]

        expected = confusion_matrix(gold, predicted, labels=range(classes), normalize=normalize)
        if by == "gold":
            expected[np.bincount(gold, minlength=classes) == 0] = np.nan
        if by == "predicted":
            expected[:, np.bincount(predicted, minlength=classes) == 0] = np.nan
        assert shares.dtype == np.float64
        assert shares == pytest.approx(expected, nan_ok=True)

    def test_without_any_example_nothing_has_a_share(self) -> None:
        assert np.isnan(normalised(np.zeros((2, 2), dtype=np.int64), "all")).all()


class TestErrors:
    @given(labelled())
    @settings(deadline=None)
    def test_are_the_moments_of_the_distances(self, drawn: tuple[np.ndarray, np.ndarray, int]) -> None:
        gold, predicted, _ = drawn
        table = confusion_counts(*drawn)

        for found, values in (
            (absolute_errors(table), np.abs(predicted - gold)),
            (signed_errors(table), predicted - gold),
        ):
            assert found.count == len(gold)
            assert found.mean == pytest.approx(values.mean())
            assert found.deviation == pytest.approx(values.std(), abs=1e-12)
        assert absolute_errors(table).mean == pytest.approx(mean_absolute_error(gold, predicted))

    def test_a_prediction_that_is_too_high_is_above_0(self) -> None:
        assert signed_errors(np.array([[0, 0, 1], [0, 0, 0], [0, 0, 0]])).mean == 2.0


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

        assert (drawn.total == 55).all()
        assert (drawn.gold.sum(axis=1) == 55).all()
        assert (drawn.predicted.sum(axis=1) == 55).all()
        assert not drawn.gold[:, 2].any()
        assert (drawn.squared == 55 - drawn.right.sum(axis=1)).all(), "every mistake here is one class away"
        assert np.std(drawn.right[:, 0]) > 0

    def test_tables_whose_totals_differ_keep_their_own(self) -> None:
        counts = np.array([[30, 4, 20, 1], [1, 0, 2, 0], [0, 0, 0, 7]])

        of = OccupiedCells.of(self.TABLE).margins(counts)

        assert of.total.tolist() == [55, 3, 7]
        assert of.gold.sum(axis=1).tolist() == of.predicted.sum(axis=1).tolist() == [55, 3, 7]

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
