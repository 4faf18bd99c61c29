"""What a model chose is no column for slices: it is compared with the most probable class and left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scores.score_files import reading

ROWS = "gold,p_a,p_b,{}\na,0.75,0.25,{}\nb,0.75,0.25,{}\n"


class TestPredicted:
    @pytest.mark.parametrize("name", ["pred", "y_pred", "prediction", "Predicted"])
    def test_rows_that_differ_are_counted(self, tmp_path: Path, name: str) -> None:
        scores = reading(tmp_path, "a.csv", ROWS.format(name, "A", "b"))

        assert scores.columns is None
        assert scores.notes[-1] == f"left out: '{name}', which is not the most probable class in 1 of 2 rows"

    @pytest.mark.parametrize("cells", [("a", "other"), ("a", ""), ("0", "1")])
    def test_what_is_no_class_is_left_out_without_a_count(self, tmp_path: Path, cells: tuple[str, str]) -> None:
        scores = reading(tmp_path, "a.csv", ROWS.format("pred", *cells))

        assert scores.columns is None
        assert scores.notes[-1] == "left out: 'pred', by its name what was predicted"

    def test_it_is_read_as_the_gold_labels_are(self, tmp_path: Path) -> None:
        arrays = {"gold": np.array([1, 2, 3]), "probs": np.eye(3), "y_pred": np.array([1, 2, 2])}

        assert reading(tmp_path, "a.npz", arrays).notes[-1] == (
            "left out: 'y_pred', which is not the most probable class in 1 of 3 rows"
        )

    def test_the_gold_labels_may_be_in_such_a_column(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", ROWS.format("pred", "a", "a"), label_column="pred")

        assert scores.gold.tolist() == [0, 0]
