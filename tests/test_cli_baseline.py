"""`harness baseline`: what it prints, what it leaves, and the code it exits with."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import sample_run
from support.command import exit_code
from support.sample_run import SampleRun

from harness.cli import cli, main

GOOD, WORSE = "20251123T190211Z-good", "20251124T190211Z-worse"
SAMPLE = sample_run.sample(reviews=60, timings=False)


def written(sampled: SampleRun, run: str, output: Path) -> None:
    path = output / run
    path.mkdir(parents=True)
    replace(sampled, run=sampled.run.model_copy(update={"id": run})).write(path)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with two runs, the newer one with every prediction wrong."""
    written(SAMPLE, GOOD, tmp_path / "reports/runs")
    (table,) = SAMPLE.predictions.values()
    wrong = np.eye(5, dtype=np.float32)[(table.gold + 1) % 5]
    tables = {"builtin-shop": replace(table, probabilities=wrong)}
    written(replace(SAMPLE, predictions=tables), WORSE, tmp_path / "reports/runs")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def promoted(here: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """With the good run as the baseline `main`."""
    main(["baseline", "promote", GOOD, "--name", "main"])
    capsys.readouterr()
    return here


class TestPromote:
    def test_says_where_the_baseline_is(self, here, capsys):
        main(["baseline", "promote", GOOD, "--name", "main"])

        assert capsys.readouterr().out == "reports/baselines/main\n"
        assert json.loads((here / "reports/baselines/main/baseline.json").read_text())["run"] == GOOD

    def test_over_a_better_one_is_one_message_and_changes_nothing(self, promoted, capsys):
        assert exit_code("baseline", "promote", "latest", "--name", "main") == 2
        error = capsys.readouterr().err

        assert error.startswith("harness: the baseline 'main' is not replaced: accuracy of builtin on shop fell by ")
        assert error.endswith(
            "  remedy    keep the baseline, or replace it with --force and --reason TEXT, which its record keeps\n"
        )
        assert json.loads((promoted / "reports/baselines/main/baseline.json").read_text())["run"] == GOOD

    def test_force_needs_a_reason(self, promoted, capsys):
        assert exit_code("baseline", "promote", "latest", "--name", "main", "--force") == 2
        assert capsys.readouterr().err.startswith("harness: --force needs a reason\n")

    def test_force_with_a_reason_replaces_it_and_show_tells(self, promoted, capsys):
        main(["baseline", "promote", "latest", "--name", "main", "--force", "--reason", "new labels"])
        main(["baseline", "show", "main"])
        out = capsys.readouterr().out

        assert f"run {WORSE}" in out
        assert "reason      new labels" in out
        assert "--force overruled: accuracy of builtin on shop fell by" in out

    def test_without_a_name_is_wrong_use(self, here, capsys):
        assert exit_code("baseline", "promote", "latest") == 2
        assert "Missing option '--name'" in capsys.readouterr().err

    def test_a_run_that_is_not_there_shows_those_that_are(self, here, capsys):
        assert exit_code("baseline", "promote", "nowhere", "--name", "main") == 2
        assert f"  expected  {WORSE}, {GOOD}\n" in capsys.readouterr().err

    def test_another_runs_folder_has_baselines_of_its_own(self, here, capsys):
        written(SAMPLE, GOOD, here / "elsewhere")
        main(["baseline", "promote", GOOD, "--name", "main", "--output", "elsewhere"])

        assert capsys.readouterr().out == "elsewhere/baselines/main\n"


class TestList:
    def test_has_each_baseline_with_its_accuracy(self, promoted, capsys):
        main(["baseline", "list"])
        out = capsys.readouterr().out

        assert out.splitlines()[0].split() == ["baseline", "promoted", "classifier", "reviews", "accuracy"]
        assert out.splitlines()[2].split()[0] == "main"

    def test_without_any_says_how_to_make_one(self, here, capsys):
        main(["baseline", "list"])

        assert capsys.readouterr().out == (
            "no baseline yet in reports/baselines: make one with `harness baseline promote latest --name main`\n"
        )

    def test_one_that_cannot_be_read_does_not_hide_the_others(self, promoted, capsys):
        main(["baseline", "promote", GOOD, "--name", "other"])
        (promoted / "reports/baselines/main/baseline.json").write_text("{}")
        main(["baseline", "list"])
        out = capsys.readouterr().out

        assert "\nother " in out
        assert "main: baseline.json has no schema version" in out


class TestShow:
    def test_json_is_the_record(self, promoted, capsys):
        main(["baseline", "show", "main", "--format", "json"])

        assert json.loads(capsys.readouterr().out) == json.loads(
            (promoted / "reports/baselines/main/baseline.json").read_text()
        )

    def test_csv_has_one_row_a_metric(self, promoted, capsys):
        main(["baseline", "show", "main", "--format", "csv"])

        assert "accuracy" in {row["metric"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}

    def test_an_unknown_name_shows_the_nearest(self, promoted, capsys):
        assert exit_code("baseline", "show", "mian") == 2
        assert "did you mean 'main'?" in capsys.readouterr().err


class TestRemove:
    def test_with_yes_removes_it_and_says_so(self, promoted, capsys):
        main(["baseline", "remove", "main", "--yes"])

        assert capsys.readouterr().out == "removed reports/baselines/main\n"
        assert not (promoted / "reports/baselines/main").exists()

    def test_where_nobody_can_be_asked_it_stays(self, promoted, capsys, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.StringIO())

        assert exit_code("baseline", "remove", "main") == 2
        assert capsys.readouterr().err == (
            "harness: the baseline 'main' is not removed unasked\n"
            "  where     standard input is no terminal, so nobody can be asked\n"
            "  remedy    give --yes\n"
        )
        assert (promoted / "reports/baselines/main").exists()

    @pytest.mark.parametrize(("answer", "gone"), [("y", True), ("n", False)])
    def test_somebody_who_can_be_asked_is(self, promoted, capsys, monkeypatch, answer, gone):
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        monkeypatch.setattr("sys.stdin", Terminal(f"{answer}\n"))
        main(["baseline", "remove", "main"])

        out = capsys.readouterr().out
        assert out.startswith("remove reports/baselines/main? [y/N]: ")
        assert out.endswith("removed reports/baselines/main\n" if gone else "kept\n")
        assert (promoted / "reports/baselines/main").exists() is not gone

    def test_an_unknown_name_is_no_question(self, here, capsys):
        assert exit_code("baseline", "remove", "main") == 2
        assert "there is no baseline 'main'" in capsys.readouterr().err


def test_every_command_says_what_it_does() -> None:
    group = cli.commands["baseline"]
    commands: Sequence[str] = sorted(group.commands)  # type: ignore[attr-defined]

    assert commands == ["list", "promote", "remove", "show"]
    assert all(group.commands[name].help for name in commands)  # type: ignore[attr-defined]
