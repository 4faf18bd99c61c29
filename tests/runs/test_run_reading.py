from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import sample_run

from harness.errors import RunError
from harness.records import Environment, Run
from harness.runs import find, read


def document(run_id: str, **changed: Any) -> dict[str, Any]:
    machine = Environment(
        harness="0", python="3", platform="x", processor="y", cores=1, threads=1, memory_bytes=1, packages={}
    )
    run = Run(
        id=run_id, name="n", status="finished", started="2026-01-01T00:00:00+00:00", command="evaluate",
        settings={}, environment=machine,
    )  # fmt: skip
    return run.model_dump(mode="json") | changed


def make(output: Path, run_id: str, content: dict[str, Any] | str | None = None) -> Path:
    """A run folder with this `run.json`."""
    (output / run_id).mkdir(parents=True)
    text = content if isinstance(content, str) else json.dumps(content or document(run_id))
    (output / run_id / "run.json").write_text(text)
    (output / run_id / "request.json").write_text('{"started": "2026"}')
    return output / run_id


FIRST_METRICS = (
    "accuracy", "balanced_accuracy", "off_by_one_accuracy", "mean_absolute_error", "macro_f1",
    "quadratic_weighted_kappa", "matthews_correlation", "negative_log_likelihood", "brier_score",
    "expected_calibration_error",
)  # fmt: skip


def first_version(run_id: str) -> dict[str, Any]:
    """A run as the first version of the schema had it, with one evaluation."""
    found: dict[str, Any] = sample_run.sample(reviews=60, id=run_id, timings=False).run.model_dump(mode="json")
    (evaluation,) = found["evaluations"]
    for name in ("calibrated", "calibrated_reason", "selective", "slices", "sampling"):
        del evaluation[name]
    evaluation["metrics"] = {name: evaluation["metrics"][name] for name in FIRST_METRICS}
    for one in evaluation["per_class"]:
        del one["area_under_roc"]
    for one in evaluation["reliability"]:
        del one["expected_low"], one["expected_high"]
    return found | {"schema_version": 1}


OLD, NEW, NEWEST = "20260101T000000Z-a", "20260102T000000Z-a", "20260103T000000Z-a"


class TestFind:
    def test_a_run_is_named_by_id_folder_or_its_file(self, tmp_path: Path) -> None:
        """All lead to the same folder."""
        path = make(tmp_path, NEW)

        assert (
            find(NEW, tmp_path) == find(path, Path("elsewhere")) == find(path / "run.json", Path("elsewhere")) == path
        )

    def test_latest_is_the_newest_finished_run(self, tmp_path: Path) -> None:
        """Not the one that is at work now."""
        make(tmp_path, OLD)
        make(tmp_path, NEW)
        make(tmp_path, NEWEST, document(NEWEST, status="interrupted"))

        assert find("latest", tmp_path).name == NEW

    def test_a_run_that_does_not_exist_shows_those_that_do(self, tmp_path: Path) -> None:
        """The newest first, and the nearest as a guess."""
        for day in range(1, 8):
            make(tmp_path, f"2026010{day}T000000Z-a")

        with pytest.raises(RunError) as raised:
            find("20260107T000000Z-b", tmp_path)

        assert str(raised.value) == (
            "there is no run '20260107T000000Z-b'\n"
            f"  where     {tmp_path}\n"
            "  expected  20260107T000000Z-a, 20260106T000000Z-a, 20260105T000000Z-a, 20260104T000000Z-a, "
            "20260103T000000Z-a and 2 older\n"
            "  remedy    did you mean '20260107T000000Z-a'? name a run folder, the id of a run in --output, or latest"
        )

    def test_no_run_at_all_says_how_to_make_one(self, tmp_path: Path) -> None:
        """On a fresh machine."""
        with pytest.raises(RunError) as raised:
            find("latest", tmp_path / "runs")

        assert str(raised.value) == (
            "there is no run\n"
            f"  where     {tmp_path / 'runs'}\n"
            "  remedy    make one with `harness evaluate` or `pytest suites/`, or name its folder with --output"
        )

    def test_latest_among_unfinished_runs_counts_them(self, tmp_path: Path) -> None:
        """There is something, and it is not finished."""
        make(tmp_path, NEW, document(NEW, status="interrupted"))

        with pytest.raises(RunError, match="there is no finished run: 1 unfinished"):
            find("latest", tmp_path)

    def test_a_folder_that_is_no_run_is_told_so(self, tmp_path: Path) -> None:
        """As when the runs folder itself is given."""
        make(tmp_path, NEW)

        with pytest.raises(RunError, match=r"the folder holds no run\.json") as raised:
            find(tmp_path, tmp_path)

        assert raised.value.remedy == "name a run folder, as `harness evaluate` and `pytest suites/` write one"


