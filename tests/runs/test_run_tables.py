from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.errors import RunError
from harness.runs import read_predictions, write_predictions, write_reviews


def predictions(**changed: Any) -> dict[str, Any]:
    """Two reviews, three classes of the classifier, two of the evaluation."""
    return {
        "ids": ["a", "é"],
        "gold": np.array([1, 0]),
        "logits": np.array([[1, 2, 3], [4, 5, 6]], np.float32),
        "probabilities": np.array([[0.25, 0.75], [0.5, 0.5]], np.float32),
        "tokens": np.array([3, 512], np.int32),
        "cut": np.array([False, True]),
        "classes": ("negative", "positive"),
        "logit_classes": ("1 star", "2 stars", "3 stars"),
    } | changed


class TestWritePredictions:
    def test_everything_comes_back(self, tmp_path: Path) -> None:
        """Arrays bit by bit, in their types, and both lists of classes."""
        write_predictions(tmp_path / "predictions" / "e.parquet", **predictions())

        found = read_predictions(tmp_path / "predictions" / "e.parquet")

        for name, value in predictions().items():
            assert np.array_equal(getattr(found, name), value), name
        types = [getattr(found, name).dtype for name in ("gold", "logits", "probabilities", "tokens", "cut")]
        assert types == [np.int32, np.float32, np.float32, np.int32, np.bool_]

    def test_a_script_finds_exactly_these_columns(self, tmp_path: Path) -> None:
        """What DESIGN promises to pandas, DuckDB and whoever reads Parquet."""
        write_predictions(tmp_path / "e.parquet", **predictions())

        with pq.ParquetFile(tmp_path / "e.parquet") as file:
            assert [(field.name, str(field.type)) for field in file.schema_arrow] == [
                ("id", "string"),
                ("gold", "int32"),
                ("logits", "list<element: float>"),
                ("probabilities", "list<element: float>"),
                ("tokens", "int32"),
                ("cut", "bool"),
            ]
            assert file.metadata.row_group(0).column(0).compression == "ZSTD"
            assert file.schema_arrow.metadata[b"classes"] == b'["negative", "positive"]'
            assert file.schema_arrow.metadata[b"logit_classes"] == b'["1 star", "2 stars", "3 stars"]'


class TestReadPredictions:
    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        """Deleted from the run folder, say."""
        with pytest.raises(RunError) as raised:
            read_predictions(tmp_path / "e.parquet")

        assert str(raised.value) == (
            "the run has no such predictions file\n"
            f"  where     {tmp_path / 'e.parquet'}\n"
            "  remedy    make the run again, or restore the file"
        )

    def test_a_file_that_was_cut_short(self, tmp_path: Path) -> None:
        """A copy that did not end."""
        write_predictions(tmp_path / "e.parquet", **predictions())
        (tmp_path / "e.parquet").write_bytes((tmp_path / "e.parquet").read_bytes()[:-30])

        with pytest.raises(RunError, match="the predictions cannot be read: Parquet magic bytes not found in footer"):
            read_predictions(tmp_path / "e.parquet")

    def test_a_file_that_lacks_columns(self, tmp_path: Path) -> None:
        """Some other Parquet file."""
        pq.write_table(pa.table({"id": ["a"], "tokens": [1], "cut": [False]}), tmp_path / "e.parquet")

        with pytest.raises(RunError, match="the predictions have no column gold, logits, probabilities") as raised:
            read_predictions(tmp_path / "e.parquet")

        assert raised.value.expected == "id, gold, logits, probabilities, tokens, cut"

    def test_a_file_without_its_class_names(self, tmp_path: Path) -> None:
        """A tool rewrote it and dropped the metadata."""
        write_predictions(tmp_path / "e.parquet", **predictions())
        pq.write_table(pq.read_table(tmp_path / "e.parquet").replace_schema_metadata({}), tmp_path / "e.parquet")

        with pytest.raises(RunError, match="the predictions do not name their classes"):
            read_predictions(tmp_path / "e.parquet")


class TestWriteReviews:
    TABLE = pa.table({"id": ["a"], "text": ["fine"], "label": ["5"], "row": [2], "language": ["en"], "votes": [3]})

    def test_id_text_and_the_kept_columns(self, tmp_path: Path) -> None:
        """Labels are with the predictions, row numbers with the file they came from."""
        write_reviews(tmp_path / "reviews" / "r.parquet", self.TABLE, texts=True)

        assert pq.read_table(tmp_path / "reviews" / "r.parquet").to_pylist() == [
            {"id": "a", "text": "fine", "language": "en", "votes": 3}
        ]

    def test_texts_can_be_left_out(self, tmp_path: Path) -> None:
        """--no-texts: for reviews that may not leave the house."""
        write_reviews(tmp_path / "r.parquet", self.TABLE, texts=False)

        assert pq.read_table(tmp_path / "r.parquet").column_names == ["id", "language", "votes"]
        assert b"fine" not in (tmp_path / "r.parquet").read_bytes()

    def test_a_folder_that_cannot_be_written_is_an_error_with_a_remedy(self, tmp_path: Path) -> None:
        """A file stands in its place."""
        (tmp_path / "reviews").write_text("a file")

        with pytest.raises(RunError, match="the file cannot be written: ") as raised:
            write_reviews(tmp_path / "reviews" / "r.parquet", self.TABLE, texts=True)

        assert raised.value.remedy == "make room, or name another folder with --output"
