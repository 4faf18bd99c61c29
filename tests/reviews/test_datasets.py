"""Folders of the datasets library, and names on the hub."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, Value
from support.review_files import column, rows

from harness.errors import ReviewSetError
from harness.reviews import ReviewOptions, hub, read
from harness.reviews.sources import Hub, locate


def reviews(*texts: str) -> Dataset:
    features = Features(
        {"text": Value("string"), "label": ClassLabel(names=["neg", "pos"]), "language": Value("string")}
    )
    return Dataset.from_dict(
        {"text": list(texts), "label": [1] + [0] * (len(texts) - 1), "language": ["en"] * len(texts)}, features=features
    )


def refused(source: str) -> ReviewSetError:
    with pytest.raises(ReviewSetError) as caught:
        read(source, ReviewOptions())
    return caught.value


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")


class TestSavedFolder:
    def test_of_one_data_set_is_read_with_the_names_of_its_classes(self, tmp_path: Path):
        reviews("good", "bad").save_to_disk(tmp_path / "mine")
        found = read(str(tmp_path / "mine"), ReviewOptions())

        assert found.texts() == ["good", "bad"]
        assert found.labels() == {"pos": 1, "neg": 1}
        assert found.kept == ("language",)
        assert rows(found) == [1, 2]
        assert (found.id, found.source) == ("mine", "mine")

    def test_keeps_a_selection_and_its_order(self, tmp_path: Path):
        reviews("a", "b", "c", "d").select([3, 1]).save_to_disk(tmp_path / "mine")

        assert read(str(tmp_path / "mine"), ReviewOptions()).texts() == ["d", "b"]

    def test_of_several_splits_asks_for_one_and_the_remedy_works(self, tmp_path: Path):
        DatasetDict(train=reviews("a"), test=reviews("b")).save_to_disk(tmp_path / "mine")
        error = refused(str(tmp_path / "mine"))

        assert error.message == "the folder holds 2 splits"
        assert error.expected == "one of test, train"
        assert error.remedy == f"name it: {tmp_path}/mine:test or {tmp_path}/mine:train"
        found = read(f"{tmp_path}/mine:test", ReviewOptions())
        assert (found.texts(), found.id, found.source) == (["b"], "mine.test", "mine:test")

    def test_without_the_split_that_was_named_lists_those_it_has(self, tmp_path: Path):
        DatasetDict(train=reviews("a"), test=reviews("b")).save_to_disk(tmp_path / "mine")
        error = refused(f"{tmp_path}/mine:validation")

        assert error.message == "there is no split 'validation'"
        assert error.expected == "one of test, train"

    def test_of_one_split_needs_no_name(self, tmp_path: Path):
        DatasetDict(test=reviews("b")).save_to_disk(tmp_path / "mine")

        assert read(str(tmp_path / "mine"), ReviewOptions()).texts() == ["b"]

    def test_without_splits_has_none_to_name(self, tmp_path: Path):
        reviews("a").save_to_disk(tmp_path / "mine")

        assert refused(f"{tmp_path}/mine:test").message == (
            "the folder holds one data set without splits, so there is no 'test'"
        )

    def test_that_lost_a_file_is_an_error_in_one_line(self, tmp_path: Path):
        reviews("a").save_to_disk(tmp_path / "mine")
        for path in (tmp_path / "mine").glob("*.arrow"):
            path.unlink()
        error = refused(str(tmp_path / "mine"))

        assert error.message.startswith("the saved data set cannot be read: ")
        assert "\n" not in error.message

    def test_above_saved_ones_names_them(self, tmp_path: Path):
        reviews("a").save_to_disk(tmp_path / "mine")

        assert refused(str(tmp_path)).remedy == f"name one of its files: {tmp_path}/mine"

    def test_with_unlabelled_rows_has_bad_rows(self, tmp_path: Path):
        """The library writes -1 where the publisher kept the labels to themselves."""
        data = reviews("a", "b")
        data = data.map(lambda row: {"label": -1 if row["text"] == "b" else row["label"]})
        data.save_to_disk(tmp_path / "mine")

        assert refused(str(tmp_path / "mine")).where == f"{tmp_path}/mine, row 2 (1 in all), column 'label'"


class TestHubName:
    @pytest.mark.parametrize(
        ("source", "parts"),
        [
            ("imdb:test", Hub("imdb", None, "test", None)),
            ("SetFit/sst5:test", Hub("SetFit/sst5", None, "test", None)),
            ("mteb/amazon_reviews_multi:de/test", Hub("mteb/amazon_reviews_multi", "de", "test", None)),
            ("a/b@main:c/test[:100]", Hub("a/b", "c", "test[:100]", "main")),
            ("a/b", Hub("a/b", None, None, None)),
        ],
    )
    def test_has_a_configuration_a_split_and_a_revision(self, source: str, parts: Hub):
        assert locate(source) == parts

    def test_without_a_split_is_an_error(self):
        error = refused("acme/reviews")

        assert error.message == "the data set needs a split: acme/reviews names none"
        assert error.expected == "a file, or a hub name as name:split or name:config/split"
        assert error.remedy == "name it, such as acme/reviews:test; a file needs its ending, such as reviews.csv"


class TestHub:
    SOURCE = Hub("acme/reviews", "en", "test", "v1")

    def test_is_asked_for_exactly_what_was_named(self):
        asked: list[Any] = []

        def load(*names: Any, **options: Any) -> Dataset:
            asked.append((names, options))
            return reviews("good", "bad")

        raw = hub.read_hub(self.SOURCE, "acme/reviews@v1:en/test", load)

        assert asked == [(("acme/reviews", "en"), {"split": "test", "revision": "v1"})]
        assert raw.values("label") == ["pos", "neg"]
        assert raw.notes == ()

    @pytest.mark.parametrize(
        ("raised", "message", "remedy"),
        [
            (ConnectionError("Couldn't reach it\nfor long"), "Couldn't reach it", "connect to the network"),
            (
                ValueError("BuilderConfig 'en' not found. Available: ['de']"),
                "BuilderConfig 'en' not found",
                "name another",
            ),
            (RuntimeError("Dataset scripts are no longer supported"), "Dataset scripts are", "convert it to Parquet"),
            (KeyError(), "KeyError", "check the name"),
        ],
    )
    def test_that_fails_is_one_line_with_a_remedy(self, raised: Exception, message: str, remedy: str):
        def load(*names: Any, **options: Any) -> Dataset:
            raise raised

        with pytest.raises(ReviewSetError) as caught:
            hub.read_hub(self.SOURCE, "acme/reviews@v1:en/test", load)

        assert caught.value.message.startswith(f"the data set 'acme/reviews' cannot be loaded: {message}")
        assert "\n" not in caught.value.message
        assert remedy in caught.value.remedy

    def test_keeps_the_libraries_log_lines_from_the_terminal(self, capfd: pytest.CaptureFixture[str]):
        def load(*names: Any, **options: Any) -> Dataset:
            logging.getLogger("huggingface_hub.utils").warning("Retrying in 8s")
            raise ConnectionError("no")

        logger = logging.getLogger("huggingface_hub")
        before = list(logger.handlers)
        with pytest.raises(ReviewSetError):
            hub.read_hub(self.SOURCE, "acme/reviews", load)

        assert "Retrying" not in capfd.readouterr().err
        assert logger.handlers == before

    def test_read_from_the_cache_is_noted_and_never_for_a_revision(self):
        def load(*names: Any, **options: Any) -> Dataset:
            logging.getLogger("datasets.load").warning("Using the latest cached version of the dataset")
            return reviews("good")

        raw = hub.read_hub(Hub("acme/reviews", None, "test"), "acme/reviews:test", load)
        with pytest.raises(ReviewSetError) as caught:
            hub.read_hub(self.SOURCE, "acme/reviews@v1:en/test", load)

        assert raw.notes == ("the hub was not reached: as it was fetched last",)
        assert caught.value.message == (
            "the hub was not reached, and the local cache does not say whether it holds revision 'v1'"
        )


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `load_dataset` leaves on disk after it has fetched `acme/reviews`."""
    cache = tmp_path_factory.mktemp("datasets")
    folder = cache / "acme___reviews" / "en" / "0.0.0" / "0123456789abcdef"
    folder.mkdir(parents=True)
    data = reviews("good", "bad")
    table = data.data.table
    with pa.OSFile(str(folder / "reviews-test.arrow"), "wb") as file, pa.ipc.new_stream(file, table.schema) as out:
        out.write_table(table)
    data.info.write_to_directory(str(folder))
    info = json.loads((folder / "dataset_info.json").read_text())
    info |= {"builder_name": "reviews", "dataset_name": "reviews", "config_name": "en"}
    info["version"] = {"version_str": "0.0.0", "major": 0, "minor": 0, "patch": 0}
    info["splits"] = {"test": {"name": "test", "num_bytes": 0, "num_examples": 2, "dataset_name": "reviews"}}
    (folder / "dataset_info.json").write_text(json.dumps(info))
    return cache


