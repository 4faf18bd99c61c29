"""Columns whose prefix does not say what they hold are probabilities where every row sums to 1."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from scores.score_files import Content, reading, refusal

ROWS = [[0.25, 0.75], [0.5, 0.5]]


def columns(first: str, second: str, other: str = "lang") -> str:
    return f"gold,{other},{first},{second}\nspam,1,0.25,0.75\nham,2,0.5,0.5\n"


class TestPrefixes:
    @pytest.mark.parametrize("prefix", ["class_", "score_", "pred_", "out.", "Model B ", "softmax-"])
    def test_whatever_stands_before_all_classes_is_one(self, tmp_path: Path, prefix: str) -> None:
        scores = reading(tmp_path, "a.csv", columns(f"{prefix}ham", f"{prefix}spam"))

        assert scores.probabilities.tolist() == ROWS
        assert scores.classes == ("ham", "spam")
        assert scores.gold.tolist() == [1, 0]
        assert scores.notes[0] == (f"'{prefix}ham', '{prefix}spam' are taken for probabilities: every row sums to 1")
        assert scores.columns is not None
        assert scores.columns.column_names == ["lang"]

    def test_a_table_of_numbers_is_no_other(self, tmp_path: Path) -> None:
        table = pa.table({"gold": ["spam", "ham"], "x_ham": [0.25, 0.5], "x_spam": [0.75, 0.5]})

        assert reading(tmp_path, "a.parquet", table).probabilities.tolist() == ROWS

    def test_a_class_without_rows_is_one_of_a_usual_prefix(self, tmp_path: Path) -> None:
        content = "gold,score_a,score_b,score_c\na,0.5,0.25,0.25\nb,0,1,0\n"

        assert reading(tmp_path, "a.csv", content).classes == ("a", "b", "c")

    def test_numbers_after_class_need_no_labels(self, tmp_path: Path) -> None:
        content = "gold,class_1,class_2,class_3\n1,0.5,0.25,0.25\n3,0,1,0\n"
        scores = reading(tmp_path, "a.csv", content)

        assert scores.classes == ("1", "2", "3")
        assert scores.ordinal

    def test_rows_that_do_not_sum_to_1_do_not_tell(self, tmp_path: Path) -> None:
        content = columns("score_ham", "score_spam") + "ham,3,2,-1\n"

        assert refusal(tmp_path, "a.csv", content).startswith(
            "it is not clear whether 'score_ham', 'score_spam' are probabilities or logits: not every row sums to 1\n"
            "  where     a.csv, line 4\n"
        )

    def test_classes_that_are_given_are_taken_in_their_order(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", columns("out_ham", "out_spam"), classes=["spam", "ham"])

        assert scores.classes == ("spam", "ham")
        assert scores.probabilities.tolist() == [[0.75, 0.25], [0.5, 0.5]]

    def test_two_columns_of_a_class_leave_it_open(self, tmp_path: Path) -> None:
        content = "gold,x_ham,x_spam,y_ham,y_spam\nspam,0,1,0,1\nham,1,0,1,0\n"

        assert refusal(tmp_path, "a.csv", content).startswith(
            "it is not clear which columns are to be scored: 'x_ham', 'x_spam' or 'y_ham', 'y_spam'\n"
        )

    def test_columns_that_nothing_names_are_told_with_the_whole_command(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", "gold,text,first one,second\nspam,x,0.25,0.75\nham,y,0.5,0.5\n") == (
            "there are no probabilities and no logits\n"
            "  where     a.csv\n"
            "  expected  probabilities or logits with a number for each class, or columns p_<class> or logit_<class>\n"
            "            the file has 'gold', 'text', 'first one', 'second'\n"
            "  remedy    rename them so, or name the columns of the classes, as in\n"
            "            harness score a.csv --classes 'first one,second'"
        )


class TestPredictions:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.npz", {"gold": np.array([1, 0]), "predictions": np.array(ROWS)}),
            ("a.parquet", pa.table({"gold": [1, 0], "predictions": ROWS})),
        ],
    )
    def test_a_table_of_them_is_probabilities_where_every_row_sums_to_1(
        self, tmp_path: Path, name: str, content: Content
    ) -> None:
        scores = reading(tmp_path, name, content)

        assert scores.probabilities.tolist() == ROWS
        assert scores.notes[0] == "'predictions' is taken for probabilities: every row sums to 1"

    def test_but_not_otherwise(self, tmp_path: Path) -> None:
        arrays = {"gold": np.array([1, 0]), "predictions": 2 * np.array(ROWS)}

        assert refusal(tmp_path, "a.npz", arrays).startswith(
            "it is not clear whether 'predictions' is probabilities or logits: not every row sums to 1\n"
        )

    def test_nor_beside_a_better_name(self, tmp_path: Path) -> None:
        arrays = {"gold": np.array([1, 0]), "y_pred_proba": np.array(ROWS), "predictions": np.eye(2)}

        assert reading(tmp_path, "a.npz", arrays).probabilities.tolist() == ROWS
