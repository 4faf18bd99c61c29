"""A file that holds no scores is refused with the reason, whatever it is."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import HarnessError, NothingMeasured, PredictionsError
from harness.scores import read_scores
from scores.score_files import Content, reading, refusal, refused, written

ENDINGS = "  expected  .npz, .parquet, .csv or .tsv (the last two also with .gz)\n"
SAVE = "np.savez('predictions.npz', gold=gold, probabilities=probabilities)"
ROWS = "gold,p_neg,p_pos\npos,0.2,0.8\nneg,0.9,0.1\n"


class TestFile:
    def test_a_file_that_is_not_there_is_told_with_its_nearest_neighbour(self, tmp_path: Path) -> None:
        written(tmp_path, "predictions.csv", ROWS)
        written(tmp_path, "prediction.txt", "")

        assert refused(tmp_path / "prediction.csv", PredictionsError) == (
            "there is no such file\n"
            "  where     prediction.csv\n"
            "  remedy    did you mean 'predictions.csv'? correct the path"
        )

    def test_nor_is_there_one_in_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        assert refused(tmp_path / "runs" / "a.csv") == (
            "there is no such file\n  where     a.csv\n  remedy    correct the path"
        )

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        assert refused(tmp_path).startswith("a folder is no score file\n")

    def test_an_unknown_ending_is_told_with_those_that_are_known(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.xlsx", "PK") == (
            "the ending '.xlsx' names no format that is read\n"
            "  where     a.xlsx\n"
            f"{ENDINGS}"
            f"  remedy    save the arrays with {SAVE}, or a table as CSV or Parquet"
        )

    def test_so_is_a_file_without_an_ending(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "scores", "gold").startswith("the file has no ending\n")

    @pytest.mark.parametrize(("ending", "lines"), [(".jsonl", True), (".json", False)])
    def test_json_is_told_how_it_becomes_a_table(self, tmp_path: Path, ending: str, lines: bool) -> None:
        assert refusal(tmp_path, f"a{ending}", "{}") == (
            f"{ending} files are not read\n"
            f"  where     a{ending}\n"
            f"{ENDINGS}"
            f"  remedy    write it as CSV: pandas.read_json('a{ending}', lines={lines})"
            ".to_csv('predictions.csv', index=False)"
        )

    def test_one_array_is_not_enough(self, tmp_path: Path) -> None:
        np.save(tmp_path / "probabilities.npy", np.ones((2, 2)))

        assert refused(tmp_path / "probabilities.npy", PredictionsError) == (
            "an .npy file holds one array, and a score needs two: gold labels and probabilities\n"
            "  where     probabilities.npy\n"
            f"{ENDINGS}"
            f"  remedy    save both with {SAVE}"
        )

    @pytest.mark.parametrize(
        ("name", "content"), [("a.csv", b""), ("a.npz", b""), ("a.parquet", b""), ("a.tsv.gz", b""), ("a.csv", b"\n\n")]
    )
    def test_an_empty_file_measures_nothing(self, tmp_path: Path, name: str, content: bytes) -> None:
        assert refused(written(tmp_path, name, content), NothingMeasured) == (
            f"the file is empty\n  where     {name}\n  remedy    write or fetch the file again"
        )

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.csv", "gold,p_neg,p_pos\n"),
            ("a.csv", "gold,p_neg,p_pos\n\n\n"),
            ("a.parquet", pa.table({"gold": pa.array([], pa.int64())})),
            ("a.npz", {"gold": np.array([], int), "probabilities": np.empty((0, 2))}),
            ("a.parquet", pa.table({"gold": pa.array([], pa.int64()), "p_a": pa.array([], pa.float32())})),
        ],
    )
    def test_a_file_without_rows_measures_nothing(self, tmp_path: Path, name: str, content: Content) -> None:
        assert refused(written(tmp_path, name, content), NothingMeasured) == (
            f"there is no row to score\n  where     {name}\n  remedy    give at least one row with its gold label"
        )

    def test_the_file_is_shown_without_its_folder(self, tmp_path: Path) -> None:
        assert reading(tmp_path, "a.csv", ROWS).source == "a.csv"


class TestPacked:
    def test_a_table_may_be_packed_with_gzip(self, tmp_path: Path) -> None:
        packed = reading(tmp_path, "a.csv.gz", gzip.compress(ROWS.encode()))

        assert packed.probabilities.tolist() == [[0.2, 0.8], [0.9, 0.1]]

    def test_whatever_its_name(self, tmp_path: Path) -> None:
        assert reading(tmp_path, "a.csv", gzip.compress(ROWS.encode())).gold.tolist() == [1, 0]
        assert reading(tmp_path, "b.csv.gz", ROWS).gold.tolist() == [1, 0]

    def test_one_that_is_cut_short_is_refused(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv.gz", gzip.compress(ROWS.encode())[:-9]) == (
            "the gzip file is damaged: it is cut short\n  where     a.csv.gz\n  remedy    write or fetch it again"
        )

    def test_so_is_one_that_is_damaged(self, tmp_path: Path) -> None:
        packed = bytearray(gzip.compress(ROWS.encode()))
        packed[-6] ^= 255

        assert refusal(tmp_path, "a.csv.gz", bytes(packed)).startswith("the gzip file is damaged: CRC check failed")


@st.composite
def damage(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Cuts, overwrites or doubles a part of a file."""
    start, length = draw(st.floats(0, 1)), draw(st.integers(0, 40))
    inserted = draw(st.one_of(st.binary(max_size=20), st.sampled_from([b'"', b"\n\n", b",", b"nan", b"\xff", b"PK"])))

    def damaged(content: bytes) -> bytes:
        place = int(start * len(content))
        return content[:place] + inserted + content[place + length :]

    return damaged


class TestDamage:
    @settings(max_examples=150)
    @given(damage(), st.sampled_from(["a.csv", "a.tsv", "a.csv.gz", "a.npz", "a.parquet"]))
    def test_whatever_a_file_holds_it_is_read_or_refused_in_words(
        self, tmp_path_factory: pytest.TempPathFactory, change: Callable[[bytes], bytes], name: str
    ) -> None:
        folder = tmp_path_factory.mktemp("damaged")
        text = 'gold,p_neg,p_pos,text\npos,0.2,0.8,"a ""good"" one"\n\nneg,0.9,0.1,é\n'
        whole: dict[str, Content] = {
            "a.csv": text,
            "a.tsv": text.replace(",", "\t"),
            "a.csv.gz": gzip.compress(text.encode()),
            "a.npz": {"gold": np.array([1, 0]), "probs": np.array([[0.5, 0.5], [1, 0]])},
            "a.parquet": pa.table({"gold": ["neg", "pos"], "p_neg": [0.2, 0.8], "p_pos": [0.8, 0.2]}),
        }
        path = written(folder, name, whole[name])
        path.write_bytes(change(path.read_bytes()))

        # Anything else than these errors fails the test, warnings too.
        with suppress(HarnessError):
            scores = read_scores(path)
            assert scores.probabilities.shape == (len(scores.gold), len(scores.classes))
            assert np.isfinite(scores.probabilities).all()