class TestRead:
    def test_a_record_comes_back_as_it_was(self, tmp_path: Path) -> None:
        """The whole of it."""
        make(tmp_path, NEW)

        assert read("latest", tmp_path).model_dump(mode="json") == document(NEW)

    def test_a_run_of_the_first_version_still_opens(self, tmp_path: Path) -> None:
        """With the figures that it had, and nothing in the place of those that came later."""
        document = first_version(OLD)
        make(tmp_path, OLD, document)

        run = read(OLD, tmp_path)

        assert run.schema_version == 1
        (found,), (written,) = run.evaluations, document["evaluations"]
        assert {name: metric.value for name, metric in found.metrics.items()} == {
            name: written["metrics"][name]["value"] for name in FIRST_METRICS
        }
        assert (found.calibrated, found.selective, found.slices, found.sampling) == (None, None, (), "independent")
        assert found.per_class[0].area_under_roc is None
        assert found.reliability[-1].expected_low is None

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (
                document(NEW, schema_version=7),
                "a newer harness wrote this run: schema version 7\n"
                "  where     {path}\n"
                "  expected  schema version 3 or older\n"
                "  remedy    pip install --upgrade review-harness",
            ),
            (
                document(NEW, schema_version=7, a_key_of_the_future=1),
                "a newer harness wrote this run: schema version 7\n"
                "  where     {path}\n"
                "  expected  schema version 3 or older\n"
                "  remedy    pip install --upgrade review-harness",
            ),
            (
                {"machine_info": {}},
                "run.json has no schema version\n"
                "  where     {path}\n"
                "  expected  schema_version, a whole number up to 3\n"
                "  remedy    name a run folder of this harness",
            ),
            (
                '{\n  "id": \n',
                "run.json is no JSON: Expecting value in line 3\n"
                "  where     {path}\n"
                "  remedy    restore the file, or make the run again",
            ),
            (
                "[]",
                "run.json is no JSON: it holds no object\n"
                "  where     {path}\n"
                "  remedy    restore the file, or make the run again",
            ),
            (
                document(NEW, environment={"cores": "many"}),
                "run.json does not fit its schema: Field required\n"
                "  where     {path}, environment.harness (8 such in all)\n"
                "  remedy    make the run again; a run.json is not meant to be edited",
            ),
        ],
        ids=["newer", "newer with more keys", "something else", "broken", "no object", "edited"],
    )
    def test_a_run_that_cannot_be_read_says_exactly_why(
        self, tmp_path: Path, content: dict[str, Any] | str, expected: str
    ) -> None:
        """What is wrong, where, and the remedy."""
        path = make(tmp_path, NEW, content) / "run.json"

        with pytest.raises(RunError) as raised:
            read(NEW, tmp_path)

        assert str(raised.value) == expected.format(path=path)

    def test_bytes_that_are_no_text(self, tmp_path: Path) -> None:
        """A damaged disk."""
        path = make(tmp_path, NEW)
        (path / "run.json").write_bytes(b"\xff\xfe")

        with pytest.raises(RunError, match=r"run\.json is no JSON: it is not UTF-8"):
            read(NEW, tmp_path)

    @pytest.mark.parametrize("status", ["unfinished", "interrupted"])
    def test_an_unfinished_run_says_how_to_finish_it(self, tmp_path: Path, status: str) -> None:
        """A gate never judges half a run; whoever wants to see it can."""
        path = make(tmp_path, NEW, document(NEW, status=status))

        with pytest.raises(RunError) as raised:
            read(NEW, tmp_path)

        assert str(raised.value) == (
            "the run is not finished\n"
            f"  where     {path}\n"
            "  remedy    give the same command again: it goes on where the run stopped"
        )
        assert read(NEW, tmp_path, unfinished=True).status == status

    def test_a_run_that_was_killed_before_its_first_record(self, tmp_path: Path) -> None:
        """There is a request and no run.json."""
        path = make(tmp_path, NEW)
        (path / "run.json").unlink()

        with pytest.raises(RunError, match="the run is not finished"):
            read(NEW, tmp_path)
