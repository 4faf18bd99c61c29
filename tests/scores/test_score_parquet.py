"""Parquet: the files of a run come back as they were written, and others by the names of their columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from harness.errors import PredictionsError
from harness.runs import write_predictions
from harness.scores import read_scores
from scores.score_files import reading, refusal, refused, written

STARS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
ROWS = np.array([[0.25, 0.75], [0.5, 0.5]], np.float32)


def of_a_run(path: Path, **changed: Any) -> Path:
    """Two reviews, as a run writes them."""
    predictions: dict[str, Any] = {
        "ids": ["a", "é"],
        "gold": np.array([3, 1]),
        "logits": np.log(np.array([[1, 2, 3, 4, 5], [5, 4, 3, 2, 1]], np.float32)),
        "probabilities": np.array([[1, 2, 3, 4, 5], [5, 4, 3, 2, 1]], np.float32) / 15,
        "tokens": np.array([3, 512], np.int32),
        "cut": np.array([False, True]),
        "classes": STARS,
        "logit_classes": STARS,
    }
    write_predictions(path, **predictions | changed)
    return path


class TestFilesOfARun:
    def test_everything_comes_back(self, tmp_path: Path) -> None:
        path = of_a_run(tmp_path / "e.parquet")
        scores = read_scores(path)

        assert scores.probabilities.tolist() == (np.array([[1, 2, 3, 4, 5], [5, 4, 3, 2, 1]], np.float32) / 15).tolist()
        assert scores.probabilities.dtype == np.float32
        assert scores.logits is not None
        assert scores.logits.tolist() == np.log(np.array([[1, 2, 3, 4, 5], [5, 4, 3, 2, 1]], np.float32)).tolist()
        assert scores.gold.tolist() == [3, 1]
        assert scores.classes == STARS
        assert scores.ordinal
        assert scores.ids == ["a", "é"]
        assert scores.columns is not None
        assert scores.columns.to_pydict() == {"tokens": [3, 512], "cut": [False, True]}
        assert scores.notes == ("the classes are steps of a scale: 1 star … 5 stars",)

    def test_gold_labels_are_indices_however_few_occur(self, tmp_path: Path) -> None:
        """In any other file 1 and 3 could be counted from 0 or from 1."""
        assert read_scores(of_a_run(tmp_path / "e.parquet", gold=np.array([1, 1]))).gold.tolist() == [1, 1]

    def test_logits_of_other_classes_are_left_out(self, tmp_path: Path) -> None:
        polarity = {"probabilities": ROWS, "classes": ("negative", "positive"), "gold": np.array([1, 0])}
        path = of_a_run(tmp_path / "e.parquet", **polarity)
        scores = read_scores(path)

        assert scores.logits is None
        assert scores.classes == ("negative", "positive")
        assert not scores.ordinal
        assert scores.notes == (
            "the logits are left out: their classes are not known to be those of the probabilities",
        )

    def test_nor_can_they_be_asked_for(self, tmp_path: Path) -> None:
        path = of_a_run(tmp_path / "e.parquet", probabilities=ROWS, classes=("no", "yes"), gold=np.array([1, 0]))

        assert refused(path, kind="logits") == (
            "the logits are of other classes than the gold labels: 1 star, 2 stars, 3 stars, 4 stars, 5 stars\n"
            "  where     e.parquet\n"
            "  expected  logits of no, yes\n"
            "  remedy    score the probabilities, without --values logits"
        )

    def test_logits_in_another_order_are_put_in_that_of_the_classes(self, tmp_path: Path) -> None:
        path = of_a_run(tmp_path / "e.parquet", logit_classes=STARS[::-1])

        logits = read_scores(path).logits
        assert logits is not None
        assert logits[0].tolist() == np.log(np.array([5, 4, 3, 2, 1], np.float32)).tolist()

    def test_an_index_beyond_the_classes_is_named(self, tmp_path: Path) -> None:
        assert refused(of_a_run(tmp_path / "e.parquet", gold=np.array([3, 5]))) == (
            "label 5 fits no class\n"
            "  where     e.parquet, column 'gold', row 1, counted from 0\n"
            "  expected  0 … 4, for 5 classes\n"
            "  remedy    correct the rows, or name the classes with --classes in the order of the numbers"
        )


class TestColumns:
    @pytest.mark.parametrize(
        "kind", [pa.list_(pa.float32()), pa.large_list(pa.float64()), pa.list_(pa.float32(), 2), pa.list_(pa.float16())]
    )
    def test_lists_of_every_kind_are_read(self, tmp_path: Path, kind: pa.DataType) -> None:
        table = pa.table({"gold": [1, 0], "probabilities": pa.array([np.float16(row) for row in ROWS]).cast(kind)})
        scores = reading(tmp_path, "a.parquet", table)

        assert scores.probabilities.tolist() == ROWS.tolist()
        assert scores.probabilities.dtype == (np.float64 if kind.value_type == pa.float64() else np.float32)

    def test_columns_of_classes_are_as_wide_as_the_widest(self, tmp_path: Path) -> None:
        table = pa.table(
            {"label": ["b", "a"], "p_a": pa.array(ROWS[:, 0]), "p_b": pa.array(ROWS[:, 1].astype(np.float64))}
        )
        scores = reading(tmp_path, "a.parquet", table)

        assert scores.probabilities.tolist() == ROWS.tolist()
        assert scores.probabilities.dtype == np.float64

    def test_categories_bytes_decimals_and_many_row_groups_are_read(self, tmp_path: Path) -> None:
        table = pa.table(
            {
                "id": [7, 8],
                "label": pa.array(["b", "a"]).dictionary_encode(),
                "lang": pa.array([b"de", b"fr"]),
                "picture": pa.array([b"\xff", b"\xfe"]),
                "p_a": pa.array(["0.25", "0.5"]).cast(pa.decimal128(5, 2)),
                "p_b": pa.array(["0.75", "0.5"]).cast(pa.decimal128(5, 2)),
            }
        )
        path = written(tmp_path, "a.parquet", table)
        pa.parquet.write_table(table, path, row_group_size=1)
        scores = read_scores(path)

        assert scores.probabilities.tolist() == ROWS.tolist()
        assert scores.gold.tolist() == [1, 0]
        assert scores.ids == ["7", "8"]
        assert scores.columns is not None
        assert scores.columns.to_pydict() == {"lang": ["de", "fr"], "picture": [b"\xff", b"\xfe"]}

    def test_a_null_gold_label_is_named(self, tmp_path: Path) -> None:
        table = pa.table({"gold": pa.array([None, 1]), "probabilities": ROWS.tolist()})

        assert refusal(tmp_path, "a.parquet", table) == (
            "rows have no gold label\n"
            "  where     a.parquet, column 'gold', row 0, counted from 0\n"
            "  expected  a label in every row\n"
            "  remedy    fill the labels in, or leave the rows out"
        )

    def test_gold_labels_are_no_lists(self, tmp_path: Path) -> None:
        table = pa.table({"gold": [[0, 1], [1, 1]], "probabilities": ROWS.tolist()})

        assert refusal(tmp_path, "a.parquet", table) == (
            "a gold label is one value, but here each row holds several\n"
            "  where     a.parquet, column 'gold'\n"
            "  expected  the name or the number of a class in each row\n"
            "  remedy    name another --label-column"
        )

    def test_one_hot_gold_labels_are_told(self, tmp_path: Path) -> None:
        table = pa.table({"gold": [[0, 1], [1, 0]], "probabilities": ROWS.tolist()})

        assert refusal(tmp_path, "a.parquet", table) == (
            "the gold labels are one-hot: each row holds a single 1 among 2 numbers\n"
            "  where     a.parquet, column 'gold'\n"
            "  expected  the name or the number of a class in each row\n"
            "  remedy    give its argmax"
        )

    @pytest.mark.parametrize("row", [None, [0.5, None]])
    def test_a_null_among_the_numbers_is_named(self, tmp_path: Path, row: object) -> None:
        table = pa.table({"gold": [0, 1], "probabilities": pa.array([[0.5, 0.5], row], pa.list_(pa.float32()))})

        assert refusal(tmp_path, "a.parquet", table) == (
            "numbers are missing\n"
            "  where     a.parquet, column 'probabilities', row 1, counted from 0\n"
            "  expected  a number for each class in every row\n"
            "  remedy    fill them in, or leave the rows out"
        )

    def test_a_list_of_another_length_is_named(self, tmp_path: Path) -> None:
        table = pa.table({"gold": [0, 1, 1], "probabilities": [[0.5, 0.5], [0.2, 0.3, 0.5], [1.0, 0]]})

        assert refusal(tmp_path, "a.parquet", table) == (
            "lists have another length than the others\n"
            "  where     a.parquet, column 'probabilities', row 1, counted from 0\n"
            "  expected  2 numbers in every row\n"
            "  remedy    look at what made these rows"
        )

    def test_empty_lists_are_refused(self, tmp_path: Path) -> None:
        table = pa.table({"gold": [0, 1], "probabilities": pa.array([[], []], pa.list_(pa.float32()))})

        assert refusal(tmp_path, "a.parquet", table).startswith("lists are empty\n")

    @pytest.mark.parametrize(
        ("column", "kind"),
        [([["a"], ["b"]], "list<element: string>"), ([{"a": 1.0}] * 2, "struct<a: double>"), ([True, False], "bool")],
    )
    def test_what_are_no_numbers_is_told(self, tmp_path: Path, column: list[Any], kind: str) -> None:
        assert refusal(tmp_path, "a.parquet", pa.table({"gold": [0, 1], "probabilities": column})) == (
            f"the column holds {kind}\n"
            "  where     a.parquet, column 'probabilities'\n"
            "  expected  numbers, or lists of numbers of one length\n"
            "  remedy    write one number, or one list of them, a row"
        )


class TestDamage:
    @pytest.mark.parametrize("size", [4, 100])
    def test_a_file_that_is_cut_short_is_refused(self, tmp_path: Path, size: int) -> None:
        path = of_a_run(tmp_path / "e.parquet")
        path.write_bytes(path.read_bytes()[:size])

        message = refused(path, PredictionsError)
        assert message.startswith("the file is no Parquet file, or is damaged: Parquet ")
        assert message.endswith("\n  where     e.parquet\n  remedy    write or fetch it again")

    def test_so_is_one_with_damaged_pages(self, tmp_path: Path) -> None:
        path = of_a_run(tmp_path / "e.parquet")
        content = bytearray(path.read_bytes())
        content[4:60] = bytes(56)
        path.write_bytes(content)

        assert refused(path, PredictionsError).startswith("the file is no Parquet file, or is damaged: ")

    def test_metadata_of_another_program_is_no_list_of_classes(self, tmp_path: Path) -> None:
        table = pa.table({"gold": [0, 1], "probabilities": ROWS.tolist()})
        for other in (b"{", b'"a"', b"[1, 2]", b"[]"):
            scores = reading(tmp_path, "a.parquet", table.replace_schema_metadata({b"classes": other}))

            assert scores.classes == ("0", "1")
