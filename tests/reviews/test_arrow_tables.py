"""Parquet files: whole, typed as they come, and known by their bytes."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.review_files import column, refusal, rows

from harness.errors import ReviewSetError
from harness.reviews import ReviewOptions, ReviewSet, read
from harness.reviews.rows import is_blank

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).filter(lambda text: not is_blank(text))


def stored(folder: Path, columns: dict[str, Any], name: str = "r.parquet") -> str:
    pq.write_table(pa.table(columns), folder / name)
    return str(folder / name)


def reading(folder: Path, columns: dict[str, Any], **options: Any) -> ReviewSet:
    return read(stored(folder, columns), ReviewOptions(**options))


class TestParquet:
    @given(st.lists(st.tuples(TEXTS, st.integers(1, 5)), min_size=1, max_size=8))
    def test_what_is_written_is_read_back_with_rows_from_one(
        self, tmp_path_factory: pytest.TempPathFactory, reviews: list[tuple[str, int]]
    ):
        found = reading(
            tmp_path_factory.mktemp("parquet"), {"text": [t for t, _ in reviews], "stars": [s for _, s in reviews]}
        )

        assert found.texts() == [text for text, _ in reviews]
        assert column(found, "label") == [str(stars) for _, stars in reviews]
        assert rows(found) == list(range(1, len(reviews) + 1))

    @pytest.mark.parametrize(
        "kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string()), pa.binary()]
    )
    def test_keeps_text_in_several_types(self, tmp_path: Path, kind: pa.DataType):
        values = pa.array(["good", "bad"]).cast(kind)
        found = reading(tmp_path, {"text": values, "label": values, "domain": values})

        assert found.texts() == ["good", "bad"]
        assert found.labels() == {"good": 1, "bad": 1}
        assert found.table.schema.field("domain").type == pa.string()

    @pytest.mark.parametrize(
        ("values", "labels"),
        [
            (pa.array([5, 1], pa.int8()), ["5", "1"]),
            (pa.array([4.0, 0.5], pa.float64()), ["4.0", "0.5"]),
            (pa.array([4.5, 1.0], pa.float32()), ["4.5", "1.0"]),
            (pa.array([True, False]), ["true", "false"]),
        ],
    )
    def test_labels_become_texts(self, tmp_path: Path, values: pa.Array, labels: list[str]):
        assert column(reading(tmp_path, {"text": ["a", "b"], "label": values}), "label") == labels

    def test_names_of_classes_in_its_metadata_are_the_labels(self, tmp_path: Path):
        pytest.importorskip("datasets")
        from datasets import ClassLabel, Dataset, Features, Value

        features = Features({"text": Value("string"), "label": ClassLabel(names=["neg", "pos"])})
        Dataset.from_dict({"text": ["a", "b"], "label": [1, 0]}, features=features).to_parquet(tmp_path / "r.parquet")

        assert column(read(str(tmp_path / "r.parquet"), ReviewOptions()), "label") == ["pos", "neg"]

    def test_missing_values_are_bad_rows(self, tmp_path: Path):
        columns = {"text": ["a", None, "c"], "label": pa.array([1.0, 2.0, float("nan")])}
        source = stored(tmp_path, columns)

        with pytest.raises(ReviewSetError) as caught:
            read(source, ReviewOptions())

        assert caught.value.where == (
            f"{source}\na row has no text; column 'text'; row 2 (1 in all)\n"
            "a row has no label; column 'label'; row 3 (1 in all)"
        )
        assert read(source, ReviewOptions(on_bad_row="skip")).texts() == ["a"]

    def test_text_of_another_type_is_an_error(self, tmp_path: Path):
        with pytest.raises(ReviewSetError) as caught:
            reading(tmp_path, {"text": [1, 2], "label": [1, 2]})

        assert caught.value.message == "2 rows have a text that is no string"
        assert caught.value.remedy.startswith("correct the rows, or name another --text-column")

    def test_other_columns_are_kept_by_kind(self, tmp_path: Path):
        found = reading(
            tmp_path,
            {
                "text": ["a", "b"], "label": [1, 2], "n": [1, 2], "x": pa.array([0.5, None]), "yes": [True, None],
                "tags": [["p"], []], "day": [datetime.date(2024, 1, 2), None], "o": [{"k": 1}, None],
                "picture": [b"\xff\xfe", b"\x00\xff"], "nothing": pa.nulls(2),
            },
        )  # fmt: skip

        assert found.kept == ("n", "x", "yes", "tags", "day", "o", "nothing")
        assert column(found, "yes") == ["true", None]
        assert column(found, "day") == ["2024-01-02", None]
        assert column(found, "o") == ['{"k": 1}', None]
        assert "column 'picture' holds bytes and is not kept" in found.notes

    def test_cut_short_is_an_error(self, tmp_path: Path):
        data = Path(stored(tmp_path, {"text": ["a"] * 1000, "label": [1] * 1000})).read_bytes()

        for length in (5, len(data) // 2, len(data) - 1):
            error = refusal(tmp_path, "cut.parquet", data[:length])
            assert error.message == "the Parquet file is cut short: it does not end with PAR1"

    def test_damaged_within_is_an_error(self, tmp_path: Path):
        data = bytearray(Path(stored(tmp_path, {"text": ["a"] * 1000, "label": [1] * 1000})).read_bytes())
        data[len(data) - 12 : len(data) - 4] = b"\xff" * 8

        assert refusal(tmp_path, "bad.parquet", bytes(data)).message.startswith("the Parquet file is damaged: ")

    def test_that_is_none_is_told_by_its_first_bytes(self, tmp_path: Path):
        error = refusal(tmp_path, "r.parquet", "text,label\ngood,5\n")

        assert error.message == "the file is no Parquet file: it does not begin with PAR1"

    def test_under_another_name_is_read_and_noted(self, tmp_path: Path):
        found = read(stored(tmp_path, {"text": ["a"], "label": [1]}, "r.csv"), ReviewOptions())

        assert found.texts() == ["a"]
        assert found.notes == ("a Parquet file, though its name says otherwise",)

    def test_in_a_folder_named_like_a_partition_gains_no_column(self, tmp_path: Path):
        folder = tmp_path / "language=de"
        folder.mkdir()

        assert reading(folder, {"text": ["a"], "label": [1]}).kept == ()

    def test_without_rows_is_an_empty_set(self, tmp_path: Path):
        with pytest.raises(ReviewSetError) as caught:
            reading(tmp_path, {"text": pa.array([], pa.string()), "label": pa.array([], pa.int64())})

        assert caught.value.message == "there is no review in it"


class TestDamagedNames:
    def test_a_column_name_that_is_no_utf8_is_damage(self, tmp_path):
        path = tmp_path / "r.parquet"
        pq.write_table(pa.table({"text": ["good", "bad"], "stars": [5, 1], "language": ["en", "en"]}), path)
        path.write_bytes(path.read_bytes().replace(b"language", b"l\x80nguage"))

        with pytest.raises(ReviewSetError, match="the Parquet file is damaged"):
            read(str(path), ReviewOptions())
