"""The folder of a baseline: found, read or refused, removed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import sample_run

from harness import baselines
from harness.errors import BaselineError, HarnessError, UsageError
from harness.records.baselines import BASELINE_VERSION


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one classifier on one set, read only."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    folder.mkdir()
    return SAMPLE.write(folder)


SAMPLE = sample_run.sample(reviews=60, timings=False)


@pytest.fixture
def folder(run_folder: Path, tmp_path: Path) -> Path:
    """A folder of baselines that holds `main`."""
    baselines.promote(run_folder, SAMPLE.run, "main", tmp_path)
    return tmp_path


def edit(folder: Path, **changes: Any) -> Path:
    """Change keys of the record of `main`; None leaves a key out."""
    path = folder / "main" / "baseline.json"
    document = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: value for key, value in document.items() if value is not None}))
    return path


def refused(name: str, folder: Path) -> str:
    with pytest.raises(HarnessError) as raised:
        baselines.find(name, folder)
    return str(raised.value)


class TestFind:
    def test_a_baseline_comes_back_as_it_was_written(self, folder: Path) -> None:
        found = baselines.find("main", folder)

        assert found.folder == folder / "main"
        assert found.record.model_dump(mode="json") == json.loads((folder / "main" / "baseline.json").read_text())

    def test_a_name_that_is_not_there_shows_those_that_are_and_the_nearest(
        self, folder: Path, run_folder: Path
    ) -> None:
        baselines.promote(run_folder, SAMPLE.run, "release", folder)

        assert refused("mian", folder) == (
            "there is no baseline 'mian'\n"
            f"  where     {folder}\n"
            "  expected  main, release\n"
            "  remedy    did you mean 'main'? make it with `harness baseline promote latest --name mian`"
        )

    def test_no_baseline_at_all_says_how_to_make_one(self, tmp_path: Path) -> None:
        assert refused("main", tmp_path / "baselines") == (
            "there is no baseline 'main'\n"
            f"  where     {tmp_path / 'baselines'}\n"
            "  expected  no baseline yet\n"
            "  remedy    make it with `harness baseline promote latest --name main`"
        )

    @pytest.mark.parametrize(
        ("name", "remedy"),
        [
            ("../main", "name it 'main'"),
            ("a/b", "name it 'a-b'"),
            ("..", "name it 'run'"),
            ("größe", "name it 'grosse'"),
            ("", "give it a name, such as main"),
        ],
    )
    def test_a_name_that_is_no_plain_word_is_refused_with_one_that_is(
        self, tmp_path: Path, name: str, remedy: str
    ) -> None:
        with pytest.raises(UsageError) as raised:
            baselines.find(name, tmp_path)

        assert str(raised.value) == (
            f"a baseline cannot be named {name!r}\n"
            "  where     the name of the baseline\n"
            "  expected  up to 80 letters a–z and A–Z, digits, dots, dashes and underscores, no dot or dash at an end\n"
            f"  remedy    {remedy}"
        )

    def test_a_newer_schema_version_is_refused_with_both_versions(self, folder: Path) -> None:
        path = edit(folder, schema_version=BASELINE_VERSION + 1, a_key_of_the_future=1)

        assert refused("main", folder) == (
            f"the baseline 'main' has schema version {BASELINE_VERSION + 1}\n"
            f"  where     {path}\n"
            f"  expected  schema version {BASELINE_VERSION}, of this harness\n"
            "  remedy    pip install --upgrade review-harness"
        )

    def test_a_record_without_a_schema_version_is_to_be_made_again(self, folder: Path) -> None:
        path = edit(folder, schema_version=None)

        assert refused("main", folder) == (
            "baseline.json has no schema version\n"
            f"  where     {path}\n"
            f"  expected  schema version {BASELINE_VERSION}, of this harness\n"
            "  remedy    `harness baseline remove main`, then `harness baseline promote latest --name main`"
        )

    RESTORE = "restore the folder (git checkout, git lfs pull), or `harness baseline promote latest --name main`"

    def test_a_record_that_was_edited_says_where_it_does_not_fit(self, folder: Path) -> None:
        path = edit(folder, reviews="many")

        assert refused("main", folder) == (
            "baseline.json does not fit its schema: Extra inputs are not permitted\n"
            f"  where     {path}, reviews (1 in all)\n"
            f"  remedy    {self.RESTORE}"
        )

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"{\n<<<<<<< HEAD\n", "Expecting property name enclosed in double quotes in line 2"),
            (b"\xff", "it is not UTF-8"),
            (b"[]", "it holds no object"),
        ],
        ids=["merge conflict", "no text", "no object"],
    )
    def test_a_record_that_is_no_json_says_why(self, folder: Path, content: bytes, reason: str) -> None:
        path = folder / "main" / "baseline.json"
        path.write_bytes(content)

        assert refused("main", folder) == (
            f"baseline.json is no JSON: {reason}\n  where     {path}\n  remedy    {self.RESTORE}"
        )


class TestPredictions:
    def test_are_those_of_the_run(self, folder: Path) -> None:
        found = baselines.find("main", folder)
        table = found.predictions(found.record.evaluations[0])
        (written,) = SAMPLE.predictions.values()

        assert table.ids == written.ids
        for name in ("gold", "logits", "probabilities", "tokens", "cut"):
            assert getattr(table, name).tolist() == getattr(written, name).tolist()
            assert getattr(table, name).dtype == getattr(written, name).dtype

    def test_a_file_that_is_not_the_promoted_one_is_refused_with_both_digests(self, folder: Path) -> None:
        """As where git holds a pointer in the place of the file."""
        found = baselines.find("main", folder)
        (one,) = found.record.evaluations
        (folder / "main" / one.predictions).write_bytes(b"version https://git-lfs.github.com/spec/v1\n")

        with pytest.raises(BaselineError) as raised:
            found.predictions(one)

        assert str(raised.value) == (
            "the predictions of the baseline 'main' are not those that were promoted\n"
            f"  where     {folder / 'main' / one.predictions}, SHA-256 8fed3c028d7d2b57…\n"
            f"  expected  SHA-256 {one.predictions_sha256[:16]}…\n"
            f"  remedy    {TestFind.RESTORE}"
        )

    def test_a_file_that_is_not_there_is_to_be_restored(self, folder: Path) -> None:
        found = baselines.find("main", folder)
        (one,) = found.record.evaluations
        (folder / "main" / one.predictions).unlink()

        with pytest.raises(BaselineError) as raised:
            found.predictions(one)

        assert str(raised.value) == (
            "the predictions of the baseline 'main' cannot be read: No such file or directory\n"
            f"  where     {folder / 'main' / one.predictions}\n"
            f"  remedy    {TestFind.RESTORE}"
        )


class TestListed:
    def test_has_every_baseline_by_name_and_the_reason_against_one_that_cannot_be_read(
        self, folder: Path, run_folder: Path
    ) -> None:
        baselines.promote(run_folder, SAMPLE.run, "a", folder)
        edit(folder, schema_version=99)

        found = baselines.listed(folder)

        assert list(found) == ["a", "main"]
        assert isinstance(found["a"], baselines.Baseline)
        assert isinstance(found["main"], BaselineError)

    def test_is_empty_where_there_is_no_folder(self, tmp_path: Path) -> None:
        assert baselines.listed(tmp_path / "none") == {}


class TestRemove:
    def test_takes_the_whole_folder_away(self, folder: Path) -> None:
        assert baselines.remove("main", folder) == folder / "main"
        assert list(folder.iterdir()) == []

    def test_also_where_the_record_cannot_be_read(self, folder: Path) -> None:
        edit(folder, schema_version=99)

        baselines.remove("main", folder)

        assert list(folder.iterdir()) == []

    def test_leaves_what_somebody_else_put_there(self, folder: Path) -> None:
        (folder / "main" / "notes.md").write_text("why")

        baselines.remove("main", folder)

        assert [path.name for path in (folder / "main").iterdir()] == ["notes.md"]
        assert baselines.names(folder) == []

    def test_of_one_that_is_not_there_shows_those_that_are(self, folder: Path) -> None:
        with pytest.raises(BaselineError, match="there is no baseline 'other'") as raised:
            baselines.remove("other", folder)

        assert raised.value.expected == "main"