class TestOffline:
    """The real library, offline, on a cache of its own layout; in processes of their own, since it asks once."""

    def said(self, cache: Path, source: str) -> str:
        code = (
            "import sys\nfrom harness.reviews import ReviewOptions, read\nfrom harness.errors import ReviewSetError\n"
            "try: found = read(sys.argv[1], ReviewOptions()); print(found.texts(), found.labels(), found.notes)\n"
            "except ReviewSetError as error: print(error)"
        )
        environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(cache)}
        done = subprocess.run(
            [sys.executable, "-c", code, source], capture_output=True, text=True, check=True, env=environment
        )
        assert done.stderr == ""
        return done.stdout

    def test_reads_what_was_fetched_before(self, cache: Path):
        assert self.said(cache, "acme/reviews:en/test") == (
            "['good', 'bad'] {'pos': 1, 'neg': 1} "
            "(\"the hub was not reached: configuration 'en', as it was fetched last\",)\n"
        )

    def test_says_in_one_line_what_was_not(self, cache: Path):
        assert self.said(cache, "acme/other:test").startswith(
            "the data set 'acme/other' cannot be loaded: Couldn't reach 'acme/other' on the Hub"
        )


def test_a_column_of_the_library_s_own_kinds_is_kept_or_said_to_be_left_out(tmp_path: Path):
    """Pictures and sounds are bytes; dates are texts; a sequence is a list."""
    data = reviews("a").add_column("picture", [b"\xff"]).add_column("tags", [["x"]])  # type: ignore[arg-type]
    data.save_to_disk(tmp_path / "mine")
    found = read(str(tmp_path / "mine"), ReviewOptions())

    assert found.kept == ("language", "tags")
    assert column(found, "tags") == [["x"]]
