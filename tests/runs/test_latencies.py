from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.errors import RunError
from harness.runs.latencies import COLUMNS, read_latencies, write_latencies

QUERIES = {
    "review": np.array([7, 0], np.int64),
    "scheduled": np.array([0.0, 0.1]),
    "started": np.array([0.0, 0.3]),
    "answered": np.array([0.3, 1 / 3]),
    "tokens": np.array([12, 512], np.int32),
    "batch_size": np.array([1, 2], np.int32),
}


class TestWriteLatencies:
    def test_everything_comes_back(self, tmp_path: Path) -> None:
        """Bit by bit, in its types; the folder is made."""
        write_latencies(tmp_path / "latencies" / "s.parquet", **QUERIES)

        found = read_latencies(tmp_path / "latencies" / "s.parquet")

        for name, value in QUERIES.items():
            assert np.array_equal(getattr(found, name), value), name
            assert getattr(found, name).dtype == value.dtype, name

    def test_a_script_finds_exactly_these_columns(self, tmp_path: Path) -> None:
        write_latencies(tmp_path / "s.parquet", **QUERIES)

        with pq.ParquetFile(tmp_path / "s.parquet") as file:
            assert [(field.name, str(field.type)) for field in file.schema_arrow] == [
                ("review", "int64"),
                ("scheduled", "double"),
                ("started", "double"),
                ("answered", "double"),
                ("tokens", "int32"),
                ("batch_size", "int32"),
            ]

    def test_a_folder_that_cannot_be_written_is_an_error_with_a_remedy(self, tmp_path: Path) -> None:
        """A file stands in its place."""
        (tmp_path / "latencies").write_text("a file")

        with pytest.raises(RunError, match="the file cannot be written: ") as raised:
            write_latencies(tmp_path / "latencies" / "s.parquet", **QUERIES)

        assert raised.value.remedy == "make room, or name another folder with --output"


class TestReadLatencies:
    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(RunError) as raised:
            read_latencies(tmp_path / "s.parquet")

        assert str(raised.value) == (
            "the run has no such latencies file\n"
            f"  where     {tmp_path / 's.parquet'}\n"
            "  remedy    make the run again, or restore the file"
        )

    def test_a_file_that_was_cut_short(self, tmp_path: Path) -> None:
        write_latencies(tmp_path / "s.parquet", **QUERIES)
        (tmp_path / "s.parquet").write_bytes((tmp_path / "s.parquet").read_bytes()[:-30])

        with pytest.raises(RunError, match="the latencies cannot be read: Parquet magic bytes not found in footer"):
            read_latencies(tmp_path / "s.parquet")

    def test_a_file_that_lacks_columns(self, tmp_path: Path) -> None:
        pq.write_table(pa.table({"review": [1], "tokens": [1]}), tmp_path / "s.parquet")

        with pytest.raises(RunError) as raised:
            read_latencies(tmp_path / "s.parquet")

        assert raised.value.message == "the latencies have no column scheduled, started, answered, batch_size"
        assert raised.value.expected == ", ".join(COLUMNS)
